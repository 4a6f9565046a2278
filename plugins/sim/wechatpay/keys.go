package wechatpay

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// keyBits is the size of all keys: the 2048 in the algorithm's name.
const keyBits = 2048

// keyOr returns the key given, or a new one.
func keyOr(key *rsa.PrivateKey) (*rsa.PrivateKey, error) {
	if key != nil {
		return key, nil
	}
	made, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return made, nil
}

// serialOf is the serial number of a key's certificate: 40 hexadecimal digits. It follows from the key, so that a key
// from the configuration has the same certificate after a restart.
func serialOf(key *rsa.PublicKey) *big.Int {
	sum := sha256.Sum256(key.N.Bytes())
	sum[0] = sum[0]&0x3f | 0x40 // no leading zero, not negative
	return new(big.Int).SetBytes(sum[:20])
}

// Certificate makes a self-signed X.509 certificate of a key, in PEM, with its serial number as headers carry it. It
// serves as a platform certificate and, in tests and demos, as a merchant's API certificate. It is valid for five years.
func Certificate(key *rsa.PrivateKey, name string, from time.Time) (certificate, serial string, err error) {
	template := &x509.Certificate{
		SerialNumber: serialOf(&key.PublicKey),
		Subject:      pkix.Name{CommonName: name, Organization: []string{"Simulated Tenpay"}},
		NotBefore:    from,
		NotAfter:     from.AddDate(5, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return "", "", fmt.Errorf("make a certificate: %w", err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return string(text), fmt.Sprintf("%X", template.SerialNumber), nil
}

// parsePublicKey reads a PEM certificate or PKIX public key; serial is the certificate's, "" for a bare key.
func parsePublicKey(text string) (key *rsa.PublicKey, serial string, err error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, "", errors.New("the public key is not PEM")
	}
	var parsed any
	switch block.Type {
	case "CERTIFICATE":
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, "", fmt.Errorf("read the certificate: %w", err)
		}
		parsed, serial = certificate.PublicKey, fmt.Sprintf("%X", certificate.SerialNumber)
	case "PUBLIC KEY":
		if parsed, err = x509.ParsePKIXPublicKey(block.Bytes); err != nil {
			return nil, "", fmt.Errorf("read the public key: %w", err)
		}
	default:
		return nil, "", fmt.Errorf("a PEM block %q is no public key", block.Type)
	}
	public, ok := parsed.(*rsa.PublicKey)
	if !ok || public.N.BitLen() < keyBits {
		return nil, "", fmt.Errorf("the public key is not an RSA key of at least %d bits", keyBits)
	}
	return public, serial, nil
}

func formatPublicKey(key *rsa.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "", fmt.Errorf("write the public key: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}

// parsePrivateKey reads a PEM PKCS #8 private key; the empty text is no key.
func parsePrivateKey(text string) (*rsa.PrivateKey, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // no key is the default: one is made
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("the private key is not PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("the private key is not PKCS #8") // the cause could show a part of the key
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok || key.N.BitLen() < keyBits {
		return nil, fmt.Errorf("the private key is not an RSA key of at least %d bits", keyBits)
	}
	return key, nil
}

func formatPrivateKey(key *rsa.PrivateKey) (string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", fmt.Errorf("write a private key: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), nil
}
