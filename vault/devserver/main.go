// Command devserver is a real Vault server for tests and for development, with only what
// Zhanggui uses: KV, AppRole and Transit over data on disk. It is no part of the product
// and comes under Vault's own licence. It starts sealed and uninitialised, as any Vault
// does; package vaulttest does the rest.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	log "github.com/hashicorp/go-hclog"
	kv "github.com/hashicorp/vault-plugin-secrets-kv"
	"github.com/hashicorp/vault/builtin/credential/approle"
	"github.com/hashicorp/vault/builtin/logical/transit"
	"github.com/hashicorp/vault/command/server"
	vaulthttp "github.com/hashicorp/vault/http"
	"github.com/hashicorp/vault/internalshared/configutil"
	"github.com/hashicorp/vault/sdk/logical"
	"github.com/hashicorp/vault/sdk/physical/file"
	"github.com/hashicorp/vault/vault"
)

type options struct {
	listen, data     string
	certificate, key string
}

func main() {
	var o options
	flag.StringVar(&o.listen, "listen", "127.0.0.1:8200", "`address` to listen on; port 0 takes a free one and prints it")
	flag.StringVar(&o.data, "data", "", "`directory` of the encrypted data")
	flag.StringVar(&o.certificate, "tls-cert", "", "PEM `file`; with -tls-key, serve TLS")
	flag.StringVar(&o.key, "tls-key", "", "PEM `file`")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "devserver:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	if o.data == "" {
		return errors.New("-data names no directory")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var listening net.ListenConfig
	listener, err := listening.Listen(ctx, "tcp", o.listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	scheme := "http"
	if o.certificate != "" {
		scheme = "https"
	}
	url := scheme + "://" + listener.Addr().String()
	core, err := newCore(o.data, url)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "devserver: serving on", url)
	return serve(ctx, core, listener, o)
}

func newCore(data, url string) (*vault.Core, error) {
	logger := log.New(&log.LoggerOptions{Name: "vault", Level: log.Warn, Output: os.Stderr})
	backend, err := file.NewFileBackend(map[string]string{"path": data}, logger)
	if err != nil {
		return nil, fmt.Errorf("open the data: %w", err)
	}
	core, err := vault.NewCore(&vault.CoreConfig{
		Physical:           backend,
		StorageType:        "file",
		Logger:             logger,
		DisableMlock:       true,
		RedirectAddr:       url,
		RawConfig:          &server.Config{SharedConfig: &configutil.SharedConfig{}},
		LogicalBackends:    map[string]logical.Factory{"kv": kv.Factory, "transit": transit.Factory},
		CredentialBackends: map[string]logical.Factory{"approle": approle.Factory},
		BuiltinRegistry:    registry{},
	})
	if err != nil {
		return nil, fmt.Errorf("start the core: %w", err)
	}
	return core, nil
}

func serve(ctx context.Context, core *vault.Core, listener net.Listener, o options) error {
	web := &http.Server{
		Handler: vaulthttp.Handler.Handler(&vault.HandlerProperties{
			Core: core,
			ListenerConfig: &configutil.Listener{
				Type: "tcp", Address: listener.Addr().String(),
				MaxRequestSize: vaulthttp.DefaultMaxRequestSize, MaxRequestDuration: vault.DefaultMaxRequestDuration,
			},
		}),
		ReadHeaderTimeout: 10 * time.Second,
	}
	ended := make(chan error, 1)
	go func() {
		if o.certificate != "" {
			ended <- web.ServeTLS(listener, o.certificate, o.key)
			return
		}
		ended <- web.Serve(listener)
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	_ = web.Close()
	return core.Shutdown()
}
