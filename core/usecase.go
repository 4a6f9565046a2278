package core

import (
	"context"
	"encoding/json"
	"time"
)

// The use cases, as the HTTP layer, the command line and the sweeper call them. Every
// method takes the caller from ctx (IdentityFrom), asks the Authorizer, acts and records.
// Common errors: CodeUnauthenticated, CodeForbidden, CodeTenantRequired, CodeNotFound,
// CodeInvalidRequest with Param, CodeDatabaseUnavailable.

// Payments takes, asks about and takes back payments.
type Payments interface {
	// CreatePayment writes the intent, calls the provider and records the outcome. It waits
	// for a final outcome up to Wait. The payment answered may still be processing.
	// A repeated idempotency key answers the first call's payment with Replayed set.
	CreatePayment(ctx context.Context, in CreatePaymentInput) (PaymentReply, error)
	Payment(ctx context.Context, id ID) (PaymentDetail, error)
	ListPayments(ctx context.Context, f PaymentFilter) ([]Payment, error)
	// SyncPayment asks the provider now (查单).
	SyncPayment(ctx context.Context, id ID) (Payment, error)
	// CancelPayment asks the provider to take an unfinished payment back.
	CancelPayment(ctx context.Context, id ID, reason string) (Payment, error)
	// ConfirmPayment hands in the code the payer received. Errors: CodeInvalidState when no
	// code is awaited; CodeProviderRefused when the provider did not take this one.
	ConfirmPayment(ctx context.Context, id ID, code Secret) (Payment, error)
	// ResendCode has the payer sent another code. Errors: CodeTooEarly within the provider's wait.
	ResendCode(ctx context.Context, id ID) (Payment, error)
	// ActionLink is our page that takes the payer's browser to the provider, for next actions
	// that are a form or a page of the provider's; empty for others.
	ActionLink(p Payment) string
	// RecognisePayerCode says which provider and channel a scanned code belongs to, without a call.
	RecognisePayerCode(ctx context.Context, code string, store ID) (PayerCodeMatch, error)
	// PaymentMethods lists what the tenant's live accounts offer. Errors: CodeTenantSuspended.
	PaymentMethods(ctx context.Context) (PaymentMethods, error)
}

// Refunds gives money back.
type Refunds interface {
	// CreateRefund reserves the amount and sends the refund. Over the limit of the caller's
	// role it is written as pending_approval instead, and sent when a second person agrees.
	CreateRefund(ctx context.Context, in CreateRefundInput) (RefundReply, error)
	Refund(ctx context.Context, id ID) (RefundDetail, error)
	ListRefunds(ctx context.Context, f RefundFilter) ([]Refund, error)
	SyncRefund(ctx context.Context, id ID) (Refund, error)
}

// Onboarding sets merchants up.
type Onboarding interface {
	CreateTenant(ctx context.Context, in TenantInput) (Tenant, error)
	UpdateTenant(ctx context.Context, id ID, in TenantInput) (Tenant, error)
	SetTenantStatus(ctx context.Context, id ID, status TenantStatus, reason string) (Tenant, error)
	Tenant(ctx context.Context, id ID) (Tenant, error)
	ListTenants(ctx context.Context, f TenantFilter) ([]Tenant, error)

	CreateStore(ctx context.Context, in StoreInput) (Store, error)
	ListStores(ctx context.Context) ([]Store, error)
	CreateTerminal(ctx context.Context, store ID, name, code string) (Terminal, error)
	ListTerminals(ctx context.Context) ([]Terminal, error)

	// The provider accounts of the tenant of the identity.
	CreateAccount(ctx context.Context, in AccountInput) (ProviderAccount, error)
	UpdateAccount(ctx context.Context, id ID, in AccountInput) (ProviderAccount, error)
	Account(ctx context.Context, id ID) (ProviderAccount, error)
	ListAccounts(ctx context.Context) ([]ProviderAccount, error)
	// SetCredentials parses and stores keys as a new version; names not given keep their value.
	SetCredentials(ctx context.Context, id ID, in []CredentialInput) (ProviderAccount, error)
	// TestAccount checks the keys against each other and makes one harmless query.
	TestAccount(ctx context.Context, id ID) (AccountTest, error)
	// ActivateAccount and CheckInAccount call the provider's own key issuing.
	ActivateAccount(ctx context.Context, id ID, values map[string]Secret) (ProviderAccount, error)
	CheckInAccount(ctx context.Context, id ID) (ProviderAccount, error)
	SetAccountStatus(ctx context.Context, id ID, status AccountStatus) (ProviderAccount, error)
}

