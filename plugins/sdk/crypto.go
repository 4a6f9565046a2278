package sdk

import (
	"crypto"
	"crypto/rsa"
	"io"
)

// signer serves crypto.Signer and crypto.Decrypter from the host.
type signer struct {
	call *Call
	name string
}

var (
	_ crypto.Signer    = signer{}
	_ crypto.Decrypter = signer{}
)

// Public is nil when the host cannot give the key.
func (s signer) Public() crypto.PublicKey {
	key, err := s.call.PublicKey(s.name)
	if err != nil {
		return nil
	}
	return key
}

func (s signer) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	scheme, err := schemeOf(opts)
	if err != nil {
		return nil, err
	}
	return s.call.host.Sign(s.call.ctx, s.name, scheme, digest)
}

func (s signer) Decrypt(_ io.Reader, msg []byte, opts crypto.DecrypterOpts) ([]byte, error) {
	scheme := EncryptPKCS1v15
	if o, ok := opts.(*rsa.OAEPOptions); ok {
		switch o.Hash {
		case crypto.SHA1:
			scheme = EncryptOAEPSHA1
		case crypto.SHA256:
			scheme = EncryptOAEPSHA256
		default:
			return nil, Errorf(ErrNotSupported, "OAEP with %s is not offered.", o.Hash)
		}
	}
	return s.call.host.Decrypt(s.call.ctx, s.name, scheme, msg)
}

func schemeOf(opts crypto.SignerOpts) (SignatureScheme, error) {
	if opts == nil {
		return "", Errorf(ErrInvalidRequest, "Name the hash that was used.")
	}
	_, pss := opts.(*rsa.PSSOptions)
	switch hash := opts.HashFunc(); {
	case hash == crypto.SHA1 && pss:
		return PSSSHA1, nil
	case hash == crypto.SHA256 && pss:
		return PSSSHA256, nil
	case hash == crypto.SHA1:
		return PKCS1v15SHA1, nil
	case hash == crypto.SHA256:
		return PKCS1v15SHA256, nil
	default:
		return "", Errorf(ErrNotSupported, "Signatures over %s are not offered.", hash)
	}
}

// gcmNonce and gcmTag are the sizes of AES-GCM as every provider uses it.
const (
	gcmNonce = 12
	gcmTag   = 16
)

// aead serves cipher.AEAD from the host.
type aead struct {
	call *Call
	name string
}

func (aead) NonceSize() int { return gcmNonce }

func (aead) Overhead() int { return gcmTag }

// Seal panics when the host refuses, as cipher.AEAD has no error to give; Serve turns
// the panic into the call's error.
func (a aead) Seal(dst, nonce, plaintext, additionalData []byte) []byte {
	out, err := a.call.host.Seal(a.call.ctx, a.name, AESGCM, IV{Value: nonce}, plaintext, additionalData)
	if err != nil {
		panic(hostRefusal{err})
	}
	return append(dst, out...)
}

func (a aead) Open(dst, nonce, ciphertext, additionalData []byte) ([]byte, error) {
	out, err := a.call.host.Open(a.call.ctx, a.name, AESGCM, IV{Value: nonce}, ciphertext, additionalData)
	if err != nil {
		return nil, err
	}
	return append(dst, out...), nil
}

// hostRefusal carries a host's error through an interface that has none.
type hostRefusal struct{ err error }

// BlockCipher is AES-CBC with PKCS #7 padding, key and IV by name.
type BlockCipher struct {
	call     *Call
	name, iv string
}

// Encrypt pads and encrypts a whole message.
func (b BlockCipher) Encrypt(plain []byte) ([]byte, error) {
	return b.call.host.Seal(b.call.ctx, b.name, AESCBC, IV{Name: b.iv}, plain, nil)
}

// Decrypt decrypts a whole message and takes the padding off.
func (b BlockCipher) Decrypt(sealed []byte) ([]byte, error) {
	return b.call.host.Open(b.call.ctx, b.name, AESCBC, IV{Name: b.iv}, sealed, nil)
}
