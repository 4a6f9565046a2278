package web

import (
	"context"
	"encoding/json"

	"github.com/zhanggui-pay/zhanggui/core"
)

func sampleApproval() core.Approval {
	return core.Approval{
		TenantID: num(1), ID: num(30), Kind: core.ApproveRefund, ObjectID: num(6), Amount: core.Fen(100), Needed: 1, State: core.ApprovalApproved,
		Summary: json.RawMessage(`{"order_no":"26112312340000000001"}`), MadeBy: "key:key_x", Note: "r", CreatedAt: at(), ExpiresAt: at(), DecidedAt: at(),
		Decisions: []core.Decision{{Actor: "user:usr_x", Agree: true, Note: "ok", At: at()}}, Version: 2,
	}
}

func (f *fake) ListApprovals(ctx context.Context, _ core.ApprovalFilter) ([]core.Approval, error) {
	return []core.Approval{sampleApproval()}, f.called(ctx, "ListApprovals")
}

func (f *fake) Approval(ctx context.Context, _ core.ID) (core.Approval, error) {
	return sampleApproval(), f.called(ctx, "Approval")
}

func (f *fake) DecideApproval(ctx context.Context, _ core.ID, _ bool, _ string) (core.Approval, error) {
	return sampleApproval(), f.called(ctx, "DecideApproval")
}

func (f *fake) WithdrawApproval(ctx context.Context, _ core.ID) (core.Approval, error) {
	return sampleApproval(), f.called(ctx, "WithdrawApproval")
}

func (f *fake) ApprovalTiers(ctx context.Context) ([]core.ApprovalTier, error) {
	return core.DefaultApprovalTiers(), f.called(ctx, "ApprovalTiers")
}

func (f *fake) SetApprovalTiers(ctx context.Context, tiers []core.ApprovalTier) ([]core.ApprovalTier, error) {
	return tiers, f.called(ctx, "SetApprovalTiers")
}
