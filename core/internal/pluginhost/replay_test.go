package pluginhost

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

// fickle is a provider that answers the first request of a connection, reads the second
// whole, and hangs up.
type fickle struct {
	net.Listener
	seen atomic.Int64
}

func newFickle(t *testing.T) *fickle {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	f := &fickle{Listener: l}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go f.serve(conn)
		}
	}()
	return f
}

func (f *fickle) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	reader := bufio.NewReader(conn)
	for i := range 2 {
		req, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, req.Body)
		f.seen.Add(1)
		if i == 0 {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{\"status\":\"PAID\"}")
		}
	}
}

// TestNothingIsSentTwice breaks a reused connection after the request was read: Go's
// transport must not repeat it, neither a POST nor a GET.
func TestNothingIsSentTwice(t *testing.T) {
	t.Parallel()
	for name, second := range map[string]func(*bench) (core.PaymentResult, error){
		"POST": func(b *bench) (core.PaymentResult, error) { return b.pay("") },
		"GET": func(b *bench) (core.PaymentResult, error) {
			return b.QueryPayment(b.t.Context(), b.call(""), core.OrderRef{OrderNo: orderNo})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFickle(t)
			b := start(t, nil)
			b.account.BaseURL = "http://" + f.Addr().String()
			if got, err := b.pay(""); err != nil || got.Outcome != core.OutcomeSucceeded {
				t.Fatal(got, err)
			}
			got, err := second(b)
			if err != nil || got.Outcome != core.OutcomeUnknown || got.Exchange.Sent != core.SentMaybe {
				t.Errorf("%+v %v", got, err)
			}
			if n := f.seen.Load(); n != 2 {
				t.Errorf("the provider saw %d requests of 2 calls", n)
			}
		})
	}
}

func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "0.0.0.0": false, "224.0.0.1": false, "255.255.255.255": false, "::1": false, "::": false,
		"fe80::1": false, "fc00::1": false, "::ffff:127.0.0.1": false, "::127.0.0.1": false, "fec0::1": false, "::ffff:8.8.8.8": true, "64:ff9b::7f00:1": false, "2002:7f00:1::": false,
	} {
		if got := public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

// TestHookPoints is what the kill tests hang on.
func TestHookPoints(t *testing.T) {
	t.Parallel()
	points := make(chan string, 8)
	b := start(t, func(o *Options) { o.Hook = func(p string) { points <- p } })
	if _, err := b.pay(""); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{PointBeforeSend, PointAfterSend, PointAfterReply} {
		if got := <-points; got != want {
			t.Errorf("%s came where %s was due", got, want)
		}
	}
}

// TestRestartsLeaveNothingBehind counts descriptors over many lives of a plugin.
func TestRestartsLeaveNothingBehind(t *testing.T) { //nolint:paralleltest // it counts the process's descriptors
	b := start(t, nil)
	again := func(n int) {
		for range n {
			before := b.status("actor").Restarts
			_ = syscall.Kill(b.status("actor").PID, syscall.SIGKILL)
			eventually(t, "it runs again", func() bool { s := b.status("actor"); return s.Restarts > before && s.State == core.PluginEnabled })
		}
	}
	again(2) // whatever is made once
	before := descriptors(t)
	again(6)
	eventually(t, "descriptors are closed", func() bool { return descriptors(t) <= before+2 })
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
