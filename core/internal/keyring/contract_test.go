package keyring

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// store is a keyring under the contract. fail makes it unreachable until mend.
type store struct {
	core.Keyring
	fail, mend func(t *testing.T)
}

// contract runs every case a keyring must pass. A new rule for keyrings is added here.
func contract(t *testing.T, open func(*testing.T, *slog.Logger) store) {
	t.Helper()
	cases := map[string]func(*testing.T, store, *witness){
		"versions":            testVersions,
		"check and set":       testCheckAndSet,
		"repeated write":      testRepeatedWrite,
		"retire":              testRetire,
		"paths are separate":  testSeparatePaths,
		"concurrent writers":  testConcurrentWriters,
		"copies":              testCopies,
		"nothing empty":       testNothingEmpty,
		"oldest go":           testOldestGo,
		"outage and recovery": testOutage,
		"sealer":              testSealer,
		"sealer first use":    testSealerFirstUse,
	}
	for name, run := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := &witness{}
			run(t, open(t, slog.New(slog.NewTextHandler(seen, &slog.HandlerOptions{Level: slog.LevelDebug}))), seen)
			seen.mustBeClean(t)
		})
	}
}

const canary = "CANARY-7f3a91c2"

// witness collects all logs and errors of a case and looks for the canary in them.
type witness struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *witness) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *witness) error(err error) error {
	_, _ = fmt.Fprintf(w, "%v %+v %#v\n", err, err, err)
	return err
}

func (w *witness) mustBeClean(t *testing.T) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if strings.Contains(w.text.String(), canary) {
		t.Errorf("a secret is in a log or an error")
	}
}

func newPath() core.KeyPath {
	return core.KeyPath{TenantID: core.NewID(time.Now()), AccountID: core.NewID(time.Now())}
}

func md5Key(suffix string) map[string]core.Credential {
	return map[string]core.Credential{"key": {Type: core.CredMD5Key, Value: core.SecretString(canary + suffix)}}
}

func mustPut(t *testing.T, s core.Keyring, path core.KeyPath, values map[string]core.Credential, expect int) {
	t.Helper()
	got, err := s.Put(t.Context(), path, values, expect)
	if err != nil || got != expect+1 {
		t.Fatalf("Put(expect %d) = %d, %v", expect, got, err)
	}
}

func mustHold(t *testing.T, s core.Keyring, path core.KeyPath, ask, version int, values map[string]core.Credential) {
	t.Helper()
	set, err := s.Get(t.Context(), path, ask)
	if err != nil {
		t.Fatalf("Get(%d): %v", ask, err)
	}
	if set.Version != version || !sameValues(set.Values, values) {
		t.Fatalf("Get(%d) gives version %d with %d values, want version %d", ask, set.Version, len(set.Values), version)
	}
}

func mustFail(t *testing.T, seen *witness, err error, want core.Code) {
	t.Helper()
	if got := core.CodeOf(seen.error(err)); got != want {
		t.Fatalf("got %q (%v), want %q", got, err, want)
	}
}

func get(s core.Keyring, ctx context.Context, path core.KeyPath, version int) error { //nolint:revive // reads as the call it makes
	_, err := s.Get(ctx, path, version)
	return err
}

