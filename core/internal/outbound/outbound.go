// Package outbound sends to addresses that users gave: webhooks, alerts, mail. It keeps
// them from being used to reach our own network (the design's rule 32).
package outbound

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	// maxReply is how much of a reply's body is kept.
	maxReply = 16 << 10
	// maxReplyHeaders ends a reply that only consists of headers.
	maxReplyHeaders = 64 << 10
	defaultTimeout  = 15 * time.Second
)

// Resolver finds the addresses of a name; *net.Resolver does.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Options configure a Sender. Clock is required.
type Options struct {
	Clock core.Clock
	// AllowLocal permits loopback addresses, plain http and mail without TLS to them: for dev
	// and tests only.
	AllowLocal bool
	// Mail is the installation's SMTP server; without a host there is none. It is set by who
	// runs the installation and may stand in their own network.
	Mail core.MailServer
	// Resolver is the system's when nil.
	Resolver Resolver
	// Roots are who may vouch for a receiver; nil: the system's.
	Roots *x509.CertPool
}

// Sender implements core.Outbound.
type Sender struct{ Options }

var _ core.Outbound = (*Sender)(nil)

// New fills in what is not set.
func New(o Options) (*Sender, error) {
	if o.Clock == nil {
		return nil, errors.New("outbound: the clock is missing")
	}
	if o.Resolver == nil {
		o.Resolver = net.DefaultResolver
	}
	return &Sender{Options: o}, nil
}

// CheckURL implements core.Outbound.
func (s *Sender) CheckURL(ctx context.Context, url string) error {
	t, err := s.parse(url)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()
	_, err = s.resolve(ctx, t.host)
	return err
}

// Post implements core.Outbound. Each request has a connection of its own: a kept one would
// outlive the check of its address, and Go's transport may send a request again on another.
func (s *Sender) Post(ctx context.Context, req core.OutboundRequest) (core.OutboundReply, error) {
	t, err := s.parse(req.URL)
	if err != nil {
		return core.OutboundReply{}, err
	}
	if req.Timeout == 0 {
		req.Timeout = defaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, req.Timeout)
	defer cancel()
	started := s.Clock()
	addrs, err := s.resolve(ctx, t.host)
	if err != nil {
		return core.OutboundReply{Duration: s.Clock().Sub(started)}, err
	}
	var reply core.OutboundReply
	transport := s.transport(addrs, t.port, &reply.Address)
	defer transport.CloseIdleConnections()
	err = exchange(ctx, transport, t, req, &reply)
	reply.Duration = s.Clock().Sub(started)
	return reply, err
}

// transport connects to one of the checked addresses, whatever name is asked for. It knows
// no proxy: one would resolve the name again.
func (s *Sender) transport(addrs []netip.Addr, port string, dialled *string) *http.Transport {
	return &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			c, err := s.dial(ctx, network, addrs, port)
			if err == nil {
				*dialled = c.RemoteAddr().String()
			}
			return c, err
		},
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: s.Roots},
		DisableKeepAlives:      true,
		DisableCompression:     true, // a few bytes could unpack to very many
		MaxResponseHeaderBytes: maxReplyHeaders,
	}
}

// dial tries the addresses in turn. Each is checked once more as the socket sees it.
func (s *Sender) dial(ctx context.Context, network string, addrs []netip.Addr, port string) (c net.Conn, err error) {
	dialer := net.Dialer{ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		seen, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("outbound: %w", err)
		}
		return s.checkAddress(seen.Addr())
	}}
	for _, addr := range addrs {
		if c, err = dialer.DialContext(ctx, network, net.JoinHostPort(addr.String(), port)); err == nil || ctx.Err() != nil {
			break
		}
	}
	return c, err
}

// exchange sends once and reads the beginning of the reply. Redirects are left to the caller
// to see: RoundTrip follows none.
func exchange(ctx context.Context, transport *http.Transport, t target, req core.OutboundRequest, reply *core.OutboundReply) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url.String(), bytes.NewReader(req.Body))
	if err != nil {
		return fmt.Errorf("outbound: %w", err)
	}
	r.GetBody = nil // nothing is sent twice
	r.Header.Set("User-Agent", "zhanggui")
	for name, value := range req.Headers {
		r.Header.Set(name, value)
	}
	resp, err := transport.RoundTrip(r)
	if err != nil {
		return unreachable(err, t.host)
	}
	defer func() { _ = resp.Body.Close() }()
	reply.Status = resp.StatusCode
	// A body that breaks off changes nothing: the status is what the receiver said.
	reply.Body, _ = io.ReadAll(io.LimitReader(resp.Body, maxReply))
	return nil
}

// unreachable says why no reply came, in words that tell nothing of our network.
func unreachable(err error, host string) error {
	if known, ok := errors.AsType[*core.Error](err); ok {
		return known
	}
	var (
		network net.Error
		record  tls.RecordHeaderError
		badCert *tls.CertificateVerificationError
	)
	why := "the connection broke off before a reply came"
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		why = "no reply came in time"
	case errors.Is(err, syscall.ECONNREFUSED):
		why = "the connection was refused"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		why = "there is no way to it"
	case errors.As(err, &badCert):
		why = "its certificate is not valid for this name or not issued by a known authority"
	case errors.As(err, &record):
		why = "it does not speak TLS"
	}
	return core.Wrap(err, core.CodeDeliveryFailed, "%s could not be reached: %s.", host, why)
}
