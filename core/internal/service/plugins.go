package service

import (
	"context"
	"slices"

	"github.com/zhanggui-pay/zhanggui/core"
)

// InspectPlugins shows every plugin with its versions, what they ask for and what was decided.
func (s *Service) InspectPlugins(ctx context.Context) ([]core.Plugin, error) {
	if _, _, err := s.allowAnywhere(ctx, "plugins", "inspect"); err != nil {
		return nil, err
	}
	return s.inspectedPlugins(ctx)
}

func (s *Service) inspectedPlugins(ctx context.Context) ([]core.Plugin, error) {
	var words []core.PluginWord
	var approved []core.ApprovedVersion
	var reports []core.VerifyReport
	err := s.Database.InDirectory(ctx, func(tx core.DirectoryTx) (err error) {
		if words, err = tx.PluginWords(ctx); err != nil {
			return err
		}
		if approved, err = tx.ApprovedVersions(ctx, ""); err != nil {
			return err
		}
		reports, err = tx.PluginReports(ctx, "")
		return err
	})
	if err != nil {
		return nil, err
	}
	found := s.Providers.Plugins(ctx)
	out := make([]core.Plugin, 0, len(found))
	for _, status := range found {
		p := core.Plugin{PluginStatus: status}
		if at := slices.IndexFunc(words, func(w core.PluginWord) bool { return w.ID == status.ID }); at >= 0 {
			p.Word = words[at]
		}
		p.Offers = pluginOffers(p, approved, reports)
		out = append(out, p)
	}
	return out, nil
}

// pluginOffers holds each version against the one that is live.
func pluginOffers(p core.Plugin, approved []core.ApprovedVersion, reports []core.VerifyReport) []core.PluginOffer {
	var live *core.Manifest
	for _, v := range p.Versions {
		if v.SHA256 == p.Word.SHA256 && v.Manifest != nil {
			live = v.Manifest
		}
	}
	out := make([]core.PluginOffer, 0, len(p.Versions))
	for _, v := range p.Versions {
		o := core.PluginOffer{PluginVersion: v}
		for i := range approved {
			if approved[i].PluginID == p.ID && approved[i].SHA256 == v.SHA256 {
				o.Approved = &approved[i]
			}
		}
		for i := range reports {
			if reports[i].PluginID == p.ID && reports[i].SHA256 == v.SHA256 {
				o.Report = &reports[i]
			}
		}
		if v.Manifest != nil {
			o.Risks = v.Manifest.Risks()
			if live != nil && v.SHA256 != p.Word.SHA256 {
				o.Adds = live.Additions(*v.Manifest)
			}
		}
		out = append(out, o)
	}
	return out
}

// InspectPlugin shows one.
func (s *Service) InspectPlugin(ctx context.Context, id string) (core.Plugin, error) {
	if _, _, err := s.allowAnywhere(ctx, "plugins", "inspect"); err != nil {
		return core.Plugin{}, err
	}
	return s.inspectedPlugin(ctx, id)
}

func (s *Service) inspectedPlugin(ctx context.Context, id string) (core.Plugin, error) {
	all, err := s.inspectedPlugins(ctx)
	if err != nil {
		return core.Plugin{}, err
	}
	at := slices.IndexFunc(all, func(p core.Plugin) bool { return p.ID == id })
	if at < 0 {
		return core.Plugin{}, core.NotFound("plugin")
	}
	return all[at], nil
}

// pluginDecider is who may decide about plugins, freshly confirmed.
func (s *Service) pluginDecider(ctx context.Context, action string) (core.Identity, error) {
	who, _, err := s.allowAnywhere(ctx, "plugins", action)
	if err != nil {
		return who, err
	}
	return who, s.stepUp(who)
}

// ApprovePlugin makes a binary live on all nodes, after it passed its self-test on this one.
func (s *Service) ApprovePlugin(ctx context.Context, id, sha256 string) (core.Plugin, error) {
	who, err := s.pluginDecider(ctx, "approve")
	if err != nil {
		return core.Plugin{}, err
	}
	return s.goLive(ctx, who, "plugin.approve", id, sha256)
}

// RollBackPlugin makes the version live that was so before.
func (s *Service) RollBackPlugin(ctx context.Context, id string) (core.Plugin, error) {
	who, err := s.pluginDecider(ctx, "approve")
	if err != nil {
		return core.Plugin{}, err
	}
	before, err := s.versionBefore(ctx, id)
	if err != nil {
		return core.Plugin{}, err
	}
	return s.goLive(ctx, who, "plugin.rollback", id, before.SHA256)
}

