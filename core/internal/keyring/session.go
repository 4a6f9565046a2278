package keyring

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/vault/api"
)

// session keeps one valid token: it logs in by AppRole, renews, and logs in again when
// the token nears its end or Vault no longer knows it.
type session struct {
	client  *api.Client
	options VaultOptions

	logins     chan struct{} // holds one token while a log-in runs; waiting for it obeys ctx
	generation atomic.Int64  // counts log-ins; zero before the first
	changed    chan *api.Secret
}

const (
	loginBackoff    = 250 * time.Millisecond
	loginBackoffMax = 30 * time.Second
)

func newSession(client *api.Client, options VaultOptions) *session {
	return &session{
		client: client, options: options,
		logins: make(chan struct{}, 1), changed: make(chan *api.Secret, 1),
	}
}

// ensure gives the current log-in's number, logging in if there was none yet.
func (s *session) ensure(ctx context.Context) (generation int64, err error) {
	if generation := s.generation.Load(); generation > 0 {
		return generation, nil
	}
	err = s.replace(ctx, 0)
	return s.generation.Load(), err
}

// replace logs in again unless someone did since the given log-in.
func (s *session) replace(ctx context.Context, generation int64) error {
	select {
	case s.logins <- struct{}{}:
		defer func() { <-s.logins }()
	case <-ctx.Done():
		return fmt.Errorf("wait for another log-in: %w", ctx.Err())
	}
	if s.generation.Load() != generation {
		return nil
	}
	return s.login(ctx)
}

// login is called by replace only.
func (s *session) login(ctx context.Context) error {
	secretID, err := s.secretID()
	if err != nil {
		return err
	}
	secret, err := s.client.Logical().WriteWithContext(ctx, "auth/"+s.options.AuthMount+"/login", map[string]any{
		"role_id": s.options.RoleID, "secret_id": secretID,
	})
	if err != nil {
		return fmt.Errorf("log in by AppRole: %w", err)
	}
	if secret == nil || secret.Auth == nil || secret.Auth.ClientToken == "" {
		return errors.New("log in by AppRole: the answer holds no token")
	}
	s.client.SetToken(secret.Auth.ClientToken)
	s.generation.Add(1)
	select { // the keeper wants the latest only
	case <-s.changed:
	default:
	}
	s.changed <- secret
	return nil
}

func (s *session) secretID() (string, error) {
	if s.options.SecretIDFile == "" {
		return string(s.options.SecretID.Reveal()), nil
	}
	text, err := os.ReadFile(s.options.SecretIDFile)
	if err != nil {
		return "", fmt.Errorf("read the AppRole secret id: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// keep renews the token until ctx ends.
func (s *session) keep(ctx context.Context) {
	s.loginUntilDone(ctx, 0)
	for {
		select {
		case <-ctx.Done():
			return
		case secret := <-s.changed:
			for secret != nil {
				secret = s.watch(ctx, secret)
			}
		}
	}
}

// watch renews one token until it cannot be renewed further, or until another log-in
// replaced it, whose token it returns.
func (s *session) watch(ctx context.Context, secret *api.Secret) (newer *api.Secret) {
	generation := s.generation.Load()
	watcher, err := s.client.NewLifetimeWatcher(&api.LifetimeWatcherInput{Secret: secret})
	if err != nil {
		s.options.Logger.Error("the Vault token cannot be watched", "error", err)
		return nil
	}
	go watcher.Start()
	defer watcher.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case newer := <-s.changed:
			return newer
		case <-watcher.RenewCh():
			s.options.Logger.Debug("the Vault token was renewed")
		case err := <-watcher.DoneCh():
			s.options.Logger.Debug("the Vault token nears its end; logging in again", "error", sentence(err))
			s.loginUntilDone(ctx, generation)
			return nil
		}
	}
}

// loginUntilDone tries with growing pauses. Several hosts do not wake up together: the
// pause is drawn between half and all of its length.
func (s *session) loginUntilDone(ctx context.Context, generation int64) {
	for pause := loginBackoff; ; pause = min(2*pause, loginBackoffMax) {
		attempt, cancel := context.WithTimeout(ctx, s.options.Timeout)
		err := s.replace(attempt, generation)
		cancel()
		if err == nil {
			return
		}
		s.options.Logger.Warn("Vault does not let this host in; trying again", "error", sentence(err), "pause", pause)
		half := pause / 2
		wait := time.NewTimer(half + rand.N(half)) //nolint:gosec // spreads hosts in time, protects nothing
		select {
		case <-ctx.Done():
			wait.Stop()
			return
		case <-wait.C:
		}
	}
}

// alive says whether Vault still knows our token: a refusal then is a matter of policy.
func (s *session) alive(ctx context.Context) bool {
	_, err := s.client.Auth().Token().LookupSelfWithContext(ctx)
	return statusOf(err) != http.StatusForbidden
}

// revoke gives the token back. It is best effort: the token ends by itself.
func (s *session) revoke(ctx context.Context) {
	if s.generation.Load() > 0 {
		_ = s.client.Auth().Token().RevokeSelfWithContext(ctx, "")
	}
}

// do runs one exchange, logging in first where needed, and repeats it once when the token
// was no longer valid: what Vault answers with 403 it has not done.
func (s *session) do(ctx context.Context, exchange func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	generation, err := s.ensure(ctx)
	if err != nil {
		return err
	}
	err = exchange(ctx)
	if statusOf(err) != http.StatusForbidden || s.alive(ctx) {
		return err
	}
	if err := s.replace(ctx, generation); err != nil {
		return err
	}
	return exchange(ctx)
}

// statusOf is the HTTP status Vault refused with, or zero.
func statusOf(err error) int {
	if refused, ok := errors.AsType[*api.ResponseError](err); ok {
		return refused.StatusCode
	}
	return 0
}

// sentence is an error as it may be logged: Vault's texts hold no values, but its client
// spreads them over lines.
func sentence(err error) string {
	if err == nil {
		return ""
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}
