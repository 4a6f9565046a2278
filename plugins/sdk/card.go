package sdk

import "strings"

// BindCardRequest asks for a code (Code empty) or binds with the code received.
type BindCardRequest struct {
	OrderNo string
	Card    Card
	Code    Secret
	Extra   map[string]string
}

// CardRef names a bound card.
type CardRef struct {
	BindID string
	UserID string
	Extra  map[string]string
}

// BoundCard is a card the provider keeps.
type BoundCard struct {
	BindID   string
	UserID   string
	Masked   string // first 6 and last 4 digits at most
	BankCode string
	BankName string
	CardType string
	Phone    string // masked
}

// CardResult answers bind, unbind and query.
type CardResult struct {
	Outcome    Outcome
	Cards      []BoundCard
	NextAction *NextAction
	Provider   ProviderText
}

// PayerRequest asks who a payer is: by a code, or in two steps by a redirect. The first step
// has a ReturnURL and no Query and answers with the redirect; the second has the Query with
// which the payer's browser came back.
type PayerRequest struct {
	Purpose   string // PayerIdentify or PayerWake
	Code      Secret
	Channel   string
	ReturnURL string
	Query     map[string]string
	Extra     map[string]string
}

// What a PayerRequest is for.
const (
	PayerIdentify = "identify"
	PayerWake     = "wake" // a page that opens the payer's wallet app and then goes to ReturnURL
)

// PayerResult is the payer's id at the provider, or the redirect that leads to it.
type PayerResult struct {
	Outcome    Outcome
	PayerID    string
	NextAction *NextAction
	Provider   ProviderText
}

// CheckResult answers a check-in or an activation.
type CheckResult struct {
	Outcome    Outcome
	Values     map[string]string // what may be shown, for instance a new terminal number
	Provider   ProviderText
	KeyRefused bool
}

// InboundRequest is an HTTP request a provider sent to us.
type InboundRequest struct {
	Kind    string // the letter of the callback path
	Method  string
	Path    string
	Query   string // raw
	Headers map[string]string
	Body    []byte
}

// Header is a header by name in any case, or empty when there is none. A header that stood twice
// comes joined with a comma; one that is here in two spellings is none: the one that is checked
// and the one that counts might differ.
func (r InboundRequest) Header(name string) string {
	var found string
	n := 0
	for key, value := range r.Headers {
		if strings.EqualFold(key, name) {
			found, n = value, n+1
		}
	}
	if n != 1 {
		return ""
	}
	return found
}

// InboundEvent is one verified statement of the provider.
type InboundEvent struct {
	Type    string // one of the Event types
	ID      string // the provider's own, or empty
	Payment *PaymentResult
	Refund  *RefundResult
	Payout  *PayoutResult
	Values  map[string]string
	Secrets map[string]Secret // decrypted values, to be sealed by the host
}

// The types of an InboundEvent. A member's event has the values uid and, where it changes,
// the secret phone.
const (
	EventPayment      = "payment"
	EventRefund       = "refund"
	EventPayout       = "payout"
	EventMemberOpened = "member.opened"
	EventMemberClosed = "member.closed"
	EventMemberPhone  = "member.phone"
)

// InboundResult is what the request says and the exact reply the provider expects.
type InboundResult struct {
	// Verified says that the provider itself made the request. Otherwise the host applies
	// nothing, and Answer is the refusal.
	Verified bool
	// Nonce is what makes the request the only one of its kind, where the signature would
	// hold for a second one with another body; the host takes it once per account.
	Nonce  string
	Events []InboundEvent
	// Ask names orders that somebody unproven, for instance the payer's browser, says
	// something about: the host asks the provider.
	Ask    []string
	Answer InboundAnswer
	// Unknown is the answer when nothing that the events name is known to the host; nil: Answer.
	Unknown  *InboundAnswer
	Provider ProviderText
}

// InboundAnswer is a reply to a provider, byte for byte.
type InboundAnswer struct {
	Status  int
	Headers map[string]string
	Body    []byte
}
