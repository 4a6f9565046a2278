package service

import (
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func testTables() *Service {
	return &Service{payments: core.PaymentTransitions(), refunds: core.RefundTransitions(), payouts: core.PayoutTransitions()}
}

func testManifest() core.Manifest {
	return core.Manifest{
		Grants: map[core.Capability]core.Grant{core.CapQueryPayment: {}, core.CapCancelPayment: {}, core.CapQueryRefund: {}},
		Poll: core.PollSchedule{
			Fast: []time.Duration{3 * time.Second, 5 * time.Second}, Window: time.Minute,
			Tail: []time.Duration{5 * time.Minute, time.Hour}, Horizon: 10 * time.Minute,
		},
	}
}

// TestJudgePayment is the table of what an answer does to a payment. Unknown is never
// failed, and only a listed correction leaves a final state.
func TestJudgePayment(t *testing.T) {
	t.Parallel()
	created := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	sent := core.Exchange{Sent: core.SentMaybe}
	const create, query, cancel = core.CapCreatePayment, core.CapQueryPayment, core.CapCancelPayment
	tests := []struct {
		name    string
		op      core.Capability
		state   core.PaymentState
		edit    func(p *core.Payment)
		result  core.PaymentResult
		after   time.Duration
		want    core.PaymentState
		unknown bool
		confirm bool
		cancel  bool
		failure string
	}{
		{name: "paid at once", op: create, result: core.PaymentResult{Outcome: core.OutcomeSucceeded, Exchange: sent}, want: core.PaymentSucceeded},
		{name: "said to have failed", op: create, result: core.PaymentResult{Outcome: core.OutcomeFailed, Exchange: sent}, want: core.PaymentFailed, failure: failureProvider},
		{name: "silence", op: create, result: core.PaymentResult{Outcome: core.OutcomeUnknown, Exchange: sent}, want: core.PaymentProcessing, unknown: true},
		{name: "no outcome at all", op: create, result: core.PaymentResult{}, want: core.PaymentProcessing, unknown: true},
		{name: "nothing left", op: create, result: core.PaymentResult{Outcome: core.OutcomeUnknown, Exchange: core.Exchange{Sent: core.SentNo}}, want: core.PaymentFailed, failure: failureNotSent},
		{name: "a query that was not sent", op: query, result: core.PaymentResult{Outcome: core.OutcomeUnknown, Exchange: core.Exchange{Sent: core.SentNo}}, want: core.PaymentProcessing},
		{name: "refused: looked for before it is believed", op: create, result: core.PaymentResult{Outcome: core.OutcomeRefused, Exchange: sent}, want: core.PaymentProcessing, confirm: true},
		{name: "refused and not there", op: query, edit: func(p *core.Payment) { p.RefusedAt = created }, result: core.PaymentResult{Outcome: core.OutcomeNotFound, Exchange: sent}, want: core.PaymentFailed, failure: failureRefused},
		{name: "refused and yet paid", op: query, edit: func(p *core.Payment) { p.RefusedAt = created }, result: core.PaymentResult{Outcome: core.OutcomeSucceeded, Exchange: sent}, want: core.PaymentSucceeded},
		{name: "not there yet", op: query, after: time.Minute, result: core.PaymentResult{Outcome: core.OutcomeNotFound, Exchange: sent}, want: core.PaymentProcessing, unknown: true},
		{name: "not there past the horizon", op: query, after: 10 * time.Minute, result: core.PaymentResult{Outcome: core.OutcomeNotFound, Exchange: sent}, want: core.PaymentFailed, failure: failureNotReceived},
		{name: "in doubt past the horizon", op: query, after: 100 * time.Hour, result: core.PaymentResult{Outcome: core.OutcomeUnknown, Exchange: sent}, want: core.PaymentProcessing, unknown: true},
		{name: "a QR code to show", op: create, result: core.PaymentResult{Outcome: core.OutcomeInProgress, NextAction: &core.NextAction{Type: "show_qr"}, Exchange: sent}, want: core.PaymentRequiresAction},
		{name: "another amount", op: query, result: core.PaymentResult{Outcome: core.OutcomeSucceeded, Amount: core.Fen(1), Exchange: sent}, want: core.PaymentProcessing, unknown: true},
		{name: "another order", op: query, result: core.PaymentResult{Outcome: core.OutcomeSucceeded, OrderNo: "other", Exchange: sent}, want: core.PaymentProcessing, unknown: true},
		{name: "a refused query leaves the doubt", op: query, edit: func(p *core.Payment) { p.UnknownSince = created }, result: core.PaymentResult{Outcome: core.OutcomeRefused, Exchange: sent}, want: core.PaymentProcessing, unknown: true},
		{name: "the order and the question about it refused", op: query, edit: func(p *core.Payment) { p.RefusedAt = created }, result: core.PaymentResult{Outcome: core.OutcomeRefused, Exchange: sent}, want: core.PaymentProcessing, unknown: true},
		{name: "open again after doubt", op: query, edit: func(p *core.Payment) { p.UnknownSince = created }, result: core.PaymentResult{Outcome: core.OutcomeInProgress, Exchange: sent}, want: core.PaymentProcessing},
		{name: "nobody paid in time", op: query, after: time.Minute, edit: func(p *core.Payment) { p.CancelAt = created.Add(50 * time.Second) }, result: core.PaymentResult{Outcome: core.OutcomeInProgress, Exchange: sent}, want: core.PaymentProcessing, cancel: true},
		{name: "in doubt at the provider is not canceled", op: query, after: time.Minute, edit: func(p *core.Payment) { p.CancelAt = created.Add(50 * time.Second) }, result: core.PaymentResult{Outcome: core.OutcomeUnknown, Exchange: sent}, want: core.PaymentProcessing, unknown: true},
		{name: "canceled once only", op: query, after: time.Minute, edit: func(p *core.Payment) {
			p.CancelAt, p.CancelSentAt = created.Add(50*time.Second), created.Add(55*time.Second)
		}, result: core.PaymentResult{Outcome: core.OutcomeInProgress, Exchange: sent}, want: core.PaymentProcessing},
		{name: "taken back", op: cancel, result: core.PaymentResult{Outcome: core.OutcomeSucceeded, Exchange: sent}, want: core.PaymentCanceled},
		{name: "cancel refused", op: cancel, result: core.PaymentResult{Outcome: core.OutcomeRefused, Exchange: sent}, want: core.PaymentProcessing},
		{name: "cancel in doubt", op: cancel, result: core.PaymentResult{Outcome: core.OutcomeUnknown, Exchange: sent}, want: core.PaymentProcessing, unknown: true},
		{name: "paid while a cancel was under way", op: query, after: 20 * time.Second, edit: func(p *core.Payment) { p.CancelSentAt = created.Add(10 * time.Second) }, result: core.PaymentResult{Outcome: core.OutcomeSucceeded, Exchange: sent}, want: core.PaymentProcessing, unknown: true},
		{name: "paid although canceled: a correction", op: query, state: core.PaymentCanceled, result: core.PaymentResult{Outcome: core.OutcomeSucceeded, Exchange: sent}, want: core.PaymentSucceeded},
		{name: "a paid order is never un-paid by a query", op: query, state: core.PaymentSucceeded, result: core.PaymentResult{Outcome: core.OutcomeFailed, Exchange: sent}, want: core.PaymentSucceeded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := core.Payment{OrderNo: "26112300010000000001", Amount: core.Fen(100), State: core.PaymentProcessing, CreatedAt: created}
			if tt.state != "" {
				p.State = tt.state
			}
			if tt.edit != nil {
				tt.edit(&p)
			}
			c := testTables().judgePayment(p, paymentAnswer{
				operation: tt.op, started: created.Add(tt.after), now: created.Add(tt.after), result: tt.result,
				manifest: testManifest(), callLimit: 30 * time.Second,
			})
			got := c.payment
			if got.State != tt.want || got.UnknownSince.IsZero() == tt.unknown || c.confirm != tt.confirm || c.cancel != tt.cancel || got.FailureCode != tt.failure {
				t.Errorf("state %s, unknown %v (%s), confirm %v, cancel %v, failure %q", got.State, !got.UnknownSince.IsZero(), got.UnknownReason, c.confirm, c.cancel, got.FailureCode)
			}
			open := got.State == core.PaymentProcessing || got.State == core.PaymentRequiresAction
			if open == got.NextCheckAt.IsZero() {
				t.Errorf("%s is asked again at %v", got.State, got.NextCheckAt)
			}
		})
	}
}