// People signs users in and manages them.
type People interface {
	Invitations
	OwnAccess

	// Login checks e-mail, password and, when enrolled, the one-time code. Errors:
	// CodeLoginFailed, CodeTOTPRequired, CodeLocked.
	Login(ctx context.Context, in LoginInput) (SessionReply, error)
	// LoginByLink takes a one-time link. A setup or invite link sets the password.
	LoginByLink(ctx context.Context, in LinkInput) (SessionReply, error)
	// Authenticate turns a session token into an identity; tenant is the one named by the
	// request, or zero for the user's only tenant (or the platform). Errors: CodeUnauthenticated,
	// CodeNotFound when the user has no role in tenant.
	Authenticate(ctx context.Context, token Secret, tenant ID) (Identity, Session, error)
	// AuthenticateKey turns an API key that was sent from an address into an identity.
	AuthenticateKey(ctx context.Context, key Secret, ip string) (Identity, error)
	// CheckCSRF compares the token with the session's.
	CheckCSRF(session Session, token string) error
	// StepUp confirms the session's user anew for a while.
	StepUp(ctx context.Context, password Secret, code string) error
	Logout(ctx context.Context) error
	Me(ctx context.Context) (Me, error)
	ChangePassword(ctx context.Context, old, fresh Secret) error
	BeginTOTP(ctx context.Context) (TOTPEnrolment, error)
	ConfirmTOTP(ctx context.Context, code string) (recovery []string, err error)
	Sessions(ctx context.Context) ([]Session, error)
	EndSession(ctx context.Context, id ID) error

	// Users of the tenant of the identity, or of the platform.
	ListUsers(ctx context.Context) ([]User, error)
	// ListActors names who stands in the records of the tenant, or of the platform. Only the
	// platform is told the names of its people.
	ListActors(ctx context.Context) ([]Actor, error)
	CreateUser(ctx context.Context, in UserInput) (UserReply, error)
	SetRoles(ctx context.Context, user ID, roles []RoleBinding) (User, error)
	DisableUser(ctx context.Context, user ID, disabled bool) (User, error)

	CreateAPIKey(ctx context.Context, in APIKeyInput) (APIKey, Secret, error)
	ListAPIKeys(ctx context.Context) ([]APIKey, error)
	RevokeAPIKey(ctx context.Context, id ID) error
}

// Records reads what happened.
type Records interface {
	ListEvents(ctx context.Context, f EventFilter) ([]Event, error)
	ListAudit(ctx context.Context, f AuditFilter) ([]AuditEntry, error)
	VerifyAudit(ctx context.Context) (AuditVerdict, error)
	ListPlugins(ctx context.Context) ([]PluginStatus, error)
	// Search finds what any number belongs to.
	Search(ctx context.Context, number string) (SearchResult, error)
	// Summary counts a day for the home page: [from, to).
	Summary(ctx context.Context, from, to time.Time) (Summary, error)
}

// CreatePaymentInput asks for a payment.
type CreatePaymentInput struct {
	IdempotencyKey  string
	MerchantOrderNo string // 1–64 printable characters; empty: ours is used
	Method          Method
	Channel         string
	AccountID       ID // zero: routed by method, store and code
	StoreID         ID
	TerminalID      ID
	Amount          Money
	Subject         string
	Description     string
	PayerCode       Secret
	PayerID         string // the provider's id of the payer, for jsapi and mini_program
	Card            *Card  // memory only
	UserRef         string // the tenant's name for the payer; with it the provider may keep the card
	BoundCardID     ID     // a card that was kept
	Operator        string
	ReturnURL       string
	ClientIP        string
	Extra           map[string]string
	Wait            time.Duration
}

