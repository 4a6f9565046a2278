package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/zhanggui-pay/zhanggui/core"
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
			client, err := vault.NewClient(cfg.Vault.Address, core.SecretString(token))
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
			if err := os.WriteFile(secretIDFile, secretID.Reveal(), 0o600); err != nil {
				return fmt.Errorf("write the secret id: %w", err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "ZHANGGUI_VAULT_ROLE_ID=%s\nZHANGGUI_VAULT_SECRET_ID_FILE=%s\n", roleID, secretIDFile)
			return err
		},
	}
	bootstrap.Flags().StringVar(&secretIDFile, "secret-id-file", "vault-secret-id", "where the secret id is written, mode 0600")
	cmd.AddCommand(bootstrap)
	return cmd
}
