package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

var watchColumns = []string{
	"tenant_id", "id", "next_check_at", "asked_at", "taken_at", "as_of", "payable", "total", "failures", "provided_code", "provided_message",
	"low_since", "stale_since", "created_at", "version",
}

var (
	watchSelect = "SELECT x." + strings.Join(watchColumns, ", x.") + " FROM balance_watches x"
	watchUpdate = `UPDATE balance_watches SET next_check_at = $4, taken_at = $5, as_of = $6, payable = $7, total = $8, failures = $9, provided_code = $10,
		provided_message = $11, low_since = $12, stale_since = $13, version = version + 1, lease_until = NULL, lease_token = NULL
		WHERE tenant_id = $1 AND id = $2 AND version = $3`
)

const (
	watchBegin = `INSERT INTO balance_watches (tenant_id, id, next_check_at, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tenant_id, id) DO UPDATE SET next_check_at = excluded.next_check_at, version = balance_watches.version + 1,
		lease_until = NULL, lease_token = NULL`
	watchAsk = `INSERT INTO balance_watches (tenant_id, id, asked_at, created_at) VALUES ($1, $2, $3, $3)
		ON CONFLICT (tenant_id, id) DO UPDATE SET asked_at = excluded.asked_at WHERE balance_watches.asked_at IS NULL OR balance_watches.asked_at <= $4`
	markSave = `INSERT INTO balance_marks (tenant_id, account_id, channel, amount, set_by, set_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (tenant_id, account_id, channel) DO UPDATE SET amount = excluded.amount, set_by = excluded.set_by, set_at = excluded.set_at`
	markRemove = "DELETE FROM balance_marks WHERE tenant_id = $1 AND account_id = $2 AND channel = $3"
)

type watchRow struct {
	TenantID        core.ID       `db:"tenant_id"`
	ID              core.ID       `db:"id"`
	NextCheckAt     stamp         `db:"next_check_at"`
	AskedAt         stamp         `db:"asked_at"`
	TakenAt         stamp         `db:"taken_at"`
	AsOf            stamp         `db:"as_of"`
	Payable         sql.NullInt64 `db:"payable"`
	Total           sql.NullInt64 `db:"total"`
	Failures        int           `db:"failures"`
	ProvidedCode    string        `db:"provided_code"`
	ProvidedMessage string        `db:"provided_message"`
	LowSince        stamp         `db:"low_since"`
	StaleSince      stamp         `db:"stale_since"`
	CreatedAt       stamp         `db:"created_at"`
	Version         int           `db:"version"`
}

func (r *watchRow) watch() core.BalanceWatch {
	return core.BalanceWatch{
		TenantID: r.TenantID, AccountID: r.ID, NextCheckAt: r.NextCheckAt.Time, AskedAt: r.AskedAt.Time, TakenAt: r.TakenAt.Time, AsOf: r.AsOf.Time,
		Payable: stated(r.Payable), Total: stated(r.Total), Failures: r.Failures,
		Provided: core.ProviderText{Code: r.ProvidedCode, Message: r.ProvidedMessage}, LowSince: r.LowSince.Time, StaleSince: r.StaleSince.Time,
		CreatedAt: r.CreatedAt.Time, Version: r.Version,
	}
}

// stated reads an amount, or one without a currency for NULL; unstated is the way back.
func stated(n sql.NullInt64) core.Money {
	if !n.Valid {
		return core.Money{}
	}
	return core.Fen(n.Int64)
}

func unstated(m core.Money) sql.NullInt64 {
	return sql.NullInt64{Int64: m.Minor, Valid: m.Currency == core.CNY}
}

// BalanceWatch implements core.BalanceTx.
func (t *tenantTx) BalanceWatch(ctx context.Context, account core.ID) (core.BalanceWatch, error) {
	var row watchRow
	if err := t.s.get(ctx, &row, core.NotFound("balance"), watchSelect+" WHERE x.tenant_id = $1 AND x.id = $2", t.tenant, account); err != nil {
		return core.BalanceWatch{}, err
	}
	return row.watch(), nil
}

// WatchBalances implements core.BalanceTx.
func (t *tenantTx) WatchBalances(ctx context.Context, account core.ID, from, now time.Time) error {
	_, err := t.s.change(ctx, watchBegin, t.tenant, account, stamp{from}, stamp{now})
	return err
}

// AskBalances implements core.BalanceTx.
func (t *tenantTx) AskBalances(ctx context.Context, account core.ID, now, since time.Time) error {
	return t.s.mustChange(ctx, core.Errorf(core.CodeTooEarly, "The balances were asked for a moment ago."), watchAsk,
		t.tenant, account, stamp{now}, stamp{since})
}

// UpdateBalanceWatch implements core.BalanceTx.
func (t *tenantTx) UpdateBalanceWatch(ctx context.Context, w core.BalanceWatch) error {
	return t.s.mustChange(ctx, core.Errorf(core.CodeConflict, "The balances changed meanwhile. Read them again."), watchUpdate,
		t.tenant, w.AccountID, w.Version, stamp{w.NextCheckAt}, stamp{w.TakenAt}, stamp{w.AsOf}, unstated(w.Payable), unstated(w.Total), w.Failures,
		clean(w.Provided.Code), clean(w.Provided.Message), stamp{w.LowSince}, stamp{w.StaleSince})
}

