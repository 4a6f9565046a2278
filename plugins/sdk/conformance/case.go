package conformance

import (
	"context"
	"net/http"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// Case is a plugin and what is needed to call it.
type Case struct {
	Provider    sdk.Provider
	BaseURL     string            // default "https://provider.invalid"
	Settings    string            // JSON; default {}
	Credentials map[string]string // by the manifest's names; PEM for keys and certificates
	Now         time.Time         // default 2026-01-01 12:00 in Beijing

	// What the capabilities are called with. A capability without its sample fails the suite.
	Payments   []sdk.PaymentRequest // one for each method
	Order      sdk.OrderRef
	Confirm    sdk.ConfirmRequest
	Refund     sdk.RefundRequest
	Payout     sdk.PayoutRequest
	PayoutRef  sdk.PayoutRef
	Activation map[string]sdk.Secret
	List       sdk.ListRequest
	Bill       sdk.BillRequest
	BindCard   sdk.BindCardRequest
	Card       sdk.CardRef
	Payer      sdk.PayerRequest
	Inbound    []sdk.InboundRequest

	// Replies are good replies of the provider, by capability; they are cut and mutated.
	Replies map[sdk.Capability][]string
	// Headers are those that the provider sends with a reply of that status and body. Where it signs
	// in a header, sign here: cut and mutated replies are then read, and not refused unread.
	Headers func(status int, body []byte) http.Header

	private map[string]string // what samples hold of a payer, by what it is

	// Mutations is how many mutants of each reply are tried; default 200.
	Mutations int
}

// WithDefaults fills in what may be left out.
func (c Case) WithDefaults() Case {
	if c.BaseURL == "" {
		c.BaseURL = "https://provider.invalid"
	}
	if c.Settings == "" {
		c.Settings = "{}"
	}
	if c.Now.IsZero() {
		c.Now = time.Date(2026, 1, 1, 12, 0, 0, 0, sdk.Beijing())
	}
	if c.Mutations == 0 {
		c.Mutations = 200
	}
	return c
}

// operation is one way to call a capability.
type operation struct {
	name       string
	capability sdk.Capability
	silent     bool // it asks the provider nothing
	run        runner
	numbers    []string // our numbers, one of which must be in what is sent
	amount     sdk.Money
	payment    *sdk.PaymentRequest // of a payment
}

// said is what came back of a call.
type said struct {
	outcome sdk.Outcome
	result  any
}

// operations lists how to call each capability the manifest offers.
func (c Case) operations(m sdk.Manifest) []operation {
	var out []operation
	seen := map[sdk.Capability]bool{}
	for _, p := range m.Products {
		for _, capability := range p.Capabilities {
			if !seen[capability] {
				seen[capability] = true
				out = append(out, c.operationsOf(m, capability)...)
			}
		}
	}
	return out
}

func (c Case) operationsOf(m sdk.Manifest, capability sdk.Capability) []operation {
	switch capability {
	case sdk.CapCreatePayment:
		return c.paymentOperations(m)
	case sdk.CapInbound:
		return c.inboundOperations()
	default:
	}
	if run := c.runner(capability); run != nil {
		return []operation{{name: string(capability), capability: capability, silent: m.Grants[capability].Sends == 0, run: run}}
	}
	return nil
}

func (c Case) paymentOperations(m sdk.Manifest) []operation {
	browser := map[sdk.Method]bool{}
	for _, p := range m.Products {
		for _, method := range p.Methods {
			browser[method.Method] = method.Browser
		}
	}
	out := make([]operation, 0, len(c.Payments))
	for _, req := range c.Payments {
		name := string(sdk.CapCreatePayment) + " " + string(req.Method)
		out = append(out, operation{name: name, capability: sdk.CapCreatePayment, silent: browser[req.Method], payment: &req, run: func(ctx context.Context, p sdk.Provider, call *sdk.Call) (said, error) {
			return with(p, func(p sdk.PaymentCreator) (sdk.PaymentResult, error) { return p.CreatePayment(ctx, call, req) },
				func(r sdk.PaymentResult) sdk.Outcome { return r.Outcome })
		}})
	}
	return out
}

// with calls one capability and reads its outcome.
func with[T, R any](p sdk.Provider, do func(T) (R, error), outcome func(R) sdk.Outcome) (said, error) {
	able, ok := p.(T)
	if !ok {
		return said{}, sdk.Errorf(sdk.ErrNotSupported, "The plugin does not implement what its manifest offers.")
	}
	r, err := do(able)
	return said{outcome(r), r}, err
}

func paymentOutcome(r sdk.PaymentResult) sdk.Outcome { return r.Outcome }

func refundOutcome(r sdk.RefundResult) sdk.Outcome { return r.Outcome }

func checkOutcome(r sdk.CheckResult) sdk.Outcome { return r.Outcome }

func cardOutcome(r sdk.CardResult) sdk.Outcome { return r.Outcome }

func payoutOutcome(r sdk.PayoutResult) sdk.Outcome { return r.Outcome }

type runner func(context.Context, sdk.Provider, *sdk.Call) (said, error)

// runner calls a capability with the case's sample.
func (c Case) runner(capability sdk.Capability) runner {
	runners := c.paymentRunners()
	for k, v := range c.otherRunners() {
		runners[k] = v
	}
	return runners[capability]
}

func (c Case) paymentRunners() map[sdk.Capability]runner {
	return map[sdk.Capability]runner{
		sdk.CapConfirmPayment: func(ctx context.Context, p sdk.Provider, call *sdk.Call) (said, error) {
			return with(p, func(p sdk.PaymentConfirmer) (sdk.PaymentResult, error) { return p.ConfirmPayment(ctx, call, c.Confirm) }, paymentOutcome)
		},
		sdk.CapResendCode: func(ctx context.Context, p sdk.Provider, call *sdk.Call) (said, error) {
			return with(p, func(p sdk.CodeResender) (sdk.CheckResult, error) { return p.ResendCode(ctx, call, c.Order) }, checkOutcome)
		},
		sdk.CapQueryPayment: func(ctx context.Context, p sdk.Provider, call *sdk.Call) (said, error) {
			return with(p, func(p sdk.PaymentQuerier) (sdk.PaymentResult, error) { return p.QueryPayment(ctx, call, c.Order) }, paymentOutcome)
		},
		sdk.CapListPayments: func(ctx context.Context, p sdk.Provider, call *sdk.Call) (said, error) {
			return with(p, func(p sdk.PaymentLister) (sdk.ListResult, error) { return p.ListPayments(ctx, call, c.List) },
				func(r sdk.ListResult) sdk.Outcome { return r.Outcome })
		},
		sdk.CapCancelPayment: func(ctx context.Context, p sdk.Provider, call *sdk.Call) (said, error) {
			return with(p, func(p sdk.PaymentCanceler) (sdk.PaymentResult, error) { return p.CancelPayment(ctx, call, c.Order) }, paymentOutcome)
		},
		sdk.CapClosePayment: func(ctx context.Context, p sdk.Provider, call *sdk.Call) (said, error) {
			return with(p, func(p sdk.PaymentCloser) (sdk.PaymentResult, error) { return p.ClosePayment(ctx, call, c.Order) }, paymentOutcome)
		},
		sdk.CapCreateRefund: func(ctx context.Context, p sdk.Provider, call *sdk.Call) (said, error) {
			return with(p, func(p sdk.Refunder) (sdk.RefundResult, error) { return p.CreateRefund(ctx, call, c.Refund) }, refundOutcome)
		},
		sdk.CapQueryRefund: func(ctx context.Context, p sdk.Provider, call *sdk.Call) (said, error) {
			return with(p, func(p sdk.RefundQuerier) (sdk.RefundResult, error) { return p.QueryRefund(ctx, call, c.Refund) }, refundOutcome)
		},
	}
}

func (c Case) otherRunners() map[sdk.Capability]runner {
	return map[sdk.Capability]runner{
		sdk.CapCreatePayout: func(ctx context.Context, p sdk.Provider, call *sdk.Call) (said, error) {
			return with(p, func(p sdk.PayoutCreator) (sdk.PayoutResult, error) { return p.CreatePayout(ctx, call, c.Payout) }, payoutOutcome)
		},
		sdk.CapQueryPayout: func(ctx context.Context, p sdk.Provider, call *sdk.Call) (said, error) {
			return with(p, func(p sdk.PayoutQuerier) (sdk.PayoutResult, error) { return p.QueryPayout(ctx, call, c.PayoutRef) }, payoutOutcome)
		},
		sdk.CapListBalances: func(ctx context.Context, p sdk.Provider, call *sdk.Call) (said, error) {
			return with(p, func(p sdk.BalanceLister) (sdk.BalanceResult, error) { return p.ListBalances(ctx, call) },
				func(r sdk.BalanceResult) sdk.Outcome { return r.Outcome })
		},
		sdk.CapFetchBill: func(ctx context.Context, p sdk.Provider, call *sdk.Call) (said, error) {
			return with(p, func(p sdk.BillFetcher) (sdk.BillResult, error) { return p.FetchBill(ctx, call, c.Bill) },
				func(r sdk.BillResult) sdk.Outcome { return r.Outcome })
		},
		sdk.CapBindCard: func(ctx context.Context, p sdk.Provider, call *sdk.Call) (said, error) {
			return with(p, func(p sdk.CardBinder) (sdk.CardResult, error) { return p.BindCard(ctx, call, c.BindCard) }, cardOutcome)
		},
		sdk.CapUnbindCard: func(ctx context.Context, p sdk.Provider, call *sdk.Call) (said, error) {
			return with(p, func(p sdk.CardUnbinder) (sdk.CardResult, error) { return p.UnbindCard(ctx, call, c.Card) }, cardOutcome)
		},
		sdk.CapQueryCard: func(ctx context.Context, p sdk.Provider, call *sdk.Call) (said, error) {
			return with(p, func(p sdk.CardQuerier) (sdk.CardResult, error) { return p.QueryCard(ctx, call, c.Card) }, cardOutcome)
		},
		sdk.CapResolvePayer: func(ctx context.Context, p sdk.Provider, call *sdk.Call) (said, error) {
			return with(p, func(p sdk.PayerResolver) (sdk.PayerResult, error) { return p.ResolvePayer(ctx, call, c.Payer) },
				func(r sdk.PayerResult) sdk.Outcome { return r.Outcome })
		},
		sdk.CapActivate: func(ctx context.Context, p sdk.Provider, call *sdk.Call) (said, error) {
			return with(p, func(p sdk.Activator) (sdk.CheckResult, error) { return p.Activate(ctx, call, c.Activation) }, checkOutcome)
		},
		sdk.CapCheckIn: func(ctx context.Context, p sdk.Provider, call *sdk.Call) (said, error) {
			return with(p, func(p sdk.CheckIner) (sdk.CheckResult, error) { return p.CheckIn(ctx, call) }, checkOutcome)
		},
	}
}
