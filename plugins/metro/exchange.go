package main

import (
	"cmp"
	"context"
	"crypto/rand"

	"github.com/zhanggui-pay/zhanggui/plugins/metro/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// post makes the one exchange of a call.
func (p provider) post(ctx context.Context, call *sdk.Call, set settings, path string, body any) (wire.Reply, error) {
	client := wire.Client{
		Call: call, Merchant: call.Merchant(credMerchant), Key: credPrivateKey, Random: cmp.Or(p.random, rand.Reader),
		Signing: set.signing(), Envelope: set.envelope(),
	}
	return client.Post(ctx, path, body)
}

// noPayment is the answer when there is no readable reply: an error when nothing left,
// otherwise the money may have moved.
func noPayment(err error) (sdk.PaymentResult, error) {
	text, err := wire.Failure(err)
	return sdk.PaymentResult{Outcome: sdk.OutcomeUnknown, Provider: text}, err
}

// orderBody names an order. The provider takes its number or ours, never both (trap M8);
// ours is known even when the answer to the charge was lost.
type orderBody struct {
	OrderNo string `json:"out_request_no"`
}
