package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres/bookstest"
	"github.com/zhanggui-pay/zhanggui/core/internal/service"
)

// joined is what one SQL statement says of the same two sides: how many orders are not the same on both.
// It knows no midnight and no decisions of people, and holds its hash table in the server's memory and on its disk.
const joined = `SELECT count(*) FROM (
		SELECT order_no AS number, amount FROM payments WHERE tenant_id = $1 AND account_id = $2 AND state = 'succeeded' AND succeeded_at >= $3 AND succeeded_at < $4
		UNION ALL SELECT refund_no, amount FROM refunds WHERE tenant_id = $1 AND account_id = $2 AND state = 'succeeded' AND succeeded_at >= $3 AND succeeded_at < $4
		UNION ALL SELECT payout_no, amount FROM payouts WHERE tenant_id = $1 AND account_id = $2 AND state = 'succeeded'
			AND coalesce(paid_at, finished_at) >= $3 AND coalesce(paid_at, finished_at) < $4) ours
	FULL JOIN (SELECT number, amount FROM bill_lines WHERE tenant_id = $1 AND bill_id = $5) theirs USING (number)
	WHERE ours.amount IS DISTINCT FROM theirs.amount`

// books is one account's day that is compared.
type books struct {
	cluster *cluster
	url     string
	db      *postgres.DB
	service *service.Service
	n       int
}

// measureBooks compares days of several sizes, in one process: what the largest needs beyond the
// smallest is what memory grows by.
func measureBooks(ctx context.Context, sizes []int, out io.Writer) (err error) {
	c, err := startCluster(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.stop()) }()
	if err := c.print(ctx, out); err != nil {
		return err
	}
	b := &books{cluster: c}
	if b.url, err = c.database(ctx, "books"); err != nil {
		return err
	}
	if b.db, err = postgres.Open(ctx, postgres.Config{URL: b.url, MaxConns: workers, Now: now}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.db.Close()) }()
	b.service = service.ForCommand(b.db, now, "")
	printf(out, "Reconciliation: our orders against as many lines of a bill, 1,000 differences planted, compared twice\n\n")
	printf(out, "   lines  run  seconds     lines/s   differences   missed   invented   peak memory   SQL join alone   ratio\n")
	peaks := make([]int64, len(sizes))
	for i, size := range sizes {
		if peaks[i], err = b.measure(ctx, size, out); err != nil {
			return fmt.Errorf("with %d lines: %w", size, err)
		}
	}
	if last := len(sizes) - 1; last > 0 {
		printf(out, "\n%.1f times the lines took %.2f times the memory\n\n", float64(sizes[last])/float64(sizes[0]), float64(peaks[last])/float64(peaks[0]))
	}
	return nil
}

func (b *books) measure(ctx context.Context, size int, out io.Writer) (peak int64, err error) {
	day, err := b.plant(ctx, int64(size))
	if err != nil {
		return 0, err
	}
	for run := 1; run <= 2; run++ {
		if err := b.cluster.checkpoint(ctx); err != nil {
			return peak, err
		}
		resetPeak()
		began := now()
		compared, err := b.service.CompareDay(ctx, day.Reconciliation, service.CompareOptions{Final: true})
		if err != nil {
			return peak, err
		}
		took, used := now().Sub(began), peakMemory()
		peak = max(peak, used)
		found, err := day.Found(ctx, b.db)
		if err != nil {
			return peak, err
		}
		alone, err := b.join(ctx, day)
		if err != nil {
			return peak, err
		}
		missed, invented := against(found, day.Want)
		printf(out, "%8d %4d %8.1f %11.0f %13d %8d %10d %10.1f MB %14.1f s %7.2f\n", day.Lines, run, took.Seconds(), float64(day.Lines)/took.Seconds(),
			len(found), missed, invented, float64(used)/(1<<20), alone.Seconds(), alone.Seconds()/took.Seconds())
		if missed+invented > 0 || compared.Day.Matched != day.Matched || compared.Day.Carried != day.Carried || !maps.Equal(found, day.Want) {
			return peak, fmt.Errorf("the comparison is wrong: matched %d of %d, carried %d of %d", compared.Day.Matched, day.Matched, compared.Day.Carried, day.Carried)
		}
	}
	return peak, nil
}

// plant makes a merchant whose account has such a day.
func (b *books) plant(ctx context.Context, size int64) (bookstest.Day, error) {
	b.n++
	if err := seedMerchant(ctx, b.db, b.n); err != nil {
		return bookstest.Day{}, err
	}
	return bookstest.Plant(ctx, bookstest.Options{
		Database: b.db, URL: b.url, Tenant: numbered(0x80, b.n), Account: numbered(0x90, b.n), Day: "2026-11-23", Orders: size, First: int64(b.n) * 10_000_000, Now: now(),
	})
}

// join is how long one statement takes that joins both sides.
func (b *books) join(ctx context.Context, day bookstest.Day) (took time.Duration, err error) {
	db, err := sql.Open("postgres", b.cluster.server.SuperuserURL("books"))
	if err != nil {
		return 0, fmt.Errorf("connect for the join: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	from, to := day.Reconciliation.Day.Near()
	began := now()
	var differ int64
	err = db.QueryRowContext(ctx, strings.NewReplacer("FROM payments", "FROM zhanggui.payments", "FROM refunds", "FROM zhanggui.refunds", "FROM payouts",
		"FROM zhanggui.payouts", "FROM bill_lines", "FROM zhanggui.bill_lines").Replace(joined),
		day.Reconciliation.TenantID, day.Reconciliation.AccountID, from, to, day.Bill).Scan(&differ)
	if err != nil {
		return 0, fmt.Errorf("join both sides: %w", err)
	}
	return now().Sub(began), nil
}

// against counts what is missing and what should not be there.
func against(found, want map[string]core.DifferenceKind) (missed, invented int) {
	for number, kind := range want {
		if found[number] != kind {
			missed++
		}
	}
	for number, kind := range found {
		if want[number] != kind {
			invented++
		}
	}
	return missed, invented
}

// resetPeak begins a new peak of this process's resident memory, and peakMemory reads it, in bytes.
func resetPeak() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600)
}

func peakMemory() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.SplitSeq(string(status), "\n") {
		// "VmHWM:	   61234 kB"
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return kilobytes << 10
		}
	}
	return 0
}
