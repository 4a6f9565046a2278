package bestpay

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // the provider's signature
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"sort"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// Algorithm is a signature algorithm: RSA PKCS#1 v1.5 over a digest, in Base64.
type Algorithm string

// The algorithms.
const (
	SHA256WithRSA Algorithm = "SHA256withRSA"
	SHA1WithRSA   Algorithm = "SHA1withRSA"
)

func (a Algorithm) digest(text string) (crypto.Hash, []byte) {
	if a == SHA1WithRSA {
		sum := sha1.Sum([]byte(text)) //nolint:gosec // the provider's signature
		return crypto.SHA1, sum[:]
	}
	sum := sha256.Sum256([]byte(text))
	return crypto.SHA256, sum[:]
}

func (a Algorithm) sign(key *rsa.PrivateKey, text string) (string, error) {
	hash, digest := a.digest(text)
	sign, err := rsa.SignPKCS1v15(nil, key, hash, digest)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return base64.StdEncoding.EncodeToString(sign), nil
}

func (a Algorithm) verify(key *rsa.PublicKey, text, sign string) bool {
	raw, err := base64.StdEncoding.Strict().DecodeString(sign)
	hash, digest := a.digest(text)
	return err == nil && rsa.VerifyPKCS1v15(key, hash, digest, raw) == nil
}

// other is the algorithm that is not this one.
func (a Algorithm) other() Algorithm {
	if a == SHA1WithRSA {
		return SHA256WithRSA
	}
	return SHA1WithRSA
}

// requestText is what a merchant signs (seed 001, 1.3): all fields but sign, sorted by name, name=value joined with &.
// Values stand as sent: strings decoded, numbers as written.
func requestText(fields frame.Object) string {
	names := make([]string, 0, len(fields))
	for name := range fields {
		if name != "sign" {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	pairs := make([]string, len(names))
	for i, name := range names {
		pairs[i] = name + "=" + fields.Text(name)
	}
	return strings.Join(pairs, "&")
}
