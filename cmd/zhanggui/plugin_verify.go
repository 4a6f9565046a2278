package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zhanggui-pay/zhanggui/core/host"
)

// exitError is an error that ends the program with a status of its own. Without an error in it
// everything has been said.
type exitError struct {
	status int
	err    error
}

func (e exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return sentence(e.err)
}

func (e exitError) Unwrap() error { return e.err }

// The statuses of `plugin verify` and `plugin inspect`.
const (
	statusFailed   = 1
	statusNotTried = 2
)

func pluginVerifyCommand() *cobra.Command {
	var o host.VerifyOptions
	cmd := pluginAction("verify FILE", "Run the conformance suite against a plugin's file and print the report; exits 1 when a check failed, 2 when it could not be run",
		cobra.ExactArgs(1), func(cmd *cobra.Command, cfg host.Config, args []string) error {
			passed, err := host.VerifyPluginFile(cmd.Context(), cfg, args[0], o, cmd.OutOrStdout())
			switch {
			case err != nil:
				return exitError{statusNotTried, err}
			case !passed:
				return exitError{status: statusFailed}
			}
			return nil
		})
	cmd.Flags().StringVar(&o.Case, "case", "", "JSON file with what the manifest does not say: settings, credentials, good replies")
	cmd.Flags().BoolVar(&o.JSON, "json", false, "print the report as JSON")
	cmd.Flags().StringVar(&o.Lang, "lang", locale(), "language of the report, zh or en")
	return cmd
}

func pluginInspectCommand() *cobra.Command {
	var lang string
	cmd := pluginAction("inspect FILE", "Say what a plugin's file is, what it asks for and what it could still do wrong", cobra.ExactArgs(1), func(cmd *cobra.Command, cfg host.Config, args []string) error {
		if err := host.InspectPluginFile(cmd.Context(), cfg, args[0], lang, cmd.OutOrStdout()); err != nil {
			return exitError{statusNotTried, err}
		}
		return nil
	})
	cmd.Flags().StringVar(&lang, "lang", locale(), "zh or en")
	return cmd
}

// locale is the language of the terminal.
func locale() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			if strings.HasPrefix(v, "zh") {
				return "zh"
			}
			return "en"
		}
	}
	return "en"
}
