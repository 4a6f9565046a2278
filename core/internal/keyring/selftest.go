package keyring

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// SelfTest checks an account's credentials against each other at the given time, without
// asking the provider: private keys sign, a PKCS#12 key's certificate is its own, no
// certificate is out of its time, and nobody entered the public half of their own key
// where the provider's belongs. Errors: CodeInvalidCredential with the name as Param.
func SelfTest(values map[string]core.Credential, now time.Time) error {
	privates := map[string]*rsa.PrivateKey{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if values[name].Type != core.CredRSAPrivate {
			continue
		}
		key, err := signingKey(name, values[name])
		if err != nil {
			return err
		}
		privates[name] = key
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if err := testPublicHalf(name, values[name], privates, now); err != nil {
			return err
		}
	}
	return nil
}

func testPublicHalf(name string, value core.Credential, privates map[string]*rsa.PrivateKey, now time.Time) error {
	switch value.Type {
	case core.CredCertificate:
		return testCertificate(name, value, privates[strings.TrimSuffix(name, core.CertificateSuffix)], now)
	case core.CredRSAPublic:
		return testForeign(name, value, privates)
	case core.CredMerchantNumber, core.CredRSAPrivate, core.CredPKCS12, core.CredMD5Key, core.CredAESKey, core.CredIV, core.CredSecret:
	}
	return nil
}

func signingKey(name string, value core.Credential) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(value.Value.Reveal())
	if block == nil {
		return nil, unusable(name, "The private key is not stored in its normal form: enter it again.")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(*rsa.PrivateKey)
	if err != nil || !ok {
		return nil, unusable(name, "The private key is not stored in its normal form: enter it again.")
	}
	digest := sha256.Sum256([]byte(name))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil || rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature) != nil {
		return nil, unusable(name, "The private key does not sign: it was changed in copying. Export it again.")
	}
	return key, nil
}

func testCertificate(name string, value core.Credential, key *rsa.PrivateKey, now time.Time) error {
	block, _ := pem.Decode(value.Value.Reveal())
	if block == nil {
		return unusable(name, "The certificate is not stored in its normal form: enter it again.")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return unusable(name, "The certificate is not stored in its normal form: enter it again.")
	}
	date := func(t time.Time) string { return t.In(core.Beijing()).Format("2006-01-02 15:04") }
	switch {
	case now.After(certificate.NotAfter):
		return unusable(name, "The certificate ended on "+date(certificate.NotAfter)+" (Beijing time): ask the provider for a new one.")
	case now.Before(certificate.NotBefore):
		return unusable(name, "The certificate is valid only from "+date(certificate.NotBefore)+" (Beijing time): check this machine's clock.")
	}
	if key != nil && strings.HasSuffix(name, core.CertificateSuffix) && !key.PublicKey.Equal(certificate.PublicKey) {
		return unusable(name, "The certificate belongs to another private key.")
	}
	return nil
}

func testForeign(name string, value core.Credential, privates map[string]*rsa.PrivateKey) error {
	block, _ := pem.Decode(value.Value.Reveal())
	if block == nil {
		return unusable(name, "The public key is not stored in its normal form: enter it again.")
	}
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return unusable(name, "The public key is not stored in its normal form: enter it again.")
	}
	for _, own := range slices.Sorted(maps.Keys(privates)) {
		if privates[own].PublicKey.Equal(public) {
			return unusable(name, "This is the public half of your own private key ("+own+"): the provider's public key belongs here.")
		}
	}
	return nil
}

func unusable(name, message string) error {
	return core.Errorf(core.CodeInvalidCredential, "%s", message).At(name)
}
