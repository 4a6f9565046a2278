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
		Order: &core.CaseOrder{Number: "26112312340000000002", Amount: core.Fen(100), Checks: 3, NextAskAt: at(), AskedAt: at(), Outcome: core.OutcomeUnknown, Provided: core.ProviderText{Code: "0001", Message: "处理中"}},
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

func (f *fake) Callback(ctx context.Context, _ core.ID) (core.Callback, error) {
	return sampleCallback(), f.called(ctx, "Callback")
}

func (f *fake) RevealCallback(ctx context.Context, _ core.ID) (core.InboundRequest, error) {
	return core.InboundRequest{
		Kind: "s", Method: "POST", Path: "/in/x", Query: "a=1", Headers: map[string]string{"Authorization": "canary-of-a-header", "Sign": "s"}, Body: []byte("b=茶"),
	}, f.called(ctx, "RevealCallback")
}

func (f *fake) RerunCallbacks(ctx context.Context, _ core.CallbackFilter) ([]core.CallbackRerun, bool, error) {
	return []core.CallbackRerun{{ID: num(22), ReceivedAt: at(), Before: core.CallbackFailed, After: core.CallbackFailed, Code: core.CodeProviderUnavailable}}, true, f.called(ctx, "RerunCallbacks")
}
