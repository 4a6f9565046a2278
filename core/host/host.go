package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
	"github.com/zhanggui-pay/zhanggui/core/internal/billfile"
	"github.com/zhanggui-pay/zhanggui/core/internal/exportfile"
	"github.com/zhanggui-pay/zhanggui/core/internal/jobs"
	"github.com/zhanggui-pay/zhanggui/core/internal/keyring"
	"github.com/zhanggui-pay/zhanggui/core/internal/metrics"
	"github.com/zhanggui-pay/zhanggui/core/internal/outbound"
	"github.com/zhanggui-pay/zhanggui/core/internal/payoutfile"
	"github.com/zhanggui-pay/zhanggui/core/internal/pluginhost"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres"
	"github.com/zhanggui-pay/zhanggui/core/internal/rbac"
	"github.com/zhanggui-pay/zhanggui/core/internal/service"
	"github.com/zhanggui-pay/zhanggui/core/internal/tracing"
	"github.com/zhanggui-pay/zhanggui/core/internal/web"
)

// Parts are what differs between serve, dev and tests.
type Parts struct {
	Keyring core.Keyring // closed by the caller
	Clock   core.Clock
	Logger  *slog.Logger
	Console fs.FS // nil: no console
	Version api.Version
	// TestMode permits provider addresses that are private or plain http, and sessions
	// from any local address. dev and tests only.
	TestMode bool
	// Simulator controls simulated providers that this process started; dev only. Nil: the
	// providers are real, and /v1/simulator is not there.
	Simulator core.SimulatorControl
	// Hook is called at named points of a payment's life; nil in production.
	Hook func(point string)
	// Spans receives every span, beside the collector of the configuration; tests only.
	Spans sdktrace.SpanProcessor
}

// Host is one running node. Any number may run over one PostgreSQL and one Vault.
type Host struct {
	cfg       Config
	parts     Parts
	db        *postgres.DB
	access    *rbac.Authorizer
	plugins   *pluginhost.Host
	approvals *approvals
	service   *service.Service
	web       *web.Server
	sweeper   *jobs.Sweeper
	sender    *jobs.Sweeper // of webhooks
	bulk      *jobs.Sweeper // of bills, imports and exports
	house     *jobs.Housekeeper
	requests  *jobs.RequestLog
	metrics   *prometheus.Registry
	counted   *metrics.Counters
	recorder  *metrics.Recorder
	node      core.ID // this process among those that run
	tracing   *tracing.Tracing
	address   string
	admin     *http.Server
	// adminAddress is where admin listens.
	adminAddress string
	failed       chan error
	stop         context.CancelFunc
	work         sync.WaitGroup
}

// Start wires the rooms and begins to serve. When it fails, what was opened is closed.
func Start(ctx context.Context, cfg Config, parts Parts) (h *Host, err error) {
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	h = &Host{cfg: cfg, parts: parts, metrics: prometheus.NewRegistry(), failed: make(chan error, 2), stop: stop, node: core.NewID(parts.Clock())}
	defer func() {
		if err != nil {
			h.closeRooms()
		}
	}()
	if err := h.openTracing(ctx); err != nil {
		return h, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return h, core.Wrap(err, core.CodeInternal, "%s is in use or cannot be listened on; set another address with --listen.", cfg.Listen)
	}
	defer func() {
		if err != nil {
			_ = listener.Close()
		}
	}()
	h.address = listener.Addr().String()
	if h.cfg.PublicURL == "" {
		h.cfg.PublicURL = "http://" + h.address
	}
	if err := h.openRooms(ctx); err != nil {
		return h, err
	}
	if err := h.serveAdmin(ctx); err != nil {
		return h, err
	}
	h.work.Go(func() { h.sweeper.Run(running) })
	h.work.Go(func() { h.sender.Run(running) })
	h.work.Go(func() { h.bulk.Run(running) })
	h.work.Go(func() { h.sweeper.RunAuditSealer(running) })
	h.work.Go(func() { h.house.Run(running) })
	h.work.Go(func() { h.requests.Run(running) })
	h.work.Go(func() { h.reportNode(running) })
	h.work.Go(func() { h.sweeper.RunInspection(running, h.service) })
	h.work.Go(func() { h.followPlugins(running) })
	h.work.Go(func() { h.followChanges(running) })
	if h.cfg.Plugins.Verify {
		h.work.Go(func() { h.verifyPlugins(running) })
	}
	go func() { h.failed <- h.web.Serve(listener) }()
	return h, nil
}

