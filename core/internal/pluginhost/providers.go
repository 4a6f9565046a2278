package pluginhost

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

// CreatePayment asks the provider for money.
func (h *Host) CreatePayment(ctx context.Context, call core.ProviderCall, req core.PaymentRequest) (core.PaymentResult, error) {
	call.Operation = core.CapCreatePayment
	var secrets [][]byte
	if !req.PayerCode.Empty() {
		secrets = append(secrets, req.PayerCode.Reveal())
	}
	return h.payment(ctx, call, secrets, []string{req.OrderNo},
		func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.PaymentReply, error) {
			return r.CreatePayment(ctx, &providerpb.PaymentCall{Call: c, Request: paymentRequestToWire(req)})
		})
}

// QueryPayment asks what became of a payment.
func (h *Host) QueryPayment(ctx context.Context, call core.ProviderCall, ref core.OrderRef) (core.PaymentResult, error) {
	call.Operation = core.CapQueryPayment
	return h.payment(ctx, call, nil, []string{ref.OrderNo, ref.ProviderOrderNo},
		func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.PaymentReply, error) {
			return r.QueryPayment(ctx, &providerpb.OrderCall{Call: c, Request: orderToWire(ref)})
		})
}

// CancelPayment takes a payment back.
func (h *Host) CancelPayment(ctx context.Context, call core.ProviderCall, ref core.OrderRef) (core.PaymentResult, error) {
	call.Operation = core.CapCancelPayment
	return h.payment(ctx, call, nil, []string{ref.OrderNo, ref.ProviderOrderNo},
		func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.PaymentReply, error) {
			return r.CancelPayment(ctx, &providerpb.OrderCall{Call: c, Request: orderToWire(ref)})
		})
}

// CreateRefund gives money back.
func (h *Host) CreateRefund(ctx context.Context, call core.ProviderCall, req core.RefundRequest) (core.RefundResult, error) {
	call.Operation = core.CapCreateRefund
	return h.refund(ctx, call, req, func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.RefundCall) (*providerpb.RefundReply, error) {
		return r.CreateRefund(ctx, c)
	})
}

// QueryRefund asks what became of a refund.
func (h *Host) QueryRefund(ctx context.Context, call core.ProviderCall, req core.RefundRequest) (core.RefundResult, error) {
	call.Operation = core.CapQueryRefund
	return h.refund(ctx, call, req, func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.RefundCall) (*providerpb.RefundReply, error) {
		return r.QueryRefund(ctx, c)
	})
}

// Activate obtains an account's credentials from the provider; they are stored before it returns.
func (h *Host) Activate(ctx context.Context, call core.ProviderCall, values map[string]core.Secret) (core.CheckResult, error) {
	call.Operation = core.CapActivate
	plain := make(map[string][]byte, len(values))
	secrets := make([][]byte, 0, len(values))
	for name, v := range values {
		plain[name] = v.Reveal()
		secrets = append(secrets, v.Reveal())
	}
	return h.check(ctx, call, secrets, func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.CheckReply, error) {
		return r.Activate(ctx, &providerpb.ActivateCall{Call: c, Values: plain})
	})
}

// CheckIn makes the harmless exchange that proves an account's keys.
func (h *Host) CheckIn(ctx context.Context, call core.ProviderCall) (core.CheckResult, error) {
	call.Operation = core.CapCheckIn
	return h.check(ctx, call, nil, func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.CheckReply, error) {
		return r.CheckIn(ctx, &providerpb.PlainCall{Call: c})
	})
}

func (h *Host) payment(
	ctx context.Context, call core.ProviderCall, secrets [][]byte, known []string,
	do func(context.Context, providerpb.ProviderClient, *providerpb.Call) (*providerpb.PaymentReply, error),
) (core.PaymentResult, error) {
	var result core.PaymentResult
	v, err := h.make(ctx, order{call: call, secrets: secrets, known: known, do: func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (reply, error) {
		got, err := do(ctx, r, c)
		if err != nil {
			return reply{}, err
		}
		result = paymentResultFromWire(got.GetResult())
		return reply{
			failure: got.GetFailure(), outcome: result.Outcome, keyRefused: got.GetResult().GetKeyRefused(),
			known: []string{result.ProviderOrderNo, result.ChannelTradeNo, result.OrderNo},
		}, nil
	}})
	if !v.replied {
		result = core.PaymentResult{Provider: v.provider}
	}
	result.Outcome, result.Exchange = v.outcome, v.exchange
	return result, err
}

func (h *Host) refund(
	ctx context.Context, call core.ProviderCall, req core.RefundRequest,
	do func(context.Context, providerpb.ProviderClient, *providerpb.RefundCall) (*providerpb.RefundReply, error),
) (core.RefundResult, error) {
	var result core.RefundResult
	known := []string{req.RefundNo, req.Payment.OrderNo, req.Payment.ProviderOrderNo}
	v, err := h.make(ctx, order{call: call, known: known, do: func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (reply, error) {
		got, err := do(ctx, r, &providerpb.RefundCall{Call: c, Request: refundRequestToWire(req)})
		if err != nil {
			return reply{}, err
		}
		result = refundResultFromWire(got.GetResult())
		return reply{
			failure: got.GetFailure(), outcome: result.Outcome, keyRefused: got.GetResult().GetKeyRefused(),
			known: []string{result.ProviderRefundNo, result.RefundNo},
		}, nil
	}})
	if !v.replied {
		result = core.RefundResult{Provider: v.provider}
	}
	result.Outcome, result.Exchange = v.outcome, v.exchange
	return result, err
}

func (h *Host) check(
	ctx context.Context, call core.ProviderCall, secrets [][]byte,
	do func(context.Context, providerpb.ProviderClient, *providerpb.Call) (*providerpb.CheckReply, error),
) (core.CheckResult, error) {
	var result core.CheckResult
	v, err := h.make(ctx, order{call: call, secrets: secrets, do: func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (reply, error) {
		got, err := do(ctx, r, c)
		if err != nil {
			return reply{}, err
		}
		result = checkFromWire(got.GetResult())
		return reply{
			failure: got.GetFailure(), outcome: result.Outcome, keyRefused: got.GetResult().GetKeyRefused(),
		}, nil
	}})
	if !v.replied {
		result = core.CheckResult{Provider: v.provider}
	}
	result.Outcome, result.Exchange = v.outcome, v.exchange
	return result, err
}
