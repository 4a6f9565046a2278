package core

import (
	"context"
	"time"
)

// Database keeps everything but secrets. Every write happens inside an explicit
// transaction with ids chosen by the caller.
//
// Errors of all methods: CodeDatabaseUnavailable when PostgreSQL cannot be reached and
// nothing was done; CodeOutcomeUnknown when the answer to COMMIT was lost: read back by
// id before answering. Reads of one object answer CodeNotFound.
type Database interface {
	// InTenant runs fn in one transaction as the role app, seeing only tenant. fn must not
	// call a plugin, the keyring or the network. The transaction is rolled back when fn
	// fails. A zero tenant is refused.
	InTenant(ctx context.Context, tenant ID, fn func(tx TenantTx) error) error
	// AcrossTenants runs fn in one read-only transaction as the role platform.
	AcrossTenants(ctx context.Context, fn func(tx PlatformTx) error) error
	// InDirectory runs fn in one transaction as the role app without a tenant: sign-in,
	// sessions, API keys, users, order number → tenant.
	InDirectory(ctx context.Context, fn func(tx DirectoryTx) error) error

	// NextOrderNo gives a number that no order of this installation has had. Gaps are normal.
	NextOrderNo(ctx context.Context, at time.Time) (string, error)
	// ClaimDue leases up to limit things whose time has come, over all tenants, skipping
	// those another node holds. The lease ends at now+lease.
	ClaimDue(ctx context.Context, now time.Time, limit int, lease time.Duration) ([]Due, error)
	// ClaimBulk is ClaimDue for what takes long: bills, imports, exports.
	ClaimBulk(ctx context.Context, now time.Time, limit int, lease time.Duration) ([]Due, error)
	// RenewDue has leases that this node still holds end at until. What it holds no more is
	// left alone.
	RenewDue(ctx context.Context, due []Due, until time.Time) error
	// ReleaseDue gives a lease back without changing when the thing is due.
	ReleaseDue(ctx context.Context, due Due) error
	// SealAudit chains the unchained audit rows by hash, per tenant, and returns how many.
	SealAudit(ctx context.Context, now time.Time, limit int) (int, error)
	// VerifyAudit walks a tenant's chain (zero: the platform's) and reports the first break.
	VerifyAudit(ctx context.Context, tenant ID) (AuditVerdict, error)
	// VerifyBooks compares what a tenant's orders hold with its entries, as of one moment.
	VerifyBooks(ctx context.Context, tenant ID) (BooksVerdict, error)
	WebhookQueue
	DayStreams
	Counts
	SystemStore
	Health(ctx context.Context) error
}

// Due is one thing whose time has come.
type Due struct {
	Kind     DueKind
	TenantID ID
	ID       ID
	DueAt    time.Time
}

// DueKind is what a Due points at.
type DueKind string

// The kinds of due things.
const (
	DuePayment  DueKind = "payment"
	DueRefund   DueKind = "refund"
	DueApproval DueKind = "approval"
	DuePayout   DueKind = "payout"
	DueBalance  DueKind = "balance"  // its id is the account's
	DueCheckIn  DueKind = "check_in" // the provider is asked for new keys; its id is the account's
	// DueAlert is an alert whose news have to be spread, DueAlertChannel a channel to be told.
	DueAlert        DueKind = "alert"
	DueAlertChannel DueKind = "alert_channel"

	// Bulk work, claimed apart.
	DueBooks          DueKind = "books"          // days have to be opened; its id is the account's
	DueReconciliation DueKind = "reconciliation" // a day has to be fetched and compared
	DueBillImport     DueKind = "bill_import"
	DueExport         DueKind = "export"
)

// AuditVerdict is what walking a chain found.
type AuditVerdict struct {
	Rows     int64
	Head     []byte
	BrokenAt ID // zero: the chain holds
	Reason   string
}

