package pluginhost

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

// wireReply is what every reply of a plugin is: a result or a failure.
type wireReply[W any] interface {
	GetResult() W
	GetFailure() *providerpb.Failure
}

// kind is how one sort of result is read.
type kind[W, R any] struct {
	read func(W) R
	// head points at what the host fills itself, whatever the plugin said.
	head func(*R) head
	// known are numbers of the provider's that are no card numbers.
	known func(R) []string
}

type head struct {
	outcome  *core.Outcome
	provider *core.ProviderText
	exchange *core.Exchange
}

// invoke makes one call of a capability. The result's exchange is filled also beside an error.
func invoke[M wireReply[W], W, R any](
	ctx context.Context, h *Host, capability core.Capability, o order, k kind[W, R],
	do func(context.Context, providerpb.ProviderClient, *providerpb.Call) (M, error),
) (R, error) {
	var result R
	o.call.Operation = capability
	o.do = func(ctx context.Context, r providerpb.ProviderClient, c *providerpb.Call) (reply, error) {
		got, err := do(ctx, r, c)
		if err != nil {
			return reply{}, err
		}
		result = k.read(got.GetResult())
		answer := reply{failure: got.GetFailure(), outcome: *k.head(&result).outcome}
		if r, ok := any(got.GetResult()).(interface{ GetKeyRefused() bool }); ok {
			answer.keyRefused = r.GetKeyRefused()
		}
		if k.known != nil {
			answer.known = k.known(result)
		}
		return answer, nil
	}
	v, err := h.make(ctx, o)
	if !v.replied {
		var nothing R
		result = nothing
		*k.head(&result).provider = v.provider
	}
	said := k.head(&result).provider
	said.Message, said.Code = clip(v.redact.text(said.Message)), clip(said.Code)
	*k.head(&result).outcome, *k.head(&result).exchange = v.outcome, v.exchange
	return result, err
}

func paymentKind() kind[*providerpb.PaymentResult, core.PaymentResult] {
	return kind[*providerpb.PaymentResult, core.PaymentResult]{
		read:  paymentResultFromWire,
		head:  func(r *core.PaymentResult) head { return head{&r.Outcome, &r.Provider, &r.Exchange} },
		known: func(r core.PaymentResult) []string { return []string{r.ProviderOrderNo, r.ChannelTradeNo, r.OrderNo} },
	}
}

func refundKind() kind[*providerpb.RefundResult, core.RefundResult] {
	return kind[*providerpb.RefundResult, core.RefundResult]{
		read:  refundResultFromWire,
		head:  func(r *core.RefundResult) head { return head{&r.Outcome, &r.Provider, &r.Exchange} },
		known: func(r core.RefundResult) []string { return []string{r.ProviderRefundNo, r.RefundNo, r.OrderNo} },
	}
}

func checkKind() kind[*providerpb.CheckResult, core.CheckResult] {
	return kind[*providerpb.CheckResult, core.CheckResult]{
		read: checkFromWire,
		head: func(r *core.CheckResult) head { return head{&r.Outcome, &r.Provider, &r.Exchange} },
	}
}

func listKind() kind[*providerpb.ListResult, core.ListResult] {
	return kind[*providerpb.ListResult, core.ListResult]{
		read: listResultFromWire,
		head: func(r *core.ListResult) head { return head{&r.Outcome, &r.Provider, &r.Exchange} },
		known: func(r core.ListResult) []string {
			out := make([]string, 0, 3*len(r.Payments))
			for _, p := range r.Payments {
				out = append(out, p.OrderNo, p.ProviderOrderNo, p.ChannelTradeNo)
			}
			return out
		},
	}
}

func payoutKind() kind[*providerpb.PayoutResult, core.PayoutResult] {
	return kind[*providerpb.PayoutResult, core.PayoutResult]{
		read:  payoutResultFromWire,
		head:  func(r *core.PayoutResult) head { return head{&r.Outcome, &r.Provider, &r.Exchange} },
		known: func(r core.PayoutResult) []string { return []string{r.ProviderOrderNo, r.OrderNo} },
	}
}

func balanceKind() kind[*providerpb.BalanceResult, core.BalanceResult] {
	return kind[*providerpb.BalanceResult, core.BalanceResult]{
		read: balanceResultFromWire,
		head: func(r *core.BalanceResult) head { return head{&r.Outcome, &r.Provider, &r.Exchange} },
	}
}

func billKind() kind[*providerpb.BillResult, core.BillResult] {
	return kind[*providerpb.BillResult, core.BillResult]{
		read: billResultFromWire,
		head: func(r *core.BillResult) head { return head{&r.Outcome, &r.Provider, &r.Exchange} },
	}
}

func cardKind() kind[*providerpb.CardResult, core.CardResult] {
	return kind[*providerpb.CardResult, core.CardResult]{
		read: cardResultFromWire,
		head: func(r *core.CardResult) head { return head{&r.Outcome, &r.Provider, &r.Exchange} },
		known: func(r core.CardResult) []string {
			out := make([]string, 0, len(r.Cards))
			for _, c := range r.Cards {
				out = append(out, c.BindID)
			}
			return out
		},
	}
}

func payerKind() kind[*providerpb.PayerResult, core.PayerResult] {
	return kind[*providerpb.PayerResult, core.PayerResult]{
		read: payerResultFromWire,
		head: func(r *core.PayerResult) head { return head{&r.Outcome, &r.Provider, &r.Exchange} },
	}
}

// inboundKind: a request made to us has no outcome; what it says stands in its events.
func inboundKind() kind[*providerpb.InboundResult, core.InboundResult] {
	return kind[*providerpb.InboundResult, core.InboundResult]{
		read: inboundResultFromWire,
		head: func(r *core.InboundResult) head { return head{new(core.Outcome), &r.Provider, &r.Exchange} },
	}
}
