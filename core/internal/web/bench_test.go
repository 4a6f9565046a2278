package web

import (
	"testing"

	"github.com/valyala/fasthttp"
)

// BenchmarkGate measures everything this package adds to a payment: routing, identity,
// document, decoding, encoding, log line.
func BenchmarkGate(b *testing.B) {
	f := &fake{}
	s, err := New(Options{RequestLog: f, Payments: f, Refunds: f, Onboarding: f, People: f, Records: f, Inbound: f, Payers: f, Balances: f, Simulator: f, Approvals: f, Payouts: f, Plugins: f, PluginReports: f, UserSettings: f, Exports: f, BillImports: f, Cases: f, Reconciliation: f, SpendingLimits: f, Fees: f, Settlement: f, Alerts: f, AlertChannels: f, Webhooks: f, Clock: at, PublicURL: "https://x.example", Limits: Limits{CallerRate: 1e9, CallerBurst: 1e9}})
	if err != nil {
		b.Fatal(err)
	}
	handler := s.app.Handler()
	b.ReportAllocs()
	for b.Loop() {
		var c fasthttp.RequestCtx
		c.Request.Header.SetMethod("POST")
		c.Request.SetRequestURI("/v1/payments")
		c.Request.Header.Set("Authorization", "Bearer "+goodKey)
		c.Request.Header.Set("Idempotency-Key", "k")
		c.Request.Header.SetContentType("application/json")
		c.Request.SetBodyString(goodPayment)
		handler(&c)
		if c.Response.StatusCode() != 201 {
			b.Fatalf("%d %s", c.Response.StatusCode(), c.Response.Body())
		}
	}
}
