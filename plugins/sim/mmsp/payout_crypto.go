package mmsp

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // the provider's signature is SHA1withRSA
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
)

// pkcs1Overhead is what PKCS#1 v1.5 padding takes of every block: a 1024-bit key leaves 117 of 128 bytes.
const pkcs1Overhead = 11

// openBlocks reads ENCRYPT (payout 3.1): Base64 of whole RSA blocks. The decrypted bytes are joined before anything
// is read as text, because a Chinese character may stand across the edge of two blocks.
func openBlocks(key *rsa.PrivateKey, text string) ([]byte, error) {
	sealed, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("ENCRYPT is not Base64: %w", err)
	}
	size := key.Size()
	if len(sealed) == 0 || len(sealed)%size != 0 {
		return nil, fmt.Errorf("ENCRYPT is not made of blocks of %d bytes", size)
	}
	var plain bytes.Buffer
	for block := range slices.Chunk(sealed, size) {
		part, err := rsa.DecryptPKCS1v15(nil, key, block) //nolint:staticcheck // the provider's encryption
		if err != nil {
			return nil, fmt.Errorf("a block of ENCRYPT is not for this key: %w", err)
		}
		plain.Write(part)
	}
	return plain.Bytes(), nil
}

// sealBlocks writes ENCRYPT of a reply: blocks as full as the key allows.
func sealBlocks(key *rsa.PublicKey, plain []byte) (string, error) {
	var sealed bytes.Buffer
	for part := range slices.Chunk(plain, key.Size()-pkcs1Overhead) {
		block, err := rsa.EncryptPKCS1v15(rand.Reader, key, part) //nolint:staticcheck // the provider's encryption
		if err != nil {
			return "", fmt.Errorf("encrypt a block of the reply: %w", err)
		}
		sealed.Write(block)
	}
	return base64.StdEncoding.EncodeToString(sealed.Bytes()), nil
}

// errSign is what every wrong SIGN is, whatever is wrong with it.
var errSign = errors.New("SIGN does not fit the message")

// checkSign verifies SIGN: Base64 of SHA1withRSA over the bytes of the decrypted message.
func checkSign(key *rsa.PublicKey, plain []byte, text string) error {
	sign, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return errSign
	}
	digest := sha1.Sum(plain) //nolint:gosec // the provider's signature is SHA1withRSA
	if rsa.VerifyPKCS1v15(key, crypto.SHA1, digest[:], sign) != nil {
		return errSign
	}
	return nil
}
