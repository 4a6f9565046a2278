package sdk

import "context"

// What all capabilities have in common: an error means that nothing is proven. With nothing sent the
// caller hears that; otherwise the outcome is unknown. A request that cannot be sent is an *Error with
// ErrInvalidRequest and the field at fault. A call sends at most what its grant says, and ends with ctx.

// Provider is what every plugin is. What it can do besides are the small interfaces
// below, each optional. A capability is offered when the interface is implemented and
// the manifest lists it.
type Provider interface {
	Manifest() Manifest
}

// PaymentCreator asks for money.
type PaymentCreator interface {
	CreatePayment(ctx context.Context, call *Call, req PaymentRequest) (PaymentResult, error)
}

// PaymentConfirmer hands in the code the payer received.
type PaymentConfirmer interface {
	ConfirmPayment(ctx context.Context, call *Call, req ConfirmRequest) (PaymentResult, error)
}

// CodeResender has the provider send the payer's code again.
type CodeResender interface {
	ResendCode(ctx context.Context, call *Call, ref OrderRef) (CheckResult, error)
}

// PaymentQuerier asks what became of a payment.
type PaymentQuerier interface {
	QueryPayment(ctx context.Context, call *Call, ref OrderRef) (PaymentResult, error)
}

// PaymentLister pages through the payments of a period.
type PaymentLister interface {
	ListPayments(ctx context.Context, call *Call, req ListRequest) (ListResult, error)
}

// PaymentCanceler takes a payment back. Succeeded means: it is canceled.
type PaymentCanceler interface {
	CancelPayment(ctx context.Context, call *Call, ref OrderRef) (PaymentResult, error)
}

// PaymentCloser closes an unpaid order. Succeeded means: it is closed.
type PaymentCloser interface {
	ClosePayment(ctx context.Context, call *Call, ref OrderRef) (PaymentResult, error)
}

// Refunder gives money back.
type Refunder interface {
	CreateRefund(ctx context.Context, call *Call, req RefundRequest) (RefundResult, error)
}

// RefundQuerier asks what became of a refund.
type RefundQuerier interface {
	QueryRefund(ctx context.Context, call *Call, req RefundRequest) (RefundResult, error)
}

// PayoutCreator pays out.
type PayoutCreator interface {
	CreatePayout(ctx context.Context, call *Call, req PayoutRequest) (PayoutResult, error)
}

// PayoutQuerier asks what became of a payout.
type PayoutQuerier interface {
	QueryPayout(ctx context.Context, call *Call, ref PayoutRef) (PayoutResult, error)
}

// BalanceLister lists the merchant's balances at the provider.
type BalanceLister interface {
	ListBalances(ctx context.Context, call *Call) (BalanceResult, error)
}

// BillFetcher fetches a day's bill.
type BillFetcher interface {
	FetchBill(ctx context.Context, call *Call, req BillRequest) (BillResult, error)
}

// CardBinder binds a payer's card.
type CardBinder interface {
	BindCard(ctx context.Context, call *Call, req BindCardRequest) (CardResult, error)
}

// CardUnbinder forgets a bound card.
type CardUnbinder interface {
	UnbindCard(ctx context.Context, call *Call, ref CardRef) (CardResult, error)
}

// CardQuerier lists a payer's bound cards.
type CardQuerier interface {
	QueryCard(ctx context.Context, call *Call, ref CardRef) (CardResult, error)
}

// PayerResolver finds the payer's id.
type PayerResolver interface {
	ResolvePayer(ctx context.Context, call *Call, req PayerRequest) (PayerResult, error)
}

// Activator obtains an account's credentials from the provider by one-time values.
type Activator interface {
	Activate(ctx context.Context, call *Call, values map[string]Secret) (CheckResult, error)
}

// CheckIner is the harmless exchange that proves the keys, and renews them where the
// provider does so.
type CheckIner interface {
	CheckIn(ctx context.Context, call *Call) (CheckResult, error)
}

// InboundHandler turns a request from the provider into verified events and the exact
// reply it expects.
type InboundHandler interface {
	HandleInbound(ctx context.Context, call *Call, req InboundRequest) (InboundResult, error)
}

// Capabilities lists what p implements, in the contract's order.
func Capabilities(p Provider) []Capability {
	var out []Capability
	add := func(ok bool, c Capability) {
		if ok {
			out = append(out, c)
		}
	}
	add(is[PaymentCreator](p), CapCreatePayment)
	add(is[PaymentConfirmer](p), CapConfirmPayment)
	add(is[CodeResender](p), CapResendCode)
	add(is[PaymentQuerier](p), CapQueryPayment)
	add(is[PaymentLister](p), CapListPayments)
	add(is[PaymentCanceler](p), CapCancelPayment)
	add(is[PaymentCloser](p), CapClosePayment)
	add(is[Refunder](p), CapCreateRefund)
	add(is[RefundQuerier](p), CapQueryRefund)
	add(is[PayoutCreator](p), CapCreatePayout)
	add(is[PayoutQuerier](p), CapQueryPayout)
	add(is[BalanceLister](p), CapListBalances)
	add(is[BillFetcher](p), CapFetchBill)
	add(is[CardBinder](p), CapBindCard)
	add(is[CardUnbinder](p), CapUnbindCard)
	add(is[CardQuerier](p), CapQueryCard)
	add(is[PayerResolver](p), CapResolvePayer)
	add(is[Activator](p), CapActivate)
	add(is[CheckIner](p), CapCheckIn)
	add(is[InboundHandler](p), CapInbound)
	return out
}

func is[T any](p Provider) bool { _, ok := p.(T); return ok }