func TestJudgeRefund(t *testing.T) {
	t.Parallel()
	created := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	sent := core.Exchange{Sent: core.SentMaybe}
	const create, query = core.CapCreateRefund, core.CapQueryRefund
	tests := []struct {
		name    string
		op      core.Capability
		state   core.RefundState
		refused bool
		result  core.RefundResult
		after   time.Duration
		want    core.RefundState
		unknown bool
		settled bool
		confirm bool
	}{
		{name: "given back", op: create, result: core.RefundResult{Outcome: core.OutcomeSucceeded, Exchange: sent}, want: core.RefundSucceeded, settled: true},
		{name: "failed", op: create, result: core.RefundResult{Outcome: core.OutcomeFailed, Exchange: sent}, want: core.RefundFailed, settled: true},
		{name: "silence keeps the reservation", op: create, result: core.RefundResult{Outcome: core.OutcomeUnknown, Exchange: sent}, want: core.RefundProcessing, unknown: true},
		{name: "accepted is not refunded", op: create, result: core.RefundResult{Outcome: core.OutcomeInProgress, Exchange: sent}, want: core.RefundProcessing},
		{name: "nothing left", op: create, result: core.RefundResult{Outcome: core.OutcomeUnknown, Exchange: core.Exchange{Sent: core.SentNo}}, want: core.RefundFailed, settled: true},
		{name: "refused", op: create, result: core.RefundResult{Outcome: core.OutcomeRefused, Exchange: sent}, want: core.RefundProcessing, confirm: true},
		{name: "refused and not there", op: query, refused: true, result: core.RefundResult{Outcome: core.OutcomeNotFound, Exchange: sent}, want: core.RefundFailed, settled: true},
		{name: "the refund and the question about it refused", op: query, refused: true, result: core.RefundResult{Outcome: core.OutcomeRefused, Exchange: sent}, want: core.RefundProcessing, unknown: true},
		{name: "not there yet", op: query, after: time.Minute, result: core.RefundResult{Outcome: core.OutcomeNotFound, Exchange: sent}, want: core.RefundProcessing, unknown: true},
		{name: "not there past the horizon", op: query, after: time.Hour, result: core.RefundResult{Outcome: core.OutcomeNotFound, Exchange: sent}, want: core.RefundFailed, settled: true},
		{name: "in doubt past the horizon", op: query, after: 100 * time.Hour, result: core.RefundResult{Outcome: core.OutcomeUnknown, Exchange: sent}, want: core.RefundProcessing, unknown: true},
		{name: "another amount", op: query, result: core.RefundResult{Outcome: core.OutcomeSucceeded, Amount: core.Fen(1), Exchange: sent}, want: core.RefundProcessing, unknown: true},
		{name: "final stays final", op: query, state: core.RefundFailed, result: core.RefundResult{Outcome: core.OutcomeSucceeded, Exchange: sent}, want: core.RefundFailed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := core.Refund{Amount: core.Fen(60), State: core.RefundProcessing, CreatedAt: created}
			if tt.state != "" {
				r.State = tt.state
			}
			if tt.refused {
				r.RefusedAt = created
			}
			c, err := testTables().judgeRefund(r, refundAnswer{
				operation: tt.op, started: created.Add(tt.after), now: created.Add(tt.after), result: tt.result, manifest: testManifest(),
			})
			if err != nil {
				t.Fatal(err)
			}
			if c.refund.State != tt.want || c.refund.UnknownSince.IsZero() == tt.unknown || c.settled != tt.settled || c.confirm != tt.confirm {
				t.Errorf("state %s, unknown %v, settled %v, confirm %v", c.refund.State, !c.refund.UnknownSince.IsZero(), c.settled, c.confirm)
			}
		})
	}
}

