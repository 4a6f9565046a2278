package postgres

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/zhanggui-pay/zhanggui/core"
)

// PluginApproval is the binary of a plugin that an operator let in, by its hash.
type PluginApproval struct {
	ID         string `db:"id"`
	SHA256     []byte `db:"sha256"`
	ApprovedBy string `db:"approved_by"`
	ApprovedAt stamp  `db:"approved_at"`
}

// PluginApprovals lists what is approved.
func (db *DB) PluginApprovals(ctx context.Context) (list []PluginApproval, err error) {
	err = db.run(ctx, db.app, core.ID{}, func(s *session) error {
		return s.list(ctx, &list, "SELECT id, sha256, approved_by, approved_at FROM plugins WHERE state = 'approved' ORDER BY id")
	})
	return list, err
}

// ApprovePlugin lets in the binary with the hash (hexadecimal) under the plugin's name, in
// place of the one approved before. It is recorded in the platform's audit log. Approving
// what is approved changes nothing.
func (db *DB) ApprovePlugin(ctx context.Context, name, sha256, by string) error {
	sum, err := hex.DecodeString(sha256)
	if err != nil {
		return fmt.Errorf("postgres: a plugin's hash: %w", err)
	}
	now := db.now()
	return db.run(ctx, db.app, core.ID{}, func(s *session) error {
		changed, err := s.change(ctx, `INSERT INTO plugins (id, sha256, state, approved_by, approved_at, seen_at)
			VALUES ($1, $2, 'approved', $3, $4, $4)
			ON CONFLICT (id) DO UPDATE SET sha256 = EXCLUDED.sha256, state = 'approved', approved_by = EXCLUDED.approved_by,
				approved_at = EXCLUDED.approved_at, seen_at = EXCLUDED.seen_at
			WHERE plugins.sha256 <> EXCLUDED.sha256 OR plugins.state <> 'approved'`, name, sum, by, stamp{now})
		if err != nil || changed == 0 {
			return err
		}
		tx := &directoryTx{s: s, now: db.now}
		return tx.AppendPlatformAudit(ctx, core.AuditEntry{
			ID: core.NewID(now), Actor: by, Action: "plugin.approve", Object: name,
			After: fmt.Appendf(nil, `{"sha256":%q}`, sha256), CreatedAt: now,
		})
	})
}
