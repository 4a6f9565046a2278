package mmsp_test

import (
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// documented is what the document prints of a field.
type documented struct {
	name     string
	required bool
	max      int
	chars    bool // the length is counted in characters
	other    any  // a value outside the list or format; nil: there is none
}

// documentedOperation is an operation with a Body that is accepted, and the rows of its table.
type documentedOperation struct {
	op      string
	command int
	body    fields
	fields  []documented
}

const longWord = "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"

func preorderBody(number string) fields {
	return fields{
		"TRADETYPE": "1", "AMT": "1000", "MERORDERID": number, "RANDSTR": "r123456789", "GOODSNAME": "咖啡",
		"NOTIFY_URL": "https://merchant.example/n",
	}
}

func directBody(number string) fields {
	return fields{
		"AMT": "1000", "CUR": "CNY", "GOODSNAME": "咖啡", "NOTIFY_URL": "https://merchant.example/n", "MERORDERID": number,
		"RANDSTR": "r123456789",
	}
}

func barcodeBody(number, code string) fields { return directBody(number).with("CODE", code) }

func h5Body(number string) fields {
	return directBody(number).with("JUMP_URL", "https://merchant.example/back?a=1&b=<2>")
}

func numberBody(number string) fields { return fields{"MERORDERID": number, "RANDSTR": "r123456789"} }

func refundBody(number, refund, amount string) fields {
	return numberBody(number).with("REFUND_MERORDERID", refund).with("AMT", amount)
}

const (
	wechatCode = "131234567890123456"
	alipayCode = "281234567890123456"
	qqCode     = "911234567890123456"
)

// scanDocument is the scan section's tables, written out once more.
func scanDocument() []documentedOperation {
	tradeTime := documented{"TIME_END", false, 30, false, "2026-11-23"}
	shared := func(notify int) []documented {
		return []documented{
			{"AMT", true, 20, false, "1.5"},
			{"MERORDERID", true, 20, false, nil},
			{"RANDSTR", true, 20, false, nil},
			{"GOODSNAME", true, 15, true, nil},
			{"NOTIFY_URL", true, notify, false, "ftp://merchant.example/"},
			{"IP", false, 18, false, "somewhere"},
		}
	}
	tradeType := func(other string) documented { return documented{"TRADETYPE", true, 1, false, other} }
	preorder := append(shared(50), documented{"CUR", false, 4, false, "USD"}, tradeTime)
	scanned := append([]documented{tradeType("2")}, preorder...)
	inside := append([]documented{
		tradeType("3"),
		{"JUMP_URL", false, 32, false, "merchant.example"},
		{"IS_RAW", false, 1, false, "0"},
		{"IST0", false, 1, false, "3"},
		{"LIMIT_PAY", false, 32, false, "3"},
	}, preorder...)
	direct := append(shared(100), documented{"CUR", true, 4, false, "RMB"})
	barcode := append([]documented{
		tradeTime,
		{"CODE", true, 32, false, nil},
		{"IST0", false, 1, false, "0"},
		{"LIMIT_PAY", false, 32, false, "0"},
	}, direct...)
	h5 := append([]documented{
		{"JUMP_URL", true, 100, false, "/relative"},
		{"TIME_END", false, 30, false, "20261123"},
	}, direct...)
	follow := []documented{{"ORDERNO", false, 20, false, nil}, {"MERORDERID", false, 20, false, nil}, {"RANDSTR", true, 15, false, nil}}
	return []documentedOperation{
		{"scan-wechat-preorder", 2306, preorderBody("S1"), append([]documented{
			{"OPENID", false, 32, false, nil}, {"IS_MINIPG", false, 32, false, nil}, {"SUP_APPID", false, 32, false, nil},
		}, inside...)},
		{"scan-wechat-barcode", 2307, barcodeBody("S2", wechatCode), barcode},
		{"scan-wechat-h5", 2321, h5Body("S3"), append([]documented{{"LIMIT_PAY", false, 32, false, "9"}}, h5...)},
		{"scan-alipay-preorder", 2308, preorderBody("S4"), append([]documented{
			{"ALIPAY_USER_ID", false, 32, false, nil}, {"ALIPAY_ACCOUNT", false, 32, false, nil},
		}, inside...)},
		{"scan-alipay-barcode", 2309, barcodeBody("S5", alipayCode), barcode},
		{"scan-alipay-static", 1026, preorderBody("S6"), scanned},
		{"scan-alipay-dynamic", 1027, preorderBody("S7"), scanned},
		{"scan-alipay-h5", 1030, h5Body("S8"), h5},
		{"scan-qq-preorder", 2325, preorderBody("S9"), inside},
		{"scan-qq-barcode", 2326, barcodeBody("S10", qqCode), barcode},
		{"scan-jd-preorder", 1031, preorderBody("S11"), scanned},
		{"scan-unionpay-preorder", 1025, preorderBody("S12"), scanned},
		{"scan-query", 2310, numberBody("S14"), follow},
		{"scan-cancel", 2311, numberBody("S15"), follow},
		{"scan-close", 2314, numberBody("S16"), follow},
		{"scan-refund", 2312, refundBody("S17", "R17", "1"), append([]documented{
			{"REFUND_MERORDERID", true, 20, false, nil}, {"AMT", true, 20, false, "0"},
		}, follow...)},
		{"scan-refund-query", 2313, fields{"REFUND_MERORDERID": "R18", "RANDSTR": "r123456789"}, []documented{
			{"REFUND_ORDERNO", false, 20, false, nil}, {"REFUND_MERORDERID", false, 20, false, nil}, {"RANDSTR", true, 15, false, nil},
		}},
	}
}

// overlong is a value one longer than allowed that is otherwise well-formed where that is possible.
func overlong(d documented) string {
	switch {
	case d.chars:
		return strings.Repeat("咖", d.max+1)
	case strings.HasSuffix(d.name, "_URL"):
		return ("https://merchant.example/" + longWord)[:d.max+1]
	}
	return strings.Repeat("1", d.max+1)
}

func TestScanEveryDocumentedField(t *testing.T) {
	t.Parallel()
	for _, d := range scanDocument() {
		t.Run(d.op, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			check := func(body fields, field, rule string) {
				t.Helper()
				w.refusedAs(mmsp.PathScan, d.command, d.op, body, field, rule)
			}
			for _, f := range d.fields {
				if f.required {
					check(d.body.without(f.name), f.name, "missing")
					check(d.body.with(f.name, ""), f.name, "missing")
				}
				for _, wrong := range []any{1, 1.5, true, nil, []string{"1"}, fields{"a": "b"}} {
					check(d.body.with(f.name, wrong), f.name, "type")
				}
				check(d.body.with(f.name, overlong(f)), f.name, "length")
				if !f.chars && f.max > 4 {
					check(d.body.with(f.name, strings.Repeat("收", f.max/3+1)), f.name, "length")
				}
				if f.other != nil {
					check(d.body.with(f.name, f.other), f.name, "format")
				}
			}
			check(d.body.with("FEE", "1"), "FEE", "unknown-field")
			check(d.body.with("randstr", "1"), "randstr", "unknown-field")
			w.checkSignature(d.command, d.op, d.body)
			if n := len(w.sim.Ledger().Entries()); n != 0 || len(w.sim.Orders()) != 0 {
				t.Errorf("refused messages left %d movements and %d orders", n, len(w.sim.Orders()))
			}
		})
	}
}

