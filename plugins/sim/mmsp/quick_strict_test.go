package mmsp_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// The commands of quick and gateway, in decimal as the tables print them.
const (
	cmdQuickBindSMS   = 781
	cmdQuickBind      = 774
	cmdQuickPay       = 771
	cmdQuickConfirm   = 772
	cmdQuickUnbind    = 775
	cmdQuickQuery     = 773
	cmdQuickBindQuery = 776
	cmdQuickBatch     = 777
	cmdQuickResend    = 778
	cmdQuickBoundPay  = 779
	cmdQuickBoundSMS  = 780
	cmdQuickUnionPay  = 783
	cmdGateway        = 2322
	cmdGatewayQuery   = 2323
	cmdGatewayBatch   = 782
)

func cardBody(number string) fields {
	return fields{
		"MERORDERID": number, "CARDNO": "6225880113756648", "AMT": "1000", "CARDTYPE": "1", "NAME": "张安",
		"ID_NO": "23210219820916601X", "PHONENO": "18826570890", "NOTIFY_URL": "https://merchant.example/n",
	}
}

func creditBody(number string) fields {
	return cardBody(number).with("CARDTYPE", "2").with("EXPDATE", "0628").with("CVN2", "344")
}

func bindSMSBody(number string) fields {
	return fields{"MERORDERID": number, "USER_ID": "U1", "CARDNO": "6225880113756648", "PHONENO": "18826570890"}
}

func bindBody(number string) fields {
	return cardBody(number).without("AMT").without("NOTIFY_URL").with("USER_ID", "U1").with("MSG_CODE", "123456")
}

func boundSMSBody(number, bind string) fields {
	return fields{
		"BIND_ID": bind, "MERORDERID": number, "USER_ID": "U1", "PHONENO": "18826570890", "AMT": "1000", "RANDSTR": "r123456789",
	}
}

func boundPayBody(number, bind string) fields {
	return fields{
		"BIND_ID": bind, "MERORDERID": number, "USER_ID": "U1", "AMT": "1000", "MSG_CODE": "123456",
		"NOTIFY_URL": "https://merchant.example/n",
	}
}

func unionPayBody(number string) fields {
	return fields{
		"MERORDERID": number, "AMT": "1000", "JUMP_URL": "https://merchant.example/j", "NOTIFY_URL": "https://merchant.example/n",
	}
}

func batchBody(begin, end, perPage, page string) fields {
	return fields{"START_DATE": begin, "END_DATE": end, "PERPAGE": perPage, "PAGE": page}
}

func gatewayBody(number string) fields {
	return fields{
		"MERORDERID": number, "AMT": "1000", "NOTIFY_URL": "https://merchant.example/n", "JUMP_URL": "https://merchant.example/j?a=1",
		"PAY_CHANNEL": "YLBILL-NET-B2C",
	}
}

