package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

// The names under which Options.Hook is called around a send.
const (
	PointBeforeSend = "before_send" // the request is allowed and nothing has left
	PointAfterSend  = "after_send"  // the request has been written, the reply not yet read
	PointAfterReply = "after_reply" // the reply has been read, the plugin has not seen its end
)

// send is one exchange with the provider, in progress.
type send struct {
	services *services
	session  *session
	stream   sendStream
	record   *wireExchange
	// transport is the plugin's own, or one that shows the account's client certificate.
	transport *http.Transport
	max       int64 // of the reply's body
	obtained  atomic.Bool
}

type sendStream interface {
	Context() context.Context
	Recv() (*providerpb.SendRequest, error)
	Send(*providerpb.SendReply) error
}

// Send makes one HTTP exchange within the grant of the call.
func (s *services) Send(stream providerpb.Host_SendServer) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	session, refused := s.enter(first.GetHead().GetToken(), "send")
	if refused != nil {
		return stream.Send(&providerpb.SendReply{Failure: refused})
	}
	defer session.leave()
	x := &send{services: s, session: session, stream: stream, max: s.host.options.MaxResponse}
	if want := first.GetHead().GetMaxResponse(); want > 0 {
		x.max = min(want, s.host.options.MaxResponseLimit)
	}
	if failure := x.run(first); failure != nil {
		return stream.Send(&providerpb.SendReply{Failure: failure})
	}
	return nil
}

func (x *send) run(first *providerpb.SendRequest) *providerpb.Failure {
	ctx, cancel := context.WithCancel(x.stream.Context())
	defer cancel()
	defer context.AfterFunc(x.session.ctx, cancel)()
	req, refused := x.request(ctx, first)
	if refused != nil {
		return refused
	}
	x.session.record(x.record)
	defer x.watch(req)()
	x.services.host.hook(PointBeforeSend)
	resp, err := x.transport.RoundTrip(req) //nolint:bodyclose // reply closes it
	if err != nil {
		return x.broken(err)
	}
	return x.reply(resp)
}

// chooseTransport takes the account's client certificate where the plugin names one.
func (x *send) chooseTransport(name string) *providerpb.Failure {
	x.transport = x.services.unit.egress.transport
	if name == "" {
		return nil
	}
	entry, plain, err := x.session.keys.entry(x.session.ctx, name)
	if !x.session.grant.keys[[2]string{plain, opConnect}] {
		return x.deny("a connection with the certificate %s", quote(plain))
	}
	if err != nil {
		return x.services.failureOf(err)
	}
	certificate, err := entry.connect(plain)
	if err != nil {
		return x.services.failureOf(err)
	}
	x.session.used(plain, opConnect)
	x.transport = x.services.unit.egress.showing(certificate)
	return nil
}

// request checks the head against the grant and builds what is sent.
func (x *send) request(ctx context.Context, first *providerpb.SendRequest) (*http.Request, *providerpb.Failure) {
	head := first.GetHead()
	u, refused := x.checkURL(head)
	if refused != nil {
		return nil, refused
	}
	if refused := x.chooseTransport(head.GetClientCertificate()); refused != nil {
		return nil, refused
	}
	if size := headSize(head); size > headLimit {
		return nil, x.deny("a request of which address and headers have %d bytes", size)
	}
	if !x.session.mayNow() {
		return nil, x.deny("a request more than the %d the grant of %s allows", x.session.grant.sends, x.session.call.Operation)
	}
	x.record = &wireExchange{method: head.GetMethod(), url: u.String()}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, x.trace()), head.GetMethod(), u.String(), nil)
	if err != nil {
		return nil, failure("invalid_request", "The request cannot be built: "+err.Error())
	}
	for _, h := range head.GetHeaders() {
		if strings.EqualFold(h.GetName(), "Host") {
			return nil, x.deny("a Host header of its own")
		}
		if !dropped(h.GetName()) {
			req.Header.Add(h.GetName(), h.GetValue())
		}
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", "zhanggui")
	}
	x.record.requestHeaders = req.Header
	// No GetBody, and a body even where there is none: Go's transport then never sends a
	// request again of which a byte may have been written.
	req.Body = &requestBody{stream: x.stream, rest: first.GetBody(), end: first.GetEnd(), copy: &x.record.requestBody}
	req.ContentLength = head.GetContentLength()
	if first.GetEnd() {
		req.ContentLength = int64(len(first.GetBody()))
	}
	if req.ContentLength == 0 {
		req.Header.Del("Content-Length")
		if head.GetMethod() == http.MethodPost || head.GetMethod() == http.MethodPut {
			req.Body = http.NoBody // these methods are never repeated anyway
		}
	}
	return req, nil
}

// headLimit bounds a request's address and headers, in bytes: they are kept as evidence.
const headLimit = 64 << 10

func headSize(head *providerpb.SendHead) int {
	size := len(head.GetUrl())
	for _, h := range head.GetHeaders() {
		size += len(h.GetName()) + len(h.GetValue())
	}
	return size
}

// dropped are headers that belong to the connection, or make Go's transport repeat a request.
func dropped(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Idempotency-Key", "X-Idempotency-Key", "Connection", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection",
		"Te", "Trailer", "Transfer-Encoding", "Upgrade", "Expect", "Content-Length":
		return true
	}
	return false
}

