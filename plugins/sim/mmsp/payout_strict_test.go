package mmsp_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// payoutField is a documented field: its greatest length (0: none is printed), whether it is counted in characters, and the code that a
// mistake in it is answered with.
type payoutField struct {
	name     string
	required bool
	max      int
	chars    bool
	code     string
}

// payoutMessages are the documented fields of the three messages (5.1.2, 5.2.2, 5.3.2) with a body that is accepted.
func payoutMessages() map[string]struct {
	body   fields
	fields []payoutField
} {
	head := []payoutField{
		{"VERSION", true, 3, false, "1007"}, {"REQTIME", true, 14, false, "1001"},
	}
	type message = struct {
		body   fields
		fields []payoutField
	}
	return map[string]message{
		mmsp.OpPayout: {payoutBody("1"), append([]payoutField{
			{"ORDERNO", true, 32, false, "1001"},
			{"AMT", true, 0, false, "1012"},
			{"BUSITYPE", true, 3, false, "1011"},
			{"ACCNAME", true, 20, true, "1014"},
			{"ACCNO", true, 20, false, "1018"},
			{"MEMO", true, 64, true, "1001"},
			{"PAYTYPE", false, 0, false, "1001"},
			{"ACCTYPE", true, 0, false, "1019"},
			{"CVV2", false, 0, false, "1001"},
			{"MOBILE", true, 11, false, "1015"},
			{"BANKNAME", true, 0, false, "1020"},
			{"BANKSETTLENO", false, 12, false, "1021"},
			{"BANKBRANCHNAME", false, 32, true, "1001"},
			{"BANKPROV", false, 0, false, "1022"},
			{"BANKCITY", false, 0, false, "1022"},
			{"IDCARD", false, 32, false, "1017"},
			{"CHLNO", false, 0, false, "1001"},
			{"CHLMERNO", false, 0, false, "1001"},
		}, head...)},
		mmsp.OpPayoutQuery: {payoutQueryBody("1"), append([]payoutField{
			{"ORDERNO", false, 32, false, "1001"},
			{"BSORDERNO", false, 32, false, "1001"},
			{"QRYTYPE", false, 0, false, "1001"},
		}, head...)},
		mmsp.OpPayoutBalance: {balanceBody("1"), append([]payoutField{
			{"QRYTYPE", true, 0, false, "1001"},
			{"ORDERNO", true, 32, false, "1001"},
		}, head...)},
	}
}

func TestEveryDocumentedPayoutField(t *testing.T) {
	t.Parallel()
	for op, m := range payoutMessages() {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			w := payoutWorld(t)
			check := func(body fields, code, field, rule string) {
				t.Helper()
				w.refusedPayout(op, []byte(compact(t, body)), code, field, rule)
			}
			for _, f := range m.fields {
				if f.required {
					check(m.body.without(f.name), f.code, f.name, "missing")
					check(m.body.with(f.name, ""), f.code, f.name, "missing")
				}
				for _, wrong := range []any{1, true, nil, []string{"1"}, fields{"a": "b"}} {
					check(m.body.with(f.name, wrong), f.code, f.name, "type")
				}
				if f.max > 0 {
					long := strings.Repeat("1", f.max+1)
					check(m.body.with(f.name, long), f.code, f.name, "length")
				}
				if f.max > 0 && f.chars {
					check(m.body.with(f.name, strings.Repeat("收", f.max+1)), f.code, f.name, "length")
				}
			}
			check(m.body.with("BUSIYPE", "001"), "0002", "BUSIYPE", "unknown-field")
			check(m.body.with("merno", merNo), "0002", "merno", "unknown-field")
			twice := strings.Replace(compact(t, m.body), "{", `{"REQTIME":"20261123100000",`, 1)
			w.refusedPayout(op, []byte(twice), "0002", "REQTIME", "duplicate-key")
			if len(w.sim.Ledger().Entries()) != 0 || len(w.sim.Payouts()) != 0 {
				t.Errorf("refused messages left %d movements and %d payouts", w.sim.Ledger().Len(), len(w.sim.Payouts()))
			}
			w.wantPayoutAccepted(m.body)
		})
	}
}

// wantPayoutAccepted checks that the body the table is built on is itself no breach.
func (w *world) wantPayoutAccepted(body fields) {
	w.t.Helper()
	since := len(w.sim.Violations())
	if _, err := w.payout(body); err != nil || len(w.sim.Violations()) != since {
		w.t.Errorf("the valid message was refused: %v %+v", err, w.sim.Violations()[since:])
	}
}

