package keyring

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// A sealed value carries all that is needed to open it, given the wrapping key:
//
//	1 byte   format, 1
//	4 bytes  version of the wrapping key in the keyring, big endian
//	60 bytes data key (AES-256) wrapped by it: nonce, ciphertext, tag
//	rest     the value under the data key: nonce, ciphertext, tag
//
// The wrapped key is bound to format and version; the value to that whole head, the
// tenant and the purpose.
const (
	sealFormat  = 1
	wrappedSize = 12 + 32 + 16
	headSize    = 1 + 4 + wrappedSize
	gcmOverhead = 12 + 16

	// kekName is the wrapping key's name in its key set.
	kekName = "kek"
	// dataKeyUses and dataKeyAge bound how much stands under one data key: far below what
	// random nonces allow, and rarely enough that Vault is not asked per value.
	dataKeyUses = 1 << 20
	dataKeyAge  = 5 * time.Minute
	openerLimit = 4096
)

// Sealer implements core.Sealer over a keyring. Data keys stay in memory for at most five
// minutes; so, with Vault away, sealing and opening go on for that long at most.
type Sealer struct {
	keys core.Keyring
	path core.KeyPath
	now  core.Clock

	mu      sync.Mutex
	current *dataKey
	openers map[[headSize]byte]*dataKey
}

var _ core.Sealer = (*Sealer)(nil)

type dataKey struct {
	head [headSize]byte
	aead cipher.AEAD
	born time.Time
	uses int
}

var (
	errTampered = errors.New("keyring: a sealed value was changed, moved to another row or tenant, or cut")
	errFormat   = errors.New("keyring: not a sealed value of a format this program knows")
)

// NewSealer wraps data keys with a key at the platform's path of keys, made at first use.
func NewSealer(keys core.Keyring, now core.Clock) *Sealer {
	if now == nil {
		now = time.Now
	}
	return &Sealer{keys: keys, now: now, openers: map[[headSize]byte]*dataKey{}}
}

// Seal implements core.Sealer.
func (s *Sealer) Seal(ctx context.Context, tenant core.ID, purpose string, plain []byte) ([]byte, error) {
	key, err := s.sealingKey(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]byte, headSize, headSize+gcmOverhead+len(plain))
	copy(out, key.head[:])
	return key.aead.Seal(out, nil, plain, binding(key.head, tenant, purpose)), nil //nolint:gosec // no nonce is given: this AEAD draws its own
}

// Open implements core.Sealer.
func (s *Sealer) Open(ctx context.Context, tenant core.ID, purpose string, sealed []byte) ([]byte, error) {
	if len(sealed) < headSize+gcmOverhead || sealed[0] != sealFormat {
		return nil, errFormat
	}
	head := [headSize]byte(sealed[:headSize])
	key, err := s.openingKey(ctx, head)
	if err != nil {
		return nil, err
	}
	plain, err := key.aead.Open(nil, nil, sealed[headSize:], binding(head, tenant, purpose))
	if err != nil {
		return nil, errTampered
	}
	return plain, nil
}

