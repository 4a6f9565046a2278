package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/pluginhost"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres"
	"github.com/zhanggui-pay/zhanggui/core/internal/tracing"
)

// Doctor tries everything a node needs and prints a sentence for each; it fails when one does.
func Doctor(ctx context.Context, cfg Config, out io.Writer) error {
	bad := 0
	tell := func(name string, err error, good string) {
		c := check(name, err, good)
		mark := "ok "
		if !c.OK {
			mark, bad = "NO ", bad+1
		}
		say(out, "%s %-12s %s", mark, c.Name, c.Message)
	}
	tell("public_url", publicURLAnswers(ctx, cfg.PublicURL), cfg.PublicURL+" leads to a node.")
	database := withDatabase(ctx, cfg, func(db *postgres.DB) error { return db.Health(ctx) })
	tell("postgresql", database, "It answers.")
	if database == nil {
		tell("migrations", withDatabase(ctx, cfg, func(db *postgres.DB) error { return db.CheckSchema(ctx) }), "The schema is this program's.")
		tell("clock", withDatabase(ctx, cfg, func(db *postgres.DB) error { return sameTime(ctx, db) }), "It agrees with the database's.")
	}
	if cfg.Mail.Host != "" {
		tell("mail", mailAnswers(ctx, cfg), "The mail server answers.")
	}
	tell("vault", vaultHealth(ctx, cfg), "It is unsealed and our role may read.")
	found, err := pluginhost.Find(cfg.Plugins.Dir)
	tell("plugins", err, fmt.Sprintf("%d found in %s.", len(found), cfg.Plugins.Dir))
	for _, p := range tryPlugins(ctx, cfg) {
		var err error
		if p.State != core.PluginEnabled {
			err = core.Errorf(core.CodeProviderUnavailable, "The plugin is %s: %s", p.State, p.Reason)
		}
		tell("plugin "+p.ID, err, "The plugin starts and answers.")
		for _, layer := range p.Confinement {
			var err error
			if !layer.Active {
				err = core.Errorf(core.CodeInternal, "Plugins are not held by it here: %s", layer.Reason)
			}
			tell("  "+layer.Name, err, "Plugins are held by it.")
		}
	}
	if bad > 0 {
		return core.Errorf(core.CodeInternal, "%d of these need attention.", bad)
	}
	return nil
}

// tryPlugins starts the approved plugins once and says how they are held. Without a
// database nothing is approved, and there is nothing to say.
func tryPlugins(ctx context.Context, cfg Config) (list []core.PluginStatus) {
	_ = withDatabase(ctx, cfg, func(db *postgres.DB) error {
		keys, err := openVault(cfg, slog.New(slog.DiscardHandler))
		if err != nil {
			return err
		}
		h := &Host{cfg: cfg, db: db, tracing: &tracing.Tracing{}, parts: Parts{Keyring: keys, Clock: time.Now, Logger: slog.New(slog.DiscardHandler)}}
		plugins, err := h.openPlugins(ctx, nil)
		if err != nil {
			return errors.Join(err, keys.Close())
		}
		list = plugins.Plugins(ctx)
		return errors.Join(plugins.Close(), keys.Close())
	})
	return list
}

func vaultHealth(ctx context.Context, cfg Config) error {
	if cfg.Vault.Address == "" {
		return core.Errorf(core.CodeKeysUnavailable, "VAULT_ADDR is not set.")
	}
	keys, err := openVault(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return errors.Join(keys.Health(ctx), keys.Close())
}

// publicURLAnswers asks for /livez as a browser or a provider would.
func publicURLAnswers(ctx context.Context, raw string) error {
	if err := checkPublicURL(raw); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(raw, "/")+"/livez", http.NoBody)
	if err != nil {
		return fmt.Errorf("host: %w", err)
	}
	client := http.Client{Timeout: doctorPatience}
	resp, err := client.Do(req)
	if err != nil {
		return core.Errorf(core.CodeInternal, "%s cannot be reached from here: %v. Providers send callbacks there: is a node running, and does the proxy pass it on?", raw, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return core.Errorf(core.CodeInternal, "%s/livez answers %d: something else than a node listens there, or the proxy cannot reach one.", raw, resp.StatusCode)
	}
	return nil
}

const (
	// doctorPatience bounds one question.
	doctorPatience = 5 * time.Second
	// clockTolerance is what providers' signatures and one-time codes forgive easily.
	clockTolerance = 2 * time.Second
)

func sameTime(ctx context.Context, db *postgres.DB) error {
	before := time.Now()
	theirs, err := db.ServerTime(ctx)
	if err != nil {
		return err
	}
	// Half of the trip is as good a guess as any.
	ours := before.Add(time.Since(before) / 2)
	if apart := ours.Sub(theirs).Abs(); apart > clockTolerance {
		return core.Errorf(core.CodeInternal, "The clocks of this machine and of the database are %s apart: run a time service (chrony) on both. Providers refuse messages with a wrong time.", apart.Round(time.Millisecond))
	}
	return nil
}

func mailAnswers(ctx context.Context, cfg Config) error {
	dialer := net.Dialer{Timeout: doctorPatience}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(cfg.Mail.Host, strconv.Itoa(cfg.Mail.Port)))
	if err != nil {
		return core.Errorf(core.CodeInternal, "The mail server cannot be reached: %v. Alerts are not mailed until it can.", err)
	}
	return conn.Close()
}
