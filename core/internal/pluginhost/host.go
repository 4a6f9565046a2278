package pluginhost

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sort"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Approval is what the operator has decided about a plugin's file.
type Approval int

// The approvals. The zero value keeps a plugin from running.
const (
	ApprovalPending  Approval = iota // found, nobody has decided yet
	ApprovalEnabled                  // this very binary is to run
	ApprovalModified                 // another binary of this plugin is
	ApprovalDisabled                 // the plugin is switched off
)

// Approvals decides which files may run. An error also means no.
type Approvals interface {
	// Approval is asked with a plugin's id and the SHA-256 of a binary in hexadecimal, when it
	// is found and whenever something has changed.
	Approval(ctx context.Context, id, sha256 string) (Approval, error)
	// ApprovedAs is the id that a binary was approved under, or empty: a file may have any name.
	ApprovedAs(ctx context.Context, sha256 string) (string, error)
}

// Examiner judges what this package does not know. Its errors are sentences for people.
type Examiner interface {
	// CheckManifest says what is wrong with a manifest's forms.
	CheckManifest(m core.Manifest) error
	// CheckAccounts says which account could not be used any more with the manifest.
	CheckAccounts(ctx context.Context, m core.Manifest) error
}

// BackOff says when a plugin that ended is started again.
type BackOff struct {
	First      time.Duration // the wait after the first failure; default 5 s
	Factor     int           // each next wait is so many times longer; default 4
	Max        time.Duration // default 2 min
	MaxPerHour int           // after so many failures in an hour it stays down until its file changes or Restart is called; default 10
}

// Options configure a Host. Zero values mean the defaults named.
type Options struct {
	Dir       string // where the plugins' files are
	Keyring   core.Keyring
	Clock     core.Clock // default time.Now
	Logger    *slog.Logger
	Approvals Approvals // required: nothing runs without
	// Examiner knows forms and accounts; nil leaves them unchecked.
	Examiner Examiner

	// AllowPrivateNetworks lets plugins reach loopback and private addresses and plain
	// http: for simulators and tests.
	AllowPrivateNetworks bool
	// RequireFullConfinement refuses to start a plugin when a layer is missing.
	RequireFullConfinement bool
	// WithoutNamespaces starts plugins as in a container that refuses namespaces.
	WithoutNamespaces bool

	BackOff      BackOff
	StartTimeout time.Duration // from start to the first answer; default 15 s
	RescanEvery  time.Duration // how often the directory is looked at; default 2 s
	HealthEvery  time.Duration // how often a plugin must answer; default 2 s
	// HealthTimeout is how long a plugin may take to answer before it is ended; default 5 s.
	HealthTimeout time.Duration
	// RestartWait is how long a call waits for a plugin that is just being started; default 3 s.
	RestartWait time.Duration
	// CallTimeout bounds a call; CallTimeouts do so by operation. Default 45 s.
	CallTimeout  time.Duration
	CallTimeouts map[core.Capability]time.Duration
	// MaxCalls bounds the calls in flight of one plugin; default 512.
	MaxCalls int
	// MaxResponse bounds a provider's reply in bytes, default 1 MiB; MaxResponseLimit is
	// what a plugin may ask for instead, default 64 MiB.
	MaxResponse, MaxResponseLimit int64
	RootCAs                       *x509.CertPool // default: the system's

	// Hook is called at the named points of a send; kill tests end the process there.
	Hook func(point string)

	// Tracing draws spans of calls and exchanges; nil means none.
	Tracing trace.TracerProvider
	// Observer counts calls and exchanges; nil means nobody does.
	Observer Observer
}

func (o Options) withDefaults() Options {
	set(o.Clock == nil, func() { o.Clock = time.Now })
	set(o.Logger == nil, func() { o.Logger = slog.New(slog.DiscardHandler) })
	orDuration(&o.BackOff.First, 5*time.Second)
	orDuration(&o.BackOff.Max, 2*time.Minute)
	set(o.BackOff.Factor < 1, func() { o.BackOff.Factor = 4 })
	set(o.BackOff.MaxPerHour < 1, func() { o.BackOff.MaxPerHour = 10 })
	orDuration(&o.StartTimeout, 15*time.Second)
	orDuration(&o.RescanEvery, 2*time.Second)
	orDuration(&o.HealthEvery, 2*time.Second)
	orDuration(&o.HealthTimeout, 5*time.Second)
	orDuration(&o.RestartWait, 3*time.Second)
	orDuration(&o.CallTimeout, 45*time.Second)
	set(o.Tracing == nil, func() { o.Tracing = noop.NewTracerProvider() })
	set(o.Observer == nil, func() { o.Observer = noObserver{} })
	set(o.MaxCalls < 1, func() { o.MaxCalls = 512 })
	set(o.MaxResponse < 1, func() { o.MaxResponse = 1 << 20 })
	set(o.MaxResponseLimit < 1, func() { o.MaxResponseLimit = 64 << 20 })
	return o
}

func set(when bool, to func()) {
	if when {
		to()
	}
}

func orDuration(d *time.Duration, to time.Duration) {
	if *d <= 0 {
		*d = to
	}
}

