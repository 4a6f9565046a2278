package pluginhost

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // providers demand it
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // providers demand it
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"hash"

	"github.com/zhanggui-pay/zhanggui/core"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

// errNotAuthentic is the one answer to whatever is wrong with a signature or a sealed
// message: a more exact one would be an oracle.
var errNotAuthentic = errors.New("not authentic")

func notOffered(what, value string) error {
	return core.Errorf(core.CodeNotSupported, "The %s %s is not offered by this host.", what, quote(value))
}

func wrongType(name, want string) error {
	return core.Errorf(core.CodeInvalidCredential, "The credential %q is no %s.", name, want)
}

// credential finds a value by name.
func (e *keyEntry) credential(name string) (core.Credential, error) {
	c, ok := e.set.Values[name]
	if !ok || c.Value.Empty() {
		return c, core.Errorf(core.CodeInvalidCredential, "The account has no credential %q. Enter it on the account's page.", name)
	}
	return c, nil
}

// parse gives what make made of the credential, making it once per version.
func parse[T any](e *keyEntry, name, kind string, convert func(core.Credential) (T, error)) (T, error) {
	if v, ok := e.parsed.Load(kind + name); ok {
		if t, ok := v.(T); ok {
			return t, nil
		}
	}
	var zero T
	c, err := e.credential(name)
	if err != nil {
		return zero, err
	}
	v, err := convert(c)
	if err != nil {
		return zero, err
	}
	e.parsed.Store(kind+name, v)
	return v, nil
}

func der(c core.Credential) []byte {
	block, _ := pem.Decode(c.Value.Reveal())
	if block == nil {
		return nil
	}
	return block.Bytes
}

func (e *keyEntry) private(name string) (*rsa.PrivateKey, error) {
	return parse(e, name, "private ", func(c core.Credential) (*rsa.PrivateKey, error) {
		key, err := x509.ParsePKCS8PrivateKey(der(c))
		if k, ok := key.(*rsa.PrivateKey); ok && err == nil && c.Type == core.CredRSAPrivate {
			return k, nil
		}
		return nil, wrongType(name, "RSA private key")
	})
}

// public takes a public key, a certificate, or the public half of a private key.
func (e *keyEntry) public(name string) (*rsa.PublicKey, error) {
	return parse(e, name, "public ", func(c core.Credential) (*rsa.PublicKey, error) {
		switch c.Type { //nolint:exhaustive // the rest has no public key
		case core.CredRSAPublic:
			if k, err := x509.ParsePKIXPublicKey(der(c)); err == nil {
				if k, ok := k.(*rsa.PublicKey); ok {
					return k, nil
				}
			}
		case core.CredCertificate:
			if cert, err := x509.ParseCertificate(der(c)); err == nil {
				if k, ok := cert.PublicKey.(*rsa.PublicKey); ok {
					return k, nil
				}
			}
		case core.CredRSAPrivate:
			if k, err := e.private(name); err == nil {
				return &k.PublicKey, nil
			}
		}
		return nil, wrongType(name, "RSA public key or certificate")
	})
}

// connect is a private key with its certificates, to be shown to a provider.
func (e *keyEntry) connect(name string) (*tls.Certificate, error) {
	return parse(e, name, "connect ", func(core.Credential) (*tls.Certificate, error) {
		key, err := e.private(name)
		if err != nil {
			return nil, err
		}
		chain, err := e.credential(name + core.CertificateSuffix)
		if err != nil {
			return nil, err
		}
		out := &tls.Certificate{PrivateKey: key}
		for rest := chain.Value.Reveal(); ; {
			block, more := pem.Decode(rest)
			if block == nil {
				break
			}
			out.Certificate, rest = append(out.Certificate, block.Bytes), more
		}
		if len(out.Certificate) == 0 {
			return nil, wrongType(name, "certificate with its key")
		}
		return out, nil
	})
}

func hashOf(scheme string) (crypto.Hash, bool, error) {
	switch scheme {
	case "rsa-pkcs1v15-sha1":
		return crypto.SHA1, false, nil
	case "rsa-pkcs1v15-sha256":
		return crypto.SHA256, false, nil
	case "rsa-pss-sha1":
		return crypto.SHA1, true, nil
	case "rsa-pss-sha256":
		return crypto.SHA256, true, nil
	}
	return 0, false, notOffered("signature scheme", scheme)
}

