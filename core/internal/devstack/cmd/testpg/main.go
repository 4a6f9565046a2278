// Command testpg starts, shows and stops the PostgreSQL the tests share. A test starts it by itself;
// `make test` stops it at its end.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/zhanggui-pay/zhanggui/core/internal/devstack"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, "testpg:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	verb := ""
	if len(args) == 1 {
		verb = args[0]
	}
	switch verb {
	case "stop":
		return devstack.StopTestCluster(ctx)
	case "start", "url":
		cluster, err := devstack.StartTestCluster(ctx)
		if err != nil {
			return err
		}
		fmt.Println(cluster.AdminURL)
		return nil
	case "install":
		if _, err := devstack.FindPostgres(); err == nil {
			return nil
		}
		return devstack.InstallPostgres(ctx, os.Stderr)
	default:
		return fmt.Errorf("say one of: start (prints the superuser's URL), url, stop, install")
	}
}
