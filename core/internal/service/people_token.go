package service

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"

	"github.com/zhanggui-pay/zhanggui/core"
)

// tokenLength is the length of a session's or link's token: 256 random bits in base 64.
const tokenLength = 43

// newToken draws a token that cannot be guessed. Only its hash is stored.
func newToken() core.Secret {
	var b [32]byte
	_, _ = rand.Read(b[:]) // does not fail on the platforms we run on
	return core.SecretString(base64.RawURLEncoding.EncodeToString(b[:]))
}

// hashToken is what is stored of a token. The token has 256 random bits, so a plain hash
// is enough: there is nothing to guess.
func hashToken(token core.Secret) []byte {
	sum := sha256.Sum256(token.Reveal())
	return sum[:]
}

// csrfKey is kept with a session; the CSRF token is made from it, so that the console can be
// told the token again after a reload without the session's own token being kept anywhere.
func csrfKey(token core.Secret) []byte {
	mac := hmac.New(sha256.New, token.Reveal())
	mac.Write([]byte("zhanggui csrf key"))
	return mac.Sum(nil)
}

// csrfToken is bound to one session: it is worth nothing in another.
func csrfToken(session core.Session) string {
	mac := hmac.New(sha256.New, session.CSRFHash)
	mac.Write([]byte("zhanggui csrf token"))
	mac.Write(session.ID[:])
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// CheckCSRF compares token with the session's. Errors: CodeCSRF.
func (s *Service) CheckCSRF(session core.Session, token string) error {
	if len(session.CSRFHash) == 0 || session.ID.IsZero() ||
		subtle.ConstantTimeCompare([]byte(token), []byte(csrfToken(session))) != 1 {
		return core.Errorf(core.CodeCSRF, "This request did not come from the console. Reload the page and try again.")
	}
	return nil
}
