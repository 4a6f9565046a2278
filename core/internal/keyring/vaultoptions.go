package keyring

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/hashicorp/vault/api"

	"github.com/zhanggui-pay/zhanggui/core"
)

// VaultOptions says where Vault is and who we are there. Nothing is taken from VAULT_*
// environment variables: what a deployment sets there for the vault command must not
// change how the host reads keys.
type VaultOptions struct {
	Address string // https://vault.example:8200; http only where the network is trusted
	CAFile  string // PEM of a private authority, or empty for the system's
	// Namespace of Vault Enterprise, or empty.
	Namespace string
	Mount     string // of the KV store; "zhanggui" if empty
	AuthMount string // of AppRole; "approle" if empty

	RoleID       string
	SecretID     core.Secret
	SecretIDFile string // instead of SecretID; read again at each log-in

	Timeout time.Duration // of one exchange; 5 s if zero
	Clock   core.Clock    // time.Now if nil
	Logger  *slog.Logger  // silent if nil
}

func (o VaultOptions) withDefaults() VaultOptions {
	if o.Mount == "" {
		o.Mount = "zhanggui"
	}
	if o.AuthMount == "" {
		o.AuthMount = "approle"
	}
	if o.Timeout <= 0 {
		o.Timeout = 5 * time.Second
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

func (o VaultOptions) check() error {
	address, err := url.Parse(o.Address)
	if err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" {
		return errors.New("the address of Vault is not a URL such as https://vault.example:8200")
	}
	if o.RoleID == "" || o.SecretID.Empty() && o.SecretIDFile == "" {
		return errors.New("Vault needs this host's AppRole role id and secret id (the bootstrap prints them)")
	}
	return nil
}

// newVaultClient sets everything the client would otherwise take from its environment or
// decide by itself: no retries (a repeated write reports a mismatch), no proxy, no
// redirect by the transport.
func newVaultClient(o VaultOptions) (*api.Client, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	roots, err := authorities(o.CAFile)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		DialContext:           (&net.Dialer{Timeout: 3 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		TLSHandshakeTimeout:   3 * time.Second,
		ResponseHeaderTimeout: o.Timeout,
		MaxIdleConnsPerHost:   32,
		IdleConnTimeout:       time.Minute,
		ForceAttemptHTTP2:     true,
	}
	client, err := api.NewClient(&api.Config{
		Address:    o.Address,
		HttpClient: &http.Client{Transport: transport, CheckRedirect: lastResponse},
		MaxRetries: 0,
		Timeout:    o.Timeout,
	})
	if err != nil {
		return nil, fmt.Errorf("set up Vault's client (a broken VAULT_* variable in the environment also causes this: remove it): %w", err)
	}
	client.ClearToken()
	client.SetHeaders(http.Header{api.RequestHeaderName: {"true"}})
	if o.Namespace != "" {
		client.SetNamespace(o.Namespace)
	}
	return client, nil
}

func lastResponse(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func authorities(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil //nolint:nilnil // no pool means the system's authorities
	}
	text, err := os.ReadFile(file) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("read Vault's certificate authority: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no PEM certificate for Vault's authority", file)
	}
	return pool, nil
}
