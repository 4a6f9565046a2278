package check_test

import (
	"slices"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/check"
)

// sound is evidence of a run in which everything went well: a payment with a refund, one
// that failed, a refund that its provider cannot be asked about, a payout.
func sound() check.Evidence {
	return check.Evidence{
		Operations: []check.Operation{
			{Key: "a", Kind: check.Payment, Amount: 100, Told: []check.Reply{{Object: "pay_1", State: "processing"}, {Object: "pay_1", State: "succeeded", Final: true}}},
			{Key: "b", Kind: check.Payment, Amount: 50, Told: []check.Reply{{Object: "pay_2", State: "failed", Final: true}}},
			{Key: "c", Kind: check.Refunds, Amount: 60, Told: []check.Reply{{Object: "ref_1", State: "succeeded", Final: true}}},
			{Key: "d", Kind: check.Refunds, Amount: 40}, // nobody was told anything
			{Key: "e", Kind: check.Payouts, Amount: 7, Told: []check.Reply{{Object: "po_1", State: "succeeded", Final: true}}},
		},
		Orders: []check.Order{
			{ID: "pay_1", OrderNo: "1", Mark: "a", State: "succeeded", Amount: 100, Refunded: 60, Reserved: 40},
			{ID: "pay_2", OrderNo: "2", Mark: "b", State: "failed", Amount: 50},
		},
		Refunds: []check.Refund{
			{ID: "ref_1", Payment: "pay_1", RefundNo: "r1", Mark: "c", State: "succeeded", Amount: 60},
			{ID: "ref_2", Payment: "pay_1", RefundNo: "r2", Mark: "d", State: "processing", Amount: 40, Unknown: true},
			{ID: "ref_3", Payment: "pay_1", RefundNo: "r3", Mark: "f", State: "failed", Amount: 60},
		},
		Payouts: []check.Payout{{ID: "po_1", PayoutNo: "p1", Mark: "e", State: "succeeded", Amount: 7}},
		Movements: []check.Movement{
			{Order: "1", Kind: "pay", Amount: 100},
			{Order: "1", Request: "r1", Kind: "refund", Amount: 60},
			{Order: "2", Kind: "pay", Amount: 50},
			{Order: "2", Kind: "reversal", Amount: 50},
			{Order: "p1", Kind: "payout", Amount: 7},
		},
		Looks: 9,
		Steps: []check.Step{
			{Object: "pay_1", State: "processing"},
			{Object: "pay_1", State: "succeeded"},
			{Object: "pay_2", State: "processing"},
			{Object: "pay_2", State: "failed"},
		},
		Deliveries:  []check.Delivery{{Event: "evt_1", Type: "payment.succeeded", Times: 1}, {Event: "evt_2", Type: "refund.succeeded", Times: 2}},
		Chains:      []check.Chain{{Tenant: "mk00", Rows: 5}},
		Replies:     3,
		Processes:   []check.Process{{PID: 1, Name: "plugin"}},
		Descriptors: []check.Descriptors{{Node: "node 1", Before: 40, After: 44}},
		Searched:    []check.Searched{{Where: "node-1.log", Bytes: 2048}},
	}
}

