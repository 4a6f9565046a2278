package web

import (
	"strings"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// TestSpansAreNamedByTheirRoute: paths of payers' pages and callback addresses are secrets of a kind.
func TestSpansAreNamedByTheirRoute(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	r := newRig(t, func(o *Options) { o.Tracing = provider })
	for path, want := range map[string]string{
		"/pay/a-token-of-a-payer": "GET /pay/:token", "/in/0123456789p": "GET /in/:address", "/v1/health": "GET /v1/health",
		"/v1/not-there-a-token": "GET other", "/a-token-of-nobody": "GET other",
	} {
		spans.Reset()
		r.do("GET", path, "", byKey())
		all := spans.GetSpans()
		if len(all) == 0 || all[len(all)-1].Name != want {
			t.Errorf("%s is named %+v, want %s", path, all, want)
			continue
		}
		for _, s := range all {
			for _, a := range s.Attributes {
				if strings.Contains(a.Value.String(), "token-of") || strings.Contains(a.Value.String(), "0123456789") {
					t.Errorf("%s: the attribute %s holds the path: %s", path, a.Key, a.Value.String())
				}
			}
		}
	}
}
