package sdk

import (
	"context"
	"crypto/rand"
	"fmt"

	"google.golang.org/grpc"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

// Remote is a plugin at the other end of a connection, for tests and for the conformance suite:
// a Provider with every capability, each call of which goes over the wire to the plugin, and
// whose host services go over the wire back to the Call's host. The product's own host speaks to
// plugins itself.
type Remote struct {
	conn     providerpb.ProviderClient
	manifest Manifest
	calls    *remoteCalls
	server   *grpc.Server
}

// Broker is go-plugin's, as far as a Remote needs it.
type Broker interface {
	NextId() uint32
	AcceptAndServe(id uint32, newServer func([]grpc.ServerOption) *grpc.Server)
}

// NewRemote takes a plugin over from the two ends of its connection. It serves the host's side,
// tells the plugin where, and reads its manifest, within ctx.
func NewRemote(ctx context.Context, broker Broker, conn *grpc.ClientConn) (*Remote, error) {
	r := &Remote{conn: providerpb.NewProviderClient(conn), calls: &remoteCalls{live: map[string]*Call{}}}
	id := broker.NextId()
	ready := make(chan *grpc.Server, 1)
	go broker.AcceptAndServe(id, func(opts []grpc.ServerOption) *grpc.Server {
		server := newServer(opts)
		providerpb.RegisterHostServer(server, &hostServer{calls: r.calls})
		ready <- server
		return server
	})
	select {
	case r.server = <-ready:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if _, err := r.conn.Attach(ctx, &providerpb.AttachRequest{BrokerId: id}); err != nil {
		return nil, fmt.Errorf("attach: %w", err)
	}
	reply, err := r.conn.Describe(ctx, &providerpb.DescribeRequest{})
	if err != nil {
		return nil, fmt.Errorf("describe: %w", err)
	}
	r.manifest = manifestFromWire(reply.GetManifest())
	return r, nil
}

// Manifest is the plugin's, as it came over the wire.
func (r *Remote) Manifest() Manifest { return r.manifest }

// Stop ends the host services.
func (r *Remote) Stop() { r.server.Stop() }

// DidNotAnswer begins the message of a Remote's error when no answer of the plugin came.
const DidNotAnswer = "The plugin did not answer"

type replied[W any] interface {
	GetResult() *W
	GetFailure() *providerpb.Failure
}

// remotely makes one call: it registers the host under a token for as long as the call lasts.
func remotely[W, R any, P replied[W]](r *Remote, call *Call, do func(*providerpb.Call) (P, error), convert func(*W) R) (R, error) {
	token := make([]byte, 16)
	_, _ = rand.Read(token) // does not fail on the platforms we run on
	r.calls.add(token, call)
	defer r.calls.remove(token)
	var zero R
	reply, err := do(callToWire(call.CallInfo, token, call.Now()))
	if err != nil {
		return zero, Errorf(ErrInternal, DidNotAnswer+": %v.", err)
	}
	if f := reply.GetFailure(); f != nil {
		return zero, failureFromWire(f)
	}
	return convert(reply.GetResult()), nil
}

// CreatePayment calls the plugin.
func (r *Remote) CreatePayment(ctx context.Context, call *Call, req PaymentRequest) (PaymentResult, error) {
	return remotely(r, call, func(c *providerpb.Call) (*providerpb.PaymentReply, error) {
		return r.conn.CreatePayment(ctx, &providerpb.PaymentCall{Call: c, Request: paymentRequestToWire(req)})
	}, paymentResultFromWire)
}

// ConfirmPayment calls the plugin.
func (r *Remote) ConfirmPayment(ctx context.Context, call *Call, req ConfirmRequest) (PaymentResult, error) {
	return remotely(r, call, func(c *providerpb.Call) (*providerpb.PaymentReply, error) {
		return r.conn.ConfirmPayment(ctx, &providerpb.ConfirmCall{Call: c, Request: confirmToWire(req)})
	}, paymentResultFromWire)
}

// ResendCode calls the plugin.
func (r *Remote) ResendCode(ctx context.Context, call *Call, ref OrderRef) (CheckResult, error) {
	return remotely(r, call, func(c *providerpb.Call) (*providerpb.CheckReply, error) {
		return r.conn.ResendCode(ctx, &providerpb.OrderCall{Call: c, Request: orderToWire(ref)})
	}, checkFromWire)
}

// QueryPayment calls the plugin.
func (r *Remote) QueryPayment(ctx context.Context, call *Call, ref OrderRef) (PaymentResult, error) {
	return remotely(r, call, func(c *providerpb.Call) (*providerpb.PaymentReply, error) {
		return r.conn.QueryPayment(ctx, &providerpb.OrderCall{Call: c, Request: orderToWire(ref)})
	}, paymentResultFromWire)
}

// ListPayments calls the plugin.
func (r *Remote) ListPayments(ctx context.Context, call *Call, req ListRequest) (ListResult, error) {
	return remotely(r, call, func(c *providerpb.Call) (*providerpb.ListReply, error) {
		return r.conn.ListPayments(ctx, &providerpb.ListCall{Call: c, Request: listRequestToWire(req)})
	}, listResultFromWire)
}

// CancelPayment calls the plugin.
func (r *Remote) CancelPayment(ctx context.Context, call *Call, ref OrderRef) (PaymentResult, error) {
	return remotely(r, call, func(c *providerpb.Call) (*providerpb.PaymentReply, error) {
		return r.conn.CancelPayment(ctx, &providerpb.OrderCall{Call: c, Request: orderToWire(ref)})
	}, paymentResultFromWire)
}

// ClosePayment calls the plugin.
func (r *Remote) ClosePayment(ctx context.Context, call *Call, ref OrderRef) (PaymentResult, error) {
	return remotely(r, call, func(c *providerpb.Call) (*providerpb.PaymentReply, error) {
		return r.conn.ClosePayment(ctx, &providerpb.OrderCall{Call: c, Request: orderToWire(ref)})
	}, paymentResultFromWire)
}

// CreateRefund calls the plugin.
func (r *Remote) CreateRefund(ctx context.Context, call *Call, req RefundRequest) (RefundResult, error) {
	return remotely(r, call, func(c *providerpb.Call) (*providerpb.RefundReply, error) {
		return r.conn.CreateRefund(ctx, &providerpb.RefundCall{Call: c, Request: refundRequestToWire(req)})
	}, refundResultFromWire)
}

// QueryRefund calls the plugin.
func (r *Remote) QueryRefund(ctx context.Context, call *Call, req RefundRequest) (RefundResult, error) {
	return remotely(r, call, func(c *providerpb.Call) (*providerpb.RefundReply, error) {
		return r.conn.QueryRefund(ctx, &providerpb.RefundCall{Call: c, Request: refundRequestToWire(req)})
	}, refundResultFromWire)
}

// Activate calls the plugin.
func (r *Remote) Activate(ctx context.Context, call *Call, values map[string]Secret) (CheckResult, error) {
	return remotely(r, call, func(c *providerpb.Call) (*providerpb.CheckReply, error) {
		return r.conn.Activate(ctx, &providerpb.ActivateCall{Call: c, Values: dictionary[string, string](values, secretToWire)})
	}, checkFromWire)
}

// CheckIn calls the plugin.
func (r *Remote) CheckIn(ctx context.Context, call *Call) (CheckResult, error) {
	return remotely(r, call, func(c *providerpb.Call) (*providerpb.CheckReply, error) {
		return r.conn.CheckIn(ctx, &providerpb.PlainCall{Call: c})
	}, checkFromWire)
}

// HandleInbound calls the plugin.
func (r *Remote) HandleInbound(ctx context.Context, call *Call, req InboundRequest) (InboundResult, error) {
	return remotely(r, call, func(c *providerpb.Call) (*providerpb.InboundReply, error) {
		return r.conn.HandleInbound(ctx, &providerpb.InboundCall{Call: c, Request: inboundRequestToWire(req)})
	}, inboundResultFromWire)
}
