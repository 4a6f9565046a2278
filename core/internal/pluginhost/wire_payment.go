package pluginhost

import (
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zhanggui-pay/zhanggui/core"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

func timeToWire(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func timeFromWire(t *timestamppb.Timestamp) time.Time {
	if t == nil || t.CheckValid() != nil {
		return time.Time{}
	}
	return t.AsTime()
}

func moneyToWire(m core.Money) *providerpb.Money {
	if m == (core.Money{}) {
		return nil
	}
	return &providerpb.Money{Minor: m.Minor, Currency: string(m.Currency)}
}

func moneyFromWire(m *providerpb.Money) core.Money {
	return core.Money{Minor: m.GetMinor(), Currency: core.Currency(m.GetCurrency())}
}

// valid makes text that protobuf accepts: what a person typed must not stop a call.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func paymentRequestToWire(r core.PaymentRequest) *providerpb.PaymentRequest {
	return &providerpb.PaymentRequest{
		OrderNo: r.OrderNo, Method: string(r.Method), Channel: r.Channel, Amount: moneyToWire(r.Amount),
		Subject: valid(r.Subject), Description: valid(r.Description), PayerCode: r.PayerCode.Reveal(), Operator: valid(r.Operator),
		StoreCode: valid(r.StoreCode), TerminalNo: valid(r.TerminalNo), ReturnUrl: valid(r.ReturnURL), ClientIp: r.ClientIP, CreatedAt: timeToWire(r.CreatedAt),
		ExpiresAt: timeToWire(r.ExpiresAt), Extra: dictionary[string](r.Extra, valid), PayerId: valid(r.PayerID), Card: cardToWire(r.Card),
	}
}

func orderToWire(o core.OrderRef) *providerpb.OrderRef {
	return &providerpb.OrderRef{
		OrderNo: o.OrderNo, ProviderOrderNo: o.ProviderOrderNo, Method: string(o.Method), Channel: o.Channel,
		Amount: moneyToWire(o.Amount), CreatedAt: timeToWire(o.CreatedAt),
	}
}

func confirmToWire(r core.ConfirmRequest) *providerpb.ConfirmRequest {
	return &providerpb.ConfirmRequest{
		Payment: orderToWire(r.Payment), Code: r.Code.Reveal(), Card: cardToWire(r.Card), Extra: dictionary[string](r.Extra, valid),
	}
}

func listRequestToWire(r core.ListRequest) *providerpb.ListRequest {
	return &providerpb.ListRequest{
		Product: r.Product, From: timeToWire(r.From), To: timeToWire(r.To), Limit: int32(r.Limit), //nolint:gosec // rows of a page
		Cursor: r.Cursor, Extra: dictionary[string](r.Extra, valid),
	}
}

func refundRequestToWire(r core.RefundRequest) *providerpb.RefundRequest {
	return &providerpb.RefundRequest{
		Payment: orderToWire(r.Payment), RefundNo: r.RefundNo, Amount: moneyToWire(r.Amount),
		RefundedBefore: moneyToWire(r.RefundedBefore), Reason: valid(r.Reason), Operator: valid(r.Operator), CreatedAt: timeToWire(r.CreatedAt),
	}
}

func actionFromWire(a *providerpb.NextAction) *core.NextAction {
	if a == nil {
		return nil
	}
	return &core.NextAction{
		Type: a.GetType(), URL: a.GetUrl(), QRContent: a.GetQrContent(),
		Fields: dictionary[string](a.GetFields(), same), HTML: a.GetHtml(), ExpiresAt: timeFromWire(a.GetExpiresAt()),
	}
}

func providerFromWire(p *providerpb.ProviderText) core.ProviderText {
	return core.ProviderText{Code: p.GetCode(), Message: p.GetMessage()}
}

func paymentResultFromWire(r *providerpb.PaymentResult) core.PaymentResult {
	return core.PaymentResult{
		Outcome: outcome(r.GetOutcome()), OrderNo: r.GetOrderNo(), Amount: moneyFromWire(r.GetAmount()), ProviderOrderNo: r.GetProviderOrderNo(),
		ChannelTradeNo: r.GetChannelTradeNo(), Channel: r.GetChannel(), PayerID: r.GetPayerId(), PaidAt: timeFromWire(r.GetPaidAt()),
		NextAction: actionFromWire(r.GetNextAction()), BoundCard: present(r.GetBoundCard(), boundCardFromWire), Refunded: r.GetRefunded(),
		Provider: providerFromWire(r.GetProvider()),
	}
}

func refundResultFromWire(r *providerpb.RefundResult) core.RefundResult {
	return core.RefundResult{
		Outcome: outcome(r.GetOutcome()), OrderNo: r.GetOrderNo(), RefundNo: r.GetRefundNo(), Amount: moneyFromWire(r.GetAmount()),
		ProviderRefundNo: r.GetProviderRefundNo(), RefundedAt: timeFromWire(r.GetRefundedAt()), Provider: providerFromWire(r.GetProvider()),
	}
}

func checkFromWire(r *providerpb.CheckResult) core.CheckResult {
	return core.CheckResult{
		Outcome: outcome(r.GetOutcome()), Values: dictionary[string](r.GetValues(), same), Provider: providerFromWire(r.GetProvider()),
	}
}

// outcome makes anything that is no known class unknown.
func outcome(s string) core.Outcome {
	switch o := core.Outcome(s); o {
	case core.OutcomeSucceeded, core.OutcomeFailed, core.OutcomeInProgress, core.OutcomeUnknown,
		core.OutcomeRefused, core.OutcomeNotFound, core.OutcomeCanceled, core.OutcomeClosed:
		return o
	}
	return core.OutcomeUnknown
}
