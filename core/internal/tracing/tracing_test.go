package tracing

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/zhanggui-pay/zhanggui/core"
)

type failing struct{}

func (failing) CheckDue(context.Context, core.Due) error {
	return core.Wrap(errors.New("the payer 王小明"), core.CodeKeysUnavailable, "Vault is sealed.")
}

func TestSwitchedOffNothingIsWrapped(t *testing.T) {
	t.Parallel()
	off, err := New(t.Context(), Options{Ratio: 1})
	if err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.DiscardHandler)
	if off.On() || off.Logger(logger) != logger || off.Checks(failing{}, time.Now) != (failing{}) {
		t.Error("something is wrapped")
	}
	_, span := off.Provider().Tracer("x").Start(t.Context(), "x")
	if span.IsRecording() {
		t.Error("a span records")
	}
	if err := off.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestSettingsThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{
		"ratio over 1":     {Ratio: 1.5},
		"negative ratio":   {Ratio: -1},
		"no address":       {Ratio: 1, Endpoint: "collector:4318"},
		"another protocol": {Ratio: 1, Endpoint: "ftp://collector"},
	} {
		if _, err := New(t.Context(), o); core.CodeOf(err) != core.CodeInvalidRequest {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSpansReachTheCollector sends to where a collector listens, at the end at the latest.
func TestSpansReachTheCollector(t *testing.T) {
	t.Parallel()
	paths := make(chan string, 10)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { paths <- r.URL.Path }))
	defer collector.Close()
	on, err := New(t.Context(), Options{Ratio: 1, Endpoint: collector.URL, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	_, span := on.Provider().Tracer("x").Start(t.Context(), "x")
	span.End()
	if err := on.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case path := <-paths:
		if path != "/v1/traces" {
			t.Errorf("they were sent to %s", path)
		}
	default:
		t.Error("nothing was sent")
	}
}

func TestAFailedCheckTellsItsCodeOnly(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewInMemoryExporter()
	on, err := New(t.Context(), Options{Ratio: 1, Processor: sdktrace.NewSimpleSpanProcessor(spans)})
	if err != nil {
		t.Fatal(err)
	}
	due := core.Due{Kind: core.DuePayment, ID: core.NewID(time.Now()), TenantID: core.NewID(time.Now()), DueAt: time.Now().Add(-time.Minute)}
	var log bytes.Buffer
	logger := on.Logger(slog.New(slog.NewJSONHandler(&log, nil)))
	check := on.Checks(checkerFunc(func(ctx context.Context) error {
		logger.With("a", 1).WithGroup("g").InfoContext(ctx, "within")
		return failing{}.CheckDue(ctx, due)
	}), time.Now)
	if err := check.CheckDue(t.Context(), due); core.CodeOf(err) != core.CodeKeysUnavailable {
		t.Errorf("the error was changed: %v", err)
	}
	all := spans.GetSpans()
	if len(all) != 1 || all[0].Name != "check payment" {
		t.Fatalf("%+v", all)
	}
	for _, a := range all[0].Attributes {
		if strings.Contains(a.Value.String(), "王小明") {
			t.Errorf("%s holds the error's cause", a.Key)
		}
	}
	if want := all[0].SpanContext.TraceID().String(); !strings.Contains(log.String(), want) {
		t.Errorf("the log line lacks the trace %s: %s", want, &log)
	}
}

type checkerFunc func(ctx context.Context) error

func (f checkerFunc) CheckDue(ctx context.Context, _ core.Due) error { return f(ctx) }

// BenchmarkSwitchedOff is what a span costs that nobody wants: docs/metrics.md has the figure.
func BenchmarkSwitchedOff(b *testing.B) {
	off, err := New(b.Context(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	tracer := off.Provider().Tracer("x")
	for b.Loop() {
		_, span := tracer.Start(b.Context(), "x")
		span.End()
	}
}