// versionBefore is the version that was live before the one that is.
func (s *Service) versionBefore(ctx context.Context, id string) (before core.ApprovedVersion, err error) {
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		word, err := tx.PluginWord(ctx, id)
		if err != nil {
			return err
		}
		versions, err := tx.ApprovedVersions(ctx, id)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(versions, func(v core.ApprovedVersion) bool { return v.SHA256 != word.SHA256 })
		if at < 0 {
			return core.Errorf(core.CodeInvalidState, "No other version of this plugin was ever live.")
		}
		before = versions[at]
		return nil
	})
	return before, err
}

// goLive tests a version and writes the word.
func (s *Service) goLive(ctx context.Context, who core.Identity, action, id, sha256 string) (core.Plugin, error) {
	p, err := s.inspectedPlugin(ctx, id)
	if err != nil {
		return p, err
	}
	at := slices.IndexFunc(p.Versions, func(v core.PluginVersion) bool { return v.SHA256 == sha256 })
	if at < 0 {
		return p, core.Errorf(core.CodeNotFound, "No file in this node's plugin directory has the SHA-256 %s; put it there, or upload it.", sha256).At("sha256")
	}
	version := p.Versions[at]
	if version.Running && p.Word.SHA256 == sha256 && !p.Word.Disabled {
		return p, nil
	}
	if version.Manifest == nil {
		return p, core.Errorf(core.CodePluginRefused, "%s", orText(version.Reason.EN, "What this file is has not been read yet."))
	}
	if err := s.Providers.TestVersion(ctx, id, sha256); err != nil {
		return p, err
	}
	if err := s.makeLive(ctx, who, action, core.ApprovedVersion{PluginID: id, SHA256: sha256, Version: version.Manifest.Version}, version.Manifest); err != nil {
		return p, err
	}
	return s.inspectedPlugin(ctx, id)
}

// makeLive writes that a binary is the one to run.
func (s *Service) makeLive(ctx context.Context, who core.Identity, action string, v core.ApprovedVersion, m *core.Manifest) error {
	now := s.Clock()
	v.ApprovedBy, v.ApprovedAt, v.LiveAt = who.Actor, now, now
	return s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		word, err := tx.PluginWord(ctx, v.PluginID)
		if err != nil && core.CodeOf(err) != core.CodeNotFound {
			return err
		}
		if word.SHA256 == v.SHA256 && !word.Disabled {
			return nil
		}
		entry, err := s.audit(who, core.ID{}, action, v.PluginID, wordTold(word), agreed(v, m))
		if err != nil {
			return err
		}
		err = tx.SavePluginWord(ctx, core.PluginWord{ID: v.PluginID, SHA256: v.SHA256, By: who.Actor, At: now, Version: word.Version})
		if err != nil {
			return err
		}
		if err := tx.SaveApprovedVersion(ctx, v); err != nil {
			return err
		}
		return tx.AppendPlatformAudit(ctx, entry)
	})
}

// toldWord is an operator's word in the audit log.
type toldWord struct {
	SHA256   string `json:"sha256"`
	Disabled bool   `json:"disabled,omitempty"`
}

func wordTold(w core.PluginWord) any {
	if w.Version == 0 {
		return nil
	}
	return toldWord{w.SHA256, w.Disabled}
}

// agreement is what an approval agreed to, in the audit log.
type agreement struct {
	SHA256  string   `json:"sha256"`
	Version string   `json:"version,omitempty"`
	Asks    []string `json:"asks,omitempty"`
}

func agreed(v core.ApprovedVersion, m *core.Manifest) agreement {
	a := agreement{SHA256: v.SHA256, Version: v.Version}
	if m == nil {
		return a
	}
	for _, t := range (core.Manifest{}).Additions(*m) {
		a.Asks = append(a.Asks, t.EN)
	}
	return a
}

// SwitchPlugin switches a plugin off, or on again with the version it had.
func (s *Service) SwitchPlugin(ctx context.Context, id string, off bool) (core.Plugin, error) {
	who, err := s.pluginDecider(ctx, "switch")
	if err != nil {
		return core.Plugin{}, err
	}
	if err := s.switchPlugin(ctx, who, id, off); err != nil {
		return core.Plugin{}, err
	}
	return s.inspectedPlugin(ctx, id)
}

func (s *Service) switchPlugin(ctx context.Context, who core.Identity, id string, off bool) error {
	action := "plugin.enable"
	if off {
		action = "plugin.disable"
	}
	return s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		word, err := tx.PluginWord(ctx, id)
		if err != nil || word.Disabled == off {
			return err
		}
		before := wordTold(word)
		word.Disabled, word.By, word.At = off, who.Actor, s.Clock()
		entry, err := s.audit(who, core.ID{}, action, id, before, wordTold(word))
		if err != nil {
			return err
		}
		if err := tx.SavePluginWord(ctx, word); err != nil {
			return err
		}
		return tx.AppendPlatformAudit(ctx, entry)
	})
}
