//go:build e2e

package host_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

// TestConcurrentRefundsNeverExceedThePayment: 60 payments × 8 refunds of 60 % at once,
// through the API and the provider. The store's own test does 300 × 8 and shows that a
// reservation that is not guarded fails.
func TestConcurrentRefundsNeverExceedThePayment(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	h, stop := w.startNode()
	defer stop()
	m := w.tenants[0]
	const payments, refunds = 60, 8
	var accepted atomic.Int64
	for i := range payments {
		status, paid := m.post(h.Address(), "/v1/payments", fmt.Sprintf("p%d", i), m.barcode(100, "01"))
		if status != 201 || paid["state"] != "succeeded" {
			t.Fatalf("payment: %d %v", status, paid)
		}
		var group sync.WaitGroup
		for j := range refunds {
			group.Go(func() {
				body := map[string]any{"payment_id": paid["id"], "amount": 60, "reason": "race"}
				status, reply := m.post(h.Address(), "/v1/refunds", fmt.Sprintf("r%d-%d", i, j), body)
				switch {
				case status == 201 && reply["state"] == "succeeded":
					accepted.Add(1)
				case status != 409 && status != 422:
					t.Errorf("refund: %d %v", status, reply)
				}
			})
		}
		group.Wait()
	}
	if n := accepted.Load(); n != payments {
		t.Errorf("%d refunds succeeded, want %d", n, payments)
	}
	for order, s := range w.summaries() {
		if s.Refunded != 60 {
			t.Errorf("order %s: the provider gave back %d fen, want 60", order, s.Refunded)
		}
	}
}
