package mmsp_test

import (
	"encoding/json"
	"errors"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// gateway sends to the gateway product, but for the payment, which is a browser's.
func (w *world) gateway(command int, body fields, want string) answer {
	w.t.Helper()
	return w.want(mmsp.PathGateway, command, body, want)
}

var bankLink = regexp.MustCompile(`<a id='bank' href='([^']*)'>`)

// bank posts the form as a payer's browser and returns the path of the bank's page.
func (w *world) bank(body fields) string {
	w.t.Helper()
	resp, page, err := w.form(mmsp.PathGateway, url.Values{"web_api": {compact(w.t, w.message(mmsp.PathGateway, cmdGateway, body))}})
	if err != nil {
		w.t.Fatal(err)
	}
	link := bankLink.FindSubmatch(page)
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") || link == nil {
		w.t.Fatalf("the form of %v was answered %d %s", body["MERORDERID"], resp.StatusCode, page)
	}
	return strings.TrimPrefix(html.UnescapeString(string(link[1])), w.url)
}

func TestGatewayFlow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := gatewayBody("G1").with("GOODSNAME", "Joe's <b>咖啡</b> & \"tea\"").with("REMARK", "备注")
	path := w.bank(body)
	_, page, err := w.form(mmsp.PathGateway, url.Values{"web_api": {compact(t, w.message(mmsp.PathGateway, cmdGateway, body))}})
	if err != nil || strings.Contains(string(page), "<b>") || !strings.Contains(string(page), "Joe&#39;s") {
		t.Errorf("the bank's page does not escape what it shows: %s", page)
	}
	w.has(w.gateway(cmdGatewayQuery, fields{"MERORDERID": "G1"}, "1 0 AA"), fields{
		"LIST_ID": w.listID("G1"), "MERORDERID": "G1", "AMT": "1000", "GOODSNAME": body["GOODSNAME"], "PAY_CHANNEL": "YLBILL-NET-B2C",
		"PAY_DATE": "", "NOTIFY_DATE": "", "REMARK": "备注",
	})
	w.books("G1", 0, 0)
	resp, _, err := w.raw(http.MethodGet, path+"&outcome=paid", nil, nil)
	if err != nil || resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("the bank did not lead back: %v", err)
	}
	back, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || back.Host != "merchant.example" || back.Path != "/j" || back.Query().Has("Sign") {
		t.Fatalf("the browser went to %v", back)
	}
	for name, want := range map[string]string{
		"a": "1", "STATUS": "1", "MERORDERID": "G1", "AMT": "1000", "LIST_ID": w.listID("G1"), "PAY_CHANNEL": "YLBILL-NET-B2C",
		"GOODSNAME": "Joe's <b>咖啡</b> & \"tea\"", "PAY_DATE": "20261123100000", "REMARK": "备注",
	} {
		if got := back.Query().Get(name); got != want {
			t.Errorf("the browser brings %s=%q, want %q", name, got, want)
		}
	}
	w.books("G1", 1, 1000)
	w.has(w.gateway(cmdGatewayQuery, fields{"MERORDERID": "G1"}, "1 1"), fields{"PAY_DATE": "20261123100000", "NOTIFY_DATE": "20261123100000"})
	w.gateway(cmdGatewayQuery, fields{"MERORDERID": "404"}, "refused 0 -2002")
	w.quick(cmdQuickQuery, fields{"MERORDERID": "G1"}, "refused 0 -2002") // another product's query
	w.clean()
}

func TestGatewayFormOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	message := compact(t, w.message(mmsp.PathGateway, cmdGateway, gatewayBody("G1")))
	w.refusedMessage(mmsp.PathGateway, mmsp.OpGatewayPay, message, "", "content-type")
	query := compact(t, w.message(mmsp.PathGateway, cmdGatewayQuery, fields{"MERORDERID": "G1"}))
	for _, c := range []struct {
		values          url.Values
		op, field, rule string
	}{
		{url.Values{"web_api": {query}}, mmsp.OpGatewayQuery, "", "content-type"},
		{url.Values{}, mmsp.ProductGateway, "web_api", "missing"},
		{url.Values{"api": {message}}, mmsp.ProductGateway, "web_api", "missing"},
		{url.Values{"web_api": {message, message}}, mmsp.ProductGateway, "web_api", "missing"},
		{url.Values{"web_api": {message}, "x": {"1"}}, mmsp.ProductGateway, "web_api", "missing"},
		{url.Values{"web_api": {html.EscapeString(message)}}, mmsp.ProductGateway, "", "json"}, // escaped once too often
	} {
		since := len(w.sim.Violations())
		_, text, err := w.form(mmsp.PathGateway, c.values)
		if err != nil {
			t.Fatal(err)
		}
		if a, err := decodeAnswer(text); err != nil || a.CommandID != 32768 {
			t.Errorf("%v was answered %s", c.values, text)
		}
		w.breach(since, c.op, c.field, c.rule)
	}
	if len(w.sim.Orders()) != 0 {
		t.Error("a refused form made an order")
	}
}

// TestGatewayReload: a payer who reloads the page posts the same form again.
func TestGatewayReload(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.bank(gatewayBody("G1"))
	if again := w.bank(gatewayBody("G1")); again != first {
		t.Errorf("reloading led to %s, not %s", again, first)
	}
	refused := func(body fields) {
		t.Helper()
		a, err := w.deliver(mmsp.PathGateway, cmdGateway, compact(t, w.message(mmsp.PathGateway, cmdGateway, body)))
		if err != nil || a.String() != "refused 0 -2003" {
			t.Errorf("answered %q %v", a, err)
		}
	}
	refused(gatewayBody("G1").with("AMT", "999"))
	refused(gatewayBody("G1").with("PAY_CHANNEL", "ICBC-NET-B2C"))
	w.pay("G1")
	refused(gatewayBody("G1"))
	w.books("G1", 1, 1000)
	w.quick(cmdQuickPay, cardBody("Q1"), "1 0")
	refused(gatewayBody("Q1"))
	w.clean()
}

func TestGatewayChannels(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	channels := strings.Fields(`YLBILL ICBC CMBCHINA ABC CCB BCCB BOCO CIB CMBC CEB BOC PINGANBANK ECITIC SDB GDB SHB SPDB POST BJRCB HXB`)
	if len(channels) != 20 {
		t.Fatal("the list of 8.1.1 has 20 channels")
	}
	for _, name := range channels {
		w.bank(gatewayBody("G"+name).with("PAY_CHANNEL", name+"-NET-B2C"))
	}
	w.clean()
	test := newWorld(t, func(o *mmsp.Options) { o.Gateway.TestChannels = true })
	test.bank(gatewayBody("G1"))
	test.refusedBody(mmsp.PathGateway, gatewayDocument()[0], gatewayBody("G2").with("PAY_CHANNEL", "ICBC-NET-B2C"), "PAY_CHANNEL", "format")
}

func TestGatewayFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(mmsp.Fault{Operation: mmsp.OpGatewayPay, Order: "G1", Kind: mmsp.FaultPending, Queries: 1})
	w.fault(mmsp.Fault{Operation: mmsp.OpGatewayPay, Order: "G2", Kind: mmsp.FaultFail, Code: "E1"})
	w.fault(mmsp.Fault{Operation: mmsp.OpGatewayPay, Order: "G3", Kind: mmsp.FaultUncertain, Moved: true, Queries: 1})
	w.fault(mmsp.Fault{Operation: mmsp.OpGatewayPay, Order: "G4", Kind: mmsp.FaultLostBefore})
	w.bank(gatewayBody("G1"))
	w.gateway(cmdGatewayQuery, fields{"MERORDERID": "G1"}, "1 0 AA")
	w.gateway(cmdGatewayQuery, fields{"MERORDERID": "G1"}, "1 1")
	w.books("G1", 1, 1000)
	w.bank(gatewayBody("G2"))
	w.gateway(cmdGatewayQuery, fields{"MERORDERID": "G2"}, "1 2 E1")
	w.bank(gatewayBody("G3"))
	w.books("G3", 1, 1000)
	w.gateway(cmdGatewayQuery, fields{"MERORDERID": "G3"}, "1 0 AA")
	w.gateway(cmdGatewayQuery, fields{"MERORDERID": "G3"}, "1 1")
	w.books("G3", 1, 1000)
	if _, _, err := w.form(mmsp.PathGateway, url.Values{"web_api": {compact(t, w.message(mmsp.PathGateway, cmdGateway, gatewayBody("G4")))}}); err == nil {
		t.Error("the lost form was answered")
	}
	w.gateway(cmdGatewayQuery, fields{"MERORDERID": "G4"}, "refused 0 -2002")
	w.fault(mmsp.Fault{Operation: mmsp.OpGatewayQuery, Kind: mmsp.FaultWrongAmount, Amount: 7, Times: 1})
	if a := w.gateway(cmdGatewayQuery, fields{"MERORDERID": "G1"}, "1 1"); a.text("AMT") != "7" {
		t.Errorf("the wrong amount is %v", a.Body)
	}
	w.fault(mmsp.Fault{Operation: mmsp.OpGatewayQuery, Kind: mmsp.FaultWrongOrder, Times: 1})
	if a := w.gateway(cmdGatewayQuery, fields{"MERORDERID": "G1"}, "1 1"); a.text("MERORDERID") == "G1" || a.text("LIST_ID") == w.listID("G1") {
		t.Errorf("the wrong order is %v", a.Body)
	}
	w.fault(mmsp.Fault{Operation: mmsp.OpGatewayQuery, Kind: mmsp.FaultNotExist, Times: 1})
	w.gateway(cmdGatewayQuery, fields{"MERORDERID": "G1"}, "refused 0 -2002")
}

func TestGatewayStatuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, number := range []string{"G0", "G1", "G2", "G3"} {
		w.bank(gatewayBody(number))
	}
	w.pay("G1")
	w.pay("G3")
	if err := errors.Join(w.sim.AbandonOrder(merNo, "G2"), w.sim.RefundOutside(merNo, "G3")); err != nil {
		t.Fatal(err)
	}
	for number, want := range map[string]string{"G0": "0 AA", "G1": "1", "G2": "2 99", "G3": "3 00"} {
		w.gateway(cmdGatewayQuery, fields{"MERORDERID": number}, "1 "+want)
		address, err := w.sim.ReturnURL(merNo, number)
		if err != nil {
			t.Fatal(err)
		}
		target, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(target.Query().Get("STATUS") + " " + target.Query().Get("ERRCODE")); got != want {
			t.Errorf("the browser brings %q, want %q", got, want)
		}
	}
	w.books("G3", 1, 0)
	if _, err := w.sim.ReturnURL(merNo, "404"); !errors.Is(err, mmsp.ErrNoOrder) {
		t.Errorf("an unknown order leads back: %v", err)
	}
}

func TestGatewayBatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *mmsp.Options) { o.Gateway.SingleObject = true })
	w.payQuick("Q1")
	w.bank(gatewayBody("G1"))
	w.pay("G1")
	w.bank(gatewayBody("G0"))
	one, _ := w.batch(mmsp.PathGateway, cmdGatewayBatch, batchBody("20261123", "20261123", "10", "1"), "1 1")
	row, isObject := one.Body["BIZ_CONTENT"].(map[string]any)
	if !isObject || row["MERORDERID"] != "G1" || row["AMT"] != "1000" || row["STATUS"] != "1" || one.text("TOTAL_NUM") != "1" {
		t.Errorf("a single row is %v", one.Body)
	}
	for _, name := range []string{"CARDNO", "CARDTYPE", "BIND_ID"} { // copied from the quick section's table
		if _, there := row[name]; !there {
			t.Errorf("%s is not in the row", name)
		}
	}
	w.pay("G0")
	if _, numbers := w.batch(mmsp.PathGateway, cmdGatewayBatch, batchBody("20261123", "20261123", "10", "1"), "1 1"); len(numbers) != 2 {
		t.Errorf("two rows are %v", numbers)
	}
	array := newWorld(t)
	array.bank(gatewayBody("G1"))
	array.pay("G1")
	if _, numbers := array.batch(mmsp.PathGateway, cmdGatewayBatch, batchBody("20261123", "20261123", "10", "1"), "1 1"); len(numbers) != 1 {
		t.Errorf("one row is %v", numbers)
	}
	w.clean()
}

func TestQuickAndGatewayNotifications(t *testing.T) {
	t.Parallel()
	w, r, _ := notifiedWorld(t, 0)
	list := w.quick(cmdQuickPay, creditBody("N1").with("NOTIFY_URL", r.server.URL), "1 0").text("LIST_ID")
	w.quick(cmdQuickConfirm, confirmBody(list), "1 1")
	a := r.wait(t, 1)
	w.has(a, fields{
		"STATUS": "1", "LIST_ID": list, "MERORDERID": "N1", "PAY_DATE": "20261123100000", "NOTIFY_DATE": "20261123100000",
		"AMT": "1000", "CARDTYPE": "2", "BANK_NAME": "招商银行",
	})
	if card := a.text("CARDNO"); !strings.HasPrefix(card, "62258**") || strings.Contains(card, "0113") {
		t.Errorf("the card is not masked: %s", card)
	}
	if a.Body["PUSH_COUNT"] != json.Number("1") {
		t.Errorf("PUSH_COUNT is %#v", a.Body["PUSH_COUNT"])
	}
	if a.CommandID != 35104 || a.NodeID != "openplat" || a.Sign != sign(t, a.Body, merKey) || !strings.Contains(r.raw[0], `"ErrMsg"`) {
		t.Errorf("the notification is %s", r.raw[0])
	}

	w.quick(cmdQuickUnionPay, unionPayBody("N2").with("NOTIFY_URL", r.server.URL), "1 0 AA")
	w.pay("N2")
	if a = r.wait(t, 2); a.text("MERORDERID") != "N2" || a.Body["CARDNO"] != nil || a.Body["BANK_NAME"] != nil {
		t.Errorf("without a card the notification is %v", a.Body)
	}

	w.bank(gatewayBody("N3").with("NOTIFY_URL", r.server.URL).with("GOODSNAME", "咖啡"))
	w.pay("N3")
	a = r.wait(t, 3)
	w.has(a, fields{
		"STATUS": "1", "LIST_ID": w.listID("N3"), "MERORDERID": "N3", "AMT": "1000", "GOODSNAME": "咖啡", "PAY_CHANNEL": "YLBILL-NET-B2C",
		"PAY_DATE": "20261123100000", "NOTIFY_DATE": "20261123100000",
	})
	if a.CommandID != 35104 || a.Sign != sign(t, a.Body, merKey) {
		t.Errorf("the gateway's notification is %+v", a)
	}
}

func TestGatewayNotificationAsInTheTable(t *testing.T) {
	t.Parallel()
	w, r, _ := notifiedWorld(t, 0, func(o *mmsp.Options) { o.Gateway.NotifyCommand = mmsp.GatewayNotifyTable })
	w.bank(gatewayBody("N1").with("NOTIFY_URL", r.server.URL))
	w.pay("N1")
	if a := r.wait(t, 1); a.CommandID != 35090 || a.Sign != sign(t, a.Body, merKey) {
		t.Errorf("the notification is %+v", a)
	}
	list := w.quick(cmdQuickPay, cardBody("N2").with("NOTIFY_URL", r.server.URL), "1 0").text("LIST_ID")
	w.quick(cmdQuickConfirm, confirmBody(list), "1 1")
	if a := r.wait(t, 2); a.CommandID != 35104 {
		t.Errorf("quick has one number only, and it is %d", a.CommandID)
	}
}

