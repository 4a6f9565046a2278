// Package tracing owns OpenTelemetry: it makes the tracers that the rooms draw their spans
// from, sends the spans to a collector, and joins log lines to them. Switched off it costs a
// comparison: the tracers do nothing and SQL is not wrapped.
//
// No span holds a secret, a body, a header, a query string or an SQL parameter.
package tracing

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Options say where spans go. Without an endpoint and a processor there are none.
type Options struct {
	// Endpoint is a collector's base address for OTLP over HTTP, such as http://collector:4318.
	// Headers and certificates come from the standard OTEL_EXPORTER_OTLP_* variables.
	Endpoint string
	// Ratio of the requests that are traced, 0 to 1.
	Ratio   float64
	Version string
	Logger  *slog.Logger
	// Processor receives every span, beside the collector; tests.
	Processor sdktrace.SpanProcessor
}

// Tracing gives out tracers. Make it with New.
type Tracing struct {
	provider *sdktrace.TracerProvider // nil: off
}

// New does not wait for the collector: spans that it does not take are dropped. Errors:
// CodeInvalidRequest for an address or a ratio that cannot be.
func New(ctx context.Context, o Options) (*Tracing, error) {
	if o.Ratio < 0 || o.Ratio > 1 {
		return nil, core.Errorf(core.CodeInvalidRequest, "tracing.ratio must be between 0 and 1; it is %g.", o.Ratio).At("tracing.ratio")
	}
	if o.Endpoint == "" && o.Processor == nil {
		return &Tracing{}, nil
	}
	options := []sdktrace.TracerProviderOption{
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(o.Ratio))),
		sdktrace.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "zhanggui"), attribute.String("service.version", o.Version),
		)),
	}
	if o.Processor != nil {
		options = append(options, sdktrace.WithSpanProcessor(o.Processor))
	}
	if o.Endpoint != "" {
		exporter, err := newExporter(ctx, o.Endpoint)
		if err != nil {
			return nil, err
		}
		options = append(options, sdktrace.WithBatcher(exporter))
		// The library tells of a collector that does not answer only here.
		otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
			o.Logger.Warn("spans could not be sent", "error", err)
		}))
	}
	return &Tracing{provider: sdktrace.NewTracerProvider(options...)}, nil
}

func newExporter(ctx context.Context, endpoint string) (sdktrace.SpanExporter, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, core.Errorf(core.CodeInvalidRequest, "tracing.endpoint must be an address such as http://collector:4318.").At("tracing.endpoint")
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(strings.TrimSuffix(endpoint, "/")+"/v1/traces"))
	if err != nil {
		return nil, fmt.Errorf("tracing: %w", err)
	}
	return exporter, nil
}

// On says whether there are spans.
func (t *Tracing) On() bool { return t.provider != nil }

// Provider gives the rooms their tracers; switched off, ones that do nothing.
func (t *Tracing) Provider() trace.TracerProvider {
	if t.provider == nil {
		return noop.NewTracerProvider()
	}
	return t.provider
}

// Close sends what is left, until ctx ends.
func (t *Tracing) Close(ctx context.Context) error {
	if t.provider == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}