// TestTheReasonOfARefusalStays: the question that confirms it says that there is nothing, which is no reason.
func TestTheReasonOfARefusalStays(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	why, none := core.ProviderText{Code: "POOR", Message: "balance too low"}, core.ProviderText{Code: "OK", Message: "no such order"}
	paid := core.ProviderText{Code: "OK", Message: "done"}
	sent := core.Exchange{Sent: core.SentMaybe}
	for _, tt := range []struct {
		name    string
		outcome core.Outcome
		before  core.ProviderText
		says    core.ProviderText
		refused bool
		want    core.ProviderText
	}{
		{"refused, and not there", core.OutcomeNotFound, why, none, true, why},
		{"refused without a word, and not there", core.OutcomeNotFound, core.ProviderText{}, none, true, none},
		{"not refused, and not there", core.OutcomeNotFound, why, none, false, none},
		{"refused, and yet done", core.OutcomeSucceeded, why, paid, true, paid},
		{"silence", core.OutcomeUnknown, why, core.ProviderText{}, false, why},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var refused time.Time
			if tt.refused {
				refused = at
			}
			p := core.Payment{Amount: core.Fen(100), State: core.PaymentProcessing, CreatedAt: at, RefusedAt: refused, Provided: tt.before}
			payment := testTables().judgePayment(p, paymentAnswer{
				operation: core.CapQueryPayment, started: at, now: at, manifest: testManifest(), callLimit: time.Minute,
				result: core.PaymentResult{Outcome: tt.outcome, Exchange: sent, Provider: tt.says},
			})
			r := core.Refund{Amount: core.Fen(60), State: core.RefundProcessing, CreatedAt: at, RefusedAt: refused, Provided: tt.before}
			refund, err := testTables().judgeRefund(r, refundAnswer{
				operation: core.CapQueryRefund, started: at, now: at, manifest: testManifest(),
				result: core.RefundResult{Outcome: tt.outcome, Exchange: sent, Provider: tt.says},
			})
			if err != nil {
				t.Fatal(err)
			}
			out := core.Payout{RefusedAt: refused, Provided: tt.before}
			payoutAnswer{result: core.PayoutResult{Outcome: tt.outcome, Exchange: sent, Provider: tt.says}}.note(&out)
			if payment.payment.Provided != tt.want || refund.refund.Provided != tt.want || out.Provided != tt.want {
				t.Errorf("a payment says %v, a refund %v, a payout %v, want %v", payment.payment.Provided, refund.refund.Provided, out.Provided, tt.want)
			}
		})
	}
}

