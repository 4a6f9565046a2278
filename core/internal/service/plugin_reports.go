package service

import (
	"context"
	"slices"

	"github.com/zhanggui-pay/zhanggui/core"
)

// VerifyPlugin runs the conformance suite against a version and keeps the report. It changes
// nothing else and reaches no provider.
func (s *Service) VerifyPlugin(ctx context.Context, id, sha256 string) (core.VerifyReport, error) {
	if _, _, err := s.allowAnywhere(ctx, "plugins", "verify"); err != nil {
		return core.VerifyReport{}, err
	}
	p, err := s.inspectedPlugin(ctx, id)
	if err != nil {
		return core.VerifyReport{}, err
	}
	at := slices.IndexFunc(p.Offers, func(o core.PluginOffer) bool { return o.SHA256 == sha256 })
	if at < 0 {
		return core.VerifyReport{}, core.Errorf(core.CodeNotFound, "No file of this plugin on this node has the SHA-256 %s.", sha256).At("sha256")
	}
	return s.verifyVersion(ctx, id, sha256)
}

// verifyVersion takes its turn: the suite keeps a processor busy for a while, and payments go first.
func (s *Service) verifyVersion(ctx context.Context, id, sha256 string) (core.VerifyReport, error) {
	select {
	case s.verifying <- struct{}{}:
		defer func() { <-s.verifying }()
	case <-ctx.Done():
		return core.VerifyReport{}, core.Errorf(core.CodeLimitExceeded, "Another plugin is being verified on this node: try again in a moment.")
	}
	report, err := s.Verifier.VerifyVersion(ctx, id, sha256)
	if err != nil {
		return report, err
	}
	return report, s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error { return tx.SavePluginReport(ctx, report) })
}

// VerifyNewPlugin verifies a version that was found and described and waits to be approved, so
// that whoever decides about it has a report. One that has a report, or was live before, is left.
func (s *Service) VerifyNewPlugin(ctx context.Context, id, sha256 string) error {
	p, err := s.inspectedPlugin(ctx, id)
	if err != nil {
		return err
	}
	for _, o := range p.Offers {
		if o.SHA256 == sha256 && o.State == core.PluginPending && o.Report == nil && o.Approved == nil {
			_, err := s.verifyVersion(ctx, id, sha256)
			return err
		}
	}
	return nil
}