func TestPayoutFormats(t *testing.T) {
	t.Parallel()
	w := payoutWorld(t)
	cases := []struct{ field, value, code string }{
		{"AMT", "0", "1012"},
		{"AMT", "01", "1012"},
		{"AMT", "-1", "1012"},
		{"AMT", "1.00", "1012"},
		{"AMT", "１", "1012"},
		{"ORDERNO", "A1", "1001"},
		{"ORDERNO", "1-1", "1001"},
		{"VERSION", "1.1", "1007"},
		{"REQTIME", "20261123", "1001"},
		{"REQTIME", "20261323100000", "1001"},
		{"REQTIME", "2026-11-23 10:", "1001"},
		{"BUSITYPE", "006", "1011"},
		{"ACCNO", "张三", "1018"},
		{"PAYTYPE", "4", "1001"},
		{"ACCTYPE", "1", "1019"}, // credit cards are not supported
		{"ACCTYPE", "3", "1019"},
		{"MOBILE", "1380013800", "1015"},
		{"MOBILE", "23800138000", "1015"},
		{"BANKSETTLENO", "1045810060", "1021"},
	}
	for _, c := range cases {
		w.refusedPayout(mmsp.OpPayout, []byte(compact(t, payoutBody("1").with(c.field, c.value))), c.code, c.field, "format")
	}
	w.refusedPayout(mmsp.OpPayout, []byte(compact(t, payoutBody("1").with("ACCTYPE", "2"))), "1021", "BANKSETTLENO", "together")
	w.refusedPayout(mmsp.OpPayoutQuery, []byte(compact(t, payoutQueryBody("1").without("ORDERNO"))), "1027", "ORDERNO", "together")
	w.refusedPayout(mmsp.OpPayoutBalance, []byte(compact(t, balanceBody("1").with("QRYTYPE", "4"))), "1001", "QRYTYPE", "format")
	if len(w.sim.Payouts()) != 0 {
		t.Errorf("%d payouts were placed", len(w.sim.Payouts()))
	}
}

func TestLongestPayoutIsAccepted(t *testing.T) {
	t.Parallel()
	w := payoutWorld(t)
	body := payoutBody(strings.Repeat("9", 32)).with("ACCNAME", strings.Repeat("司", 20)).with("MEMO", strings.Repeat("注", 64)).
		with("ACCNO", strings.Repeat("6", 20)).with("ACCTYPE", "2").with("BANKSETTLENO", "104581006015").
		with("BANKBRANCHNAME", strings.Repeat("行", 32)).with("BANKPROV", "广东省").with("BANKCITY", "深圳市").
		with("IDCARD", "23210219820916601X").with("PAYTYPE", "1").with("CHLNO", "C1").with("CHLMERNO", "M1")
	w.wantPayout(body, "0000 2")
	a := w.wantPayout(payoutQueryBody(strings.Repeat("9", 32)).with("QRYTYPE", "1"), "0000 1")
	for name, want := range map[string]string{
		"ACCNAME": strings.Repeat("司", 20), "MEMO": strings.Repeat("注", 64), "BANKBRANCHNAME": strings.Repeat("行", 32),
		"BANKSETTLENO": "104581006015", "BUSITYPE": "001", "MOBILE": "13800138000", "BANKNAME": "招商银行", "AMT": "1000", "CURTYPE": "1",
	} {
		if a.text(name) != want {
			t.Errorf("%s came back as %q", name, a.text(name))
		}
	}
	w.clean()
}

