package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/zhanggui-pay/zhanggui/core/host"
)

func pluginCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "plugin", Short: "Install provider plugins, let them in, take them back"}
	cmd.PersistentFlags().String("plugins.dir", "plugins", "folder of the provider plugins")
	cmd.AddCommand(
		pluginAction("list", "List the files found, with their hashes and what was decided; nothing is started", cobra.NoArgs, func(cmd *cobra.Command, cfg host.Config, _ []string) error {
			return host.ListPlugins(cmd.Context(), cfg, cmd.OutOrStdout())
		}),
		pluginInstallCommand(),
		pluginNewCommand(),
		pluginInspectCommand(),
		pluginVerifyCommand(),
		pluginAction("approve FILE…", "Make files in the plugin directory live, by the hash they have now, and say what they ask for", cobra.MinimumNArgs(1), func(cmd *cobra.Command, cfg host.Config, files []string) error {
			for _, file := range files {
				if err := host.ApprovePluginFile(cmd.Context(), cfg, commander(), file, cmd.OutOrStdout()); err != nil {
					return err
				}
			}
			return nil
		}),
		pluginAction("rollback ID", "Make the version live again that was so before", cobra.ExactArgs(1), func(cmd *cobra.Command, cfg host.Config, args []string) error {
			return host.RollBackPlugin(cmd.Context(), cfg, commander(), args[0], cmd.OutOrStdout())
		}),
		pluginAction("disable ID", "Switch a plugin off on all nodes; calls under way end", cobra.ExactArgs(1), func(cmd *cobra.Command, cfg host.Config, args []string) error {
			return host.TurnPlugin(cmd.Context(), cfg, commander(), args[0], true)
		}),
		pluginAction("enable ID", "Switch a plugin on again with the version it had", cobra.ExactArgs(1), func(cmd *cobra.Command, cfg host.Config, args []string) error {
			return host.TurnPlugin(cmd.Context(), cfg, commander(), args[0], false)
		}),
	)
	return cmd
}

func pluginAction(use, short string, args cobra.PositionalArgs, run func(cmd *cobra.Command, cfg host.Config, args []string) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: args,
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := config(cmd)
			if err != nil {
				return err
			}
			return run(cmd, cfg, args)
		},
	}
}

func pluginInstallCommand() *cobra.Command {
	var sha256, name string
	cmd := pluginAction("install FILE", "Put a plugin into the plugin directory; it waits there to be approved", cobra.ExactArgs(1), func(cmd *cobra.Command, cfg host.Config, args []string) error {
		return host.InstallPlugin(cfg, args[0], name, sha256, cmd.OutOrStdout())
	})
	cmd.Flags().StringVar(&sha256, "sha256", "", "the SHA-256 that its author gives, in hexadecimal")
	cmd.Flags().StringVar(&name, "name", "", "what to call the file there (default: as it is called here)")
	_ = cmd.MarkFlagRequired("sha256") // fails only for a flag that is not there
	return cmd
}

// commander is who decided, in the audit log.
func commander() string { return "command:" + os.Getenv("USER") }