// TestTheCheckersSeeEachBrokenTwin: a checker that has never failed proves nothing. Each
// twin breaks one invariant, and exactly that is seen.
func TestTheCheckersSeeEachBrokenTwin(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		twin  func(e *check.Evidence)
		wants []string
	}{
		{"nothing", func(*check.Evidence) {}, nil},
		{"charged twice", func(e *check.Evidence) { e.Movements = append(e.Movements, check.Movement{Order: "1", Kind: "pay"}) }, []string{"I1"}},
		{"given back twice", func(e *check.Evidence) {
			e.Movements = append(e.Movements, check.Movement{Order: "1", Request: "r1", Kind: "refund"})
		}, []string{"I1"}},
		{"paid out twice", func(e *check.Evidence) {
			e.Movements = append(e.Movements, check.Movement{Order: "p1", Kind: "payout"})
		}, []string{"I1"}},
		{"paid out again under another number", func(e *check.Evidence) {
			e.Payouts = append(e.Payouts, check.Payout{ID: "po_2", PayoutNo: "p2", Mark: "e", State: "succeeded", Amount: 7})
			e.Movements = append(e.Movements, check.Movement{Order: "p2", Kind: "payout", Amount: 7})
		}, []string{"I1"}},
		{"sent again under another number", func(e *check.Evidence) {
			e.Orders = append(e.Orders, check.Order{ID: "pay_3", OrderNo: "3", Mark: "a", State: "succeeded", Amount: 100})
			e.Movements = append(e.Movements, check.Movement{Order: "3", Kind: "pay", Amount: 100})
		}, []string{"I1"}},
		{"one key, two answers", func(e *check.Evidence) {
			e.Operations[1].Told = append(e.Operations[1].Told, check.Reply{Object: "pay_1", State: "processing"})
		}, []string{"I1"}},
		{"an order nobody knows", func(e *check.Evidence) {
			e.Movements = append(e.Movements, check.Movement{Order: "9", Kind: "pay", Amount: 1})
		}, []string{"I1"}},
		{"a refund nobody knows", func(e *check.Evidence) {
			e.Movements = append(e.Movements, check.Movement{Order: "1", Request: "r9", Kind: "refund"})
		}, []string{"I1"}},

		{"overdrawn while it ran", func(e *check.Evidence) {
			e.Overdrawn = []check.Overdrawn{{Payment: "pay_1", Paid: 100, Committed: 120}}
		}, []string{"I2"}},
		{"a reservation released twice", func(e *check.Evidence) { e.Orders[0].Reserved = 0 }, []string{"I2"}},
		{"more promised than paid", func(e *check.Evidence) { e.Orders[0].Reserved, e.Refunds[1].Amount = 60, 60 }, []string{"I2"}},
		{"nobody looked", func(e *check.Evidence) { e.Looks = 0 }, []string{"I2"}},

		{"an acknowledged row is gone", func(e *check.Evidence) { e.Refunds[0].ID = "ref_9" }, []string{"I3"}},
		{"another amount", func(e *check.Evidence) { e.Operations[0].Amount = 101 }, []string{"I3"}},

		{"failed while the provider has the money", func(e *check.Evidence) {
			e.Movements = slices.DeleteFunc(e.Movements, func(m check.Movement) bool { return m.Kind == "reversal" })
		}, []string{"I4"}},
		{"succeeded without the money", func(e *check.Evidence) { e.Movements[0].Amount = 99 }, []string{"I4"}},
		{"open though it can be asked", func(e *check.Evidence) { e.Refunds[1].Due = true }, []string{"I4"}},
		{"a payment still open", func(e *check.Evidence) {
			e.Orders = append(e.Orders, check.Order{ID: "pay_3", OrderNo: "3", State: "processing", Amount: 1, Unknown: true})
		}, []string{"I4"}},
		{"a failed refund that was given back", func(e *check.Evidence) { e.Movements[1].Request = "r3" }, []string{"I4"}},
		{"a payout still open", func(e *check.Evidence) {
			e.Payouts = append(e.Payouts, check.Payout{ID: "po_2", PayoutNo: "p2", State: "in_review", Amount: 7})
		}, []string{"I4"}},
		{"returned while the payee has it", func(e *check.Evidence) {
			e.Payouts = append(e.Payouts, check.Payout{ID: "po_2", PayoutNo: "p2", Mark: "g", State: "returned", Amount: 7})
			e.Movements = append(e.Movements, check.Movement{Order: "p2", Kind: "payout", Amount: 7})
		}, []string{"I4"}},

		{"a final state changed", func(e *check.Evidence) {
			e.Steps = slices.Insert(e.Steps, 2, check.Step{Object: "pay_1", State: "failed"}, check.Step{Object: "pay_1", State: "succeeded", Corrected: true})
		}, []string{"I5"}},
		{"a correction without evidence", func(e *check.Evidence) {
			e.Steps = append(e.Steps, check.Step{Object: "pay_2", State: "succeeded"}, check.Step{Object: "pay_2", State: "failed"})
		}, []string{"I5"}},
		{"changed past the outbox", func(e *check.Evidence) { e.Steps[3].State = "closed" }, []string{"I5"}},
		{"told one thing, stored another", func(e *check.Evidence) { e.Operations[1].Told[0].State = "succeeded" }, []string{"I5"}},

		{"an event skipped", func(e *check.Evidence) { e.Deliveries[0].Times = 0 }, []string{"I6"}},
		{"no event at all", func(e *check.Evidence) { e.Deliveries = nil }, []string{"I6"}},
		{"an audit row edited", func(e *check.Evidence) { e.Chains[0].Broken = "the row was changed" }, []string{"I7"}},
		{"an audit row outside the chain", func(e *check.Evidence) { e.Chains[0].Unsealed = 1 }, []string{"I7"}},
		{"another tenant's mark", func(e *check.Evidence) { e.Sightings = []check.Sighting{{Reader: "mk00", Mark: "mk01-000001"}} }, []string{"I8"}},
		{"an orphan", func(e *check.Evidence) { e.Processes[0].Alive = true }, []string{"I9"}},
		{"growing descriptors", func(e *check.Evidence) { e.Descriptors[0].After = 80 }, []string{"I9"}},
		{"a secret in a log", func(e *check.Evidence) { e.Leaks = []check.Leak{{Secret: "an API key", Where: "node-1.log"}} }, []string{"I10"}},
		{"an empty log", func(e *check.Evidence) { e.Searched[0].Bytes = 0 }, []string{"I10"}},
	}
	seen := map[string]bool{}
	for _, tt := range tests {
		e := sound()
		tt.twin(&e)
		got := check.Violated(check.All(e))
		if !slices.Equal(got, tt.wants) {
			t.Errorf("%s: the checkers see %v, want %v: %v", tt.name, got, tt.wants, check.All(e))
		}
		for _, invariant := range got {
			seen[invariant] = true
		}
	}
	if len(seen) != len(check.All(check.Evidence{})) {
		t.Errorf("only %d invariants have a twin: %v", len(seen), seen)
	}
}

// TestListedCorrectionsAreAllowed: what core lists as a correction is no violation when its evidence is told.
func TestListedCorrectionsAreAllowed(t *testing.T) {
	t.Parallel()
	e := sound()
	e.Steps = append(e.Steps, check.Step{Object: "pay_2", State: "succeeded", Corrected: true})
	e.Orders[1].State = "succeeded"
	e.Movements = slices.DeleteFunc(e.Movements, func(m check.Movement) bool { return m.Kind == "reversal" })
	if got := check.Violated(check.All(e)); got != nil {
		t.Errorf("a listed correction violates %v: %v", got, check.All(e))
	}
}
