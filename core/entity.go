package core

import (
	"encoding/json"
	"time"
)

// Tenant is a merchant of the platform.
type Tenant struct {
	ID        ID
	Name      string
	ShortName string
	Status    TenantStatus
	Contact   string
	Live      bool // has passed onboarding
	TestMode  bool // the accounts point at simulators or a provider's test system
	CreatedAt time.Time
	UpdatedAt time.Time
}

// TenantStatus says whether a tenant may take payments.
type TenantStatus string

// The statuses of a tenant. Refunds and queries work when suspended.
const (
	TenantOnboarding TenantStatus = "onboarding"
	TenantLive       TenantStatus = "live"
	TenantSuspended  TenantStatus = "suspended"
)

// Store is a shop of a tenant.
type Store struct {
	TenantID  ID
	ID        ID
	Name      string
	Code      string // the provider-side store number where one is wanted; unique per tenant
	CreatedAt time.Time
}

// Terminal is a till in a store.
type Terminal struct {
	TenantID  ID
	ID        ID
	StoreID   ID
	Name      string
	Code      string
	CreatedAt time.Time
}

// User is a person. Platform users have a zero TenantID in their role bindings.
type User struct {
	ID           ID
	Email        string
	Name         string
	PasswordHash string `json:"-"`
	TOTPSealed   []byte `json:"-"`
	TOTPEnabled  bool
	Disabled     bool
	CreatedAt    time.Time
	LastLoginAt  time.Time
	Invitation   Invitation
	Roles        []RoleBinding
}

// Actor is who did something, by the name that people know.
type Actor struct {
	Actor    string // user:usr_… or key:key_…, as records name them
	Name     string
	Platform bool // one of the platform's people
	Active   bool // neither disabled nor revoked
}

// RoleBinding gives a user a role in one tenant, or on the platform (zero TenantID).
// StoreIDs bind a cashier to stores; empty means all of the tenant's.
type RoleBinding struct {
	TenantID   ID
	TenantName string
	Role       Role
	StoreIDs   []ID
}

// AccountStatus says whether a provider account may be used.
type AccountStatus string

// The statuses of a provider account.
const (
	AccountDraft    AccountStatus = "draft" // being set up; queries work
	AccountLive     AccountStatus = "live"  // takes payments
	AccountDisabled AccountStatus = "disabled"
)

// ProviderAccount is a tenant's contract with one provider: settings here, keys and
// merchant numbers in the keyring under KeyPath.
type ProviderAccount struct {
	TenantID    ID
	ID          ID
	Provider    string
	Name        string
	Status      AccountStatus
	StoreID     ID // bound to a store, or zero
	Default     bool
	BaseURL     string          // the provider's address for this account; only the platform sets it
	Settings    json.RawMessage // by the manifest's schema; no secrets
	KeyVersion  int             // the newest version in the keyring; zero before keys were entered
	Credentials []CredentialInfo
	CheckedAt   time.Time // the last key self-test
	CheckError  string
	CreatedAt   time.Time
	UpdatedAt   time.Time
	// CallbackURL is where the provider reaches us about this account, without the letter of a
	// kind; filled for people to read, not stored.
	CallbackURL string
	// CheckedInAt is the last check-in that succeeded, CheckInFailure why the host's last one did
	// not (CheckInWatch); filled for people to read.
	CheckedInAt    time.Time
	CheckInFailure string
}

// KeyPath is where the account's secrets live.
func (a ProviderAccount) KeyPath() KeyPath { return KeyPath{TenantID: a.TenantID, AccountID: a.ID} }

// CredentialInfo is what may be shown of a credential.
type CredentialInfo struct {
	Name        string
	Type        CredentialType
	Display     string // masked, or a fingerprint for keys
	SetBy       string
	SetAt       time.Time
	KeyVersion  int
	Fingerprint string
}

// Payment is money asked of a payer.
type Payment struct {
	TenantID        ID
	ID              ID
	OrderNo         string // ours, 20 digits, what the provider knows
	MerchantOrderNo string // the tenant's own, unique per tenant
	AccountID       ID
	Provider        string
	StoreID         ID
	TerminalID      ID
	Method          Method
	Channel         string
	Amount          Money
	Subject         string
	Description     string
	State           PaymentState
	UnknownSince    time.Time // zero unless the outcome is in doubt
	UnknownReason   string
	NextAction      *NextAction
	ProviderOrderNo string
	ChannelTradeNo  string
	PayerID         string
	Provided        ProviderText // the provider's last code and sentence
	FailureCode     string       // ours, when failed
	Refunded        int64        // fen
	Reserved        int64        // fen, refunds in flight or waiting for approval
	Held            int64        // fen of Reserved that is not in flight: refunds that wait for approval or for their turn
	Fee             int64        // fen
	RefusedAt       time.Time    // the provider refused the message; confirmed by one query before it fails
	CancelAskedAt   time.Time    // a cancel was sent or is to be sent
	CancelSentAt    time.Time
	NextCheckAt     time.Time // zero: nothing due
	Checks          int
	CancelAt        time.Time // when the host cancels an unpaid order; zero: never
	ReturnURL       string    // the tenant's page for the payer's browser
	UserRef         string    // the tenant's name for the payer
	BoundCardID     ID        // the card that was, or may be, kept for the next time
	CodeSentAt      time.Time // when the payer was last sent a code
	ConfirmSentAt   time.Time
	ActionOpenedAt  time.Time // the page with the provider's form was shown
	ResolutionID    ID        // the decision of people that the state stands on, until the provider's word takes its place
	CreatedBy       string    // actor, for the order list
	CreatedAt       time.Time
	UpdatedAt       time.Time
	SucceededAt     time.Time
	Version         int // counts changes; guards updates
}

