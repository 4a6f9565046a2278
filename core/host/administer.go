package host

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres"
	"github.com/zhanggui-pay/zhanggui/core/internal/service"
)

// Migrate brings the database up to date and says what was done.
func Migrate(ctx context.Context, cfg Config, out io.Writer) error {
	if err := needDatabase(cfg); err != nil {
		return err
	}
	n, err := postgres.Migrate(ctx, cfg.Database.URL)
	if err != nil {
		return err
	}
	say(out, "%d migrations applied; the database is up to date.", n)
	return nil
}

func needDatabase(cfg Config) error {
	if cfg.Database.URL == "" {
		return core.Errorf(core.CodeDatabaseUnavailable, "DATABASE_URL is not set. Give the address of PostgreSQL, for instance postgres://zhanggui@db/zhanggui?sslmode=verify-full.")
	}
	return nil
}

// withDatabase opens PostgreSQL for one command.
func withDatabase(ctx context.Context, cfg Config, fn func(db *postgres.DB) error) error {
	if err := needDatabase(cfg); err != nil {
		return err
	}
	db, err := postgres.Open(ctx, postgres.Config{URL: cfg.Database.URL, MaxConns: 2, PlatformConns: 2, Now: time.Now})
	if err != nil {
		return err
	}
	return errors.Join(fn(db), db.Close())
}

// VerifyAudit walks the audit chains: the platform's, and every tenant's.
func VerifyAudit(ctx context.Context, cfg Config, out io.Writer) error {
	return withDatabase(ctx, cfg, func(db *postgres.DB) error {
		heads, err := db.AuditHeads(ctx)
		if err != nil {
			return err
		}
		broken := 0
		for _, head := range heads {
			verdict, err := db.VerifyAudit(ctx, head.TenantID)
			if err != nil {
				return err
			}
			name := "platform"
			if !head.TenantID.IsZero() {
				name = head.TenantID.Prefixed(core.PrefixTenant)
			}
			if verdict.Reason != "" {
				broken++
				say(out, "%s: BROKEN: %s", name, verdict.Reason)
				continue
			}
			say(out, "%s: %d rows, head %x", name, verdict.Rows, verdict.Head)
		}
		if broken > 0 {
			return core.Errorf(core.CodeConflict, "%d of %d chains are broken: rows were changed, removed or swapped outside the product.", broken, len(heads))
		}
		return nil
	})
}

// VerifyBooks compares every merchant's orders with its books; with repair, what is missing is
// booked today.
func VerifyBooks(ctx context.Context, cfg Config, repair bool, out io.Writer) error {
	return withDatabase(ctx, cfg, func(db *postgres.DB) error {
		var wrong int64
		err := eachTenant(ctx, db, func(t core.Tenant) error {
			name := t.ID.Prefixed(core.PrefixTenant)
			if repair {
				n, err := service.ForCommand(db, time.Now, cfg.PublicURL).RepairBooks(ctx, t.ID)
				if err != nil {
					return err
				}
				if n > 0 {
					say(out, "%s: %d orders were booked", name, n)
				}
			}
			verdict, err := db.VerifyBooks(ctx, t.ID)
			if err != nil {
				return err
			}
			wrong += verdict.Wrong
			say(out, "%s: %d orders, %s in, %s in fees, %d wrong", name, verdict.Orders, core.Fen(verdict.Amount), core.Fen(verdict.Fees), verdict.Wrong)
			for _, gap := range verdict.Example {
				say(out, "  %s: the order holds %s and a fee of %s, its entries %s and %s", gap.ObjectID.Prefixed(core.EventObjectPrefix(string(gap.Kind))),
					core.Fen(gap.Amount), core.Fen(gap.Fee), core.Fen(gap.Entered), core.Fen(gap.Charged))
			}
			return nil
		})
		if err == nil && wrong > 0 {
			return core.Errorf(core.CodeConflict, "%d orders differ from the books.", wrong)
		}
		return err
	})
}

// eachTenant calls fn for every merchant.
func eachTenant(ctx context.Context, db *postgres.DB, fn func(t core.Tenant) error) error {
	page := core.Page{Limit: 200}
	for {
		var tenants []core.Tenant
		err := db.AcrossTenants(ctx, func(tx core.PlatformTx) (err error) {
			tenants, err = tx.Tenants(ctx, core.TenantFilter{Page: page})
			return err
		})
		if err != nil || len(tenants) == 0 {
			return err
		}
		for _, t := range tenants {
			if err := fn(t); err != nil {
				return err
			}
		}
		last := tenants[len(tenants)-1]
		page.BeforeTime, page.BeforeID = last.CreatedAt, last.ID
	}
}

// LoginLink prints a one-time link for the user with the e-mail address.
func LoginLink(ctx context.Context, cfg Config, email string, out io.Writer) error {
	if err := checkPublicURL(cfg.PublicURL); err != nil {
		return err
	}
	return withDatabase(ctx, cfg, func(db *postgres.DB) error {
		var login core.LoginState
		err := db.InDirectory(ctx, func(tx core.DirectoryTx) (err error) {
			login, err = tx.UserByEmail(ctx, email)
			return err
		})
		if err != nil {
			return err
		}
		link, err := service.ForCommand(db, time.Now, cfg.PublicURL).IssueLoginLink(ctx, login.User.ID, time.Hour)
		if err != nil {
			return err
		}
		say(out, "%s", link.Reveal())
		return nil
	})
}