// quickDocument is the quick section's tables, written out once more.
func quickDocument() []documentedOperation {
	number := documented{"MERORDERID", true, 32, false, nil}
	random := documented{"RANDSTR", false, 32, false, nil}
	amount := documented{"AMT", true, 12, false, "1.5"}
	card := documented{"CARDNO", true, 20, false, "6225 8801"}
	user := documented{"USER_ID", true, 32, false, nil}
	phone := documented{"PHONENO", true, 11, false, "1882657089"}
	code := documented{"MSG_CODE", true, 6, false, nil}
	list := documented{"LIST_ID", true, 32, false, nil}
	bind := documented{"BIND_ID", true, 32, false, nil}
	notify := documented{"NOTIFY_URL", true, 255, false, "ftp://merchant.example/"}
	elements := []documented{
		card,
		{"CARDTYPE", true, 1, false, "3"},
		{"EXPDATE", false, 4, false, "1328"},
		{"CVN2", false, 3, false, "34"},
		{"NAME", true, 32, true, nil},
		{"ID_NO", true, 32, false, nil},
		phone, number, random,
	}
	with := func(base []documented, more ...documented) []documented {
		return append(append([]documented{}, base...), more...)
	}
	return []documentedOperation{
		{mmsp.OpQuickBindSMS, cmdQuickBindSMS, bindSMSBody("Q1"), []documented{number, user, card, phone, random}},
		{mmsp.OpQuickBind, cmdQuickBind, bindBody("Q2"), with(elements, user, code)},
		{mmsp.OpQuickPay, cmdQuickPay, cardBody("Q3"), with(elements, amount, notify, documented{"USER_ID", false, 32, false, nil})},
		{mmsp.OpQuickConfirm, cmdQuickConfirm, fields{"LIST_ID": "1", "MSG_CODE": "123456"}, []documented{list, code, random}},
		{mmsp.OpQuickUnbind, cmdQuickUnbind, fields{"BIND_ID": "1"}, []documented{bind}},
		{mmsp.OpQuickQuery, cmdQuickQuery, fields{"MERORDERID": "Q7"}, []documented{number}},
		{mmsp.OpQuickBindQuery, cmdQuickBindQuery, fields{"BIND_ID": "1"}, []documented{bind}},
		{mmsp.OpQuickBatch, cmdQuickBatch, batchBody("20261101", "20261130", "10", "1"), batchDocument()},
		{mmsp.OpQuickResend, cmdQuickResend, fields{"LIST_ID": "1"}, []documented{list, random}},
		{mmsp.OpQuickBoundPay, cmdQuickBoundPay, boundPayBody("Q11", "1"), []documented{bind, number, user, amount, code, random, notify}},
		{
			mmsp.OpQuickBoundSMS, cmdQuickBoundSMS, boundSMSBody("Q12", "1"),
			[]documented{bind, number, user, phone, amount, {"RANDSTR", true, 32, false, nil}},
		},
		{mmsp.OpQuickUnionPay, cmdQuickUnionPay, unionPayBody("Q13"), []documented{
			number, amount, notify, random,
			{"JUMP_URL", true, 255, false, "/relative"},
			{"TRADE_MODE", false, 1, false, "3"},
			{"CARDNO", false, 32, false, "x"},
		}},
	}
}

func batchDocument() []documented {
	return []documented{
		{"START_DATE", true, 14, false, "2026-11-01"},
		{"END_DATE", true, 14, false, "20261131"},
		{"PERPAGE", true, 10, false, "1001"},
		{"PAGE", true, 10, false, "0"},
	}
}

// gatewayDocument is the gateway section's tables.
func gatewayDocument() []documentedOperation {
	number := documented{"MERORDERID", true, 32, false, nil}
	return []documentedOperation{
		{mmsp.OpGatewayPay, cmdGateway, gatewayBody("G1"), []documented{
			number,
			{"AMT", true, 12, false, "0"},
			{"NOTIFY_URL", true, 255, false, "merchant.example"},
			{"JUMP_URL", true, 255, false, "javascript:alert(1)"},
			{"PAY_CHANNEL", true, 50, false, "ICBC"},
			{"GOODSNAME", false, 32, true, nil},
			{"REMARK", false, 255, true, nil},
		}},
		{mmsp.OpGatewayQuery, cmdGatewayQuery, fields{"MERORDERID": "G3"}, []documented{number}},
		{mmsp.OpGatewayBatch, cmdGatewayBatch, batchBody("20261101", "20261130", "10", "1"), batchDocument()},
	}
}

// tooLong is one character or byte more than allowed.
func tooLong(d documented) string {
	switch {
	case d.chars:
		return strings.Repeat("咖", d.max+1)
	case strings.HasSuffix(d.name, "_URL"):
		return ("https://merchant.example/" + strings.Repeat(longWord, 3))[:d.max+1]
	}
	return strings.Repeat("1", d.max+1)
}

