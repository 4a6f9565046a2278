package pluginhost

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

// CreatePayout pays out.
func (h *Host) CreatePayout(ctx context.Context, call core.ProviderCall, req core.PayoutRequest) (core.PayoutResult, error) {
	o := order{call: call, secrets: secretsOf(req.PayeeName, req.PayeeNumber, req.Phone, req.IDNumber), known: []string{req.OrderNo}, numbers: pathNumbers{order: req.OrderNo}}
	return invoke(ctx, h, core.CapCreatePayout, o, payoutKind(), func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.PayoutReply, error) {
		return r.CreatePayout(ctx, &providerpb.PayoutCall{Call: c, Request: payoutRequestToWire(req)})
	})
}

// QueryPayout asks what became of a payout.
func (h *Host) QueryPayout(ctx context.Context, call core.ProviderCall, ref core.PayoutRef) (core.PayoutResult, error) {
	o := order{call: call, known: []string{ref.OrderNo, ref.ProviderOrderNo}, numbers: pathNumbers{order: ref.OrderNo, providerOrder: ref.ProviderOrderNo}}
	return invoke(ctx, h, core.CapQueryPayout, o, payoutKind(), func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.PayoutReply, error) {
		return r.QueryPayout(ctx, &providerpb.PayoutRefCall{Call: c, Request: payoutRefToWire(ref)})
	})
}

// ListBalances lists what an account has at the provider.
func (h *Host) ListBalances(ctx context.Context, call core.ProviderCall) (core.BalanceResult, error) {
	return invoke(ctx, h, core.CapListBalances, order{call: call}, balanceKind(), func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.BalanceReply, error) {
		return r.ListBalances(ctx, &providerpb.PlainCall{Call: c})
	})
}

// FetchBill reads one page of a day's bill.
func (h *Host) FetchBill(ctx context.Context, call core.ProviderCall, req core.BillRequest) (core.BillResult, error) {
	return invoke(ctx, h, core.CapFetchBill, order{call: call}, billKind(), func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.BillReply, error) {
		return r.FetchBill(ctx, &providerpb.BillCall{Call: c, Request: &providerpb.BillRequest{Day: timeToWire(req.Day), Kind: req.Kind, Cursor: req.Cursor}})
	})
}
