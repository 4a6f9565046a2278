package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// blocked counts the sessions that wait for a lock that housekeeping holds; housekeeping itself
// does not count. The room that a table grows by is no lock of a row.
const blocked = `SELECT count(*) FROM pg_stat_activity w WHERE w.wait_event_type = 'Lock' AND w.wait_event <> 'extend' AND w.application_name <> 'housekeeping'
	AND EXISTS (SELECT FROM pg_stat_activity b WHERE b.pid = ANY (pg_blocking_pids(w.pid)) AND b.application_name = 'housekeeping')`

// watchLocks looks every few milliseconds until stop, and gives how many looks there were and
// how many of them saw somebody blocked.
func watchLocks(t *testing.T, url string) (stop func() (looks, seen int)) {
	t.Helper()
	db, err := sql.Open("postgres", url)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	var looks, seen int
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			var n int
			if err := db.QueryRowContext(ctx, blocked).Scan(&n); err == nil {
				looks++
				seen += min(n, 1)
			}
			select {
			case <-ctx.Done():
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	return func() (int, int) {
		cancel()
		<-done
		_ = db.Close()
		return looks, seen
	}
}

// paying takes payments, as the host does, until stop; it gives how many there were.
func (m merchant) paying(t *testing.T, db *DB) (stop func() int64) {
	t.Helper()
	var n atomic.Int64
	var over atomic.Bool
	var group sync.WaitGroup
	for worker := range 3 {
		group.Go(func() {
			for !over.Load() {
				if err := onePayment(t.Context(), db, m, fmt.Sprintf("%d%019d", worker+1, n.Add(1))); err != nil {
					t.Errorf("a payment: %v", err)
					return
				}
			}
		})
	}
	return func() int64 {
		over.Store(true)
		group.Wait()
		return n.Load()
	}
}

// TestRemovingDoesNotHoldUpPayments: while two nodes remove 200,000 records of calls, no payment
// of the same merchant waits for a lock of theirs. The watch can see such a wait: at the end
// something removes as it must not.
func TestRemovingDoesNotHoldUpPayments(t *testing.T) {
	t.Parallel()
	const records = 200_000
	url := testURL(t)
	db, house := openAt(t, url), openAt(t, url+"&application_name=housekeeping")
	m := newMerchant(t, db)
	const orders = 100
	for range orders {
		m.called(t, db, longAgo(), func(*core.Payment) {})
	}
	owner := rawRole(t, url, roleOwner)
	_, err := owner.ExecContext(t.Context(), `INSERT INTO attempts (tenant_id, id, payment_id, account_id, operation, outcome, evidence, started_at, finished_at)
		SELECT a.tenant_id, (substr(a.id::text, 1, 14) || '7' || substr(gen_random_uuid()::text, 16))::uuid, a.payment_id, a.account_id, 'query_payment',
			'succeeded', a.evidence, a.started_at, a.finished_at FROM attempts a, generate_series(1, $1) WHERE a.tenant_id = $2`, records/orders, m.tenant)
	must(t, err)

	paid := m.paying(t, db)
	looked := watchLocks(t, url)
	before := noon().Add(-500 * oneDay)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var removed atomic.Int64
	var nodes sync.WaitGroup
	for range 2 {
		nodes.Go(func() {
			for {
				emptied, err := house.EmptyEvidence(ctx, before, 100)
				if err != nil {
					t.Error(err)
				}
				gone, err := house.PruneAttempts(ctx, before, 2000)
				if err != nil {
					t.Error(err)
				}
				removed.Add(int64(gone.Rows))
				if t.Failed() || !emptied.More && !gone.More && removed.Load() >= records {
					return
				}
			}
		})
	}
	nodes.Wait()
	looks, seen := looked()
	if seen > 0 || looks < 10 {
		t.Errorf("payments were seen to wait in %d of %d looks", seen, looks)
	}
	if n := countRows(t, owner, "SELECT count(*) FROM attempts WHERE started_at < $1", before); n != 0 || removed.Load() < records {
		t.Errorf("%d removed, %d are left", removed.Load(), n)
	}

	looked = watchLocks(t, url)
	tx, err := owner.BeginTx(t.Context(), nil)
	must(t, err)
	_, err = tx.ExecContext(t.Context(), "SET LOCAL application_name = 'housekeeping'")
	must(t, err)
	_, err = tx.ExecContext(t.Context(), "LOCK TABLE attempts IN SHARE ROW EXCLUSIVE MODE")
	must(t, err)
	waitBlocked(t, url)
	must(t, tx.Rollback())
	if _, seen := looked(); seen == 0 {
		t.Error("the watch sees no wait")
	}
	if n := paid(); n < 100 {
		t.Errorf("%d payments", n)
	}
}

// waitBlocked waits until somebody has waited for a lock for a while.
func waitBlocked(t *testing.T, url string) {
	t.Helper()
	db, err := sql.Open("postgres", url)
	must(t, err)
	defer func() { _ = db.Close() }()
	for looks := 0; looks < 20; {
		n := countRows(t, db, blocked)
		looks += min(n, 1)
	}
}