// checkSignature sends wrongly signed messages of a scan operation.
func (w *world) checkSignature(command int, op string, body fields) {
	w.t.Helper()
	good := w.message(mmsp.PathScan, command, body)
	signature := sign(w.t, body, merKey)
	for _, c := range []struct{ sign, rule string }{
		{sign(w.t, body, agentKey), "signature"},
		{sign(w.t, body.with("RANDSTR", "another"), merKey), "signature"},
		{strings.Repeat("0", 32), "signature"},
		{strings.ToLower(signature), "format"},
		{signature[:31], "format"},
		{"", "missing"},
	} {
		w.refusedMessage(mmsp.PathScan, op, compact(w.t, good.with("Sign", c.sign)), "Sign", c.rule)
	}
	w.refusedMessage(mmsp.PathScan, op, compact(w.t, good.without("Sign")), "Sign", "missing")
}

func TestScanTableNamesEveryFieldOfTheBodies(t *testing.T) {
	t.Parallel()
	for _, d := range scanDocument() {
		for name := range d.body {
			found := false
			for _, f := range d.fields {
				found = found || f.name == name
			}
			if !found {
				t.Errorf("%s: %s is not in the table", d.op, name)
			}
		}
	}
}

func TestScanConditionalFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inside := preorderBody("C1").with("TRADETYPE", "2")
	w.refusedAs(mmsp.PathScan, 2306, "scan-wechat-preorder", inside, "OPENID", "together")
	w.refusedAs(mmsp.PathScan, 2306, "scan-wechat-preorder", inside.with("OPENID", ""), "OPENID", "together")
	w.refusedAs(mmsp.PathScan, 2308, "scan-alipay-preorder", inside, "ALIPAY_USER_ID", "together")
	for _, command := range []struct {
		command int
		op      string
	}{{2310, "scan-query"}, {2311, "scan-cancel"}, {2314, "scan-close"}} {
		w.refusedAs(mmsp.PathScan, command.command, command.op, fields{"RANDSTR": "r"}, "MERORDERID", "together")
		w.refusedAs(mmsp.PathScan, command.command, command.op, fields{"RANDSTR": "r", "MERORDERID": "", "ORDERNO": ""}, "MERORDERID", "together")
	}
	w.refusedAs(mmsp.PathScan, 2312, "scan-refund", refundBody("C", "R", "1").without("MERORDERID"), "MERORDERID", "together")
	w.refusedAs(mmsp.PathScan, 2313, "scan-refund-query", fields{"RANDSTR": "r"}, "REFUND_MERORDERID", "together")
	for _, amount := range []string{"0", "00", "01", "-1", "+1", "1.0", "1e3", " 1", "１", "0x1", "abc", "1234567890123456789"} {
		w.refusedAs(mmsp.PathScan, 2306, "scan-wechat-preorder", preorderBody("C2").with("AMT", amount), "AMT", "format")
		w.refusedAs(mmsp.PathScan, 2312, "scan-refund", refundBody("C2", "R2", amount), "AMT", "format")
	}
	if len(w.sim.Orders()) != 0 {
		t.Error("a refused message made an order")
	}
}

