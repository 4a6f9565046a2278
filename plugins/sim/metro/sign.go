package metro

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
)

// The header fields that are signed, and the one that carries the signature (seed 000, 三.2).
const (
	headMchID     = "mch_id"
	headTimestamp = "timestamp"
	headNonce     = "nonce_str"
	headSignature = "Authorization"
)

// signedText is what a signature covers: the three header fields by name, and nothing of the body.
func (f SignForm) signedText(mchID, nonce, timestamp string) string {
	if f == SignValues {
		return mchID + "&" + nonce + "&" + timestamp
	}
	return headMchID + "=" + mchID + "&" + headNonce + "=" + nonce + "&" + headTimestamp + "=" + timestamp
}

// sign is SHA256withRSA.
func sign(key *rsa.PrivateKey, text string) ([]byte, error) {
	digest := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		return nil, fmt.Errorf("sign a call to the merchant: %w", err)
	}
	return signature, nil
}

func verify(key *rsa.PublicKey, text string, signature []byte) bool {
	digest := sha256.Sum256([]byte(text))
	return key != nil && rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature) == nil
}

func (e SignEncoding) encode(signature []byte) string {
	if e == EncodingHex {
		return hex.EncodeToString(signature)
	}
	return base64.StdEncoding.EncodeToString(signature)
}

// decode wants the padding; line breaks cannot stand in a header.
func (e SignEncoding) decode(text string) ([]byte, error) {
	if e == EncodingHex {
		return hex.DecodeString(text)
	}
	return base64.StdEncoding.Strict().DecodeString(text)
}
