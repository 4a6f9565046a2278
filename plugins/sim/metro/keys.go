package metro

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// PublicKey is an RSA public key that JSON holds as PEM text. The zero value is no key.
type PublicKey struct{ *rsa.PublicKey }

// PrivateKey is an RSA private key that JSON holds as PEM text. The zero value is no key.
type PrivateKey struct{ *rsa.PrivateKey }

// MarshalText writes PEM with a PKIX key ("PUBLIC KEY"), as openssl rsa -pubout does.
func (k PublicKey) MarshalText() ([]byte, error) {
	if k.PublicKey == nil {
		return nil, nil
	}
	der, err := x509.MarshalPKIXPublicKey(k.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("encode the public key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// UnmarshalText reads PEM with a PKIX or a PKCS #1 key; the empty text is no key.
func (k *PublicKey) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		k.PublicKey = nil
		return nil
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return errors.New("a public key is PEM text")
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

// MarshalText writes PEM with a PKCS #8 key ("PRIVATE KEY"), the form the document asks for.
func (k PrivateKey) MarshalText() ([]byte, error) {
	if k.PrivateKey == nil {
		return nil, nil
	}
	der, err := x509.MarshalPKCS8PrivateKey(k.PrivateKey)
	if err != nil {
		return nil, fmt.Errorf("encode the private key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// UnmarshalText reads PEM with a PKCS #8 or a PKCS #1 key; the empty text is no key.
func (k *PrivateKey) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		k.PrivateKey = nil
		return nil
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return errors.New("a private key is PEM text")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		k.PrivateKey = key
		return nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return errors.New("the private key is neither PKCS #8 nor PKCS #1") // the cause could show a part of the key
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return errors.New("the private key is not an RSA key")
	}
	k.PrivateKey = key
	return nil
}
