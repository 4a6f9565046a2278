// Command testvault prepares and runs the Vault of the tests for what is not a Go test.
//
//	testvault build   builds the server if the machine has no vault and it was not built yet
//	testvault run     runs one, prints its address and AppRole ids as one line of JSON, and
//	                  ends when its standard input does or a signal comes
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/zhanggui-pay/zhanggui/vault"
	"github.com/zhanggui-pay/zhanggui/vault/vaulttest"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, "testvault:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	verb := ""
	if len(arguments) == 1 {
		verb = arguments[0]
	}
	switch verb {
	case "build":
		return build(ctx)
	case "run":
		return serve(ctx)
	}
	return errors.New("say one of: build, run")
}

func build(ctx context.Context) error {
	if path, err := exec.LookPath("vault"); err == nil {
		fmt.Println(path)
		return nil
	}
	fmt.Fprintln(os.Stderr, "testvault: building a Vault for the tests unless it is built already; the first time takes minutes")
	path, err := vaulttest.Build(ctx)
	if err != nil {
		return err
	}
	fmt.Println(path)
	return nil
}

func serve(ctx context.Context) error {
	server, err := vaulttest.Open(ctx, vault.Options{})
	if err != nil {
		return err
	}
	defer server.Close()
	err = json.NewEncoder(os.Stdout).Encode(map[string]string{
		"address": server.Address, "role_id": server.RoleID,
		"secret_id": string(server.SecretID.Reveal()), "root_token": string(server.RootToken.Reveal()),
	})
	if err != nil {
		return fmt.Errorf("print the address: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	select {
	case <-ctx.Done():
	case <-ended:
	}
	return nil
}