func (e *keyEntry) sign(name, scheme string, digest []byte) ([]byte, error) {
	h, pss, err := hashOf(scheme)
	if err != nil {
		return nil, err
	}
	if len(digest) != h.Size() {
		return nil, core.Errorf(core.CodeInvalidRequest, "The digest has %d bytes, %s has %d.", len(digest), h, h.Size())
	}
	key, err := e.private(name)
	if err != nil {
		return nil, err
	}
	if pss {
		return rsa.SignPSS(rand.Reader, key, h, digest, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	}
	return rsa.SignPKCS1v15(rand.Reader, key, h, digest)
}

func (e *keyEntry) verify(name, scheme string, digest, signature []byte) error {
	h, pss, err := hashOf(scheme)
	if err != nil {
		return err
	}
	key, err := e.public(name)
	if err != nil {
		return err
	}
	if pss {
		err = rsa.VerifyPSS(key, h, digest, signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto})
	} else {
		err = rsa.VerifyPKCS1v15(key, h, digest, signature)
	}
	if err != nil {
		return errNotAuthentic
	}
	return nil
}

func oaepHash(scheme string) (hash.Hash, bool) {
	switch scheme {
	case "rsa-oaep-sha1":
		return sha1.New(), true //nolint:gosec // providers demand it
	case "rsa-oaep-sha256":
		return sha256.New(), true
	}
	return nil, false
}

const pkcs1v15 = "rsa-pkcs1v15"

// encrypt cuts a long message into blocks, as providers do.
func (e *keyEntry) encrypt(name, scheme string, plain []byte) ([]byte, error) {
	oaep, isOAEP := oaepHash(scheme)
	if !isOAEP && scheme != pkcs1v15 {
		return nil, notOffered("encryption scheme", scheme)
	}
	key, err := e.public(name)
	if err != nil {
		return nil, err
	}
	size := key.Size() - 11
	if isOAEP {
		size = key.Size() - 2*oaep.Size() - 2
	}
	return blocks(plain, size, func(block []byte) ([]byte, error) {
		if isOAEP {
			return rsa.EncryptOAEP(oaep, rand.Reader, key, block, nil)
		}
		return rsa.EncryptPKCS1v15(rand.Reader, key, block) //nolint:staticcheck // a provider demands it
	})
}

func (e *keyEntry) decrypt(name, scheme string, sealed []byte) ([]byte, error) {
	oaep, isOAEP := oaepHash(scheme)
	if !isOAEP && scheme != pkcs1v15 {
		return nil, notOffered("encryption scheme", scheme)
	}
	key, err := e.private(name)
	if err != nil {
		return nil, err
	}
	if len(sealed) == 0 || len(sealed)%key.Size() != 0 {
		return nil, errNotAuthentic
	}
	out, err := blocks(sealed, key.Size(), func(block []byte) ([]byte, error) {
		if isOAEP {
			return rsa.DecryptOAEP(oaep, rand.Reader, key, block, nil)
		}
		return rsa.DecryptPKCS1v15(rand.Reader, key, block) //nolint:staticcheck // a provider demands it
	})
	if err != nil {
		return nil, errNotAuthentic
	}
	return out, nil
}

