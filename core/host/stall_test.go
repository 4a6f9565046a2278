//go:build e2e

package host_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/shouqianba"
)

// gate holds the first operation that reaches its point once it is armed, as a host that
// stands still does.
type gate struct {
	point    string
	armed    atomic.Bool
	reached  chan struct{}
	released chan struct{}
}

func newGate(point string) *gate {
	return &gate{point: point, reached: make(chan struct{}), released: make(chan struct{})}
}

func (g *gate) hook(point string) {
	if point == g.point && g.armed.CompareAndSwap(true, false) {
		close(g.reached)
		<-g.released
	}
}

// answer is the reply to a request that runs beside the test.
type answer struct {
	status int
	body   map[string]any
}

// held starts a request and waits until the gate holds it.
func (x *till) held(g *gate, path string, body map[string]any) <-chan answer {
	x.t.Helper()
	out := make(chan answer, 1)
	g.armed.Store(true)
	go func() {
		status, reply := x.post(path, body)
		out <- answer{status, reply}
	}()
	<-g.reached
	return out
}

// only is the one payment there is.
func (x *till) only() core.Payment {
	x.t.Helper()
	payments, _ := x.w.stored(x.m)
	if len(payments) != 1 {
		x.t.Fatalf("%d payments are stored", len(payments))
	}
	return payments[0]
}

// inTenant reads past every API.
func (x *till) inTenant(fn func(ctx context.Context, tx core.TenantTx) error) {
	x.t.Helper()
	db, err := postgres.Open(x.t.Context(), postgres.Config{URL: x.w.database, MaxConns: 2, PlatformConns: 1})
	x.w.must(err)
	defer func() { _ = db.Close() }()
	x.w.must(db.InTenant(x.t.Context(), x.m.id, func(tx core.TenantTx) error { return fn(x.t.Context(), tx) }))
}

// TestAStalledPaymentIsNotSentLate: the host stands still between the intent and the send,
// until another has found that the provider knows no such order past its horizon. When it
// goes on it must not charge the payer for an order that is recorded as failed.
func TestAStalledPaymentIsNotSentLate(t *testing.T) {
	t.Parallel()
	g := newGate("after_intent")
	x := newTillWith(t, g.hook)
	reply := x.held(g, "/v1/payments", x.m.barcode(100, "01"))
	x.clock.advance(10 * time.Minute)
	id := x.only().ID.Prefixed(core.PrefixPayment)
	x.becomes(id, core.PaymentFailed)
	close(g.released)
	if r := <-reply; r.status != 201 || r.body["state"] != "failed" {
		t.Errorf("%d %v", r.status, r.body)
	}
	x.charged(x.becomes(id, core.PaymentFailed), 0)
}

// TestAStalledRefundIsNotSentLate is the same for a refund: its reservation was released.
func TestAStalledRefundIsNotSentLate(t *testing.T) {
	t.Parallel()
	g := newGate("after_intent")
	x := newTillWith(t, g.hook)
	_, paid := x.post("/v1/payments", x.m.barcode(100, "01"))
	reply := x.held(g, "/v1/refunds", map[string]any{"payment_id": paid["id"], "amount": 40, "reason": "test"})
	x.clock.advance(10 * time.Minute)
	eventually(t, "the refund is given up", func() error {
		if p := x.only(); p.Reserved != 0 {
			return fmt.Errorf("%d fen are reserved", p.Reserved)
		}
		return nil
	})
	close(g.released)
	if r := <-reply; r.status != 201 || r.body["state"] != "failed" {
		t.Errorf("%d %v", r.status, r.body)
	}
	p := x.only()
	if s := x.w.summaries()[p.OrderNo]; s.Refunded != 0 || p.Refunded != 0 {
		t.Errorf("the provider gave back %d fen, recorded are %d", s.Refunded, p.Refunded)
	}
}

// TestAStalledCancelIsNotSentLate: the host stands still before a cancel, and the order is
// found paid meanwhile. It must not be taken back afterwards.
func TestAStalledCancelIsNotSentLate(t *testing.T) {
	t.Parallel()
	g := newGate("before_cancel")
	x := newTillWith(t, g.hook)
	_, qr := x.post("/v1/payments", map[string]any{"method": "qr", "channel": "alipay", "amount": 200, "subject": "QR"})
	reply := x.held(g, "/v1/payments/"+text(qr, "id")+"/cancel", map[string]any{"reason": "test"})
	x.w.must(x.w.sim.PayOrder(x.m.terminal, text(qr, "order_no")))
	x.clock.advance(time.Minute)
	x.becomes(text(qr, "id"), core.PaymentSucceeded)
	close(g.released)
	<-reply
	x.charged(x.becomes(text(qr, "id"), core.PaymentSucceeded), 1)
	if n := x.w.sim.Calls("cancel"); n != 0 {
		t.Errorf("%d cancels were sent", n)
	}
}

