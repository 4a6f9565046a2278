package wire

import (
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The header fields of a signed message (seed 000, 三.2).
const (
	HeaderMerchant  = "mch_id"
	HeaderNonce     = "nonce_str"
	HeaderTime      = "timestamp"
	HeaderSignature = "Authorization"
)

// The lengths the document prints: characters of nonce_str, digits of timestamp.
const (
	NonceLength = 16
	TimeLength  = 10
)

// Stamp is all that a signature covers. The body is no part of it.
type Stamp struct {
	Merchant string // mch_id
	Nonce    string // nonce_str, 16 characters, another for each message
	Time     string // timestamp, seconds since 1970 in 10 digits
}

// Signing is what the document leaves open of a signature. The zero value is the default:
// name=value pairs, Base64.
type Signing struct {
	ValuesOnly bool // the values alone are joined
	Hex        bool
}

// Message is what is signed: the header fields in ascending order of their names, joined
// with & (seed 000, 三.2).
func (s Signing) Message(t Stamp) []byte {
	if s.ValuesOnly {
		return []byte(t.Merchant + "&" + t.Nonce + "&" + t.Time)
	}
	return []byte(HeaderMerchant + "=" + t.Merchant + "&" + HeaderNonce + "=" + t.Nonce + "&" + HeaderTime + "=" + t.Time)
}

// Sign gives the value of Authorization: SHA256withRSA under the credential key.
func (s Signing) Sign(call *sdk.Call, key string, t Stamp) (string, error) {
	digest := sha256.Sum256(s.Message(t))
	signature, err := call.Signer(key).Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	if s.Hex {
		return hex.EncodeToString(signature), nil
	}
	return base64.StdEncoding.EncodeToString(signature), nil
}

// Verify checks the value of Authorization with the credential key. The error is an
// *sdk.Error with ErrVerification when it is not that key's signature over t.
func (s Signing) Verify(call *sdk.Call, key string, t Stamp, authorization string) error {
	decode := base64.StdEncoding.Strict().DecodeString
	if s.Hex {
		decode = hex.DecodeString
	}
	signature, err := decode(authorization)
	if err != nil || len(signature) == 0 {
		return sdk.Errorf(sdk.ErrVerification, "The signature is not written as expected.")
	}
	digest := sha256.Sum256(s.Message(t))
	return call.Verify(key, sdk.PKCS1v15SHA256, digest[:], signature)
}

// NotAuthentic says that err is a signature or a sealed value that does not hold, and not
// a host that could not look.
func NotAuthentic(err error) bool { return errors.Is(err, &sdk.Error{Code: sdk.ErrVerification}) }
