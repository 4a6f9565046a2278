package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"

	"github.com/zhanggui-pay/zhanggui/core"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

// instance is one life of a plugin: a process, its connection, its calls. It is never
// used again after its process has ended.
type instance struct {
	unit     *unit
	process  *process
	client   *goplugin.Client
	remote   providerpb.ProviderClient
	services *services
	server   atomic.Pointer[grpc.Server] // a start that ran out of time may still be setting it
	license  *license
	begun    atomic.Bool             // it has shown its manifest
	declared atomic.Pointer[license] // the same, for who looks while it may still be starting
	output   *lines                  // what it writes
	dir      string
	slots    chan struct{}
	sha256   string

	// The calls that have borrowed it; held by the unit's lock.
	users   int
	retired bool
	idle    chan struct{} // closed when it is retired and its last call has ended
}

// wireEnds is what go-plugin gives us of a connection.
type wireEnds struct {
	broker *goplugin.GRPCBroker
	conn   *grpc.ClientConn
}

// endsPlugin takes a connection as it is: this package speaks the protobufs itself.
type endsPlugin struct {
	goplugin.NetRPCUnsupportedPlugin
}

var _ goplugin.GRPCPlugin = endsPlugin{}

// GRPCServer is the plugin's side, which is not ours.
func (endsPlugin) GRPCServer(*goplugin.GRPCBroker, *grpc.Server) error {
	return errors.New("this is the host")
}

// GRPCClient hands the connection out.
func (endsPlugin) GRPCClient(_ context.Context, broker *goplugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return wireEnds{broker, conn}, nil
}

// start launches the image, which lay in file, and waits for its manifest, within the start
// time-out. On an error nothing of it is left but what can be told of it.
func (u *unit) start(ctx context.Context, file string, img *image) (*instance, error) {
	return u.launch(ctx, file, img, (*instance).connect)
}

// launch starts the image's process and has it connected. On an error nothing of it is left but
// what can be told of it.
func (u *unit) launch(ctx context.Context, file string, img *image, connect func(*instance, context.Context) error) (*instance, error) {
	ctx, cancel := context.WithTimeout(ctx, u.host.options.StartTimeout)
	defer cancel()
	dir, err := os.MkdirTemp(u.host.run.path, "")
	if err != nil {
		return nil, fmt.Errorf("make the plugin's directory: %w", err)
	}
	i := &instance{unit: u, dir: dir, slots: make(chan struct{}, u.host.options.MaxCalls), sha256: img.sha256, idle: make(chan struct{})}
	i.services = &services{host: u.host, unit: u}
	i.output = &lines{redact: i.redact}
	i.client = goplugin.NewClient(i.config(file, img))
	// go-plugin's waits have no end of their own: they run aside and we leave when ours is over.
	done := make(chan error, 1)
	go func() { done <- connect(i, ctx) }()
	select {
	case err = <-done:
	case <-ctx.Done():
		err = fmt.Errorf("the plugin did not answer within %s", u.host.options.StartTimeout)
	}
	if err != nil {
		i.end()
		return i, err
	}
	return i, nil
}

// redact takes out of what the plugin wrote what its calls have told it.
func (i *instance) redact(line string) string {
	r := redactor{secrets: i.services.calls.told(time.Now())}
	if l := i.declared.Load(); l != nil {
		r.fields = l.redact
	}
	return r.text(line)
}

