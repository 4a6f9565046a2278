//go:build e2e

package host_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/shouqianba"
)

// killPoints are where the host is killed: before and after the intent, around the send,
// after the reply, before and after the final commit.
func killPoints() []string {
	return []string{"before_intent", "after_intent", "before_send", "after_send", "after_reply", "before_commit", "after_commit"}
}

// Kills at each point, of payments and of refunds.
const (
	paymentKills = 50
	refundKills  = 10
)

// TestKilledHostLosesAndDoublesNothing kills the host with SIGKILL at every named point.
// The judge is the simulated provider's own ledger, which lives in another process.
func TestKilledHostLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	for _, point := range killPoints() {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1)
			k := &killer{w: w, m: w.tenants[0], point: point}
			for i := range paymentKills {
				k.payment(i)
			}
			for i := range refundKills {
				k.refund(i)
			}
			k.recover()
			k.judge(paymentKills+refundKills, refundKills)
		})
	}
}

type killer struct {
	w     *world
	m     merchant
	point string
	n     *node
}

// armed is a node that dies at the point with the next operation.
func (k *killer) armed() *node {
	if k.n == nil {
		k.n = k.w.spawn(k.point, 0)
	}
	k.n.arm()
	return k.n
}

// again is the next node; the caller repeats what it lost with the same key.
func (k *killer) again() *node {
	k.n.ended()
	k.n = k.w.spawn(k.point, 0)
	return k.n
}

func (k *killer) payment(i int) {
	k.w.t.Helper()
	body, key := k.m.barcode(int64(100+i), "01"), fmt.Sprintf("pay-%d", i)
	if status, _ := k.m.post(k.armed().address, "/v1/payments", key, body); status != 0 {
		k.w.t.Fatalf("the host answered %d although it was to die at %s", status, k.point)
	}
	if status, reply := k.m.post(k.again().address, "/v1/payments", key, body); status != 201 && status != 202 {
		k.w.t.Fatalf("repeated with the same key: %d %v", status, reply)
	}
}

func (k *killer) refund(i int) {
	k.w.t.Helper()
	paid := k.paid(i)
	body, key := map[string]any{"payment_id": paid, "amount": 30, "reason": "test"}, fmt.Sprintf("refund-%d", i)
	if status, _ := k.m.post(k.armed().address, "/v1/refunds", key, body); status != 0 {
		k.w.t.Fatalf("the host answered %d although it was to die at %s", status, k.point)
	}
	if status, reply := k.m.post(k.again().address, "/v1/refunds", key, body); status != 201 && status != 202 {
		k.w.t.Fatalf("repeated with the same key: %d %v", status, reply)
	}
}

// paid makes a payment on a node that is not armed.
func (k *killer) paid(i int) string {
	k.w.t.Helper()
	status, reply := k.m.post(k.n.address, "/v1/payments", fmt.Sprintf("refundable-%d", i), k.m.barcode(100, "01"))
	if status != 201 || reply["state"] != "succeeded" {
		k.w.t.Fatalf("a payment to refund: %d %v", status, reply)
	}
	return text(reply, "id")
}

