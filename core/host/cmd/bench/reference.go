package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/devstack"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres"
)

// reference is pgbench running the fixed SQL of one payment, in a database of its own.
type reference struct {
	cluster *cluster
	url     string
	script  string
	tenants int
	pgbench string
}

func newReference(ctx context.Context, c *cluster, o options, tenants int) (*reference, error) {
	dir, err := devstack.FindPostgres()
	if err != nil {
		return nil, err
	}
	script, err := filepath.Abs(o.reference)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", o.reference, err)
	}
	r := &reference{cluster: c, script: script, tenants: tenants, pgbench: filepath.Join(dir, "pgbench")}
	if r.url, err = c.database(ctx, fmt.Sprintf("reference_%d", tenants)); err != nil {
		return nil, err
	}
	err = r.seed(ctx)
	return r, err
}

// numbered is the id the script expects of merchant n (kind 0x80) and its account (0x90).
func numbered(kind byte, n int) (id core.ID) {
	id[6], id[8] = 0x70, kind
	binary.BigEndian.PutUint32(id[12:], uint32(n)) //nolint:gosec // small
	return id
}

func (r *reference) seed(ctx context.Context) (err error) {
	db, err := postgres.Open(ctx, postgres.Config{URL: r.url, MaxConns: workers, Now: now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return each(r.tenants, func(i int) error { return seedMerchant(ctx, db, i+1) })
}

func seedMerchant(ctx context.Context, db *postgres.DB, n int) error {
	tenant := core.Tenant{ID: numbered(0x80, n), Name: "Reference", Status: core.TenantLive, CreatedAt: now(), UpdatedAt: now()}
	err := db.InDirectory(ctx, func(tx core.DirectoryTx) error { return tx.InsertTenant(ctx, tenant) })
	if err != nil {
		return err
	}
	account := core.ProviderAccount{
		TenantID: tenant.ID, ID: numbered(0x90, n), Provider: "example", Status: core.AccountLive, CreatedAt: now(), UpdatedAt: now(),
	}
	return db.InTenant(ctx, tenant.ID, func(tx core.TenantTx) error { return tx.InsertAccount(ctx, account) })
}

// run gives the script's transactions a second.
func (r *reference) run(ctx context.Context, o options) (float64, error) {
	if err := r.cluster.checkpoint(ctx); err != nil {
		return 0, err
	}
	if _, err := r.once(ctx, o, o.warmUp); err != nil {
		return 0, err
	}
	return r.once(ctx, o, o.time)
}

func (r *reference) once(ctx context.Context, o options, d time.Duration) (float64, error) {
	seconds := max(1, int(d.Round(time.Second)/time.Second))
	cmd := exec.CommandContext(ctx, r.pgbench, "--no-vacuum", "--protocol=prepared", //nolint:gosec // the program devstack found
		"--client="+strconv.Itoa(o.callers), "--jobs=2", "--time="+strconv.Itoa(seconds),
		"--define=tenants="+strconv.Itoa(r.tenants), "--file="+r.script, r.url)
	cmd.Env = append(os.Environ(), "PGOPTIONS=-c role=zhanggui_app -c search_path=zhanggui -c timezone=UTC")
	printed, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("pgbench: %w: %s", err, printed)
	}
	for line := range strings.SplitSeq(string(printed), "\n") {
		// "tps = 1234.567890 (without initial connection time)"
		if rest, ok := strings.CutPrefix(line, "tps = "); ok {
			figure, _, _ := strings.Cut(rest, " ")
			return strconv.ParseFloat(figure, 64)
		}
	}
	return 0, fmt.Errorf("pgbench printed no figure: %s", printed)
}
