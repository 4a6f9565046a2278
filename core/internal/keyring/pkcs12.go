package keyring

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"math/big"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/zhanggui-pay/zhanggui/core"
)

// parsePKCS12 yields the private key under the input's name and the certificates beside it.
func parsePKCS12(in core.CredentialInput, found []finding) (map[string]parsed, []string, error) {
	if found[0].kind != kindPKCS12 {
		return nil, nil, mismatch(in, found[0].kind)
	}
	if tooCostly(found[0].raw, 0) {
		return nil, nil, invalid(in, "the PKCS#12 file asks for more than %d rounds of its password: export it again with less", roundLimit)
	}
	key, leaf, rest, err := pkcs12.DecodeChain(found[0].raw, string(in.Password.Reveal()))
	if err != nil {
		return nil, nil, pkcs12Refusal(in, err)
	}
	private, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, nil, invalid(in, "the private key in it is no RSA key")
	}
	public, ok := leaf.PublicKey.(*rsa.PublicKey)
	if !ok || !public.Equal(&private.PublicKey) {
		return nil, nil, invalid(in, "its certificate belongs to another key")
	}
	one, err := rsaPrivate(in, private)
	if err != nil {
		return nil, nil, err
	}
	second := in.Name + core.CertificateSuffix
	return map[string]parsed{in.Name: one, second: certificates(append([]*x509.Certificate{leaf}, rest...))},
		[]string{in.Name, second}, nil
}

// pkcs12Refusal drops the library's error: it may describe what is inside.
func pkcs12Refusal(in core.CredentialInput, err error) error {
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword), errors.Is(err, pkcs12.ErrDecryption):
		if in.Password.Empty() {
			return invalid(in, "the PKCS#12 file has a password: enter it beside the file").With("found", "password_missing")
		}
		return invalid(in, "the password does not open the PKCS#12 file").With("found", "password_wrong")
	}
	return invalid(in, "the PKCS#12 file cannot be read, or does not hold exactly one private key with its certificate").
		With("found", "pkcs12_unreadable")
}

// roundLimit is ten times what tools write today. The library obeys whatever a file asks
// for, and a file that asks for billions would keep a processor busy for minutes.
const roundLimit = 10_000_000

// tooCostly looks for a number of rounds over the limit: in every structure of PKCS#12
// that has one, it is the INTEGER right after the salt's OCTET STRING.
func tooCostly(der []byte, depth int) bool {
	salted := false
	for len(der) > 0 && depth < 16 {
		var value asn1.RawValue
		rest, err := asn1.Unmarshal(der, &value)
		if err != nil {
			return false
		}
		der = rest
		universal := value.Class == asn1.ClassUniversal
		if universal && value.Tag == asn1.TagInteger && salted &&
			new(big.Int).SetBytes(value.Bytes).Cmp(big.NewInt(roundLimit)) > 0 {
			return true
		}
		salted = universal && value.Tag == asn1.TagOctetString
		if (value.IsCompound || salted) && tooCostly(value.Bytes, depth+1) {
			return true
		}
	}
	return false
}
