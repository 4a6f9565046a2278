//go:build e2e

package host_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestOneTraceFromTheRequestToSQLAndTheProvider: one payment is one trace, HTTP → use case →
// plugin → egress, with its SQL; a check by the sweeper is one of its own; the log leads to
// both; and none of them holds a secret.
func TestOneTraceFromTheRequestToSQLAndTheProvider(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	spans := tracetest.NewInMemoryExporter()
	w.spans = sdktrace.NewSimpleSpanProcessor(spans)
	h, stop := w.startNode()
	defer stop()
	m := w.tenants[0]
	const theirs = "4bf92f3577b34da6a3ce929d0e0e4736"
	status, paid := m.traced(h.Address(), theirs, m.barcode(500, "01"))
	if status != http.StatusCreated {
		t.Fatalf("%d %v", status, paid)
	}
	qr := map[string]any{"method": "qr", "channel": "wechat", "amount": 200, "subject": "QR"}
	_, reply := m.post(h.Address(), "/v1/payments", "qr", qr)
	w.must(w.sim.PayOrder(m.terminal, text(reply, "order_no")))
	id, err := core.ParsePrefixed(core.PrefixPayment, text(reply, "id"))
	w.must(err)
	eventually(t, "the sweeper's check is traced", func() error {
		if find(spans.GetSpans(), "check payment", attribute.String("zhanggui.object_id", id.String())) == nil {
			return errors.New("not yet")
		}
		return nil
	})
	all := spans.GetSpans()

	root := find(all, "POST /v1/payments", attribute.Int("http.response.status_code", http.StatusCreated))
	if root == nil {
		t.Fatal("the request has no span")
	}
	if len(root.Links) != 1 || root.Links[0].SpanContext.TraceID().String() != theirs || root.SpanContext.TraceID().String() == theirs {
		t.Errorf("the caller's trace is linked and does not become ours: %+v", root.Links)
	}
	useCase := child(t, all, root, "service CreatePayment")
	call := child(t, all, useCase, "plugin create_payment", attribute.String("zhanggui.outcome", "succeeded"),
		attribute.String("zhanggui.order_no", text(paid, "order_no")), attribute.String("zhanggui.sent", string(core.SentMaybe)))
	child(t, all, call, "HTTP POST", attribute.Int("http.response.status_code", http.StatusOK), attribute.Bool("zhanggui.sent", true))
	child(t, all, useCase, "sql.tx.commit")
	complete(t, all, root)

	check := find(all, "check payment", attribute.String("zhanggui.object_id", id.String()))
	if check.Parent.IsValid() {
		t.Error("a check is a child of something")
	}
	child(t, all, child(t, all, check, "plugin query_payment"), "HTTP POST")
	complete(t, all, check)
	w.logLeadsTo(root)
	for _, secret := range []string{m.apiKey, "terminal-key-of-" + m.terminal, "商品", string(w.admin.Reveal())} {
		if where := mentions(all, secret); where != "" {
			t.Errorf("a span holds a secret: %s", where)
		}
	}
	// The search must be able to find something.
	if mentions(all, text(paid, "order_no")) == "" {
		t.Error("the search for secrets does not even find an order number")
	}
}

// traced makes a payment as a caller who traces too.
func (m merchant) traced(address, trace string, body map[string]any) (int, map[string]any) {
	raw, err := json.Marshal(body)
	if err != nil {
		return 0, nil
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+address+"/v1/payments", bytes.NewReader(raw))
	if err != nil {
		return 0, nil
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", "traced")
	req.Header.Set("traceparent", "00-"+trace+"-00f067aa0ba902b7-01")
	return m.do(req)
}

func find(all tracetest.SpanStubs, name string, with ...attribute.KeyValue) *tracetest.SpanStub {
	for i := range all {
		if all[i].Name == name && hasAll(all[i].Attributes, with) {
			return &all[i]
		}
	}
	return nil
}

func hasAll(have, want []attribute.KeyValue) bool {
	for _, w := range want {
		found := false
		for _, h := range have {
			found = found || h == w
		}
		if !found {
			return false
		}
	}
	return true
}

func child(t *testing.T, all tracetest.SpanStubs, parent *tracetest.SpanStub, name string, with ...attribute.KeyValue) *tracetest.SpanStub {
	t.Helper()
	for i := range all {
		s := &all[i]
		if s.Name == name && s.Parent.SpanID() == parent.SpanContext.SpanID() && hasAll(s.Attributes, with) {
			return s
		}
	}
	t.Fatalf("%s has no child %s with %v", parent.Name, name, with)
	return nil
}

// complete: every span of the trace but its root has a parent in it.
func complete(t *testing.T, all tracetest.SpanStubs, root *tracetest.SpanStub) {
	t.Helper()
	in, sql := map[string]bool{}, 0
	for _, s := range all {
		if s.SpanContext.TraceID() == root.SpanContext.TraceID() {
			in[s.SpanContext.SpanID().String()] = true
		}
	}
	for _, s := range all {
		if !in[s.SpanContext.SpanID().String()] || s.SpanContext.SpanID() == root.SpanContext.SpanID() {
			continue
		}
		if !in[s.Parent.SpanID().String()] {
			t.Errorf("%s of the trace of %s has no parent in it", s.Name, root.Name)
		}
		if strings.HasPrefix(s.Name, "sql.") {
			sql++
		}
	}
	if sql < 3 {
		t.Errorf("the trace of %s has %d spans of SQL", root.Name, sql)
	}
}

// logLeadsTo: the request's line in the log names its trace, and the trace names the request.
func (w *world) logLeadsTo(root *tracetest.SpanStub) {
	w.t.Helper()
	raw, err := os.ReadFile(w.log)
	w.must(err)
	trace := root.SpanContext.TraceID().String()
	for line := range bytes.Lines(raw) {
		var entry map[string]any
		if json.Unmarshal(line, &entry) != nil || entry["msg"] != "request" || entry["trace_id"] != trace {
			continue
		}
		if !hasAll(root.Attributes, []attribute.KeyValue{attribute.String("zhanggui.request_id", text(entry, "request_id"))}) {
			w.t.Errorf("the log says request %v and the span %v", entry["request_id"], root.Attributes)
		}
		return
	}
	w.t.Errorf("no line of the log leads to the trace %s", trace)
}

// mentions says where a span holds the text.
func mentions(all tracetest.SpanStubs, secret string) string {
	for _, s := range all {
		held := fmt.Sprint(s.Name, s.Attributes, s.Events, s.Status)
		for _, a := range s.Attributes {
			held += a.Value.String()
		}
		if strings.Contains(held, secret) {
			return s.Name
		}
	}
	return ""
}
