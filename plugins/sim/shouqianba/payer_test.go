package shouqianba_test

import (
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/shouqianba"
)

// TestOrdersThatChangeWithoutACall: what people do to an order outside the interface is what a query says then, and
// the ledger moves with it.
func TestOrdersThatChangeWithoutACall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := newRemote(t, w)
	w.want("pay", payBody("PAID"), "PAY_SUCCESS PAID")
	w.fault(shouqianba.Fault{Operation: "pay", Order: "FAILED", Kind: shouqianba.FaultFail})
	w.want("pay", payBody("FAILED"), "PAY_FAIL TRADE_FAILED PAY_CANCELED")

	r.do("POST", "/orders/FAILED/take-back", "", 409, nil)
	r.do("POST", "/orders/PAID/pay-late", "", 409, nil)
	r.do("POST", "/orders/none/pay-late", "", 404, nil)

	var order shouqianba.Order
	r.do("POST", "/orders/PAID/take-back", "", 200, &order)
	if order.State != shouqianba.StateCanceled {
		t.Errorf("after it was taken back: %+v", order)
	}
	w.books("PAID", 1, 0)
	w.want("query", numberBody("PAID"), "SUCCESS CANCELED")

	r.do("POST", "/orders/FAILED/pay-late", "", 200, &order)
	if order.State != shouqianba.StatePaid {
		t.Errorf("after it was paid late: %+v", order)
	}
	w.books("FAILED", 1, 1000)
	w.want("query", numberBody("FAILED"), "SUCCESS PAID")
}
