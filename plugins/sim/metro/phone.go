package metro

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
)

// pad is PKCS5Padding as 三.2 says, which for AES is PKCS #7: one to sixteen bytes, each their number.
func pad(text []byte) []byte {
	n := aes.BlockSize - len(text)%aes.BlockSize
	return append(bytes.Clone(text), bytes.Repeat([]byte{byte(n)}, n)...)
}

// encryptBlocks is AES in CBC mode over whole blocks.
func encryptBlocks(key, iv, blocks []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("the key of phone numbers: %w", err)
	}
	if len(iv) != aes.BlockSize {
		return nil, errors.New("the IV of phone numbers must have 16 bytes")
	}
	out := make([]byte, len(blocks))
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, blocks)
	return out, nil
}
