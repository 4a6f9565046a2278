package keyring

import (
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// The cache answers at once for freshFor and bridges an outage of the store for staleFor.
// Only numbered versions are answered from it without asking: a version never changes,
// while "the newest" does the moment someone rotates.
const (
	freshFor    = time.Minute
	staleFor    = 5 * time.Minute
	cacheLimit  = 10_000
	cacheWiping = 30 * time.Second
)

type cacheKey struct {
	path    core.KeyPath
	version int
}

type cacheEntry struct {
	set core.KeySet
	at  time.Time
}

// newestSeen is when a version was last known to be the newest: reading it by number
// later confirms nothing.
type newestSeen struct {
	version int
	at      time.Time
}

type cache struct {
	now     core.Clock
	mu      sync.Mutex
	entries map[cacheKey]cacheEntry
	newest  map[core.KeyPath]newestSeen
	changes uint64
}

func newCache(now core.Clock) *cache {
	return &cache{now: now, entries: map[cacheKey]cacheEntry{}, newest: map[core.KeyPath]newestSeen{}}
}

// get gives a copy no older than age. Version zero is the newest this process has seen.
func (c *cache) get(path core.KeyPath, version int, age time.Duration) (core.KeySet, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if version == 0 {
		seen, ok := c.newest[path]
		if !ok || c.now().Sub(seen.at) > age {
			return core.KeySet{}, false
		}
		version = seen.version
	}
	entry, ok := c.entries[cacheKey{path, version}]
	if !ok || c.now().Sub(entry.at) > age {
		return core.KeySet{}, false
	}
	return cloneSet(entry.set), true
}

// reading is taken before the store is asked and handed to put.
type reading struct {
	at      time.Time
	changes uint64
}

func (c *cache) begin() reading {
	c.mu.Lock()
	defer c.mu.Unlock()
	return reading{at: c.now(), changes: c.changes}
}

// put keeps a copy of what was read, newest saying whether it was asked for as such. An
// answer that a rotation or a retirement overtook is not kept.
func (c *cache) put(path core.KeyPath, set core.KeySet, read reading, newest bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if read.changes != c.changes {
		return
	}
	if len(c.entries) >= cacheLimit {
		c.dropAll()
	}
	key := cacheKey{path, set.Version}
	if old, ok := c.entries[key]; ok {
		wipeSet(old.set)
	}
	c.entries[key] = cacheEntry{set: cloneSet(set), at: read.at}
	if seen := c.newest[path]; newest || set.Version > seen.version && seen.version > 0 {
		c.newest[path] = newestSeen{version: set.Version, at: read.at}
	}
}

// rotated forgets which version is the newest until it is asked for again.
func (c *cache) rotated(path core.KeyPath) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changes++
	delete(c.newest, path)
}

func (c *cache) drop(path core.KeyPath, version int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changes++
	c.remove(cacheKey{path, version})
}

// wipeExpired overwrites what is too old to be served, so that secrets do not stay in
// memory because nobody asked for them again.
func (c *cache) wipeExpired() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, entry := range c.entries {
		if c.now().Sub(entry.at) > staleFor {
			c.remove(key)
		}
	}
}

func (c *cache) wipe() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dropAll()
}

func (c *cache) dropAll() {
	for key := range c.entries {
		c.remove(key)
	}
}

func (c *cache) remove(key cacheKey) {
	entry, ok := c.entries[key]
	if !ok {
		return
	}
	wipeSet(entry.set)
	delete(c.entries, key)
	if c.newest[key.path].version == key.version {
		delete(c.newest, key.path)
	}
}