// PaymentReply is a payment and whether an earlier call with the key made it.
type PaymentReply struct {
	Payment  Payment
	Replayed bool
}

// PaymentDetail is a payment with everything that happened to it.
type PaymentDetail struct {
	Payment  Payment
	Tenant   Tenant
	Account  ProviderAccount
	Refunds  []Refund
	Attempts []Attempt
	Events   []Event
	// Cancelable, Syncable and Refundable say what the caller may do now.
	Cancelable, Syncable, Refundable bool
}

// PayerCodeMatch says where a scanned code goes.
type PayerCodeMatch struct {
	Provider  string
	AccountID ID
	Method    Method
	Channel   string
	Name      Text // of the channel
}

// CreateRefundInput asks for a refund.
type CreateRefundInput struct {
	IdempotencyKey   string
	PaymentID        ID
	MerchantRefundNo string
	Amount           Money
	Reason           string
	Wait             time.Duration
}

// RefundReply is a refund and whether an earlier call with the key made it.
type RefundReply struct {
	Refund   Refund
	Replayed bool
}

// RefundDetail is a refund with its payment and calls.
type RefundDetail struct {
	Refund   Refund
	Approval Approval // the newest about it; zero: none was needed
	Payment  Payment
	Attempts []Attempt
	Events   []Event
}

// TenantInput is what a person enters of a merchant.
type TenantInput struct {
	Name, ShortName, Contact string
	TestMode                 bool
}

// APIKeyInput is what a person enters of an API key.
type APIKeyInput struct {
	Name      string
	Role      Role
	ExpiresAt time.Time // zero: never
}

// StoreInput is what a person enters of a store.
type StoreInput struct{ Name, Code string }

// AccountInput is what a person enters of a provider account, without secrets.
type AccountInput struct {
	Provider string
	Name     string
	StoreID  ID
	Default  bool
	BaseURL  string
	Settings json.RawMessage
}

// AccountTest is the result of a key self-test and a harmless query.
type AccountTest struct {
	OK      bool
	Steps   []AccountTestStep
	Account ProviderAccount
}

// AccountTestStep is one thing that was tried.
type AccountTestStep struct {
	Name     string // keys, plugin, query
	OK       bool
	Message  Text
	Provider ProviderText
}

// LoginInput signs a user in.
type LoginInput struct {
	Email     string
	Password  Secret
	Code      string
	IP        string
	UserAgent string
}

// LinkInput signs a user in by a one-time link.
type LinkInput struct {
	Token     Secret
	Password  Secret // the new password, for setup and invite links
	Email     string // for the first administrator's setup link
	Name      string
	IP        string
	UserAgent string
}

// SessionReply is a new session. Token and CSRF are shown to the browser once.
type SessionReply struct {
	Session   Session
	Token     Secret
	CSRF      string
	ExpiresAt time.Time
	Me        Me
}

// Me is the signed-in user with what the console needs to draw itself.
type Me struct {
	User        User
	TenantID    ID
	Platform    bool
	Permissions []Permission
	CSRF        string
	TestMode    bool
	// RecoveryCodesLeft counts the user's recovery codes that were not used.
	RecoveryCodesLeft int
	Simulator         bool // the providers are simulated and can be told what to do
}

// TOTPEnrolment is the seed shown once as a QR code.
type TOTPEnrolment struct {
	URL    Secret
	Secret Secret
}

// UserInput invites a user.
type UserInput struct {
	Email string
	Name  string
	Roles []RoleBinding
}

// UserReply is a user and the one-time link to give them.
type UserReply struct {
	User      User
	InviteURL Secret
}

// SearchResult is what a number was found on.
type SearchResult struct {
	Payments []Payment
	Refunds  []Refund
	Payouts  []Payout
	Others   []FoundRecord
}

// FoundRecord is a thing of another kind that was found.
type FoundRecord struct {
	Kind     string // the prefix of its id
	TenantID ID
	ID       ID
	Label    string // what people know it by, or empty
}