// Host finds and runs the plugins of a directory. It implements core.Providers.
type Host struct {
	options Options
	log     *slog.Logger
	tracer  trace.Tracer
	keys    *keyCache
	prefer  preferences
	starter *starter
	run     *runDir

	ctx    context.Context //nolint:containedctx // the life of the supervisors
	cancel context.CancelFunc
	wg     sync.WaitGroup

	describing chan struct{} // bounds how many binaries are asked at once what they are

	mu      sync.RWMutex
	units   map[string]*unit    // by the plugin's id
	files   map[string]*reading // by name
	unread  int                 // files that are being read
	allRead chan struct{}       // closed and replaced when none is
}

var _ core.Providers = (*Host)(nil)

// New looks at the directory and begins to start what is approved; it does not wait for
// the plugins. Close ends them.
func New(o Options) (*Host, error) {
	if o.Approvals == nil || o.Keyring == nil {
		return nil, errors.New("pluginhost: Approvals and Keyring are required")
	}
	o = o.withDefaults()
	if _, err := os.ReadDir(o.Dir); err != nil {
		return nil, fmt.Errorf("read the plugin directory: %w", err)
	}
	run, err := newRunDir()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	h := &Host{
		options: o, log: o.Logger, tracer: o.Tracing.Tracer("pluginhost"), keys: newKeyCache(o.Keyring, o.Clock), starter: newStarter(), run: run,
		ctx: ctx, cancel: cancel, describing: make(chan struct{}, describeAtOnce),
		units: map[string]*unit{}, files: map[string]*reading{}, allRead: make(chan struct{}),
	}
	h.scan()
	h.wg.Go(h.watch)
	return h, nil
}

// Close ends every plugin and waits until they are gone.
func (h *Host) Close() error {
	h.cancel()
	h.wg.Wait()
	select {
	case <-h.starter.done:
	default:
		close(h.starter.done)
		h.run.remove()
	}
	return nil
}

// Invalidate forgets an account's cached credentials: they were changed.
func (h *Host) Invalidate(path core.KeyPath) { h.keys.invalidate(path) }

// Rescan looks at the directory and asks for approvals again, at once. A version that failed
// its self-test is given another try.
func (h *Host) Rescan() {
	h.scan()
	for _, u := range h.list() {
		u.pardon()
		u.reconsider()
	}
}

// Restart starts a plugin that has given up. Errors: CodeNotFound.
func (h *Host) Restart(provider string) error {
	u := h.find(provider)
	if u == nil {
		return core.NotFound("plugin")
	}
	u.forgive()
	return nil
}

// WaitReady waits until every approved plugin runs, is refused, or ctx ends. What nobody
// has approved may still be being asked what it is.
func (h *Host) WaitReady(ctx context.Context) error {
	for {
		h.mu.RLock()
		unread, allRead := h.unread, h.allRead
		h.mu.RUnlock()
		if unread == 0 {
			break
		}
		select {
		case <-allRead:
		case <-ctx.Done():
			return fmt.Errorf("the plugin directory is still being read: %w", ctx.Err())
		}
	}
	for _, u := range h.list() {
		if err := u.settled(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (h *Host) now() time.Time { return h.options.Clock() }

func (h *Host) hook(point string) {
	if h.options.Hook != nil {
		h.options.Hook(point)
	}
}

// decideEvery is how often approvals are asked for again when nothing is heard.
const decideEvery = 30 * time.Second

// watch looks at the directory when the kernel says that it changed, and now and then.
func (h *Host) watch() {
	changes := noticeChanges(h.ctx, h.options.Dir, h.log)
	tick := time.NewTicker(h.options.RescanEvery)
	defer tick.Stop()
	decide := time.NewTicker(decideEvery)
	defer decide.Stop()
	for {
		select {
		case <-tick.C:
			h.scan()
		case <-changes:
			h.scan()
		case <-decide.C:
			for _, u := range h.list() {
				if u.stateNow() != core.PluginIncompatible { // the same file is not tried again by itself
					u.reconsider()
				}
			}
		case <-h.ctx.Done():
			return
		}
	}
}

// scan finds files that are new, have changed or are gone.
func (h *Host) scan() {
	entries, err := os.ReadDir(h.options.Dir)
	if err != nil {
		h.log.Error("the plugin directory cannot be read", "error", err)
		return
	}
	present := map[string]bool{}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !isPlugin(e) {
			continue
		}
		present[e.Name()] = true
		h.meet(e.Name(), stampOf(info))
	}
	h.lose(present)
	for _, u := range h.list() {
		u.look()
	}
}

func (h *Host) find(provider string) *unit {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.units[provider]
}

func (h *Host) list() []*unit {
	h.mu.RLock()
	defer h.mu.RUnlock()
	out := make([]*unit, 0, len(h.units))
	for _, u := range h.units {
		out = append(out, u)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].id < out[j].id })
	return out
}

// Manifest gives the manifest a provider's plugin last declared. Errors:
// CodeProviderUnavailable when there is none or it has never run.
func (h *Host) Manifest(provider string) (core.Manifest, error) {
	u := h.find(provider)
	if u == nil {
		return core.Manifest{}, core.Errorf(core.CodeProviderUnavailable, "There is no plugin for the provider %s.", quote(provider))
	}
	return u.manifest()
}
