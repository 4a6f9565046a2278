package host

import (
	"context"
	"encoding/hex"
	"slices"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/pluginhost"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres"
)

// approvals answers the plugin host's question which binaries may run.
type approvals struct{ db *postgres.DB }

// Approval implements pluginhost.Approvals: the file that runs is the one whose hash an
// operator approved under its name.
func (a approvals) Approval(ctx context.Context, file, sha256 string) (pluginhost.Approval, error) {
	list, err := a.db.PluginApprovals(ctx)
	if err != nil {
		return pluginhost.ApprovalPending, err
	}
	for _, p := range list {
		switch {
		case p.ID != file:
		case hex.EncodeToString(p.SHA256) == sha256:
			return pluginhost.ApprovalEnabled, nil
		default:
			return pluginhost.ApprovalModified, nil
		}
	}
	return pluginhost.ApprovalPending, nil
}

// ApprovedAs implements pluginhost.Approvals.
func (a approvals) ApprovedAs(ctx context.Context, sha256 string) (string, error) {
	list, err := a.db.PluginApprovals(ctx)
	for _, p := range list {
		if hex.EncodeToString(p.SHA256) == sha256 {
			return p.ID, err
		}
	}
	return "", err
}

// openPlugins starts what is approved and waits for it, so that the first call does not.
func (h *Host) openPlugins(ctx context.Context, observer pluginhost.Observer) (*pluginhost.Host, error) {
	c := h.cfg.Plugins
	plugins, err := pluginhost.New(pluginhost.Options{
		Dir: c.Dir, Keyring: h.parts.Keyring, Clock: h.parts.Clock, Logger: h.parts.Logger, Approvals: approvals{h.db},
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

// ApprovePlugins approves the binaries in the plugin directory by their hashes: those
// named, or all when names is empty. by is recorded.
func ApprovePlugins(ctx context.Context, cfg Config, by string, names []string) error {
	found, err := pluginhost.Find(cfg.Plugins.Dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !slices.ContainsFunc(found, func(f pluginhost.Found) bool { return f.Name == name }) {
			return core.Errorf(core.CodeNotFound, "There is no plugin %q in %s.", name, cfg.Plugins.Dir)
		}
	}
	return withDatabase(ctx, cfg, func(db *postgres.DB) error {
		for _, f := range found {
			if len(names) > 0 && !slices.Contains(names, f.Name) {
				continue
			}
			if err := db.ApprovePlugin(ctx, f.Name, f.SHA256, by); err != nil {
				return err
			}
		}
		return nil
	})
}
