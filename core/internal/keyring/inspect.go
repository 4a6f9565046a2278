package keyring

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"math/big"
	"strings"
)

// kind is what an input turned out to be. The names go into an error's arguments, where
// the console translates them.
type kind string

const (
	kindEmpty         kind = "empty"
	kindRSAPrivate    kind = "rsa_private"
	kindRSAPublic     kind = "rsa_public"
	kindECPrivate     kind = "ec_private"
	kindECPublic      kind = "ec_public"
	kindEdPrivate     kind = "ed25519_private"
	kindEdPublic      kind = "ed25519_public"
	kindCertificate   kind = "certificate"
	kindRequest       kind = "certificate_request"
	kindEncryptedKey  kind = "encrypted_private"
	kindPKCS12        kind = "pkcs12"
	kindOpenSSH       kind = "openssh_private"
	kindOpenSSHPublic kind = "openssh_public"
	kindJavaStore     kind = "java_keystore"
	kindXMLKey        kind = "xml_key"
	kindJSON          kind = "json"
	kindOtherKey      kind = "other_key"
	kindDamagedKey    kind = "damaged_key"
	kindBrokenPEM     kind = "broken_pem"
	kindBytes         kind = "binary"
	kindText          kind = "text"
)

// article is the kind in a sentence.
func (k kind) article() string {
	names := map[kind]string{
		kindEmpty: "nothing", kindRSAPrivate: "an RSA private key", kindRSAPublic: "an RSA public key",
		kindECPrivate: "an EC private key", kindECPublic: "an EC public key",
		kindEdPrivate: "an Ed25519 private key", kindEdPublic: "an Ed25519 public key",
		kindCertificate: "a certificate", kindRequest: "a certificate signing request",
		kindEncryptedKey: "a private key that is encrypted with a password",
		kindPKCS12:       "a PKCS#12 file (.p12, .pfx)", kindOpenSSH: "an OpenSSH private key",
		kindOpenSSHPublic: "an OpenSSH public key", kindJavaStore: "a Java key store (.jks)",
		kindXMLKey: "a key in XML form", kindJSON: "a JSON text", kindOtherKey: "a key of another kind",
		kindDamagedKey: "an RSA key whose numbers do not fit together",
		kindBrokenPEM:  "a PEM text that is cut off or changed", kindBytes: "a binary file of an unknown kind",
		kindText: "a text that is no key",
	}
	return names[k]
}

// finding is one thing found in an input.
type finding struct {
	kind        kind
	private     *rsa.PrivateKey
	public      *rsa.PublicKey
	certificate *x509.Certificate
	raw         []byte // of a PKCS#12 file
}

// inspect says what an input holds, whatever it is labelled as: a label is often wrong,
// the structure inside is not.
func inspect(data []byte) []finding {
	if len(bytes.TrimSpace(data)) == 0 {
		return []finding{{kind: kindEmpty}}
	}
	if found := inspectDER(data); found != nil {
		return found
	}
	text, ok := readable(data)
	switch {
	case !ok:
		return []finding{{kind: binaryKind(data)}}
	case text == "":
		return []finding{{kind: kindEmpty}}
	}
	if pieces := armors(text); len(pieces) > 0 {
		return inspectArmors(pieces)
	}
	if found := inspectBareText(text); found != nil {
		return found
	}
	return []finding{{kind: textKind(text)}}
}

func inspectArmors(pieces []armor) []finding {
	var found []finding
	for _, piece := range pieces {
		switch {
		case piece.encrypted:
			found = append(found, finding{kind: kindEncryptedKey})
		case strings.Contains(piece.label, "OPENSSH"):
			found = append(found, finding{kind: kindOpenSSH})
		case piece.label == "EC PARAMETERS":
		case piece.broken:
			found = append(found, finding{kind: kindBrokenPEM})
		default:
			inside := inspectDER(piece.body)
			if inside == nil {
				inside = []finding{{kind: kindBrokenPEM}}
			}
			found = append(found, inside...)
		}
	}
	return found
}

// inspectBareText looks for Base64 or hex without any lines around it.
func inspectBareText(text string) []finding {
	if body, ok := decodeBase64(text); ok {
		if found := inspectDER(body); found != nil {
			return found
		}
	}
	if body, err := hex.DecodeString(strings.Join(strings.Fields(text), "")); err == nil {
		return inspectDER(body)
	}
	return nil
}

func textKind(text string) kind {
	switch {
	case strings.HasPrefix(text, "ssh-") || strings.HasPrefix(text, "ecdsa-sha2-"):
		return kindOpenSSHPublic
	case strings.Contains(text, "<RSAKeyValue>") || strings.Contains(text, "<Modulus>"):
		return kindXMLKey
	case strings.HasPrefix(text, "{") && strings.HasSuffix(text, "}"):
		return kindJSON
	case strings.Contains(text, "BEGIN ") || strings.Contains(text, "END "):
		return kindBrokenPEM
	case strings.HasPrefix(text, "MII") && len(text) > 100:
		return kindBrokenPEM
	}
	return kindText
}

