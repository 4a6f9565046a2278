package service

import (
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestJudgeDecidedRefund is what the provider's word does to a refund that people decided.
func TestJudgeDecidedRefund(t *testing.T) {
	t.Parallel()
	sentAt := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	decision := core.NewID(sentAt)
	sent := core.Exchange{Sent: core.SentMaybe}
	const query, inbound = core.CapQueryRefund, core.CapInbound
	for _, tt := range []struct {
		name    string
		op      core.Capability
		state   core.RefundState // as decided
		result  core.RefundResult
		after   time.Duration
		blurred bool
		vague   bool // the provider's answers do not decide
		want    core.RefundState
		ruling  core.ResolutionState
		asked   bool // again
	}{
		{name: "the provider says the same", op: query, state: core.RefundSucceeded, result: core.RefundResult{Outcome: core.OutcomeSucceeded, Exchange: sent}, want: core.RefundSucceeded, ruling: core.ResolutionConfirmed},
		{name: "it succeeded after all", op: query, state: core.RefundFailed, result: core.RefundResult{Outcome: core.OutcomeSucceeded, Exchange: sent}, want: core.RefundSucceeded, ruling: core.ResolutionCorrected},
		{name: "it failed after all", op: query, state: core.RefundSucceeded, result: core.RefundResult{Outcome: core.OutcomeFailed, Exchange: sent}, want: core.RefundFailed, ruling: core.ResolutionCorrected},
		{name: "a callback says so", op: inbound, state: core.RefundFailed, result: core.RefundResult{Outcome: core.OutcomeSucceeded, Exchange: sent}, want: core.RefundSucceeded, ruling: core.ResolutionCorrected},
		{name: "no clear answer", op: query, state: core.RefundFailed, result: core.RefundResult{Outcome: core.OutcomeUnknown, Exchange: sent}, want: core.RefundFailed, asked: true},
		{name: "still in progress", op: query, state: core.RefundSucceeded, result: core.RefundResult{Outcome: core.OutcomeInProgress, Exchange: sent}, want: core.RefundSucceeded, asked: true},
		{name: "the question was not sent", op: query, state: core.RefundSucceeded, result: core.RefundResult{Outcome: core.OutcomeFailed, Exchange: core.Exchange{Sent: core.SentNo}}, want: core.RefundSucceeded, asked: true},
		{name: "about another amount", op: query, state: core.RefundFailed, result: core.RefundResult{Outcome: core.OutcomeSucceeded, Amount: core.Fen(1), Exchange: sent}, want: core.RefundFailed, asked: true},
		{name: "not there, within the horizon", op: query, state: core.RefundSucceeded, after: time.Minute, result: core.RefundResult{Outcome: core.OutcomeNotFound, Exchange: sent}, want: core.RefundSucceeded, asked: true},
		{name: "not there, past the horizon", op: query, state: core.RefundSucceeded, after: time.Hour, result: core.RefundResult{Outcome: core.OutcomeNotFound, Exchange: sent}, want: core.RefundSucceeded, ruling: core.ResolutionDisputed},
		{name: "not there, as decided", op: query, state: core.RefundFailed, after: time.Hour, result: core.RefundResult{Outcome: core.OutcomeNotFound, Exchange: sent}, want: core.RefundFailed, ruling: core.ResolutionConfirmed},
		{name: "it says so, and cannot know", op: query, state: core.RefundFailed, vague: true, result: core.RefundResult{Outcome: core.OutcomeSucceeded, Exchange: sent}, want: core.RefundFailed, ruling: core.ResolutionDisputed},
		{name: "it agrees, and cannot know", op: query, state: core.RefundFailed, vague: true, result: core.RefundResult{Outcome: core.OutcomeFailed, Exchange: sent}, want: core.RefundFailed, ruling: core.ResolutionConfirmed},
		{name: "a callback about it knows", op: inbound, state: core.RefundFailed, vague: true, result: core.RefundResult{Outcome: core.OutcomeSucceeded, Exchange: sent}, want: core.RefundSucceeded, ruling: core.ResolutionCorrected},
		{name: "a later refund may be what it shows", op: query, state: core.RefundFailed, blurred: true, result: core.RefundResult{Outcome: core.OutcomeSucceeded, Exchange: sent}, want: core.RefundFailed},
		{name: "a late answer to the order is no evidence", op: core.CapCreateRefund, state: core.RefundFailed, result: core.RefundResult{Outcome: core.OutcomeSucceeded, Exchange: sent}, want: core.RefundFailed, asked: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := core.Refund{
				Amount: core.Fen(60), State: tt.state, CreatedAt: sentAt.Add(-48 * time.Hour), SentAt: sentAt, ApprovedAt: sentAt, ResolutionID: decision,
				NextCheckAt: sentAt.Add(time.Minute),
			}
			m := testManifest()
			m.Refund.Conclusive = !tt.vague
			c, err := testTables().judgeRefund(r, refundAnswer{
				operation: tt.op, started: sentAt.Add(tt.after), now: sentAt.Add(tt.after), result: tt.result, manifest: m, blurred: tt.blurred,
			})
			if err != nil {
				t.Fatal(err)
			}
			if c.refund.State != tt.want || c.ruling.state != tt.ruling || c.refund.NextCheckAt.IsZero() == tt.asked {
				t.Errorf("%s, ruling %q, next check %v", c.refund.State, c.ruling.state, c.refund.NextCheckAt)
			}
			ended := tt.ruling == core.ResolutionConfirmed || tt.ruling == core.ResolutionCorrected
			if c.refund.ResolutionID.IsZero() != ended {
				t.Errorf("the state stands on the decision: %v", !c.refund.ResolutionID.IsZero())
			}
		})
	}
}

