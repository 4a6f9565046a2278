package service

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// What commands on the server decide about plugins, in place of an operator: whoever may run
// them has the database. by is recorded. The nodes test a version before they change to it.

// AdmitPlugin makes a binary live. Without a manifest nothing is recorded of what was agreed to.
func (s *Service) AdmitPlugin(ctx context.Context, by string, v core.ApprovedVersion, m *core.Manifest) error {
	return s.makeLive(ctx, commander(by), "plugin.approve", v, m)
}

// TakePluginBack makes the version live that was so before, and says which.
func (s *Service) TakePluginBack(ctx context.Context, by, id string) (core.ApprovedVersion, error) {
	before, err := s.versionBefore(ctx, id)
	if err != nil {
		return before, err
	}
	return before, s.makeLive(ctx, commander(by), "plugin.rollback", before, nil)
}

// TurnPlugin switches a plugin off, or on again.
func (s *Service) TurnPlugin(ctx context.Context, by, id string, off bool) error {
	return s.switchPlugin(ctx, commander(by), id, off)
}

func commander(by string) core.Identity { return core.Identity{Actor: by, Platform: true} }
