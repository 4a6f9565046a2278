package web

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

func sampleDay() core.ReconciliationDay {
	totals := []core.MovementTotal{{Kind: core.MovementPayment, Method: "W", Count: 2, Amount: 300, Fee: 1}}
	return core.ReconciliationDay{
		TenantID: num(1), ID: num(50), AccountID: num(3), Provider: "demo", Day: "2026-11-22", State: core.DayOpen, Reason: "carried", Run: 2, NextCheckAt: at(),
		Attempts: 1, Provided: core.ProviderText{Code: "C", Message: "M"}, Ours: totals, Theirs: totals, Matched: 1, Carried: 2, Unasked: 3, Open: 4, Resolved: 5,
		CreatedAt: at(), StartedAt: at(), FinishedAt: at(), Version: 6,
	}
}

func sampleLine(n int64) core.StoredLine {
	return core.StoredLine{
		N: n, Kind: core.MovementPayment, Number: "26112312340000000001", ProviderNumber: "p", Outcome: core.OutcomeSucceeded, Amount: core.Fen(1250),
		Fee: core.Fen(0), At: at(), Method: "W", Status: "SUCCESS",
	}
}

func sampleDifference() core.Difference {
	return core.Difference{
		TenantID: num(1), ID: num(52), DayID: num(50), AccountID: num(3), Provider: "demo", Day: "2026-11-22", Key: "k", Kind: core.DifferState,
		Movement: core.MovementPayment, ObjectID: num(2), ObjectKind: "payment", Number: "26112312340000000001", ProviderNumber: "p",
		Ours:   core.DifferenceSide{Present: true, State: "closed", Amount: core.Fen(1250), At: at()},
		Theirs: core.DifferenceSide{Present: true, State: "succeeded", Amount: core.Fen(1250), Fee: core.Fen(5), At: at()},
		BillID: num(51), BillLine: 7, State: core.DifferenceCorrecting, Owner: "user:usr_x", LinkedID: num(2), Remark: "r", ApprovalID: num(30),
		FoundAt: at(), FoundRun: 2, ResolvedAt: at(), ResolvedBy: "user:usr_y", Version: 3,
	}
}

func (f *fake) ListReconciliation(ctx context.Context, filter core.ReconciliationFilter) ([]core.ReconciliationDay, error) {
	f.mu.Lock()
	f.booksDays = filter
	f.mu.Unlock()
	return []core.ReconciliationDay{sampleDay()}, f.called(ctx, "ListReconciliation")
}

func (f *fake) ReconciliationDay(ctx context.Context, _ core.ID) (core.ReconciliationDetail, error) {
	bill := core.Bill{
		TenantID: num(1), ID: num(51), AccountID: num(3), Provider: "demo", Day: "2026-11-22", Scope: "scan", Source: core.BillFromFile, State: core.BillSuperseded,
		Lines: 9, ImportID: num(53), Asked: 1, Unanswered: 1, Provided: core.ProviderText{Code: "C", Message: "M"}, CreatedAt: at(), ReadyAt: at(), SupersededAt: at(),
	}
	return core.ReconciliationDetail{
		Day: sampleDay(), Account: sampleAccount(), Bills: []core.Bill{bill}, ByKind: map[core.DifferenceKind]int64{core.DifferState: 1},
	}, f.called(ctx, "ReconciliationDay")
}

func (f *fake) RunReconciliation(ctx context.Context, _ core.ID, _ core.Day) (core.ReconciliationDay, error) {
	return sampleDay(), f.called(ctx, "RunReconciliation")
}

// BillLines has three lines.
func (f *fake) BillLines(ctx context.Context, _ core.ID, after int64, limit int) (out []core.StoredLine, err error) {
	for n := after + 1; n <= 3 && len(out) < limit; n++ {
		out = append(out, sampleLine(n))
	}
	return out, f.called(ctx, "BillLines")
}

func (f *fake) ListDifferences(ctx context.Context, filter core.DifferenceFilter) ([]core.Difference, error) {
	f.mu.Lock()
	f.differences = filter
	f.mu.Unlock()
	return []core.Difference{sampleDifference()}, f.called(ctx, "ListDifferences")
}

func (f *fake) Difference(ctx context.Context, _ core.ID) (core.DifferenceDetail, error) {
	p, r, payout, line := samplePayment(core.PaymentClosed), sampleRefund(), samplePayout(), sampleLine(7)
	return core.DifferenceDetail{
		Difference: sampleDifference(), Account: sampleAccount(), Line: &line, Payment: &p, Refund: &r, Payout: &payout,
		Approvals: []core.Approval{sampleApproval()}, Correctable: "succeeded", NotCorrectable: "no", Askable: true,
	}, f.called(ctx, "Difference")
}

func (f *fake) AssignDifference(ctx context.Context, _, _ core.ID) (core.Difference, error) {
	return sampleDifference(), f.called(ctx, "AssignDifference")
}

func (f *fake) AcceptDifference(ctx context.Context, _ core.ID, _ string) (core.Difference, error) {
	return sampleDifference(), f.called(ctx, "AcceptDifference")
}

func (f *fake) LinkDifference(ctx context.Context, _, _ core.ID, _ string) (core.Difference, error) {
	return sampleDifference(), f.called(ctx, "LinkDifference")
}

func (f *fake) CorrectDifference(ctx context.Context, _ core.ID, _ string) (core.Difference, error) {
	return sampleDifference(), f.called(ctx, "CorrectDifference")
}

func (f *fake) AskDifference(ctx context.Context, _ core.ID) (core.Difference, error) {
	return sampleDifference(), f.called(ctx, "AskDifference")
}

func (f *fake) ReopenDifference(ctx context.Context, _ core.ID, _ string) (core.Difference, error) {
	return sampleDifference(), f.called(ctx, "ReopenDifference")
}
