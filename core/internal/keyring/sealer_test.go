package keyring

import (
	"bytes"
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// freshSealer has a wrapping key of its own, so that cases on one server do not meet.
func freshSealer(keys core.Keyring, now core.Clock) *Sealer {
	s := NewSealer(keys, now)
	s.path = core.KeyPath{AccountID: core.NewID(time.Now())}
	return s
}

func testSealer(t *testing.T, s store, seen *witness) {
	t.Helper()
	tenant, other := core.NewID(time.Now()), core.NewID(time.Now())
	sealer := freshSealer(s, nil)
	seal := func(plain string) []byte {
		sealed, err := sealer.Seal(t.Context(), tenant, "payee.account:1", []byte(plain))
		if err != nil {
			t.Fatal(err)
		}
		return sealed
	}
	open := func(by *Sealer, tenant core.ID, purpose string, sealed []byte) (string, error) {
		plain, err := by.Open(t.Context(), tenant, purpose, sealed)
		return string(plain), seen.error(err)
	}
	before := seal(canary)
	if bytes.Contains(before, []byte(canary)) {
		t.Fatal("not sealed")
	}
	if version, err := sealer.Rotate(t.Context()); err != nil || version != 2 {
		t.Fatalf("Rotate = %d, %v", version, err)
	}
	after, empty := seal(canary), seal("")
	second := NewSealer(s, nil) // another process
	second.path = sealer.path
	for _, by := range []*Sealer{sealer, second} {
		for _, sealed := range [][]byte{before, after} {
			if plain, err := open(by, tenant, "payee.account:1", sealed); err != nil || plain != canary {
				t.Fatalf("Open: %v", err)
			}
		}
	}
	if plain, err := open(second, tenant, "payee.account:1", empty); err != nil || plain != "" {
		t.Fatalf("Open of an empty value: %v", err)
	}
	for name, try := range map[string]func() (string, error){
		"another tenant": func() (string, error) { return open(second, other, "payee.account:1", before) },
		"no tenant":      func() (string, error) { return open(second, core.ID{}, "payee.account:1", before) },
		"another row":    func() (string, error) { return open(second, tenant, "payee.account:2", before) },
		"cut":            func() (string, error) { return open(second, tenant, "payee.account:1", before[:len(before)-1]) },
		"mixed heads": func() (string, error) {
			return open(second, tenant, "payee.account:1", append(bytes.Clone(after[:headSize]), before[headSize:]...))
		},
		"nothing":         func() (string, error) { return open(second, tenant, "payee.account:1", nil) },
		"unsealed before": func() (string, error) { return open(second, tenant, "payee.account:1", bytes.Repeat([]byte("x"), 200)) },
	} {
		if _, err := try(); core.CodeOf(err) != core.CodeInternal {
			t.Errorf("%s: opened, or %v", name, err)
		}
	}
	for i := range before {
		changed := bytes.Clone(before)
		changed[i] ^= 0x40
		if _, err := open(second, tenant, "payee.account:1", changed); core.CodeOf(err) != core.CodeInternal {
			t.Fatalf("byte %d changed: opened, or %v", i, err)
		}
	}
}

// Two hosts that seal for the first time at once agree on one wrapping key.
func testSealerFirstUse(t *testing.T, s store, seen *witness) {
	t.Helper()
	first := freshSealer(s, nil)
	sealers := []*Sealer{first}
	for range 3 {
		next := NewSealer(s, nil)
		next.path = first.path
		sealers = append(sealers, next)
	}
	sealed := make([][]byte, len(sealers))
	var all sync.WaitGroup
	for i, sealer := range sealers {
		all.Go(func() {
			var err error
			sealed[i], err = sealer.Seal(t.Context(), core.ID{}, "x", []byte(canary))
			if err != nil {
				t.Error(seen.error(err))
			}
		})
	}
	all.Wait()
	for i := range sealed {
		if plain, err := first.Open(t.Context(), core.ID{}, "x", sealed[i]); err != nil || string(plain) != canary {
			t.Errorf("what sealer %d sealed does not open: %v", i, err)
		}
	}
	if version := newestVersion(t, s, first.path); version != 1 {
		t.Errorf("%d wrapping keys were made", version)
	}
}

// counting counts what reaches the keyring and can refuse it.
type counting struct {
	core.Keyring
	gets atomic.Int64
	down atomic.Bool
}

func (c *counting) Get(ctx context.Context, path core.KeyPath, version int) (core.KeySet, error) {
	c.gets.Add(1)
	if c.down.Load() {
		return core.KeySet{}, core.Errorf(core.CodeKeysUnavailable, "Down.")
	}
	return c.Keyring.Get(ctx, path, version)
}

func TestSealerAsksTheKeyringSeldom(t *testing.T) {
	t.Parallel()
	clock := newClock()
	keys := &counting{Keyring: openEmbedded(t)}
	sealer := NewSealer(keys, clock.now)
	seal := func() ([]byte, error) { return sealer.Seal(t.Context(), core.ID{}, "x", []byte("plain")) }
	if _, err := seal(); err != nil {
		t.Fatal(err)
	}
	asked := keys.gets.Load()
	var last []byte
	for range 1000 {
		var err error
		if last, err = seal(); err != nil {
			t.Fatal(err)
		}
		if _, err := sealer.Open(t.Context(), core.ID{}, "x", last); err != nil {
			t.Fatal(err)
		}
	}
	if got := keys.gets.Load(); got != asked {
		t.Errorf("1000 values asked the keyring %d times", got-asked)
	}
	keys.down.Store(true)
	clock.advance(dataKeyAge - time.Second)
	if _, err := seal(); err != nil {
		t.Errorf("sealing ends before its time: %v", err)
	}
	clock.advance(2 * time.Second)
	if _, err := seal(); core.CodeOf(err) != core.CodeKeysUnavailable {
		t.Errorf("sealing without the keyring: %v", err)
	}
	if _, err := sealer.Open(t.Context(), core.ID{}, "x", last); core.CodeOf(err) != core.CodeKeysUnavailable {
		t.Errorf("opening without the keyring: %v", err)
	}
	keys.down.Store(false)
	if _, err := sealer.Open(t.Context(), core.ID{}, "x", last); err != nil {
		t.Errorf("opening after recovery: %v", err)
	}
}

func TestSealerDataKeyIsUsedABoundedNumberOfTimes(t *testing.T) {
	t.Parallel()
	sealer := NewSealer(openEmbedded(t), nil)
	head := func() [headSize]byte {
		sealed, err := sealer.Seal(t.Context(), core.ID{}, "x", nil)
		if err != nil {
			t.Fatal(err)
		}
		return [headSize]byte(sealed[:headSize])
	}
	first := head()
	if head() != first {
		t.Fatal("every value has a data key of its own")
	}
	sealer.current.uses = dataKeyUses
	if head() == first {
		t.Fatal("a used-up data key is used on")
	}
}

type testClock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *testClock { return &testClock{at: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *testClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *testClock) advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(by)
}
