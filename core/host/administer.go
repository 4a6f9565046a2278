package host

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/pluginhost"
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

// ListPlugins prints what lies in the plugin directory and whether it is approved.
func ListPlugins(ctx context.Context, cfg Config, out io.Writer) error {
	found, err := pluginhost.Find(cfg.Plugins.Dir)
	if err != nil {
		return err
	}
	return withDatabase(ctx, cfg, func(db *postgres.DB) error {
		for _, f := range found {
			approval, err := approvals{db}.Approval(ctx, f.Name, f.SHA256)
			if err != nil {
				return err
			}
			state := map[pluginhost.Approval]string{
				pluginhost.ApprovalPending: "pending", pluginhost.ApprovalEnabled: "approved", pluginhost.ApprovalModified: "modified",
			}[approval]
			say(out, "%-20s %-10s sha256:%s", f.Name, state, f.SHA256)
		}
		return nil
	})
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
