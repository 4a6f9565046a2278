package rbac

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// node is one process's authorizer over the test's database.
func node(t *testing.T, url string) *Authorizer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
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
