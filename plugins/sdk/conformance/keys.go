package conformance

import (
	"context"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"hash"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

func unusable(what string) error {
	return sdk.Errorf(sdk.ErrInvalidCredential, "The credential is no %s.", what)
}

func privateKey(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, unusable("RSA private key")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if k, ok := key.(*rsa.PrivateKey); ok && err == nil {
		return k, nil
	}
	return nil, unusable("RSA private key")
}

func publicKey(text string) (*rsa.PublicKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, unusable("RSA public key or certificate")
	}
	if cert, err := x509.ParseCertificate(block.Bytes); err == nil {
		if k, ok := cert.PublicKey.(*rsa.PublicKey); ok {
			return k, nil
		}
	}
	if key, err := x509.ParsePKIXPublicKey(block.Bytes); err == nil {
		if k, ok := key.(*rsa.PublicKey); ok {
			return k, nil
		}
	}
	if k, err := privateKey(text); err == nil {
		return &k.PublicKey, nil
	}
	return nil, unusable("RSA public key or certificate")
}

func hashOf(scheme sdk.SignatureScheme) (h crypto.Hash, pss bool, err error) {
	switch scheme {
	case sdk.PKCS1v15SHA1:
		return crypto.SHA1, false, nil
	case sdk.PKCS1v15SHA256:
		return crypto.SHA256, false, nil
	case sdk.PSSSHA1:
		return crypto.SHA1, true, nil
	case sdk.PSSSHA256:
		return crypto.SHA256, true, nil
	}
	return 0, false, sdk.Errorf(sdk.ErrNotSupported, "The scheme %s is not offered.", scheme)
}

func (h grantedHost) Sign(_ context.Context, name string, scheme sdk.SignatureScheme, digest []byte) ([]byte, error) {
	text, err := h.key(name, sdk.OpSign)
	if err != nil {
		return nil, err
	}
	key, err := privateKey(text)
	if err != nil {
		return nil, err
	}
	kind, pss, err := hashOf(scheme)
	if err != nil {
		return nil, err
	}
	if pss {
		return rsa.SignPSS(rand.Reader, key, kind, digest, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	}
	return rsa.SignPKCS1v15(rand.Reader, key, kind, digest)
}

func (h grantedHost) Verify(_ context.Context, name string, scheme sdk.SignatureScheme, digest, signature []byte) error {
	text, err := h.key(name, sdk.OpVerify)
	if err != nil {
		return err
	}
	key, err := publicKey(text)
	if err != nil {
		return err
	}
	kind, pss, err := hashOf(scheme)
	if err != nil {
		return err
	}
	if pss {
		err = rsa.VerifyPSS(key, kind, digest, signature, nil)
	} else {
		err = rsa.VerifyPKCS1v15(key, kind, digest, signature)
	}
	if err != nil {
		return sdk.Errorf(sdk.ErrVerification, "The signature does not hold.")
	}
	h.seeProof()
	return nil
}

func oaep(scheme sdk.EncryptionScheme) hash.Hash {
	switch scheme {
	case sdk.EncryptOAEPSHA1:
		return sha1.New()
	case sdk.EncryptOAEPSHA256:
		return sha256.New()
	case sdk.EncryptPKCS1v15:
	}
	return nil
}

func (h grantedHost) Encrypt(_ context.Context, name string, scheme sdk.EncryptionScheme, plain []byte) ([]byte, error) {
	h.seeText(plain)
	text, err := h.key(name, sdk.OpEncrypt)
	if err != nil {
		return nil, err
	}
	key, err := publicKey(text)
	if err != nil {
		return nil, err
	}
	size := key.Size() - 11
	if d := oaep(scheme); d != nil {
		size = key.Size() - 2*d.Size() - 2
	}
	return blocks(plain, size, func(block []byte) ([]byte, error) {
		if d := oaep(scheme); d != nil {
			return rsa.EncryptOAEP(d, rand.Reader, key, block, nil)
		}
		return rsa.EncryptPKCS1v15(rand.Reader, key, block) //nolint:staticcheck // a provider demands it
	})
}

func (h grantedHost) Decrypt(_ context.Context, name string, scheme sdk.EncryptionScheme, sealed []byte) ([]byte, error) {
	text, err := h.key(name, sdk.OpDecrypt)
	if err != nil {
		return nil, err
	}
	key, err := privateKey(text)
	if err != nil {
		return nil, err
	}
	out, err := blocks(sealed, key.Size(), func(block []byte) ([]byte, error) {
		if d := oaep(scheme); d != nil {
			return rsa.DecryptOAEP(d, rand.Reader, key, block, nil)
		}
		return rsa.DecryptPKCS1v15(rand.Reader, key, block) //nolint:staticcheck // a provider demands it
	})
	if err != nil {
		return nil, sdk.Errorf(sdk.ErrVerification, "The message does not open.")
	}
	h.seeProof()
	return out, nil
}

func blocks(in []byte, size int, each func([]byte) ([]byte, error)) ([]byte, error) {
	var out []byte
	for first := true; first || len(in) > 0; first = false {
		n := min(size, len(in))
		block, err := each(in[:n])
		if err != nil {
			return nil, err
		}
		out, in = append(out, block...), in[n:]
	}
	return out, nil
}

func (h grantedHost) Certificate(_ context.Context, name string) ([]byte, error) {
	text, err := h.key(name, sdk.OpVerify)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, unusable("certificate")
	}
	return block.Bytes, nil
}