func binaryKind(data []byte) kind {
	if bytes.HasPrefix(data, []byte{0xfe, 0xed, 0xfe, 0xed}) {
		return kindJavaStore
	}
	return kindBytes
}

// inspectDER gives nil for what is no known structure.
func inspectDER(der []byte) []finding {
	if len(der) < 2 || der[0] != 0x30 {
		return nil
	}
	for _, try := range []func([]byte) []finding{
		derPrivate, derPublic, derCertificates, derEncrypted, derPKCS12, derDamaged,
	} {
		if found := try(der); found != nil {
			return found
		}
	}
	return nil
}

// privateLimit is more than a key of 16384 bits takes. What is longer only costs time.
const privateLimit = 12 << 10

func derPrivate(der []byte) []finding {
	if len(der) > privateLimit {
		return nil
	}
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return []finding{privateKind(key)}
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return []finding{privateKind(key)}
	}
	if _, err := x509.ParseECPrivateKey(der); err == nil {
		return []finding{{kind: kindECPrivate}}
	}
	return nil
}

func privateKind(key any) finding {
	switch key := key.(type) {
	case *rsa.PrivateKey:
		return finding{kind: kindRSAPrivate, private: key, public: &key.PublicKey}
	case *ecdsa.PrivateKey:
		return finding{kind: kindECPrivate}
	case ed25519.PrivateKey:
		return finding{kind: kindEdPrivate}
	}
	return finding{kind: kindOtherKey}
}

func derPublic(der []byte) []finding {
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		pkcs1, err := x509.ParsePKCS1PublicKey(der)
		if err != nil {
			return nil
		}
		return []finding{{kind: kindRSAPublic, public: pkcs1}}
	}
	switch key := key.(type) {
	case *rsa.PublicKey:
		return []finding{{kind: kindRSAPublic, public: key}}
	case *ecdsa.PublicKey:
		return []finding{{kind: kindECPublic}}
	case ed25519.PublicKey:
		return []finding{{kind: kindEdPublic}}
	}
	return []finding{{kind: kindOtherKey}}
}

func derCertificates(der []byte) []finding {
	if certificates, err := x509.ParseCertificates(der); err == nil && len(certificates) > 0 {
		found := make([]finding, 0, len(certificates))
		for _, certificate := range certificates {
			found = append(found, finding{kind: kindCertificate, certificate: certificate})
		}
		return found
	}
	if _, err := x509.ParseCertificateRequest(der); err == nil {
		return []finding{{kind: kindRequest}}
	}
	return nil
}

// derEncrypted knows PKCS#8's EncryptedPrivateKeyInfo by its shape.
func derEncrypted(der []byte) []finding {
	var shape struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}
	if rest, err := asn1.Unmarshal(der, &shape); err != nil || len(rest) > 0 {
		return nil
	}
	return []finding{{kind: kindEncryptedKey}}
}

// derPKCS12 knows a PFX by its version and the content type that follows.
func derPKCS12(der []byte) []finding {
	var shape struct {
		Version int
		Content struct {
			Type asn1.ObjectIdentifier
			Rest asn1.RawValue `asn1:"optional"`
		}
		Mac asn1.RawValue `asn1:"optional"`
	}
	if _, err := asn1.Unmarshal(der, &shape); err == nil && shape.Version == 3 {
		return []finding{{kind: kindPKCS12, raw: der}}
	}
	// BER with an indefinite length, as some banks' tools write it, is not read by asn1.
	if der[1] == 0x80 && bytes.HasPrefix(der[2:], []byte{0x02, 0x01, 0x03}) {
		return []finding{{kind: kindPKCS12, raw: der}}
	}
	return nil
}

// derDamaged knows an RSA private key that the parsers refuse: its numbers do not belong
// together, or it is shorter than Go's library deals with.
func derDamaged(der []byte) []finding {
	var pkcs8 struct {
		Version   int
		Algorithm pkix.AlgorithmIdentifier
		Key       []byte
	}
	if _, err := asn1.Unmarshal(der, &pkcs8); err == nil {
		der = pkcs8.Key
	}
	var shape struct {
		Version          int
		N                *big.Int
		E                int
		D, P, Q, A, B, C *big.Int
	}
	if _, err := asn1.Unmarshal(der, &shape); err != nil {
		return nil
	}
	return []finding{{kind: kindDamagedKey, public: &rsa.PublicKey{N: shape.N, E: shape.E}}}
}
