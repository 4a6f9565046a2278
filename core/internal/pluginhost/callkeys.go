package pluginhost

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/zhanggui-pay/zhanggui/core"
)

// previousSuffix after a credential's name means the version before the one that signs.
const previousSuffix = "@previous"

// preferences remember, per account, a newest version whose signature the provider
// refused while the one before it was accepted. They are hints: losing them costs one
// refused query.
type preferences struct {
	mu  sync.Mutex
	bad map[core.KeyPath]int
}

func (p *preferences) refused(path core.KeyPath, version int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bad == nil || len(p.bad) > keyEntries {
		p.bad = map[core.KeyPath]int{}
	}
	p.bad[path] = version
}

// forget is for a version that the provider has taken meanwhile, or for one before it that it
// takes no longer: the newest is tried again.
func (p *preferences) forget(path core.KeyPath, version int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bad[path] == version {
		delete(p.bad, path)
	}
}

func (p *preferences) isRefused(path core.KeyPath, version int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return version > 0 && p.bad[path] == version
}

// callKeys are the credentials of one call: one version signs throughout.
type callKeys struct {
	cache   *keyCache
	path    core.KeyPath
	current *keyEntry
	newest  int
}

// keysFor pins the version that signs: the newest, or the one before it when the newest
// is known to be refused or previous is asked for. An account without keys has none.
func (h *Host) keysFor(ctx context.Context, call core.ProviderCall, previous bool) (*callKeys, error) {
	path := call.Account.KeyPath()
	k := &callKeys{cache: h.keys, path: path}
	newest, err := h.keys.get(ctx, path, 0, call.Account.KeyVersion)
	if errors.Is(err, &core.Error{Code: core.CodeNotFound}) {
		k.current = &keyEntry{}
		return k, nil
	}
	if err != nil {
		return nil, keysUnavailable(err)
	}
	k.current, k.newest = newest, newest.set.Version
	if call.NewestKeys || !previous && !h.prefer.isRefused(path, k.newest) {
		return k, nil
	}
	before, err := h.keys.get(ctx, path, k.newest-1, 0)
	switch {
	case err == nil:
		k.current = before
	case previous || !errors.Is(err, &core.Error{Code: core.CodeNotFound}):
		return nil, keysUnavailable(err)
	}
	return k, nil
}

// keysUnavailable keeps an expected failure and makes one of any other.
func keysUnavailable(err error) error {
	if code := core.CodeOf(err); code != core.CodeInternal {
		return err
	}
	return core.Wrap(err, core.CodeKeysUnavailable, "The keys cannot be read now; nothing was sent. Check that Vault is unsealed and reachable.")
}

// entry finds the version a name means and the name without its suffix.
func (k *callKeys) entry(ctx context.Context, name string) (*keyEntry, string, error) {
	plain, wantsPrevious := strings.CutSuffix(name, previousSuffix)
	if !wantsPrevious {
		return k.current, plain, nil
	}
	if k.current.set.Version < 2 {
		return nil, plain, core.Errorf(core.CodeInvalidCredential, "There is no version before the first of %q.", plain)
	}
	e, err := k.cache.get(ctx, k.path, k.current.set.Version-1, 0)
	if errors.Is(err, &core.Error{Code: core.CodeNotFound}) {
		return nil, plain, core.Errorf(core.CodeInvalidCredential, "The version of %q before this one is retired.", plain)
	}
	if err != nil {
		return nil, plain, keysUnavailable(err)
	}
	return e, plain, nil
}

// merchants are the merchant numbers, which a plugin gets by value.
func (k *callKeys) merchants() map[string]string {
	out := map[string]string{}
	for name, c := range k.current.set.Values {
		if c.Type == core.CredMerchantNumber {
			out[name] = string(c.Value.Reveal())
		}
	}
	return out
}

// secrets are the values that must not stand in evidence.
func (k *callKeys) secrets() [][]byte {
	var out [][]byte
	for _, c := range k.current.set.Values {
		if c.Type != core.CredMerchantNumber {
			out = append(out, c.Value.Reveal())
		}
	}
	return out
}
