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

// planted is how many orders of a day differ, whatever its size, and how many look as if they did.
const planted = 1000

// How an order differs.
const (
	surplus    = iota // a line without an order
	shortage          // an order without a line
	amount            // a fen more there
	state             // failed by our books
	unanswered        // the line says nothing
	fee               // a fen more there
	otherDay          // moved two days before
	twice             // listed twice
	ways
)

// What looks like a difference and is none.
const (
	nextBill   = ways + iota // before midnight, on the next day's bill
	thisBill                 // after midnight, on this day's bill
	carried                  // after midnight, and the day before has no bill yet
	theirsOnly               // the bill has the provider's number only
	looks      = iota
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
	First           int64 // added to the orders' numbers, which are unique over all merchants
	Now             time.Time
}

// Plant writes an account's day: payments, with a refund and a payout for every 50, and a bill
// of list with about as many lines in another order. The account must have none.
func Plant(ctx context.Context, o Options) (Day, error) {
	if o.Orders < 20*planted || o.Orders%(20*planted) != 0 {
		return Day{}, fmt.Errorf("bookstest: %d orders are no multiple of %d", o.Orders, 20*planted)
	}
	d := Day{Orders: o.Orders, Want: map[string]core.DifferenceKind{}}
	d.expect(o.First)
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

// expect says what a comparison must find, when it is final.
func (d *Day) expect(first int64) {
	step := d.Orders / planted
	kinds := [ways]core.DifferenceKind{
		surplus: core.DifferSurplus, shortage: core.DifferShortage, amount: core.DifferAmount, state: core.DifferState,
		unanswered: core.DifferUnanswered, fee: core.DifferFee, otherDay: core.DifferDay, twice: core.DifferDuplicate,
	}
	d.Matched, d.Lines = d.Orders-planted, d.Orders
	for p := int64(1); p <= planted; p++ {
		of := number(first + p*step)
		if p%ways == surplus {
			of = "F" + of
		}
		d.Want[of] = kinds[p%ways]
		switch p % ways {
		case shortage:
			d.Lines--
		case twice:
			d.Lines++
			d.Matched++
		}
		switch ways + (p-1)%looks {
		case nextBill:
			d.Lines--
			d.Matched--
		case carried:
			d.Lines--
			d.Matched--
			d.Carried++
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
			if err := write(ctx, owner, statement, o.Tenant, o.Account, o.Day.Start(), from, to, step, o.First); err != nil {
				return err
			}
		}
		if err := write(ctx, owner, lines, o.Tenant, bill, from, to, step, o.Orders, next, o.First); err != nil {
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
