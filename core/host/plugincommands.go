package host

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/pluginhost"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres"
	"github.com/zhanggui-pay/zhanggui/core/internal/service"
)

// ApprovePlugins lets in the binaries in the plugin directory whose file is called as their
// plugin, by their hashes: those named, or all when names is empty. by is recorded.
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
	return commandPlugins(ctx, cfg, func(s *service.Service) error {
		for _, f := range found {
			if len(names) > 0 && !slices.Contains(names, f.Name) {
				continue
			}
			if err := s.AdmitPlugin(ctx, by, core.ApprovedVersion{PluginID: f.Name, SHA256: f.SHA256}, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

func commandPlugins(ctx context.Context, cfg Config, fn func(s *service.Service) error) error {
	return withDatabase(ctx, cfg, func(db *postgres.DB) error { return fn(service.ForCommand(db, time.Now, cfg.PublicURL)) })
}

// ApprovePluginFile asks a file in the plugin directory, confined, what it is, says what it asks
// for, and makes it live.
func ApprovePluginFile(ctx context.Context, cfg Config, by, name string, out io.Writer) error {
	d, err := pluginhost.Describe(ctx, pluginhost.Options{Dir: cfg.Plugins.Dir, RequireFullConfinement: cfg.Plugins.RequireFullConfinement}, name)
	if err != nil {
		return err
	}
	return commandPlugins(ctx, cfg, func(s *service.Service) error {
		if err := s.CheckManifest(d.Manifest); err != nil {
			return err
		}
		if err := s.CheckAccounts(ctx, d.Manifest); err != nil {
			return err
		}
		v := core.ApprovedVersion{PluginID: d.Manifest.ID, SHA256: d.SHA256, Version: d.Manifest.Version}
		if err := s.AdmitPlugin(ctx, by, v, &d.Manifest); err != nil {
			return err
		}
		say(out, "%s %s is live, sha256:%s. It asks for:", v.PluginID, v.Version, v.SHA256)
		for _, t := range (core.Manifest{}).Additions(d.Manifest) {
			say(out, "  %s", t.EN)
		}
		for _, t := range d.Manifest.Risks() {
			say(out, "! %s", t.EN)
		}
		return nil
	})
}

// InstallPlugin puts a file into the plugin directory, whole or not at all, where the nodes
// find it. It does not let it in.
func InstallPlugin(cfg Config, path, name, sha256 string, out io.Writer) error {
	file, err := os.Open(path) //nolint:gosec // the operator names it
	if err != nil {
		return core.Wrap(err, core.CodeInvalidFile, "The file cannot be read.")
	}
	defer func() { _ = file.Close() }()
	if name == "" {
		name = filepath.Base(path)
	}
	installed, err := pluginhost.Install(cfg.Plugins.Dir, name, sha256, file)
	if err != nil {
		return err
	}
	say(out, "%s, sha256:%s. It waits to be approved.", filepath.Join(cfg.Plugins.Dir, installed), sha256)
	return nil
}

// TurnPlugin switches a plugin off, or on again.
func TurnPlugin(ctx context.Context, cfg Config, by, id string, off bool) error {
	return commandPlugins(ctx, cfg, func(s *service.Service) error { return s.TurnPlugin(ctx, by, id, off) })
}

// RollBackPlugin makes the version live that was so before.
func RollBackPlugin(ctx context.Context, cfg Config, by, id string, out io.Writer) error {
	return commandPlugins(ctx, cfg, func(s *service.Service) error {
		v, err := s.TakePluginBack(ctx, by, id)
		if err == nil {
			say(out, "%s %s is live again, sha256:%s.", v.PluginID, v.Version, v.SHA256)
		}
		return err
	})
}

// ListPlugins prints what lies in the plugin directory and what was decided about it.
func ListPlugins(ctx context.Context, cfg Config, out io.Writer) error {
	found, err := pluginhost.Find(cfg.Plugins.Dir)
	if err != nil {
		return err
	}
	return withDatabase(ctx, cfg, func(db *postgres.DB) error {
		var words []core.PluginWord
		var versions []core.ApprovedVersion
		err := db.InDirectory(ctx, func(tx core.DirectoryTx) (err error) {
			if words, err = tx.PluginWords(ctx); err != nil {
				return err
			}
			versions, err = tx.ApprovedVersions(ctx, "")
			return err
		})
		if err != nil {
			return err
		}
		for _, f := range found {
			say(out, "%-28s %-10s sha256:%s", f.Name, fileState(f, words, versions), f.SHA256)
		}
		return nil
	})
}

// fileState is what was decided about a file, by its hash alone: nothing is started.
func fileState(f pluginhost.Found, words []core.PluginWord, versions []core.ApprovedVersion) string {
	for _, w := range words {
		switch {
		case w.SHA256 == f.SHA256 && w.Disabled:
			return "disabled"
		case w.SHA256 == f.SHA256:
			return "approved"
		}
	}
	if slices.ContainsFunc(versions, func(v core.ApprovedVersion) bool { return v.SHA256 == f.SHA256 }) {
		return "earlier"
	}
	if slices.ContainsFunc(words, func(w core.PluginWord) bool { return w.ID == f.Name }) {
		return "modified"
	}
	return "pending"
}
