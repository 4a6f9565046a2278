package main

import (
	"github.com/spf13/cobra"

	"github.com/zhanggui-pay/zhanggui/core/api"
	"github.com/zhanggui-pay/zhanggui/core/host"
)

func serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "serve", Short: "Serve API and console over PostgreSQL and Vault", Args: cobra.NoArgs,
		Long: "serve needs DATABASE_URL and VAULT_ADDR. Any number of replicas may run over one PostgreSQL and one Vault.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := config(cmd)
			if err != nil {
				return err
			}
			return host.Serve(cmd.Context(), cfg, console(), api.Version{Version: version}, cmd.ErrOrStderr())
		},
	}
	cmd.Flags().String("listen", "127.0.0.1:8080", "host:port of API and console")
	cmd.Flags().String("public_url", "", "where browsers and providers reach us, for instance https://pay.example.com")
	cmd.Flags().String("plugins.dir", "plugins", "folder of the provider plugins")
	return cmd
}

func devCommand() *cobra.Command {
	var o host.DevOptions
	cmd := &cobra.Command{
		Use: "dev", Short: "Run the whole product here: private PostgreSQL, simulated providers, demo data", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Console, o.Version, o.Out = console(), api.Version{Version: version}, cmd.OutOrStdout()
			return host.Dev(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.Listen, "listen", "127.0.0.1:8080", "host:port of API and console; another port is taken when it is in use")
	cmd.Flags().StringVar(&o.StateDir, "state", "", "folder for database, keys and log (default: a private one outside the clone)")
	cmd.Flags().StringVar(&o.BinDir, "bin", "", "folder with provider-sim and plugins/ (default: beside this program)")
	cmd.Flags().StringVar(&o.Plugins, "plugins", "", "plugin directory; what lies there at the start is let in (default: plugins/ in --bin)")
	cmd.Flags().StringVar(&o.LogLevel, "log-level", "info", "debug, info, warn or error")
	cmd.Flags().IntVar(&o.Payments, "payments", 300, "how many demo orders are made on the first start")
	cmd.Flags().BoolVar(&o.Fsync, "fsync", true, "write demo data to disk safely")
	return cmd
}