// TestPushSchedule: at once, then about 1, 5, 10, 30, 90, 180 and 300 s after each failure, and no more.
func TestPushSchedule(t *testing.T) {
	t.Parallel()
	for _, product := range []string{"quick", "gateway"} {
		w, r, s := notifiedWorld(t, 100)
		if product == "quick" {
			list := w.quick(cmdQuickPay, cardBody("N1").with("NOTIFY_URL", r.server.URL), "1 0").text("LIST_ID")
			w.quick(cmdQuickConfirm, confirmBody(list), "1 1")
		} else {
			w.bank(gatewayBody("N1").with("NOTIFY_URL", r.server.URL))
			w.pay("N1")
		}
		list := w.delivered(8)
		if got := compact(t, s.list()); got != "[0,1,5,10,30,90,180,300]" {
			t.Errorf("%s waited %s", product, got)
		}
		for i, d := range list {
			if d.Accepted || d.Attempt != i+1 || d.Answer != "FAIL" {
				t.Errorf("delivery %d is %+v", i, d)
			}
		}
		if product == "quick" {
			for i := range 8 {
				if a := r.wait(t, i+1); a.text("PUSH_COUNT") != compact(t, i+1) || a.Sign != sign(t, a.Body, merKey) {
					t.Errorf("attempt %d says %v", i+1, a.Body)
				}
			}
		}
	}
	w, r, s := notifiedWorld(t, 2)
	w.bank(gatewayBody("N1").with("NOTIFY_URL", r.server.URL))
	w.pay("N1")
	w.delivered(3)
	w.end()
	if got := compact(t, s.list()); got != "[0,1,5]" {
		t.Errorf("after the third was acknowledged it waited %s", got)
	}
}

func TestQuickForgeries(t *testing.T) {
	t.Parallel()
	w, r, _ := notifiedWorld(t, 0)
	list := w.quick(cmdQuickPay, cardBody("N1").with("NOTIFY_URL", r.server.URL), "1 0").text("LIST_ID")
	if d, err := w.sim.Forge(merNo, "N1", mmsp.ForgeUnpaid); err != nil || !d.Accepted {
		t.Fatalf("%+v %v", d, err)
	}
	if a := r.wait(t, 1); a.text("STATUS") != "1" || a.Sign != sign(t, a.Body, merKey) {
		t.Errorf("a forged payment says %v", a.Body)
	}
	w.books("N1", 0, 0)
	w.quick(cmdQuickConfirm, confirmBody(list), "1 1")
	r.wait(t, 2)
	for i, kind := range []string{mmsp.ForgeBadSignature, mmsp.ForgeUnsigned, mmsp.ForgeOtherKey, mmsp.ForgeTampered} {
		if _, err := w.sim.Forge(merNo, "N1", kind); err != nil {
			t.Fatal(err)
		}
		if a := r.wait(t, 3+i); a.Sign == sign(t, a.Body, merKey) {
			t.Errorf("the forgery %s is signed rightly", kind)
		}
	}
	if _, err := w.sim.Forge(merNo, "N1", mmsp.ForgeWrongAmount); err != nil {
		t.Fatal(err)
	}
	if a := r.wait(t, 7); a.text("AMT") != "1001" || a.Sign != sign(t, a.Body, merKey) {
		t.Errorf("the wrong amount is %v", a.Body)
	}
	if _, err := w.sim.Notify(merNo, "N1"); err != nil {
		t.Fatal(err)
	}
	if a := r.wait(t, 8); a.text("AMT") != "1000" || a.text("LIST_ID") != list {
		t.Errorf("the duplicate is %v", a.Body)
	}
	w.books("N1", 1, 1000)
}
