package core

import "context"

// KeyPath addresses the secrets of one account. The platform's own (the sealer's
// wrapping key) have a zero TenantID.
type KeyPath struct{ TenantID, AccountID ID }

// CredentialType says what a credential is and which operations it can serve.
type CredentialType string

// The types of credentials a manifest may ask for.
const (
	CredMerchantNumber CredentialType = "merchant_number" // given to the plugin by value
	CredRSAPrivate     CredentialType = "rsa_private"
	CredRSAPublic      CredentialType = "rsa_public"
	CredCertificate    CredentialType = "certificate"
	CredPKCS12         CredentialType = "pkcs12"
	CredMD5Key         CredentialType = "md5_key"
	CredAESKey         CredentialType = "aes_key"
	CredIV             CredentialType = "iv"
	CredSecret         CredentialType = "secret" // by value only, when revealed
)

// CertificateSuffix names the certificates that came with a PKCS#12 file, beside its key.
const CertificateSuffix = ".certificate"

// Credential is one secret in its normal form: PEM (PKCS#8, PKIX, X.509) for keys and
// certificates, raw bytes for the rest.
type Credential struct {
	Type  CredentialType
	Value Secret
}

// KeySet is one version of an account's credentials, by the manifest's names.
type KeySet struct {
	Version int
	Values  map[string]Credential
}

// Keyring keeps the secrets of accounts, versioned. Writes are check-and-set.
//
// Errors: CodeNotFound when the path or version does not exist; CodeConflict when
// expect is not the current version; CodeKeysUnavailable when the store is sealed or
// unreachable. No error text holds a value.
type Keyring interface {
	// Put writes a new version and returns its number. expect is the current version,
	// zero for a new path. A write whose answer was lost is read back before it is
	// reported as a conflict.
	Put(ctx context.Context, path KeyPath, values map[string]Credential, expect int) (version int, err error)
	// Get reads a version; zero means the newest.
	Get(ctx context.Context, path KeyPath, version int) (KeySet, error)
	// Retire destroys a version: it can no longer verify late callbacks.
	Retire(ctx context.Context, path KeyPath, version int) error
	// Health says whether keys can be read now; the error's sentence says what to do.
	Health(ctx context.Context) error
}

// CredentialInput is a credential as a person gave it: pasted text or an uploaded file.
type CredentialInput struct {
	Name     string
	Type     CredentialType
	Data     Secret
	Password Secret // of a PKCS#12 file or an encrypted key
}

// CredentialParser turns what a person gave into normal form, or says in one sentence
// what it is instead of what was wanted. Errors: CodeInvalidCredential with Param = Name.
// One input may yield several credentials (PKCS#12: key, certificate). display is masked
// or a fingerprint.
type CredentialParser interface {
	Parse(in CredentialInput) (values map[string]Credential, info []CredentialInfo, err error)
}

// Sealer encrypts what must be kept but not read, bound to a tenant and a purpose
// (table, column and row id), so that a sealed value moved elsewhere does not open.
// Errors: CodeKeysUnavailable, or an internal error when the value was tampered with.
type Sealer interface {
	Seal(ctx context.Context, tenant ID, purpose string, plain []byte) ([]byte, error)
	Open(ctx context.Context, tenant ID, purpose string, sealed []byte) ([]byte, error)
}
