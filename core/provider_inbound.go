package core

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

// CardResult answers bind, unbind and query.
type CardResult struct {
	Outcome    Outcome
	Cards      []BoundCard
	NextAction *NextAction
	Provider   ProviderText
	Exchange   Exchange
}

// PayerRequest asks who a payer is: by a code, or in two steps by a redirect.
type PayerRequest struct {
	Purpose   string // PayerIdentify or PayerWake
	Code      Secret // memory only
	Channel   string
	ReturnURL string
	Query     map[string]string
	Extra     map[string]string
}

// What a PayerRequest is for.
const (
	PayerIdentify = "identify"
	PayerWake     = "wake" // a page that opens the payer's wallet app
)

// PayerResult is the payer's id at the provider, or the redirect that leads to it.
type PayerResult struct {
	Outcome    Outcome
	PayerID    string
	NextAction *NextAction
	Provider   ProviderText
	Exchange   Exchange
}

// InboundRequest is an HTTP request made to us under an account's callback address.
type InboundRequest struct {
	Kind    string // the letter of the callback path
	Method  string
	Path    string
	Query   string // raw
	Headers map[string]string
	Body    []byte
}

// The types of an InboundEvent.
const (
	InboundPayment      = "payment"
	InboundRefund       = "refund"
	InboundPayout       = "payout"
	InboundMemberOpened = "member.opened"
	InboundMemberClosed = "member.closed"
	InboundMemberPhone  = "member.phone"
)

// InboundEvent is one verified statement of the provider.
type InboundEvent struct {
	Type    string
	ID      string
	Payment *PaymentResult
	Refund  *RefundResult
	Payout  *PayoutResult
	Values  map[string]string
	Secrets map[string]Secret // decrypted values, to be sealed
}

// InboundAnswer is a reply to a provider, byte for byte.
type InboundAnswer struct {
	Status  int // of HTTP
	Headers map[string]string
	Body    []byte
}

// Refuses says whether the reply tells the sender that its request was not taken.
func (a InboundAnswer) Refuses() bool { return a.Status >= 400 }

// RefusedAnswer is the host's own reply to a request that is not taken.
func RefusedAnswer() InboundAnswer { return InboundAnswer{Status: 400, Body: []byte("FAIL")} }

// RedirectAnswer sends a browser on to a page.
func RedirectAnswer(page string) InboundAnswer {
	return InboundAnswer{Status: 302, Headers: map[string]string{"Location": page}}
}

// PageAnswer shows a browser some words.
func PageAnswer(text string) InboundAnswer {
	return InboundAnswer{Status: 200, Headers: map[string]string{"Content-Type": "text/plain; charset=utf-8"}, Body: []byte(text)}
}

// InboundResult is what a request says and the exact reply the provider expects.
type InboundResult struct {
	Verified bool
	Nonce    string // taken once per account; empty: the signature covers the whole request
	Events   []InboundEvent
	Ask      []string // orders that somebody unproven says something about
	Answer   InboundAnswer
	Unknown  *InboundAnswer // when nothing that the events name is known; nil: Answer
	Provider ProviderText
	Exchange Exchange
}