func blocks(in []byte, size int, each func([]byte) ([]byte, error)) ([]byte, error) {
	if size <= 0 {
		return nil, core.Errorf(core.CodeInvalidCredential, "The key is too short for this scheme.")
	}
	out := make([]byte, 0, len(in)+size)
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

func (e *keyEntry) block(name string) (cipher.Block, error) {
	return parse(e, name, "aes ", func(c core.Credential) (cipher.Block, error) {
		b, err := aes.NewCipher(c.Value.Reveal())
		if err != nil || c.Type != core.CredAESKey {
			return nil, wrongType(name, "AES key of 16, 24 or 32 bytes")
		}
		return b, nil
	})
}

// seal encrypts in AES-GCM (nonce by value) or AES-CBC (IV by name or value, PKCS #7).
func (e *keyEntry) seal(name, mode string, iv, plain, additional []byte) ([]byte, error) {
	b, err := e.block(name)
	if err != nil {
		return nil, err
	}
	switch mode {
	case "aes-gcm":
		gcm, err := cipher.NewGCM(b)
		if err != nil || len(iv) != gcm.NonceSize() {
			return nil, core.Errorf(core.CodeInvalidRequest, "AES-GCM wants a nonce of 12 bytes.")
		}
		return gcm.Seal(nil, iv, plain, additional), nil
	case "aes-cbc-pkcs7":
		if len(iv) != b.BlockSize() {
			return nil, core.Errorf(core.CodeInvalidRequest, "AES-CBC wants an IV of 16 bytes.")
		}
		pad := b.BlockSize() - len(plain)%b.BlockSize()
		out := append([]byte(nil), plain...)
		for range pad {
			out = append(out, byte(pad)) //nolint:gosec // 1 to 16
		}
		cipher.NewCBCEncrypter(b, iv).CryptBlocks(out, out)
		return out, nil
	}
	return nil, notOffered("cipher mode", mode)
}

func (e *keyEntry) open(name, mode string, iv, sealed, additional []byte) ([]byte, error) {
	b, err := e.block(name)
	if err != nil {
		return nil, err
	}
	switch mode {
	case "aes-gcm":
		gcm, err := cipher.NewGCM(b)
		if err != nil || len(iv) != gcm.NonceSize() {
			return nil, core.Errorf(core.CodeInvalidRequest, "AES-GCM wants a nonce of 12 bytes.")
		}
		out, err := gcm.Open(nil, iv, sealed, additional)
		if err != nil {
			return nil, errNotAuthentic
		}
		return out, nil
	case "aes-cbc-pkcs7":
		return openCBC(b, iv, sealed)
	}
	return nil, notOffered("cipher mode", mode)
}

func openCBC(b cipher.Block, iv, sealed []byte) ([]byte, error) {
	if len(iv) != b.BlockSize() {
		return nil, core.Errorf(core.CodeInvalidRequest, "AES-CBC wants an IV of 16 bytes.")
	}
	if len(sealed) == 0 || len(sealed)%b.BlockSize() != 0 {
		return nil, errNotAuthentic
	}
	out := make([]byte, len(sealed))
	cipher.NewCBCDecrypter(b, iv).CryptBlocks(out, sealed)
	pad := int(out[len(out)-1])
	if pad < 1 || pad > b.BlockSize() {
		return nil, errNotAuthentic
	}
	for _, v := range out[len(out)-pad:] {
		if int(v) != pad {
			return nil, errNotAuthentic
		}
	}
	return out[:len(out)-pad], nil
}

// digest mixes a key into a digest at the place the plugin names, or keys an HMAC with it.
func (e *keyEntry) digest(name, algorithm string, parts []*providerpb.DigestPart) ([]byte, error) {
	c, err := e.credential(name)
	if err != nil {
		return nil, err
	}
	if c.Type != core.CredMD5Key && c.Type != core.CredSecret {
		return nil, wrongType(name, "key for digests")
	}
	key := c.Value.Reveal()
	h, keyed := newDigest(algorithm, key)
	if h == nil {
		return nil, notOffered("digest", algorithm)
	}
	places := 0
	for _, p := range parts {
		if p.GetIsKey() {
			places++
			h.Write(key)
		} else {
			h.Write(p.GetData())
		}
	}
	if keyed && places != 0 || !keyed && places == 0 {
		return nil, core.Errorf(core.CodeInvalidRequest, "The digest %s takes the key %s.", quote(algorithm), map[bool]string{true: "by itself", false: "as one of the parts"}[keyed])
	}
	return h.Sum(nil), nil
}

func newDigest(algorithm string, key []byte) (h hash.Hash, keyed bool) {
	switch algorithm {
	case "md5":
		return md5.New(), false //nolint:gosec // providers demand it
	case "sha1":
		return sha1.New(), false //nolint:gosec // providers demand it
	case "sha256":
		return sha256.New(), false
	case "hmac-md5":
		return hmac.New(md5.New, key), true
	case "hmac-sha1":
		return hmac.New(sha1.New, key), true
	case "hmac-sha256":
		return hmac.New(sha256.New, key), true
	}
	return nil, false
}
