package main

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/payoutwire"
	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// QueryPayout asks what became of a payout (代付 5.2), by our own number only: a platform
// number learnt from a wrong reply can never lead to another payout. The sample's QRYTYPE is
// not in the table (trap P7), so it is not sent.
func (provider) QueryPayout(ctx context.Context, call *sdk.Call, ref sdk.PayoutRef) (sdk.PayoutResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.PayoutResult{}, err
	}
	if !payoutwire.Digits(ref.OrderNo, 1, maxPayoutNo) {
		return sdk.PayoutResult{}, invalid("order_no", "A payout's number must be 1 to %d digits.", maxPayoutNo)
	}
	party := payoutParty(call, set)
	reply, err := payoutwire.Post(ctx, call, party, payoutwire.CommandQuery, map[string]string{"ORDERNO": ref.OrderNo})
	if err != nil {
		return noPayout(err)
	}
	asked := payoutwire.Payout{Merchant: party.Merchant, OrderNo: ref.OrderNo, Amount: ref.Amount, AmountNamed: true}
	return reply.Result(reply.Queried(), asked), nil
}

// noPayout is the answer when there is no reply to believe: an error when nothing left,
// otherwise the money may have moved.
func noPayout(err error) (sdk.PayoutResult, error) {
	text, err := wire.Failure(err)
	return sdk.PayoutResult{Outcome: sdk.OutcomeUnknown, Provider: text}, err
}
