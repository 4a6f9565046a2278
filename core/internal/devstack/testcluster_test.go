package devstack

import (
	"context"
	"database/sql"
	"strings"
	"sync"
	"testing"

	"github.com/peterldowns/pgtestdb"
)

type oneTable struct{}

func (oneTable) Hash() (string, error) { return "devstack-one-table", nil }

func (oneTable) Migrate(ctx context.Context, db *sql.DB, _ pgtestdb.Config) error {
	_, err := db.ExecContext(ctx, "CREATE TABLE things (n int)")
	return err
}

func TestEveryTestGetsItsOwnDatabase(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a", "b", "c"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := TestDatabase(t, oneTable{})
			run(t, url, "INSERT INTO things VALUES (1)")
			if got := query(t, url, "SELECT count(*) FROM things"); got != "1" {
				t.Errorf("%s rows, want 1: databases are shared", got)
			}
			if got := query(t, url, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"); got != "false" {
				t.Error("the owner passes row-level security")
			}
		})
	}
}

func TestConcurrentStartsShareOneServer(t *testing.T) {
	t.Parallel()
	var (
		group sync.WaitGroup
		urls  = make([]string, 8)
	)
	for i := range urls {
		group.Go(func() {
			cluster, err := StartTestCluster(t.Context())
			if err != nil {
				t.Error(err)
			}
			urls[i] = cluster.AdminURL
		})
	}
	group.Wait()
	for _, url := range urls {
		if url == "" || url != urls[0] {
			t.Errorf("servers %q and %q, want one", url, urls[0])
		}
	}
	if got := query(t, urls[0], "SHOW cluster_name"); got != "zhanggui-test" {
		t.Errorf("this is the server %q", got)
	}
}

func TestAMachineWithoutPostgresIsToldWhatToDo(t *testing.T) {
	empty := t.TempDir()
	t.Setenv(BinDirVariable, empty)
	if _, err := startDetached(t.Context(), clusterDir(t)); err == nil || !strings.Contains(err.Error(), empty) {
		t.Errorf("without server programs: %v", err)
	}
}

func TestOutsideACloneThereIsNoTestServer(t *testing.T) {
	t.Chdir(t.TempDir())
	if _, err := StartTestCluster(t.Context()); err == nil || !strings.Contains(err.Error(), "go.mod") {
		t.Errorf("outside a module: %v", err)
	}
}
