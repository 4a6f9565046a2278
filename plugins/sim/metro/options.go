package metro

import (
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
)

// Merchant is one company (企业) that the provider knows.
type Merchant struct {
	// MchID is the company number that the provider gave out; it signs as this.
	MchID string `json:"mch_id"`
	// PublicKey verifies the merchant's requests (seed 000, 三.1: RSA, 2048 bits).
	PublicKey PublicKey `json:"public_key,omitzero"`
	// StoreIDs are the stores that may charge; empty: any.
	StoreIDs []string `json:"store_ids,omitempty"`

	// OpenURL, UnbindURL and PhoneURL are where the merchant takes the provider's calls (seed 000, 四.1 and 四.2).
	// One message serves opening and unbinding, so each has its own address.
	OpenURL   string `json:"open_url,omitempty"`
	UnbindURL string `json:"unbind_url,omitempty"`
	PhoneURL  string `json:"phone_url,omitempty"`
	// PhoneKey (16, 24 or 32 bytes) and PhoneIV (16 bytes) encrypt phone numbers; in JSON they are Base64.
	PhoneKey []byte `json:"phone_key,omitempty"`
	PhoneIV  []byte `json:"phone_iv,omitempty"`
	// ProviderKey signs the calls to this merchant; the zero value means Options.ProviderKey.
	ProviderKey PrivateKey `json:"provider_key,omitzero"`
}

// SignForm is what of the three header fields is signed.
type SignForm string

// The forms, both sorted by the fields' names and joined with "&". The document prints none of them.
const (
	SignNameValue SignForm = "name-value" // mch_id=…&nonce_str=…&timestamp=…, the default
	SignValues    SignForm = "values"     // the values alone
)

// SignEncoding is how a signature is written in Authorization.
type SignEncoding string

// The encodings; the document does not say which.
const (
	EncodingBase64 SignEncoding = "base64" // the default
	EncodingHex    SignEncoding = "hex"
)

// Envelope is the outer layer of replies. The document prints only what is in its data.
type Envelope struct {
	Code    string `json:"code,omitempty"`    // the name of the result code; default "code"
	Message string `json:"message,omitempty"` // the name of the text; default "msg"
	Data    string `json:"data,omitempty"`    // the name of the payload; default "data"
	// Success is the JSON value of the code that means success, a number or a string; default 0.
	// Other codes are written as the same type where they can be.
	Success json.RawMessage `json:"success,omitempty"`
}

// Options describe a simulator. The zero value works: no merchants, the real clock, the open settings at their defaults.
type Options struct {
	Merchants []Merchant `json:"merchants,omitempty"`
	// ProviderKey signs the calls to merchants without a key of their own.
	ProviderKey PrivateKey `json:"provider_key,omitzero"`
	// ForgerKey signs forgeries of the kind ForgeOtherKey. Default: another merchant's provider key if there is a
	// different one, otherwise a key made when it is first needed.
	ForgerKey PrivateKey `json:"forger_key,omitzero"`

	SignForm     SignForm     `json:"sign_form,omitempty"`
	SignEncoding SignEncoding `json:"sign_encoding,omitempty"`
	Envelope     Envelope     `json:"envelope,omitzero"`
	// TimestampWindow is how far a timestamp may be from the clock, either way; default 5 minutes. A nonce may not
	// come twice within it.
	TimestampWindow Delay `json:"timestamp_window,omitempty"`
	// SendEmptyFields sends documented reply fields that have no value yet as "". Default: they are left out.
	// pay_err_desc is there only with PS_FAILED either way.
	SendEmptyFields bool `json:"send_empty_fields,omitempty"`
	// IdempotentRefunds answers a repeated out_refund_no of the same order and amount with the state of the first.
	// Default: it is refused, since the document says 唯一 and no more.
	IdempotentRefunds bool `json:"idempotent_refunds,omitempty"`
	// PhoneReply is the exact answer that is expected to a change of phone; default: an empty JSON object.
	PhoneReply string `json:"phone_reply,omitempty"`
	// Resends are the waits before each attempt of a call to a merchant, until one is answered as documented.
	// The document has no schedule; default 0 s, 10 s, 1 min, 5 min.
	Resends []Delay `json:"resends,omitempty"`

	// Seed of the faults' probability mode.
	Seed uint64 `json:"seed,omitempty"`

	// Now and Sleep are the clock; Random makes nonces and codes. Defaults: time.Now, a real wait that Close ends,
	// crypto/rand. Sleep is called from several goroutines at once.
	Now    func() time.Time    `json:"-"`
	Sleep  func(time.Duration) `json:"-"`
	Random io.Reader           `json:"-"`
	// Client sends the calls to merchants. Default: 10 s per attempt, no redirects.
	Client *http.Client `json:"-"`
	// Journal keeps merchants added later, orders, members and ledger across restarts. Default nil: memory only.
	// Close closes it.
	Journal *Journal `json:"-"`
}

const defaultWindow = 5 * time.Minute

func (o Options) window() time.Duration {
	if o.TimestampWindow == 0 {
		return defaultWindow
	}
	return time.Duration(o.TimestampWindow)
}

func (o Options) resends() []time.Duration {
	if len(o.Resends) == 0 {
		return []time.Duration{0, 10 * time.Second, time.Minute, 5 * time.Minute}
	}
	waits := make([]time.Duration, len(o.Resends))
	for i, wait := range o.Resends {
		waits[i] = time.Duration(wait)
	}
	return waits
}

// withDefaults fills in the names and the success value that are not set.
func (e Envelope) withDefaults() Envelope {
	e.Code, e.Message, e.Data = or(e.Code, "code"), or(e.Message, "msg"), or(e.Data, "data")
	if len(e.Success) == 0 {
		e.Success = json.RawMessage("0")
	}
	return e
}

func or(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}

// Delay is a duration that JSON writes as "1.5s".
type Delay = faults.Duration
