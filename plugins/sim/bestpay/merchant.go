package bestpay

import (
	"crypto/rsa"
	"fmt"
	"slices"
	"sync"
)

// Merchant is a merchant of a platform merchant (平台商). Its requests are signed with the private half of PublicKey.
type Merchant struct {
	InstitutionCode string
	MerchantNo      string // unique on the platform
	PublicKey       *rsa.PublicKey
	// SwitchedOff are operations this merchant has not signed up for; they are refused.
	SwitchedOff []string
}

// MerchantConfig is a Merchant in JSON. PublicKey is PEM: a certificate, a PKIX or a PKCS#1 public key.
type MerchantConfig struct {
	InstitutionCode string   `json:"institution_code"`
	MerchantNo      string   `json:"merchant_no"`
	PublicKey       string   `json:"public_key"`
	SwitchedOff     []string `json:"switched_off,omitempty"`
}

// Merchant reads the key and checks that nothing is missing.
func (c MerchantConfig) Merchant() (Merchant, error) {
	if c.InstitutionCode == "" || c.MerchantNo == "" {
		return Merchant{}, fmt.Errorf("a merchant needs institution_code and merchant_no")
	}
	for _, name := range c.SwitchedOff {
		if !slices.Contains(requestOperations(), name) {
			return Merchant{}, fmt.Errorf("merchant %s: bestpay has no operation %q to switch off", c.MerchantNo, name)
		}
	}
	key, err := parsePublicKey(c.PublicKey)
	if err != nil {
		return Merchant{}, fmt.Errorf("merchant %s: %w", c.MerchantNo, err)
	}
	return Merchant{InstitutionCode: c.InstitutionCode, MerchantNo: c.MerchantNo, PublicKey: key, SwitchedOff: c.SwitchedOff}, nil
}

func (m Merchant) config() (MerchantConfig, error) {
	if m.InstitutionCode == "" || m.MerchantNo == "" || m.PublicKey == nil {
		return MerchantConfig{}, fmt.Errorf("a merchant needs an institution code, a number and a public key")
	}
	text, err := formatPublicKey(m.PublicKey)
	if err != nil {
		return MerchantConfig{}, err
	}
	return MerchantConfig{
		InstitutionCode: m.InstitutionCode, MerchantNo: m.MerchantNo, PublicKey: text, SwitchedOff: m.SwitchedOff,
	}, nil
}

// merchants is the list of merchants, safe for concurrent use. The zero value is empty.
type merchants struct {
	mu       sync.RWMutex
	byNumber map[string]Merchant
}

func (l *merchants) put(m Merchant) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byNumber == nil {
		l.byNumber = make(map[string]Merchant)
	}
	l.byNumber[m.MerchantNo] = m
}

// find returns the merchant with both numbers and a key to verify with.
func (l *merchants) find(institutionCode, merchantNo string) (Merchant, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	m := l.byNumber[merchantNo]
	return m, m.PublicKey != nil && m.InstitutionCode == institutionCode
}