// TestJudgeDecidedPayment is the same for a payment.
func TestJudgeDecidedPayment(t *testing.T) {
	t.Parallel()
	created := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	sent := core.Exchange{Sent: core.SentMaybe}
	for _, tt := range []struct {
		name    string
		state   core.PaymentState
		edit    func(*core.Payment)
		outcome core.Outcome
		want    core.PaymentState
		ruling  core.ResolutionState
		asked   bool
	}{
		{name: "paid, as decided", state: core.PaymentSucceeded, outcome: core.OutcomeSucceeded, want: core.PaymentSucceeded, ruling: core.ResolutionConfirmed},
		{name: "not paid, as decided", state: core.PaymentFailed, outcome: core.OutcomeCanceled, want: core.PaymentFailed, ruling: core.ResolutionConfirmed},
		{name: "paid after all", state: core.PaymentFailed, outcome: core.OutcomeSucceeded, want: core.PaymentSucceeded, ruling: core.ResolutionCorrected},
		{name: "not paid after all", state: core.PaymentSucceeded, outcome: core.OutcomeFailed, want: core.PaymentFailed, ruling: core.ResolutionCorrected},
		{name: "closed after all", state: core.PaymentSucceeded, outcome: core.OutcomeClosed, want: core.PaymentClosed, ruling: core.ResolutionCorrected},
		{name: "not paid, and given back meanwhile", state: core.PaymentSucceeded, edit: func(p *core.Payment) { p.Refunded = 40 }, outcome: core.OutcomeFailed, want: core.PaymentSucceeded, ruling: core.ResolutionDisputed},
		{name: "not paid, with a refund on its way", state: core.PaymentSucceeded, edit: func(p *core.Payment) { p.Reserved = 40 }, outcome: core.OutcomeFailed, want: core.PaymentSucceeded, ruling: core.ResolutionDisputed},
		{name: "the provider knows none", state: core.PaymentSucceeded, outcome: core.OutcomeNotFound, want: core.PaymentSucceeded, ruling: core.ResolutionDisputed},
		{name: "no clear answer to one decided paid", state: core.PaymentSucceeded, outcome: core.OutcomeUnknown, want: core.PaymentSucceeded, asked: true},
		{name: "no clear answer to one decided failed", state: core.PaymentFailed, outcome: core.OutcomeUnknown, want: core.PaymentFailed, asked: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := core.Payment{
				OrderNo: "26112300010000000001", Amount: core.Fen(100), State: tt.state, CreatedAt: created, ResolutionID: core.NewID(created),
				NextCheckAt: created.Add(time.Hour), SucceededAt: created,
			}
			if tt.edit != nil {
				tt.edit(&p)
			}
			c := testTables().judgePayment(p, paymentAnswer{
				operation: core.CapQueryPayment, started: created.Add(time.Hour), now: created.Add(time.Hour), manifest: testManifest(), callLimit: 30 * time.Second,
				result: core.PaymentResult{Outcome: tt.outcome, Exchange: sent},
			})
			if c.payment.State != tt.want || c.ruling.state != tt.ruling || c.payment.NextCheckAt.IsZero() == tt.asked || !c.payment.UnknownSince.IsZero() {
				t.Errorf("%s, ruling %q, next check %v", c.payment.State, c.ruling.state, c.payment.NextCheckAt)
			}
			if paid := c.payment.State == core.PaymentSucceeded; paid == c.payment.SucceededAt.IsZero() {
				t.Errorf("paid %v, at %v", paid, c.payment.SucceededAt)
			}
		})
	}
	// Without a decision behind it a paid order stays paid.
	c := testTables().judgePayment(core.Payment{Amount: core.Fen(100), State: core.PaymentSucceeded}, paymentAnswer{
		operation: core.CapQueryPayment, now: created, manifest: testManifest(), result: core.PaymentResult{Outcome: core.OutcomeFailed, Exchange: sent},
	})
	if c.payment.State != core.PaymentSucceeded || c.ruling.state != "" {
		t.Errorf("%s, ruling %q", c.payment.State, c.ruling.state)
	}
}

