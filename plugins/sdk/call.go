package sdk

import (
	"context"
	"crypto"
	"crypto/cipher"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"
)

// CallInfo is what a call is about. It holds no secret.
type CallInfo struct {
	AccountID string // opaque
	Operation Capability
	// OrderNo is the payment's number for all that is about a payment or its refund, the payout's for
	// payouts, the binding's for cards, empty for inbound, an unused number elsewhere.
	OrderNo   string
	Settings  json.RawMessage   // by the manifest's schema; "{}" when there are none
	BaseURL   string            // the provider's address for this account, without a trailing slash; may be empty
	Language  string            // zh or en
	Merchants map[string]string // merchant numbers by the credentials' names, of the version that signs
	// CallbackURL is the address at which the host takes this account's notifications, without
	// the letter of their kind; empty where the host has no public address. See Callback.
	CallbackURL string
	// KeyVersion is the version of the credentials that sign in this call; the host
	// chooses it. A credential's name followed by "@previous" means the version before.
	KeyVersion int
}

// Previous names the version of a credential before the one that signs.
func Previous(name string) string { return name + "@previous" }

// Call is one call of a capability and the host behind it. It is good until the
// capability returns; after that every service refuses.
type Call struct {
	CallInfo

	ctx  context.Context //nolint:containedctx // crypto.Signer and cipher.AEAD take none, and a Call lives as long as its context
	host Host
}

// NewCall binds info and host. Plugins get their calls from Serve; tests make them.
func NewCall(ctx context.Context, info CallInfo, host Host) *Call {
	return &Call{CallInfo: info, ctx: ctx, host: host}
}

// WithContext gives a copy whose services end with ctx, for instance after a while.
func (c *Call) WithContext(ctx context.Context) *Call {
	copied := *c
	copied.ctx = ctx
	return &copied
}

// HTTP is a client whose requests the host sends: only to the hosts, methods and paths of
// the grant, as often as it says, without following redirects. A failed request carries
// an *Error with ErrNotSent when nothing left, ErrSentMaybe when it may have.
func (c *Call) HTTP() *http.Client { return c.HTTPWith(HTTPOptions{}) }

// HTTPOptions choose how the host sends.
type HTTPOptions struct {
	ClientCertificate string        // a credential of type pkcs12, by name
	Timeout           time.Duration // for the whole exchange; the host's own limit is the upper bound
	MaxResponse       int64         // bytes; the host's own limit is the upper bound
}

// HTTPWith is HTTP with options.
func (c *Call) HTTPWith(o HTTPOptions) *http.Client {
	return &http.Client{
		Transport: transport{call: c, options: o},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

// Digest is a keyed digest of parts, one of which is usually the key's place:
//
//	call.Digest("terminal_key", sdk.MD5, sdk.Bytes(body), sdk.Key())
//	call.Digest("key", sdk.MD5, sdk.Bytes(body), sdk.String("&key="), sdk.Key())
//	call.Digest("key", sdk.HMACSHA256, sdk.Bytes(body))
//
// The plugin never sees the key.
func (c *Call) Digest(name string, alg DigestAlgorithm, parts ...Part) ([]byte, error) {
	return c.host.Digest(c.ctx, name, alg, parts)
}

// Signer signs with a private key by name. It takes PKCS #1 v1.5 (opts is a crypto.Hash)
// and PSS (*rsa.PSSOptions) over a digest.
func (c *Call) Signer(name string) crypto.Signer { return signer{call: c, name: name} }

// Decrypter decrypts with a private key by name: PKCS #1 v1.5 (nil or
// *rsa.PKCS1v15DecryptOptions) and OAEP (*rsa.OAEPOptions).
func (c *Call) Decrypter(name string) crypto.Decrypter { return signer{call: c, name: name} }

// Verify checks a signature over digest with a public key or certificate by name. The
// error is an *Error with ErrVerification when it does not hold.
func (c *Call) Verify(name string, scheme SignatureScheme, digest, signature []byte) error {
	return c.host.Verify(c.ctx, name, scheme, digest, signature)
}

// Encrypt encrypts with a public key or certificate by name.
func (c *Call) Encrypt(name string, scheme EncryptionScheme, plain []byte) ([]byte, error) {
	return c.host.Encrypt(c.ctx, name, scheme, plain)
}

// AEAD is AES-GCM under a key by name, with 12-byte nonces.
func (c *Call) AEAD(name string) cipher.AEAD { return aead{call: c, name: name} }

// Block encrypts or decrypts whole messages in a mode older providers use (AES-CBC with
// PKCS #7 padding), with the key and the IV by name.
func (c *Call) Block(name, iv string) BlockCipher { return BlockCipher{call: c, name: name, iv: iv} }

// Certificate is a certificate of the account by name, in DER.
func (c *Call) Certificate(name string) ([]byte, error) { return c.host.Certificate(c.ctx, name) }

// PublicKey is the public half of a key or certificate by name.
func (c *Call) PublicKey(name string) (crypto.PublicKey, error) { return c.host.PublicKey(c.ctx, name) }

// Callback is the address for one kind of notification, a letter of the manifest's Inbound,
// or empty when the host has no public address.
func (c *Call) Callback(kind string) string {
	if c.CallbackURL == "" {
		return ""
	}
	return c.CallbackURL + kind
}

// Merchant is a merchant number by name, or empty when the account has none.
func (c *Call) Merchant(name string) string { return c.Merchants[name] }

// Reveal gives a secret by value. The manifest must declare it and the operator have approved.
func (c *Call) Reveal(name string) (Secret, error) { return c.host.Reveal(c.ctx, name) }

// Rotate stores credentials the provider has issued, all of them as one new version. The
// former version stays as the previous one. It returns after they are stored.
func (c *Call) Rotate(values map[string]Secret) error { return c.host.Rotate(c.ctx, values) }

// Now is the host's time.
func (c *Call) Now() time.Time { return c.host.Now() }

// Log is the host's log. Secrets do not belong there; the host redacts what it knows.
func (c *Call) Log() *slog.Logger { return slog.New(logHandler{call: c}) }

// Bind reads the account's settings into v.
func (c *Call) Bind(v any) error {
	if len(c.Settings) == 0 {
		return nil
	}
	if err := json.Unmarshal(c.Settings, v); err != nil {
		return Errorf(ErrInvalidRequest, "The account's settings cannot be read: %v.", err)
	}
	return nil
}
