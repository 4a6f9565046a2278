package keyring

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Parser implements core.CredentialParser. It has no state and keeps nothing.
//
// Normal forms: RSA private keys as PKCS#8 PEM, RSA public keys as PKIX PEM, certificates
// as X.509 PEM (a chain in the order given), everything else as raw bytes. A PKCS#12 file
// becomes two credentials: Name holds the private key (CredRSAPrivate), and Name +
// core.CertificateSuffix its certificates (CredCertificate).
//
// Errors carry the arguments "found" and "wanted" for translation, and never any part of
// the input.
type Parser struct{}

var _ core.CredentialParser = Parser{}

const (
	inputLimit = 64 << 10
	rsaMinimum = 1024 // some providers' documents still use 1024-bit keys
	rsaWeak    = 2048
	rsaMaximum = 16384 // more only makes the host slow
)

// parsed is a credential with what may be shown of it.
type parsed struct {
	credential  core.Credential
	display     string
	fingerprint string
}

// Parse implements core.CredentialParser.
func (Parser) Parse(in core.CredentialInput) (map[string]core.Credential, []core.CredentialInfo, error) {
	data := in.Data.Reveal()
	if len(data) > inputLimit {
		return nil, nil, invalid(in, "the input is over %d KiB: no key or certificate is that large", inputLimit>>10)
	}
	results, order, err := parseAs(in, data)
	if err != nil {
		return nil, nil, err
	}
	values := make(map[string]core.Credential, len(results))
	info := make([]core.CredentialInfo, 0, len(results))
	for _, name := range order {
		one := results[name]
		values[name] = one.credential
		info = append(info, core.CredentialInfo{Name: name, Type: one.credential.Type, Display: one.display, Fingerprint: one.fingerprint})
	}
	return values, info, nil
}

func parseAs(in core.CredentialInput, data []byte) (map[string]parsed, []string, error) {
	if in.Type == core.CredPKCS12 {
		return parsePKCS12(in, inspect(data))
	}
	one, err := parseOne(in, data)
	if err != nil {
		return nil, nil, err
	}
	return map[string]parsed{in.Name: one}, []string{in.Name}, nil
}

func parseOne(in core.CredentialInput, data []byte) (parsed, error) {
	switch in.Type {
	case core.CredRSAPrivate:
		return parseRSAPrivate(in, inspect(data))
	case core.CredRSAPublic:
		return parseRSAPublic(in, inspect(data))
	case core.CredCertificate:
		return parseCertificate(in, inspect(data))
	case core.CredMerchantNumber:
		return parseMerchantNumber(in, data)
	case core.CredMD5Key, core.CredSecret:
		return parseText(in, data)
	case core.CredAESKey, core.CredIV:
		return parseBlockKey(in, data)
	case core.CredPKCS12: // parseAs took it
	}
	return parsed{}, fmt.Errorf("keyring: the credential type %q of %q is unknown", in.Type, in.Name)
}

func parseRSAPrivate(in core.CredentialInput, found []finding) (parsed, error) {
	if found[0].kind == kindPKCS12 {
		both, _, err := parsePKCS12(in, found)
		return both[in.Name], err
	}
	key, err := only(in, found, kindRSAPrivate)
	if err != nil {
		return parsed{}, err
	}
	return rsaPrivate(in, key.private)
}

func rsaPrivate(in core.CredentialInput, key *rsa.PrivateKey) (parsed, error) {
	if err := checkRSA(in, &key.PublicKey); err != nil {
		return parsed{}, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return parsed{}, invalid(in, "the RSA private key cannot be used")
	}
	display, fingerprint := showRSA(&key.PublicKey)
	return parsed{credential(core.CredRSAPrivate, "PRIVATE KEY", der), display, fingerprint}, nil
}

func parseRSAPublic(in core.CredentialInput, found []finding) (parsed, error) {
	key, err := only(in, found, kindRSAPublic)
	if err != nil {
		return parsed{}, err
	}
	if err := checkRSA(in, key.public); err != nil {
		return parsed{}, err
	}
	der, err := x509.MarshalPKIXPublicKey(key.public)
	if err != nil {
		return parsed{}, invalid(in, "the RSA public key cannot be used")
	}
	display, fingerprint := showRSA(key.public)
	return parsed{credential(core.CredRSAPublic, "PUBLIC KEY", der), display, fingerprint}, nil
}