// TenantTx is a transaction under one tenant. Every method adds the tenant to its
// predicate; row-level security stands behind it.
type TenantTx interface {
	TenantReader
	WebhookWriter
	ApprovalTx
	PayoutTx
	CaseTx
	AlertTx
	FileTx
	BooksTx
	DifferenceTx
	BillImportTx
	ExportTx
	IdempotencyTx

	InsertPayment(ctx context.Context, p Payment) error // CodeOrderNoUsed when the tenant's number exists
	// UpdatePayment writes p where id, state and version are still those given (version is
	// then incremented). It clears the lease. Errors: CodeConflict when nothing matched.
	UpdatePayment(ctx context.Context, p Payment, from PaymentState) error
	// ReserveRefund adds amount to the payment's reserved sum by one guarded UPDATE.
	// Errors: CodeRefundExceeds; CodeInvalidState when not succeeded; CodeRefundInFlight
	// when oneInFlight and something is reserved. It returns the payment as it is now.
	ReserveRefund(ctx context.Context, payment ID, amount int64, oneInFlight bool, now time.Time) (Payment, error)
	// SettleReservation takes amount out of reserved, into refunded when succeeded.
	SettleReservation(ctx context.Context, payment ID, amount int64, succeeded bool, now time.Time) error
	InsertRefund(ctx context.Context, r Refund) error
	UpdateRefund(ctx context.Context, r Refund, from RefundState) error

	InsertAttempt(ctx context.Context, a Attempt) error
	FinishAttempt(ctx context.Context, a Attempt) error
	AppendEvent(ctx context.Context, e Event) error
	AppendAudit(ctx context.Context, a AuditEntry) error

	// SaveReply keeps what an idempotency key answers with.
	SaveReply(ctx context.Context, k IdempotencyKey, reply SavedReply) error

	InsertCallback(ctx context.Context, c Callback) error
	FinishCallback(ctx context.Context, c Callback) error
	// TakeNonce gives a nonce of the account to the callback, or says who has it already.
	TakeNonce(ctx context.Context, account ID, nonce string, callback ID, now time.Time) (holder ID, err error)
	InsertMember(ctx context.Context, m Member) error // CodeConflict when the uid is there
	// UpdateMember writes m where nothing changed since was was read. Errors: CodeConflict.
	UpdateMember(ctx context.Context, m, was Member) error
	InsertCard(ctx context.Context, c SavedCard) error
	UpdateCard(ctx context.Context, c SavedCard, from CardState) error
	InsertPayerVisit(ctx context.Context, v PayerVisit) error
	// TakePayerVisit gives a visit once. Errors: CodeLinkUsed when it was taken or has expired.
	TakePayerVisit(ctx context.Context, id ID, now time.Time) (PayerVisit, error)

	UpdateTenant(ctx context.Context, t Tenant) error
	InsertStore(ctx context.Context, s Store) error
	InsertTerminal(ctx context.Context, t Terminal) error
	InsertAccount(ctx context.Context, a ProviderAccount) error
	UpdateAccount(ctx context.Context, a ProviderAccount) error // guarded by UpdatedAt
	InsertAPIKey(ctx context.Context, k APIKey) error
	RevokeAPIKey(ctx context.Context, id ID, now time.Time) error

	LimitTx
	FeeTx
	BalanceTx
	CheckInTx
	EntryTx
}