func (x *send) checkURL(head *providerpb.SendHead) (*url.URL, *providerpb.Failure) {
	u, err := url.Parse(head.GetUrl())
	if err != nil || u.Host == "" || u.Opaque != "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return nil, x.deny("an address that is no plain http or https URL")
	}
	u.Fragment, u.RawFragment = "", ""
	s := x.session
	if !s.license.allowsHost(u, s.base) {
		return nil, x.deny("the host %s", quote(u.Host))
	}
	if !s.grant.allowsRequest(head.GetMethod(), u, s.base) {
		return nil, x.deny("%s %s", head.GetMethod(), quote(u.EscapedPath()))
	}
	if u.Scheme != "https" && s.license.tlsOnly && !x.services.host.options.AllowPrivateNetworks {
		return nil, x.deny("plain http, where only TLS proves who answers")
	}
	return u, nil
}

func (x *send) deny(format string, args ...any) *providerpb.Failure {
	return x.services.unit.deny(x.session, fmt.Sprintf(format, args...))
}

func (x *send) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) {
			x.obtained.Store(true)
			x.session.obtained()
		},
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err == nil {
				x.services.host.hook(PointAfterSend)
			}
		},
	}
}

// broken says whether a failed exchange may have reached the provider.
func (x *send) broken(err error) *providerpb.Failure {
	x.record.failure = err.Error()
	if x.obtained.Load() {
		return failure("sent_maybe", "The exchange with the provider broke off: "+plainError(err))
	}
	return failure("not_sent", "The provider could not be reached, nothing was sent: "+plainError(err))
}

func plainError(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "the time was over"
	case errors.Is(err, context.Canceled):
		return errSessionOver.Error()
	}
	return err.Error()
}

// reply streams the provider's answer to the plugin, up to the limit.
func (x *send) reply(resp *http.Response) *providerpb.Failure {
	defer func() { _ = resp.Body.Close() }()
	x.record.status, x.record.responseHeaders = resp.StatusCode, resp.Header
	head := &providerpb.ReplyHead{
		Status: int32(resp.StatusCode), Proto: resp.Proto, Headers: headersToWire(resp.Header), ContentLength: resp.ContentLength, //nolint:gosec // three digits
	}
	if resp.ContentLength > x.max {
		return failure("too_large", fmt.Sprintf("The provider's reply has %d bytes and the limit is %d.", resp.ContentLength, x.max))
	}
	buffer := make([]byte, chunkFor(resp.ContentLength))
	for total := int64(0); ; {
		n, err := io.ReadFull(resp.Body, buffer)
		end := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) && readAll(resp, total+int64(n))
		_, _ = x.record.responseBody.Write(buffer[:n])
		if total += int64(n); total > x.max {
			return failure("too_large", fmt.Sprintf("The provider's reply is longer than the limit of %d bytes.", x.max))
		}
		if err != nil && !end {
			x.record.failure = err.Error()
			return failure("sent_maybe", "The provider's reply broke off: "+plainError(err))
		}
		if end {
			x.session.answered()
			x.services.host.hook(PointAfterReply)
		}
		if err := x.stream.Send(&providerpb.SendReply{Head: head, Body: buffer[:n], End: end}); err != nil {
			return nil
		}
		if end {
			return nil
		}
		head = nil
	}
}

// readAll tells the end of a body from a connection that broke: both end a ReadFull early.
func readAll(resp *http.Response, total int64) bool {
	if resp.ContentLength >= 0 {
		return total == resp.ContentLength
	}
	var one [1]byte
	n, err := resp.Body.Read(one[:])
	return n == 0 && errors.Is(err, io.EOF)
}

// chunkFor is one byte more than a short body, so that its end is seen with it.
func chunkFor(length int64) int {
	switch {
	case length >= 0 && length < providerpb.Chunk:
		return int(length) + 1
	case length < 0:
		return 16 << 10
	}
	return providerpb.Chunk
}

func headersToWire(h http.Header) []*providerpb.Header {
	out := make([]*providerpb.Header, 0, len(h))
	for name, values := range h {
		for _, v := range values {
			out = append(out, &providerpb.Header{Name: name, Value: strings.ToValidUTF8(v, "\uFFFD")})
		}
	}
	return out
}

// requestBody reads the body as the plugin sends it and keeps a copy of its beginning. It
// cannot be rewound, on purpose.
type requestBody struct {
	stream sendStream
	rest   []byte
	end    bool
	copy   *capture
}

func (b *requestBody) Read(p []byte) (int, error) {
	for len(b.rest) == 0 {
		if b.end {
			return 0, io.EOF
		}
		next, err := b.stream.Recv()
		if err != nil {
			return 0, fmt.Errorf("the plugin did not finish the request: %w", err)
		}
		b.rest, b.end = next.GetBody(), next.GetEnd()
	}
	n := copy(p, b.rest)
	_, _ = b.copy.Write(b.rest[:n])
	b.rest = b.rest[n:]
	return n, nil
}

func (b *requestBody) Close() error { return nil }