// recover runs a node whose clock is past every horizon until nothing is open.
func (k *killer) recover() {
	k.w.t.Helper()
	k.n.stop()
	n := k.w.spawn("", 2*time.Hour)
	defer n.stop()
	deadline := time.Now().Add(3 * time.Minute)
	for {
		payments, refunds := k.w.stored(k.m)
		if open := countOpen(payments, refunds); open == 0 {
			return
		} else if time.Now().After(deadline) {
			k.w.t.Fatalf("%d operations are still open a minute after the restart", open)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func countOpen(payments []core.Payment, refunds []core.Refund) (n int) {
	for _, p := range payments {
		if p.State == core.PaymentProcessing || p.State == core.PaymentRequiresAction {
			n++
		}
	}
	for _, r := range refunds {
		if r.State == core.RefundProcessing {
			n++
		}
	}
	return n
}

// judge compares with the provider's ledger.
func (k *killer) judge(wantPayments, wantRefunds int) {
	k.w.t.Helper()
	payments, refunds := k.w.stored(k.m)
	if len(payments) != wantPayments || len(refunds) != wantRefunds {
		k.w.t.Errorf("%d payments and %d refunds are stored, want %d and %d", len(payments), len(refunds), wantPayments, wantRefunds)
	}
	for _, complaint := range disagreements(payments, refunds, k.w.summaries(), k.requests()) {
		k.w.t.Error(complaint)
	}
	for _, v := range k.w.sim.Violations() {
		// A host that is killed while it writes leaves half a request behind.
		if v.Rule != "json" {
			k.w.t.Errorf("the provider complained: %+v", v)
		}
	}
}

func (k *killer) requests() map[string]int {
	out := map[string]int{}
	for _, o := range k.w.sim.Orders() {
		out[o.ClientSN] = int(o.PayRequests)
	}
	return out
}

func (w *world) summaries() map[string]shouqianba.Summary {
	out := map[string]shouqianba.Summary{}
	for _, s := range w.sim.Ledger().Orders() {
		out[s.Order] = s
	}
	return out
}

// stored reads what the database says, past every API.
func (w *world) stored(m merchant) (payments []core.Payment, refunds []core.Refund) {
	w.t.Helper()
	db, err := postgres.Open(w.t.Context(), postgres.Config{URL: w.database, MaxConns: 2, PlatformConns: 1})
	w.must(err)
	defer func() { _ = db.Close() }()
	w.must(db.InTenant(context.Background(), m.id, func(tx core.TenantTx) (err error) {
		page := core.Page{Limit: 200}
		for {
			list, err := tx.Payments(w.t.Context(), core.PaymentFilter{TenantID: m.id, Page: page})
			if err != nil {
				return err
			}
			payments = append(payments, list...)
			if len(list) < page.Limit {
				break
			}
			last := list[len(list)-1]
			page.BeforeTime, page.BeforeID = last.CreatedAt, last.ID
		}
		refunds, err = tx.Refunds(w.t.Context(), core.RefundFilter{TenantID: m.id, Page: core.Page{Limit: 200}})
		return err
	}))
	return payments, refunds
}

// disagreements is the checker: what the database says and the provider's ledger does not.
// requests counts how often the provider was asked to charge an order.
func disagreements(payments []core.Payment, refunds []core.Refund, ledger map[string]shouqianba.Summary, requests map[string]int) (out []string) {
	complain := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	refunded := map[core.ID]int64{}
	for _, r := range refunds {
		if r.State == core.RefundSucceeded {
			refunded[r.PaymentID] += r.Amount.Minor
		}
	}
	for _, p := range payments {
		s := ledger[p.OrderNo]
		delete(ledger, p.OrderNo)
		if s.Pays > 1 || requests[p.OrderNo] > 1 {
			complain("order %s was charged %d times in %d requests", p.OrderNo, s.Pays, requests[p.OrderNo])
		}
		held := s.Paid - s.Reversed
		switch {
		case p.State == core.PaymentSucceeded && held != p.Amount.Minor:
			complain("order %s is paid here (%d fen) and the provider holds %d", p.OrderNo, p.Amount.Minor, held)
		case p.State != core.PaymentSucceeded && held != 0:
			complain("order %s is %s here and the provider holds %d fen", p.OrderNo, p.State, held)
		}
		if s.Refunded != refunded[p.ID] || p.Refunded != refunded[p.ID] || p.Reserved != 0 {
			complain("order %s: the provider gave back %d fen, refunds say %d, the payment %d with %d reserved", p.OrderNo, s.Refunded, refunded[p.ID], p.Refunded, p.Reserved)
		}
	}
	for order, s := range ledger {
		complain("the provider moved %d fen for order %s, which is not stored", s.Paid, order)
	}
	return out
}

// TestTheCheckerSeesEachViolation: a checker that has never failed proves nothing.
func TestTheCheckerSeesEachViolation(t *testing.T) {
	t.Parallel()
	id := core.NewID(time.Now())
	payment := core.Payment{ID: id, OrderNo: "1", Amount: core.Fen(100), State: core.PaymentSucceeded}
	refund := core.Refund{PaymentID: id, Amount: core.Fen(30), State: core.RefundSucceeded}
	good := shouqianba.Summary{OrderKey: orderKey("1"), Paid: 100, Pays: 1}
	tests := map[string]struct {
		p        core.Payment
		r        []core.Refund
		s        []shouqianba.Summary
		requests int
		want     int
	}{
		"agreement":          {p: payment, s: []shouqianba.Summary{good}, requests: 1},
		"charged twice":      {p: payment, s: []shouqianba.Summary{{OrderKey: orderKey("1"), Paid: 200, Pays: 2}}, requests: 2, want: 2},
		"sent twice":         {p: payment, s: []shouqianba.Summary{good}, requests: 2, want: 1},
		"failed but charged": {p: func() core.Payment { p := payment; p.State = core.PaymentFailed; return p }(), s: []shouqianba.Summary{good}, want: 1},
		"paid, not charged":  {p: payment, want: 1},
		"lost order":         {p: payment, s: []shouqianba.Summary{good, {OrderKey: orderKey("2"), Paid: 5, Pays: 1}}, want: 1},
		"refund not there":   {p: payment, r: []core.Refund{refund}, s: []shouqianba.Summary{good}, want: 1},
		"reservation left":   {p: func() core.Payment { p := payment; p.Reserved = 1; return p }(), s: []shouqianba.Summary{good}, want: 1},
	}
	for name, tt := range tests {
		ledger := map[string]shouqianba.Summary{}
		for _, s := range tt.s {
			ledger[s.Order] = s
		}
		if got := disagreements([]core.Payment{tt.p}, tt.r, ledger, map[string]int{"1": tt.requests}); len(got) != tt.want {
			t.Errorf("%s: %d complaints %v, want %d", name, len(got), got, tt.want)
		}
	}
}

func orderKey(order string) shouqianba.OrderKey { return shouqianba.Key("100000000000", order) }
