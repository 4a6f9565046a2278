// Package postgrestest gives tests a database of their own with the real schema.
package postgrestest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"

	"github.com/peterldowns/pgtestdb"

	"github.com/zhanggui-pay/zhanggui/core/internal/devstack"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres"
	"github.com/zhanggui-pay/zhanggui/migrations"
)

// URL is a migrated database, gone when the test has passed.
func URL(tb pgtestdb.TB) string { return devstack.TestDatabase(tb, Migrator{}) }

// Migrator fills the template that tests' databases are copied from with the real migrations.
type Migrator struct{}

// Hash changes when a migration does.
func (Migrator) Hash() (string, error) {
	h := sha256.New()
	h.Write([]byte("zhanggui schema 1"))
	err := fs.WalkDir(migrations.Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(migrations.Files, path)
		h.Write(b)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("postgrestest: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Migrate does what `zhanggui migrate` does.
func (Migrator) Migrate(ctx context.Context, _ *sql.DB, cfg pgtestdb.Config) error {
	_, err := postgres.Migrate(ctx, cfg.URL())
	return err
}
