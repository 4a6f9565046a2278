package mmsp_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// TestBatchesThatDiffer: an order that another system took stands in the batch; a row can be left out or show another
// amount, and neither the ledger nor a query of the order changes by it.
func TestBatchesThatDiffer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := newRemote(t, w.sim)
	for _, number := range []string{"kept", "omitted", "changed"} {
		w.payQuick(number)
	}
	var order mmsp.Order
	body := `{"mer_no":"` + merNo + `","product":"quick","mer_order_id":"extra","amount":4321}`
	if status := r.call(http.MethodPost, "/orders", body, &order); status != http.StatusOK || order.State != mmsp.StatePaid {
		t.Fatalf("HTTP %d %+v", status, order)
	}
	w.books("extra", 1, 4321)
	w.fault(mmsp.Fault{Operation: mmsp.RowQuick, Order: "omitted", Kind: mmsp.FaultNotExist})
	w.fault(mmsp.Fault{Operation: mmsp.RowQuick, Order: "changed", Kind: mmsp.FaultWrongAmount, Amount: 5})
	a, numbers := w.batch(mmsp.PathQuick, cmdQuickBatch, batchBody("20261123", "20261123", "10", "1"), "1 1")
	if !slices.Equal(slices.Sorted(slices.Values(numbers)), []string{"changed", "extra", "kept"}) {
		t.Errorf("the batch shows %v", numbers)
	}
	w.has(a, fields{"TOTAL_NUM": "3"})
	rows, _ := a.Body["BIZ_CONTENT"].([]any)
	for _, one := range rows {
		row, _ := one.(map[string]any)
		if changed := row["MERORDERID"] == "changed"; changed != (row["AMT"] == "5") {
			t.Errorf("a row: %v", row)
		}
	}
	w.books("omitted", 1, amountOf(w, "omitted"))
	for body, status := range map[string]int{
		body: http.StatusConflict, // again
		`{"mer_no":"` + merNo + `","product":"payout","mer_order_id":"x","amount":1}`: http.StatusConflict,
		`{"mer_no":"` + merNo + `","product":"quick","mer_order_id":"x"}`:             http.StatusConflict,
		`{"number":"x"}`: http.StatusBadRequest,
	} {
		if got := r.call(http.MethodPost, "/orders", body, nil); got != status {
			t.Errorf("%s: HTTP %d, want %d", body, got, status)
		}
	}
	for _, wrong := range []mmsp.Fault{{Operation: mmsp.RowQuick, Kind: mmsp.FaultGarbage}, {Operation: "no-row", Kind: mmsp.FaultNotExist}} {
		if _, err := w.sim.AddFault(wrong); err == nil {
			t.Errorf("%+v was taken", wrong)
		}
	}
}

func amountOf(w *world, number string) int64 {
	w.t.Helper()
	o, ok := w.sim.Order(merNo, number)
	if !ok {
		w.t.Fatal("no order " + number)
	}
	return o.Amount
}
