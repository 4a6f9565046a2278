package sdk

import (
	"context"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

func (s *providerServer) CreatePayout(ctx context.Context, r *providerpb.PayoutCall) (*providerpb.PayoutReply, error) {
	result, failure := serve(ctx, s, r.GetCall(), func(p PayoutCreator, c *Call) (PayoutResult, error) {
		return p.CreatePayout(ctx, c, payoutRequestFromWire(r.GetRequest()))
	}, payoutResultToWire)
	return &providerpb.PayoutReply{Result: result, Failure: failure}, nil
}

func (s *providerServer) QueryPayout(ctx context.Context, r *providerpb.PayoutRefCall) (*providerpb.PayoutReply, error) {
	result, failure := serve(ctx, s, r.GetCall(), func(p PayoutQuerier, c *Call) (PayoutResult, error) {
		return p.QueryPayout(ctx, c, payoutRefFromWire(r.GetRequest()))
	}, payoutResultToWire)
	return &providerpb.PayoutReply{Result: result, Failure: failure}, nil
}

func (s *providerServer) ListBalances(ctx context.Context, r *providerpb.PlainCall) (*providerpb.BalanceReply, error) {
	result, failure := serve(ctx, s, r.GetCall(), func(p BalanceLister, c *Call) (BalanceResult, error) {
		return p.ListBalances(ctx, c)
	}, balanceResultToWire)
	return &providerpb.BalanceReply{Result: result, Failure: failure}, nil
}

func (s *providerServer) FetchBill(ctx context.Context, r *providerpb.BillCall) (*providerpb.BillReply, error) {
	result, failure := serve(ctx, s, r.GetCall(), func(p BillFetcher, c *Call) (BillResult, error) {
		return p.FetchBill(ctx, c, billRequestFromWire(r.GetRequest()))
	}, billResultToWire)
	return &providerpb.BillReply{Result: result, Failure: failure}, nil
}

func (s *providerServer) BindCard(ctx context.Context, r *providerpb.BindCardCall) (*providerpb.CardReply, error) {
	result, failure := serve(ctx, s, r.GetCall(), func(p CardBinder, c *Call) (CardResult, error) {
		return p.BindCard(ctx, c, bindCardFromWire(r.GetRequest()))
	}, cardResultToWire)
	return &providerpb.CardReply{Result: result, Failure: failure}, nil
}

func (s *providerServer) UnbindCard(ctx context.Context, r *providerpb.CardCall) (*providerpb.CardReply, error) {
	result, failure := serve(ctx, s, r.GetCall(), func(p CardUnbinder, c *Call) (CardResult, error) {
		return p.UnbindCard(ctx, c, cardRefFromWire(r.GetRequest()))
	}, cardResultToWire)
	return &providerpb.CardReply{Result: result, Failure: failure}, nil
}

func (s *providerServer) QueryCard(ctx context.Context, r *providerpb.CardCall) (*providerpb.CardReply, error) {
	result, failure := serve(ctx, s, r.GetCall(), func(p CardQuerier, c *Call) (CardResult, error) {
		return p.QueryCard(ctx, c, cardRefFromWire(r.GetRequest()))
	}, cardResultToWire)
	return &providerpb.CardReply{Result: result, Failure: failure}, nil
}

func (s *providerServer) ResolvePayer(ctx context.Context, r *providerpb.PayerCall) (*providerpb.PayerReply, error) {
	result, failure := serve(ctx, s, r.GetCall(), func(p PayerResolver, c *Call) (PayerResult, error) {
		return p.ResolvePayer(ctx, c, payerRequestFromWire(r.GetRequest()))
	}, payerResultToWire)
	return &providerpb.PayerReply{Result: result, Failure: failure}, nil
}