// TestPayoutEnvelope is about what stands around the fields: transport, encryption, signature, merchant.
func TestPayoutEnvelope(t *testing.T) {
	t.Parallel()
	for op, m := range payoutMessages() {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			w := payoutWorld(t, func(o *mmsp.Options) {
				o.Merchants = append(o.Merchants, mmsp.Merchant{MerNo: "9", Payout: &mmsp.PayoutAccount{}})
			})
			plain := []byte(compact(t, m.body))
			sealed, signed := seal(t, &pairs(t).platform.PublicKey, plain), signSHA1(t, pairs(t).merchant, plain)
			outer := func(encrypt, sign string) string { return compact(t, fields{"ENCRYPT": encrypt, "SIGN": sign}) }
			w.refusedPayoutMessage(op, outer(sealed, signSHA1(t, pairs(t).stranger, plain)), "1006", "SIGN", "signature")
			w.refusedPayoutMessage(op, outer(sealed, signSHA1(t, pairs(t).merchant, append([]byte(" "), plain...))), "1006", "SIGN", "signature")
			w.refusedPayoutMessage(op, outer(sealed, "!"+signed[1:]), "1006", "SIGN", "signature")
			w.refusedPayout(op, []byte(compact(t, m.body.with("MERNO", "404"))), "1002", "MERNO", "account")
			w.refusedPayout(op, []byte(compact(t, m.body.with("MERNO", merNo2))), "1002", "MERNO", "account")
			w.refusedPayout(op, []byte(compact(t, m.body.with("MERNO", "9"))), "1004", "SIGN", "account")
			w.refusedPayout(op, []byte(compact(t, m.body.without("MERNO"))), "1001", "MERNO", "missing")
			w.refusedPayout(op, []byte(compact(t, m.body.with("MERNO", 1))), "1001", "MERNO", "type")
			w.refusedPayout("", []byte(compact(t, m.body.without("CMDID"))), "0002", "CMDID", "missing")
			w.refusedPayout("", []byte(compact(t, m.body.with("CMDID", 4097))), "0002", "CMDID", "type")
			w.refusedPayout("", []byte(compact(t, m.body.with("CMDID", "0x1001"))), "0002", "CMDID", "value")
			w.refusedPayout("", []byte("[]"), "0002", "ENCRYPT", "json")
			w.refusedPayoutMessage("", outer(seal(t, &pairs(t).stranger.PublicKey, plain), signed), "1005", "ENCRYPT", "format")
			w.refusedPayoutMessage("", outer(sealed[:len(sealed)-4], signed), "1005", "ENCRYPT", "format")
			w.refusedPayoutMessage("", outer("%%%%", signed), "1005", "ENCRYPT", "format")
			w.refusedPayoutMessage("", compact(t, fields{"ENCRYPT": sealed}), "0002", "SIGN", "missing")
			w.refusedPayoutMessage("", compact(t, fields{"SIGN": signed}), "0002", "ENCRYPT", "missing")
			w.refusedPayoutMessage("", compact(t, fields{"SIGN": signed, "ENCRYPT": 1}), "0002", "ENCRYPT", "type")
			w.refusedPayoutMessage("", compact(t, fields{"SIGN": signed, "ENCRYPT": sealed, "MERNO": merNo}), "0002", "MERNO", "unknown-field")
			w.refusedPayoutMessage("", string(plain), "0002", "ENCRYPT", "missing")
			w.refusedPayoutMessage("", "", "0002", "", "json")
			if len(w.sim.Payouts()) != 0 || w.sim.Ledger().Len() != 0 {
				t.Errorf("refused messages left %d payouts", len(w.sim.Payouts()))
			}
		})
	}
}

func TestPayoutTransport(t *testing.T) {
	t.Parallel()
	w := payoutWorld(t)
	message := []byte(payoutMessage(t, []byte(compact(t, payoutBody("1")))))
	for _, c := range []struct{ method, contentType, rule string }{
		{http.MethodGet, "application/json", "method"},
		{http.MethodPost, "text/plain", "content-type"},
		{http.MethodPost, "", "content-type"},
		{http.MethodPost, "application/x-www-form-urlencoded", ""},
	} {
		since := len(w.sim.Violations())
		resp, raw, err := w.raw(c.method, mmsp.PathPayout, message, map[string]string{"Content-Type": c.contentType})
		if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(raw), `"RETCODE":"0002"`) {
			t.Errorf("%s as %q: %v %s", c.method, c.contentType, err, raw)
		}
		if c.rule != "" {
			w.breach(since, "", "", c.rule)
		} else if len(w.sim.Violations()) == since {
			t.Error("a form was not recorded as a breach")
		}
	}
	none := newWorld(t)
	if a, err := none.postPayout(string(message)); err != nil || a.code != "1003" {
		t.Errorf("a platform without a key answered %v %v", a, err)
	}
}

// TestChineseAcrossBlocks: a character of three bytes may stand across the edge of two RSA blocks, in both directions.
func TestChineseAcrossBlocks(t *testing.T) {
	t.Parallel()
	w := payoutWorld(t)
	for i, number := range []string{"1", "2", "3"} {
		memo := strings.Repeat("a", i) + strings.Repeat("注", 60)
		w.wantPayout(payoutBody(number).with("MEMO", memo), "0000 2")
		if a := w.wantPayout(payoutQueryBody(number), "0000 1"); a.text("MEMO") != memo {
			t.Errorf("the memo came back as %q", a.text("MEMO"))
		}
	}
	w.clean()
}
