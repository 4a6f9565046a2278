package sdk

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

// PayerRequest asks who a payer is: by code, or by what came back from a redirect.
type PayerRequest struct {
	Code      Secret
	Channel   string
	ReturnURL string
	Query     map[string]string
	Extra     map[string]string
}

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

// InboundEvent is one verified statement of the provider.
type InboundEvent struct {
	Type    string // payment, refund, payout, member.opened, member.closed, member.phone
	ID      string // the provider's own, or empty
	Payment *PaymentResult
	Refund  *RefundResult
	Payout  *PayoutResult
	Values  map[string]string
	Secrets map[string]Secret // decrypted values, to be sealed by the host
}

// InboundResult is what the request says and the exact reply the provider expects.
type InboundResult struct {
	Verified bool
	Events   []InboundEvent
	Status   int
	Headers  map[string]string
	Body     []byte
	Provider ProviderText
}
