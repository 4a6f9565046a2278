package pluginhost

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

// CreatePayment asks the provider for money.
func (h *Host) CreatePayment(ctx context.Context, call core.ProviderCall, req core.PaymentRequest) (core.PaymentResult, error) {
	o := order{call: call, secrets: append(secretsOf(req.PayerCode), req.Card.Secrets()...), known: []string{req.OrderNo}, numbers: pathNumbers{order: req.OrderNo}}
	return invoke(ctx, h, core.CapCreatePayment, o, paymentKind(), func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.PaymentReply, error) {
		return r.CreatePayment(ctx, &providerpb.PaymentCall{Call: c, Request: paymentRequestToWire(req)})
	})
}

// ConfirmPayment hands in the code the payer received.
func (h *Host) ConfirmPayment(ctx context.Context, call core.ProviderCall, req core.ConfirmRequest) (core.PaymentResult, error) {
	o := order{call: call, secrets: append(secretsOf(req.Code), req.Card.Secrets()...), known: numbersOf(req.Payment), numbers: pathNumbersOf(req.Payment)}
	return invoke(ctx, h, core.CapConfirmPayment, o, paymentKind(), func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.PaymentReply, error) {
		return r.ConfirmPayment(ctx, &providerpb.ConfirmCall{Call: c, Request: confirmToWire(req)})
	})
}

// ResendCode has the provider send the payer's code again.
func (h *Host) ResendCode(ctx context.Context, call core.ProviderCall, ref core.OrderRef) (core.CheckResult, error) {
	return invoke(ctx, h, core.CapResendCode, order{call: call, known: numbersOf(ref), numbers: pathNumbersOf(ref)}, checkKind(), func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.CheckReply, error) {
		return r.ResendCode(ctx, &providerpb.OrderCall{Call: c, Request: orderToWire(ref)})
	})
}

// QueryPayment asks what became of a payment.
func (h *Host) QueryPayment(ctx context.Context, call core.ProviderCall, ref core.OrderRef) (core.PaymentResult, error) {
	return invoke(ctx, h, core.CapQueryPayment, order{call: call, known: numbersOf(ref), numbers: pathNumbersOf(ref)}, paymentKind(), func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.PaymentReply, error) {
		return r.QueryPayment(ctx, &providerpb.OrderCall{Call: c, Request: orderToWire(ref)})
	})
}

// ListPayments reads one page of the provider's list of payments.
func (h *Host) ListPayments(ctx context.Context, call core.ProviderCall, req core.ListRequest) (core.ListResult, error) {
	return invoke(ctx, h, core.CapListPayments, order{call: call}, listKind(), func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.ListReply, error) {
		return r.ListPayments(ctx, &providerpb.ListCall{Call: c, Request: listRequestToWire(req)})
	})
}

// CancelPayment takes a payment back.
func (h *Host) CancelPayment(ctx context.Context, call core.ProviderCall, ref core.OrderRef) (core.PaymentResult, error) {
	return invoke(ctx, h, core.CapCancelPayment, order{call: call, known: numbersOf(ref), numbers: pathNumbersOf(ref)}, paymentKind(), func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.PaymentReply, error) {
		return r.CancelPayment(ctx, &providerpb.OrderCall{Call: c, Request: orderToWire(ref)})
	})
}

// ClosePayment closes an order that was not paid.
func (h *Host) ClosePayment(ctx context.Context, call core.ProviderCall, ref core.OrderRef) (core.PaymentResult, error) {
	return invoke(ctx, h, core.CapClosePayment, order{call: call, known: numbersOf(ref), numbers: pathNumbersOf(ref)}, paymentKind(), func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.PaymentReply, error) {
		return r.ClosePayment(ctx, &providerpb.OrderCall{Call: c, Request: orderToWire(ref)})
	})
}

// CreateRefund gives money back.
func (h *Host) CreateRefund(ctx context.Context, call core.ProviderCall, req core.RefundRequest) (core.RefundResult, error) {
	return invoke(ctx, h, core.CapCreateRefund, refundOrder(call, req), refundKind(), func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.RefundReply, error) {
		return r.CreateRefund(ctx, &providerpb.RefundCall{Call: c, Request: refundRequestToWire(req)})
	})
}

// QueryRefund asks what became of a refund.
func (h *Host) QueryRefund(ctx context.Context, call core.ProviderCall, req core.RefundRequest) (core.RefundResult, error) {
	return invoke(ctx, h, core.CapQueryRefund, refundOrder(call, req), refundKind(), func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.RefundReply, error) {
		return r.QueryRefund(ctx, &providerpb.RefundCall{Call: c, Request: refundRequestToWire(req)})
	})
}

// Activate obtains an account's credentials from the provider; they are stored before it returns.
func (h *Host) Activate(ctx context.Context, call core.ProviderCall, values map[string]core.Secret) (core.CheckResult, error) {
	plain := make(map[string][]byte, len(values))
	o := order{call: call}
	for name, v := range values {
		plain[name] = v.Reveal()
		o.secrets = append(o.secrets, v.Reveal())
	}
	return invoke(ctx, h, core.CapActivate, o, checkKind(), func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.CheckReply, error) {
		return r.Activate(ctx, &providerpb.ActivateCall{Call: c, Values: plain})
	})
}

// CheckIn makes the harmless exchange that proves an account's keys.
func (h *Host) CheckIn(ctx context.Context, call core.ProviderCall) (core.CheckResult, error) {
	return invoke(ctx, h, core.CapCheckIn, order{call: call}, checkKind(), func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (*providerpb.CheckReply, error) {
		return r.CheckIn(ctx, &providerpb.PlainCall{Call: c})
	})
}

func secretsOf(values ...core.Secret) [][]byte {
	var out [][]byte
	for _, v := range values {
		if !v.Empty() {
			out = append(out, v.Reveal())
		}
	}
	return out
}

func numbersOf(ref core.OrderRef) []string { return []string{ref.OrderNo, ref.ProviderOrderNo} }

func pathNumbersOf(ref core.OrderRef) pathNumbers {
	return pathNumbers{order: ref.OrderNo, providerOrder: ref.ProviderOrderNo}
}

func refundOrder(call core.ProviderCall, req core.RefundRequest) order {
	numbers := pathNumbersOf(req.Payment)
	numbers.refund = req.RefundNo
	return order{call: call, known: append(numbersOf(req.Payment), req.RefundNo), numbers: numbers}
}
