package main

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/zhanggui-pay/zhanggui/core/host"
)

func migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use: "migrate", Short: "Bring the database up to date", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := config(cmd)
			if err != nil {
				return err
			}
			return host.Migrate(cmd.Context(), cfg, cmd.OutOrStdout())
		},
	}
}

func userCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "user", Short: "Help users in"}
	cmd.AddCommand(&cobra.Command{
		Use: "login-link E-MAIL", Short: "Print a one-time link that signs a user in (an hour)", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := config(cmd)
			if err != nil {
				return err
			}
			return host.LoginLink(cmd.Context(), cfg, args[0], cmd.OutOrStdout())
		},
	})
	return cmd
}

func auditCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "audit", Short: "Look after the audit log"}
	cmd.AddCommand(&cobra.Command{
		Use: "verify", Short: "Find edits, removals and swaps in the audit chains", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := config(cmd)
			if err != nil {
				return err
			}
			return host.VerifyAudit(cmd.Context(), cfg, cmd.OutOrStdout())
		},
	})
	return cmd
}

func booksCommand() *cobra.Command {
	var repair bool
	verify := &cobra.Command{
		Use: "verify", Short: "Compare orders with the merchants' books", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := config(cmd)
			if err != nil {
				return err
			}
			return host.VerifyBooks(cmd.Context(), cfg, repair, cmd.OutOrStdout())
		},
	}
	verify.Flags().BoolVar(&repair, "repair", false, "book what is missing, today, as a correction; nothing that was booked is changed")
	cmd := &cobra.Command{Use: "books", Short: "Look after the merchants' books"}
	cmd.AddCommand(verify)
	return cmd
}

func doctorCommand() *cobra.Command {
	var ready string
	var restored bool
	cmd := &cobra.Command{
		Use: "doctor", Short: "Try everything a node needs and say what is wrong", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if ready != "" {
				return askReady(cmd, ready)
			}
			cfg, err := config(cmd)
			if err != nil {
				return err
			}
			if restored {
				return host.AfterRestore(cmd.Context(), cfg, commander(), cmd.OutOrStdout())
			}
			return host.Doctor(cmd.Context(), cfg, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&ready, "ready", "", "only ask the node at this address, as http://host:port, whether it is ready: for images without a shell")
	cmd.Flags().BoolVar(&restored, "after-restore", false, "make a restored database fit to serve: new order numbers, what must be asked again, sessions ended; run it once, before serving, as the owner")
	return cmd
}

// askReady fails unless the node at address says it is ready.
func askReady(cmd *cobra.Command, address string) error {
	req, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, strings.TrimSuffix(address, "/")+"/readyz", http.NoBody)
	if err != nil {
		return fmt.Errorf("doctor: %w", err)
	}
	client := http.Client{Timeout: 5 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("doctor: %w", err)
	}
	if err := resp.Body.Close(); err != nil {
		return fmt.Errorf("doctor: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return errors.New("the node is not ready")
	}
	return nil
}
