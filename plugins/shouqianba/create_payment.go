package main

import (
	"cmp"
	"context"
	"strconv"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/shouqianba/internal/wire"
)

// The lengths of the document's tables 2.2 and 6.2, in bytes. maxOperator is the shorter
// of the two that are printed (trap S20).
const (
	maxSubject     = 64
	maxOperator    = 32
	maxDescription = 256
	maxDevice      = 32
	maxCode        = 32
	maxReflect     = 64
	maxExtended    = 256
)

// maxQRContent bounds what is shown as a QR code. The document prints 128 bytes; a longer
// address is as good, so this is only what such a code can reasonably hold.
const maxQRContent = 1024

// defaultOperator stands where nobody is named: the document requires an operator.
const defaultOperator = "system"

// CreatePayment takes a payer's code (document, 三.2) or makes a QR code (三.6).
func (p provider) CreatePayment(ctx context.Context, call *sdk.Call, req sdk.PaymentRequest) (sdk.PaymentResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	switch req.Method {
	case sdk.MethodBarcode:
		return p.pay(ctx, call, req, set.ReflectField)
	case sdk.MethodQR:
		return p.precreate(ctx, call, req)
	default:
		return sdk.PaymentResult{}, sdk.Errorf(sdk.ErrNotSupported, "Shouqianba does not offer the method %q.", req.Method)
	}
}

// createFields are the fields that pay and precreate share. The field that is given back
// has two names in the document (2.2, 6.2).
func createFields(call *sdk.Call, req sdk.PaymentRequest, reflectField string) (map[string]string, error) {
	if err := checkCreate(req); err != nil {
		return nil, err
	}
	return map[string]string{
		"terminal_sn":  call.Merchant(credTerminalSN),
		"client_sn":    req.OrderNo,
		"total_amount": strconv.FormatInt(req.Amount.Minor, 10),
		"subject":      wire.Clip(cmp.Or(req.Subject, req.OrderNo), maxSubject),
		"operator":     operator(req.Operator),
		"description":  wire.Clip(req.Description, maxDescription),
		"payway":       wire.Payway(req.Channel),
		"device_id":    wire.Clip(req.TerminalNo, maxDevice),
		"longitude":    req.Extra["longitude"],
		"latitude":     req.Extra["latitude"],
		"extended":     req.Extra["extended"],
		reflectField:   req.Extra["reflect"],
	}, nil
}

func operator(name string) string { return cmp.Or(wire.Clip(name, maxOperator), defaultOperator) }

func (provider) pay(ctx context.Context, call *sdk.Call, req sdk.PaymentRequest, reflectField string) (sdk.PaymentResult, error) {
	fields, err := createFields(call, req, reflectField)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	if n := len(req.PayerCode.Reveal()); n == 0 || n > maxCode {
		return sdk.PaymentResult{}, invalid("payer_code", "The payer's code must have 1 to %d bytes.", maxCode)
	}
	fields["dynamic_id"] = req.PayerCode.Text()
	reply, err := wire.Post(ctx, call, terminal(call), pathPay, fields)
	if err != nil {
		return noPayment(err)
	}
	return reply.Payment(payOutcome(reply), req.OrderNo, req.Amount), nil
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
		return r.Failed()
	case r.Biz == "FAIL":
		return r.FailToCreate()
	case r.Pending():
		return sdk.OutcomeInProgress
	}
	return sdk.OutcomeUnknown // PAY_FAIL_ERROR, UNKNOWN and whatever is not documented
}

func (provider) precreate(ctx context.Context, call *sdk.Call, req sdk.PaymentRequest) (sdk.PaymentResult, error) {
	// Only pay's table spells the field in two ways; that of precreate says reflect.
	fields, err := createFields(call, req, defaultReflectField)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	if fields["payway"] == "" {
		return sdk.PaymentResult{}, invalid("channel", "Choose the payer's wallet: a QR code needs it beforehand.")
	}
	reply, err := wire.Post(ctx, call, terminal(call), pathPrecreate, fields)
	if err != nil {
		return noPayment(err)
	}
	result := reply.Payment(precreateOutcome(reply), req.OrderNo, req.Amount)
	if result.Outcome == sdk.OutcomeInProgress && reply.Biz == "PRECREATE_SUCCESS" {
		result.NextAction = &sdk.NextAction{Type: sdk.ActionShowQR, QRContent: reply.Data.QRCode, ExpiresAt: req.ExpiresAt}
	}
	return result, nil
}

// precreateOutcome maps the reply to 三.6: a code that was made is not paid.
func precreateOutcome(r wire.Reply) sdk.Outcome {
	if outcome, ok := r.Layer1(); !ok {
		return outcome
	}
	switch {
	case r.Biz == "PRECREATE_SUCCESS":
		n, s := len(r.Data.QRCode), r.Data.OrderStatus
		if n == 0 || n > maxQRContent || (s != "" && s != "CREATED") {
			return sdk.OutcomeUnknown
		}
		return sdk.OutcomeInProgress
	case r.Biz == "PRECREATE_FAIL":
		return r.Failed()
	case r.Biz == "FAIL":
		return r.FailToCreate()
	case r.Pending():
		return sdk.OutcomeInProgress
	}
	return sdk.OutcomeUnknown
}
