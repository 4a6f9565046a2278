package metro_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/metro"
)

type remote struct {
	t   *testing.T
	url string
}

func newRemote(t *testing.T, w *world) remote {
	t.Helper()
	server := httptest.NewServer(w.sim.Control())
	t.Cleanup(server.Close)
	return remote{t, server.URL + metro.ControlPrefix}
}

// do sends a control call and decodes the reply into out, if the status is the wanted one.
func (r remote) do(method, path, body string, status int, out any) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != status {
		r.t.Fatalf("%s %s: HTTP %d %s, want %d", method, path, resp.StatusCode, text, status)
	}
	if out != nil {
		if err := json.Unmarshal(text, out); err != nil {
			r.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
}

func TestControlOfFaultsAndOrders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := newRemote(t, w)
	r.do("POST", "/faults", `{"clear":true,"seed":7,"rules":[{"operation":"applypay","order":"C1","kind":"lost-after"},
		{"operation":"applypay","kind":"pending","then":"never"},{"operation":"refund","kind":"pending","then":"never","times":2}]}`, 200, nil)
	r.do("POST", "/faults", `{"rules":[{"kind":"explode"}]}`, 400, nil)
	var armed []metro.FaultStatus
	r.do("GET", "/faults", "", 200, &armed)
	if len(armed) != 3 {
		t.Errorf("armed: %+v", armed)
	}
	w.wantNoReply("applypay", payBody("C1"))
	for _, number := range []string{"C2", "C3", "C4"} {
		w.want("applypay", payBody(number), "0 PS_PAYING")
	}
	w.want("orderquery", fields{}, invalid)

	var order metro.Order
	steps := []struct {
		path, body, state string
		status            int
	}{
		{"/orders/C2/pay", "", metro.StatePaid, 200},
		{"/orders/C2/pay", "", "", 409},
		{"/orders/none/pay", "", "", 404},
		{"/orders/C3/pay", `{"outcome":"stolen"}`, "", 400},
		{"/orders/C3/pay", `{"result":"paid"}`, "", 400},
		{"/orders/C3/pay", `{"outcome":"abandoned"}`, metro.StateClosed, 200},
		{"/orders/C4/pay", `{"outcome":"failed"}`, metro.StateFailed, 200},
		{"/orders/C4/abandon", "", "", 409},
		{"/orders/C4/close", "", "", 409},
		{"/orders/C1/close", "", metro.StateClosed, 200},
	}
	for _, step := range steps {
		if r.do("POST", step.path, step.body, step.status, &order); step.status == 200 && order.State != step.state {
			t.Errorf("%s: %+v", step.path, order)
		}
	}
	w.want("orderquery", byNumber("C1"), "0 PS_CLOSED") // without any reverse
	w.books("C1", 1, 0)

	w.want("refund", refundBody("C2", "R1", 100), "0 RS_PROCESSING")
	w.want("refund", refundBody("C2", "R2", 200), "0 RS_PROCESSING")
	r.do("POST", "/orders/C2/close", "", 409, nil)
	r.do("POST", "/orders/C2/refunds/R1", "", 200, &order)
	r.do("POST", "/orders/C2/refunds/R1", "", 409, nil)
	r.do("POST", "/orders/C2/refunds/R2", `{"outcome":"paid"}`, 400, nil)
	r.do("POST", "/orders/C2/refunds/R2", `{"done":false}`, 200, &order)
	if order.Refunds[0].State != metro.RefundDone || order.Refunds[1].State != metro.RefundFailed {
		t.Errorf("refunds: %+v", order.Refunds)
	}
	w.books("C2", 1, 900)
	var bill []metro.BillInfo
	r.do("GET", "/bill?date=20261123&mch_id="+mchID, "", 200, &bill)
	if len(bill) != 1 || bill[0].TotalCount != 2 || bill[0].RefundAmount != 100 || bill[0].ReverseAmount != 1000 {
		t.Errorf("bill: %+v", bill)
	}
	r.do("GET", "/bill?date=20261123", "", 404, nil) // two merchants, none named
	r.do("GET", "/bill?date=x", "", 400, nil)

	var list []metro.Order
	r.do("GET", "/orders?mch_id="+mchID+"&pay_status=PS_CLOSED", "", 200, &list)
	if len(list) != 2 || list[0].OutRequestNo != "C1" {
		t.Errorf("orders: %+v", list)
	}
	var calls map[string]int64
	r.do("GET", "/calls", "", 200, &calls)
	if calls["applypay"] != 4 || calls["refund"] != 2 || len(calls) != 6 {
		t.Errorf("calls: %v", calls)
	}
	var violations struct{ Count int }
	r.do("GET", "/violations", "", 200, &violations)
	var health struct{ Entries, Violations int }
	r.do("GET", "/health", "", 200, &health)
	if violations.Count != 1 || health.Violations != 1 || health.Entries != 4 {
		t.Errorf("violations %+v, health %+v", violations, health)
	}
	r.do("POST", "/reset", "", 200, nil)
	r.do("GET", "/orders", "", 200, &list)
	if len(list) != 0 || w.sim.Ledger().Len() != 0 || len(w.sim.Faults().List()) != 0 || w.sim.Calls("applypay") != 0 {
		t.Errorf("after a reset: %+v", list)
	}
}

func TestControlOfMerchantsAndCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := newRemote(t, w)
	merchant := metro.Merchant{MchID: "M3", PublicKey: metro.PublicKey{PublicKey: &strangerKey().PublicKey}}
	r.do("POST", "/merchants", string(encode(t, merchant)), 200, nil)
	r.do("POST", "/merchants", `{"mch_id":"M4"}`, 400, nil)
	r.do("POST", "/merchants", `{"mch_id":"M4","public_key":"no PEM"}`, 400, nil)
	r.do("POST", "/merchants", `{"name":"M4"}`, 400, nil)
	var code struct {
		QRCode string `json:"qrcode"`
	}
	r.do("POST", "/codes", `{"uid":"000000000007","pay_type":"CT_UNION"}`, 200, &code)
	r.do("POST", "/codes", `{"uid":"7"}`, 400, nil)
	body := encode(t, payBody("N1").with("qrcode", code.QRCode))
	if a, err := w.sendRaw("applypay", w.signedBy("M3", strangerKey()), body); err != nil || a.text("uid") != "000000000007" || a.text("pay_type") != "CT_UNION" {
		t.Errorf("the new merchant: %v %v", a.Data, err)
	}
	w.want("applypay", payBody("N1"), "0 PS_SUCCESS")
	r.do("GET", "/orders/N1", "", 409, nil) // two merchants have it
	var order metro.Order
	if r.do("GET", "/orders/N1?mch_id=M3", "", 200, &order); order.UID != "000000000007" {
		t.Errorf("order: %+v", order)
	}
	w.clean()
}

func TestControlOfMembers(t *testing.T) {
	t.Parallel()
	w, s := openShop(t)
	r := newRemote(t, w)
	var d metro.Delivery
	r.do("POST", "/members/U1/open", `{"mch_id":"M10001","phone":"13800138000","once":true}`, 200, &d)
	if !d.Accepted || d.VIPStatus != "ACTIVE" || d.UID != "U1" {
		t.Errorf("open: %+v", d)
	}
	r.do("POST", "/members/U1/phone", `{"mch_id":"M10001","phone":"13900139000","once":true}`, 200, &d)
	if !d.Accepted || d.Call != metro.CallPhone {
		t.Errorf("phone: %+v", d)
	}
	var sent struct{ ID string }
	r.do("POST", "/members/U1/unbind", `{"mch_id":"M10001"}`, 202, &sent) // the phone is known
	if list := w.settled(sent.ID, 1); !list[0].Accepted || list[0].VIPStatus != "CLOSED" {
		t.Errorf("unbind: %+v", list)
	}
	if heard := s.heard(); len(heard) != 3 || heard[2] != "/unbind U1 13900139000" {
		t.Errorf("the merchant heard %v", heard)
	}
	r.do("POST", "/messages/"+sent.ID+"/resend", "", 200, &d)
	r.do("POST", "/messages/none/resend", "", 404, nil)
	if d.Attempt != 2 || !d.Accepted {
		t.Errorf("again: %+v", d)
	}
	r.do("POST", "/members/U1/forge", `{"mch_id":"M10001","call":"unbind","kind":"replay"}`, 200, &d)
	if d.Accepted || d.Forgery != metro.ForgeReplay || d.Call != metro.CallUnbind {
		t.Errorf("forged: %+v", d)
	}
	for _, c := range []struct {
		path, body string
		status     int
	}{
		{"/members/U1/forge", `{"mch_id":"M10001","kind":"kindness"}`, 409},
		{"/members/U1/forge", `{"mch_id":"M9","kind":"replay"}`, 404},
		{"/members/U1/open", `{"mch_id":"M10001","kind":"replay"}`, 400},
		{"/members/U1/open", `{"phone":"13800138000"}`, 404}, // two merchants, none named
		{"/members/U2/open", `{"mch_id":"M10001"}`, 409},     // no phone known
		{"/members/U2/open", `{"mch_id":"M10001","once":true}`, 409},
		{"/members/U2/open", `{"uid":"U3"}`, 400},
	} {
		r.do("POST", c.path, c.body, c.status, nil)
	}
	var deliveries []metro.Delivery
	r.do("GET", "/deliveries?mch_id="+mchID+"&uid=U1&call=unbind", "", 200, &deliveries)
	if len(deliveries) != 3 || deliveries[2].Status != http.StatusUnauthorized {
		t.Errorf("deliveries: %+v", deliveries)
	}
	var members []metro.Member
	var messages []metro.Message
	r.do("GET", "/members", "", 200, &members)
	r.do("GET", "/messages", "", 200, &messages)
	if len(members) != 1 || members[0].VIPStatus != "CLOSED" || len(messages) != 4 || messages[3].Forgery != metro.ForgeReplay {
		t.Errorf("members %+v, messages %+v", members, messages)
	}
	w.clean()
}
