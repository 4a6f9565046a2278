// Command zhanggui is the whole product: serve, dev, migrate, plugin, user, audit, vault,
// doctor and version.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	adminui "github.com/zhanggui-pay/zhanggui/admin-ui"
	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/host"
)

// version is set by the build.
var version = "dev"

func main() {
	// A plugin is started by this same program, which confines itself before it becomes it.
	host.RunShim()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := root().ExecuteContext(ctx)
	stop()
	if err != nil {
		if said := sentence(err); said != "" {
			fmt.Fprintln(os.Stderr, said)
		}
		os.Exit(statusOf(err))
	}
}

// statusOf is what the program exits with.
func statusOf(err error) int {
	if own, ok := errors.AsType[exitError](err); ok {
		return own.status
	}
	return 1
}

// sentence is what a person reads of an error: an expected one without its code.
func sentence(err error) string {
	if known, ok := errors.AsType[*core.Error](err); ok {
		if cause := known.Unwrap(); cause != nil {
			return fmt.Sprintf("%s (%v)", known.Message, cause)
		}
		return known.Message
	}
	return err.Error()
}

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "zhanggui",
		Short:         "Zhanggui (掌柜): a merchant admin platform for payment providers",
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       version,
	}
	cmd.PersistentFlags().String("config", "", "YAML file with settings; environment and flags win over it")
	cmd.AddCommand(serveCommand(), devCommand(), migrateCommand(), pluginCommand(), userCommand(), auditCommand(), booksCommand(), vaultCommand(), doctorCommand(), listenCommand(), versionCommand())
	return cmd
}

// config merges the sources for a command: its own flags are named like the settings.
func config(cmd *cobra.Command) (host.Config, error) {
	path, err := cmd.Flags().GetString("config")
	if err != nil {
		return host.Config{}, fmt.Errorf("zhanggui: %w", err)
	}
	return host.LoadConfig(path, cmd.Flags())
}

// console is the built console, or nil when this program was built without it.
func console() fs.FS {
	files, err := adminui.FS()
	if err != nil {
		return nil
	}
	return files
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), version)
			return err
		},
	}
}
