//go:build vault

package keyring

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/vault/api"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/vault"
	"github.com/zhanggui-pay/zhanggui/vault/vaulttest"
)

func optionsFor(server *vaulttest.Server) VaultOptions {
	return VaultOptions{Address: server.Address, RoleID: server.RoleID, SecretID: server.SecretID}
}

func openVault(t *testing.T, options VaultOptions) *Vault {
	t.Helper()
	keys, err := OpenVault(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := keys.Close(); err != nil {
			t.Error(err)
		}
	})
	return keys
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestVaultContract(t *testing.T) {
	t.Parallel()
	shared := vaulttest.Shared(t)
	contract(t, func(t *testing.T, log *slog.Logger) store {
		t.Helper()
		server := shared
		if strings.Contains(t.Name(), "outage") {
			server = vaulttest.Start(t, vault.Options{})
		}
		options := optionsFor(server)
		options.Logger = log
		return store{
			openVault(t, options),
			func(t *testing.T) { t.Helper(); must(t, server.Seal(t.Context())) },
			func(t *testing.T) { t.Helper(); must(t, server.Unseal(t.Context())) },
		}
	})
}

// The same rules with the server gone altogether rather than sealed.
func TestVaultUnreachableAndBack(t *testing.T) {
	t.Parallel()
	server := vaulttest.Start(t, vault.Options{})
	keys := openVault(t, optionsFor(server))
	testOutage(t, store{
		keys,
		func(*testing.T) { server.Stop() },
		func(t *testing.T) { t.Helper(); must(t, server.Restart(t.Context())) },
	}, &witness{})
}

// Keys read before are served for five minutes of an outage, not longer.
func TestVaultServesFromMemoryWhileSealed(t *testing.T) {
	t.Parallel()
	server := vaulttest.Start(t, vault.Options{})
	clock := newClock()
	options := optionsFor(server)
	options.Clock = clock.now
	keys := openVault(t, options)
	path := newPath()
	mustPut(t, keys, path, md5Key("-a"), 0)
	mustHold(t, keys, path, 0, 1, md5Key("-a"))
	must(t, server.Seal(t.Context()))
	clock.advance(staleFor - time.Second)
	mustHold(t, keys, path, 1, 1, md5Key("-a"))
	mustHold(t, keys, path, 0, 1, md5Key("-a"))
	clock.advance(2 * time.Second)
	for _, version := range []int{0, 1} {
		_, err := keys.Get(t.Context(), path, version)
		refused, ok := errors.AsType[*core.Error](err)
		if !ok || refused.Code != core.CodeKeysUnavailable || refused.Message != saySealed {
			t.Errorf("version %d: %v", version, err)
		}
	}
	keys.cache.wipeExpired()
	if len(keys.cache.entries) != 0 {
		t.Error("expired keys stay in memory")
	}
	must(t, server.Unseal(t.Context()))
	clock.advance(downPause)
	mustHold(t, keys, path, 1, 1, md5Key("-a"))
}

// Another node's rotation is seen at once, its retirement within a minute.
func TestVaultMemoryNeverOutlivesARotation(t *testing.T) {
	t.Parallel()
	server := vaulttest.Shared(t)
	clock := newClock()
	options := optionsFor(server)
	options.Clock = clock.now
	a, b := openVault(t, options), openVault(t, optionsFor(server))
	path := newPath()
	mustPut(t, b, path, md5Key("-1"), 0)
	mustHold(t, a, path, 0, 1, md5Key("-1"))
	mustPut(t, b, path, md5Key("-2"), 1)
	mustHold(t, a, path, 0, 2, md5Key("-2"))
	mustPut(t, a, path, md5Key("-3"), 2)
	mustHold(t, a, path, 0, 3, md5Key("-3"))
	mustHold(t, a, path, 1, 1, md5Key("-1"))
	must(t, b.Retire(t.Context(), path, 1))
	clock.advance(freshFor + time.Second)
	mustFail(t, &witness{}, get(a, t.Context(), path, 1), core.CodeNotFound)
}

// meddler stands between the client and Vault and spoils writes.
type meddler struct {
	*httptest.Server
	target string
	spoil  atomic.Value // func(w, forward func() (*http.Response, error))
}

type spoiler func(w http.ResponseWriter, forward func() *http.Response)

