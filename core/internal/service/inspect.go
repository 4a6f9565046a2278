package service

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	// keysOut is how long keys cannot be read before people are told, keysEnding when it
	// presses: keys that were read are used for five minutes at most.
	keysOut    = time.Minute
	keysEnding = 3 * time.Minute
	// conditionOver ends an alert about this installation when no node has seen its cause for
	// so long: a node that sees none says nothing about the others.
	conditionOver = 3 * time.Minute
	// quietFor ends an alert about requests that were not authentic.
	quietFor = time.Hour
	// deniedFor is how long a refusal is told after the plugin's last.
	deniedFor = 30 * time.Minute
	// crashesInARow is from when on a plugin that is started again counts as out of service.
	crashesInARow = 2
)

// inspection is what this node remembers between two inspections.
type inspection struct {
	mu     sync.Mutex
	keysAt time.Time // keys could be read last
}

// Inspect looks for what nobody's request would show: orders in doubt for long, plugins and
// providers out of service, keys that cannot be read. It raises alerts and ends those whose
// cause is gone. Every node calls it about twice a minute.
func (s *Service) Inspect(ctx context.Context) error {
	return errors.Join(s.inspectOrders(ctx), s.inspectPlugins(ctx), s.inspectKeys(ctx), s.endQuietAlerts(ctx))
}

func (s *Service) inspectPlugins(ctx context.Context) error {
	plugins := s.Providers.Plugins(ctx)
	found := make([]core.Alert, 0, len(plugins))
	for _, p := range plugins {
		found = append(found, pluginAlerts(p, s.Clock())...)
	}
	return s.raiseAllOfPlatform(ctx, found)
}

// pluginAlerts is what people should know of a plugin on this node.
func pluginAlerts(p core.PluginStatus, now time.Time) (found []core.Alert) {
	add := func(kind core.AlertKind, severity core.AlertSeverity, args map[string]string) {
		found = append(found, core.Alert{Kind: kind, Severity: severity, ObjectKind: "plugin", Object: p.ID, Args: args})
	}
	switch {
	case p.State == core.PluginModified:
		add(core.AlertPluginModified, core.SeverityCritical, nil)
	case p.State == core.PluginCrashed && p.GaveUp:
		add(core.AlertPluginStopped, core.SeverityCritical, map[string]string{"restarts": strconv.Itoa(p.Restarts)})
	case p.State == core.PluginCrashed && p.CrashesInARow >= crashesInARow:
		add(core.AlertBreakerOpen, core.SeverityWarning, map[string]string{"cause": "crash", "crashes": strconv.Itoa(p.CrashesInARow)})
	case len(p.Unreachable) > 0:
		add(core.AlertBreakerOpen, core.SeverityWarning, map[string]string{"cause": "connect", "address": strings.Join(p.Unreachable, ", ")})
	}
	for _, v := range p.Versions {
		// The version before it goes on, so nothing else shows.
		if v.Wanted && !v.Running && v.State == core.PluginIncompatible && p.State == core.PluginEnabled {
			add(core.AlertPluginNotUpgraded, core.SeverityWarning, map[string]string{"reason": v.Reason.EN})
		}
	}
	if p.Violations > 0 && now.Sub(p.ViolatedAt) < deniedFor {
		add(core.AlertPluginDenied, core.SeverityWarning, map[string]string{"count": strconv.FormatInt(p.Violations, 10), "what": p.LastViolation})
	}
	return found
}

func (s *Service) inspectKeys(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, s.CallTimeout)
	defer stop()
	err := s.Keyring.Health(ctx)
	now := s.Clock()
	s.inspection.mu.Lock()
	if err == nil || s.inspection.keysAt.IsZero() {
		s.inspection.keysAt = now
	}
	out := now.Sub(s.inspection.keysAt)
	s.inspection.mu.Unlock()
	if err == nil {
		return s.warmChannels(ctx)
	}
	if out < keysOut {
		return nil
	}
	a := core.Alert{
		Kind: core.AlertVaultClosing, Severity: core.SeverityWarning, ObjectKind: "vault", Object: "vault",
		Args: map[string]string{"since": now.Add(-out).UTC().Format(time.RFC3339)},
	}
	if out >= keysEnding {
		a.Severity = core.SeverityCritical
	}
	if known, ok := errors.AsType[*core.Error](err); ok {
		a.Args["reason"] = known.Message
	}
	return s.raiseAllOfPlatform(ctx, []core.Alert{a})
}

func (s *Service) raiseAllOfPlatform(ctx context.Context, found []core.Alert) error {
	if len(found) == 0 {
		return nil
	}
	return s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		for _, a := range found {
			if err := s.raiseOfPlatform(ctx, tx, a); err != nil {
				return err
			}
		}
		return nil
	})
}

// endQuietAlerts ends what was not seen again for a while.
func (s *Service) endQuietAlerts(ctx context.Context) error {
	conditions, err := s.openAlertsOf(ctx, core.AlertPluginStopped, core.AlertPluginModified, core.AlertPluginNotUpgraded, core.AlertPluginDenied,
		core.AlertBreakerOpen, core.AlertVaultClosing, core.AlertCallbackUnverified)
	if err != nil {
		return err
	}
	now := s.Clock()
	for _, a := range conditions {
		quiet := now.Sub(a.LastAt)
		switch {
		case a.TenantID.IsZero() && quiet >= conditionOver:
			err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error { return s.resolveOfPlatform(ctx, tx, a.Kind, a.Object) })
		case !a.TenantID.IsZero() && quiet >= quietFor:
			err = s.Database.InTenant(ctx, a.TenantID, func(tx core.TenantTx) error { return s.resolve(ctx, tx, a.Kind, a.ObjectID) })
		}
		if err != nil {
			return fmt.Errorf("end the alert %s: %w", a.ID.Prefixed(core.PrefixAlert), err)
		}
	}
	return nil
}

// openAlertsOf reads the open alerts of some kinds over all tenants.
func (s *Service) openAlertsOf(ctx context.Context, kinds ...core.AlertKind) (all []core.Alert, err error) {
	f := core.AlertFilter{Kinds: kinds, Open: true, Page: core.Page{Limit: 200}}
	err = s.Database.AcrossTenants(ctx, func(tx core.PlatformTx) error {
		for {
			page, err := tx.Alerts(ctx, f)
			if err != nil {
				return err
			}
			all = append(all, page...)
			if len(page) < f.Page.Limit {
				return nil
			}
			last := page[len(page)-1]
			f.Page.BeforeTime, f.Page.BeforeID = last.OpenedAt, last.ID
		}
	})
	return all, err
}