func (i *instance) config(file string, img *image) *goplugin.ClientConfig {
	o := i.unit.host.options
	i.process = &process{
		starter: i.unit.host.starter, name: file, image: img, namespaces: !o.WithoutNamespaces, full: o.RequireFullConfinement, output: i.output, refused: i.heard,
	}
	if i.unit.id == "" {
		i.process.needs = []string{"landlock-files", "seccomp"}
	}
	return &goplugin.ClientConfig{
		HandshakeConfig:  goplugin.HandshakeConfig{MagicCookieKey: providerpb.CookieKey, MagicCookieValue: providerpb.CookieValue},
		VersionedPlugins: map[int]goplugin.PluginSet{providerpb.ProtocolVersion: {providerpb.PluginName: endsPlugin{}}},
		RunnerFunc: func(_ hclog.Logger, cmd *exec.Cmd, dir string) (runner.Runner, error) {
			// Without a time zone Go looks for this machine's in a file, which the confinement refuses and reports.
			i.process.dir, i.process.environ = dir, append(slices.Clone(cmd.Env), "TZ=UTC")
			return i.process, nil
		},
		AllowedProtocols:    []goplugin.Protocol{goplugin.ProtocolGRPC},
		AutoMTLS:            true,
		GRPCBrokerMultiplex: true,
		SkipHostEnv:         true,
		StartTimeout:        o.StartTimeout,
		UnixSocketConfig:    &goplugin.UnixSocketConfig{TempDir: i.dir},
		SyncStdout:          i.output,
		SyncStderr:          i.output,
		Logger:              hclog.NewNullLogger(),
		GRPCDialOptions: []grpc.DialOption{
			grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(providerpb.MaxMessage), grpc.MaxCallSendMsgSize(providerpb.MaxMessage)),
			grpc.WithIdleTimeout(0),
		},
	}
}

// connect goes through the handshake, attaches the host's services and reads the manifest.
func (i *instance) connect(ctx context.Context) error {
	ends, err := i.shakeHands()
	if err != nil {
		return err
	}
	i.remote = providerpb.NewProviderClient(ends.conn)
	if err := i.attach(ctx, ends.broker); err != nil {
		return err
	}
	reply, err := i.remote.Describe(ctx, &providerpb.DescribeRequest{})
	if err != nil {
		return fmt.Errorf("read the manifest: %w", err)
	}
	manifest := manifestFromWire(reply.GetManifest())
	if manifest.ProtocolVersion != providerpb.ProtocolVersion {
		return incompatible(otherProtocol(strconv.Itoa(manifest.ProtocolVersion)))
	}
	if wrong := checkManifest(i.unit.id, manifest); wrong != (core.Text{}) {
		return incompatible(wrong)
	}
	i.license = newLicense(manifest)
	i.declared.Store(i.license)
	i.begun.Store(true)
	return nil
}

// shakeHands waits for the process to speak and gives the two ends of its connection.
func (i *instance) shakeHands() (wireEnds, error) {
	protocol, err := i.client.Client()
	if err != nil {
		if theirs, ok := strangersVersion(err); ok {
			return wireEnds{}, incompatible(otherProtocol(theirs))
		}
		return wireEnds{}, fmt.Errorf("start the plugin: %w", err)
	}
	raw, err := protocol.Dispense(providerpb.PluginName)
	if err != nil {
		return wireEnds{}, fmt.Errorf("connect to the plugin: %w", err)
	}
	ends, ok := raw.(wireEnds)
	if !ok {
		return wireEnds{}, errors.New("connect to the plugin: no connection")
	}
	return ends, nil
}

// incompatible is an error that no restart mends.
type incompatible core.Text

func (e incompatible) Error() string { return e.EN }

func otherProtocol(theirs string) core.Text {
	return both("The plugin speaks version %s of the contract and this host version %d. Rebuild the plugin with a matching SDK.",
		"插件使用的协议版本为 %s，本系统为 %d。请用匹配的 SDK 重新构建插件。", theirs, providerpb.ProtocolVersion)
}

// strangersVersion reads the version of the contract out of go-plugin's refusal.
func strangersVersion(err error) (string, bool) {
	_, rest, ok := strings.Cut(err.Error(), "incompatible API version with plugin. Plugin version: ")
	theirs, _, _ := strings.Cut(rest, ",")
	return theirs, ok
}