func TestTheScheduleNeverEnds(t *testing.T) {
	t.Parallel()
	created, poll := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), testManifest().Poll
	for _, tt := range []struct {
		age    time.Duration
		checks int
		want   time.Duration
	}{
		{0, 0, 3 * time.Second},
		{10 * time.Second, 5, 5 * time.Second},
		{time.Minute, 9, 5 * time.Minute},
		{7 * time.Minute, 12, time.Hour},
		{1000 * time.Hour, 999, time.Hour},
	} {
		now := created.Add(tt.age)
		if got := nextCheck(poll, created, now, tt.checks).Sub(now); got != tt.want {
			t.Errorf("at the age of %v: asked again after %v, want %v", tt.age, got, tt.want)
		}
	}
	if got := nextCheck(core.PollSchedule{}, created, created, 0); !got.After(created) {
		t.Error("a manifest without a schedule is never asked again")
	}
	hasty := core.PollSchedule{Fast: []time.Duration{0}, Window: time.Minute, Tail: []time.Duration{-time.Hour}}
	for _, age := range []time.Duration{0, time.Hour} {
		if got := nextCheck(hasty, created, created.Add(age), 3).Sub(created.Add(age)); got < time.Second {
			t.Errorf("a manifest that leaves no time is asked again after %v", got)
		}
	}
}
