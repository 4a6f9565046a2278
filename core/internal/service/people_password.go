package service

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"github.com/zhanggui-pay/zhanggui/core"
)

// The bounds of a password, in characters and in bytes.
const (
	passwordLeast = 12
	passwordMost  = 1024
)

// strangerHash is the hash of nothing anybody knows. It is compared with when there is no
// such user, so that an unknown address costs as much time as a known one.
const strangerHash = "$argon2id$v=19$m=19456,t=2,p=1$6u5YD6WhHE24+7ytSLz4Cw$mde6SERITJZYxbBXyDYUUlevvLouZstRhpRdJMKcdfc"

// passwordHasher makes and compares argon2id hashes, a few at a time: each takes 19 MiB and
// about 20 ms of a core, and anybody on the network may ask for one.
type passwordHasher struct{ slots chan struct{} }

func newPasswordHasher() passwordHasher {
	return passwordHasher{slots: make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))}
}

func (h passwordHasher) acquire(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return core.Wrap(ctx.Err(), core.CodeRateLimited, "Too many people sign in at this moment. Try again in a few seconds.")
	}
}

func (h passwordHasher) release() { <-h.slots }

// hash makes a hash to store. The parameters are pinned: OWASP's 19 MiB, two passes, one lane.
func (h passwordHasher) hash(ctx context.Context, password core.Secret) (string, error) {
	if err := h.acquire(ctx); err != nil {
		return "", err
	}
	defer h.release()
	params := &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	hash, err := argon2id.CreateHash(string(password.Reveal()), params)
	if err != nil {
		return "", fmt.Errorf("service: hash a password: %w", err)
	}
	return hash, nil
}

// matches compares. A user without a password (invited, never came) is compared with
// strangerHash and never matches.
func (h passwordHasher) matches(ctx context.Context, password core.Secret, hash string) (bool, error) {
	if err := h.acquire(ctx); err != nil {
		return false, err
	}
	defer h.release()
	known := hash != "" && !password.Empty() && len(password.Reveal()) <= passwordMost
	if !known {
		hash, password = strangerHash, core.SecretString("stranger")
	}
	same, err := argon2id.ComparePasswordAndHash(string(password.Reveal()), hash)
	if err != nil {
		return false, fmt.Errorf("service: compare a password: %w", err)
	}
	return same && known, nil
}

// checkPassword refuses a password that is too easy to guess. param names its field.
func checkPassword(param string, password core.Secret, email string) error {
	text := string(password.Reveal())
	n := utf8.RuneCountInString(text)
	name, _, _ := strings.Cut(email, "@")
	switch {
	case !utf8.ValidString(text):
		return core.Errorf(core.CodeInvalidRequest, "The password is not valid text.").At(param)
	case n < passwordLeast:
		return core.Errorf(core.CodeInvalidRequest, "The password has %d characters; it needs at least %d.", n, passwordLeast).At(param)
	case len(text) > passwordMost:
		return core.Errorf(core.CodeInvalidRequest, "The password is longer than %d bytes.", passwordMost).At(param)
	case strings.EqualFold(text, email) || strings.EqualFold(text, name):
		return core.Errorf(core.CodeInvalidRequest, "The password must not be the e-mail address.").At(param)
	case len(distinctRunes(text)) < 4:
		return core.Errorf(core.CodeInvalidRequest, "The password repeats the same few characters; mix in others.").At(param)
	}
	return nil
}

func distinctRunes(text string) map[rune]bool {
	seen := map[rune]bool{}
	for _, r := range text {
		seen[r] = true
	}
	return seen
}
