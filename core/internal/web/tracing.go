package web

import (
	"context"
	"net/http"

	"github.com/gofiber/fiber/v2"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

func newTracer(provider trace.TracerProvider) trace.Tracer {
	if provider == nil {
		provider = noop.NewTracerProvider()
	}
	return provider.Tracer("web")
}

// startSpan begins the trace of a request. It is a new one, linked to the caller's: whoever
// calls a public address must not decide what we record.
func (s *Server) startSpan(ctx context.Context, c *fiber.Ctx, info *requestInfo) (context.Context, trace.Span) {
	options := []trace.SpanStartOption{
		trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attribute.String("http.request.method", c.Method()), attribute.String("zhanggui.request_id", info.requestID)),
	}
	if theirs := callersSpan(c); theirs.IsValid() {
		options = append(options, trace.WithLinks(trace.Link{SpanContext: theirs}))
	}
	return s.tracer.Start(ctx, c.Method(), options...)
}

func callersSpan(c *fiber.Ctx) trace.SpanContext {
	parent := c.Get("traceparent")
	if parent == "" {
		return trace.SpanContext{}
	}
	carrier := propagation.MapCarrier{"traceparent": parent}
	return trace.SpanContextFromContext(propagation.TraceContext{}.Extract(context.Background(), carrier))
}

// endSpan names the span by its route: paths hold the tokens of payers' pages.
func endSpan(span trace.Span, c *fiber.Ctx, route string, status int) {
	if !span.IsRecording() {
		span.End()
		return
	}
	span.SetName(c.Method() + " " + route)
	span.SetAttributes(attribute.String("http.route", route), attribute.Int("http.response.status_code", status))
	if id, ok := c.Locals(localIdentity).(core.Identity); ok && !id.TenantID.IsZero() {
		span.SetAttributes(attribute.String("zhanggui.tenant", id.TenantID.Prefixed(core.PrefixTenant)))
	}
	if code, ok := c.Locals(localCode).(string); ok {
		span.SetAttributes(attribute.String("error.type", code))
	}
	if status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}

// spanOfUseCase puts a use case into a span of its own, after the caller was let in.
func (s *Server) spanOfUseCase(next api.StrictHandlerFunc, operation string) api.StrictHandlerFunc {
	return func(c *fiber.Ctx, request any) (any, error) {
		ctx, span := s.tracer.Start(c.UserContext(), "service "+operation)
		defer span.End()
		c.SetUserContext(ctx)
		reply, err := next(c, request)
		if err != nil {
			span.SetAttributes(attribute.String("error.type", string(core.CodeOf(err))))
		}
		return reply, err
	}
}
