package host

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/pluginhost"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres"
	"github.com/zhanggui-pay/zhanggui/core/internal/service"
)

// approvals answers the plugin host's question which binaries may run. It keeps what it read
// for a moment, for the question is asked of every version there is; a change is heard of.
type approvals struct {
	db *postgres.DB

	mu   sync.Mutex
	read time.Time
	list []core.PluginWord
}

// approvalsKept is how long an answer may be old when nothing was heard.
const approvalsKept = time.Second

func (a *approvals) words(ctx context.Context) ([]core.PluginWord, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.read.IsZero() && time.Since(a.read) < approvalsKept {
		return a.list, nil
	}
	err := a.db.InDirectory(ctx, func(tx core.DirectoryTx) (err error) {
		a.list, err = tx.PluginWords(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	a.read = time.Now()
	return a.list, nil
}

// forget has the next question ask the database.
func (a *approvals) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.read = time.Time{}
}

// Approval implements pluginhost.Approvals: the binary that runs is the one whose hash an
// operator approved last.
func (a *approvals) Approval(ctx context.Context, id, sha256 string) (pluginhost.Approval, error) {
	words, err := a.words(ctx)
	if err != nil {
		return pluginhost.ApprovalPending, err
	}
	for _, w := range words {
		switch {
		case w.ID != id:
		case w.Disabled:
			return pluginhost.ApprovalDisabled, nil
		case w.SHA256 == sha256:
			return pluginhost.ApprovalEnabled, nil
		default:
			return pluginhost.ApprovalModified, nil
		}
	}
	return pluginhost.ApprovalPending, nil
}

// ApprovedAs implements pluginhost.Approvals.
func (a *approvals) ApprovedAs(ctx context.Context, sha256 string) (string, error) {
	words, err := a.words(ctx)
	for _, w := range words {
		if w.SHA256 == sha256 {
			return w.ID, err
		}
	}
	return "", err
}

// openPlugins starts what is approved and waits for it, so that the first call does not.
func (h *Host) openPlugins(ctx context.Context, observer pluginhost.Observer) (*pluginhost.Host, error) {
	c := h.cfg.Plugins
	h.approvals = &approvals{db: h.db}
	plugins, err := pluginhost.New(pluginhost.Options{
		Dir: c.Dir, Keyring: h.parts.Keyring, Clock: h.parts.Clock, Logger: h.parts.Logger, Approvals: h.approvals,
		Examiner:             service.ForCommand(h.db, h.parts.Clock, h.cfg.PublicURL),
		AllowPrivateNetworks: c.AllowPrivateNetworks, RequireFullConfinement: c.RequireFullConfinement,
		BackOff: pluginhost.BackOff{First: c.BackOff, Max: c.MaxBackOff}, CallTimeout: h.cfg.CallTimeout, Hook: h.parts.Hook,
		Tracing: h.tracing.Provider(), Observer: observer,
	})
	if err != nil {
		return nil, core.Wrap(err, core.CodeProviderUnavailable, "The plugin directory %s cannot be read; set it with --plugins.dir.", c.Dir)
	}
	wait, cancel := context.WithTimeout(ctx, pluginStart)
	defer cancel()
	if err := plugins.WaitReady(wait); err != nil {
		h.parts.Logger.WarnContext(ctx, "a plugin is not ready yet; the others work", "error", err)
	}
	return plugins, nil
}

// pluginStart is how long a start waits for plugins.
const pluginStart = 15 * time.Second

// followPlugins hears what operators decide on any node, and brings files that were uploaded.
func (h *Host) followPlugins(ctx context.Context) {
	heard := make(chan struct{}, 1)
	hear := func() {
		select {
		case heard <- struct{}{}:
		default:
		}
	}
	hear() // a file may have become ready while this node was away
	h.work.Go(func() {
		for ctx.Err() == nil {
			if err := h.db.ListenPlugins(ctx, hear); err != nil {
				h.parts.Logger.WarnContext(ctx, "changes of plugins are not heard of", "error", err)
				pause(ctx, listenAgain)
			}
		}
	})
	tick := time.NewTicker(bringEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-heard:
			h.approvals.forget()
			h.plugins.Rescan()
		case <-tick.C:
		}
		if err := h.bringPlugins(ctx); err != nil && ctx.Err() == nil {
			h.parts.Logger.ErrorContext(ctx, "an uploaded plugin could not be put into the plugin directory", "dir", h.cfg.Plugins.Dir, "error", err)
		}
	}
}

const (
	listenAgain = 5 * time.Second
	// bringEvery is how often files that were uploaded are looked for without being told.
	bringEvery = time.Minute
)

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// bringPlugins puts the uploads that are ready and not here yet into the plugin directory.
func (h *Host) bringPlugins(ctx context.Context) error {
	var uploads []core.PluginUpload
	err := h.db.InDirectory(ctx, func(tx core.DirectoryTx) (err error) {
		uploads, err = tx.PluginUploads(ctx)
		return err
	})
	if err != nil {
		return err
	}
	var failed []error
	for _, u := range uploads {
		if u.Ready && !h.plugins.Has(u.SHA256) {
			failed = append(failed, h.bring(ctx, u))
		}
	}
	return errors.Join(failed...)
}

func (h *Host) bring(ctx context.Context, u core.PluginUpload) error {
	var file bytes.Buffer
	for n := range u.Chunks() {
		err := h.db.InDirectory(ctx, func(tx core.DirectoryTx) error {
			data, err := tx.Chunk(ctx, u.ID, n)
			_, _ = file.Write(data)
			return err
		})
		if err != nil {
			return err
		}
	}
	_, err := pluginhost.Install(h.cfg.Plugins.Dir, u.FileName, u.SHA256, &file)
	return err
}