// Refundable is what may still be refunded, in fen.
func (p Payment) Refundable() int64 {
	if p.State != PaymentSucceeded {
		return 0
	}
	return p.Amount.Minor - p.Refunded - p.Reserved
}

// Refund is money given back on a payment.
type Refund struct {
	TenantID         ID
	ID               ID
	PaymentID        ID
	RefundNo         string // ours, 20 digits
	MerchantRefundNo string // the tenant's own, unique per tenant
	AccountID        ID
	Provider         string
	Amount           Money
	RefundedBefore   int64 // fen refunded when this one was sent
	Reason           string
	State            RefundState
	UnknownSince     time.Time
	UnknownReason    string
	RefusedAt        time.Time
	ProviderRefundNo string
	Provided         ProviderText
	FailureCode      string
	NextCheckAt      time.Time
	Checks           int
	CreatedBy        string
	CreatedAt        time.Time
	ResolutionID     ID        // as of a payment
	ApprovedAt       time.Time // by a second person, where one was needed
	SentAt           time.Time // the call was written down and made; zero: of an older version, or not sent yet
	UpdatedAt        time.Time
	SucceededAt      time.Time
	Version          int
}

// ToBeSent says that the refund was approved and its one call has not been written down yet.
func (r Refund) ToBeSent() bool {
	return r.State == RefundProcessing && !r.ApprovedAt.IsZero() && r.SentAt.IsZero()
}

// WasSent says that the provider may have heard of the refund.
func (r Refund) WasSent() bool {
	return r.State != RefundPendingApproval && r.State != RefundRejected && !r.ToBeSent()
}

// Began is when the provider may first have heard of the refund.
func (r Refund) Began() time.Time {
	if r.SentAt.IsZero() {
		return r.CreatedAt
	}
	return r.SentAt
}

// Attempt is one call to a provider, written before the call and completed after it.
type Attempt struct {
	TenantID   ID
	ID         ID
	PaymentID  ID // the payment it concerns, or zero
	RefundID   ID // and the refund, or zero
	PayoutID   ID // the payout it concerns, or zero
	CardID     ID // the card it concerns, or zero
	AccountID  ID
	Operation  Capability
	Outcome    Outcome // empty while running or when the host died
	Sent       Sent
	Provided   ProviderText
	Evidence   json.RawMessage
	KeyUses    map[string]int
	KeyVersion int
	Plugin     string
	StartedAt  time.Time
	FinishedAt time.Time
	Duration   time.Duration
}

// Event tells what happened to an object. Events are the outbox: delivered at least
// once, in order per object.
type Event struct {
	TenantID  ID
	ID        ID
	Type      string // payment.created, payment.succeeded, refund.failed …
	ObjectID  ID
	Sequence  int64 // per installation, increasing with commit order per object
	Data      json.RawMessage
	CreatedAt time.Time
}

// AuditEntry records who did what. Before and After never hold secrets.
type AuditEntry struct {
	TenantID   ID // zero: the platform's own chain
	ID         ID
	Actor      string // user:usr_…, key:key_…, system
	Action     string // payment.create, user.disable …
	Object     string // prefixed id
	Before     json.RawMessage
	After      json.RawMessage
	IP         string
	RequestID  string
	CreatedAt  time.Time
	ChainIndex int64  // set by the sealer
	ChainHash  []byte // set by the sealer
}

// APIKey lets a tenant's program in. The key itself is shown once; its SHA-256 is kept.
type APIKey struct {
	TenantID   ID
	ID         ID
	Name       string
	Prefix     string // the first characters, for recognising it
	Hash       []byte `json:"-"`
	Role       Role
	CreatedBy  string
	CreatedAt  time.Time
	LastUsedAt time.Time
	LastUsedIP string
	ExpiresAt  time.Time // zero: never
	RevokedAt  time.Time
}

// Session is a signed-in browser. The token is kept as SHA-256 only.
type Session struct {
	ID        ID
	UserID    ID
	Hash      []byte `json:"-"`
	CSRFHash  []byte `json:"-"`
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time
	StepUpAt  time.Time
	IP        string
	UserAgent string
}

// LoginState is what sign-in needs to know of an e-mail address before any identity exists.
type LoginState struct {
	User         User
	Failures     int
	LockedUntil  time.Time
	LastTOTPStep int64
}
