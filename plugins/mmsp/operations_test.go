package main

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

// operation is one operation of the document, called through its capability against a good
// reply. An id may stand in several rows.
type operation struct {
	ID, Name   string // together the names of the golden files
	Capability sdk.Capability
	Method     sdk.Method
	Settings   string // over the tests' own
	Agent      bool   // an agent's key signs
	Reply      string // the provider's; empty where nothing is sent from here
	Call       func(ctx context.Context, p sdk.Provider, call *sdk.Call) (result, error)
	Want       sdk.Outcome
	Golden     func(t *testing.T, message string) string // takes out what is different each time; nil: nothing
}

// result is what a capability made of the reply.
type result struct {
	outcome sdk.Outcome
	payment sdk.PaymentResult
	refund  sdk.RefundResult
	// request is what the payer's browser or the provider itself sends, and answer what we
	// answer the provider; both are empty where we send.
	request, answer string
}

// operations has a row at least for every id of the four products.
func operations() []operation {
	return slices.Concat(payoutOperations(), quickOperations(), scanOperations(), gatewayOperations())
}

// operationIDs are the document's operations.
func operationIDs() []string {
	return []string{
		"PO1", "PO2", "PO3",
		"QP1", "QP2", "QP3", "QP4", "QP5", "QP6", "QP7", "QP8", "QP9", "QP10", "QP11", "QP12", "QP13",
		"SC1", "SC2", "SC3", "SC4", "SC5", "SC6", "SC7", "SC8", "SC9", "SC10",
		"SC11", "SC12", "SC13", "SC14", "SC15", "SC16", "SC17", "SC18", "SC19", "SC20",
		"GW1", "GW2", "GW3", "GW4", "GW5",
	}
}

// run calls the operation and gives the host behind it.
func (o operation) run(t *testing.T, p sdk.Provider) (*testHost, result, error) {
	t.Helper()
	h := answering(http.StatusOK, o.Reply)
	if o.Agent {
		h.Credentials = agentCredentials()
	}
	r, err := o.Call(t.Context(), p, h.call(t.Context(), o.Capability, o.Settings))
	return h, r, err
}

// TestOperations calls every operation, in this process and over a connection.
func TestOperations(t *testing.T) {
	t.Parallel()
	for _, id := range operationIDs() {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			t.Run("in process", func(t *testing.T) {
				t.Parallel()
				operate(t, id, testPlugin())
			})
			t.Run("over the wire", func(t *testing.T) {
				t.Parallel()
				operate(t, id, sdktest.OverTheWire(t, testPlugin()))
			})
		})
	}
}

func operate(t *testing.T, id string, p sdk.Provider) {
	t.Helper()
	rows := 0
	for _, o := range operations() {
		if o.ID != id {
			continue
		}
		rows++
		h, r, err := o.run(t, p)
		if err != nil || r.outcome != o.Want {
			t.Errorf("%s: %q, %v; want %q", o.Name, r.outcome, err, o.Want)
		}
		if wants := o.Reply != ""; wants != (h.Sends() == 1) || h.Sends() > 1 {
			t.Errorf("%s: %d requests were sent", o.Name, h.Sends())
		}
	}
	if rows == 0 {
		t.Error("the operation is not in the table")
	}
}

// The ways to call each capability.

func createPayment(req sdk.PaymentRequest) func(context.Context, sdk.Provider, *sdk.Call) (result, error) {
	return func(ctx context.Context, p sdk.Provider, call *sdk.Call) (result, error) {
		r, err := able[sdk.PaymentCreator](p).CreatePayment(ctx, call, req)
		out := result{outcome: r.Outcome, payment: r}
		if r.NextAction != nil {
			out.request = r.NextAction.Fields["web_api"]
		}
		return out, err
	}
}

