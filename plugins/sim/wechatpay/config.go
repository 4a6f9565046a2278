package wechatpay

import (
	"errors"
	"fmt"
	"net/url"
	"time"
)

// Config is Options in JSON: keys are PEM text, durations are written as "250ms". Decode it with unknown fields refused.
type Config struct {
	CertificateKey    string           `json:"certificate_key,omitempty"` // PKCS #8; empty: one is made
	PublicKeyKey      string           `json:"public_key_key,omitempty"`  // as above
	PublicKeyID       string           `json:"public_key_id,omitempty"`
	Merchants         []MerchantConfig `json:"merchants,omitempty"`
	AllowHTTP         bool             `json:"allow_http,omitempty"`
	TimestampWindow   Delay            `json:"timestamp_window,omitempty"`
	ReentryCode       string           `json:"reentry_code,omitempty"`
	OrderUnknownCode  string           `json:"order_unknown_code,omitempty"`
	RefuseClosedAgain bool             `json:"refuse_closed_again,omitempty"`
	RefundPause       Delay            `json:"refund_pause,omitempty"`
	AutoClose         Delay            `json:"auto_close,omitempty"`
	BillReady         Delay            `json:"bill_ready,omitempty"`
	BillTTL           Delay            `json:"bill_ttl,omitempty"`
	BillPlain         bool             `json:"bill_plain,omitempty"`
	BaseURL           string           `json:"base_url,omitempty"`
	NoticeWaits       []Delay          `json:"notice_waits,omitempty"`
	NoticesOff        bool             `json:"notices_off,omitempty"`
	Seed              uint64           `json:"seed,omitempty"`
	Faults            []Fault          `json:"faults,omitempty"` // for AddFault, after New
}

// Options reads the keys and checks the rest. The clock and the journal are the caller's to add.
func (c Config) Options() (Options, error) {
	opts := Options{
		PublicKeyID: c.PublicKeyID, AllowHTTP: c.AllowHTTP, TimestampWindow: time.Duration(c.TimestampWindow),
		ReentryCode: c.ReentryCode, OrderUnknownCode: c.OrderUnknownCode, RefuseClosedAgain: c.RefuseClosedAgain,
		RefundPause: time.Duration(c.RefundPause), AutoClose: time.Duration(c.AutoClose), BillReady: time.Duration(c.BillReady),
		BillTTL: time.Duration(c.BillTTL), BillPlain: c.BillPlain, BaseURL: c.BaseURL, Seed: c.Seed,
		Notices: Notices{Off: c.NoticesOff},
	}
	var err error
	if opts.CertificateKey, err = parsePrivateKey(c.CertificateKey); err != nil {
		return Options{}, fmt.Errorf("certificate_key: %w", err)
	}
	if opts.PublicKeyKey, err = parsePrivateKey(c.PublicKeyKey); err != nil {
		return Options{}, fmt.Errorf("public_key_key: %w", err)
	}
	known := make(map[string]bool, len(c.Merchants))
	for _, m := range c.Merchants {
		merchant, err := m.Merchant()
		if err != nil {
			return Options{}, err
		}
		if known[m.MchID] {
			return Options{}, fmt.Errorf("merchant %s is there twice", m.MchID)
		}
		known[m.MchID] = true
		opts.Merchants = append(opts.Merchants, merchant)
	}
	for _, wait := range c.NoticeWaits {
		opts.Notices.Waits = append(opts.Notices.Waits, time.Duration(wait))
	}
	return opts, c.check()
}

func (c Config) check() error {
	switch {
	case c.ReentryCode != "" && c.ReentryCode != codeInvalid && c.ReentryCode != codeNumberUsed:
		return fmt.Errorf("reentry_code is %s or %s, not %q", codeInvalid, codeNumberUsed, c.ReentryCode)
	case c.OrderUnknownCode != "" && c.OrderUnknownCode != codeOrderNotExist && c.OrderUnknownCode != codeOrderNotExistV2:
		return fmt.Errorf("order_unknown_code is %s or %s, not %q", codeOrderNotExist, codeOrderNotExistV2, c.OrderUnknownCode)
	case c.TimestampWindow < 0 || c.RefundPause < 0 || c.AutoClose < 0 || c.BillTTL < 0:
		return errors.New("timestamp_window, refund_pause, auto_close and bill_ttl cannot be negative")
	}
	if base, err := url.Parse(c.BaseURL); c.BaseURL != "" && (err != nil || base.Host == "") {
		return errors.New("base_url is an http or https address")
	}
	return nil
}
