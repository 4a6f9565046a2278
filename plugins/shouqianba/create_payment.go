package main

import (
	"context"
	"strconv"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/shouqianba/internal/wire"
)

// The lengths of the document's tables 2.2 and 6.2, in bytes.
const (
	maxSubject     = 64
	maxOperator    = 32
	maxDescription = 256
	maxCode        = 32
	maxReflect     = 64
	maxQRContent   = 128
)

// CreatePayment takes a payer's code (document, 三.2) or makes a QR code (三.6).
func (p provider) CreatePayment(ctx context.Context, call *sdk.Call, req sdk.PaymentRequest) (sdk.PaymentResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	fields := map[string]string{
		"terminal_sn":  call.Merchant(credTerminalSN),
		"client_sn":    req.OrderNo,
		"total_amount": strconv.FormatInt(req.Amount.Minor, 10),
		"subject":      wire.Clip(req.Subject, maxSubject),
		"operator":     wire.Clip(req.Operator, maxOperator),
		"description":  wire.Clip(req.Description, maxDescription),
		"payway":       wire.Payway(req.Channel),
		"device_id":    wire.Clip(req.TerminalNo, maxOperator),
	}
	if value := req.Extra["reflect"]; value != "" {
		fields[set.ReflectField] = wire.Clip(value, maxReflect)
	}
	switch req.Method {
	case sdk.MethodBarcode:
		return p.pay(ctx, call, fields, req.PayerCode)
	case sdk.MethodQR:
		return p.precreate(ctx, call, fields, req)
	}
	return sdk.PaymentResult{}, sdk.Errorf(sdk.ErrNotSupported, "Shouqianba does not offer the method %q.", req.Method)
}

func (provider) pay(ctx context.Context, call *sdk.Call, fields map[string]string, code sdk.Secret) (sdk.PaymentResult, error) {
	if code.Empty() || len(code.Reveal()) > maxCode {
		return sdk.PaymentResult{}, sdk.Errorf(sdk.ErrInvalidRequest, "The payer's code must have 1 to %d bytes.", maxCode)
	}
	fields["dynamic_id"] = code.Text()
	reply, err := wire.Post(ctx, call, terminal(call), pathPay, fields)
	if err != nil {
		return wire.Unknown(err), nil
	}
	return reply.Payment(payOutcome(reply)), nil
}

// payOutcome maps the reply to 三.2 by the table of 四.2.
func payOutcome(r wire.Reply) sdk.Outcome {
	if outcome, ok := r.Layer1(); !ok {
		return outcome
	}
	switch {
	case r.Biz == "PAY_SUCCESS":
		if r.Data.PaymentStatus() == sdk.OutcomeSucceeded {
			return sdk.OutcomeSucceeded
		}
		return sdk.OutcomeUnknown
	case r.Biz == "PAY_FAIL":
		// Failed and taken back; an order_status that says otherwise leaves a doubt.
		if s := r.Data.OrderStatus; s == "" || s == "PAY_CANCELED" {
			return sdk.OutcomeFailed
		}
		return sdk.OutcomeUnknown
	case r.Biz == "FAIL":
		return r.Fail()
	case r.Pending():
		return sdk.OutcomeInProgress
	}
	return sdk.OutcomeUnknown // PAY_FAIL_ERROR, UNKNOWN and whatever is not documented
}

func (provider) precreate(ctx context.Context, call *sdk.Call, fields map[string]string, req sdk.PaymentRequest) (sdk.PaymentResult, error) {
	if fields["payway"] == "" {
		return sdk.PaymentResult{}, &sdk.Error{Code: sdk.ErrInvalidRequest, Message: "Choose the payer's wallet: a QR code needs it beforehand.", Param: "channel"}
	}
	reply, err := wire.Post(ctx, call, terminal(call), pathPrecreate, fields)
	if err != nil {
		return wire.Unknown(err), nil
	}
	result := reply.Payment(precreateOutcome(reply))
	if result.Outcome == sdk.OutcomeInProgress {
		result.NextAction = &sdk.NextAction{Type: sdk.ActionShowQR, QRContent: reply.Data.QRCode, ExpiresAt: req.ExpiresAt}
	}
	return result, nil
}

// precreateOutcome: a code that was made is not paid (trap: 三.6, PRECREATE_SUCCESS).
func precreateOutcome(r wire.Reply) sdk.Outcome {
	if outcome, ok := r.Layer1(); !ok {
		return outcome
	}
	switch r.Biz {
	case "PRECREATE_SUCCESS":
		if n := len(r.Data.QRCode); n == 0 || n > maxQRContent {
			return sdk.OutcomeUnknown
		}
		return sdk.OutcomeInProgress
	case "PRECREATE_FAIL":
		return sdk.OutcomeFailed
	case "FAIL":
		return r.Fail()
	}
	return sdk.OutcomeUnknown
}
