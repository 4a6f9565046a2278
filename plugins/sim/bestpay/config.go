package bestpay

import (
	"fmt"
	"time"
)

// Config is Options in JSON: keys are PEM text, durations are written as "250ms". Decode it with unknown fields refused.
type Config struct {
	PlatformKey       string           `json:"platform_key,omitempty"` // PKCS#8 or PKCS#1; empty: one is made
	Merchants         []MerchantConfig `json:"merchants,omitempty"`
	RequestAlgorithm  Algorithm        `json:"request_algorithm,omitempty"`
	ReplyAlgorithm    Algorithm        `json:"reply_algorithm,omitempty"`
	StatusCode        StatusCodeType   `json:"status_code,omitempty"`
	RequestDateWindow Delay            `json:"request_date_window,omitempty"`
	ExactDates        bool             `json:"exact_dates,omitempty"`
	IdempotentRefunds bool             `json:"idempotent_refunds,omitempty"`
	ResultAsString    bool             `json:"result_as_string,omitempty"`
	Callback          CallbackConfig   `json:"callback,omitzero"`
	Seed              uint64           `json:"seed,omitempty"`
	Faults            []Fault          `json:"faults,omitempty"` // for AddFault, after New
}

// CallbackConfig is Callback in JSON.
type CallbackConfig struct {
	Waits           []Delay `json:"waits,omitempty"`
	Off             bool    `json:"off,omitempty"`
	RefundNumber    bool    `json:"refund_number,omitempty"`
	PaymentType     string  `json:"payment_type,omitempty"`
	WithoutType     bool    `json:"without_type,omitempty"`
	WithoutNulls    bool    `json:"without_nulls,omitempty"`
	Currency        string  `json:"currency,omitempty"`
	IncludeFailures bool    `json:"include_failures,omitempty"`
}

// Options reads the keys and checks the rest. The clock and the journal are the caller's to add.
func (c Config) Options() (Options, error) {
	opts := Options{
		RequestAlgorithm: c.RequestAlgorithm, ReplyAlgorithm: c.ReplyAlgorithm, StatusCode: c.StatusCode,
		RequestDateWindow: time.Duration(c.RequestDateWindow), ExactDates: c.ExactDates,
		IdempotentRefunds: c.IdempotentRefunds, ResultAsString: c.ResultAsString, Seed: c.Seed,
		Callback: c.Callback.callback(),
	}
	if c.PlatformKey != "" {
		key, err := parsePrivateKey(c.PlatformKey)
		if err != nil {
			return Options{}, fmt.Errorf("platform_key: %w", err)
		}
		opts.Key = key
	}
	for _, m := range c.Merchants {
		merchant, err := m.Merchant()
		if err != nil {
			return Options{}, err
		}
		opts.Merchants = append(opts.Merchants, merchant)
	}
	return opts, c.check()
}

func (c Config) check() error {
	for _, algorithm := range []Algorithm{c.RequestAlgorithm, c.ReplyAlgorithm} {
		if algorithm != "" && algorithm != SHA256WithRSA && algorithm != SHA1WithRSA {
			return fmt.Errorf("there is no algorithm %q: it is %s or %s", algorithm, SHA256WithRSA, SHA1WithRSA)
		}
	}
	if c.StatusCode != StatusCodeAny && c.StatusCode != StatusCodeNumber && c.StatusCode != StatusCodeString {
		return fmt.Errorf("status_code is %q or %q, not %q", StatusCodeNumber, StatusCodeString, c.StatusCode)
	}
	switch c.Callback.PaymentType {
	case "", typeRefundable, "REAL_TIM", "REAL_TIME":
		return nil
	}
	return fmt.Errorf("payment_type is REAL_TIME_PRO, REAL_TIM or REAL_TIME, not %q", c.Callback.PaymentType)
}

func (c CallbackConfig) callback() Callback {
	out := Callback{
		Off: c.Off, RefundNumber: c.RefundNumber, PaymentType: c.PaymentType, WithoutType: c.WithoutType,
		WithoutNulls: c.WithoutNulls, Currency: c.Currency, IncludeFailures: c.IncludeFailures,
	}
	for _, wait := range c.Waits {
		out.Waits = append(out.Waits, time.Duration(wait))
	}
	return out
}
