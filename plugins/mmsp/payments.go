package main

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// CreatePayment asks the product that the method belongs to for money.
func (p provider) CreatePayment(ctx context.Context, call *sdk.Call, req sdk.PaymentRequest) (sdk.PaymentResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	switch req.Method {
	case sdk.MethodBarcode:
		return p.createBarcode(ctx, call, set, req)
	case sdk.MethodQR, sdk.MethodJSAPI, sdk.MethodMiniProgram, sdk.MethodStaticCode, sdk.MethodDynamicCode:
		return p.createPreOrder(ctx, call, set, req)
	case sdk.MethodH5:
		return p.createH5(ctx, call, set, req)
	case sdk.MethodCard:
		return p.createCard(ctx, call, set, req)
	case sdk.MethodBoundCard:
		return p.createBoundCard(ctx, call, set, req)
	case sdk.MethodUnionPay:
		return p.createUnionPay(ctx, call, set, req)
	case sdk.MethodGatewayForm:
		return p.createGatewayForm(call, set, req)
	default:
		return sdk.PaymentResult{}, notOffered(req.Method, "payment")
	}
}

// QueryPayment asks what became of a payment.
func (p provider) QueryPayment(ctx context.Context, call *sdk.Call, ref sdk.OrderRef) (sdk.PaymentResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	switch productOf(ref.Method) {
	case productQuick:
		return p.queryQuick(ctx, call, set, ref)
	case productGateway:
		return p.queryGateway(ctx, call, set, ref)
	default:
		return p.queryScan(ctx, call, set, ref)
	}
}

// ConfirmPayment hands in the code that the payer received; only quick pay has one.
func (p provider) ConfirmPayment(ctx context.Context, call *sdk.Call, req sdk.ConfirmRequest) (sdk.PaymentResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	switch req.Payment.Method {
	case sdk.MethodCard:
		return p.confirmCard(ctx, call, set, req)
	case sdk.MethodBoundCard:
		return p.confirmBoundCard(ctx, call, set, req)
	default:
		return sdk.PaymentResult{}, notOffered(req.Payment.Method, "confirmation")
	}
}

// ResendCode has the payer's code sent again, at most once in 60 s.
func (p provider) ResendCode(ctx context.Context, call *sdk.Call, ref sdk.OrderRef) (sdk.CheckResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.CheckResult{}, err
	}
	if ref.Method != sdk.MethodCard {
		return sdk.CheckResult{}, notOffered(ref.Method, "second code")
	}
	return p.resendCode(ctx, call, set, ref)
}

// CancelPayment takes a scan payment back (scan 10.4).
func (p provider) CancelPayment(ctx context.Context, call *sdk.Call, ref sdk.OrderRef) (sdk.PaymentResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	if productOf(ref.Method) != productScan {
		return sdk.PaymentResult{}, notOffered(ref.Method, "cancel")
	}
	return p.cancelScan(ctx, call, set, ref)
}

// ClosePayment closes an unpaid scan order (scan 10.5).
func (p provider) ClosePayment(ctx context.Context, call *sdk.Call, ref sdk.OrderRef) (sdk.PaymentResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	if productOf(ref.Method) != productScan {
		return sdk.PaymentResult{}, notOffered(ref.Method, "close")
	}
	return p.closeScan(ctx, call, set, ref)
}

// noPayment is the answer when there is no reply to believe: an error when nothing left,
// otherwise the money may have moved.
func noPayment(err error) (sdk.PaymentResult, error) {
	text, err := wire.Failure(err)
	return sdk.PaymentResult{Outcome: sdk.OutcomeUnknown, Provider: text}, err
}