// Rotate makes a new wrapping key for what is sealed from now on; other processes follow
// within five minutes. What was sealed before still opens.
func (s *Sealer) Rotate(ctx context.Context) (version int, err error) {
	newest, err := s.keys.Get(ctx, s.path, 0)
	if err != nil && core.CodeOf(err) != core.CodeNotFound {
		return 0, fmt.Errorf("rotate the wrapping key: %w", err)
	}
	if newest.Version >= MaxVersions {
		return 0, core.Errorf(core.CodeNotSupported, "The wrapping key was changed %d times: one more would push out the first, and what it sealed could not be opened.", newest.Version)
	}
	version, err = s.putKEK(ctx, newest.Version)
	if err != nil {
		return 0, fmt.Errorf("rotate the wrapping key: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = nil
	return version, nil
}

// binding is what a value is tied to. The tenant has a fixed length, so no two purposes
// and tenants run together.
func binding(head [headSize]byte, tenant core.ID, purpose string) []byte {
	out := make([]byte, 0, headSize+len(tenant)+len(purpose))
	out = append(out, head[:]...)
	out = append(out, tenant[:]...)
	return append(out, purpose...)
}

func (s *Sealer) sealingKey(ctx context.Context) (*dataKey, error) {
	if key := s.reuse(); key != nil {
		return key, nil
	}
	key, err := s.newDataKey(ctx) // without the lock: this may ask Vault
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = key
	s.remember(key)
	return key, nil
}

func (s *Sealer) reuse() *dataKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil || s.current.uses >= dataKeyUses || s.now().Sub(s.current.born) >= dataKeyAge {
		return nil
	}
	s.current.uses++
	return s.current
}

func (s *Sealer) newDataKey(ctx context.Context) (*dataKey, error) {
	born := s.now()
	kek, err := s.newestKEK(ctx)
	if err != nil {
		return nil, err
	}
	key := &dataKey{born: born, uses: 1}
	key.head[0] = sealFormat
	binary.BigEndian.PutUint32(key.head[1:5], uint32(kek.version)) //nolint:gosec // a version fits 32 bits
	plain := make([]byte, 32)
	defer clear(plain)
	_, _ = rand.Read(plain)
	copy(key.head[5:], kek.aead.Seal(nil, nil, plain, key.head[:5])) //nolint:gosec // no nonce is given: this AEAD draws its own
	key.aead, err = gcm(plain)
	return key, err
}

func (s *Sealer) openingKey(ctx context.Context, head [headSize]byte) (*dataKey, error) {
	s.mu.Lock()
	key, ok := s.openers[head]
	s.mu.Unlock()
	born := s.now()
	if ok && born.Sub(key.born) < dataKeyAge {
		return key, nil
	}
	kek, err := s.kekVersion(ctx, int(binary.BigEndian.Uint32(head[1:5])))
	if err != nil {
		return nil, err
	}
	plain, err := kek.aead.Open(nil, nil, head[5:], head[:5])
	if err != nil {
		return nil, errTampered
	}
	defer clear(plain)
	key = &dataKey{head: head, born: born}
	if key.aead, err = gcm(plain); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remember(key)
	return key, nil
}

// remember is called with the lock held.
func (s *Sealer) remember(key *dataKey) {
	if len(s.openers) >= openerLimit {
		clear(s.openers)
	}
	s.openers[key.head] = key
}

type kek struct {
	version int
	aead    cipher.AEAD
}

func (s *Sealer) newestKEK(ctx context.Context) (kek, error) {
	set, err := s.keys.Get(ctx, s.path, 0)
	if core.CodeOf(err) == core.CodeNotFound {
		if _, err := s.putKEK(ctx, 0); err != nil && core.CodeOf(err) != core.CodeConflict {
			return kek{}, fmt.Errorf("make the wrapping key: %w", err)
		}
		set, err = s.keys.Get(ctx, s.path, 0)
	}
	if err != nil {
		return kek{}, fmt.Errorf("read the wrapping key: %w", err)
	}
	return kekFrom(set)
}

// kekVersion reads the key a value was sealed under. One that does not exist is not "not
// found" to whoever opens: either the value was changed or the keyring lost a key.
func (s *Sealer) kekVersion(ctx context.Context, version int) (kek, error) {
	if version == 0 {
		return kek{}, errFormat
	}
	set, err := s.keys.Get(ctx, s.path, version)
	if core.CodeOf(err) == core.CodeNotFound {
		return kek{}, fmt.Errorf("%w (its wrapping key %d is not in the keyring)", errTampered, version)
	}
	if err != nil {
		return kek{}, fmt.Errorf("read the wrapping key: %w", err)
	}
	return kekFrom(set)
}

func kekFrom(set core.KeySet) (kek, error) {
	defer wipeSet(set)
	aead, err := gcm(set.Values[kekName].Value.Reveal())
	return kek{version: set.Version, aead: aead}, err
}

func (s *Sealer) putKEK(ctx context.Context, expect int) (int, error) {
	value := make([]byte, 32)
	defer clear(value)
	_, _ = rand.Read(value)
	secret := core.NewSecret(value)
	defer secret.Wipe()
	version, err := s.keys.Put(ctx, s.path, map[string]core.Credential{kekName: {Type: core.CredAESKey, Value: secret}}, expect)
	if err != nil {
		return 0, fmt.Errorf("store the wrapping key: %w", err)
	}
	return version, nil
}

func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, errors.New("keyring: a sealing key has the wrong length")
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("set up AES-GCM: %w", err)
	}
	return aead, nil
}
