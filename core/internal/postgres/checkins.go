package postgres

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	checkInSelect = `SELECT x.tenant_id, x.id, x.next_check_at, x.succeeded_at, x.failures, x.failure, x.created_at, x.version FROM check_in_watches x
		WHERE x.tenant_id = $1`
	checkInBegin = `INSERT INTO check_in_watches (tenant_id, id, next_check_at, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tenant_id, id) DO UPDATE SET next_check_at = excluded.next_check_at, version = check_in_watches.version + 1,
		lease_until = NULL, lease_token = NULL`
	checkInUpdate = `UPDATE check_in_watches SET next_check_at = $4, succeeded_at = $5, failures = $6, failure = $7, version = version + 1,
		lease_until = NULL, lease_token = NULL WHERE tenant_id = $1 AND id = $2 AND version = $3`
)

type checkInRow struct {
	TenantID    core.ID `db:"tenant_id"`
	ID          core.ID `db:"id"`
	NextCheckAt stamp   `db:"next_check_at"`
	SucceededAt stamp   `db:"succeeded_at"`
	Failures    int     `db:"failures"`
	Failure     string  `db:"failure"`
	CreatedAt   stamp   `db:"created_at"`
	Version     int     `db:"version"`
}

func (r *checkInRow) watch() core.CheckInWatch {
	return core.CheckInWatch{
		TenantID: r.TenantID, AccountID: r.ID, NextCheckAt: r.NextCheckAt.Time, SucceededAt: r.SucceededAt.Time, Failures: r.Failures, Failure: r.Failure,
		CreatedAt: r.CreatedAt.Time, Version: r.Version,
	}
}

// CheckInWatch implements core.CheckInTx.
func (t *tenantTx) CheckInWatch(ctx context.Context, account core.ID) (core.CheckInWatch, error) {
	var r checkInRow
	if err := t.s.get(ctx, &r, core.NotFound("check-in"), checkInSelect+" AND x.id = $2", t.tenant, account); err != nil {
		return core.CheckInWatch{}, err
	}
	return r.watch(), nil
}

// CheckInWatches implements core.CheckInTx.
func (t *tenantTx) CheckInWatches(ctx context.Context) (map[core.ID]core.CheckInWatch, error) {
	var rows []checkInRow
	if err := t.s.list(ctx, &rows, checkInSelect, t.tenant); err != nil {
		return nil, err
	}
	of := make(map[core.ID]core.CheckInWatch, len(rows))
	for _, r := range rows {
		of[r.ID] = r.watch()
	}
	return of, nil
}

// WatchCheckIn implements core.CheckInTx.
func (t *tenantTx) WatchCheckIn(ctx context.Context, account core.ID, from, now time.Time) error {
	_, err := t.s.change(ctx, checkInBegin, t.tenant, account, stamp{from}, stamp{now})
	return err
}

// UpdateCheckInWatch implements core.CheckInTx.
func (t *tenantTx) UpdateCheckInWatch(ctx context.Context, w core.CheckInWatch) error {
	return t.s.mustChange(ctx, core.Errorf(core.CodeConflict, "The check-in changed meanwhile. Look again."), checkInUpdate,
		t.tenant, w.AccountID, w.Version, stamp{w.NextCheckAt}, stamp{w.SucceededAt}, w.Failures, clean(w.Failure))
}
