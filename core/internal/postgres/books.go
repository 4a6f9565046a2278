package postgres

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	booksWatch = `INSERT INTO book_watches (tenant_id, id, from_day, next_check_at, created_at) VALUES ($1, $2, $3, $4, $4)
		ON CONFLICT (tenant_id, id) DO UPDATE SET next_check_at = excluded.next_check_at, from_day = greatest(book_watches.from_day, excluded.from_day)
		WHERE book_watches.next_check_at IS NULL`
	booksUnwatch = "UPDATE book_watches SET next_check_at = NULL, lease_until = NULL, lease_token = NULL WHERE tenant_id = $1 AND id = $2"
	booksMove    = `UPDATE book_watches SET from_day = greatest(from_day, $3), next_check_at = $4, lease_until = NULL, lease_token = NULL
		WHERE tenant_id = $1 AND id = $2`
	booksFrom = "SELECT from_day::text FROM book_watches WHERE tenant_id = $1 AND id = $2 FOR UPDATE"

	dayOpen = `INSERT INTO reconciliation_days (tenant_id, id, account_id, provider, day, state, next_check_at, created_at)
		SELECT tenant_id, $2, id, provider, $4, 'waiting', $5, $6 FROM provider_accounts WHERE tenant_id = $1 AND id = $3
		ON CONFLICT (tenant_id, account_id, day) DO NOTHING`
	// A check that is under way ends with an update guarded by the version, which fails now: the
	// day is taken up again.
	dayAgain = `UPDATE reconciliation_days SET next_check_at = least(next_check_at, $4), version = version + 1
		WHERE tenant_id = $1 AND account_id = $2 AND day = $3 AND (next_check_at IS NULL OR next_check_at > $4 OR state = 'running')`
	dayRun    = "UPDATE reconciliation_days SET run = run + 1 WHERE tenant_id = $1 AND id = $2 RETURNING run"
	dayUpdate = `UPDATE reconciliation_days SET state = $4, reason = $5, run = greatest(run, $6), next_check_at = $7, attempts = $8, provided_code = $9,
		provided_message = $10, ours = $11, theirs = $12, matched = $13, carried = $14, unasked = $15, open = $16, resolved = $17, started_at = $18,
		finished_at = $19, version = version + 1, lease_until = CASE WHEN $4 = 'running' THEN lease_until END,
		lease_token = CASE WHEN $4 = 'running' THEN lease_token END WHERE tenant_id = $1 AND id = $2 AND version = $3`
)

var dayColumns = []string{
	"tenant_id", "id", "account_id", "provider", "state", "reason", "run", "next_check_at", "attempts", "provided_code", "provided_message", "ours",
	"theirs", "matched", "carried", "unasked", "open", "resolved", "created_at", "started_at", "finished_at", "version",
}

var daySelect = "SELECT x." + strings.Join(dayColumns, ", x.") + ", x.day::text AS day FROM reconciliation_days x"

type dayRow struct {
	TenantID        core.ID  `db:"tenant_id"`
	ID              core.ID  `db:"id"`
	AccountID       core.ID  `db:"account_id"`
	Provider        string   `db:"provider"`
	Day             string   `db:"day"`
	State           string   `db:"state"`
	Reason          string   `db:"reason"`
	Run             int      `db:"run"`
	NextCheckAt     stamp    `db:"next_check_at"`
	Attempts        int      `db:"attempts"`
	ProvidedCode    string   `db:"provided_code"`
	ProvidedMessage string   `db:"provided_message"`
	Ours            document `db:"ours"`
	Theirs          document `db:"theirs"`
	Matched         int64    `db:"matched"`
	Carried         int64    `db:"carried"`
	Unasked         int64    `db:"unasked"`
	Open            int64    `db:"open"`
	Resolved        int64    `db:"resolved"`
	CreatedAt       stamp    `db:"created_at"`
	StartedAt       stamp    `db:"started_at"`
	FinishedAt      stamp    `db:"finished_at"`
	Version         int      `db:"version"`
}

func (r *dayRow) day() core.ReconciliationDay {
	d := core.ReconciliationDay{
		TenantID: r.TenantID, ID: r.ID, AccountID: r.AccountID, Provider: r.Provider, Day: core.Day(r.Day), State: core.ReconciliationState(r.State),
		Reason: r.Reason, Run: r.Run, NextCheckAt: r.NextCheckAt.Time, Attempts: r.Attempts,
		Provided: core.ProviderText{Code: r.ProvidedCode, Message: r.ProvidedMessage}, Matched: r.Matched, Carried: r.Carried, Unasked: r.Unasked,
		Open: r.Open, Resolved: r.Resolved, CreatedAt: r.CreatedAt.Time, StartedAt: r.StartedAt.Time, FinishedAt: r.FinishedAt.Time, Version: r.Version,
	}
	_ = json.Unmarshal(r.Ours, &d.Ours) // written by UpdateReconciliationDay
	_ = json.Unmarshal(r.Theirs, &d.Theirs)
	return d
}

// WatchBooks implements core.BooksTx.
func (t *tenantTx) WatchBooks(ctx context.Context, account core.ID, from, now time.Time) error {
	if from.IsZero() {
		_, err := t.s.change(ctx, booksUnwatch, t.tenant, account)
		return err
	}
	_, err := t.s.change(ctx, booksWatch, t.tenant, account, string(core.DayOf(from)), stamp{now})
	return err
}

