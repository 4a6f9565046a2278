package mmsp

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// PublicKey is an RSA public key that configurations hold as PEM text: PUBLIC KEY (PKIX) or RSA PUBLIC KEY (PKCS #1).
// The zero value is no key, the empty text.
type PublicKey struct{ *rsa.PublicKey }

// MarshalText writes a PUBLIC KEY block.
func (k PublicKey) MarshalText() ([]byte, error) {
	if k.PublicKey == nil {
		return nil, nil
	}
	der, err := x509.MarshalPKIXPublicKey(k.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("write the public key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// UnmarshalText reads either form.
func (k *PublicKey) UnmarshalText(text []byte) error {
	k.PublicKey = nil
	if len(text) == 0 {
		return nil
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return errors.New("the public key is not PEM")
	}
	if key, err := x509.ParsePKCS1PublicKey(block.Bytes); err == nil {
		k.PublicKey = key
		return nil
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return fmt.Errorf("read the public key: %w", err)
	}
	key, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return errors.New("the public key is not an RSA key")
	}
	k.PublicKey = key
	return nil
}

// PrivateKey is an RSA private key that configurations hold as PEM text: PRIVATE KEY (PKCS #8, as the document wants it)
// or RSA PRIVATE KEY (PKCS #1). The zero value is no key, the empty text.
type PrivateKey struct{ *rsa.PrivateKey }

// MarshalText writes a PRIVATE KEY block.
func (k PrivateKey) MarshalText() ([]byte, error) {
	if k.PrivateKey == nil {
		return nil, nil
	}
	der, err := x509.MarshalPKCS8PrivateKey(k.PrivateKey)
	if err != nil {
		return nil, fmt.Errorf("write the private key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// UnmarshalText reads either form.
func (k *PrivateKey) UnmarshalText(text []byte) error {
	k.PrivateKey = nil
	if len(text) == 0 {
		return nil
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return errors.New("the private key is not PEM")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		k.PrivateKey = key
		return nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return fmt.Errorf("read the private key: %w", err)
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return errors.New("the private key is not an RSA key")
	}
	k.PrivateKey = key
	return nil
}