// deliver sends a message as its operation wants it: as the body, or as a browser's form.
func (w *world) deliver(path string, command int, message string) (answer, error) {
	w.t.Helper()
	if command != cmdGateway {
		return w.post(path, message)
	}
	_, text, err := w.form(path, url.Values{"web_api": {message}})
	if err != nil {
		return answer{}, err
	}
	return decodeAnswer(text)
}

// form posts like a browser.
func (w *world) form(path string, values url.Values) (*http.Response, []byte, error) {
	w.t.Helper()
	return w.raw(http.MethodPost, path, []byte(values.Encode()), map[string]string{"Content-Type": "application/x-www-form-urlencoded"})
}

// refusedBody sends a signed Body, refusedWhole a whole message; both expect the general refusal and the breach in the list.
func (w *world) refusedBody(path string, d documentedOperation, body fields, field, rule string) {
	w.t.Helper()
	w.refusedWhole(path, d, compact(w.t, w.message(path, d.command, body)), field, rule)
}

func (w *world) refusedWhole(path string, d documentedOperation, message, field, rule string) {
	w.t.Helper()
	since := len(w.sim.Violations())
	a, err := w.deliver(path, d.command, message)
	if err != nil {
		w.t.Fatal(err)
	}
	if a.CommandID != 32768 || a.RetCode != 0 || a.ErrorMsg == "" || a.Sign != "" || a.Raw != "" {
		w.t.Errorf("%s: %s of %s answered %+v, want the general refusal", d.op, rule, field, a)
	}
	w.breach(since, d.op, field, rule)
}

func TestQuickAndGatewayEveryDocumentedField(t *testing.T) {
	t.Parallel()
	for path, document := range map[string][]documentedOperation{
		mmsp.PathQuick: quickDocument(), mmsp.PathGateway: gatewayDocument(),
	} {
		for _, d := range document {
			t.Run(d.op, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				for _, f := range d.fields {
					w.checkDocumented(path, d, f)
				}
				w.refusedBody(path, d, d.body.with("FEE", "1"), "FEE", "unknown-field")
				w.refusedBody(path, d, d.body.with("amt", "1"), "amt", "unknown-field")
				w.checkSigns(path, d)
				if n := len(w.sim.Ledger().Entries()); n != 0 || len(w.sim.Orders()) != 0 {
					t.Errorf("refused messages left %d movements and %d orders", n, len(w.sim.Orders()))
				}
			})
		}
	}
}

func (w *world) checkDocumented(path string, d documentedOperation, f documented) {
	w.t.Helper()
	if f.required {
		w.refusedBody(path, d, d.body.without(f.name), f.name, "missing")
		w.refusedBody(path, d, d.body.with(f.name, ""), f.name, "missing")
	}
	for _, wrong := range []any{1, 1.5, true, nil, []string{"1"}, fields{"a": "b"}} {
		w.refusedBody(path, d, d.body.with(f.name, wrong), f.name, "type")
	}
	w.refusedBody(path, d, d.body.with(f.name, tooLong(f)), f.name, "length")
	if !f.chars {
		w.refusedBody(path, d, d.body.with(f.name, strings.Repeat("收", f.max/3+1)), f.name, "length")
	}
	if f.other != nil {
		w.refusedBody(path, d, d.body.with(f.name, f.other), f.name, "format")
	}
}

// checkSigns sends wrongly signed messages.
func (w *world) checkSigns(path string, d documentedOperation) {
	w.t.Helper()
	good := w.message(path, d.command, d.body)
	signature, ok := good["Sign"].(string)
	if !ok {
		w.t.Fatal("there is no signature")
	}
	other := maps.Clone(d.body)
	for name := range other {
		other[name] = "2"
	}
	for _, c := range []struct{ sign, rule string }{
		{sign(w.t, d.body, agentKey), "signature"},
		{sign(w.t, other, merKey), "signature"},
		{strings.Repeat("0", 32), "signature"},
		{strings.ToLower(signature), "format"},
		{signature + "0", "format"},
		{"", "missing"},
	} {
		w.refusedWhole(path, d, compact(w.t, good.with("Sign", c.sign)), "Sign", c.rule)
	}
	w.refusedWhole(path, d, compact(w.t, good.without("Sign")), "Sign", "missing")
}

