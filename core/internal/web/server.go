package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// Options is what a Server is made of. The use cases, Clock and PublicURL are required.
type Options struct {
	Payments   core.Payments
	Refunds    core.Refunds
	Onboarding core.Onboarding
	People     core.People
	Records    core.Records
	Inbound    core.Inbound
	Payers     core.Payers
	Alerts     core.Alerts
	// AlertChannels says where they are told.
	AlertChannels core.AlertChannels
	Webhooks      core.Webhooks
	RequestLog    core.RequestLog
	// SpendingLimits are the merchants'; Limits below are this server's.
	SpendingLimits core.SpendingLimits
	Fees           core.Fees
	Settlement     core.Settlement
	Approvals      core.Approvals
	Payouts        core.Payouts
	BillImports    core.BillImports
	Exports        core.Exports
	Plugins        core.Plugins
	PluginReports  core.PluginReports
	UserSettings   core.UserSettings
	Balances       core.Balances
	Cases          core.Cases
	Reconciliation core.Reconciliation
	Live           core.Live
	Simulator      core.Simulator
	Systems        core.Systems

	// Recorder takes what merchants' programs asked. nil: nothing is kept.
	Recorder core.RequestRecorder
	// Readiness says what this node can reach. nil: nothing is checked.
	Readiness func(ctx context.Context) []Check
	// Console holds index.html and assets/. nil: the address / says that there is none.
	Console fs.FS
	// PublicURL is the address browsers use. Its scheme decides the cookie's name and
	// Secure; its origin is the one from which sessions are accepted.
	PublicURL string
	// TrustedProxies may say in X-Forwarded-For who called. Nobody else is believed.
	TrustedProxies []netip.Prefix
	Clock          core.Clock
	Logger         *slog.Logger
	// Metrics receives this server's metrics and is what Admin serves. nil: an own registry.
	Metrics *prometheus.Registry
	// Tracing draws a trace of each request. nil: none.
	Tracing trace.TracerProvider
	Version api.Version
	// DevMode accepts sessions from any origin that names this very server, so that
	// localhost and 127.0.0.1 both work.
	DevMode bool
	Limits  Limits
}

// Limits bound what callers may take. A zero field takes the default.
type Limits struct {
	Body          int           // bytes of a request body; 1 MiB
	Upload        int           // bytes of a body that brings a file; 3 MiB
	ReadTimeout   time.Duration // a whole request must arrive in it; 15 s
	WriteTimeout  time.Duration // a whole reply must leave in it; 30 s
	IdleTimeout   time.Duration // between requests of a connection; 75 s
	Request       time.Duration // of a request that calls no provider; 15 s
	Provider      time.Duration // of a request that may; 75 s, plus Prefer: wait
	CallerRate    float64       // requests per second of one caller; 2000
	CallerBurst   int           // 4000
	LoginRate     float64       // sign-ins per second of one address; 0.2
	LoginBurst    int           // 10
	RefusalsRate  float64       // refused credentials per second of one address; 1
	RefusalsBurst int           // 30
	InboundRate   float64       // requests per second to one callback address; 200
	InboundBurst  int           // 400
	Passwords     int           // passwords checked at a time, 19 MiB each; 8
}

// Check is one thing the node needs.
type Check struct {
	Name string
	OK   bool
	// Message is one sentence: what is wrong and what to do, or that it works.
	Message string
}

// Server serves API, console and reference. Make it with New.
type Server struct {
	opt       Options
	app       *fiber.App
	logger    *slog.Logger
	statuses  map[core.Code]int
	ops       map[string]*operation
	origin    string
	cookie    cookieRule
	callers   *limiter
	logins    *limiter
	refusals  *limiter
	inbound   *limiter
	passwords chan struct{}
	metrics   *metrics
	tracer    trace.Tracer
	console   *console
	reference *reference
	draining  atomic.Bool
	listening listeners
}

// New builds a server. Errors: options that cannot work, or a document that does not parse.
func New(opt Options) (*Server, error) {
	if opt.RequestLog == nil {
		return nil, errors.New("web: the request log is missing")
	}
	if opt.Payments == nil || opt.Refunds == nil || opt.Onboarding == nil || opt.People == nil || opt.Records == nil || opt.Inbound == nil || opt.Payers == nil || opt.Approvals == nil || opt.Cases == nil || opt.Reconciliation == nil || opt.Payouts == nil || opt.Exports == nil || opt.BillImports == nil || opt.Plugins == nil || opt.PluginReports == nil || opt.UserSettings == nil || opt.Alerts == nil || opt.AlertChannels == nil || opt.Webhooks == nil || opt.SpendingLimits == nil || opt.Fees == nil || opt.Settlement == nil || opt.Balances == nil || opt.Simulator == nil || opt.Live == nil || opt.Clock == nil {
		return nil, errors.New("web: a use case or the clock is missing")
	}
	public, err := url.Parse(opt.PublicURL)
	if err != nil || public.Host == "" || (public.Scheme != "http" && public.Scheme != "https") {
		return nil, fmt.Errorf("web: the public address %q must begin with http:// or https:// and name a host", opt.PublicURL)
	}
	opt.Limits = opt.Limits.withDefaults()
	if opt.Logger == nil {
		opt.Logger = slog.New(slog.DiscardHandler)
	}
	doc, err := loadDocument()
	if err != nil {
		return nil, err
	}
	s := &Server{opt: opt, logger: opt.Logger, statuses: statuses(), origin: public.Scheme + "://" + public.Host, cookie: newCookieRule(public.Scheme == "https")}
	if s.ops, err = compileOperations(doc); err != nil {
		return nil, err
	}
	if s.reference, err = newReference(doc); err != nil {
		return nil, err
	}
	if s.console, err = newConsole(opt.Console); err != nil {
		return nil, err
	}
	if s.metrics, err = newMetrics(opt.Metrics); err != nil {
		return nil, err
	}
	s.tracer = newTracer(opt.Tracing)
	l := opt.Limits
	s.callers = newLimiter(l.CallerRate, l.CallerBurst)
	s.logins = newLimiter(l.LoginRate, l.LoginBurst)
	s.inbound = newLimiter(l.InboundRate, l.InboundBurst)
	s.refusals = newLimiter(l.RefusalsRate, l.RefusalsBurst)
	s.passwords = make(chan struct{}, l.Passwords)
	s.app = s.newApp()
	return s, nil
}

