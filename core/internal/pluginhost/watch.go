package pluginhost

import (
	"context"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Observer counts. Its methods must not wait.
type Observer interface {
	// Called is told of every call of a plugin when it has ended. result is the outcome, or
	// not_sent when the call failed before anything left.
	Called(provider string, operation core.Capability, result string, took time.Duration)
	// Exchanged is told of every HTTP exchange with a provider; status is 0 without a reply.
	Exchanged(provider string, status int, took time.Duration)
}

type noObserver struct{}

func (noObserver) Called(string, core.Capability, string, time.Duration) {}
func (noObserver) Exchanged(string, int, time.Duration)                  {}

// resultNotSent is the result of a call that failed before anything left.
const resultNotSent = "not_sent"

// watchCall begins the span of a call; the returned function ends it and counts.
func (h *Host) watchCall(ctx context.Context, c core.ProviderCall) (context.Context, func(v verdict, err error)) {
	started := time.Now()
	ctx, span := h.tracer.Start(ctx, "plugin "+string(c.Operation), trace.WithAttributes(
		attribute.String("zhanggui.provider", c.Account.Provider), attribute.String("zhanggui.operation", string(c.Operation)),
		attribute.String("zhanggui.order_no", c.OrderNo), attribute.String("zhanggui.attempt_id", c.AttemptID.String()),
	))
	return ctx, func(v verdict, err error) {
		result := string(v.outcome)
		if err != nil {
			result = resultNotSent
			span.SetAttributes(attribute.String("error.type", string(core.CodeOf(err))))
			span.SetStatus(codes.Error, "")
		}
		if result == "" {
			result = "none" // a request made to us has no outcome
		}
		span.SetAttributes(attribute.String("zhanggui.outcome", result), attribute.String("zhanggui.sent", string(v.exchange.Sent)),
			attribute.String("zhanggui.plugin", v.exchange.Plugin), attribute.Int("zhanggui.key_version", v.exchange.KeyVersion))
		span.End()
		h.options.Observer.Called(c.Account.Provider, c.Operation, result, time.Since(started))
	}
}

// watch begins the span of an exchange, a child of the call's. The path is shown redacted; the
// query, headers and bodies are not. Nothing of the trace is told to the provider.
func (x *send) watch(req *http.Request) (end func()) {
	started := time.Now()
	h := x.services.host
	_, span := h.tracer.Start(x.session.ctx, "HTTP "+req.Method, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("http.request.method", req.Method), attribute.String("server.address", req.URL.Host),
		attribute.String("url.path", clip(x.session.redactor().text(req.URL.EscapedPath()))),
	))
	return func() {
		span.SetAttributes(attribute.Bool("zhanggui.sent", x.obtained.Load()))
		if x.record.status != 0 {
			span.SetAttributes(attribute.Int("http.response.status_code", x.record.status))
		}
		if x.record.failure != "" {
			span.SetStatus(codes.Error, "")
		}
		span.End()
		h.options.Observer.Exchanged(x.session.call.Account.Provider, x.record.status, time.Since(started))
	}
}
