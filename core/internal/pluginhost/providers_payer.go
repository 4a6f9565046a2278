package pluginhost

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

// BindCard has the provider send a code for a payer's card, or binds it with that code.
func (h *Host) BindCard(ctx context.Context, call core.ProviderCall, req core.BindCardRequest) (core.CardResult, error) {
	o := order{call: call, secrets: append(secretsOf(req.Code), req.Card.Secrets()...), known: []string{req.OrderNo}, numbers: pathNumbers{order: req.OrderNo}}
	return invoke(ctx, h, core.CapBindCard, o, cardKind(), func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.CardReply, error) {
		return r.BindCard(ctx, &providerpb.BindCardCall{Call: c, Request: &providerpb.BindCardRequest{
			OrderNo: req.OrderNo, Card: cardToWire(&req.Card), Code: req.Code.Reveal(), Extra: dictionary[string](req.Extra, valid),
		}})
	})
}

// UnbindCard has the provider forget a bound card.
func (h *Host) UnbindCard(ctx context.Context, call core.ProviderCall, ref core.CardRef) (core.CardResult, error) {
	return invoke(ctx, h, core.CapUnbindCard, order{call: call, known: []string{ref.BindID}}, cardKind(), func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.CardReply, error) {
		return r.UnbindCard(ctx, &providerpb.CardCall{Call: c, Request: cardRefToWire(ref)})
	})
}

// QueryCard lists a payer's bound cards.
func (h *Host) QueryCard(ctx context.Context, call core.ProviderCall, ref core.CardRef) (core.CardResult, error) {
	return invoke(ctx, h, core.CapQueryCard, order{call: call, known: []string{ref.BindID}}, cardKind(), func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.CardReply, error) {
		return r.QueryCard(ctx, &providerpb.CardCall{Call: c, Request: cardRefToWire(ref)})
	})
}

// ResolvePayer finds the payer's id at the provider, or the redirect that leads to it.
func (h *Host) ResolvePayer(ctx context.Context, call core.ProviderCall, req core.PayerRequest) (core.PayerResult, error) {
	return invoke(ctx, h, core.CapResolvePayer, order{call: call, secrets: secretsOf(req.Code)}, payerKind(), func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.PayerReply, error) {
		return r.ResolvePayer(ctx, &providerpb.PayerCall{Call: c, Request: payerRequestToWire(req)})
	})
}

// HandleInbound has the plugin verify and read a request that was made to us. An error means
// that it could not be read now; the provider will send it again.
func (h *Host) HandleInbound(ctx context.Context, call core.ProviderCall, req core.InboundRequest) (core.InboundResult, error) {
	return invoke(ctx, h, core.CapInbound, order{call: call}, inboundKind(), func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.InboundReply, error) {
		return r.HandleInbound(ctx, &providerpb.InboundCall{Call: c, Request: inboundRequestToWire(req)})
	})
}
