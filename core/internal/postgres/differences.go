package postgres

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// The columns an UPDATE may change come last: see differenceFixed.
var differenceTable = &table{"differences", []string{
	"tenant_id", "id", "day_id", "account_id", "provider", "day", "key", "kind", "movement", "found_at", "version",
	"object_id", "object_kind", "number", "provider_number", "ours_present", "ours_state", "ours_amount", "ours_fee", "ours_at", "theirs_present",
	"theirs_state", "theirs_amount", "theirs_fee", "theirs_at", "bill_id", "bill_line", "state", "owner", "linked_id", "remark", "approval_id",
	"found_run", "resolved_at", "resolved_by",
}}

// differenceFixed is how many columns UpdateDifference leaves alone.
const differenceFixed = 11

var (
	differenceInsert = differenceTable.insertText() + " ON CONFLICT (tenant_id, account_id, day, key) DO NOTHING"
	differenceUpdate = strings.Replace(guardedUpdate(differenceTable, differenceFixed), ", lease_until = NULL, lease_token = NULL", "", 1)
	differenceSelect = "SELECT x." + strings.ReplaceAll(strings.Join(differenceTable.columns, ", x."), "x.day,", "x.day::text AS day,") + " FROM differences x"
	differencesKnown = differenceSelect + ` WHERE x.tenant_id = $1 AND x.account_id = $2 AND x.day = $3 AND x.key = ANY ($4::text[]) ORDER BY x.id
		FOR NO KEY UPDATE`
)

const (
	differencesSeen = "UPDATE differences SET found_run = $3 WHERE tenant_id = $1 AND id = ANY ($2::uuid[])"
	differencesGone = `UPDATE differences SET state = 'gone', resolved_at = $4, resolved_by = 'system', version = version + 1
		WHERE tenant_id = $1 AND day_id = $2 AND state IN ('open', 'correcting') AND found_run < $3`
	differencesCount = `SELECT kind, state, count(*) AS count FROM differences WHERE tenant_id = $1 AND day_id = $2 GROUP BY kind, state ORDER BY kind, state`
)

type differenceRow struct {
	TenantID       core.ID       `db:"tenant_id"`
	ID             core.ID       `db:"id"`
	DayID          core.ID       `db:"day_id"`
	AccountID      core.ID       `db:"account_id"`
	Provider       string        `db:"provider"`
	Day            string        `db:"day"`
	Key            string        `db:"key"`
	Kind           string        `db:"kind"`
	Movement       string        `db:"movement"`
	ObjectID       core.ID       `db:"object_id"`
	ObjectKind     string        `db:"object_kind"`
	Number         string        `db:"number"`
	ProviderNumber string        `db:"provider_number"`
	OursPresent    bool          `db:"ours_present"`
	OursState      string        `db:"ours_state"`
	OursAmount     sql.NullInt64 `db:"ours_amount"`
	OursFee        sql.NullInt64 `db:"ours_fee"`
	OursAt         stamp         `db:"ours_at"`
	TheirsPresent  bool          `db:"theirs_present"`
	TheirsState    string        `db:"theirs_state"`
	TheirsAmount   sql.NullInt64 `db:"theirs_amount"`
	TheirsFee      sql.NullInt64 `db:"theirs_fee"`
	TheirsAt       stamp         `db:"theirs_at"`
	BillID         core.ID       `db:"bill_id"`
	BillLine       int64         `db:"bill_line"`
	State          string        `db:"state"`
	Owner          string        `db:"owner"`
	LinkedID       core.ID       `db:"linked_id"`
	Remark         string        `db:"remark"`
	ApprovalID     core.ID       `db:"approval_id"`
	FoundAt        stamp         `db:"found_at"`
	FoundRun       int           `db:"found_run"`
	ResolvedAt     stamp         `db:"resolved_at"`
	ResolvedBy     string        `db:"resolved_by"`
	Version        int           `db:"version"`
}

func (r *differenceRow) difference() core.Difference {
	return core.Difference{
		TenantID: r.TenantID, ID: r.ID, DayID: r.DayID, AccountID: r.AccountID, Provider: r.Provider, Day: core.Day(r.Day), Key: r.Key,
		Kind: core.DifferenceKind(r.Kind), Movement: core.MovementKind(r.Movement), ObjectID: r.ObjectID, ObjectKind: r.ObjectKind, Number: r.Number,
		ProviderNumber: r.ProviderNumber,
		Ours:           core.DifferenceSide{Present: r.OursPresent, State: r.OursState, Amount: stated(r.OursAmount), Fee: stated(r.OursFee), At: r.OursAt.Time},
		Theirs: core.DifferenceSide{
			Present: r.TheirsPresent, State: r.TheirsState, Amount: stated(r.TheirsAmount), Fee: stated(r.TheirsFee), At: r.TheirsAt.Time,
		},
		BillID: r.BillID, BillLine: r.BillLine, State: core.DifferenceState(r.State), Owner: r.Owner, LinkedID: r.LinkedID, Remark: r.Remark,
		ApprovalID: r.ApprovalID, FoundAt: r.FoundAt.Time, FoundRun: r.FoundRun, ResolvedAt: r.ResolvedAt.Time, ResolvedBy: r.ResolvedBy, Version: r.Version,
	}
}

