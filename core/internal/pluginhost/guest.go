package pluginhost

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Guest is a plugin's process, launched and confined as any, of which somebody else plays the
// host: the conformance suite. It makes no calls for anybody and no services answer it but those
// that are put on its broker.
type Guest struct {
	instance *instance
	ends     wireEnds
	sha256   string
	end      func()
}

// OpenVersion launches a version of a plugin apart from the one that takes calls. Errors:
// CodeNotFound when no file here has the hash; CodePluginRefused with the reason.
func (h *Host) OpenVersion(ctx context.Context, provider, sha256 string) (*Guest, error) {
	r := h.holds(provider, sha256)
	if r == nil {
		return nil, core.NotFound("plugin version")
	}
	img, err := h.reload(r)
	if err != nil {
		return nil, core.Errorf(core.CodePluginRefused, "The plugin's file cannot be read: %v.", err)
	}
	return h.openGuest(ctx, r.file, img, func() {})
}

// OpenFile launches a file that lies anywhere. Of the options only the time-out and
// confinement count. Errors: CodePluginRefused with the reason.
func OpenFile(ctx context.Context, o Options, path string) (*Guest, error) {
	img, err := readPlugin(path)
	if err != nil {
		return nil, err
	}
	h, end, err := bare(context.WithoutCancel(ctx), o)
	if err != nil {
		return nil, err
	}
	g, err := h.openGuest(ctx, filepath.Base(path), img, end)
	if err != nil {
		end()
	}
	return g, err
}

func (h *Host) openGuest(ctx context.Context, file string, img *image, end func()) (*Guest, error) {
	u := newUnit(h, "")
	g := &Guest{sha256: img.sha256}
	g.end = func() {
		u.egress.close()
		end()
	}
	var ends wireEnds
	i, err := u.launch(ctx, file, img, func(i *instance, _ context.Context) (err error) {
		ends, err = i.shakeHands()
		return err
	})
	if err != nil {
		u.egress.close()
		if wrong, ok := errors.AsType[incompatible](err); ok {
			return nil, core.Errorf(core.CodePluginRefused, "%s", wrong.EN)
		}
		return nil, core.Errorf(core.CodePluginRefused, "The plugin cannot be started: %v.", err)
	}
	g.instance, g.ends = i, ends
	return g, nil
}

// SHA256 is the binary's, in hexadecimal.
func (g *Guest) SHA256() string { return g.sha256 }

// Broker is where services for the plugin are put.
func (g *Guest) Broker() *goplugin.GRPCBroker { return g.ends.broker }

// Conn leads to the plugin.
func (g *Guest) Conn() *grpc.ClientConn { return g.ends.conn }

// Exited is closed when the process is gone.
func (g *Guest) Exited() <-chan struct{} { return g.instance.exited() }

// Ending says how the process ended, once it has.
func (g *Guest) Ending() string { return g.instance.process.ending() }

// Lines are the last lines it wrote to stdout and stderr, cut.
func (g *Guest) Lines() []string {
	if g.instance.over() {
		return g.instance.lastLines()
	}
	return g.instance.output.last()
}

// Written counts the bytes it wrote to stdout and stderr.
func (g *Guest) Written() int64 { return g.instance.output.count() }

// PeakMemory is the most memory its process had, in bytes; 0 when the kernel does not say.
func (g *Guest) PeakMemory() int64 {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(g.instance.process.pid()) + "/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	line, _, _ := strings.Cut(rest, "\n")
	kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(line), " kB"), 10, 64)
	if err != nil {
		return 0
	}
	return kib << 10
}

// Confinement is what holds it.
func (g *Guest) Confinement() []core.ConfinementLayer { return g.instance.confinement() }

// End kills the process and waits until it is gone.
func (g *Guest) End() {
	g.instance.end()
	g.end()
}
