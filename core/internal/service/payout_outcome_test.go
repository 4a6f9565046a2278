package service

import (
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestJudgePayout is the table of what an answer does to a payout: unknown is never failed,
// and the one correction is the bank's return.
func TestJudgePayout(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	maybe, no := core.Exchange{Sent: core.SentMaybe}, core.Exchange{Sent: core.SentNo}
	const create, query = core.CapCreatePayout, core.CapQueryPayout
	type result = core.PayoutResult
	refused := func(p *core.Payout) { p.RefusedAt = began }
	doubted := func(p *core.Payout) { p.UnknownSince, p.UnknownReason = began, doubtAnswer }
	ended := func(state core.PayoutState, failure string) func(*core.Payout) {
		return func(p *core.Payout) { p.State, p.FailureCode, p.FinishedAt = state, failure, began.Add(time.Minute) }
	}
	for _, tt := range []struct {
		name    string
		op      core.Capability
		edit    func(*core.Payout)
		result  result
		after   time.Duration
		want    core.PayoutState
		failure string
		unknown string
		confirm bool
		event   string
		opens   bool // a case
		again   bool // it is due again
	}{
		{name: "paid at once", op: create, result: result{Outcome: core.OutcomeSucceeded, Exchange: maybe}, want: core.PayoutSucceeded, event: "payout.succeeded", again: true},
		{name: "taken", op: create, result: result{Outcome: core.OutcomeInProgress, Exchange: maybe}, want: core.PayoutProcessing, again: true},
		{name: "in review", op: query, result: result{Outcome: core.OutcomeInProgress, InReview: true, Exchange: maybe}, want: core.PayoutInReview, event: "payout.in_review", again: true},
		{name: "reviewed", op: query, edit: func(p *core.Payout) { p.State = core.PayoutInReview }, result: result{Outcome: core.OutcomeInProgress, Exchange: maybe}, want: core.PayoutProcessing, event: "payout.processing", again: true},
		{name: "failed by the bank", op: query, result: result{Outcome: core.OutcomeFailed, Exchange: maybe}, want: core.PayoutFailed, failure: failureProvider, event: "payout.failed"},
		{name: "given back before anybody saw it paid", op: query, result: result{Outcome: core.OutcomeFailed, Returned: true, Exchange: maybe}, want: core.PayoutReturned, failure: failureReturned, event: "payout.returned"},
		{name: "silence", op: create, result: result{Outcome: core.OutcomeUnknown, Exchange: maybe}, want: core.PayoutProcessing, unknown: doubtAnswer, event: "payout.unknown", again: true},
		{name: "no outcome at all", op: create, result: result{}, want: core.PayoutProcessing, unknown: doubtAnswer, event: "payout.unknown", again: true},
		{name: "in doubt for a hundred days", op: query, after: 2400 * time.Hour, edit: doubted, result: result{Outcome: core.OutcomeUnknown, Exchange: maybe}, want: core.PayoutProcessing, unknown: doubtAnswer, again: true},
		{name: "the doubt is over", op: query, edit: doubted, result: result{Outcome: core.OutcomeInProgress, Exchange: maybe}, want: core.PayoutProcessing, again: true},
		{name: "nothing left", op: create, result: result{Outcome: core.OutcomeUnknown, Exchange: no}, want: core.PayoutFailed, failure: failureNotSent, event: "payout.failed"},
		{name: "a question that was not sent", op: query, result: result{Outcome: core.OutcomeUnknown, Exchange: no}, want: core.PayoutProcessing, again: true},
		{name: "refused: looked for before it is believed", op: create, result: result{Outcome: core.OutcomeRefused, Exchange: maybe}, want: core.PayoutProcessing, confirm: true, again: true},
		{name: "refused and not there", op: query, edit: refused, result: result{Outcome: core.OutcomeNotFound, Exchange: maybe}, want: core.PayoutFailed, failure: failureRefused, event: "payout.failed", again: true},
		{name: "refused and yet paid", op: query, edit: refused, result: result{Outcome: core.OutcomeSucceeded, Exchange: maybe}, want: core.PayoutSucceeded, event: "payout.succeeded", again: true},
		{name: "the payout and the question about it refused", op: query, edit: refused, result: result{Outcome: core.OutcomeRefused, Exchange: maybe}, want: core.PayoutProcessing, unknown: doubtRefused, event: "payout.unknown", again: true},
		{name: "not there yet", op: query, after: 9 * time.Minute, result: result{Outcome: core.OutcomeNotFound, Exchange: maybe}, want: core.PayoutProcessing, unknown: doubtAbsent, event: "payout.unknown", again: true},
		{name: "not there past the horizon", op: query, after: 10 * time.Minute, result: result{Outcome: core.OutcomeNotFound, Exchange: maybe}, want: core.PayoutFailed, failure: failureNotReceived, event: "payout.failed", again: true},
		{name: "not known, says the answer to the payout itself", op: create, after: time.Hour, result: result{Outcome: core.OutcomeNotFound, Exchange: maybe}, want: core.PayoutProcessing, unknown: doubtAbsent, event: "payout.unknown", again: true},
		{name: "another amount", op: query, result: result{Outcome: core.OutcomeSucceeded, Amount: core.Fen(1), Exchange: maybe}, want: core.PayoutProcessing, unknown: doubtOtherAmount, event: "payout.unknown", opens: true, again: true},
		{name: "another currency", op: query, result: result{Outcome: core.OutcomeSucceeded, Amount: core.Money{Minor: 100, Currency: "USD"}, Exchange: maybe}, want: core.PayoutProcessing, unknown: doubtOtherAmount, event: "payout.unknown", opens: true, again: true},
		{name: "another payout", op: query, result: result{Outcome: core.OutcomeFailed, OrderNo: "other", Exchange: maybe}, want: core.PayoutProcessing, unknown: doubtOtherOrder, event: "payout.unknown", opens: true, again: true},
		{name: "another number of the provider's", op: query, edit: func(p *core.Payout) { p.ProviderPayoutNo = "B1" }, result: result{Outcome: core.OutcomeSucceeded, ProviderOrderNo: "B2", Exchange: maybe}, want: core.PayoutProcessing, unknown: doubtOtherNumber, event: "payout.unknown", opens: true, again: true},
		{name: "given back after it was paid", op: query, after: time.Hour, edit: ended(core.PayoutSucceeded, ""), result: result{Outcome: core.OutcomeFailed, Returned: true, Exchange: maybe}, want: core.PayoutReturned, failure: failureReturned, event: "payout.returned"},
		{name: "still paid", op: query, after: time.Hour, edit: ended(core.PayoutSucceeded, ""), result: result{Outcome: core.OutcomeSucceeded, Exchange: maybe}, want: core.PayoutSucceeded, again: true},
		{name: "paid, and a week is over", op: query, after: 170 * time.Hour, edit: ended(core.PayoutSucceeded, ""), result: result{Outcome: core.OutcomeSucceeded, Exchange: maybe}, want: core.PayoutSucceeded},
		{name: "paid, and then failed: no listed correction", op: query, after: time.Hour, edit: ended(core.PayoutSucceeded, ""), result: result{Outcome: core.OutcomeFailed, Exchange: maybe}, want: core.PayoutSucceeded, event: "payout.disagrees", opens: true},
		{name: "not received, and yet paid", op: query, after: time.Hour, edit: ended(core.PayoutFailed, failureNotReceived), result: result{Outcome: core.OutcomeSucceeded, Exchange: maybe}, want: core.PayoutFailed, failure: failureNotReceived, event: "payout.disagrees", opens: true},
		{name: "an old answer after the return", op: query, edit: ended(core.PayoutReturned, failureReturned), result: result{Outcome: core.OutcomeSucceeded, Exchange: maybe}, want: core.PayoutReturned, failure: failureReturned},
		{name: "no clear answer after it was paid", op: query, after: time.Hour, edit: ended(core.PayoutSucceeded, ""), result: result{Outcome: core.OutcomeUnknown, Exchange: maybe}, want: core.PayoutSucceeded, again: true},
		{name: "a late answer to the payout does not correct", op: create, after: time.Hour, edit: ended(core.PayoutSucceeded, ""), result: result{Outcome: core.OutcomeFailed, Returned: true, Exchange: maybe}, want: core.PayoutSucceeded, event: "payout.disagrees", opens: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := core.Payout{PayoutNo: "26112300010000000001", Amount: core.Fen(100), State: core.PayoutProcessing, CreatedAt: began.Add(-48 * time.Hour), SentAt: began}
			if tt.edit != nil {
				tt.edit(&p)
			}
			c, err := testTables().judgePayout(p, payoutAnswer{operation: tt.op, started: began.Add(tt.after), now: began.Add(tt.after), result: tt.result, manifest: testManifest()})
			got, event := c.payout, ""
			if len(c.events) > 0 {
				event = c.events[0]
			}
			if err != nil || got.State != tt.want || got.FailureCode != tt.failure || got.UnknownReason != tt.unknown || got.UnknownSince.IsZero() != (tt.unknown == "") ||
				c.confirm != tt.confirm || event != tt.event || (len(c.cases) > 0) != tt.opens || got.NextCheckAt.IsZero() == tt.again {
				t.Errorf("%v: state %s, failure %q, doubt %q since %v, confirm %v, events %v, cases %v, due %v", err, got.State, got.FailureCode,
					got.UnknownReason, got.UnknownSince, c.confirm, c.events, c.cases, got.NextCheckAt)
			}
			if tt.again && !got.NextCheckAt.After(began.Add(tt.after)) {
				t.Errorf("due at %v, which is no later", got.NextCheckAt)
			}
		})
	}
}