func testVersions(t *testing.T, s store, seen *witness) {
	t.Helper()
	path := newPath()
	mustFail(t, seen, get(s, t.Context(), path, 0), core.CodeNotFound)
	first := map[string]core.Credential{
		"number": {Type: core.CredMerchantNumber, Value: core.SecretString(canary)},
		"raw":    {Type: core.CredAESKey, Value: core.NewSecret([]byte{0, 0xff, 0xfe, 0x80, '\n', 0})},
		"text":   {Type: core.CredSecret, Value: core.SecretString("密钥\u2028\"\\</script>")},
	}
	mustPut(t, s, path, first, 0)
	mustPut(t, s, path, md5Key("-2"), 1)
	mustHold(t, s, path, 0, 2, md5Key("-2"))
	mustHold(t, s, path, 1, 1, first)
	mustHold(t, s, path, 2, 2, md5Key("-2"))
	mustFail(t, seen, get(s, t.Context(), path, 3), core.CodeNotFound)
	mustFail(t, seen, get(s, t.Context(), path, -1), core.CodeNotFound)
	if err := s.Health(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func testCheckAndSet(t *testing.T, s store, seen *witness) {
	t.Helper()
	path := newPath()
	_, err := s.Put(t.Context(), path, md5Key("-a"), 1)
	mustFail(t, seen, err, core.CodeConflict)
	mustFail(t, seen, get(s, t.Context(), path, 0), core.CodeNotFound)
	mustPut(t, s, path, md5Key("-a"), 0)
	for _, expect := range []int{0, 2, 7} {
		_, err = s.Put(t.Context(), path, md5Key("-b"), expect)
		mustFail(t, seen, err, core.CodeConflict)
	}
	mustHold(t, s, path, 0, 1, md5Key("-a"))
}

// A caller whose first answer was lost may put the same again: the version stands once.
func testRepeatedWrite(t *testing.T, s store, seen *witness) {
	t.Helper()
	path := newPath()
	mustPut(t, s, path, md5Key("-a"), 0)
	mustPut(t, s, path, md5Key("-a"), 0)
	mustPut(t, s, path, md5Key("-b"), 1)
	mustPut(t, s, path, md5Key("-b"), 1)
	mustFail(t, seen, get(s, t.Context(), path, 3), core.CodeNotFound)
}

func testRetire(t *testing.T, s store, seen *witness) {
	t.Helper()
	path := newPath()
	mustFail(t, seen, s.Retire(t.Context(), path, 1), core.CodeNotFound)
	mustPut(t, s, path, md5Key("-1"), 0)
	mustPut(t, s, path, md5Key("-2"), 1)
	mustHold(t, s, path, 1, 1, md5Key("-1"))
	if err := s.Retire(t.Context(), path, 1); err != nil {
		t.Fatal(err)
	}
	mustFail(t, seen, get(s, t.Context(), path, 1), core.CodeNotFound)
	mustFail(t, seen, s.Retire(t.Context(), path, 1), core.CodeNotFound)
	mustFail(t, seen, s.Retire(t.Context(), path, 0), core.CodeNotFound)
	mustHold(t, s, path, 0, 2, md5Key("-2"))
	if err := s.Retire(t.Context(), path, 2); err != nil {
		t.Fatal(err)
	}
	mustFail(t, seen, get(s, t.Context(), path, 0), core.CodeNotFound)
	_, err := s.Put(t.Context(), path, md5Key("-3"), 0)
	mustFail(t, seen, err, core.CodeConflict)
	mustPut(t, s, path, md5Key("-3"), 2)
	mustHold(t, s, path, 0, 3, md5Key("-3"))
	mustFail(t, seen, s.Retire(t.Context(), core.KeyPath{AccountID: path.AccountID}, 1), core.CodeNotSupported)
}

func testSeparatePaths(t *testing.T, s store, seen *witness) {
	t.Helper()
	a := newPath()
	b := core.KeyPath{TenantID: core.NewID(time.Now()), AccountID: a.AccountID}
	platform := core.KeyPath{AccountID: a.AccountID}
	mustPut(t, s, a, md5Key("-a"), 0)
	mustFail(t, seen, get(s, t.Context(), b, 0), core.CodeNotFound)
	mustPut(t, s, b, md5Key("-b"), 0)
	mustPut(t, s, platform, md5Key("-p"), 0)
	mustHold(t, s, a, 0, 1, md5Key("-a"))
	mustHold(t, s, b, 0, 1, md5Key("-b"))
	mustHold(t, s, platform, 0, 1, md5Key("-p"))
}

// Each writer writes five times, reading and trying again when overtaken. Every version
// must have exactly one winner, and hold what its winner wrote.
func testConcurrentWriters(t *testing.T, s store, seen *witness) {
	t.Helper()
	const writers, writes = 6, 5
	path := newPath()
	var mu sync.Mutex
	won := map[int]string{}
	var all sync.WaitGroup
	for writer := range writers {
		all.Go(func() {
			expect := 0
			for write := 0; write < writes; {
				mine := fmt.Sprintf("-%d-%d", writer, write)
				version, err := s.Put(t.Context(), path, md5Key(mine), expect)
				if core.CodeOf(err) == core.CodeConflict {
					expect = newestVersion(t, s, path)
					continue
				}
				if seen.error(err) != nil {
					t.Errorf("writer %d: %v", writer, err)
					return
				}
				mu.Lock()
				if other, taken := won[version]; taken {
					t.Errorf("version %d was given to %s and to %s", version, other, mine)
				}
				won[version] = mine
				mu.Unlock()
				expect = version
				write++
			}
		})
	}
	all.Wait()
	if len(won) != writers*writes {
		t.Fatalf("%d versions for %d writes", len(won), writers*writes)
	}
	for version, mine := range won {
		mustHold(t, s, path, version, version, md5Key(mine))
	}
}

func newestVersion(t *testing.T, s core.Keyring, path core.KeyPath) int {
	t.Helper()
	set, err := s.Get(t.Context(), path, 0)
	if err != nil && core.CodeOf(err) != core.CodeNotFound {
		t.Errorf("read the newest: %v", err)
	}
	return set.Version
}

// What a caller wipes after use stays whole for the next one.
func testCopies(t *testing.T, s store, _ *witness) {
	t.Helper()
	path := newPath()
	mustPut(t, s, path, md5Key("-a"), 0)
	for _, version := range []int{1, 0, 1} {
		set, err := s.Get(t.Context(), path, version)
		if err != nil {
			t.Fatal(err)
		}
		wipeSet(set)
		mustHold(t, s, path, version, 1, md5Key("-a"))
	}
}

func testNothingEmpty(t *testing.T, s store, seen *witness) {
	t.Helper()
	path := newPath()
	_, err := s.Put(t.Context(), path, nil, 0)
	mustFail(t, seen, err, core.CodeInvalidCredential)
	empty := md5Key("")
	empty["none"] = core.Credential{Type: core.CredSecret}
	_, err = s.Put(t.Context(), path, empty, 0)
	mustFail(t, seen, err, core.CodeInvalidCredential)
	if refused, ok := errors.AsType[*core.Error](err); !ok || refused.Param != "none" {
		t.Errorf("the refusal does not name the field: %v", err)
	}
	mustFail(t, seen, get(s, t.Context(), path, 0), core.CodeNotFound)
}

func testOldestGo(t *testing.T, s store, seen *witness) {
	t.Helper()
	path := newPath()
	for version := range MaxVersions + 1 {
		mustPut(t, s, path, md5Key(fmt.Sprint(version)), version)
	}
	mustFail(t, seen, get(s, t.Context(), path, 1), core.CodeNotFound)
	mustHold(t, s, path, 2, 2, md5Key("1"))
	mustHold(t, s, path, 0, MaxVersions+1, md5Key(fmt.Sprint(MaxVersions)))
}

func testOutage(t *testing.T, s store, seen *witness) {
	t.Helper()
	path, unread := newPath(), newPath()
	mustPut(t, s, path, md5Key("-a"), 0)
	mustPut(t, s, unread, md5Key("-u"), 0)
	s.fail(t)
	mustFail(t, seen, get(s, t.Context(), unread, 1), core.CodeKeysUnavailable)
	mustFail(t, seen, get(s, t.Context(), unread, 0), core.CodeKeysUnavailable)
	_, err := s.Put(t.Context(), path, md5Key("-b"), 1)
	mustFail(t, seen, err, core.CodeKeysUnavailable)
	mustFail(t, seen, s.Retire(t.Context(), path, 1), core.CodeKeysUnavailable)
	err = s.Health(t.Context())
	mustFail(t, seen, err, core.CodeKeysUnavailable)
	if refused, ok := errors.AsType[*core.Error](err); !ok || !strings.Contains(refused.Message, ".") {
		t.Errorf("no sentence says what to do: %v", err)
	}
	s.mend(t)
	eventually(t, "the store does not recover", func() bool { return s.Health(t.Context()) == nil })
	mustHold(t, s, path, 0, 1, md5Key("-a"))
	mustHold(t, s, unread, 1, 1, md5Key("-u"))
	mustPut(t, s, path, md5Key("-b"), 1)
}

func eventually(t *testing.T, otherwise string, ready func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !ready(); {
		if time.Now().After(deadline) {
			t.Fatal(otherwise)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
