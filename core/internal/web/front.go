package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"go.opentelemetry.io/otel/trace"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	headerRequestID      = "X-Request-Id"
	headerIdempotencyKey = "Idempotency-Key"
	headerPrefer         = "Prefer"
	headerTenant         = "Zhanggui-Tenant"
	headerCSRF           = "X-Csrf-Token"

	localInfo     = "info"
	localCode     = "code"
	localIdentity = "identity"
)

// mostUserAgent characters say which browser it is; its name stands at the end.
const mostUserAgent = 255

// requestInfo is what is known of every request before anybody is asked who sent it.
type requestInfo struct {
	requestID string
	ip        string
	userAgent string
	language  string
	wait      time.Duration
}

type infoKey struct{}

// infoFrom gives the request's facts inside a handler.
func infoFrom(ctx context.Context) *requestInfo {
	if i, ok := ctx.Value(infoKey{}).(*requestInfo); ok {
		return i
	}
	return &requestInfo{}
}

// infoOf gives them to middleware; a request that failed before it got there is given an id now.
func infoOf(c *fiber.Ctx) *requestInfo {
	if i, ok := c.Locals(localInfo).(*requestInfo); ok {
		return i
	}
	i := &requestInfo{requestID: newRequestID()}
	c.Locals(localInfo, i)
	c.Set(headerRequestID, i.requestID)
	return i
}

// front is around everything: request id, security headers, panics, log line, metrics.
func (s *Server) front(c *fiber.Ctx) (err error) {
	begin := s.opt.Clock()
	info := &requestInfo{
		requestID: requestID(c.Get(headerRequestID)),
		ip:        clientIP(c, s.opt.TrustedProxies),
		userAgent: shortenTo(strings.ToValidUTF8(c.Get(fiber.HeaderUserAgent), "?"), mostUserAgent),
		language:  language(c.Get(fiber.HeaderAcceptLanguage)),
	}
	c.Locals(localInfo, info)
	ctx, span := s.startSpan(context.WithValue(context.Background(), infoKey{}, info), c, info)
	c.SetUserContext(ctx)
	c.Set(headerRequestID, info.requestID)
	s.securityHeaders(c)
	defer s.report(c, info, span, begin)

	if err := s.guarded(c); err != nil {
		return s.handleError(c, err)
	}
	return nil
}

// guarded runs the rest of the chain and turns a panic into an error. What the panic
// says goes to the log only.
func (s *Server) guarded(c *fiber.Ctx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	if enc := c.Get(fiber.HeaderContentEncoding); enc != "" && !strings.EqualFold(enc, "identity") {
		return core.Errorf(core.CodeUnsupportedEncoding, "Send the body as it is: compressed bodies are not taken.").At(fiber.HeaderContentEncoding)
	}
	return c.Next()
}

func (s *Server) securityHeaders(c *fiber.Ctx) {
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderXFrameOptions, "DENY")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
	c.Set(fiber.HeaderPermissionsPolicy, "camera=(), geolocation=(), microphone=(), payment=()")
	if s.cookie.secure {
		c.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000")
	}
	if isAPI(c.Path()) {
		c.Set(fiber.HeaderCacheControl, "no-store")
		c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'")
	}
}

// matchedRoute is the pattern that took the request, never its path, which may hold a token.
func matchedRoute(c *fiber.Ctx) string {
	switch route := c.Route().Path; {
	case isAPI(c.Path()) && isAPI(route), strings.Contains(route, "/:"):
		return route
	}
	return "other"
}

// report writes the access log, the request log and the metrics. Paths carry ids and no secrets; queries
// are left out.
func (s *Server) report(c *fiber.Ctx, info *requestInfo, span trace.Span, begin time.Time) {
	status, took := c.Response().StatusCode(), s.opt.Clock().Sub(begin)
	route := matchedRoute(c)
	s.metrics.observe(c.Method(), route, status, took)
	s.record(c, info, route, status, begin, took)
	defer endSpan(span, c, route, status)
	level := slog.LevelInfo
	if !isAPI(c.Path()) {
		level = slog.LevelDebug
	}
	if !s.logger.Enabled(c.UserContext(), level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("request_id", info.requestID), slog.String("method", c.Method()),
		slog.String("path", loggedPath(c)), slog.Int("status", status),
		slog.Duration("took", took), slog.String("ip", info.ip),
	}
	if id, ok := c.Locals(localIdentity).(core.Identity); ok {
		attrs = append(attrs, slog.String("actor", id.Actor))
		if !id.TenantID.IsZero() {
			attrs = append(attrs, slog.String("tenant", id.TenantID.Prefixed(core.PrefixTenant)))
		}
	}
	if code, ok := c.Locals(localCode).(string); ok {
		attrs = append(attrs, slog.String("code", code))
	}
	s.logger.LogAttrs(c.UserContext(), level, "request", attrs...)
}

// loggedPath leaves out the tokens of payers' one-time pages.
func loggedPath(c *fiber.Ctx) string {
	if strings.HasPrefix(c.Path(), "/pay") {
		return c.Route().Path
	}
	return shorten(c.Path())
}

// requestID takes the caller's if it is sane, else makes one.
func requestID(given string) string {
	if len(given) < 8 || len(given) > 64 {
		return newRequestID()
	}
	for i := range len(given) {
		switch c := given[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '_', c == '-':
		default:
			return newRequestID()
		}
	}
	return given
}

func newRequestID() string {
	var b [12]byte
	_, _ = rand.Read(b[:])
	return "req_" + hex.EncodeToString(b[:])
}

// language picks the first of zh and en that the browser names; Chinese when it names neither.
func language(accept string) string {
	for _, part := range strings.Split(accept, ",") {
		switch tag := strings.ToLower(strings.TrimSpace(part)); {
		case strings.HasPrefix(tag, "zh"):
			return "zh"
		case strings.HasPrefix(tag, "en"):
			return "en"
		}
	}
	return "zh"
}

var errNoConsole = errors.New("web: the console's files have no index.html")