func newMeddler(t *testing.T, target string) *meddler {
	t.Helper()
	m := &meddler{target: target}
	m.spoil.Store(spoiler(nil))
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		forward := func() *http.Response {
			out, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), r.Method, target+r.URL.RequestURI(), strings.NewReader(string(body)))
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			out.Header = r.Header.Clone()
			answer, err := http.DefaultTransport.RoundTrip(out)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			return answer
		}
		spoil, _ := m.spoil.Load().(spoiler)
		if spoil != nil && r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/data/") {
			spoil(w, forward)
			return
		}
		relay(w, forward())
	}))
	t.Cleanup(m.Close)
	return m
}

func relay(w http.ResponseWriter, answer *http.Response) {
	defer func() { _ = answer.Body.Close() }()
	w.WriteHeader(answer.StatusCode)
	_, _ = io.Copy(w, answer.Body)
}

func TestVaultLostAnswers(t *testing.T) {
	t.Parallel()
	server := vaulttest.Shared(t)
	cases := map[string]struct {
		spoil  spoiler
		code   core.Code // of the spoilt Put
		stands bool
	}{
		"answer cut off": {func(_ http.ResponseWriter, forward func() *http.Response) {
			_ = forward().Body.Close()
			panic(http.ErrAbortHandler)
		}, "", true},
		"answer turned into a proxy's error": {func(w http.ResponseWriter, forward func() *http.Response) {
			_ = forward().Body.Close()
			w.WriteHeader(http.StatusBadGateway)
		}, "", true},
		"sent twice, second answer given": {func(w http.ResponseWriter, forward func() *http.Response) {
			_ = forward().Body.Close()
			relay(w, forward())
		}, "", true},
		"never arrived": {func(http.ResponseWriter, func() *http.Response) {
			panic(http.ErrAbortHandler)
		}, core.CodeKeysUnavailable, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			between := newMeddler(t, server.Address)
			options := optionsFor(server)
			options.Address = between.URL
			keys, direct := openVault(t, options), openVault(t, optionsFor(server))
			path := newPath()
			mustPut(t, keys, path, md5Key("-1"), 0)
			between.spoil.Store(c.spoil)
			version, err := keys.Put(t.Context(), path, md5Key("-2"), 1)
			if core.CodeOf(err) != c.code || err == nil && version != 2 {
				t.Fatalf("Put = %d, %v", version, err)
			}
			if c.stands {
				mustHold(t, direct, path, 0, 2, md5Key("-2"))
			} else {
				mustHold(t, direct, path, 0, 1, md5Key("-1"))
			}
			// A true conflict stays one through the same fault.
			mustPut(t, direct, path, md5Key("-other"), newestVersion(t, direct, path))
			_, err = keys.Put(t.Context(), path, md5Key("-3"), 1)
			mustFail(t, &witness{}, err, core.CodeConflict)
		})
	}
}

func TestVaultLogsInAgain(t *testing.T) {
	t.Parallel()
	server := vaulttest.Start(t, vault.Options{TokenTTL: 2 * time.Second, TokenMaxTTL: 4 * time.Second})
	keys := openVault(t, optionsFor(server))
	path := newPath()
	mustPut(t, keys, path, md5Key("-a"), 0)
	// Nobody asks for keys meanwhile: the keeper alone notices.
	eventually(t, "the host does not log in again by itself", func() bool { return keys.session.generation.Load() >= 2 })
	// Past the token's life several times over, every read is answered.
	eventually(t, "the host does not log in again", func() bool {
		mustHold(t, keys, path, 0, 1, md5Key("-a"))
		return keys.session.generation.Load() >= 3
	})
}

// A token revoked behind our back is replaced by the request that meets it.
func TestVaultRevokedToken(t *testing.T) {
	t.Parallel()
	server := vaulttest.Shared(t)
	keys := openVault(t, optionsFor(server))
	path := newPath()
	mustPut(t, keys, path, md5Key("-a"), 0)
	for version := 1; version < 4; version++ {
		before := keys.session.generation.Load()
		must(t, server.Client(t).Auth().Token().RevokeTreeWithContext(t.Context(), keys.session.client.Token()))
		mustPut(t, keys, path, md5Key("-b"+strings.Repeat("b", version)), version)
		if keys.session.generation.Load() <= before {
			t.Fatal("the token was not revoked, or did not matter")
		}
	}
}

