package core

import (
	"context"
	"time"
)

// Callback is a request that was made to us under an account's callback address: kept as it
// came, sealed, with what was made of it.
type Callback struct {
	TenantID   ID
	ID         ID
	AccountID  ID
	Kind       string
	IP         string
	Sealed     []byte `json:"-"` // an InboundRequest as JSON; purpose CallbackPurpose
	BodyHash   []byte `json:"-"` // keyed
	ReceivedAt time.Time
	Verified   bool
	Effect     CallbackEffect
	Reason     string // a code, see the doubts of payments; or why it was refused
	ObjectID   ID     // what it was about, or zero
	ObjectKind string // payment, refund or member
	Provided   ProviderText
	Answer     int // the HTTP status it was answered with
	Plugin     string
	FinishedAt time.Time
}

// CallbackPurpose binds a sealed callback to its row.
func CallbackPurpose(id ID) string { return "callbacks.sealed/" + id.String() }

// CallbackEffect is what became of a callback.
type CallbackEffect string

// The effects of a callback.
const (
	CallbackReceived  CallbackEffect = "received"  // kept, not yet read; stays so when the host dies
	CallbackApplied   CallbackEffect = "applied"   // it changed something
	CallbackRepeated  CallbackEffect = "repeated"  // it says what is known already
	CallbackRefused   CallbackEffect = "refused"   // not verified
	CallbackReplayed  CallbackEffect = "replayed"  // verified, with a nonce that was used for another message
	CallbackDisagrees CallbackEffect = "disagrees" // verified, and it contradicts what we hold
	CallbackNotKnown  CallbackEffect = "not_known" // verified, about nothing of this account
	CallbackAsked     CallbackEffect = "asked"     // a payer's browser came back; the provider was asked
	CallbackFailed    CallbackEffect = "failed"    // the plugin could not read it now
)

// CallbackFilter narrows a list of callbacks. Zero fields do not filter.
type CallbackFilter struct {
	TenantID  ID
	AccountID ID
	ObjectID  ID
	Effects   []CallbackEffect
	From, To  time.Time
	Oldest    bool // first; else the newest
	Page      Page // with Oldest: after the last row, not before it
}

// CallbackRerun is what reading a kept callback again brought.
type CallbackRerun struct {
	ID         ID
	ReceivedAt time.Time
	Before     CallbackEffect
	After      CallbackEffect
	Code       Code // why it could not be read now, or empty
}

// Member is a payer who is a member at a provider, by the provider's word.
type Member struct {
	TenantID     ID
	ID           ID
	AccountID    ID
	Provider     string
	UID          string // unique in the tenant
	State        MemberState
	PhoneSealed  []byte `json:"-"` // purpose MemberPurpose
	PhoneDisplay string // masked
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// MemberPurpose binds a sealed phone number to its row.
func MemberPurpose(id ID) string { return "members.phone_sealed/" + id.String() }

// MemberState says whether a member may be charged.
type MemberState string

// The states of a member. Who was never opened is no member.
const (
	MemberActive MemberState = "active"
	MemberClosed MemberState = "closed"
)

// MemberFilter narrows a list of members.
type MemberFilter struct {
	TenantID ID
	UID      string
	State    MemberState
	Page     Page
}

// SavedCard is a payer's card that the provider keeps: its handle there and what may be shown.
type SavedCard struct {
	TenantID     ID
	ID           ID
	AccountID    ID
	Provider     string
	OrderNo      string // of the request that bound it; what the provider knows
	UserRef      string // the tenant's name for the payer
	BindID       string // the provider's handle
	State        CardState
	Masked       string // first 6 and last 4 digits
	CardType     string
	BankCode     string
	BankName     string
	PhoneDisplay string
	Provided     ProviderText
	CodeSentAt   time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// AwaitsCode reports whether the card waits for the code that its payer was sent. One that comes
// with a payment has the provider's handle already, and is bound when that succeeds.
func (c SavedCard) AwaitsCode() bool {
	return c.State == CardPending && c.BindID == ""
}

// CardState is where a bound card stands.
type CardState string

// The states of a bound card.
const (
	CardPending CardState = "pending" // the payer was sent a code
	CardBound   CardState = "bound"
	CardUnbound CardState = "unbound" // forgotten by the provider, or dropped while it awaited its code
	CardFailed  CardState = "failed"  // the provider refused to bind it
)

// CardFilter narrows a list of bound cards.
type CardFilter struct {
	TenantID ID
	UserRef  string
	State    CardState
	Page     Page
}

// Inbound takes what providers and payers' browsers send us.
type Inbound interface {
	// Receive takes a request under a callback address. It answers as the provider expects;
	// an error means that nothing was taken in and the provider should send it again. Errors:
	// CodeNotFound when the address is nobody's, CodeRateLimited.
	Receive(ctx context.Context, token string, req InboundRequest, ip string) (InboundAnswer, error)
	// OpenAction shows the payer's browser the provider's form, once. token is that of ActionLink.
	OpenAction(ctx context.Context, token string) (NextAction, error)
	// ReturnPayer takes a payer's browser back from the provider's page that told who they
	// are, and gives the tenant's page to go to.
	ReturnPayer(ctx context.Context, token string, query map[string]string) (string, error)

	ListCallbacks(ctx context.Context, f CallbackFilter) ([]Callback, error)
	Callback(ctx context.Context, id ID) (Callback, error)
	// RevealCallback gives the request as it came, for a person, once they confirmed anew; it is
	// recorded. Errors: CodeStepUpRequired.
	RevealCallback(ctx context.Context, id ID) (InboundRequest, error)
	// RerunCallbacks reads kept callbacks again, the oldest first, as many as fit in a request;
	// more says that some are left, received at or after the last row's time.
	RerunCallbacks(ctx context.Context, f CallbackFilter) (rows []CallbackRerun, more bool, err error)
	// RerunCallback reads a kept callback again, for instance after a plugin was mended.
	RerunCallback(ctx context.Context, id ID) (Callback, error)
	ListMembers(ctx context.Context, f MemberFilter) ([]Member, error)
}

// Payers finds out who a payer is, and keeps handles of their cards.
type Payers interface {
	ResolvePayer(ctx context.Context, in ResolvePayerInput) (PayerReply, error)
	// BindCard has the provider send the payer a code; ConfirmCard binds with it.
	BindCard(ctx context.Context, in BindCardInput) (SavedCard, error)
	ConfirmCard(ctx context.Context, id ID, code Secret, card Card) (SavedCard, error)
	UnbindCard(ctx context.Context, id ID) (SavedCard, error)
	// SyncCard asks the provider about a bound card.
	SyncCard(ctx context.Context, id ID) (SavedCard, error)
	ListCards(ctx context.Context, f CardFilter) ([]SavedCard, error)
}

// PayerVisit is a payer's browser on its way to the provider's page that tells who they are.
type PayerVisit struct {
	TenantID  ID
	ID        ID
	AccountID ID
	Channel   string
	ReturnURL string
	State     string
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time
}

// ResolvePayerInput asks who a payer is.
type ResolvePayerInput struct {
	AccountID ID // zero: routed by channel and code
	Purpose   string
	Code      Secret
	Channel   string
	ReturnURL string // the tenant's page
	State     string // given back with ReturnURL
}

// PayerReply is who the payer is, or where their browser must go.
type PayerReply struct {
	PayerID    string
	NextAction *NextAction
}

// BindCardInput asks the provider to bind a card.
type BindCardInput struct {
	AccountID ID
	UserRef   string
	Card      Card
}
