// Package bookstest plants an account's day of any size, with differences of every kind that one
// bill can show, for the proof that matching finds them all and invents none.
package bookstest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	_ "github.com/lib/pq" // the driver

	"github.com/zhanggui-pay/zhanggui/core"
)

// planted is how many orders of a day are not plain, whatever its size; classes is how many ways
// there are not to be plain.
const (
	planted = 1000
	classes = 12
)

// What is not plain about an order, by its number.
const (
	surplus   = 0  // a line without an order
	shortage  = 1  // an order without a line
	amount    = 2  // a fen more there
	failed    = 3  // failed by our books
	canceled  = 4  // canceled by our books
	fee       = 5  // a fen more there
	otherDay  = 6  // moved two days before
	twice     = 7  // listed twice
	nextBill  = 8  // before midnight, on the next day's bill: no difference
	thisBill  = 9  // after midnight, on this day's bill: no difference
	carried   = 10 // after midnight, and the day before has no bill yet: no difference
	theirsNum = 11 // the bill has the provider's number only: no difference
)

// Day is what was planted.
type Day struct {
	Reconciliation core.ReconciliationDay
	Bill           core.ID
	Orders, Lines  int64
	// Want is the kind of difference of each number that has one; Matched and Carried are what a
	// comparison counts.
	Want             map[string]core.DifferenceKind
	Matched, Carried int64
}

// Options say where a day is planted.
type Options struct {
	Database core.Database
	// URL is the database's, for a login that may be the owner of the schema.
	URL             string
	Tenant, Account core.ID
	Day             core.Day
	Orders          int64 // at least 20,000, and a multiple of 20,000
	Now             time.Time
}

// Plant writes an account's day: payments, with a refund and a payout for every 50, and a bill
// of list with about as many lines in another order. The account must have none.
func Plant(ctx context.Context, o Options) (Day, error) {
	if o.Orders < 20*planted || o.Orders%(20*planted) != 0 {
		return Day{}, fmt.Errorf("bookstest: %d orders are no multiple of %d", o.Orders, 20*planted)
	}
	d := Day{Orders: o.Orders, Want: map[string]core.DifferenceKind{}}
	d.expect()
	next, err := o.bills(ctx, &d)
	if err != nil {
		return d, err
	}
	owner, err := o.owner()
	if err != nil {
		return d, err
	}
	err = o.fill(ctx, owner, d.Bill, next)
	return d, errors.Join(err, owner.Close())
}

// number is that of the i-th order, as the SQL below writes it.
func number(i int64) string { return fmt.Sprintf("261123%014d", i) }

// expect says what a comparison must find.
func (d *Day) expect() {
	step := d.Orders / planted
	kinds := map[int64]core.DifferenceKind{
		surplus: core.DifferSurplus, shortage: core.DifferShortage, amount: core.DifferAmount, failed: core.DifferState, canceled: core.DifferState,
		fee: core.DifferFee, otherDay: core.DifferDay, twice: core.DifferDuplicate,
	}
	d.Matched, d.Lines = d.Orders-planted, d.Orders
	for p := int64(1); p <= planted; p++ {
		of := number(p * step)
		if kind := kinds[p%classes]; kind != "" {
			if kind == core.DifferSurplus {
				of = "F" + of
			}
			d.Want[of] = kind
		}
		switch p % classes {
		case shortage, nextBill:
			d.Lines--
		case carried:
			d.Lines--
			d.Carried++
		case twice:
			d.Lines++
			d.Matched++
		case thisBill, theirsNum:
			d.Matched++
		}
	}
}

// bills writes the days and bills; the lines come as SQL.
func (o Options) bills(ctx context.Context, d *Day) (next core.ID, err error) {
	err = o.Database.InTenant(ctx, o.Tenant, func(tx core.TenantTx) error {
		if d.Reconciliation, err = tx.OpenDay(ctx, o.Account, o.Day, o.Now, o.Now); err != nil {
			return err
		}
		// The day before waits for its bill.
		if _, err = tx.OpenDay(ctx, o.Account, o.Day.Next(-1), o.Now, o.Now); err != nil {
			return err
		}
		for _, day := range []core.Day{o.Day, o.Day.Next(1)} {
			b := core.Bill{
				TenantID: o.Tenant, ID: core.NewID(o.Now), AccountID: o.Account, Provider: d.Reconciliation.Provider, Day: day, Source: core.BillFromList,
				State: core.BillReading, Lines: d.Lines, CreatedAt: o.Now,
				Kinds: []core.MovementKind{core.MovementPayment, core.MovementRefund, core.MovementPayout},
			}
			if err := tx.InsertBill(ctx, b); err != nil {
				return err
			}
			b.State, b.ReadyAt = core.BillReady, o.Now
			if err := tx.FinishBill(ctx, b); err != nil {
				return err
			}
			if next = b.ID; day == o.Day {
				d.Bill = b.ID
			}
		}
		return nil
	})
	return next, err
}

// owner connects as the role that owns the schema.
func (o Options) owner() (*sql.DB, error) {
	u, err := url.Parse(o.URL)
	if err != nil {
		return nil, errors.New("bookstest: the database URL cannot be read") // it holds a password
	}
	q := u.Query()
	q.Set("options", "-c role=zhanggui_owner -c timezone=UTC")
	q.Set("search_path", "zhanggui")
	u.RawQuery = q.Encode()
	return sql.Open("postgres", u.String()) //nolint:wrapcheck // the driver's word says it all
}

// batch is how many orders one transaction writes.
const batch = 100_000

func (o Options) fill(ctx context.Context, owner *sql.DB, bill, next core.ID) error {
	step := o.Orders / planted
	for from := int64(1); from <= o.Orders; from += batch {
		to := min(from+batch-1, o.Orders)
		for _, statement := range []string{payments, refunds, payouts} {
			if err := write(ctx, owner, statement, o.Tenant, o.Account, o.Day.Start(), from, to, step); err != nil {
				return err
			}
		}
		if err := write(ctx, owner, lines, o.Tenant, bill, from, to, step, o.Orders, next); err != nil {
			return err
		}
	}
	for _, table := range []string{"payments", "refunds", "payouts", "bill_lines"} {
		if err := write(ctx, owner, "ANALYZE "+table); err != nil {
			return err
		}
	}
	return nil
}

func write(ctx context.Context, owner *sql.DB, statement string, args ...any) error {
	tx, err := owner.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("bookstest: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, statement, args...); err != nil {
		word, _, _ := strings.Cut(strings.TrimSpace(statement), " (")
		return fmt.Errorf("bookstest: %s: %w", word, err)
	}
	return tx.Commit() //nolint:wrapcheck // a planted day is thrown away
}

// Found reads the differences that a day has, by number.
func (d Day) Found(ctx context.Context, db core.Database) (map[string]core.DifferenceKind, error) {
	found := map[string]core.DifferenceKind{}
	err := db.InTenant(ctx, d.Reconciliation.TenantID, func(tx core.TenantTx) error {
		page := core.Page{Limit: 200}
		for {
			list, err := tx.Differences(ctx, core.DifferenceFilter{DayID: d.Reconciliation.ID, Page: page})
			if err != nil || len(list) == 0 {
				return err
			}
			for _, one := range list {
				if _, again := found[one.Number]; again || one.State != core.DifferenceOpen {
					return fmt.Errorf("bookstest: %s has more than one difference, or one that is %s", one.Number, one.State)
				}
				found[one.Number] = one.Kind
				page.BeforeTime, page.BeforeID = one.FoundAt, one.ID
			}
		}
	})
	return found, err
}