// OpenDays implements core.BooksTx.
func (t *tenantTx) OpenDays(ctx context.Context, account core.ID, last core.Day, due, next, now time.Time) (int, error) {
	var from string
	if err := t.s.get(ctx, &from, core.NotFound("account"), booksFrom, t.tenant, account); err != nil {
		return 0, err
	}
	opened := 0
	for day := core.Day(from); day <= last; day = day.Next(1) {
		n, err := t.openDay(ctx, account, day, due, now)
		if err != nil {
			return opened, err
		}
		opened += int(n)
	}
	_, err := t.s.change(ctx, booksMove, t.tenant, account, string(last.Next(1)), stamp{next})
	return opened, err
}

func (t *tenantTx) openDay(ctx context.Context, account core.ID, day core.Day, due, now time.Time) (int64, error) {
	return t.s.change(ctx, dayOpen, t.tenant, core.NewID(now), account, string(day), stamp{due}, stamp{now})
}

// OpenDay implements core.BooksTx.
func (t *tenantTx) OpenDay(ctx context.Context, account core.ID, day core.Day, due, now time.Time) (core.ReconciliationDay, error) {
	n, err := t.openDay(ctx, account, day, due, now)
	if err != nil {
		return core.ReconciliationDay{}, err
	}
	if n == 0 {
		if _, err := t.s.change(ctx, dayAgain, t.tenant, account, string(day), stamp{due}); err != nil {
			return core.ReconciliationDay{}, err
		}
	}
	return t.oneDay(ctx, core.NotFound("account"), "x.account_id = $2 AND x.day = $3", account, string(day))
}

// UpdateReconciliationDay implements core.BooksTx.
func (t *tenantTx) UpdateReconciliationDay(ctx context.Context, d core.ReconciliationDay) error {
	return t.s.mustChange(ctx, core.Errorf(core.CodeConflict, "The day changed meanwhile. Read it again."), dayUpdate,
		t.tenant, d.ID, d.Version, string(d.State), d.Reason, d.Run, stamp{d.NextCheckAt}, d.Attempts, clean(d.Provided.Code), clean(d.Provided.Message),
		encode(d.Ours, len(d.Ours) == 0), encode(d.Theirs, len(d.Theirs) == 0), d.Matched, d.Carried, d.Unasked, d.Open, d.Resolved,
		stamp{d.StartedAt}, stamp{d.FinishedAt})
}

// BeginRun implements core.BooksTx.
func (t *tenantTx) BeginRun(ctx context.Context, day core.ID) (run int, err error) {
	t.s.wrote = true
	err = t.s.get(ctx, &run, core.NotFound("reconciliation"), dayRun, t.tenant, day)
	return run, err
}

func (t *tenantTx) oneDay(ctx context.Context, missing error, where string, values ...any) (core.ReconciliationDay, error) {
	var row dayRow
	if err := t.s.get(ctx, &row, missing, daySelect+" WHERE x.tenant_id = $1 AND "+where, append([]any{t.tenant}, values...)...); err != nil {
		return core.ReconciliationDay{}, err
	}
	return row.day(), nil
}

// ReconciliationDay implements core.BooksReader.
func (t *tenantTx) ReconciliationDay(ctx context.Context, id core.ID) (core.ReconciliationDay, error) {
	return t.oneDay(ctx, core.NotFound("reconciliation"), "x.id = $2", id)
}

// ReconciliationDayOf implements core.BooksReader.
func (t *tenantTx) ReconciliationDayOf(ctx context.Context, account core.ID, day core.Day) (core.ReconciliationDay, error) {
	return t.oneDay(ctx, core.NotFound("reconciliation"), "x.account_id = $2 AND x.day = $3", account, string(day))
}

func (s *session) days(ctx context.Context, c conditions, f core.ReconciliationFilter) ([]core.ReconciliationDay, error) {
	c.id("x.account_id", f.AccountID)
	c.days(f.From, f.To)
	c.oneOf("x.state", texts(f.States))
	var rows []dayRow
	if err := s.list(ctx, &rows, c.pageByDay(daySelect, f.Page), c.args...); err != nil {
		return nil, err
	}
	return convert(rows, (*dayRow).day), nil
}

// days adds from ≤ day ≤ to, for days that are set.
func (c *conditions) days(from, to core.Day) {
	if from != "" {
		c.parts = append(c.parts, "x.day >= "+c.arg(string(from))+"::date")
	}
	if to != "" {
		c.parts = append(c.parts, "x.day <= "+c.arg(string(to))+"::date")
	}
}

// pageByDay is page for what is listed by its day.
func (c *conditions) pageByDay(query string, p core.Page) string {
	if !p.BeforeTime.IsZero() {
		c.parts = append(c.parts, "(x.day, x.id) < ("+c.arg(string(core.DayOf(p.BeforeTime)))+"::date, "+c.arg(p.BeforeID)+"::uuid)")
	}
	where := ""
	if len(c.parts) > 0 {
		where = " WHERE " + strings.Join(c.parts, " AND ")
	}
	limit := p.Limit
	if limit <= 0 {
		limit = defaultPage
	}
	return unprepared + query + where + " ORDER BY x.day DESC, x.id DESC LIMIT " + strconv.Itoa(min(limit, maxPage))
}

// ReconciliationDays implements core.BooksLists.
func (t *tenantTx) ReconciliationDays(ctx context.Context, f core.ReconciliationFilter) ([]core.ReconciliationDay, error) {
	return t.s.days(ctx, t.own("x.tenant_id"), f)
}

// ReconciliationDays implements core.BooksLists.
func (p *platformTx) ReconciliationDays(ctx context.Context, f core.ReconciliationFilter) ([]core.ReconciliationDay, error) {
	return p.s.days(ctx, ofTenant("x.tenant_id", f.TenantID), f)
}
