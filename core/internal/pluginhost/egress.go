package pluginhost

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// egress sends to providers: one for each plugin, so that one provider's trouble is its own.
type egress struct {
	transport *http.Transport
	private   bool
	breaker   breaker

	mu        sync.Mutex
	certified map[[sha256.Size]byte]*http.Transport // by the client certificate they show
}

func newEgress(private bool, roots *x509.CertPool, clock core.Clock) *egress {
	e := &egress{private: private, breaker: breaker{clock: clock}}
	e.transport = &http.Transport{
		Proxy:                  nil, // never from the environment
		DialContext:            e.dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		TLSHandshakeTimeout:    10 * time.Second,
		MaxIdleConns:           1024,
		MaxIdleConnsPerHost:    256,
		IdleConnTimeout:        60 * time.Second,
		ExpectContinueTimeout:  0,
		MaxResponseHeaderBytes: 64 << 10,
		WriteBufferSize:        16 << 10,
		ReadBufferSize:         16 << 10,
		// The body is what the provider sent, byte for byte: signatures cover it.
		DisableCompression: true,
		// HTTP/2 replays requests by rules of its own.
		ForceAttemptHTTP2: false,
		TLSNextProto:      map[string]func(string, *tls.Conn) http.RoundTripper{},
	}
	return e
}

// maxCertified bounds how many client certificates have connections at a time.
const maxCertified = 256

// showing is a transport of its own for a client certificate: connections of one account
// never serve another.
func (e *egress) showing(certificate *tls.Certificate) *http.Transport {
	name := sha256.Sum256(certificate.Certificate[0])
	e.mu.Lock()
	defer e.mu.Unlock()
	if t := e.certified[name]; t != nil {
		return t
	}
	if e.certified == nil || len(e.certified) >= maxCertified {
		for _, t := range e.certified {
			t.CloseIdleConnections()
		}
		e.certified = map[[sha256.Size]byte]*http.Transport{}
	}
	t := e.transport.Clone()
	t.TLSClientConfig.Certificates = []tls.Certificate{*certificate}
	e.certified[name] = t
	return t
}

// dialTimeout is for one address.
const dialTimeout = 5 * time.Second

// dial resolves the name once and connects to the address it has checked.
func (e *egress) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if !e.breaker.allow(address) {
		return nil, fmt.Errorf("%s could not be reached several times in a row; the next try is in a few seconds", address)
	}
	conn, err := e.dialHost(ctx, network, host, port)
	if ctx.Err() == nil {
		e.breaker.note(address, err == nil)
	}
	return conn, err
}

func (e *egress) dialHost(ctx context.Context, network, host, port string) (net.Conn, error) {
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	var last error
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	for _, a := range addresses {
		if !e.private && !public(a) {
			last = fmt.Errorf("%s resolves to %s, which is not a public address", host, a.Unmap())
			continue
		}
		conn, err := dialer.DialContext(ctx, network, net.JoinHostPort(a.Unmap().String(), port))
		if err == nil {
			return conn, nil
		}
		last = err
	}
	if last == nil {
		last = fmt.Errorf("%s has no address", host)
	}
	return nil, last
}

// notPublic are ranges that net/netip does not name but that do not lead to a provider.
func notPublic() []netip.Prefix {
	out := make([]netip.Prefix, 0, 16)
	for _, s := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2001:db8::/32", "2002::/16", "100::/64", "::/96", "fec0::/10",
	} {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

// public says whether an address, unmapped, is on the public internet.
func public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsMulticast() {
		return false
	}
	for _, p := range notPublic() {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

func (e *egress) close() {
	e.transport.CloseIdleConnections()
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, t := range e.certified {
		t.CloseIdleConnections()
	}
}

// The circuit of one address opens after this many failures to connect in a row, and one
// try passes again after the pause.
const (
	breakerLimit = 5
	breakerPause = 3 * time.Second
	breakerSize  = 1024
)

// breaker keeps an unreachable address from costing every call a connection time-out. It
// looks at connecting only: what was sent is not its business.
type breaker struct {
	clock core.Clock

	mu    sync.Mutex
	state map[string]*circuit
}

type circuit struct {
	failures int
	until    time.Time
}

func (b *breaker) allow(address string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.state[address]
	if c == nil || c.failures < breakerLimit {
		return true
	}
	if b.clock().Before(c.until) {
		return false
	}
	c.until = b.clock().Add(breakerPause) // one try
	return true
}

func (b *breaker) note(address string, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if ok {
		delete(b.state, address)
		return
	}
	if b.state == nil || len(b.state) > breakerSize {
		b.state = map[string]*circuit{}
	}
	c := b.state[address]
	if c == nil {
		c = &circuit{}
		b.state[address] = c
	}
	if c.failures++; c.failures >= breakerLimit {
		c.until = b.clock().Add(breakerPause)
	}
}

// breakerForgotten is when an open circuit that nobody tried says nothing any more.
const breakerForgotten = 5 * time.Minute

// open lists the addresses that could not be connected to lately.
func (b *breaker) open() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for address, c := range b.state {
		if c.failures >= breakerLimit && b.clock().Sub(c.until) < breakerForgotten {
			out = append(out, address)
		}
	}
	slices.Sort(out)
	return out
}

// errSessionOver says that the call ended before its request had a connection.
var errSessionOver = errors.New("the call is over")
