package wechatpay

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sync"
)

// Mode is with what the platform signs what it sends to a merchant.
type Mode string

// The modes. A merchant moves from the first to the last one through the second.
const (
	// ModeCertificate signs with a platform certificate, whatever a request asks for.
	ModeCertificate Mode = "certificate"
	// ModeSwitching signs a reply with the public key if the request's Wechatpay-Serial names it, otherwise with a
	// certificate; of the notifications, Share percent are signed with the public key.
	ModeSwitching Mode = "switching"
	// ModePublicKey signs everything with the public key; there are no certificates to download.
	ModePublicKey Mode = "public-key"
)

// Merchant is a direct merchant (普通商户).
type Merchant struct {
	MchID string
	// AppIDs are bound to the merchant; empty: any.
	AppIDs []string
	// PublicKey is the public half of the merchant's API certificate, Serial the certificate's number.
	PublicKey *rsa.PublicKey
	Serial    string
	// APIv3Key has 32 bytes and encrypts notifications and platform certificates.
	APIv3Key string
	// Mode is ModeCertificate unless it says otherwise; Share is for ModeSwitching, in percent.
	Mode  Mode
	Share int
	// RateBPS is the fee in hundredths of a percent. Default 60; negative: none.
	RateBPS int64
	// SwitchedOff are operations this merchant has no permission for; they are refused with NO_AUTH.
	SwitchedOff []string
}

// MerchantConfig is a Merchant in JSON. PublicKey is PEM: the API certificate, or a PKIX public key with serial_no beside it.
type MerchantConfig struct {
	MchID       string   `json:"mchid"`
	AppIDs      []string `json:"appids,omitempty"`
	PublicKey   string   `json:"public_key"`
	Serial      string   `json:"serial_no,omitempty"`
	APIv3Key    string   `json:"api_v3_key"`
	Mode        Mode     `json:"mode,omitempty"`
	Share       int      `json:"share,omitempty"`
	RateBPS     int64    `json:"rate_bps,omitempty"`
	SwitchedOff []string `json:"switched_off,omitempty"`
}

// Merchant reads the key and checks that nothing is missing.
func (c MerchantConfig) Merchant() (Merchant, error) {
	key, serial, err := parsePublicKey(c.PublicKey)
	if err != nil {
		return Merchant{}, fmt.Errorf("merchant %s: %w", c.MchID, err)
	}
	m := Merchant{
		MchID: c.MchID, AppIDs: c.AppIDs, PublicKey: key, Serial: or(c.Serial, serial), APIv3Key: c.APIv3Key,
		Mode: c.Mode, Share: c.Share, RateBPS: c.RateBPS, SwitchedOff: c.SwitchedOff,
	}
	if err := m.check(); err != nil {
		return Merchant{}, fmt.Errorf("merchant %s: %w", c.MchID, err)
	}
	return m, nil
}

func (m Merchant) config() (MerchantConfig, error) {
	if err := m.check(); err != nil {
		return MerchantConfig{}, err
	}
	text, err := formatPublicKey(m.PublicKey)
	if err != nil {
		return MerchantConfig{}, err
	}
	return MerchantConfig{
		MchID: m.MchID, AppIDs: m.AppIDs, PublicKey: text, Serial: m.Serial, APIv3Key: m.APIv3Key,
		Mode: m.Mode, Share: m.Share, RateBPS: m.RateBPS, SwitchedOff: m.SwitchedOff,
	}, nil
}

var (
	mchIDForm  = regexp.MustCompile(`^[0-9]{8,10}$`)
	serialForm = regexp.MustCompile(`^[0-9A-F]{40}$`)
)

func (m Merchant) check() error {
	switch {
	case !mchIDForm.MatchString(m.MchID):
		return errors.New("mchid has 8 to 10 digits")
	case m.PublicKey == nil:
		return errors.New("public_key is missing")
	case !serialForm.MatchString(m.Serial):
		return errors.New("serial_no has 40 hexadecimal digits")
	case len(m.APIv3Key) != apiKeyBytes:
		return errors.New("api_v3_key has 32 bytes")
	case !slices.Contains([]Mode{"", ModeCertificate, ModeSwitching, ModePublicKey}, m.Mode):
		return fmt.Errorf("mode is %s, %s or %s", ModeCertificate, ModeSwitching, ModePublicKey)
	case m.Share < 0 || m.Share > 100:
		return errors.New("share is between 0 and 100 percent")
	}
	for _, name := range m.SwitchedOff {
		if !slices.Contains(requestOperations(), name) {
			return fmt.Errorf("wechatpay has no operation %q to switch off", name)
		}
	}
	return nil
}

// mode is the merchant's mode, the default if there is none.
func (m Merchant) mode() Mode { return Mode(or(string(m.Mode), string(ModeCertificate))) }

// fee is what the provider keeps of an amount in fen: rounded half up to a fen.
func (m Merchant) fee(amount int64) int64 {
	rate := m.rate()
	return (amount/10_000)*rate + ((amount%10_000)*rate+5_000)/10_000
}

func (m Merchant) rate() int64 {
	switch {
	case m.RateBPS < 0:
		return 0
	case m.RateBPS == 0:
		return 60
	}
	return m.RateBPS
}

// merchants is the list of merchants, safe for concurrent use. The zero value is empty.
type merchants struct {
	mu   sync.RWMutex
	byID map[string]Merchant
}

func (l *merchants) put(m Merchant) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byID == nil {
		l.byID = make(map[string]Merchant)
	}
	l.byID[m.MchID] = m
}

func (l *merchants) find(mchID string) (Merchant, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	m, ok := l.byID[mchID]
	return m, ok
}

// ErrNoMerchant says that there is no such merchant.
var ErrNoMerchant = errors.New("there is no such merchant")

// SetMode moves a merchant to another mode. The journal keeps it.
func (s *Simulator) SetMode(mchID string, mode Mode, share int) error {
	m, ok := s.merchants.find(mchID)
	if !ok {
		return ErrNoMerchant
	}
	m.Mode, m.Share = mode, share
	return s.AddMerchant(m)
}
