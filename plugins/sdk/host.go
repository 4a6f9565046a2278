package sdk

import (
	"context"
	"crypto"
	"log/slog"
	"net/http"
	"time"
)

// Host is what a plugin asks of the host during one call. Plugins use it through Call;
// it is an interface so that a plugin runs in a test without a process.
//
// Errors are *Error: ErrDenied outside the grant, ErrKeysUnavailable, ErrNotSupported,
// ErrInvalidCredential.
type Host interface {
	// Send makes one exchange. Errors besides: ErrNotSent, ErrSentMaybe, ErrTooLarge.
	Send(req *http.Request, o HTTPOptions) (*http.Response, error)
	// Sign signs a digest with a private key by name.
	Sign(ctx context.Context, name string, scheme SignatureScheme, digest []byte) ([]byte, error)
	// Verify checks a signature over digest. Errors besides: ErrVerification.
	Verify(ctx context.Context, name string, scheme SignatureScheme, digest, signature []byte) error
	// Encrypt encrypts to a public key or certificate by name.
	Encrypt(ctx context.Context, name string, scheme EncryptionScheme, plain []byte) ([]byte, error)
	// Decrypt decrypts with a private key by name. Errors besides: ErrVerification.
	Decrypt(ctx context.Context, name string, scheme EncryptionScheme, cipher []byte) ([]byte, error)
	// Seal encrypts under a shared key by name; additional is authenticated with it (AESGCM only).
	Seal(ctx context.Context, name string, mode CipherMode, iv IV, plain, additional []byte) ([]byte, error)
	// Open is the way back from Seal. Errors besides: ErrVerification.
	Open(ctx context.Context, name string, mode CipherMode, iv IV, sealed, additional []byte) ([]byte, error)
	// Digest digests parts, the key's place among them or an HMAC's key beside them.
	Digest(ctx context.Context, name string, alg DigestAlgorithm, parts []Part) ([]byte, error)
	// Certificate is a certificate in DER, the first of a chain.
	Certificate(ctx context.Context, name string) ([]byte, error)
	// PublicKey is the public half of a key or certificate.
	PublicKey(ctx context.Context, name string) (crypto.PublicKey, error)
	// Reveal gives a credential's value, where the grant says so.
	Reveal(ctx context.Context, name string) (Secret, error)
	// Rotate stores credentials as one new version; those not named are carried over.
	Rotate(ctx context.Context, values map[string]Secret) error
	// Now is the host's time.
	Now() time.Time
	// Log writes a line to the host's log, redacted and cut at 1 KiB.
	Log(ctx context.Context, level slog.Level, message string, attributes map[string]string)
}

// DigestAlgorithm is a digest a key can be mixed into.
type DigestAlgorithm string

// The digest algorithms. The HMAC ones take the key by themselves: no part is Key.
const (
	MD5        DigestAlgorithm = "md5"
	SHA1       DigestAlgorithm = "sha1"
	SHA256     DigestAlgorithm = "sha256"
	HMACMD5    DigestAlgorithm = "hmac-md5"
	HMACSHA1   DigestAlgorithm = "hmac-sha1"
	HMACSHA256 DigestAlgorithm = "hmac-sha256"
)

// Part is a stretch of what is digested: bytes, or the place of the key.
type Part struct {
	Data  []byte
	IsKey bool
}

// Bytes is a part.
func Bytes(b []byte) Part { return Part{Data: b} }

// String is a part.
func String(s string) Part { return Part{Data: []byte(s)} }

// Key is the place where the host puts the key.
func Key() Part { return Part{IsKey: true} }

// SignatureScheme is how a digest is signed.
type SignatureScheme string

// The signature schemes. PSS salts are as long as the digest when signing, of any length when verifying.
const (
	PKCS1v15SHA1   SignatureScheme = "rsa-pkcs1v15-sha1"
	PKCS1v15SHA256 SignatureScheme = "rsa-pkcs1v15-sha256"
	PSSSHA1        SignatureScheme = "rsa-pss-sha1"
	PSSSHA256      SignatureScheme = "rsa-pss-sha256"
)

// EncryptionScheme is how a short message is encrypted to a public key.
type EncryptionScheme string

// The encryption schemes. The host cuts a long message into blocks for PKCS #1 v1.5, as providers do.
const (
	EncryptPKCS1v15   EncryptionScheme = "rsa-pkcs1v15"
	EncryptOAEPSHA1   EncryptionScheme = "rsa-oaep-sha1"
	EncryptOAEPSHA256 EncryptionScheme = "rsa-oaep-sha256"
)

// CipherMode is how a message is encrypted under a shared key.
type CipherMode string

// The cipher modes.
const (
	AESGCM CipherMode = "aes-gcm"
	AESCBC CipherMode = "aes-cbc-pkcs7"
)

// IV is a nonce by value, or an IV that the account keeps, by name.
type IV struct {
	Value []byte
	Name  string
}