// TestAPaymentSentLateIsFound: the host stands still when it can no longer stop the request.
// The order was given up meanwhile and is then paid, or may be paid, or may still be paid:
// the provider is asked again, and what it says corrects the record.
func TestAPaymentSentLateIsFound(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]*shouqianba.Fault{
		"paid": nil, "silence": {Operation: "pay", Kind: shouqianba.FaultLostAfter}, "open": {Operation: "pay", Kind: shouqianba.FaultPending, Queries: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGate("before_send")
			x := newTillWith(t, g.hook)
			if fault != nil {
				x.fault(*fault)
			}
			reply := x.held(g, "/v1/payments", x.m.barcode(100, "01"))
			x.clock.advance(10 * time.Minute)
			id := x.only().ID.Prefixed(core.PrefixPayment)
			x.becomes(id, core.PaymentFailed)
			close(g.released)
			if r := <-reply; r.status != 201 && r.status != 202 {
				t.Errorf("%d %v", r.status, r.body)
			}
			x.clock.advance(10 * time.Minute)
			x.charged(x.becomes(id, core.PaymentSucceeded), 1)
			x.inTenant(func(ctx context.Context, tx core.TenantTx) error {
				events, err := tx.Events(ctx, core.EventFilter{Page: core.Page{Limit: 50}})
				if !strings.Contains(fmt.Sprint(events), "payment.corrected") {
					t.Error("no event tells of the correction")
				}
				return err
			})
		})
	}
}

// TestTheProviderHearsTheTill: the terminal's code reaches the provider.
func TestTheProviderHearsTheTill(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	terminal, err := x.h.Service().CreateTerminal(x.w.asAdmin(t.Context(), x.h, x.m.id), x.m.store, "Till 7", "T-0007")
	x.w.must(err)
	body := x.m.barcode(100, "01")
	body["store_id"], body["terminal_id"] = x.m.store.Prefixed(core.PrefixStore), terminal.ID.Prefixed(core.PrefixTerminal)
	status, reply := x.post("/v1/payments", body)
	if status != 201 {
		t.Fatalf("%d %v", status, reply)
	}
	x.inTenant(func(ctx context.Context, tx core.TenantTx) error {
		attempts, err := tx.Attempts(ctx, x.only().ID)
		evidence, _ := json.Marshal(attempts[0].Evidence)
		if !strings.Contains(string(evidence), "T-0007") {
			t.Errorf("the request did not name the terminal: %s", evidence)
		}
		return err
	})
}

// TestAskingNowSaysWhenNobodyWasAsked: the provider cannot be reached. Whoever asks now, or
// cancels, hears it; the payment is as it was.
func TestAskingNowSaysWhenNobodyWasAsked(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	_, qr := x.post("/v1/payments", map[string]any{"method": "qr", "channel": "alipay", "amount": 200, "subject": "QR"})
	x.w.gateway.Close()
	hold(t, x.w.gateway.Listener.Addr())
	for _, what := range []string{"/sync", "/cancel"} {
		status, reply := x.post("/v1/payments/"+text(qr, "id")+what, map[string]any{})
		if status != 503 || reply["code"] != string(core.CodeProviderUnavailable) {
			t.Errorf("%s: %d %v", what, status, reply)
		}
	}
	if p := x.only(); p.State != core.PaymentRequiresAction || p.NextCheckAt.IsZero() {
		t.Errorf("%s, next check %v", p.State, p.NextCheckAt)
	}
}

// hold takes the port of a server that was closed without listening there, so that no other
// test's server is given it: a call to it stays refused.
func hold(t *testing.T, addr net.Addr) {
	t.Helper()
	port := netip.MustParseAddrPort(addr.String())
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		t.Fatal(err)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Port: int(port.Port()), Addr: port.Addr().As4()}); err != nil {
		t.Fatal(err)
	}
}