func queryPayment(ref sdk.OrderRef) func(context.Context, sdk.Provider, *sdk.Call) (result, error) {
	return func(ctx context.Context, p sdk.Provider, call *sdk.Call) (result, error) {
		r, err := able[sdk.PaymentQuerier](p).QueryPayment(ctx, call, ref)
		return result{outcome: r.Outcome, payment: r}, err
	}
}

func cancelPayment(ref sdk.OrderRef) func(context.Context, sdk.Provider, *sdk.Call) (result, error) {
	return func(ctx context.Context, p sdk.Provider, call *sdk.Call) (result, error) {
		r, err := able[sdk.PaymentCanceler](p).CancelPayment(ctx, call, ref)
		return result{outcome: r.Outcome, payment: r}, err
	}
}

func closePayment(ref sdk.OrderRef) func(context.Context, sdk.Provider, *sdk.Call) (result, error) {
	return func(ctx context.Context, p sdk.Provider, call *sdk.Call) (result, error) {
		r, err := able[sdk.PaymentCloser](p).ClosePayment(ctx, call, ref)
		return result{outcome: r.Outcome, payment: r}, err
	}
}

func createRefund(req sdk.RefundRequest) func(context.Context, sdk.Provider, *sdk.Call) (result, error) {
	return func(ctx context.Context, p sdk.Provider, call *sdk.Call) (result, error) {
		r, err := able[sdk.Refunder](p).CreateRefund(ctx, call, req)
		return result{outcome: r.Outcome, refund: r}, err
	}
}

func queryRefund(req sdk.RefundRequest) func(context.Context, sdk.Provider, *sdk.Call) (result, error) {
	return func(ctx context.Context, p sdk.Provider, call *sdk.Call) (result, error) {
		r, err := able[sdk.RefundQuerier](p).QueryRefund(ctx, call, req)
		return result{outcome: r.Outcome, refund: r}, err
	}
}

func listPaymentsOf(req sdk.ListRequest) func(context.Context, sdk.Provider, *sdk.Call) (result, error) {
	return func(ctx context.Context, p sdk.Provider, call *sdk.Call) (result, error) {
		r, err := able[sdk.PaymentLister](p).ListPayments(ctx, call, req)
		out := result{outcome: r.Outcome}
		if len(r.Payments) > 0 {
			out.payment = r.Payments[0]
		}
		return out, err
	}
}

func resolvePayer(req sdk.PayerRequest) func(context.Context, sdk.Provider, *sdk.Call) (result, error) {
	return func(ctx context.Context, p sdk.Provider, call *sdk.Call) (result, error) {
		r, err := able[sdk.PayerResolver](p).ResolvePayer(ctx, call, req)
		out := result{outcome: r.Outcome, answer: r.PayerID}
		if r.NextAction != nil {
			out.request = r.NextAction.URL
		}
		return out, err
	}
}

// handleInbound calls a verified request by its event's outcome, one that makes the host ask
// in progress, and anything else failed.
func handleInbound(req sdk.InboundRequest) func(context.Context, sdk.Provider, *sdk.Call) (result, error) {
	return func(ctx context.Context, p sdk.Provider, call *sdk.Call) (result, error) {
		r, err := able[sdk.InboundHandler](p).HandleInbound(ctx, call, req)
		out := result{outcome: sdk.OutcomeFailed, request: string(req.Body), answer: string(r.Answer.Body)}
		if req.Method == http.MethodGet {
			out.request = req.Query
		}
		switch {
		case r.Verified && len(r.Events) == 1 && r.Events[0].Payment != nil:
			out.payment = *r.Events[0].Payment
			out.outcome = out.payment.Outcome
		case len(r.Ask) == 1:
			out.outcome = sdk.OutcomeInProgress
		}
		return out, err
	}
}

// able is what every Remote and every plugin that offers the capability is.
func able[T any](p sdk.Provider) T {
	out, ok := p.(T)
	if !ok {
		panic("the plugin does not implement what it offers")
	}
	return out
}
