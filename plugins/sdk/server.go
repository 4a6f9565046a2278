package sdk

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"google.golang.org/grpc"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

// providerServer serves a Provider over the wire. It turns a panic into the failure of
// that one call.
type providerServer struct {
	providerpb.UnimplementedProviderServer

	provider Provider
	dial     func(id uint32) (*grpc.ClientConn, error)
	host     atomic.Pointer[grpc.ClientConn]
}

func (s *providerServer) Describe(context.Context, *providerpb.DescribeRequest) (*providerpb.DescribeReply, error) {
	return &providerpb.DescribeReply{Manifest: manifestToWire(s.provider.Manifest())}, nil
}

// Attach connects to the host's services, once in the plugin's life.
func (s *providerServer) Attach(_ context.Context, req *providerpb.AttachRequest) (*providerpb.AttachReply, error) {
	conn, err := s.dial(req.GetBrokerId())
	if err != nil {
		return nil, fmt.Errorf("connect to the host's services: %w", err)
	}
	if old := s.host.Swap(conn); old != nil {
		_ = old.Close()
	}
	return &providerpb.AttachReply{}, nil
}

func (s *providerServer) call(ctx context.Context, c *providerpb.Call) (*Call, error) {
	conn := s.host.Load()
	if conn == nil {
		return nil, Errorf(ErrInternal, "The host has not attached its services.")
	}
	return NewCall(ctx, callFromWire(c), newHostClient(conn, c)), nil
}

// serve runs one capability: T is its interface, R and W its result here and on the wire.
func serve[T, R, W any](
	ctx context.Context, s *providerServer, c *providerpb.Call, run func(T, *Call) (R, error), convert func(R) *W,
) (result *W, failure *providerpb.Failure) {
	defer func() {
		if p := recover(); p != nil {
			result, failure = nil, failureOfPanic(p)
		}
	}()
	able, ok := s.provider.(T)
	if !ok {
		return nil, failureToWire(Errorf(ErrNotSupported, "This provider has no %s.", c.GetOperation()))
	}
	call, err := s.call(ctx, c)
	if err != nil {
		return nil, failureOf(err)
	}
	out, err := run(able, call)
	if err != nil {
		return nil, failureOf(err)
	}
	return convert(out), nil
}

func failureOfPanic(p any) *providerpb.Failure {
	if refusal, ok := p.(hostRefusal); ok {
		return failureOf(refusal.err)
	}
	// The value of a panic may hold a secret; its place does not.
	return failureToWire(Errorf(ErrInternal, "The plugin panicked (%T).\n%s", p, debug.Stack()))
}

func (s *providerServer) CreatePayment(ctx context.Context, r *providerpb.PaymentCall) (*providerpb.PaymentReply, error) {
	result, failure := serve(ctx, s, r.GetCall(), func(p PaymentCreator, c *Call) (PaymentResult, error) {
		return p.CreatePayment(ctx, c, paymentRequestFromWire(r.GetRequest()))
	}, paymentResultToWire)
	return &providerpb.PaymentReply{Result: result, Failure: failure}, nil
}

func (s *providerServer) ConfirmPayment(ctx context.Context, r *providerpb.ConfirmCall) (*providerpb.PaymentReply, error) {
	result, failure := serve(ctx, s, r.GetCall(), func(p PaymentConfirmer, c *Call) (PaymentResult, error) {
		return p.ConfirmPayment(ctx, c, confirmFromWire(r.GetRequest()))
	}, paymentResultToWire)
	return &providerpb.PaymentReply{Result: result, Failure: failure}, nil
}

func (s *providerServer) ResendCode(ctx context.Context, r *providerpb.OrderCall) (*providerpb.CheckReply, error) {
	result, failure := serve(ctx, s, r.GetCall(), func(p CodeResender, c *Call) (CheckResult, error) {
		return p.ResendCode(ctx, c, orderFromWire(r.GetRequest()))
	}, checkToWire)
	return &providerpb.CheckReply{Result: result, Failure: failure}, nil
}

