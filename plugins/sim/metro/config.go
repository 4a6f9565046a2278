package metro

import (
	"bytes"
	"crypto/aes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
)

// Config is a simulator's form in a JSON file: the options, and faults that are armed at the start.
type Config struct {
	Options
	Faults []Fault `json:"faults,omitempty"`
}

// ReadConfig reads one JSON object; unknown fields are refused.
func ReadConfig(r io.Reader) (Config, error) {
	var c Config
	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return Config{}, fmt.Errorf("read the metro configuration: %w", err)
	}
	return c, nil
}

// Build checks the configuration and builds the simulator with its faults armed.
func (c Config) Build() (*Simulator, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	s := New(c.Options)
	for i, fault := range c.Faults {
		if _, err := s.AddFault(fault); err != nil {
			return nil, errors.Join(fmt.Errorf("fault %d in the metro configuration: %w", i+1, err), s.Close())
		}
	}
	return s, nil
}

// Check finds what makes options unusable. New does not call it: a test may want a merchant without a key.
func (o Options) Check() error {
	if o.SignForm != "" && o.SignForm != SignNameValue && o.SignForm != SignValues {
		return fmt.Errorf("sign_form is %s or %s, not %q", SignNameValue, SignValues, o.SignForm)
	}
	if o.SignEncoding != "" && o.SignEncoding != EncodingBase64 && o.SignEncoding != EncodingHex {
		return fmt.Errorf("sign_encoding is %s or %s, not %q", EncodingBase64, EncodingHex, o.SignEncoding)
	}
	if o.TimestampWindow < 0 {
		return errors.New("timestamp_window cannot be negative")
	}
	if err := o.Envelope.withDefaults().check(); err != nil {
		return err
	}
	known := make(map[string]bool, len(o.Merchants))
	for i, m := range o.Merchants {
		if err := m.check(); err != nil {
			return fmt.Errorf("merchant %d: %w", i+1, err)
		}
		if known[m.MchID] {
			return fmt.Errorf("merchant %d: mch_id %s is there twice", i+1, m.MchID)
		}
		known[m.MchID] = true
		if m.calls() && m.ProviderKey.PrivateKey == nil && o.ProviderKey.PrivateKey == nil {
			return fmt.Errorf("merchant %d: a URL to call needs a provider_key", i+1)
		}
	}
	return nil
}

func (e Envelope) check() error {
	if e.Code == e.Message || e.Code == e.Data || e.Message == e.Data {
		return errors.New("the envelope's three names must differ")
	}
	success := bytes.TrimSpace(e.Success)
	if !json.Valid(success) || (success[0] != '"' && (success[0] < '0' || success[0] > '9')) {
		return errors.New("the envelope's success is a JSON string or a number without a sign")
	}
	for _, code := range refusalCodes() {
		if e.isSuccess(code) {
			return fmt.Errorf("the envelope's success cannot be %s: the simulator refuses with it", code)
		}
	}
	return nil
}

// minKeyBytes is the 2048 bits of the document's openssl commands (seed 000, 三.1).
const minKeyBytes = 2048 / 8

func (m Merchant) check() error {
	if m.MchID == "" {
		return errors.New("mch_id is missing")
	}
	if m.PublicKey.PublicKey == nil || m.PublicKey.Size() < minKeyBytes {
		return errors.New("public_key must be an RSA key of at least 2048 bits")
	}
	if m.ProviderKey.PrivateKey != nil && m.ProviderKey.Size() < minKeyBytes {
		return errors.New("provider_key must have at least 2048 bits")
	}
	for _, address := range []string{m.OpenURL, m.UnbindURL, m.PhoneURL} {
		if address == "" {
			continue
		}
		target, err := url.Parse(address)
		if err != nil || target.Host == "" || (target.Scheme != "http" && target.Scheme != "https") {
			return errors.New("open_url, unbind_url and phone_url are http or https addresses")
		}
	}
	if !m.calls() {
		return nil
	}
	if _, err := aes.NewCipher(m.PhoneKey); err != nil || len(m.PhoneIV) != aes.BlockSize {
		return errors.New("phone_key must have 16, 24 or 32 bytes and phone_iv 16")
	}
	return nil
}

// calls reports whether the provider has any address to call.
func (m Merchant) calls() bool { return m.OpenURL != "" || m.UnbindURL != "" || m.PhoneURL != "" }