// openRooms opens PostgreSQL, access control, plugins, use cases, HTTP and the sweeper, in
// the order in which they stand on each other.
func (h *Host) openRooms(ctx context.Context) (err error) {
	p := h.parts
	database := postgres.Config{URL: h.cfg.Database.URL, MaxConns: h.cfg.Database.MaxConns, Now: p.Clock, Log: p.Logger}
	if h.tracing.On() {
		database.Tracing = h.tracing.Provider()
	}
	if h.db, err = postgres.Open(ctx, database); err != nil {
		return err
	}
	if err := h.db.CheckSchema(ctx); err != nil {
		return err
	}
	if h.access, err = rbac.New(ctx, rbac.Options{URL: core.SecretString(h.cfg.Database.URL), Logger: p.Logger}); err != nil {
		return err
	}
	if h.counted, err = metrics.NewCounters(h.metrics); err != nil {
		return err
	}
	h.recorder = metrics.NewRecorder(h.counted, p.Clock)
	if h.plugins, err = h.openPlugins(ctx, h.recorder); err != nil {
		return err
	}
	hashKey, err := installationSecret(ctx, p.Keyring)
	if err != nil {
		return err
	}
	mailServer, err := h.cfg.Mail.server()
	if err != nil {
		return err
	}
	sender, err := outbound.New(outbound.Options{Clock: p.Clock, AllowLocal: p.TestMode, Mail: mailServer})
	if err != nil {
		return err
	}
	books, err := h.cfg.Reconciliation.schedule()
	if err != nil {
		return err
	}
	h.service, err = service.New(service.Options{
		Database: h.db, Providers: h.plugins, Keyring: p.Keyring, Sealer: keyring.NewSealer(p.Keyring, p.Clock),
		Credentials: keyring.Parser{}, KeyTest: keyring.SelfTest, Authorizer: h.access, PayoutFiles: payoutfile.Files{}, ExportFiles: exportfile.New("", p.Clock()), BillReader: billfile.Reader{}, Outbound: sender, Verifier: verifier{h.plugins, p.Clock}, Clock: p.Clock, Logger: p.Logger, PublicURL: h.cfg.PublicURL,
		CallTimeout: h.cfg.CallTimeout, AllowTestMode: p.TestMode, HashKey: hashKey, Hook: p.Hook, Simulator: p.Simulator,
		BalanceSchedule: service.BalanceSchedule{Every: h.cfg.Balances.Every, Night: h.cfg.Balances.Night, From: h.cfg.Balances.From, To: h.cfg.Balances.To},
		UnknownAfter:    h.cfg.Alerts.unknownAfter(), Reconciliation: books, Node: h.node, Retention: h.cfg.Retention.kept(),
	})
	if err != nil {
		return err
	}
	h.requests, err = jobs.NewRequestLog(jobs.RequestLogOptions{Keeper: h.db, Logger: p.Logger, Dropped: h.counted.RequestsDropped})
	if err != nil {
		return err
	}
	if h.web, err = h.newWeb(); err != nil {
		return err
	}
	if err := h.collectMetrics(); err != nil {
		return err
	}
	checker := h.recorder.Checks(h.tracing.Checks(h.service, p.Clock))
	h.sweeper, err = jobs.NewSweeper(jobs.SweeperOptions{
		Claims: h.db, Checker: checker, Clock: p.Clock, Logger: p.Logger, Longest: 3 * h.cfg.CallTimeout, // a check is a question, a cancel and what is written of them
	})
	if err != nil {
		return err
	}
	if h.sender, err = jobs.NewWebhookSweeper(h.db, jobs.SweeperOptions{Checker: checker, Clock: p.Clock, Logger: p.Logger}); err != nil {
		return err
	}
	h.house, err = jobs.NewHousekeeper(jobs.HousekeeperOptions{
		Pruner: h.db, Kept: h.cfg.Retention.kept(), Clock: p.Clock, Logger: p.Logger, Removed: h.counted.Removed,
	})
	if err != nil {
		return err
	}
	h.bulk, err = jobs.NewBulkSweeper(h.db, jobs.SweeperOptions{Checker: checker, Clock: p.Clock, Logger: p.Logger})
	return err
}

func (h *Host) newWeb() (*web.Server, error) {
	var proxies []netip.Prefix
	for _, text := range h.cfg.Proxies {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, core.Errorf(core.CodeInvalidRequest, "trusted_proxies must hold networks such as 10.0.0.0/8; %q is none.", text).At("trusted_proxies")
		}
		proxies = append(proxies, prefix)
	}
	var limits web.Limits
	if h.parts.TestMode {
		// Tests and benchmarks come from one address with one key.
		limits = web.Limits{CallerRate: 1e6, CallerBurst: 1e6, LoginRate: 100, LoginBurst: 1000, InboundRate: 1e6, InboundBurst: 1e6}
	}
	s := h.service
	return web.New(web.Options{
		Payments: s, Refunds: s, Onboarding: s, People: s, Records: s, Inbound: s, Payers: s, Balances: s, Simulator: s, Approvals: s, Payouts: s, Plugins: s, PluginReports: s, UserSettings: s, Systems: s, Exports: s, BillImports: s, Cases: s, Reconciliation: s, SpendingLimits: s, Fees: s, Settlement: s, Alerts: s, AlertChannels: s, Webhooks: s, Live: s, Readiness: h.readiness, Console: h.parts.Console,
		RequestLog: s, Recorder: h.requests,
		PublicURL: h.cfg.PublicURL, TrustedProxies: proxies, Clock: h.parts.Clock, Logger: h.parts.Logger,
		Metrics: h.metrics, Tracing: h.tracing.Provider(), Version: h.parts.Version, DevMode: h.parts.TestMode, Limits: limits,
	})
}

