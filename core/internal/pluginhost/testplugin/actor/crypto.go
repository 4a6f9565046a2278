package main

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// everyCipher goes once through each service of the host that works with keys.
func everyCipher(call *sdk.Call) error {
	digest := sha256.Sum256([]byte("message"))
	for scheme, opts := range map[sdk.SignatureScheme]crypto.SignerOpts{
		sdk.PKCS1v15SHA256: crypto.SHA256, sdk.PSSSHA256: &rsa.PSSOptions{Hash: crypto.SHA256},
	} {
		signature, err := call.Signer("rsa").Sign(nil, digest[:], opts)
		if err != nil {
			return fmt.Errorf("sign %s: %w", scheme, err)
		}
		if err := call.Verify("rsa", scheme, digest[:], signature); err != nil {
			return fmt.Errorf("verify %s: %w", scheme, err)
		}
		signature[3] ^= 1
		if err := call.Verify("rsa", scheme, digest[:], signature); err == nil {
			return fmt.Errorf("verify %s took a forgery", scheme)
		}
	}
	if call.Signer("rsa").Public() == nil {
		return fmt.Errorf("no public key")
	}
	long := bytes.Repeat([]byte("0123456789"), 50) // several blocks
	for scheme, opts := range map[sdk.EncryptionScheme]crypto.DecrypterOpts{
		sdk.EncryptPKCS1v15: nil, sdk.EncryptOAEPSHA256: &rsa.OAEPOptions{Hash: crypto.SHA256},
	} {
		sealed, err := call.Encrypt("rsa", scheme, long)
		if err != nil {
			return fmt.Errorf("encrypt %s: %w", scheme, err)
		}
		plain, err := call.Decrypter("rsa").Decrypt(nil, sealed, opts)
		if err != nil || !bytes.Equal(plain, long) {
			return fmt.Errorf("decrypt %s: %w", scheme, err)
		}
	}
	box := call.AEAD("aes")
	nonce := make([]byte, box.NonceSize())
	sealed := box.Seal(nil, nonce, long, []byte("header")) //nolint:gosec // one message under this key
	if plain, err := box.Open(nil, nonce, sealed, []byte("header")); err != nil || !bytes.Equal(plain, long) {
		return fmt.Errorf("open: %w", err)
	}
	if _, err := box.Open(nil, nonce, sealed, []byte("another")); err == nil {
		return fmt.Errorf("open took a forgery")
	}
	_, err := call.Digest("terminal_key", sdk.HMACSHA256, sdk.String("x"))
	return err
}