func TestScanLongestValuesAreAccepted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	long := strings.Repeat("9", 20)
	body := preorderBody(long).with("TRADETYPE", "2").with("AMT", "999999999999999999").with("RANDSTR", strings.Repeat("r", 20)).
		with("GOODSNAME", strings.Repeat("店", 15)).with("NOTIFY_URL", ("https://merchant.example/" + longWord)[:50]).
		with("TIME_END", "2026-11-23 11:00:00").with("CUR", "CNY").with("IP", "255.255.255.255").
		with("JUMP_URL", ("https://merchant.example/" + longWord)[:32]).with("OPENID", strings.Repeat("o", 32)).
		with("IS_RAW", "2").with("IST0", "2").with("LIMIT_PAY", "1").with("IS_MINIPG", "1").with("SUP_APPID", strings.Repeat("a", 32))
	w.want(mmsp.PathScan, 2306, body, "1 1")
	barcode := barcodeBody("L2", strings.Repeat("7", 32)).with("NOTIFY_URL", ("https://merchant.example/" + longWord)[:100])
	w.want(mmsp.PathScan, 2309, barcode, "1 1")
	w.want(mmsp.PathScan, 2312, refundBody("L2", strings.Repeat("R", 20), "1").with("RANDSTR", strings.Repeat("r", 15)), "1 1")
	w.want(mmsp.PathScan, 2321, h5Body("L3").with("TIME_END", "2026-11-24"), "1 1")
	w.clean()
}
