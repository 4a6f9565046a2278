package bestpay

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// SelfSigned makes an X.509 certificate of the platform, in PEM, for tests and demos: the other half of Options.Key.
// It is valid for ten years, from a day before the time given.
func SelfSigned(key *rsa.PrivateKey, at time.Time) (string, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(at.UnixNano()),
		Subject:      pkix.Name{CommonName: "Simulated BestPay", Organization: []string{"Simulated BestPay"}},
		NotBefore:    at.AddDate(0, 0, -1),
		NotAfter:     at.AddDate(10, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return "", fmt.Errorf("make a certificate: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), nil
}

// parsePublicKey reads a PEM certificate, PKIX or PKCS#1 public key.
func parsePublicKey(text string) (*rsa.PublicKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("the public key is not PEM")
	}
	var key any
	var err error
	switch block.Type {
	case "CERTIFICATE":
		var certificate *x509.Certificate
		if certificate, err = x509.ParseCertificate(block.Bytes); err == nil {
			key = certificate.PublicKey
		}
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		key, err = x509.ParsePKCS1PublicKey(block.Bytes)
	default:
		return nil, fmt.Errorf("a PEM block %q is no public key", block.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("read the public key: %w", err)
	}
	if public, ok := key.(*rsa.PublicKey); ok {
		return public, nil
	}
	return nil, errors.New("the public key is not an RSA key")
}

func formatPublicKey(key *rsa.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "", fmt.Errorf("write the public key: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}

// parsePrivateKey reads a PEM PKCS#8 or PKCS#1 private key.
func parsePrivateKey(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("the private key is not PEM")
	}
	if block.Type == "RSA PRIVATE KEY" {
		return x509.ParsePKCS1PrivateKey(block.Bytes)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read the private key: %w", err)
	}
	if private, ok := key.(*rsa.PrivateKey); ok {
		return private, nil
	}
	return nil, errors.New("the private key is not an RSA key")
}