// readiness says what this node can reach, a sentence each.
func (h *Host) readiness(ctx context.Context) []web.Check {
	plugins := h.plugins.Plugins(ctx)
	checks := make([]web.Check, 0, 2+len(plugins))
	checks = append(checks,
		check("postgresql", h.db.Health(ctx), "PostgreSQL answers."),
		check("keys", h.parts.Keyring.Health(ctx), "Keys can be read."))
	for _, p := range plugins {
		c := web.Check{Name: "plugin " + p.ID, OK: p.State == core.PluginEnabled, Message: "The plugin answers."}
		if !c.OK {
			// One provider's plugin does not make the node unready: the others work.
			c.OK, c.Message = true, fmt.Sprintf("The plugin is %s: %s", p.State, p.Reason)
		}
		checks = append(checks, c)
	}
	return checks
}

func check(name string, err error, good string) web.Check {
	if err == nil {
		return web.Check{Name: name, OK: true, Message: good}
	}
	var known *core.Error
	if errors.As(err, &known) {
		return web.Check{Name: name, Message: known.Message}
	}
	return web.Check{Name: name, Message: "It does not work; the log says why."}
}

// serveAdmin answers /metrics, /livez and /readyz on a listener of its own, away from the public one.
func (h *Host) serveAdmin(ctx context.Context) error {
	if h.cfg.AdminListen == "" {
		return nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", h.cfg.AdminListen)
	if err != nil {
		return core.Wrap(err, core.CodeInternal, "%s is in use or cannot be listened on; set another with --admin-listen.", h.cfg.AdminListen)
	}
	h.adminAddress = listener.Addr().String()
	h.admin = &http.Server{Handler: h.web.Admin(), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := h.admin.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			h.failed <- err
		}
	}()
	return nil
}

// Address is the host:port the API listens on.
func (h *Host) Address() string { return h.address }

// AdminAddress is the host:port of /metrics, or empty.
func (h *Host) AdminAddress() string { return h.adminAddress }

// PublicURL is where browsers reach the node.
func (h *Host) PublicURL() string { return h.cfg.PublicURL }

// Service gives the use cases to the command line.
func (h *Host) Service() *service.Service { return h.service }

// Plugins describes the plugins found.
func (h *Host) Plugins(ctx context.Context) []core.PluginStatus { return h.plugins.Plugins(ctx) }

// Run serves until ctx ends or a listener fails, then drains.
func (h *Host) Run(ctx context.Context) error {
	var err error
	select {
	case <-ctx.Done():
	case err = <-h.failed:
	}
	return errors.Join(err, h.Stop())
}

// Stop drains: /readyz fails first, running requests and checks end, then everything closes.
func (h *Host) Stop() error {
	h.web.StartDraining()
	h.service.EndFollowing()
	ctx, cancel := context.WithTimeout(context.Background(), h.cfg.Drain)
	defer cancel()
	err := h.web.Drain(ctx)
	h.closeRooms()
	return err
}

func (h *Host) closeRooms() {
	h.stop()
	h.work.Wait()
	if h.admin != nil {
		_ = h.admin.Close()
	}
	if h.plugins != nil {
		_ = h.plugins.Close()
	}
	if h.access != nil {
		h.access.Close()
	}
	if h.db != nil {
		_ = h.db.Close()
	}
	if h.tracing != nil {
		ctx, cancel := context.WithTimeout(context.Background(), tracingEnd)
		defer cancel()
		_ = h.tracing.Close(ctx)
	}
}

// tracingEnd is how long an end waits for the last spans to be sent.
const tracingEnd = 3 * time.Second

// openTracing comes first: from here on log lines lead to traces.
func (h *Host) openTracing(ctx context.Context) (err error) {
	h.tracing, err = tracing.New(ctx, tracing.Options{
		Endpoint: h.cfg.Tracing.Endpoint, Ratio: h.cfg.Tracing.Ratio, Version: h.parts.Version.Version, Logger: h.parts.Logger, Processor: h.parts.Spans,
	})
	if err == nil {
		h.parts.Logger = h.tracing.Logger(h.parts.Logger)
	}
	return err
}

// logLevel reads a level by name; anything else is info.
func logLevel(name string) slog.Level {
	levels := []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError}
	i := slices.IndexFunc(levels, func(l slog.Level) bool { return strings.EqualFold(l.String(), name) })
	if i < 0 {
		return slog.LevelInfo
	}
	return levels[i]
}