func TestVaultHealthSaysWhatToDo(t *testing.T) {
	t.Parallel()
	server := vaulttest.Start(t, vault.Options{})
	ctx := t.Context()
	says := func(want string, options VaultOptions) {
		t.Helper()
		err := openVault(t, options).Health(ctx)
		if refused, ok := errors.AsType[*core.Error](err); !ok || refused.Message != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	good := optionsFor(server)
	wrong := good
	wrong.SecretID = core.SecretString(canary)
	says(sayLogin, wrong)
	file := good
	file.SecretID, file.SecretIDFile = core.Secret{}, filepath.Join(t.TempDir(), "none")
	says(saySecretFile, file)
	nobody := good
	nobody.Address = "http://127.0.0.1:1"
	says(sayUnreachable, nobody)
	root := server.Client(t)
	must(t, root.Sys().PutPolicyWithContext(ctx, vault.HostPolicy, `path "none" { capabilities = ["read"] }`))
	says(sayPolicy, good)
	must(t, server.Bootstrap(ctx, vault.Options{}))
	must(t, openVault(t, good).Health(ctx))
	must(t, root.Sys().UnmountWithContext(ctx, vault.Mount))
	says(sayMount, good)
	must(t, server.Bootstrap(ctx, vault.Options{}))
	must(t, server.Seal(ctx))
	says(saySealed, good)
	must(t, server.Unseal(ctx))
	must(t, openVault(t, good).Health(ctx))
}

func TestVaultSecretIDFile(t *testing.T) {
	t.Parallel()
	server := vaulttest.Shared(t)
	file := filepath.Join(t.TempDir(), "secret-id")
	must(t, os.WriteFile(file, append(server.SecretID.Reveal(), '\n'), 0o600))
	options := optionsFor(server)
	options.SecretID, options.SecretIDFile = core.Secret{}, file
	must(t, openVault(t, options).Health(t.Context()))
}

// What a machine sets for the vault command changes nothing here.
func TestVaultIgnoresTheEnvironment(t *testing.T) {
	server := vaulttest.Shared(t)
	t.Setenv("VAULT_ADDR", "http://127.0.0.1:1")
	t.Setenv("VAULT_TOKEN", "wrong")
	t.Setenv("VAULT_NAMESPACE", "wrong")
	t.Setenv("VAULT_MAX_RETRIES", "50")
	t.Setenv("VAULT_HEADERS", `{"X-Test": "wrong"}`)
	keys := openVault(t, optionsFor(server))
	mustPut(t, keys, newPath(), md5Key("-a"), 0)
	if headers := keys.session.client.Headers(); len(headers) != 1 {
		t.Errorf("headers from the environment: %v", headers)
	}
	if keys.session.client.MaxRetries() != 0 {
		t.Error("the client retries")
	}
}

// The host's policy allows what the keyring does and nothing more.
func TestVaultHostPolicyIsNarrow(t *testing.T) {
	t.Parallel()
	server := vaulttest.Shared(t)
	keys := openVault(t, optionsFor(server))
	path := newPath()
	mustPut(t, keys, path, md5Key("-a"), 0)
	host, ctx := keys.session.client.Logical(), t.Context()
	at := func(kind string, of core.KeyPath) string { return vault.Mount + "/" + kind + "/" + pathOf(of) }
	forbidden := map[string]func() error{
		"list tenants":      func() error { _, err := host.ListWithContext(ctx, vault.Mount+"/metadata/tenants"); return err },
		"read metadata":     func() error { _, err := host.ReadWithContext(ctx, at("metadata", path)); return err },
		"delete the newest": func() error { _, err := host.DeleteWithContext(ctx, at("data", path)); return err },
		"delete all":        func() error { _, err := host.DeleteWithContext(ctx, at("metadata", path)); return err },
		"destroy a platform": func() error {
			_, err := host.WriteWithContext(ctx, at("destroy", core.KeyPath{}), map[string]any{"versions": []int{1}})
			return err
		},
		"change the mount": func() error {
			_, err := host.WriteWithContext(ctx, vault.Mount+"/config", map[string]any{"cas_required": false})
			return err
		},
		"read another's path": func() error { _, err := host.ReadWithContext(ctx, vault.Mount+"/data/other/x"); return err },
		"issue secret ids": func() error {
			_, err := host.WriteWithContext(ctx, "auth/approle/role/"+vault.HostRole+"/secret-id", nil)
			return err
		},
		"read policies": func() error { _, err := host.ReadWithContext(ctx, "sys/policies/acl/"+vault.HostPolicy); return err },
	}
	for name, try := range forbidden {
		if err := try(); statusOf(err) != http.StatusForbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := host.WriteWithContext(ctx, at("data", path), map[string]any{"data": map[string]any{"values": map[string]any{}}})
	if statusOf(err) != http.StatusBadRequest {
		t.Errorf("a write without check-and-set: %v", err)
	}
}

// The bootstrap's own policy suffices to run it again, and reads no keys.
func TestVaultBootstrapPolicySuffices(t *testing.T) {
	t.Parallel()
	server := vaulttest.Start(t, vault.Options{})
	keys := openVault(t, optionsFor(server))
	path := newPath()
	mustPut(t, keys, path, md5Key("-a"), 0)
	made, err := server.Client(t).Auth().Token().CreateWithContext(t.Context(), &api.TokenCreateRequest{Policies: []string{vault.BootstrapPolicy}})
	must(t, err)
	operator, err := vault.NewClient(server.Address, core.SecretString(made.Auth.ClientToken))
	must(t, err)
	roleID, err := vault.Bootstrap(t.Context(), operator, vault.Options{})
	if err != nil || roleID != server.RoleID {
		t.Fatalf("bootstrap again: role %q, %v", roleID, err)
	}
	secretID, err := vault.NewSecretID(t.Context(), operator)
	must(t, err)
	_, err = operator.Logical().ReadWithContext(t.Context(), vault.Mount+"/data/"+pathOf(path))
	if statusOf(err) != http.StatusForbidden {
		t.Errorf("an operator reads keys: %v", err)
	}
	options := optionsFor(server)
	options.SecretID = secretID
	mustHold(t, openVault(t, options), path, 0, 1, md5Key("-a"))
}

// The values are in Vault, readable to whoever may, each version of its own.
func TestVaultHoldsTheValues(t *testing.T) {
	t.Parallel()
	server := vaulttest.Shared(t)
	path := newPath()
	mustPut(t, openVault(t, optionsFor(server)), path, md5Key("-a"), 0)
	secret, err := server.Client(t).KVv2(vault.Mount).GetVersion(t.Context(), pathOf(path), 1)
	must(t, err)
	values, _ := secret.Data["values"].(map[string]any)
	key, _ := values["key"].(map[string]any)
	if key["value"] != canary+"-a" || key["type"] != "md5_key" {
		t.Errorf("stored as %v", secret.Data)
	}
}

// Over TLS the server's authority must be the one named.
func TestVaultOverTLS(t *testing.T) {
	t.Parallel()
	server := vaulttest.Shared(t)
	target, err := url.Parse(server.Address)
	must(t, err)
	front := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(target))
	front.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // the refused handshake is the case
	front.StartTLS()
	t.Cleanup(front.Close)
	authority := filepath.Join(t.TempDir(), "ca.pem")
	must(t, os.WriteFile(authority, []byte(pemText("CERTIFICATE", front.Certificate().Raw)), 0o600))
	options := optionsFor(server)
	options.Address = front.URL
	mustFail(t, &witness{}, openVault(t, options).Health(t.Context()), core.CodeKeysUnavailable)
	options.CAFile = authority
	must(t, openVault(t, options).Health(t.Context()))
	operator, err := vault.NewClient(front.URL, server.RootToken, authority)
	must(t, err)
	_, err = vault.Bootstrap(t.Context(), operator, vault.Options{})
	must(t, err)
}

func TestVaultOptionsAreChecked(t *testing.T) {
	t.Parallel()
	good := VaultOptions{Address: "https://vault.example:8200", RoleID: "r", SecretID: core.SecretString(canary)}
	for name, change := range map[string]func(*VaultOptions){
		"no scheme":    func(o *VaultOptions) { o.Address = "vault.example:8200" },
		"no address":   func(o *VaultOptions) { o.Address = "" },
		"no role":      func(o *VaultOptions) { o.RoleID = "" },
		"no secret":    func(o *VaultOptions) { o.SecretID = core.Secret{} },
		"no authority": func(o *VaultOptions) { o.CAFile = filepath.Join(t.TempDir(), "none") },
	} {
		bad := good
		change(&bad)
		if _, err := newVaultClient(bad.withDefaults()); err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := newVaultClient(good.withDefaults()); err != nil {
		t.Error(err)
	}
}
