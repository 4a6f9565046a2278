package vault

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/vault/api"

	"github.com/zhanggui-pay/zhanggui/core"
)

// maxVersions is how many versions of an account's keys Vault keeps. The keyring's
// embedded store has the same number.
const maxVersions = 100

// Options of a bootstrap. Zero values take the defaults given.
type Options struct {
	TokenTTL    time.Duration // of a host's token, renewed all the while; 1 h
	TokenMaxTTL time.Duration // after which a host logs in again; 24 h
	SecretIDTTL time.Duration // of a host's secret id; zero never ends
}

// Role is what a host needs to log in.
type Role struct {
	RoleID   string
	SecretID core.Secret
}

// NewClient makes a client for the bootstrap with an operator's token, taking nothing
// from VAULT_* environment variables. caFile is the PEM of a private authority, or empty
// for the system's.
func NewClient(address string, token core.Secret, caFile ...string) (*api.Client, error) {
	if address == "" {
		return nil, errors.New("the address of Vault is empty: it looks like https://vault.example:8200")
	}
	roots, err := authorities(caFile)
	if err != nil {
		return nil, err
	}
	client, err := api.NewClient(&api.Config{
		Address: address, Timeout: 30 * time.Second,
		HttpClient: &http.Client{
			Transport: &http.Transport{
				TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
				TLSHandshakeTimeout: 10 * time.Second, ForceAttemptHTTP2: true,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	})
	if err != nil {
		return nil, fmt.Errorf("set up Vault's client: %w", err)
	}
	client.SetHeaders(http.Header{api.RequestHeaderName: {"true"}})
	client.SetToken(string(token.Reveal()))
	return client, nil
}

func authorities(files []string) (*x509.CertPool, error) {
	var pool *x509.CertPool // nil means the system's
	for _, file := range files {
		if file == "" {
			continue
		}
		text, err := os.ReadFile(file) //nolint:gosec // the operator names the file
		if err != nil {
			return nil, fmt.Errorf("read Vault's certificate authority: %w", err)
		}
		if pool == nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%s holds no PEM certificate for Vault's authority", file)
		}
	}
	return pool, nil
}

// Bootstrap brings Vault into the state hosts need, whatever part of it stands already:
// the KV version 2 mount with check-and-set required, AppRole, both policies and the
// hosts' role. It returns the role id and issues no secret id: see NewSecretID.
func Bootstrap(ctx context.Context, client *api.Client, options Options) (roleID string, err error) {
	if options.TokenTTL <= 0 {
		options.TokenTTL = time.Hour
	}
	if options.TokenMaxTTL <= 0 {
		options.TokenMaxTTL = 24 * time.Hour
	}
	steps := []func(context.Context, *api.Client, Options) error{enableStore, configureStore, enableAppRole, writePolicies, writeRole}
	for _, step := range steps {
		if err := step(ctx, client, options); err != nil {
			return "", err
		}
	}
	secret, err := client.Logical().ReadWithContext(ctx, rolePath("role-id"))
	if err != nil {
		return "", fmt.Errorf("read the hosts' role id: %w", err)
	}
	return textField(secret, "role_id")
}

// NewSecretID issues a secret id for one host. Vault shows it this once.
func NewSecretID(ctx context.Context, client *api.Client) (core.Secret, error) {
	secret, err := client.Logical().WriteWithContext(ctx, rolePath("secret-id"), map[string]any{})
	if err != nil {
		return core.Secret{}, fmt.Errorf("issue a secret id: %w", err)
	}
	text, err := textField(secret, "secret_id")
	return core.SecretString(text), err
}

func enableStore(ctx context.Context, client *api.Client, _ Options) error {
	mounts, err := client.Sys().ListMountsWithContext(ctx)
	if err != nil {
		return fmt.Errorf("list Vault's mounts: %w", err)
	}
	if mount, ok := mounts[Mount+"/"]; ok {
		if mount.Type != "kv" || mount.Options["version"] != "2" {
			return fmt.Errorf("the mount %s/ in Vault is of type %q, not KV version 2: it belongs to something else; move that away", Mount, mount.Type)
		}
		return nil
	}
	err = client.Sys().MountWithContext(ctx, Mount, &api.MountInput{
		Type: "kv", Description: "Keys of provider accounts", Options: map[string]string{"version": "2"},
	})
	if err != nil {
		return fmt.Errorf("enable the store for keys: %w", err)
	}
	return nil
}

// configureStore repeats while Vault upgrades a fresh mount to version 2, which it does
// after having answered that the mount is there.
func configureStore(ctx context.Context, client *api.Client, _ Options) error {
	for attempt := 0; ; attempt++ {
		_, err := client.Logical().WriteWithContext(ctx, Mount+"/config", map[string]any{
			"cas_required": true, "max_versions": maxVersions,
		})
		if err == nil {
			return nil
		}
		if attempt == 50 || !strings.Contains(err.Error(), "Upgrading") {
			return fmt.Errorf("require check-and-set: %w", err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("require check-and-set: %w", ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func enableAppRole(ctx context.Context, client *api.Client, _ Options) error {
	mounts, err := client.Sys().ListAuthWithContext(ctx)
	if err != nil {
		return fmt.Errorf("list Vault's ways to log in: %w", err)
	}
	if mount, ok := mounts[AuthMount+"/"]; ok {
		if mount.Type != "approle" {
			return fmt.Errorf("auth/%s/ in Vault is of type %q, not AppRole", AuthMount, mount.Type)
		}
		return nil
	}
	if err := client.Sys().EnableAuthWithOptionsWithContext(ctx, AuthMount, &api.EnableAuthOptions{Type: "approle"}); err != nil {
		return fmt.Errorf("enable AppRole: %w", err)
	}
	return nil
}

func writePolicies(ctx context.Context, client *api.Client, _ Options) error {
	for _, name := range []string{HostPolicy, BootstrapPolicy} {
		text, err := Policy(name)
		if err != nil {
			return err
		}
		if err := client.Sys().PutPolicyWithContext(ctx, name, text); err != nil {
			return fmt.Errorf("write the policy %s: %w", name, err)
		}
	}
	return nil
}

func writeRole(ctx context.Context, client *api.Client, options Options) error {
	_, err := client.Logical().WriteWithContext(ctx, rolePath(""), map[string]any{
		"token_policies":          []string{HostPolicy},
		"token_no_default_policy": true,
		"token_ttl":               options.TokenTTL.String(),
		"token_max_ttl":           options.TokenMaxTTL.String(),
		"secret_id_ttl":           options.SecretIDTTL.String(),
		"bind_secret_id":          true,
	})
	if err != nil {
		return fmt.Errorf("write the hosts' role: %w", err)
	}
	return nil
}

func rolePath(part string) string {
	return strings.TrimSuffix("auth/"+AuthMount+"/role/"+HostRole+"/"+part, "/")
}

func textField(secret *api.Secret, name string) (string, error) {
	if secret != nil {
		if text, ok := secret.Data[name].(string); ok && text != "" {
			return text, nil
		}
	}
	return "", fmt.Errorf("the answer of Vault holds no %s", name)
}
