package wire

import (
	"crypto"
	"crypto/sha1" //nolint:gosec // the platform signs with it (seed 001, 1.3)
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/strictjson"
)

// signField is the one field that a signature does not cover.
const signField = "sign"

// Scheme is how a text is signed, in the words of the account's settings. The document
// names none (seed 001, 1.3).
type Scheme string

// The schemes, both RSA PKCS #1 v1.5.
const (
	SHA256WithRSA Scheme = "SHA256withRSA"
	SHA1WithRSA   Scheme = "SHA1withRSA"
)

// digest hashes text for the scheme.
func (s Scheme) digest(text string) (crypto.Hash, []byte, error) {
	switch s {
	case SHA256WithRSA:
		sum := sha256.Sum256([]byte(text))
		return crypto.SHA256, sum[:], nil
	case SHA1WithRSA:
		sum := sha1.Sum([]byte(text)) //nolint:gosec // see the import
		return crypto.SHA1, sum[:], nil
	}
	return 0, nil, sdk.Errorf(sdk.ErrInvalidRequest, "The account's settings name the signature %q; choose %s or %s.", string(s), SHA256WithRSA, SHA1WithRSA)
}

// Keys names the account's credentials and says how they are used.
type Keys struct {
	Merchant       string // signs requests
	MerchantScheme Scheme
	Platform       string // a certificate; verifies replies and callbacks
	PlatformScheme Scheme
}

// sign gives the Base64 of the merchant's signature over text.
func (k Keys) sign(call *sdk.Call, text string) (string, error) {
	hash, digest, err := k.MerchantScheme.digest(text)
	if err != nil {
		return "", err
	}
	signature, err := call.Signer(k.Merchant).Sign(nil, digest, hash)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return base64.StdEncoding.EncodeToString(signature), nil
}

// verify checks the platform's signature over a message. An *sdk.Error with
// ErrVerification means that it does not hold; any other error, that it was not checked.
func (k Keys) verify(call *sdk.Call, message strictjson.Object) error {
	var encoded string
	if err := message.Texts(map[string]*string{signField: &encoded}); err != nil {
		return err
	}
	// The decoder skips line breaks, which some encoders put after 76 characters.
	signature, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(signature) == 0 {
		return sdk.Errorf(sdk.ErrVerification, "The message carries no signature in Base64.")
	}
	texts, err := signedTexts(message)
	if err != nil {
		return err
	}
	for _, text := range texts {
		if err = k.verifyText(call, text, signature); !notHeld(err) {
			return err
		}
	}
	return err
}

// verifyText tries the platform's certificate and the one before it, so that a message on
// its way while the certificate is exchanged still counts.
func (k Keys) verifyText(call *sdk.Call, text string, signature []byte) error {
	hash, digest, err := k.PlatformScheme.digest(text)
	if err != nil {
		return err
	}
	scheme := sdk.PKCS1v15SHA1
	if hash == crypto.SHA256 {
		scheme = sdk.PKCS1v15SHA256
	}
	err = call.Verify(k.Platform, scheme, digest, signature)
	if !notHeld(err) {
		return err
	}
	if call.Verify(sdk.Previous(k.Platform), scheme, digest, signature) == nil {
		return nil
	}
	return err
}

func notHeld(err error) bool { return errors.Is(err, &sdk.Error{Code: sdk.ErrVerification}) }

// signedTexts are the texts that the platform may have signed for a message (seed 001, 1.3):
// every field but sign, sorted bytewise by name, as name=value joined with &. Strings are
// raw, null is the word, numbers and booleans stand as they were sent, and an object is
// compact JSON with its names sorted. Where the strings within such an object can be
// written in two ways there are two texts; both hold all that the message says.
func signedTexts(message strictjson.Object) ([]string, error) {
	anew, err := signedText(message, true)
	if err != nil {
		return nil, err
	}
	sent, err := signedText(message, false)
	if err != nil {
		return nil, err
	}
	return slices.Compact([]string{anew, sent}), nil
}

func signedText(message strictjson.Object, anew bool) (string, error) {
	parts := make([]string, 0, len(message))
	for _, name := range names(message) {
		if name == signField {
			continue
		}
		value, err := plain(message[name], anew)
		if err != nil {
			return "", err
		}
		parts = append(parts, name+"="+value)
	}
	return strings.Join(parts, "&"), nil
}

// plain is a value as it stands in a signed text. A result that is a JSON string
// (trap B7) counts as it was sent: as that string.
func plain(raw json.RawMessage, anew bool) (string, error) {
	if raw[0] == '"' {
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return "", fmt.Errorf("%w: it is broken JSON", strictjson.ErrForm)
		}
		return text, nil
	}
	out, err := compact(nil, raw, anew, 1)
	return string(out), err
}
