package host

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/keyring"
)

// hashKeyPath is where the installation's key for idempotency hashes lies, beside the
// sealer's (which has a zero AccountID too).
func hashKeyPath() core.KeyPath {
	return core.KeyPath{AccountID: core.ID{15: 1}}
}

const hashKeyName = "idempotency_hash"

// installationSecret reads the key of idempotency hashes, or makes it when this is the
// installation's first node. Two first nodes agree: the second's write is refused.
func installationSecret(ctx context.Context, keys core.Keyring) (core.Secret, error) {
	for range 3 {
		set, err := keys.Get(ctx, hashKeyPath(), 0)
		if err == nil {
			return set.Values[hashKeyName].Value, nil
		}
		if core.CodeOf(err) != core.CodeNotFound {
			return core.Secret{}, err
		}
		key := make([]byte, 32)
		_, _ = rand.Read(key) // does not fail on the platforms we run on
		_, err = keys.Put(ctx, hashKeyPath(), map[string]core.Credential{
			hashKeyName: {Type: core.CredSecret, Value: core.NewSecret(key)},
		}, 0)
		if err != nil && core.CodeOf(err) != core.CodeConflict {
			return core.Secret{}, err
		}
	}
	return core.Secret{}, core.Errorf(core.CodeKeysUnavailable, "The keyring does not keep what is written to it.")
}

// RotateWrappingKey makes a new version of the key under which data keys are wrapped.
func RotateWrappingKey(ctx context.Context, cfg Config, out io.Writer) error {
	keys, err := openVault(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	version, err := keyring.NewSealer(keys, time.Now).Rotate(ctx)
	if err != nil {
		return errors.Join(err, keys.Close())
	}
	say(out, "The wrapping key has version %d. Older versions go on opening what they sealed: never destroy them.", version)
	return keys.Close()
}
