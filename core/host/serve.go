package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"time"

	"github.com/zhanggui-pay/zhanggui/core/api"
	"github.com/zhanggui-pay/zhanggui/core/internal/keyring"
	"github.com/zhanggui-pay/zhanggui/core/internal/pluginhost"
)

// RunShim becomes a plugin when this process was started as one by the plugin host, and
// returns otherwise. It must be the first thing main does.
func RunShim() { pluginhost.RunShim() }

// Serve runs a node over PostgreSQL and Vault until ctx ends.
func Serve(ctx context.Context, cfg Config, console fs.FS, version api.Version, logs io.Writer) (err error) {
	if err := cfg.Check(); err != nil {
		return err
	}
	logger := slog.New(slog.NewJSONHandler(logs, &slog.HandlerOptions{Level: logLevel(cfg.LogLevel)}))
	if cfg.TestMode {
		logger.WarnContext(ctx, "TEST MODE: provider accounts may point at private and plain-http addresses; never serve real merchants like this")
		cfg.Plugins.AllowPrivateNetworks = true
	}
	keys, err := openVault(cfg, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, keys.Close()) }()
	h, err := Start(ctx, cfg, Parts{Keyring: keys, Clock: time.Now, Logger: logger, Console: console, Version: version, TestMode: cfg.TestMode})
	if err != nil {
		return err
	}
	if err := h.announceSetup(ctx, logs); err != nil {
		return errors.Join(err, h.Stop())
	}
	logger.InfoContext(ctx, "serving", "address", h.Address(), "public_url", h.PublicURL())
	return h.Run(ctx)
}

// announceSetup prints the one-time link of the first administrator while there is no user.
func (h *Host) announceSetup(ctx context.Context, out io.Writer) error {
	link, first, err := h.service.EnsureFirstAdministrator(ctx)
	if err != nil || !first {
		return err
	}
	_, err = fmt.Fprintf(out, "No user exists yet. Make the first administrator with this one-time link (24 hours):\n  %s\n", link.Reveal())
	return err
}

func openVault(cfg Config, logger *slog.Logger) (*keyring.Vault, error) {
	return keyring.OpenVault(keyring.VaultOptions{
		Address: cfg.Vault.Address, CAFile: cfg.Vault.CACert, Namespace: cfg.Vault.Namespace,
		RoleID: cfg.Vault.RoleID, SecretIDFile: cfg.Vault.SecretIDFile, Logger: logger,
	})
}
