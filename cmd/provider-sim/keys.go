package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"software.sslmate.com/src/go-pkcs12"
)

// demoKeys are the key pairs of the demo: at each provider one that all its merchants share, and the provider's own.
type demoKeys struct {
	MetroMerchant   keyPair `json:"metro_merchant"`
	MetroProvider   keyPair `json:"metro_provider"`
	BestPayMerchant keyPair `json:"bestpay_merchant"`
	BestPayPlatform keyPair `json:"bestpay_platform"`
	MMSPMerchant    keyPair `json:"mmsp_merchant"`
	MMSPPlatform    keyPair `json:"mmsp_platform"`

	WeChatPayMerchant keyPair `json:"wechatpay_merchant"`
	WeChatPayPlatform keyPair `json:"wechatpay_platform"`
}

// openKeys reads the keys that were made beside the ledger file and makes those that are not there, as those of a
// provider that came later; without a ledger file they are new at every start.
func openKeys(ledgerFile string) (keys demoKeys, err error) {
	if ledgerFile == "" {
		_, err = keys.complete()
		return keys, err
	}
	path := ledgerFile + ".keys"
	raw, err := os.ReadFile(path) //nolint:gosec // the path is the operator's own choice
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return demoKeys{}, fmt.Errorf("--ledger-file: %w", err)
	default:
		if err := json.Unmarshal(raw, &keys); err != nil {
			return demoKeys{}, fmt.Errorf("read the demo's keys in %s: %w", path, err)
		}
	}
	made, err := keys.complete()
	if err == nil && made {
		err = keys.keep(path)
	}
	return keys, err
}

func (k *demoKeys) keep(path string) error {
	raw, err := json.Marshal(k)
	if err != nil {
		return fmt.Errorf("keep the demo's keys: %w", err)
	}
	// Renamed into place: a half-written file would stop the next start.
	fresh := path + ".new"
	err = os.WriteFile(fresh, raw, 0o600)
	if err == nil {
		err = os.Rename(fresh, path)
	}
	if err != nil {
		return fmt.Errorf("--ledger-file: %w", err)
	}
	return nil
}

func (k *demoKeys) all() []*keyPair {
	return []*keyPair{
		&k.MetroMerchant, &k.MetroProvider, &k.BestPayMerchant, &k.BestPayPlatform, &k.MMSPMerchant, &k.MMSPPlatform,
		&k.WeChatPayMerchant, &k.WeChatPayPlatform,
	}
}

// complete makes the keys that are not there and says whether there were any.
func (k *demoKeys) complete() (made bool, err error) {
	for _, pair := range k.all() {
		if pair.PrivateKey != nil {
			continue
		}
		bits := 2048
		if pair == &k.MMSPMerchant || pair == &k.MMSPPlatform {
			bits = 1024 // the provider's document wants no more
		}
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			return made, fmt.Errorf("make a key of the demo: %w", err)
		}
		pair.PrivateKey, made = key, true
	}
	return made, nil
}

// keyPair is an RSA key that JSON holds as PEM text.
type keyPair struct{ *rsa.PrivateKey }

// MarshalText writes PEM with a PKCS #8 key.
func (k keyPair) MarshalText() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.PrivateKey)
	if err != nil {
		return nil, fmt.Errorf("write a private key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// UnmarshalText reads it.
func (k *keyPair) UnmarshalText(text []byte) error {
	block, _ := pem.Decode(text)
	if block == nil {
		return errors.New("a private key is not PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return errors.New("a private key is not PKCS #8") // the cause could show a part of the key
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return errors.New("a private key is not an RSA key")
	}
	k.PrivateKey = key
	return nil
}

// private and public are the halves as PEM text.
func (k keyPair) private() (string, error) {
	text, err := k.MarshalText()
	return string(text), err
}

func (k keyPair) public() (string, error) {
	der, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
	if err != nil {
		return "", fmt.Errorf("write a public key: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}

// pkcs12File is the key with its certificate (PEM) as a PKCS #12 file in Base64, without a password.
func (k keyPair) pkcs12File(certificate string) (string, error) {
	block, _ := pem.Decode([]byte(certificate))
	if block == nil {
		return "", errors.New("the certificate is not PEM")
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return "", fmt.Errorf("read a certificate: %w", err)
	}
	file, err := pkcs12.Passwordless.Encode(k.PrivateKey, leaf, nil, "")
	if err != nil {
		return "", fmt.Errorf("write a PKCS #12 file: %w", err)
	}
	return base64.StdEncoding.EncodeToString(file), nil
}
