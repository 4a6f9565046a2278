package wechatpay

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

// scheme is the authorization scheme, and the signature's type in replies and notifications.
const scheme = "WECHATPAY2-SHA256-RSA2048"

// apiKeyBytes and cipherNonceBytes are the sizes of AEAD_AES_256_GCM's key and nonce.
const (
	apiKeyBytes      = 32
	cipherNonceBytes = 12
)

// requestText is what a merchant signs of a request: method, request target, timestamp, nonce and body, each ended by
// a newline.
func requestText(method, target, timestamp, nonce string, body []byte) string {
	return method + "\n" + target + "\n" + timestamp + "\n" + nonce + "\n" + string(body) + "\n"
}

// messageText is what the platform signs of a reply or a notification.
func messageText(timestamp, nonce string, body []byte) string {
	return timestamp + "\n" + nonce + "\n" + string(body) + "\n"
}

// sign is SHA256 with RSA, PKCS #1 v1.5, in Base64.
func sign(key *rsa.PrivateKey, text string) (string, error) {
	digest := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return base64.StdEncoding.EncodeToString(signature), nil
}

func verify(key *rsa.PublicKey, text, signature string) bool {
	raw, err := base64.StdEncoding.Strict().DecodeString(signature)
	digest := sha256.Sum256([]byte(text))
	return err == nil && rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], raw) == nil
}

// sealed is an encrypted part of a message: a certificate or a notification's resource.
type sealed struct {
	nonce, associated, ciphertext string
}

// algorithm is the only one there is.
const algorithm = "AEAD_AES_256_GCM"

// seal encrypts under an APIv3 key. flaw, if it is one of CipherFlaws, says what is wrong with it.
func (s *Simulator) seal(apiKey, associated string, plain []byte, flaw Forgery) (sealed, error) {
	nonce, err := s.draw(alphanumeric, cipherNonceBytes)
	if err != nil {
		return sealed{}, err
	}
	key, covered := []byte(apiKey), associated
	switch flaw {
	case ForgeCipherKey:
		other := sha256.Sum256(key)
		key = other[:]
	case ForgeCipherAssociated:
		covered += "-other"
	default: // ForgeCipherDamaged is done below; the others do not touch the cipher
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return sealed{}, fmt.Errorf("encrypt for the merchant: %w", err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return sealed{}, fmt.Errorf("encrypt for the merchant: %w", err)
	}
	text := gcm.Seal(nil, []byte(nonce), plain, []byte(covered))
	if flaw == ForgeCipherDamaged {
		text[len(text)-1] ^= 1
	}
	return sealed{nonce: nonce, associated: associated, ciphertext: base64.StdEncoding.EncodeToString(text)}, nil
}