func (h grantedHost) cipher(name, operation string, iv sdk.IV) (cipher.Block, []byte, error) {
	text, err := h.key(name, operation)
	if err != nil {
		return nil, nil, err
	}
	block, err := aes.NewCipher([]byte(text))
	if err != nil {
		return nil, nil, unusable("AES key")
	}
	if iv.Name != "" {
		return block, []byte(h.Credentials[iv.Name]), nil
	}
	return block, iv.Value, nil
}

func (h grantedHost) Seal(_ context.Context, name string, mode sdk.CipherMode, iv sdk.IV, plain, additional []byte) ([]byte, error) {
	h.seeText(plain)
	block, nonce, err := h.cipher(name, sdk.OpSeal, iv)
	if err != nil {
		return nil, err
	}
	if mode == sdk.AESGCM {
		gcm, err := cipher.NewGCM(block)
		if err != nil || len(nonce) != gcm.NonceSize() {
			return nil, sdk.Errorf(sdk.ErrInvalidRequest, "AES-GCM wants a nonce of 12 bytes.")
		}
		return gcm.Seal(nil, nonce, plain, additional), nil
	}
	if len(nonce) != aes.BlockSize {
		return nil, sdk.Errorf(sdk.ErrInvalidRequest, "AES-CBC wants an IV of 16 bytes.")
	}
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	out := append([]byte(nil), plain...)
	for range pad {
		out = append(out, byte(pad))
	}
	cipher.NewCBCEncrypter(block, nonce).CryptBlocks(out, out)
	return out, nil
}

func (h grantedHost) Open(_ context.Context, name string, mode sdk.CipherMode, iv sdk.IV, sealed, additional []byte) ([]byte, error) {
	block, nonce, err := h.cipher(name, sdk.OpOpen, iv)
	if err != nil {
		return nil, err
	}
	bad := sdk.Errorf(sdk.ErrVerification, "The message does not open.")
	if mode == sdk.AESGCM {
		gcm, err := cipher.NewGCM(block)
		if err != nil || len(nonce) != gcm.NonceSize() {
			return nil, bad
		}
		out, err := gcm.Open(nil, nonce, sealed, additional)
		if err != nil {
			return nil, bad
		}
		h.seeProof()
		return out, nil
	}
	if len(nonce) != aes.BlockSize || len(sealed) == 0 || len(sealed)%aes.BlockSize != 0 {
		return nil, bad
	}
	out := make([]byte, len(sealed))
	cipher.NewCBCDecrypter(block, nonce).CryptBlocks(out, sealed)
	pad := int(out[len(out)-1])
	if pad < 1 || pad > aes.BlockSize {
		return nil, bad
	}
	return out[:len(out)-pad], nil
}
