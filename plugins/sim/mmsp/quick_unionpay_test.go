package mmsp_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

func TestUnionPayOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.quick(cmdQuickUnionPay, unionPayBody("U1"), "1 0 AA")
	w.has(a, fields{"MERORDERID": "U1", "AMT": "1000", "ERRMSG": "用户支付中", "PAY_DATE": "", "NOTIFY_DATE": ""})
	if a.Body["HTML"] != nil || !strings.HasPrefix(a.text("PAY_URL"), w.url) {
		t.Errorf("TRADE_MODE was not given: %v", a.Body)
	}
	if a := w.quick(cmdQuickUnionPay, unionPayBody("U2").with("TRADE_MODE", "1"), "1 0 AA"); a.Body["HTML"] != nil {
		t.Errorf("TRADE_MODE 1 answered %v", a.Body)
	}
	b := w.quick(cmdQuickUnionPay, unionPayBody("U3").with("TRADE_MODE", "2"), "1 0 AA")
	if !strings.Contains(b.text("HTML"), "<form") || b.text("PAY_URL") == "" {
		t.Errorf("TRADE_MODE 2 answered %v", b.Body)
	}
	w.quick(cmdQuickQuery, fields{"MERORDERID": "U1"}, "1 0 AA")

	path := strings.TrimPrefix(a.text("PAY_URL"), w.url)
	resp, page, err := w.raw(http.MethodGet, path, nil, nil)
	if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(page), "10.00 元") {
		t.Fatalf("the bank's page: %v %s", err, page)
	}
	w.books("U1", 0, 0)
	resp, _, err = w.raw(http.MethodGet, path+"&outcome=paid", nil, nil)
	if err != nil || resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != "https://merchant.example/j" {
		t.Fatalf("after paying: %v %v", err, resp)
	}
	w.books("U1", 1, 1000)
	w.quick(cmdQuickQuery, fields{"MERORDERID": "U1"}, "1 1")
	resp, _, _ = w.raw(http.MethodGet, path+"&outcome=paid", nil, nil)
	if resp.StatusCode != http.StatusConflict {
		t.Errorf("paying twice: HTTP %d", resp.StatusCode)
	}
	w.books("U1", 1, 1000)
	path = strings.TrimPrefix(b.text("PAY_URL"), w.url)
	if resp, _, err = w.raw(http.MethodGet, path+"&outcome=abandoned", nil, nil); err != nil || resp.StatusCode != http.StatusSeeOther {
		t.Errorf("after giving up: %v", err)
	}
	w.quick(cmdQuickQuery, fields{"MERORDERID": "U3"}, "1 2 99")
	w.quick(cmdQuickConfirm, confirmBody(w.listID("U2")), "1 2 Q3") // there is no SMS in this flow
	if resp, _, _ = w.raw(http.MethodGet, "/gateway/cashier?list_id="+w.listID("U2"), nil, nil); resp.StatusCode != http.StatusNotFound {
		t.Errorf("another product's page: HTTP %d", resp.StatusCode)
	}
	w.clean()
}

func (w *world) listID(number string) string {
	w.t.Helper()
	o, found := w.sim.Order(merNo, number)
	if !found {
		w.t.Fatalf("there is no order %s", number)
	}
	return o.OrderNo
}

func TestUnionPayFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(mmsp.Fault{Operation: mmsp.OpQuickUnionPay, Order: "F1", Kind: mmsp.FaultFail, Code: "E1", Message: "通道关闭"})
	w.fault(mmsp.Fault{Operation: mmsp.OpQuickUnionPay, Order: "F2", Kind: mmsp.FaultPending, Queries: 1, Result: "0"})
	w.fault(mmsp.Fault{Operation: mmsp.OpQuickUnionPay, Order: "F3", Kind: mmsp.FaultUncertain, Moved: true, Queries: 1})
	w.fault(mmsp.Fault{Operation: mmsp.OpQuickUnionPay, Order: "F4", Kind: mmsp.FaultPending, Then: mmsp.ThenNever})
	a := w.quick(cmdQuickUnionPay, unionPayBody("F1"), "1 2 E1")
	if a.text("ERRMSG") != "通道关闭" || a.text("PAY_URL") != "" {
		t.Errorf("a failed order answered %v", a.Body)
	}
	w.quick(cmdQuickQuery, fields{"MERORDERID": "F1"}, "1 2 E1")
	if a := w.quick(cmdQuickUnionPay, unionPayBody("F2"), "1 0 AA"); a.text("PAY_URL") == "" {
		t.Errorf("a slow payer answered %v", a.Body)
	}
	w.quick(cmdQuickQuery, fields{"MERORDERID": "F2"}, "1 0 AA")
	w.quick(cmdQuickQuery, fields{"MERORDERID": "F2"}, "1 1")
	w.quick(cmdQuickUnionPay, unionPayBody("F3"), "1 3 AA")
	w.books("F3", 1, 1000)
	if a := w.quick(cmdQuickUnionPay, unionPayBody("F4"), "1 2 AA"); a.text("PAY_URL") == "" {
		t.Errorf("2 with AA is in progress: %v", a.Body)
	}
}
