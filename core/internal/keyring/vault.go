package keyring

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/vault/api"
	"golang.org/x/sync/singleflight"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Vault is the keyring over HashiCorp Vault: KV version 2, one path per tenant and
// account, written with check-and-set.
//
// Get of a numbered version is answered from memory for a minute, and for five minutes
// while Vault is sealed or unreachable; after that it is CodeKeysUnavailable. Get of the
// newest (version zero) always asks Vault and falls back on memory only during an outage.
// Another node's Retire is therefore seen within a minute.
type Vault struct {
	session *session
	kv      *api.KVv2
	options VaultOptions
	cache   *cache
	flights singleflight.Group

	mu        sync.Mutex
	downUntil time.Time
	downErr   error

	stop context.CancelFunc
	done sync.WaitGroup
}

var _ core.Keyring = (*Vault)(nil)

// downPause is how long an outage is believed without asking again, so that callers do
// not each wait for a Vault that does not answer.
const downPause = time.Second

// OpenVault checks the options and returns at once: the first log-in runs in the
// background, so that a host can start, and say so on /readyz, while Vault is sealed.
// Close it at the end.
func OpenVault(options VaultOptions) (*Vault, error) {
	options = options.withDefaults()
	client, err := newVaultClient(options)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	v := &Vault{
		session: newSession(client, options), kv: client.KVv2(options.Mount), options: options,
		cache: newCache(options.Clock), stop: stop,
	}
	v.done.Go(func() { v.session.keep(ctx) })
	v.done.Go(func() { v.wipeRegularly(ctx) })
	return v, nil
}

// Close gives the token back and wipes what is in memory.
func (v *Vault) Close() error {
	v.stop()
	v.done.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	v.session.revoke(ctx)
	v.cache.wipe()
	return nil
}

func (v *Vault) wipeRegularly(ctx context.Context) {
	ticker := time.NewTicker(cacheWiping)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			v.cache.wipeExpired()
		}
	}
}

// Get implements core.Keyring.
func (v *Vault) Get(ctx context.Context, path core.KeyPath, version int) (core.KeySet, error) {
	if version < 0 {
		return core.KeySet{}, notFound()
	}
	if version > 0 {
		if set, ok := v.cache.get(path, version, freshFor); ok {
			return set, nil
		}
	}
	set, err := v.shared(ctx, path, version)
	if core.CodeOf(err) == core.CodeKeysUnavailable {
		if kept, ok := v.cache.get(path, version, staleFor); ok {
			return kept, nil
		}
	}
	return set, err
}

// shared asks Vault once for all who want the same version of the same path now. A caller
// who wants the newest joins only those who asked after the last change it could know of.
func (v *Vault) shared(ctx context.Context, path core.KeyPath, version int) (core.KeySet, error) {
	if err := v.believedDown(); err != nil {
		return core.KeySet{}, err
	}
	read := v.cache.begin()
	key := pathOf(path) + "#" + strconv.Itoa(version) + "#" + strconv.FormatUint(read.changes, 10)
	if version == 0 {
		return v.fetch(ctx, path, 0, read)
	}
	answer := v.flights.DoChan(key, func() (any, error) {
		return v.fetch(context.WithoutCancel(ctx), path, version, read)
	})
	select {
	case <-ctx.Done():
		return core.KeySet{}, gaveUp(ctx)
	case got := <-answer:
		if got.Err != nil {
			return core.KeySet{}, got.Err
		}
		set, _ := got.Val.(core.KeySet)
		return cloneSet(set), nil
	}
}

func (v *Vault) fetch(ctx context.Context, path core.KeyPath, version int, read reading) (core.KeySet, error) {
	set, err := v.read(ctx, path, version)
	switch {
	case err == nil:
		v.believeUp()
		v.cache.put(path, set, read, version == 0)
		return set, nil
	case core.CodeOf(err) == core.CodeNotFound, errors.Is(err, errForm):
		v.believeUp()
		return core.KeySet{}, err
	case ctx.Err() != nil:
		return core.KeySet{}, gaveUp(ctx)
	}
	return core.KeySet{}, v.down(err)
}

// read asks Vault. The client's own KV helper cannot tell a path that does not exist from
// a mount that does not exist; the first says CodeNotFound here, the second fails.
func (v *Vault) read(ctx context.Context, path core.KeyPath, version int) (core.KeySet, error) {
	var secret *api.Secret
	err := v.session.do(ctx, func(ctx context.Context) (err error) {
		secret, err = v.readRaw(ctx, path, version)
		return err
	})
	if refused, ok := errors.AsType[*api.ResponseError](err); ok && refused.StatusCode == http.StatusNotFound && len(refused.Errors) == 0 {
		return core.KeySet{}, notFound()
	}
	if err != nil {
		return core.KeySet{}, err
	}
	return keySetFrom(secret)
}

