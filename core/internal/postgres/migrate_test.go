package postgres

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"io/fs"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/peterldowns/pgtestdb"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/devstack"
	"github.com/zhanggui-pay/zhanggui/migrations"
)

// schemaMigrator fills the template of the tests' databases with the real migrations.
type schemaMigrator struct{}

func (schemaMigrator) Hash() (string, error) {
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
	return hex.EncodeToString(h.Sum(nil)), err
}

func (schemaMigrator) Migrate(ctx context.Context, _ *sql.DB, cfg pgtestdb.Config) error {
	_, err := Migrate(ctx, cfg.URL())
	return err
}

// testURL is a migrated database of the test's own.
func testURL(tb testing.TB) string {
	tb.Helper()
	return devstack.TestDatabase(tb, schemaMigrator{})
}

// openTest opens it.
func openTest(tb testing.TB) *DB {
	tb.Helper()
	return openAt(tb, testURL(tb))
}

func openAt(tb testing.TB, url string) *DB {
	tb.Helper()
	db, err := Open(tb.Context(), Config{URL: url, MaxConns: 8, PlatformConns: 3, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		tb.Fatalf("Open: %v", err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

func TestMigrateTwiceDoesNothing(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	n, err := Migrate(t.Context(), url)
	if err != nil || n != 0 {
		t.Errorf("Migrate again applied %d migrations: %v", n, err)
	}
	list, err := MigrationStatus(t.Context(), url)
	if err != nil || len(list) == 0 || list[0].AppliedAt.IsZero() {
		t.Errorf("MigrationStatus: %v %v", list, err)
	}
}

func TestFourNodesMigrateAtOnce(t *testing.T) {
	t.Parallel()
	url := devstack.TestDatabase(t, pgtestdb.NoopMigrator{})
	var (
		group   sync.WaitGroup
		applied atomic.Int64
	)
	for range 4 {
		group.Go(func() {
			n, err := Migrate(t.Context(), url)
			if err != nil {
				t.Errorf("Migrate: %v", err)
			}
			applied.Add(int64(n))
		})
	}
	group.Wait()
	list, err := MigrationStatus(t.Context(), url)
	must(t, err)
	if applied.Load() != int64(len(list)) {
		t.Errorf("%d migrations were applied by all nodes together, there are %d", applied.Load(), len(list))
	}
}

func TestOrderNumbers(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	a, b := openAt(t, url), openAt(t, url)
	seen := map[string]bool{}
	for range 250 {
		for _, db := range []*DB{a, b} {
			no, err := db.NextOrderNo(t.Context(), time.Now())
			if err != nil {
				t.Fatal(err)
			}
			if len(no) != core.OrderNumberLength || seen[no] {
				t.Fatalf("order number %q: wrong length or given twice", no)
			}
			seen[no] = true
		}
	}
}

func TestANodeSeesThatTheSchemaIsOld(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	db := openAt(t, url)
	must(t, db.CheckSchema(t.Context()))
	owner := rawRole(t, url, roleOwner)
	_, err := owner.ExecContext(t.Context(), "DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)")
	must(t, err)
	wantCode(t, db.CheckSchema(t.Context()), core.CodeDatabaseUnavailable)
	_, err = owner.ExecContext(t.Context(), "REVOKE SELECT ON goose_db_version FROM "+roleApp)
	must(t, err)
	wantCode(t, db.CheckSchema(t.Context()), core.CodeDatabaseUnavailable)
	now, err := db.ServerTime(t.Context())
	if apart := time.Since(now).Abs(); err != nil || apart > time.Minute {
		t.Errorf("the server says %s: %v", now, err)
	}
}
