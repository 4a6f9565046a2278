package rbac

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/peterldowns/pgtestdb"
	"github.com/pressly/goose/v3"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/migrations"
)

// schema fills the template of the tests' databases with the real migrations.
type schema struct{}

func (schema) Hash() (string, error) {
	entries, err := migrations.Files.ReadDir(".")
	h := sha256.New()
	h.Write([]byte("rbac 1"))
	for _, e := range entries {
		text, readErr := migrations.Files.ReadFile(e.Name())
		if readErr != nil {
			return "", readErr
		}
		h.Write(text)
	}
	return hex.EncodeToString(h.Sum(nil)), err
}

func (schema) Migrate(ctx context.Context, db *sql.DB, cfg pgtestdb.Config) error {
	for _, role := range []string{"zhanggui_owner", "zhanggui_app", "zhanggui_platform"} {
		statement := "CREATE ROLE " + role + " NOLOGIN NOSUPERUSER NOBYPASSRLS"
		var exists bool
		if err := db.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", role).Scan(&exists); err != nil {
			return err
		}
		if !exists {
			if err := underRace(ctx, db, statement); err != nil {
				return err
			}
		}
		var member bool
		if err := db.QueryRowContext(ctx, "SELECT pg_has_role(session_user, $1, 'MEMBER')", role).Scan(&member); err != nil {
			return err
		}
		if !member {
			if err := underRace(ctx, db, "GRANT "+role+" TO SESSION_USER"); err != nil {
				return err
			}
		}
	}
	if _, err := db.ExecContext(ctx, "CREATE SCHEMA zhanggui AUTHORIZATION zhanggui_owner"); err != nil {
		return err
	}
	return runMigrations(ctx, cfg.URL())
}

func runMigrations(ctx context.Context, url string) error {
	owner, err := sql.Open("postgres", url+"&search_path=zhanggui,pg_temp&options=-c%20role%3Dzhanggui_owner")
	if err != nil {
		return err
	}
	defer func() { _ = owner.Close() }()
	provider, err := goose.NewProvider(goose.DialectPostgres, owner, migrations.Files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// underRace repeats what another package's tests do to the same cluster at this moment.
func underRace(ctx context.Context, db *sql.DB, statement string) error {
	var err error
	for range 20 {
		if _, err = db.ExecContext(ctx, statement); err == nil || strings.Contains(err.Error(), "already exists") || strings.Contains(err.Error(), "duplicate key") {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return err
}

// node is one process's authorizer over the test's database.
func node(t *testing.T, url string) *Authorizer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	a, err := New(ctx, Options{URL: core.SecretString(url), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	t.Cleanup(a.Close)
	return a
}

// directory writes users and bindings as the directory does: in a transaction.
type directory struct{ db *sql.DB }

func openDirectory(t *testing.T, url string) directory {
	t.Helper()
	db, err := sql.Open("postgres", url+"&search_path=zhanggui&options=-c%20role%3Dzhanggui_app")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return directory{db}
}

func (d directory) run(t *testing.T, statement string, args ...any) {
	t.Helper()
	tx, err := d.db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

func (d directory) user(t *testing.T) core.ID {
	t.Helper()
	id := core.NewID(time.Now())
	d.run(t, "INSERT INTO users (id, email, name, password_hash, created_at) VALUES ($1, $2, 'x', '', now())", id, fmt.Sprintf("%s@example.com", id))
	return id
}

func (d directory) bind(t *testing.T, user, tenant core.ID, role core.Role) {
	t.Helper()
	d.run(t, "INSERT INTO role_bindings (user_id, tenant_id, role) VALUES ($1, $2, $3)", user, tenant.String(), role)
}

func (d directory) unbind(t *testing.T, user core.ID) {
	t.Helper()
	d.run(t, "DELETE FROM role_bindings WHERE user_id = $1", user)
}