func (s *providerServer) QueryPayment(ctx context.Context, r *providerpb.OrderCall) (*providerpb.PaymentReply, error) {
	result, failure := serve(ctx, s, r.GetCall(), func(p PaymentQuerier, c *Call) (PaymentResult, error) {
		return p.QueryPayment(ctx, c, orderFromWire(r.GetRequest()))
	}, paymentResultToWire)
	return &providerpb.PaymentReply{Result: result, Failure: failure}, nil
}

func (s *providerServer) ListPayments(ctx context.Context, r *providerpb.ListCall) (*providerpb.ListReply, error) {
	result, failure := serve(ctx, s, r.GetCall(), func(p PaymentLister, c *Call) (ListResult, error) {
		return p.ListPayments(ctx, c, listRequestFromWire(r.GetRequest()))
	}, listResultToWire)
	return &providerpb.ListReply{Result: result, Failure: failure}, nil
}

func (s *providerServer) CancelPayment(ctx context.Context, r *providerpb.OrderCall) (*providerpb.PaymentReply, error) {
	result, failure := serve(ctx, s, r.GetCall(), func(p PaymentCanceler, c *Call) (PaymentResult, error) {
		return p.CancelPayment(ctx, c, orderFromWire(r.GetRequest()))
	}, paymentResultToWire)
	return &providerpb.PaymentReply{Result: result, Failure: failure}, nil
}

func (s *providerServer) ClosePayment(ctx context.Context, r *providerpb.OrderCall) (*providerpb.PaymentReply, error) {
	result, failure := serve(ctx, s, r.GetCall(), func(p PaymentCloser, c *Call) (PaymentResult, error) {
		return p.ClosePayment(ctx, c, orderFromWire(r.GetRequest()))
	}, paymentResultToWire)
	return &providerpb.PaymentReply{Result: result, Failure: failure}, nil
}

func (s *providerServer) CreateRefund(ctx context.Context, r *providerpb.RefundCall) (*providerpb.RefundReply, error) {
	result, failure := serve(ctx, s, r.GetCall(), func(p Refunder, c *Call) (RefundResult, error) {
		return p.CreateRefund(ctx, c, refundRequestFromWire(r.GetRequest()))
	}, refundResultToWire)
	return &providerpb.RefundReply{Result: result, Failure: failure}, nil
}

func (s *providerServer) QueryRefund(ctx context.Context, r *providerpb.RefundCall) (*providerpb.RefundReply, error) {
	result, failure := serve(ctx, s, r.GetCall(), func(p RefundQuerier, c *Call) (RefundResult, error) {
		return p.QueryRefund(ctx, c, refundRequestFromWire(r.GetRequest()))
	}, refundResultToWire)
	return &providerpb.RefundReply{Result: result, Failure: failure}, nil
}

func (s *providerServer) Activate(ctx context.Context, r *providerpb.ActivateCall) (*providerpb.CheckReply, error) {
	result, failure := serve(ctx, s, r.GetCall(), func(p Activator, c *Call) (CheckResult, error) {
		return p.Activate(ctx, c, dictionary[string, string](r.GetValues(), secretFromWire))
	}, checkToWire)
	return &providerpb.CheckReply{Result: result, Failure: failure}, nil
}

func (s *providerServer) CheckIn(ctx context.Context, r *providerpb.PlainCall) (*providerpb.CheckReply, error) {
	result, failure := serve(ctx, s, r.GetCall(), func(p CheckIner, c *Call) (CheckResult, error) {
		return p.CheckIn(ctx, c)
	}, checkToWire)
	return &providerpb.CheckReply{Result: result, Failure: failure}, nil
}

func (s *providerServer) HandleInbound(ctx context.Context, r *providerpb.InboundCall) (*providerpb.InboundReply, error) {
	result, failure := serve(ctx, s, r.GetCall(), func(p InboundHandler, c *Call) (InboundResult, error) {
		return p.HandleInbound(ctx, c, inboundRequestFromWire(r.GetRequest()))
	}, inboundResultToWire)
	return &providerpb.InboundReply{Result: result, Failure: failure}, nil
}