func (l Limits) withDefaults() Limits {
	return Limits{
		Body:          or(l.Body, 1<<20),
		Upload:        or(l.Upload, 3<<20),
		ReadTimeout:   or(l.ReadTimeout, 15*time.Second),
		WriteTimeout:  or(l.WriteTimeout, 30*time.Second),
		IdleTimeout:   or(l.IdleTimeout, 75*time.Second),
		Request:       or(l.Request, 15*time.Second),
		Provider:      or(l.Provider, 75*time.Second),
		CallerRate:    or(l.CallerRate, 2000),
		CallerBurst:   or(l.CallerBurst, 4000),
		LoginRate:     or(l.LoginRate, 0.2),
		LoginBurst:    or(l.LoginBurst, 10),
		RefusalsRate:  or(l.RefusalsRate, 1),
		RefusalsBurst: or(l.RefusalsBurst, 30),
		InboundRate:   or(l.InboundRate, 200),
		InboundBurst:  or(l.InboundBurst, 400),
		Passwords:     or(l.Passwords, 8),
	}
}

func or[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}

func (s *Server) newApp() *fiber.App {
	app := fiber.New(fiber.Config{
		AppName:               "zhanggui",
		DisableStartupMessage: true,
		// Without it, values read from a request change when its buffers are used again.
		Immutable:     true,
		CaseSensitive: true,
		StrictRouting: true,
		ErrorHandler:  s.handleError,
		// The gate holds all but uploads to less.
		BodyLimit:    max(s.opt.Limits.Body, s.opt.Limits.Upload),
		ReadTimeout:  s.opt.Limits.ReadTimeout,
		WriteTimeout: s.opt.Limits.WriteTimeout,
		IdleTimeout:  s.opt.Limits.IdleTimeout,
		// Headers count against the read buffer.
		ReadBufferSize:    16 << 10,
		StreamRequestBody: false,
		// Forms are never taken; unread, they cost nothing.
		DisablePreParseMultipartForm: true,
	})
	app.Use(s.front)
	app.Get("/livez", s.livez)
	app.Get("/readyz", s.readyz)
	app.Get("/openapi.yaml", s.reference.document)
	app.Get("/docs", s.reference.page)
	app.Get("/docs/:file", s.reference.asset)
	s.inboundRoutes(app)
	handler := api.NewStrictHandler(&operations{Server: s}, []api.StrictMiddlewareFunc{s.spanOfUseCase})
	api.RegisterHandlers(gatedRouter{Router: app, server: s}, handler)
	app.Use(s.console.serve)
	return app
}

// Serve answers on ln until Drain; it returns nil after a drain, also when the drain
// came first.
func (s *Server) Serve(ln net.Listener) error {
	if !s.listening.add(ln) {
		return nil
	}
	if err := s.app.Listener(ln); err != nil && !s.listening.ended() {
		return fmt.Errorf("web: serve: %w", err)
	}
	return nil
}

// listeners are closed by a drain even if serving has not quite begun: Fiber's own
// shutdown does not know of them yet and would leave them open for ever.
type listeners struct {
	mu   sync.Mutex
	open []net.Listener
	over bool
}

func (l *listeners) add(ln net.Listener) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		_ = ln.Close()
		return false
	}
	l.open = append(l.open, ln)
	return true
}

func (l *listeners) ended() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.over
}

func (l *listeners) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
}

func (l *listeners) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, ln := range l.open {
		_ = ln.Close()
	}
}

// StartDraining makes /readyz fail, so that a balancer stops sending; everything else
// goes on.
func (s *Server) StartDraining() { s.draining.Store(true) }

// Drain stops taking connections and waits until running requests have been answered or
// ctx ends. It implies StartDraining.
func (s *Server) Drain(ctx context.Context) error {
	s.StartDraining()
	s.listening.end()
	defer s.listening.close()
	if err := s.app.ShutdownWithContext(ctx); err != nil {
		return fmt.Errorf("web: drain: %w", err)
	}
	return nil
}
