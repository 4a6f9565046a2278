package postgres

import (
	"context"
	"time"

	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core"
)

// What the accounts of a page of watches have, found by tenant and account together.
const (
	bookOf       = " JOIN unnest($1::uuid[], $2::uuid[]) AS w (tenant_id, id) ON w.tenant_id = x.tenant_id AND w.id = "
	bookAccounts = "SELECT x.id, x.provider, x.name FROM provider_accounts x" + bookOf + "x.id"
	bookMarks    = "SELECT x.tenant_id, x.account_id, x.channel, x.amount, x.set_by, x.set_at FROM balance_marks x" + bookOf + "x.account_id ORDER BY x.channel"
	bookNewest   = bookOf + `x.account_id JOIN balance_watches b ON b.tenant_id = x.tenant_id AND b.id = x.account_id AND b.taken_at = x.taken_at
		ORDER BY x.channel, x.id`
	bookRates = `SELECT x.tenant_id, x.id, x.account_id, x.method, x.basis_points, x.minimum, coalesce(x.maximum, 0) AS maximum, x.per_payout, x.valid_from, x.valid_to
		FROM fee_rates x` + bookOf + "x.account_id WHERE x.method = 'payout' AND x.valid_from <= $3 AND (x.valid_to IS NULL OR x.valid_to > $3)"
	bookFrozen = `SELECT DISTINCT w.id FROM freezes x JOIN unnest($1::uuid[], $2::uuid[]) AS w (tenant_id, id)
		ON w.tenant_id = x.tenant_id AND (x.account_id IS NULL OR w.id = x.account_id) WHERE x.lifted_at IS NULL AND x.method = ''`
)

type markRow struct {
	TenantID  core.ID `db:"tenant_id"`
	AccountID core.ID `db:"account_id"`
	Channel   string  `db:"channel"`
	Amount    int64   `db:"amount"`
	SetBy     string  `db:"set_by"`
	SetAt     stamp   `db:"set_at"`
}

func (r *markRow) mark() core.BalanceMark {
	return core.BalanceMark{TenantID: r.TenantID, AccountID: r.AccountID, Channel: r.Channel, Amount: r.Amount, SetBy: r.SetBy, SetAt: r.SetAt.Time}
}

// BalanceBook implements core.BalanceReader.
func (t *tenantTx) BalanceBook(ctx context.Context, f core.BalanceFilter, at time.Time) (core.BalanceBook, error) {
	return t.s.balanceBook(ctx, t.own("x.tenant_id"), f, at)
}

// BalanceBook implements core.BalanceReader.
func (p *platformTx) BalanceBook(ctx context.Context, f core.BalanceFilter, at time.Time) (core.BalanceBook, error) {
	return p.s.balanceBook(ctx, ofTenant("x.tenant_id", f.TenantID), f, at)
}

func (s *session) balanceBook(ctx context.Context, c conditions, f core.BalanceFilter, at time.Time) (core.BalanceBook, error) {
	c.id("x.id", f.AccountID)
	var watches []watchRow
	if err := s.list(ctx, &watches, c.page(watchSelect, f.Page, "x.created_at", "x.id"), c.args...); err != nil {
		return core.BalanceBook{}, err
	}
	book := core.BalanceBook{
		Watches: convert(watches, (*watchRow).watch), Accounts: map[core.ID]core.ProviderAccount{}, Snapshots: map[core.ID][]core.BalanceSnapshot{},
		Marks: map[core.ID][]core.BalanceMark{}, Rates: map[core.ID]core.FeeRate{}, Frozen: map[core.ID]bool{},
	}
	tenants, accounts := make(pq.StringArray, len(watches)), make(pq.StringArray, len(watches))
	for i, w := range watches {
		tenants[i], accounts[i] = w.TenantID.String(), w.ID.String()
	}
	if err := s.fillBook(ctx, &book, tenants, accounts); err != nil {
		return book, err
	}
	err := s.judgeBook(ctx, &book, tenants, accounts, at)
	return book, err
}

// fillBook reads what the providers said, and the marks.
func (s *session) fillBook(ctx context.Context, book *core.BalanceBook, tenants, accounts pq.StringArray) error {
	var named []struct {
		ID       core.ID `db:"id"`
		Provider string  `db:"provider"`
		Name     string  `db:"name"`
	}
	if err := s.list(ctx, &named, bookAccounts, tenants, accounts); err != nil {
		return err
	}
	for _, a := range named {
		book.Accounts[a.ID] = core.ProviderAccount{ID: a.ID, Provider: a.Provider, Name: a.Name}
	}
	var snapshots []snapshotRow
	if err := s.list(ctx, &snapshots, snapshotSelect+bookNewest, tenants, accounts); err != nil {
		return err
	}
	for _, r := range snapshots {
		book.Snapshots[r.AccountID] = append(book.Snapshots[r.AccountID], r.snapshot())
	}
	var marks []markRow
	if err := s.list(ctx, &marks, bookMarks, tenants, accounts); err != nil {
		return err
	}
	for _, m := range marks {
		book.Marks[m.AccountID] = append(book.Marks[m.AccountID], m.mark())
	}
	return nil
}

// judgeBook reads what decides over paying out: rates, freezes and the calendar.
func (s *session) judgeBook(ctx context.Context, book *core.BalanceBook, tenants, accounts pq.StringArray, at time.Time) (err error) {
	var rates []feeRow
	if err := s.list(ctx, &rates, bookRates, tenants, accounts, stamp{at}); err != nil {
		return err
	}
	for _, r := range rates {
		book.Rates[r.AccountID] = r.rate()
	}
	var frozen []core.ID
	if err := s.list(ctx, &frozen, bookFrozen, tenants, accounts); err != nil {
		return err
	}
	for _, id := range frozen {
		book.Frozen[id] = true
	}
	book.Days, err = s.workingDays(ctx)
	return err
}
