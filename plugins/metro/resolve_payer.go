package main

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/plugins/metro/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// payerBody asks whose code it is (seed 000, 四.4).
type payerBody struct {
	Code string `json:"qrcode"`
}

// ResolvePayer finds the uid behind a payer's code (seed 000, 四.4). It charges nothing.
func (p provider) ResolvePayer(ctx context.Context, call *sdk.Call, req sdk.PayerRequest) (sdk.PayerResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.PayerResult{}, err
	}
	if req.Purpose != "" && req.Purpose != sdk.PayerIdentify {
		return sdk.PayerResult{}, sdk.Errorf(sdk.ErrNotSupported, "Metro tells who a payer is by a code; it has no page for %q.", req.Purpose)
	}
	if err := checkCode("code", req.Code); err != nil {
		return sdk.PayerResult{}, err
	}
	reply, err := p.post(ctx, call, set, pathPayer, payerBody{req.Code.Text()})
	if err != nil {
		return noPayer(err)
	}
	if !reply.OK {
		return sdk.PayerResult{Outcome: sdk.OutcomeRefused, Provider: reply.Text}, nil
	}
	uid, err := reply.UID()
	if err != nil {
		return noPayer(err)
	}
	if uid == "" {
		return sdk.PayerResult{Outcome: sdk.OutcomeUnknown, Provider: reply.Text}, nil
	}
	return sdk.PayerResult{Outcome: sdk.OutcomeSucceeded, PayerID: uid, Provider: reply.Text}, nil
}

// noPayer is noPayment for a payer.
func noPayer(err error) (sdk.PayerResult, error) {
	text, err := wire.Failure(err)
	return sdk.PayerResult{Outcome: sdk.OutcomeUnknown, Provider: text}, err
}