func (v *Vault) readRaw(ctx context.Context, path core.KeyPath, version int) (*api.Secret, error) {
	query := map[string][]string{}
	if version > 0 {
		query["version"] = []string{strconv.Itoa(version)}
	}
	answer, err := v.session.client.Logical().ReadRawWithDataWithContext(ctx, v.options.Mount+"/data/"+pathOf(path), query)
	if answer != nil {
		defer func() { _ = answer.Body.Close() }()
	}
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	secret, err := api.ParseSecret(answer.Body)
	if err != nil || secret == nil {
		return nil, errors.New("read keys: the answer is no answer of Vault's")
	}
	return secret, nil
}

// Put implements core.Keyring.
func (v *Vault) Put(ctx context.Context, path core.KeyPath, values map[string]core.Credential, expect int) (int, error) {
	if err := checkPut(values, expect); err != nil {
		return 0, err
	}
	defer v.cache.rotated(path)
	err := v.session.do(ctx, func(ctx context.Context) error {
		_, err := v.kv.Put(ctx, pathOf(path), map[string]any{"values": newDocument(values)}, api.WithCheckAndSet(expect))
		return err
	})
	if err == nil {
		v.believeUp()
		return expect + 1, nil
	}
	if !mayHaveWritten(err) {
		return 0, v.down(err)
	}
	return v.readBack(ctx, path, values, expect+1, err)
}

// mayHaveWritten is true when the write may stand although it was not acknowledged: the
// answer was lost, or Vault reports a mismatch, which a repeated write causes itself.
func mayHaveWritten(err error) bool {
	status := statusOf(err)
	return status == 0 || isMismatch(err) || status >= http.StatusInternalServerError && status != http.StatusServiceUnavailable
}

func isMismatch(err error) bool {
	refused, ok := errors.AsType[*api.ResponseError](err)
	return ok && refused.StatusCode == http.StatusBadRequest && strings.Contains(strings.Join(refused.Errors, " "), "check-and-set")
}

// readBack settles an unacknowledged write: the version it would have made either holds
// these very values, or others, or does not exist. It has its own time: the caller's may
// have run out waiting for the lost answer.
func (v *Vault) readBack(ctx context.Context, path core.KeyPath, values map[string]core.Credential, version int, cause error) (int, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), v.options.Timeout)
	defer cancel()
	set, err := v.fetch(ctx, path, version, v.cache.begin())
	switch {
	case err == nil && sameValues(set.Values, values):
		return version, nil
	case err == nil || isMismatch(cause):
		if core.CodeOf(err) == core.CodeKeysUnavailable {
			return 0, err
		}
		return 0, conflict()
	case core.CodeOf(err) == core.CodeNotFound:
		return 0, outage(cause)
	}
	return 0, err
}

// Retire implements core.Keyring.
func (v *Vault) Retire(ctx context.Context, path core.KeyPath, version int) error {
	if err := checkRetire(path, version); err != nil {
		return err
	}
	if _, err := v.fetch(ctx, path, version, v.cache.begin()); err != nil {
		return err
	}
	defer v.cache.drop(path, version)
	err := v.session.do(ctx, func(ctx context.Context) error {
		return v.kv.Destroy(ctx, pathOf(path), []int{version})
	})
	if err != nil {
		return v.down(err)
	}
	return nil
}

// Health implements core.Keyring. It reads below our mount, which a log-in, a policy or a
// mount that is missing lets fail as the real thing would.
func (v *Vault) Health(ctx context.Context) error {
	_, err := v.read(ctx, core.KeyPath{}, 0)
	if err == nil || core.CodeOf(err) == core.CodeNotFound {
		v.believeUp()
		return nil
	}
	if ctx.Err() == nil && statusOf(err) != http.StatusForbidden {
		err = v.sealedOrNew(ctx, err)
	}
	return v.down(err)
}

func (v *Vault) sealedOrNew(ctx context.Context, err error) error {
	health, healthErr := v.session.client.Sys().HealthWithContext(ctx)
	if healthErr == nil && !health.Initialized {
		return errors.Join(errUninitialised, err)
	}
	return err
}

func (v *Vault) down(err error) error {
	out := outage(err)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.downUntil, v.downErr = v.options.Clock().Add(downPause), out
	return out
}

func (v *Vault) believeUp() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.downErr = nil
}

func (v *Vault) believedDown() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.downErr != nil && v.options.Clock().Before(v.downUntil) {
		return v.downErr
	}
	return nil
}
