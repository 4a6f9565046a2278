package pluginhost

import (
	"context"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Bounds of the key cache: keys leave the memory after keyAge, and no more than keyEntries
// versions are held at a time.
const (
	keyAge     = time.Minute
	keyEntries = 4096
)

// keyEntry is one version of an account's credentials with what was parsed of it, once.
type keyEntry struct {
	set     core.KeySet
	expires time.Time
	parsed  sync.Map // name → parsed key
}

type keyID struct {
	path    core.KeyPath
	version int
}

// keyCache holds credentials for a short while, never across a rotation this host knows of.
type keyCache struct {
	keyring core.Keyring
	clock   core.Clock

	mu       sync.Mutex
	versions map[keyID]*keyEntry
	newest   map[core.KeyPath]*keyEntry
	loading  map[keyID]*keyLoad
	epoch    uint64 // counts invalidations, so that a read that began before one is not kept
}

type keyLoad struct {
	done  chan struct{}
	entry *keyEntry
	err   error
}

func newKeyCache(keyring core.Keyring, clock core.Clock) *keyCache {
	return &keyCache{
		keyring: keyring, clock: clock,
		versions: map[keyID]*keyEntry{}, newest: map[core.KeyPath]*keyEntry{}, loading: map[keyID]*keyLoad{},
	}
}

// get gives a version; zero is the newest, and then the answer is at least atLeast.
// Errors are those of core.Keyring.
func (c *keyCache) get(ctx context.Context, path core.KeyPath, version, atLeast int) (*keyEntry, error) {
	c.mu.Lock()
	if e := c.cached(path, version); e != nil && e.set.Version >= atLeast {
		c.mu.Unlock()
		return e, nil
	}
	id := keyID{path, version}
	load, running := c.loading[id]
	if !running {
		load = &keyLoad{done: make(chan struct{})}
		c.loading[id] = load
		// The read serves every waiter, so it is not one caller's to cancel.
		go c.load(context.WithoutCancel(ctx), id, load, c.epoch)
	}
	c.mu.Unlock()
	select {
	case <-load.done:
		return load.entry, load.err
	case <-ctx.Done():
		return nil, core.Wrap(ctx.Err(), core.CodeKeysUnavailable, "The keys could not be read in time; nothing was sent.")
	}
}

func (c *keyCache) cached(path core.KeyPath, version int) *keyEntry {
	e := c.newest[path]
	if version != 0 {
		e = c.versions[keyID{path, version}]
	}
	if e == nil || c.clock().After(e.expires) {
		return nil
	}
	return e
}

func (c *keyCache) load(ctx context.Context, id keyID, load *keyLoad, epoch uint64) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	set, err := c.keyring.Get(ctx, id.path, id.version)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.loading[id] == load {
		delete(c.loading, id)
	}
	defer close(load.done)
	if err != nil {
		load.err = err
		return
	}
	load.entry = &keyEntry{set: set, expires: c.clock().Add(keyAge)}
	if epoch != c.epoch {
		return
	}
	c.keep(id, load.entry)
}

func (c *keyCache) keep(id keyID, e *keyEntry) {
	if len(c.versions) >= keyEntries {
		c.evict()
	}
	c.versions[keyID{id.path, e.set.Version}] = e
	if id.version == 0 {
		c.newest[id.path] = e
	}
}

// evict makes room: first what has expired, then anything.
func (c *keyCache) evict() {
	now := c.clock()
	for id, e := range c.versions {
		if now.After(e.expires) {
			c.drop(id)
		}
	}
	for id := range c.versions {
		if len(c.versions) < keyEntries*3/4 {
			return
		}
		c.drop(id)
	}
}

func (c *keyCache) drop(id keyID) {
	if e := c.newest[id.path]; e != nil && e.set.Version == id.version {
		delete(c.newest, id.path)
	}
	delete(c.versions, id)
}

// invalidate forgets an account's credentials: they were rotated.
func (c *keyCache) invalidate(path core.KeyPath) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	delete(c.newest, path)
	for id := range c.versions {
		if id.path == path {
			delete(c.versions, id)
		}
	}
	// Whoever comes now must not join a read that began before the rotation.
	for id := range c.loading {
		if id.path == path {
			delete(c.loading, id)
		}
	}
}