func TestWhatABalanceAllows(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 25, 12, 0, 0, 0, core.Beijing()) // a Wednesday
	const night, saturday = 12 * time.Hour, 72 * time.Hour
	row := core.Balance{
		Channel: "C1", Available: core.Fen(10_000), Advance: core.Fen(8_000), Minimum: core.Fen(100), Maximum: core.Fen(9_000),
		Opens: "09:00:00", Closes: "17:30:00", Holidays: core.HolidaysAdvance,
	}
	big, frozen, bare := row, row, core.Balance{Channel: "C3"}
	big.Channel, big.Maximum, frozen.Suspended = "C2", core.Fen(50_000), true
	one := func(source, channel string, fen int64) payoutAsk {
		return payoutAsk{source: source, channel: channel, amount: fen, largest: fen, smallest: fen}
	}
	for _, tt := range []struct {
		name  string
		rows  []core.Balance
		ask   payoutAsk
		at    time.Duration
		want  core.Code
		rules payoutRules
	}{
		{name: "enough", rows: []core.Balance{row}, ask: one("balance", "", 9_000)},
		{name: "the provider has no balances", ask: one("balance", "", 9_000)},
		{name: "not stated", rows: []core.Balance{bare}, ask: one("balance", "", 9_000)},
		{name: "over the channel's limit", rows: []core.Balance{row}, ask: one("balance", "", 9_001), want: core.CodeLimitExceeded},
		{name: "under the channel's limit", rows: []core.Balance{row}, ask: one("balance", "", 99), want: core.CodeLimitExceeded},
		{name: "another channel takes it", rows: []core.Balance{row, big}, ask: one("balance", "", 9_500)},
		{name: "not the one that was asked for", rows: []core.Balance{row, big}, ask: one("balance", "C1", 9_500), want: core.CodeLimitExceeded},
		{name: "a channel that is not there", rows: []core.Balance{row}, ask: one("balance", "C9", 100), want: core.CodeInvalidRequest},
		{name: "the sum of both sources would do", rows: []core.Balance{big}, ask: one("balance", "", 15_000), want: core.CodeInsufficientBalance},
		{name: "the sum of both channels would do", rows: []core.Balance{big, big}, ask: one("balance", "", 15_000), want: core.CodeInsufficientBalance},
		{name: "not from the advance, though the balance has it", rows: []core.Balance{row}, ask: one("advance", "", 8_500), want: core.CodeInsufficientBalance},
		{name: "a file of small ones over two channels", rows: []core.Balance{row, big}, ask: payoutAsk{source: "balance", amount: 15_000, largest: 5_000, smallest: 100}},
		{name: "frozen at the provider", rows: []core.Balance{frozen}, ask: one("balance", "", 100), want: core.CodeInsufficientBalance},
		{name: "at night", rows: []core.Balance{row}, ask: one("balance", "", 100), at: night, want: core.CodeOutsideHours},
		{name: "on a Saturday from the balance", rows: []core.Balance{row}, ask: one("balance", "", 100), at: saturday, want: core.CodeOutsideHours},
		{name: "with its fee", rows: []core.Balance{big}, ask: one("balance", "", 9_800), rules: payoutRules{rate: core.FeeRate{PerPayout: 200}}},
		{name: "the fee does not fit in", rows: []core.Balance{big}, ask: one("balance", "", 9_801), rules: payoutRules{rate: core.FeeRate{PerPayout: 200}}, want: core.CodeInsufficientBalance},
		{name: "a file's fees do not fit in", rows: []core.Balance{big}, ask: payoutAsk{source: "balance", amount: 9_700, largest: 5_000, smallest: 4_700, amounts: []int64{5_000, 4_700}}, rules: payoutRules{rate: core.FeeRate{PerPayout: 200}}, want: core.CodeInsufficientBalance},
		{name: "on a Saturday that is worked", rows: []core.Balance{row}, ask: one("balance", "", 100), at: saturday, rules: payoutRules{days: core.WorkingDays{"2026-11-28": true}}},
		{name: "on a holiday", rows: []core.Balance{row}, ask: one("balance", "", 100), rules: payoutRules{days: core.WorkingDays{"2026-11-25": false}}, want: core.CodeOutsideHours},
		{name: "on a Saturday from the advance", rows: []core.Balance{row}, ask: one("advance", "", 100), at: saturday},
	} {
		if err := fits(tt.rows, tt.ask, tt.rules, noon.Add(tt.at)); core.CodeOf(err) != tt.want {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	over := row
	over.Opens, over.Closes, over.Holidays = "22:00:00", "06:00:00", core.HolidaysBoth
	if !over.OpenAt(noon.Add(night)) || over.OpenAt(noon) {
		t.Error("hours over midnight")
	}
	morning := time.Date(2026, 11, 25, 8, 30, 0, 0, core.Beijing())
	if got := nextOpening([]core.Balance{row}, "", morning); !got.Equal(morning.Add(30 * time.Minute)) {
		t.Errorf("opens at %v", got)
	}
	if got := nextOpening([]core.Balance{row}, "", noon); !got.Equal(noon.Add(time.Hour)) {
		t.Errorf("looked at again at %v", got)
	}
}
