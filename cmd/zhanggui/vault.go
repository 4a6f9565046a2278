package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/host"
	"github.com/zhanggui-pay/zhanggui/vault"
)

// vaultCommand is run once, by an operator with a token; a node never holds such a token.
func vaultCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "vault", Short: "Prepare Vault"}
	var secretIDFile string
	bootstrap := &cobra.Command{
		Use: "bootstrap", Short: "Make the key store, the policies and the hosts' role, and a secret id for one host", Args: cobra.NoArgs,
		Long: "bootstrap reads an operator's token from VAULT_TOKEN. It may be repeated: what stands already is left alone.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := config(cmd)
			if err != nil {
				return err
			}
			token := os.Getenv("VAULT_TOKEN")
			if cfg.Vault.Address == "" || token == "" {
				return core.Errorf(core.CodeKeysUnavailable, "Set VAULT_ADDR and VAULT_TOKEN (an operator's token) for the bootstrap.")
			}
			client, err := vault.NewClient(cfg.Vault.Address, core.SecretString(token), cfg.Vault.CACert)
			if err != nil {
				return err
			}
			roleID, err := vault.Bootstrap(cmd.Context(), client, vault.Options{})
			if err != nil {
				return err
			}
			secretID, err := vault.NewSecretID(cmd.Context(), client)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if secretIDFile == "" {
				// Shown once, to the person who bootstraps, who keeps it in a file.
				_, err = fmt.Fprintf(out, "role id:   %s\nsecret id: %s\n", roleID, secretID.Reveal())
				return err
			}
			if err := os.WriteFile(secretIDFile, secretID.Reveal(), 0o600); err != nil { //nolint:gosec // the operator names the file
				return fmt.Errorf("write the secret id: %w", err)
			}
			_, err = fmt.Fprintf(out, "role id:   %s\nThe secret id is in %s.\n", roleID, secretIDFile)
			return err
		},
	}
	bootstrap.Flags().StringVar(&secretIDFile, "secret-id-file", "", "write the secret id there, mode 0600, instead of printing it")
	cmd.AddCommand(bootstrap, &cobra.Command{
		Use: "rotate-wrapping-key", Short: "Make a new version of the key that wraps the keys of sealed columns", Args: cobra.NoArgs,
		Long: "New values are sealed under the new version within five minutes on every node. Old versions go on opening old values: never destroy them.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := config(cmd)
			if err != nil {
				return err
			}
			return host.RotateWrappingKey(cmd.Context(), cfg, cmd.OutOrStdout())
		},
	})
	return cmd
}