// SetBalanceMark implements core.BalanceTx.
func (t *tenantTx) SetBalanceMark(ctx context.Context, m core.BalanceMark) error {
	if m.TenantID != t.tenant {
		return wrongTenant("mark")
	}
	if m.Amount == 0 {
		_, err := t.s.change(ctx, markRemove, t.tenant, m.AccountID, m.Channel)
		return err
	}
	_, err := t.s.change(ctx, markSave, t.tenant, m.AccountID, m.Channel, m.Amount, m.SetBy, stamp{m.SetAt})
	return err
}

var snapshotTable = &table{"balance_snapshots", []string{
	"tenant_id", "id", "account_id", "taken_at", "as_of", "channel", "channel_merchant", "name", "suspended", "pending", "available", "advance",
	"frozen", "minimum", "maximum", "opens", "closes", "holidays", "clears", "clears_at", "figures",
}}

var (
	snapshotInsert = snapshotTable.insertText()
	snapshotSelect = "SELECT x." + strings.Join(snapshotTable.columns, ", x.") + " FROM balance_snapshots x"
)

type snapshotRow struct {
	TenantID        core.ID       `db:"tenant_id"`
	ID              core.ID       `db:"id"`
	AccountID       core.ID       `db:"account_id"`
	TakenAt         stamp         `db:"taken_at"`
	AsOf            stamp         `db:"as_of"`
	Channel         string        `db:"channel"`
	ChannelMerchant string        `db:"channel_merchant"`
	Name            string        `db:"name"`
	Suspended       bool          `db:"suspended"`
	Pending         sql.NullInt64 `db:"pending"`
	Available       sql.NullInt64 `db:"available"`
	Advance         sql.NullInt64 `db:"advance"`
	Frozen          sql.NullInt64 `db:"frozen"`
	Minimum         sql.NullInt64 `db:"minimum"`
	Maximum         sql.NullInt64 `db:"maximum"`
	Opens           string        `db:"opens"`
	Closes          string        `db:"closes"`
	Holidays        string        `db:"holidays"`
	Clears          string        `db:"clears"`
	ClearsAt        int           `db:"clears_at"`
	Figures         document      `db:"figures"`
}

func (r *snapshotRow) snapshot() core.BalanceSnapshot {
	b := core.Balance{
		Channel: r.Channel, ChannelMerchant: r.ChannelMerchant, Name: r.Name, Suspended: r.Suspended, Pending: stated(r.Pending),
		Available: stated(r.Available), Advance: stated(r.Advance), Frozen: stated(r.Frozen), Minimum: stated(r.Minimum), Maximum: stated(r.Maximum),
		Opens: r.Opens, Closes: r.Closes, Holidays: r.Holidays, Clears: r.Clears, ClearsAt: r.ClearsAt,
	}
	_ = json.Unmarshal(r.Figures, &b.Figures) // written by InsertBalances
	return core.BalanceSnapshot{TenantID: r.TenantID, ID: r.ID, AccountID: r.AccountID, TakenAt: r.TakenAt.Time, AsOf: r.AsOf.Time, Balance: b}
}

// InsertBalances implements core.BalanceTx.
func (t *tenantTx) InsertBalances(ctx context.Context, list []core.BalanceSnapshot) error {
	for _, s := range list {
		if s.TenantID != t.tenant {
			return wrongTenant("balance")
		}
		b := s.Balance
		figures := make(map[string]string, len(b.Figures))
		for name, text := range b.Figures {
			figures[clean(name)] = clean(text)
		}
		_, err := t.s.change(ctx, snapshotInsert, t.tenant, s.ID, s.AccountID, stamp{s.TakenAt}, stamp{s.AsOf}, clean(b.Channel), clean(b.ChannelMerchant),
			clean(b.Name), b.Suspended, unstated(b.Pending), unstated(b.Available), unstated(b.Advance), unstated(b.Frozen), unstated(b.Minimum),
			unstated(b.Maximum), clean(b.Opens), clean(b.Closes), clean(b.Holidays), clean(b.Clears), b.ClearsAt, encode(figures, false))
		if err != nil {
			return err
		}
	}
	return nil
}

// BalanceHistory implements core.BalanceTx, newest first.
func (t *tenantTx) BalanceHistory(ctx context.Context, f core.BalanceHistoryFilter) ([]core.BalanceSnapshot, error) {
	c := t.own("x.tenant_id")
	c.id("x.account_id", f.AccountID)
	c.text("x.channel", f.Channel)
	c.between("x.taken_at", f.From, f.To)
	var rows []snapshotRow
	if err := t.s.list(ctx, &rows, c.page(snapshotSelect, f.Page, "x.taken_at", "x.id"), c.args...); err != nil {
		return nil, err
	}
	return convert(rows, (*snapshotRow).snapshot), nil
}
