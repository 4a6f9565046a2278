package sdk

import (
	"context"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

// CreatePayout calls the plugin.
func (r *Remote) CreatePayout(ctx context.Context, call *Call, req PayoutRequest) (PayoutResult, error) {
	return remotely(r, call, func(c *providerpb.Call) (*providerpb.PayoutReply, error) {
		return r.conn.CreatePayout(ctx, &providerpb.PayoutCall{Call: c, Request: payoutRequestToWire(req)})
	}, payoutResultFromWire)
}

// QueryPayout calls the plugin.
func (r *Remote) QueryPayout(ctx context.Context, call *Call, ref PayoutRef) (PayoutResult, error) {
	return remotely(r, call, func(c *providerpb.Call) (*providerpb.PayoutReply, error) {
		return r.conn.QueryPayout(ctx, &providerpb.PayoutRefCall{Call: c, Request: payoutRefToWire(ref)})
	}, payoutResultFromWire)
}

// ListBalances calls the plugin.
func (r *Remote) ListBalances(ctx context.Context, call *Call) (BalanceResult, error) {
	return remotely(r, call, func(c *providerpb.Call) (*providerpb.BalanceReply, error) {
		return r.conn.ListBalances(ctx, &providerpb.PlainCall{Call: c})
	}, balanceResultFromWire)
}

// FetchBill calls the plugin.
func (r *Remote) FetchBill(ctx context.Context, call *Call, req BillRequest) (BillResult, error) {
	return remotely(r, call, func(c *providerpb.Call) (*providerpb.BillReply, error) {
		return r.conn.FetchBill(ctx, &providerpb.BillCall{Call: c, Request: billRequestToWire(req)})
	}, billResultFromWire)
}

// BindCard calls the plugin.
func (r *Remote) BindCard(ctx context.Context, call *Call, req BindCardRequest) (CardResult, error) {
	return remotely(r, call, func(c *providerpb.Call) (*providerpb.CardReply, error) {
		return r.conn.BindCard(ctx, &providerpb.BindCardCall{Call: c, Request: bindCardToWire(req)})
	}, cardResultFromWire)
}

// UnbindCard calls the plugin.
func (r *Remote) UnbindCard(ctx context.Context, call *Call, ref CardRef) (CardResult, error) {
	return remotely(r, call, func(c *providerpb.Call) (*providerpb.CardReply, error) {
		return r.conn.UnbindCard(ctx, &providerpb.CardCall{Call: c, Request: cardRefToWire(ref)})
	}, cardResultFromWire)
}

// QueryCard calls the plugin.
func (r *Remote) QueryCard(ctx context.Context, call *Call, ref CardRef) (CardResult, error) {
	return remotely(r, call, func(c *providerpb.Call) (*providerpb.CardReply, error) {
		return r.conn.QueryCard(ctx, &providerpb.CardCall{Call: c, Request: cardRefToWire(ref)})
	}, cardResultFromWire)
}

// ResolvePayer calls the plugin.
func (r *Remote) ResolvePayer(ctx context.Context, call *Call, req PayerRequest) (PayerResult, error) {
	return remotely(r, call, func(c *providerpb.Call) (*providerpb.PayerReply, error) {
		return r.conn.ResolvePayer(ctx, &providerpb.PayerCall{Call: c, Request: payerRequestToWire(req)})
	}, payerResultFromWire)
}
