package core

import (
	"context"
	"time"
)

// Payout is money sent from a provider account to a payee's card or account. It is sent at
// most once, under one number, after a second person has agreed.
type Payout struct {
	TenantID         ID
	ID               ID
	PayoutNo         string // ours, 20 digits, what the provider knows
	MerchantPayoutNo string // the tenant's own, unique per tenant
	AccountID        ID
	Provider         string
	BatchID          ID  // the file it came with, or zero
	BatchRow         int // its line in that file
	Amount           Money
	Fee              int64  // fen, on top of Amount: by the merchant's rate, from its success on
	ProviderFee      Money  // the provider's own; no currency: not stated
	Source           string // what it is paid from: one of the manifest's, never two
	Channel          string
	Purpose          string
	PayeeType        string
	PayeeName        string // masked
	PayeeNumber      string // first 6 and last 4 digits
	BankName         string
	PayeeSealed      []byte `json:"-"` // a Payee as JSON; purpose PayoutPurpose
	State            PayoutState
	WaitReason       string // why it is approved and not sent yet: a code, or empty
	UnknownSince     time.Time
	UnknownReason    string
	RefusedAt        time.Time // the provider refused the message; confirmed by one query before it fails
	SentAt           time.Time // when its one call was begun; zero: nothing was ever sent
	ProviderPayoutNo string
	Provided         ProviderText
	FailureCode      string // ours, when failed, returned or rejected
	ApprovedBy       string
	NextCheckAt      time.Time // zero: nothing due
	Checks           int
	CreatedBy        string
	CreatedAt        time.Time
	UpdatedAt        time.Time
	PaidAt           time.Time // by the provider's word
	FinishedAt       time.Time
	ResolutionID     ID // the decision of people that the state stands on, until the provider's word takes its place
	Version          int
}

// PayoutPurpose binds a sealed payee to its row.
func PayoutPurpose(id ID) string { return "payouts.payee_sealed/" + id.String() }

// Payee is who receives a payout, whole. It is kept sealed only.
type Payee struct {
	Type       string // one of the manifest's: personal, business
	Name       Secret
	Number     Secret // of the card or account
	Phone      Secret
	IDNumber   Secret
	BankCode   string
	BankName   string
	BranchCode string // the branch's number in the clearing system
	BranchName string
	Province   string
	City       string
	Extra      map[string]string
}

// PayoutBatch is a file of payouts: taken in whole or not at all, and approved as one.
type PayoutBatch struct {
	TenantID    ID
	ID          ID
	AccountID   ID
	Provider    string
	FileName    string
	FileHash    []byte `json:"-"` // keyed
	Encoding    string // UTF-8 or GB18030
	Again       bool   // the same file was taken in before, and this was meant
	Rows        int
	Amount      Money // the sum of its payouts
	State       PayoutBatchState
	Errors      []PayoutRowError // of an invalid file, at most MaxRowErrors
	ErrorCount  int
	FailureCode string // why it was rejected
	ApprovedBy  string
	CreatedBy   string
	CreatedAt   time.Time
	UpdatedAt   time.Time
	Version     int
}

// MaxRowErrors is how many errors of a file are kept; the rest are counted.
const MaxRowErrors = 1000

// PayoutBatchState is where a batch stands. How far its payouts are is told by their states.
type PayoutBatchState string

// The states of a batch.
const (
	BatchInvalid         PayoutBatchState = "invalid" // nothing of it was taken in
	BatchPendingApproval PayoutBatchState = "pending_approval"
	BatchApproved        PayoutBatchState = "approved"
	BatchRejected        PayoutBatchState = "rejected" // refused, withdrawn or expired; nothing was sent
)

// PayoutRowError says what is wrong with a cell of a file. It repeats no payee.
type PayoutRowError struct {
	Row     int    // line of the file; the heading is line 1
	Column  string // a field of the API, or empty for the whole row
	Number  string // the row's merchant_payout_no, to find it again
	Code    string // a stable word: missing, too_long, duplicate …
	Message Text
}

// PayoutTotals counts the payouts of a batch.
type PayoutTotals struct {
	Count map[PayoutState]int
	Sum   map[PayoutState]int64 // fen
}

// PayoutFilter narrows a list of payouts. Zero fields do not filter.
type PayoutFilter struct {
	TenantID  ID
	BatchID   ID
	AccountID ID
	States    []PayoutState
	Unknown   bool
	From, To  time.Time // created in [From, To)
	AnyNumber string    // exact: our number, the tenant's or the provider's
	Page      Page
}

// PayoutBatchFilter narrows a list of batches. Zero fields do not filter.
type PayoutBatchFilter struct {
	TenantID ID
	States   []PayoutBatchState
	Page     Page
}

// Payouts sends money to payees.
type Payouts interface {
	// CreatePayout keeps a payout that waits for a second person; nothing is sent. Errors:
	// CodeStepUpRequired for people; CodeInvalidRequest with the field; CodeOrderNoUsed;
	// CodeOutsideHours, CodeLimitExceeded, CodeInsufficientBalance by the latest balance.
	CreatePayout(ctx context.Context, in CreatePayoutInput) (PayoutReply, error)
	Payout(ctx context.Context, id ID) (PayoutDetail, error)
	ListPayouts(ctx context.Context, f PayoutFilter) ([]Payout, error)
	// SyncPayout asks the provider now. Errors: CodeInvalidState when it was never sent.
	SyncPayout(ctx context.Context, id ID) (Payout, error)

	// CreatePayoutBatch takes a file in, whole or not at all. A file with rows that cannot be
	// used is answered with CodeInvalidFile and kept as an invalid batch: see the argument
	// batch_id. Errors: CodeConflict for a file that was taken in before, unless Again.
	CreatePayoutBatch(ctx context.Context, in CreatePayoutBatchInput) (PayoutBatchReply, error)
	// CheckPayoutBatch says what a file would come to, or all that is wrong with it, and keeps
	// nothing. Errors: as CreatePayoutBatch, but for rows that cannot be used.
	CheckPayoutBatch(ctx context.Context, in CreatePayoutBatchInput) (PayoutBatchCheck, error)
	PayoutBatch(ctx context.Context, id ID) (PayoutBatchDetail, error)
	ListPayoutBatches(ctx context.Context, f PayoutBatchFilter) ([]PayoutBatch, error)
	// PayoutTemplate is a file to fill in; PayoutBatchErrors one that lists what is wrong.
	PayoutTemplate(ctx context.Context) ([]byte, error)
	PayoutBatchErrors(ctx context.Context, id ID) ([]byte, error)
}