func parseCertificate(in core.CredentialInput, found []finding) (parsed, error) {
	if found[0].kind == kindPKCS12 {
		both, _, err := parsePKCS12(in, found)
		return both[in.Name+core.CertificateSuffix], err
	}
	var chain []*x509.Certificate
	for _, one := range found {
		if one.kind == kindCertificate {
			chain = append(chain, one.certificate)
		}
	}
	if len(chain) == 0 {
		return parsed{}, mismatch(in, found[0].kind)
	}
	return certificates(chain), nil
}

func certificates(chain []*x509.Certificate) parsed {
	var text strings.Builder
	for _, certificate := range chain {
		_ = pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})
	}
	sum := sha256.Sum256(chain[0].Raw)
	display := fmt.Sprintf("%s · %s – %s · SHA-256 %s", subject(chain[0]),
		chain[0].NotBefore.In(core.Beijing()).Format("2006-01-02"), chain[0].NotAfter.In(core.Beijing()).Format("2006-01-02"), short(sum[:]))
	if len(chain) > 1 {
		display += fmt.Sprintf(" · +%d", len(chain)-1)
	}
	return parsed{
		core.Credential{Type: core.CredCertificate, Value: core.SecretString(text.String())},
		display, hex.EncodeToString(sum[:]),
	}
}

// subject is the shortest name a certificate has for itself.
func subject(certificate *x509.Certificate) string {
	name := certificate.Subject.CommonName
	if name == "" {
		name = certificate.Subject.String()
	}
	if runes := []rune(name); len(runes) > 60 {
		name = string(runes[:60]) + "…"
	}
	return name
}

// only picks the one thing of the wanted kind. A private key beside its certificate is
// fine; two keys are not: nobody could say which was meant.
func only(in core.CredentialInput, found []finding, wanted kind) (finding, error) {
	var picked []finding
	for _, one := range found {
		if one.kind == wanted {
			picked = append(picked, one)
		}
	}
	switch {
	case len(picked) == 0:
		if found[0].kind == kindDamagedKey {
			return finding{}, damaged(in, found[0])
		}
		return finding{}, mismatch(in, found[0].kind)
	case len(picked) > 1:
		return finding{}, invalid(in, "there are %d keys in it: give the one that belongs here", len(picked))
	}
	return picked[0], nil
}

func damaged(in core.CredentialInput, key finding) error {
	if key.public.N.BitLen() < rsaMinimum {
		return tooSmall(in, key.public.N.BitLen())
	}
	return mismatch(in, kindDamagedKey)
}

func tooSmall(in core.CredentialInput, bits int) error {
	return invalid(in, "the RSA key has %d bits; at least %d are needed, and 2048 are better", bits, rsaMinimum).
		With("found", "small_rsa_key").With("bits", fmt.Sprint(bits))
}

// checkRSA refuses keys too short and public keys damaged in copying, which still parse:
// a modulus with a small factor is no product of two primes.
func checkRSA(in core.CredentialInput, key *rsa.PublicKey) error {
	if bits := key.N.BitLen(); bits < rsaMinimum {
		return tooSmall(in, bits)
	} else if bits > rsaMaximum {
		return invalid(in, "the RSA key has %d bits; at most %d are accepted", bits, rsaMaximum)
	}
	if key.E < 3 || key.E%2 == 0 || hasSmallFactor(key.N) {
		return mismatch(in, kindDamagedKey)
	}
	return nil
}

func credential(kind core.CredentialType, label string, der []byte) core.Credential {
	return core.Credential{Type: kind, Value: core.NewSecret(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))}
}

// showRSA describes a key by the digest of its public half: the same for both halves.
func showRSA(key *rsa.PublicKey) (display, fingerprint string) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "RSA", ""
	}
	sum := sha256.Sum256(der)
	display = fmt.Sprintf("RSA %d · SHA-256 %s", key.N.BitLen(), short(sum[:]))
	if key.N.BitLen() < rsaWeak {
		display += " · weak"
	}
	return display, hex.EncodeToString(sum[:])
}

// short is enough of a digest to compare two keys by eye.
func short(sum []byte) string {
	return hex.EncodeToString(sum[:4]) + "…" + hex.EncodeToString(sum[28:])
}
