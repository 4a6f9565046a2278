package web

import (
	"context"
	"encoding/json"

	"github.com/zhanggui-pay/zhanggui/core"
)

func sampleCase() core.Case {
	return core.Case{
		TenantID: num(1), ID: num(20), Kind: core.CaseUnknownRefund, ObjectID: num(6), ObjectKind: "refund", AccountID: num(3), Reason: "no_clear_answer",
		Details: json.RawMessage(`{"amount":100}`), Times: 2, Owner: "user:usr_x", OpenedAt: at(), LastAt: at(), ClosedAt: at(), Closing: core.CaseSettled,
		ClosedBy: "user:usr_y", ClosedNote: "n",
	}
}

func sampleResolution() core.Resolution {
	return core.Resolution{
		TenantID: num(1), ID: num(31), CaseID: num(20), ObjectID: num(6), ObjectKind: "refund", Amount: core.Fen(100), Outcome: core.ResolveSucceeded,
		EvidenceNo: "B-1", Note: "n", State: core.ResolutionCorrected, MadeBy: "user:usr_x", CreatedAt: at(), AppliedAt: at(), EndedAt: at(), ProviderSay: "failed",
	}
}

func sampleCaseDetail() core.CaseDetail {
	p, r := samplePayment(core.PaymentSucceeded), sampleRefund()
	payout := samplePayout()
	return core.CaseDetail{
		Payout: &payout, Case: sampleCase(), Account: sampleAccount(), Payment: &p, Refund: &r, Attempts: sampleAttempts(), Callbacks: []core.Callback{sampleCallback()},
		Events: sampleEvents(), Resolutions: []core.Resolution{sampleResolution()}, Askable: true, SettledBy: core.Text{ZH: "账单", EN: "The bill"},
		LastAskedAt: at(), NextAskAt: at(),
	}
}

func (f *fake) ListCases(ctx context.Context, filter core.CaseFilter) ([]core.Case, error) {
	f.mu.Lock()
	f.cases = filter
	f.mu.Unlock()
	return []core.Case{sampleCase()}, f.called(ctx, "ListCases")
}

func (f *fake) Case(ctx context.Context, _ core.ID) (core.CaseDetail, error) {
	return sampleCaseDetail(), f.called(ctx, "Case")
}

func (f *fake) AssignCase(ctx context.Context, _, _ core.ID) (core.Case, error) {
	return sampleCase(), f.called(ctx, "AssignCase")
}

func (f *fake) AskCase(ctx context.Context, _ core.ID) (core.CaseDetail, error) {
	return sampleCaseDetail(), f.called(ctx, "AskCase")
}

func (f *fake) ResolveCase(ctx context.Context, _ core.ID, _ core.ResolveInput) (core.Resolution, core.Approval, error) {
	return sampleResolution(), sampleApproval(), f.called(ctx, "ResolveCase")
}

func (f *fake) CloseCase(ctx context.Context, _ core.ID, _ string) (core.Case, error) {
	return sampleCase(), f.called(ctx, "CloseCase")
}