// TenantReader reads within one tenant.
type TenantReader interface {
	WebhookReader
	RequestReader
	AlertReader
	FileReader
	ExportReader

	ApprovalReader
	PayoutReader
	CaseReader
	BooksReader
	SweepReader
	BillImportReader
	Tenant(ctx context.Context) (Tenant, error)
	Payment(ctx context.Context, id ID) (Payment, error)
	PaymentByOrderNo(ctx context.Context, orderNo string) (Payment, error)
	PaymentByMerchantOrderNo(ctx context.Context, no string) (Payment, error)
	Payments(ctx context.Context, f PaymentFilter) ([]Payment, error)
	Refund(ctx context.Context, id ID) (Refund, error)
	RefundByMerchantNo(ctx context.Context, no string) (Refund, error)
	RefundByNo(ctx context.Context, refundNo string) (Refund, error)
	Refunds(ctx context.Context, f RefundFilter) ([]Refund, error)
	Callback(ctx context.Context, id ID) (Callback, error)
	Callbacks(ctx context.Context, f CallbackFilter) ([]Callback, error)
	// UnverifiedCallbacks counts what came to the account since and was not authentic.
	UnverifiedCallbacks(ctx context.Context, account ID, since time.Time) (int, error)
	MemberByUID(ctx context.Context, uid string) (Member, error)
	Members(ctx context.Context, f MemberFilter) ([]Member, error)
	Card(ctx context.Context, id ID) (SavedCard, error)
	CardByBindID(ctx context.Context, account ID, bindID string) (SavedCard, error)
	Cards(ctx context.Context, f CardFilter) ([]SavedCard, error)
	Attempts(ctx context.Context, payment ID) ([]Attempt, error)
	Events(ctx context.Context, f EventFilter) ([]Event, error)
	Audit(ctx context.Context, f AuditFilter) ([]AuditEntry, error)
	Stores(ctx context.Context) ([]Store, error)
	Terminals(ctx context.Context) ([]Terminal, error)
	Accounts(ctx context.Context) ([]ProviderAccount, error)
	Account(ctx context.Context, id ID) (ProviderAccount, error)
	APIKeys(ctx context.Context) ([]APIKey, error)

	LimitReader
	FeeReader
	EntryReader
}

// PlatformTx reads over all tenants.
type PlatformTx interface {
	AlertReader
	UnknownReader
	BooksFinder
	ExportReader

	PayoutLists
	BooksLists
	Tenants(ctx context.Context, f TenantFilter) ([]Tenant, error)
	Payments(ctx context.Context, f PaymentFilter) ([]Payment, error)
	Refunds(ctx context.Context, f RefundFilter) ([]Refund, error)
	Callbacks(ctx context.Context, f CallbackFilter) ([]Callback, error)
	Cases(ctx context.Context, f CaseFilter) ([]Case, error)
	Approvals(ctx context.Context, f ApprovalFilter) ([]Approval, error)
	Events(ctx context.Context, f EventFilter) ([]Event, error)
	Audit(ctx context.Context, f AuditFilter) ([]AuditEntry, error) // the platform's own chain included

	BalanceReader
	SettlementReader
}

// DirectoryTx works on what must be found before a tenant is known. Its tables carry no
// tenant's data.
type DirectoryTx interface {
	LinkDirectory
	PayoutDirectory
	AlertTx
	FileTx // the platform's own, as what follows
	ExportTx
	IdempotencyTx
	UserSettingDirectory

	// Lock holds others that lock the same name back until the transaction ends, so that
	// for instance two owners cannot remove each other at the same time.
	Lock(ctx context.Context, name string) error

	InsertTenant(ctx context.Context, t Tenant) error // tenant row and its directory entry
	TenantOfOrder(ctx context.Context, orderNo string) (ID, error)
	TenantOfPayment(ctx context.Context, id ID) (ID, error)
	TenantOfRefund(ctx context.Context, id ID) (ID, error)
	// AccountOfCallback finds whose account a provider's callback address belongs to, and
	// CallbackOfAccount the address's token of an account.
	AccountOfCallback(ctx context.Context, token string) (tenant, account ID, err error)
	CallbackOfAccount(ctx context.Context, account ID) (string, error)

	InsertUser(ctx context.Context, u User) error // CodeConflict when the e-mail exists
	UpdateUser(ctx context.Context, u User) error
	User(ctx context.Context, id ID) (User, error)
	UserByEmail(ctx context.Context, email string) (LoginState, error)
	Users(ctx context.Context, tenant ID) ([]User, error) // with a role there; zero: platform users
	CountUsers(ctx context.Context) (int, error)
	BindRole(ctx context.Context, user ID, b RoleBinding) error
	UnbindRole(ctx context.Context, user, tenant ID, role Role) error
	// LoginFailed and LoginSucceeded keep the lock-out counters; UseTOTPStep fails with
	// CodeLoginFailed when the step was used before.
	LoginFailed(ctx context.Context, user ID, now, lockedUntil time.Time) error
	LoginSucceeded(ctx context.Context, user ID, now time.Time) error
	UseTOTPStep(ctx context.Context, user ID, step int64) error

	InsertSession(ctx context.Context, s Session) error
	SessionByHash(ctx context.Context, hash []byte, now time.Time) (Session, error)
	TouchSession(ctx context.Context, id ID, now time.Time) error
	StepUpSession(ctx context.Context, id ID, now time.Time) error
	DeleteSession(ctx context.Context, id ID) error
	DeleteSessionsOf(ctx context.Context, user ID) error
	Sessions(ctx context.Context, user ID) ([]Session, error)

	// APIKeyByHash finds a key that is not revoked, with its tenant, and notes from time to time
	// when and from where it was used.
	APIKeyByHash(ctx context.Context, hash []byte, ip string, now time.Time) (APIKey, error)

	// InsertLink keeps the SHA-256 of a one-time link; TakeLink returns it once.
	InsertLink(ctx context.Context, l OneTimeLink) error
	TakeLink(ctx context.Context, hash []byte, now time.Time) (OneTimeLink, error)

	// AppendPlatformAudit records what was done in the directory: in the platform's own chain
	// when a.TenantID is zero, else in that tenant's.
	AppendPlatformAudit(ctx context.Context, a AuditEntry) error

	CalendarTx
	PluginTx
	PluginReportTx
}

