package main

import (
	"context"
	"net/http"
	"net/url"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/wechatpay/internal/wire"
)

// QueryRefund asks what became of a refund, by our number (查询单笔退款).
func (p provider) QueryRefund(ctx context.Context, call *sdk.Call, req sdk.RefundRequest) (sdk.RefundResult, error) {
	a, err := p.accountOf(call)
	if err != nil {
		return sdk.RefundResult{}, err
	}
	if err := checkNumber("refund_no", req.RefundNo); err != nil {
		return sdk.RefundResult{}, err
	}
	reply, err := a.client.Get(ctx, pathRefunds+"/"+url.PathEscape(req.RefundNo), nil)
	switch {
	case err != nil:
		return noRefund(err)
	case reply.Is(http.StatusNotFound, wire.CodeNoResource):
		return sdk.RefundResult{Outcome: sdk.OutcomeNotFound, Provider: reply.Text}, nil
	case reply.Refusal():
		return sdk.RefundResult{Outcome: sdk.OutcomeRefused, Provider: reply.Text, KeyRefused: reply.KeyRefused()}, nil
	case reply.Status != http.StatusOK:
		return sdk.RefundResult{Outcome: sdk.OutcomeUnknown, Provider: reply.Text}, nil
	}
	d, err := reply.Refund()
	if err != nil {
		return noRefund(err)
	}
	return refundOf(d, req), nil
}