// CreatePayoutInput asks for a payout.
type CreatePayoutInput struct {
	IdempotencyKey   string
	MerchantPayoutNo string // 1–64 printable characters; empty: ours is used
	AccountID        ID     // zero: the tenant's only account that pays out
	Amount           Money
	Source           string // empty: the manifest's first
	Channel          string
	Purpose          string
	Payee            Payee
	Note             string // for the second person
}

// PayoutReply is a payout and whether an earlier call with the key made it.
type PayoutReply struct {
	Payout   Payout
	Replayed bool
}

// PayoutDetail is a payout with its calls, events and what the second person was asked.
type PayoutDetail struct {
	Payout    Payout
	Account   ProviderAccount
	Attempts  []Attempt
	Events    []Event
	Approvals []Approval
}

// CreatePayoutBatchInput uploads a file.
type CreatePayoutBatchInput struct {
	IdempotencyKey string
	AccountID      ID
	FileName       string
	File           []byte
	Again          bool // take in a file that was taken in before
	Note           string
}

// PayoutBatchReply is a batch and whether an earlier call with the key made it.
type PayoutBatchReply struct {
	Batch    PayoutBatch
	Replayed bool
}

// PayoutBatchCheck is what a file would come to, were it taken in now.
type PayoutBatchCheck struct {
	Encoding   string
	Rows       int
	Amount     Money            // the sum of its payouts; zero while rows cannot be used
	Fee        int64            // fen: of all its payouts, by the rate that is valid now
	Needed     int              // how many people must agree
	Errors     []PayoutRowError // at most MaxRowErrors
	ErrorCount int
}

// PayoutBatchDetail is a batch with how far its payouts are.
type PayoutBatchDetail struct {
	Batch     PayoutBatch
	Totals    PayoutTotals
	Approvals []Approval
}

// PayoutFiles reads and writes the tables that merchants fill in.
type PayoutFiles interface {
	// Read takes a CSV file in UTF-8 or GB18030. Errors: CodeInvalidFile with a sentence when
	// it is no table or too large.
	Read(data []byte) (PayoutTable, error)
	// Write makes a CSV file that spreadsheets open rightly and that runs nothing in them.
	Write(rows [][]string) []byte
}

// PayoutTable is a file's cells as text. Lines are the lines of Rows in the file.
type PayoutTable struct {
	Encoding string
	Header   []string
	Rows     [][]string
	Lines    []int
}

// PayoutTx writes payouts within one tenant.
type PayoutTx interface {
	PayoutReader
	InsertPayout(ctx context.Context, p Payout) error // CodeOrderNoUsed when the tenant's number exists
	// UpdatePayout is guarded as UpdatePayment is. Errors: CodeConflict.
	UpdatePayout(ctx context.Context, p Payout, from PayoutState) error
	InsertPayoutBatch(ctx context.Context, b PayoutBatch) error
	UpdatePayoutBatch(ctx context.Context, b PayoutBatch, from PayoutBatchState) error
	// ReleaseBatch lets the waiting payouts of a batch go: processing, approved by b.ApprovedBy,
	// due one after the other with pace between them. It returns them as they are now.
	ReleaseBatch(ctx context.Context, b PayoutBatch, now time.Time, pace time.Duration) ([]Payout, error)
	// RejectBatch ends the waiting payouts of a batch as rejected with b.FailureCode.
	RejectBatch(ctx context.Context, b PayoutBatch, now time.Time) ([]Payout, error)
}

// PayoutReader reads payouts within one tenant.
type PayoutReader interface {
	PayoutLists
	Payout(ctx context.Context, id ID) (Payout, error)
	PayoutBatch(ctx context.Context, id ID) (PayoutBatch, error)
	// UsedPayoutNumbers says which of the tenant's own numbers are on a payout already.
	UsedPayoutNumbers(ctx context.Context, numbers []string) ([]string, error)
	// PayoutBatchByHash finds the newest batch of a file that was taken in. Errors: CodeNotFound.
	PayoutBatchByHash(ctx context.Context, hash []byte) (PayoutBatch, error)
	PayoutTotals(ctx context.Context, batch ID) (PayoutTotals, error)
	// PayoutAttempts are all calls about a payout, oldest first.
	PayoutAttempts(ctx context.Context, payout ID) ([]Attempt, error)
}

// PayoutLists lists payouts, within one tenant or over all.
type PayoutLists interface {
	Payouts(ctx context.Context, f PayoutFilter) ([]Payout, error)
	PayoutBatches(ctx context.Context, f PayoutBatchFilter) ([]PayoutBatch, error)
}

// PayoutDirectory finds the tenant of what a platform caller names.
type PayoutDirectory interface {
	TenantOfPayout(ctx context.Context, id ID) (ID, error)
}