func differenceValues(d core.Difference) []any {
	return []any{
		d.TenantID, d.ID, d.DayID, d.AccountID, d.Provider, string(d.Day), d.Key, string(d.Kind), string(d.Movement),
		stamp{d.FoundAt},
		d.Version,
		d.ObjectID, d.ObjectKind, clean(d.Number), clean(d.ProviderNumber), d.Ours.Present, d.Ours.State, unstated(d.Ours.Amount), unstated(d.Ours.Fee),
		stamp{d.Ours.At},
		d.Theirs.Present, d.Theirs.State, unstated(d.Theirs.Amount), unstated(d.Theirs.Fee),
		stamp{d.Theirs.At},
		d.BillID, d.BillLine, string(d.State), d.Owner, d.LinkedID, clean(d.Remark), d.ApprovalID, d.FoundRun,
		stamp{d.ResolvedAt},
		d.ResolvedBy,
	}
}

// UpsertDifferences implements core.BooksTx. All are of one day.
func (t *tenantTx) UpsertDifferences(ctx context.Context, list []core.Difference) (reopened []core.Difference, err error) {
	if len(list) == 0 {
		return nil, nil
	}
	keys := make([]string, len(list))
	for i, d := range list {
		if d.TenantID != t.tenant {
			return nil, wrongTenant("difference")
		}
		keys[i] = d.Key
	}
	var rows []differenceRow
	err = t.s.list(ctx, &rows, unprepared+differencesKnown, t.tenant, list[0].AccountID, string(list[0].Day), texts(keys))
	if err != nil {
		return nil, err
	}
	known := make(map[string]core.Difference, len(rows))
	for i := range rows {
		known[rows[i].Key] = rows[i].difference()
	}
	var seen []core.ID
	for _, found := range list {
		old, ok := known[found.Key]
		if !ok {
			if _, err := t.s.change(ctx, differenceInsert, differenceValues(found)...); err != nil {
				return nil, err
			}
			continue
		}
		now, changed, again := old.FoundAgain(found)
		if !changed {
			seen = append(seen, old.ID)
			continue
		}
		if err := t.UpdateDifference(ctx, now, old.State); err != nil {
			return nil, err
		}
		if again {
			now.Version++
			reopened = append(reopened, now)
		}
	}
	if len(seen) == 0 {
		return reopened, nil
	}
	_, err = t.s.change(ctx, unprepared+differencesSeen, t.tenant, uids(seen), list[0].FoundRun)
	return reopened, err
}

// UpdateDifference implements core.BooksTx.
func (t *tenantTx) UpdateDifference(ctx context.Context, d core.Difference, from core.DifferenceState) error {
	args := append([]any{t.tenant, d.ID, string(from), d.Version}, differenceValues(d)[differenceFixed:]...)
	return t.s.mustChange(ctx, core.Errorf(core.CodeConflict, "The difference changed meanwhile. Read it again."), differenceUpdate, args...)
}

// CloseGone implements core.BooksTx.
func (t *tenantTx) CloseGone(ctx context.Context, day core.ID, run int, now time.Time) (int, error) {
	n, err := t.s.change(ctx, differencesGone, t.tenant, day, run, stamp{now})
	return int(n), err
}

// Difference implements core.BooksReader.
func (t *tenantTx) Difference(ctx context.Context, id core.ID) (core.Difference, error) {
	var row differenceRow
	if err := t.s.get(ctx, &row, core.NotFound("difference"), differenceSelect+" WHERE x.tenant_id = $1 AND x.id = $2", t.tenant, id); err != nil {
		return core.Difference{}, err
	}
	return row.difference(), nil
}

// CountDifferences implements core.BooksReader.
func (t *tenantTx) CountDifferences(ctx context.Context, day core.ID) ([]core.DifferenceCount, error) {
	var rows []struct {
		Kind, State string
		Count       int64
	}
	if err := t.s.list(ctx, &rows, differencesCount, t.tenant, day); err != nil {
		return nil, err
	}
	counts := make([]core.DifferenceCount, len(rows))
	for i, r := range rows {
		counts[i] = core.DifferenceCount{Kind: core.DifferenceKind(r.Kind), State: core.DifferenceState(r.State), Count: r.Count}
	}
	return counts, nil
}

// differences narrows to what a filter asks for.
func (c *conditions) differences(f core.DifferenceFilter) {
	c.id("x.account_id", f.AccountID)
	c.id("x.day_id", f.DayID)
	c.days(f.From, f.To)
	c.oneOf("x.kind", texts(f.Kinds))
	c.oneOf("x.state", texts(f.States))
	c.text("x.owner", f.Owner)
	if f.Unowned {
		c.parts = append(c.parts, "x.owner = ''")
	}
	c.number("differences", f.AnyNumber, "number", "provider_number")
	c.between("x.found_at", time.Time{}, f.FoundBefore)
}

func (s *session) differences(ctx context.Context, c conditions, f core.DifferenceFilter) ([]core.Difference, error) {
	query, args := differenceList(c, f)
	var rows []differenceRow
	if err := s.list(ctx, &rows, query, args...); err != nil {
		return nil, err
	}
	return convert(rows, (*differenceRow).difference), nil
}

func differenceList(c conditions, f core.DifferenceFilter) (query string, args []any) {
	c.differences(f)
	query = c.page(differenceSelect, f.Page, "x.found_at", "x.id")
	return query, c.args
}

// Differences implements core.BooksLists.
func (t *tenantTx) Differences(ctx context.Context, f core.DifferenceFilter) ([]core.Difference, error) {
	return t.s.differences(ctx, t.own("x.tenant_id"), f)
}

// Differences implements core.BooksLists.
func (p *platformTx) Differences(ctx context.Context, f core.DifferenceFilter) ([]core.Difference, error) {
	return p.s.differences(ctx, ofTenant("x.tenant_id", f.TenantID), f)
}