// TestAskingNeverEndsAndIsBounded: for a year the next question is at most six hours away,
// whatever the manifest says.
func TestAskingNeverEndsAndIsBounded(t *testing.T) {
	t.Parallel()
	created := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for name, poll := range map[string]core.PollSchedule{
		"of the documents": testManifest().Poll, "none": {}, "once a week": {Tail: []time.Duration{7 * 24 * time.Hour}}, "never": {Tail: []time.Duration{1 << 62}},
		"hammering": {Tail: []time.Duration{0}},
	} {
		for age := time.Duration(0); age < 365*24*time.Hour; age += 7 * time.Hour {
			wait := nextCheck(poll, created, created.Add(age), int(age/time.Hour)).Sub(created.Add(age))
			if wait < time.Second || wait > 6*time.Hour {
				t.Fatalf("%s: after %s the next question is %s away", name, age, wait)
			}
		}
	}
}

// TestJudgeDecidedPayout is the same for a payout.
func TestJudgeDecidedPayout(t *testing.T) {
	t.Parallel()
	sentAt := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	sent, unsent := core.Exchange{Sent: core.SentMaybe}, core.Exchange{Sent: core.SentNo}
	for _, tt := range []struct {
		name   string
		state  core.PayoutState
		result core.PayoutResult
		want   core.PayoutState
		ruling core.ResolutionState
	}{
		{"paid, as decided", core.PayoutSucceeded, core.PayoutResult{Outcome: core.OutcomeSucceeded, Exchange: sent}, core.PayoutSucceeded, core.ResolutionConfirmed},
		{"not paid, as decided", core.PayoutFailed, core.PayoutResult{Outcome: core.OutcomeFailed, Exchange: sent}, core.PayoutFailed, core.ResolutionConfirmed},
		{"paid after all", core.PayoutFailed, core.PayoutResult{Outcome: core.OutcomeSucceeded, Exchange: sent}, core.PayoutSucceeded, core.ResolutionCorrected},
		{"not paid after all", core.PayoutSucceeded, core.PayoutResult{Outcome: core.OutcomeFailed, Exchange: sent}, core.PayoutFailed, core.ResolutionCorrected},
		{"given back by the bank", core.PayoutSucceeded, core.PayoutResult{Outcome: core.OutcomeFailed, Returned: true, Exchange: sent}, core.PayoutReturned, core.ResolutionCorrected},
		{"the provider knows none", core.PayoutSucceeded, core.PayoutResult{Outcome: core.OutcomeNotFound, Exchange: sent}, core.PayoutSucceeded, core.ResolutionDisputed},
		{"no clear answer", core.PayoutFailed, core.PayoutResult{Outcome: core.OutcomeUnknown, Exchange: sent}, core.PayoutFailed, ""},
		{"in progress", core.PayoutFailed, core.PayoutResult{Outcome: core.OutcomeInProgress, Exchange: sent}, core.PayoutFailed, ""},
		{"the question was refused", core.PayoutFailed, core.PayoutResult{Outcome: core.OutcomeRefused, Exchange: sent}, core.PayoutFailed, ""},
		{"the question was not sent", core.PayoutSucceeded, core.PayoutResult{Outcome: core.OutcomeUnknown, Exchange: unsent}, core.PayoutSucceeded, ""},
		{"about another amount", core.PayoutFailed, core.PayoutResult{Outcome: core.OutcomeSucceeded, Amount: core.Fen(1), Exchange: sent}, core.PayoutFailed, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := core.Payout{Amount: core.Fen(100), State: tt.state, SentAt: sentAt, FinishedAt: sentAt, ResolutionID: core.NewID(sentAt), NextCheckAt: sentAt}
			s := testTables()
			s.payouts = core.PayoutTransitions()
			c, err := s.judgePayout(p, payoutAnswer{
				operation: core.CapQueryPayout, started: sentAt.Add(time.Hour), now: sentAt.Add(time.Hour), result: tt.result, manifest: testManifest(),
			})
			if err != nil {
				t.Fatal(err)
			}
			asked, stands := !c.payout.NextCheckAt.IsZero(), !c.payout.ResolutionID.IsZero()
			if c.payout.State != tt.want || c.ruling.state != tt.ruling || !c.payout.UnknownSince.IsZero() || c.payout.SentAt != sentAt {
				t.Errorf("%s, ruling %q", c.payout.State, c.ruling.state)
			}
			if stands != (tt.ruling == "" || tt.ruling == core.ResolutionDisputed) || tt.ruling == "" && !asked {
				t.Errorf("stands on the decision %v, asked again %v", stands, asked)
			}
		})
	}
}