// OneTimeLink lets a person in once: the first administrator, an invited user, the
// login that make run prints.
type OneTimeLink struct {
	Hash      []byte
	Purpose   string // setup, invite, login; recovery: a code in place of the authenticator app
	UserID    ID
	ExpiresAt time.Time
}

// IdempotencyKey is unique on tenant, caller, operation and key.
type IdempotencyKey struct {
	Caller    string
	Operation string
	Key       string
	BodyHash  []byte // keyed hash of the body without card fields
	// ObjectID is what the operation will create, chosen before the transaction.
	ObjectID ID
}

// SavedReply is what an idempotency key answers with. The object is read anew; only its
// id and the status are kept.
type SavedReply struct {
	Status   int
	ObjectID ID
}

// Page asks for a slice of a list, newest first.
type Page struct {
	Limit int // 1 to 200
	// BeforeTime and BeforeID are the last row's of the previous page; in a list by amount, BeforeAmount (fen) and BeforeID.
	BeforeTime   time.Time
	BeforeAmount int64
	BeforeID     ID
}

// PaymentSort is which payments of a list come first. Those that are alike come in the order they were made in.
type PaymentSort string

// The orders of a list of payments. An index carries each of them.
const (
	PaymentsNewest   PaymentSort = "" // first
	PaymentsOldest   PaymentSort = "oldest"
	PaymentsLargest  PaymentSort = "largest" // by amount
	PaymentsSmallest PaymentSort = "smallest"
)

// PaymentFilter narrows a list of payments. Zero fields do not filter.
type PaymentFilter struct {
	TenantID   ID // platform lists only
	States     []PaymentState
	Unknown    bool
	Provider   string
	AccountID  ID
	StoreIDs   []ID
	Method     Method
	From, To   time.Time // created in [From, To)
	MinAmount  int64
	MaxAmount  int64
	AnyNumber  string // exact: our number, the tenant's, the provider's or the channel's
	Refundable bool
	Sort       PaymentSort
	Page       Page // in the order of Sort: after the last row
}

// RefundFilter narrows a list of refunds.
type RefundFilter struct {
	TenantID  ID
	PaymentID ID
	States    []RefundState
	Unknown   bool
	From, To  time.Time
	AnyNumber string
	StoreIDs  []ID
	Page      Page
}

// TenantFilter narrows the list of merchants.
type TenantFilter struct {
	Status TenantStatus
	Search string
	Page   Page
}

// EventFilter narrows a list of events.
type EventFilter struct {
	TenantID ID
	ObjectID ID
	Types    []string
	Page     Page
}

// AuditFilter narrows the audit log.
type AuditFilter struct {
	TenantID ID
	Actor    string
	Action   string
	Object   string
	From, To time.Time
	Page     Page
}
