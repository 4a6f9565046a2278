package sdk

import (
	"encoding/json"
	"log/slog"
	"time"
)

// Outcome is what a provider's answer means for the operation asked for.
type Outcome string

// The outcome classes. The zero value is treated as OutcomeUnknown.
const (
	OutcomeSucceeded  Outcome = "succeeded"   // final: the effect happened
	OutcomeFailed     Outcome = "failed"      // final: the effect did not happen
	OutcomeInProgress Outcome = "in_progress" // not final and nothing wrong
	OutcomeUnknown    Outcome = "unknown"     // the money may have moved: ask, never send again
	OutcomeRefused    Outcome = "refused"     // the provider did not take this message; the order is as before
	OutcomeNotFound   Outcome = "not_found"   // the provider knows no such order (yet)
	OutcomeCanceled   Outcome = "canceled"    // a query says: taken back
	OutcomeClosed     Outcome = "closed"      // a query says: closed before it was paid
)

// Money is an amount in minor units: fen for CNY. There is no float anywhere.
type Money struct {
	Minor    int64
	Currency string
}

// CNY is the currency of every present provider.
const CNY = "CNY"

// Fen makes CNY.
func Fen(n int64) Money { return Money{Minor: n, Currency: CNY} }

// ProviderText is the provider's own code and sentence, kept beside ours.
type ProviderText struct {
	Code    string
	Message string
}

// Text is a sentence or label in the console's two languages.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// NextAction is what the payer or the payer's client must do now.
type NextAction struct {
	Type      string            // one of the Action types
	URL       string            // redirect: where to; form_post: the form's action
	QRContent string            // show_qr
	Fields    map[string]string // form_post: the form's; invoke_wallet: what the wallet's own interface takes
	HTML      string            // html: the provider's page, shown in a sandbox
	ExpiresAt time.Time
}

// The types of a NextAction.
const (
	ActionShowQR       = "show_qr"
	ActionRedirect     = "redirect"
	ActionFormPost     = "form_post"
	ActionHTML         = "html"
	ActionInvokeWallet = "invoke_wallet"
	ActionEnterCode    = "enter_code"
)

// Beijing is the zone of the providers and of every day's cut. A fixed zone: a confined
// plugin cannot load zone data.
func Beijing() *time.Location { return time.FixedZone("CST", 8*3600) }

const redacted = "[redacted]"

// Secret holds a value that must not reach a log or an error. It prints as [redacted]
// with every verb, in JSON and in slog. Reveal is the one way out.
type Secret struct{ value []byte }

// NewSecret takes a copy of value.
func NewSecret(value []byte) Secret { return Secret{value: append([]byte(nil), value...)} }

// SecretString is NewSecret for text.
func SecretString(value string) Secret { return Secret{value: []byte(value)} }

// Reveal gives the value itself. Keep it for the one call.
func (s Secret) Reveal() []byte { return s.value }

// Text gives the value as text.
func (s Secret) Text() string { return string(s.value) }

// Empty says whether there is no value.
func (s Secret) Empty() bool { return len(s.value) == 0 }

func (s Secret) String() string { return redacted }

// GoString keeps %#v from printing the bytes.
func (s Secret) GoString() string { return redacted }

// MarshalJSON keeps encoding/json from printing the bytes.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// MarshalText keeps text encoders from printing the bytes.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue keeps slog from printing the bytes.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