func TestQuickAndGatewayTablesNameEveryFieldOfTheBodies(t *testing.T) {
	t.Parallel()
	for _, d := range append(quickDocument(), gatewayDocument()...) {
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

func TestQuickConditionalFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *mmsp.Options) { o.Quick.RequireCard = true })
	for _, name := range []string{"EXPDATE", "CVN2"} {
		w.refusedAs(mmsp.PathQuick, cmdQuickPay, mmsp.OpQuickPay, creditBody("C1").without(name), name, "together")
		w.refusedAs(mmsp.PathQuick, cmdQuickPay, mmsp.OpQuickPay, creditBody("C1").with(name, ""), name, "together")
		w.refusedAs(mmsp.PathQuick, cmdQuickBind, mmsp.OpQuickBind, bindBody("C1").with("CARDTYPE", "2"), name, "together")
	}
	w.refusedAs(mmsp.PathQuick, cmdQuickUnionPay, mmsp.OpQuickUnionPay, unionPayBody("C2"), "CARDNO", "missing")
	for _, amount := range []string{"0", "00", "01", "-1", "+1", "1.0", "1e3", " 1", "１", "0x1"} {
		w.refusedAs(mmsp.PathQuick, cmdQuickPay, mmsp.OpQuickPay, cardBody("C3").with("AMT", amount), "AMT", "format")
		w.refusedAs(mmsp.PathQuick, cmdQuickUnionPay, mmsp.OpQuickUnionPay, unionPayBody("C3").with("AMT", amount), "AMT", "format")
	}
	for _, date := range []string{"2026110", "20261301", "2026110125", "20261101100000", "2026/11/1"} {
		w.refusedAs(mmsp.PathQuick, cmdQuickBatch, mmsp.OpQuickBatch, batchBody(date, "20261130", "10", "1"), "START_DATE", "format")
	}
	for _, page := range []string{"-1", "0", "1.5", "+1", "x"} {
		w.refusedAs(mmsp.PathQuick, cmdQuickBatch, mmsp.OpQuickBatch, batchBody("20261101", "20261130", page, "1"), "PERPAGE", "format")
	}
	if len(w.sim.Orders()) != 0 {
		t.Error("a refused message made an order")
	}
}

func TestQuickLongestValuesAreAccepted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	long := strings.Repeat("9", 32)
	address := ("https://merchant.example/" + strings.Repeat(longWord, 3))[:255]
	body := creditBody(long).with("CARDNO", strings.Repeat("6", 20)).with("AMT", strings.Repeat("9", 12)).
		with("NAME", strings.Repeat("名", 32)).with("ID_NO", strings.Repeat("1", 32)).with("USER_ID", strings.Repeat("u", 32)).
		with("RANDSTR", strings.Repeat("r", 32)).with("NOTIFY_URL", address)
	w.want(mmsp.PathQuick, cmdQuickPay, body, "1 0")
	w.want(mmsp.PathQuick, cmdQuickPay, cardBody("L2").with("EXPDATE", "").with("CVN2", "").with("USER_ID", ""), "1 0")
	w.want(mmsp.PathQuick, cmdQuickUnionPay, unionPayBody("L3").with("CARDNO", strings.Repeat("6", 32)).with("JUMP_URL", address).
		with("TRADE_MODE", "1").with("RANDSTR", "r"), "1 0 AA")
	form := gatewayBody(strings.Repeat("8", 32)).with("GOODSNAME", strings.Repeat("店", 32)).with("REMARK", strings.Repeat("注", 255)).
		with("NOTIFY_URL", address).with("JUMP_URL", address).with("PAY_CHANNEL", "PINGANBANK-NET-B2C")
	w.bank(form)
	w.clean()
}