// attach serves the host's services and tells the plugin where, once in its life.
func (i *instance) attach(ctx context.Context, broker *goplugin.GRPCBroker) error {
	id := broker.NextId()
	ready := make(chan *grpc.Server, 1)
	go broker.AcceptAndServe(id, func(opts []grpc.ServerOption) *grpc.Server {
		server := grpc.NewServer(append(opts, grpc.NumStreamWorkers(32), grpc.MaxRecvMsgSize(providerpb.MaxMessage), grpc.MaxSendMsgSize(providerpb.MaxMessage),
			grpc.MaxConcurrentStreams(2*uint32(cap(i.slots))))...) //nolint:gosec // some thousand
		providerpb.RegisterHostServer(server, i.services)
		ready <- server
		return server
	})
	select {
	case server := <-ready:
		i.server.Store(server)
	case <-ctx.Done():
		return ctx.Err()
	}
	if _, err := i.remote.Attach(ctx, &providerpb.AttachRequest{BrokerId: id}); err != nil {
		return fmt.Errorf("attach the host's services: %w", err)
	}
	return nil
}

// label names the version on attempts: id, version and the beginning of the file's hash.
func (i *instance) label() string {
	return i.unit.id + " " + i.license.manifest.Version + " " + i.sha256[:12]
}

// threadLimit is how many threads a plugin may have: no limit of the kernel's counts those of one
// process, and a machine has only so many.
const threadLimit = 1024

// ill says why a running plugin is to be ended, or nothing.
func (i *instance) ill(ctx context.Context) core.Text {
	well := i.healthy(ctx)
	if n := i.process.threads(); n > threadLimit {
		return both("The plugin had %d threads and was ended; it may have %d.", "插件的线程数达到 %d，已被终止；上限为 %d。", n, threadLimit)
	}
	if !well && ctx.Err() == nil {
		return both("The plugin no longer answered and was ended.", "插件停止响应，已被终止。")
	}
	return core.Text{}
}

// heard counts a system call that was refused. A program that starts looks for files, which is no
// attempt at anything.
func (i *instance) heard(call refusedCall) {
	if !call.open || i.begun.Load() {
		i.unit.deny(nil, call.what)
	}
}

// healthy makes a real call: a plugin blocked on its output still answers pings.
func (i *instance) healthy(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, i.unit.host.options.HealthTimeout)
	defer cancel()
	_, err := i.remote.Describe(ctx, &providerpb.DescribeRequest{})
	return err == nil
}

// exited is closed when the process is gone; nil (never) when it was not started.
func (i *instance) exited() <-chan struct{} {
	return i.process.gone()
}

// over says that the process is known to be gone.
func (i *instance) over() bool {
	select {
	case <-i.exited():
		return true
	default:
		return false
	}
}

// endWait is how long a killed process may take to be reaped.
const endWait = 5 * time.Second

// end kills the process, waits until it is reaped, and cleans up behind it.
func (i *instance) end() {
	_ = i.process.Kill(context.Background())
	if exited := i.exited(); exited != nil {
		timer := time.NewTimer(endWait)
		defer timer.Stop()
		select {
		case <-exited:
		case <-timer.C:
			i.unit.host.log.Error("a killed plugin does not end", "plugin", i.unit.id, "pid", i.process.pid())
		}
	}
	// Both may wait for a connection that is gone; nothing depends on them any more.
	go func() {
		i.client.Kill()
		if server := i.server.Load(); server != nil {
			server.Stop()
		}
		_ = os.RemoveAll(i.dir)
	}()
	if err := os.RemoveAll(i.dir); err != nil {
		i.unit.host.log.Warn("the plugin's directory stays behind", "plugin", i.unit.id, "error", err)
	}
}

// drainWait is how long the last lines of an ended process are waited for.
const drainWait = 3 * time.Second

// lastLines gives what an ended plugin wrote last.
func (i *instance) lastLines() []string {
	i.process.drained(drainWait)
	return i.output.last()
}

func (i *instance) confinement() []core.ConfinementLayer {
	out := make([]core.ConfinementLayer, 0, len(i.process.layers))
	for _, l := range i.process.layers {
		out = append(out, core.ConfinementLayer{Name: l.Name, Active: l.Active, Reason: l.Reason})
	}
	return out
}
