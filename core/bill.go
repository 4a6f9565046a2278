package core

import (
	"context"
	"encoding/json"
	"time"
)

// MovementKind says which way money moved.
type MovementKind string

// The kinds of movements, as bills and totals name them.
const (
	MovementPayment  MovementKind = "payment"
	MovementReversal MovementKind = "reversal" // a payment that was taken back as a whole
	MovementRefund   MovementKind = "refund"
	MovementPayout   MovementKind = "payout"
	MovementFee      MovementKind = "fee" // in totals only
)

// BillSource says how the provider's side of a day was come by.
type BillSource string

// The sources of bills.
const (
	BillFromList   BillSource = "list"   // the provider lists its orders of the day
	BillFromTotals BillSource = "totals" // the provider states sums only
	BillFromQuery  BillSource = "query"  // each of our orders was asked about
	BillFromFile   BillSource = "file"   // a person brought the provider's file
)

// Bill is what the provider says of one account's day, for one of its products (Scope) or for
// all (empty). Of an account, day and scope one bill is current; a later one with other
// content supersedes it, and the same content again changes nothing.
type Bill struct {
	TenantID  ID
	ID        ID
	AccountID ID
	Provider  string
	Day       Day
	Scope     string // a product of the manifest, or empty: all of them
	Source    BillSource
	State     BillState
	Cursor    string // where fetching goes on after it was interrupted
	Lines     int64
	Hash      []byte // of the content; the same hash is the same bill
	// Kinds are the movements that the bill shows all of: an order of another kind is not missed
	// on it. Empty: payments, and what else it has lines of.
	Kinds        []MovementKind
	ImportID     ID    // the import that brought it, or zero
	Asked        int64 // by query: how many of our orders were asked about
	Unanswered   int64 // by query: how many gave no answer that says anything
	Provided     ProviderText
	CreatedAt    time.Time
	ReadyAt      time.Time
	SupersededAt time.Time
	Version      int
}

// BillState is where a bill stands.
type BillState string

// The states of a bill. Only one that is ready is compared with.
const (
	BillReading    BillState = "reading" // its lines are being collected
	BillReady      BillState = "ready"
	BillSuperseded BillState = "superseded"
	BillFailed     BillState = "failed" // nothing of it is used; its lines are removed
)

// StoredLine is one order on a bill, as it is kept and matched.
type StoredLine struct {
	N    int64 // from 1, in the order of the bill; of a file, the file's line
	Kind MovementKind
	// Number is our order, refund or payout number: as the bill states it, or found by
	// ProviderNumber. Empty when the order is none of ours.
	Number         string
	ProviderNumber string
	Outcome        Outcome // succeeded: the money moved; by query also failed, canceled, closed, not_found, in_progress, unknown
	Amount         Money
	Fee            Money // the provider's; no currency: not stated
	At             time.Time
	Method         string // the provider's word for the way of paying
	Status         string // the provider's word
}

// ReconciliationDay is the comparison of one account's day with its provider.
type ReconciliationDay struct {
	TenantID    ID
	ID          ID
	AccountID   ID
	Provider    string
	Day         Day
	State       ReconciliationState
	Reason      string // a code, for waiting and incomplete: bill_not_ready, provider_refused, unanswered, carried …
	Run         int    // how often it was compared
	NextCheckAt time.Time
	Attempts    int // to get the bill, without success in a row
	Provided    ProviderText
	Ours        []MovementTotal // what moved by our orders
	Theirs      []MovementTotal // what moved by the bills
	Matched     int64           // orders on both sides that agree
	Carried     int64           // orders near midnight that the neighbouring day's bill must show
	Unasked     int64           // orders, for instance refunds, that this provider cannot be asked about
	Open        int64           // differences that wait for a person
	Resolved    int64           // differences that people resolved
	CreatedAt   time.Time
	StartedAt   time.Time // of the last run
	FinishedAt  time.Time // of the last run
	Version     int
}

// MovementTotal sums movements of one kind.
type MovementTotal struct {
	Kind   MovementKind `json:"kind"`
	Method string       `json:"method,omitempty"` // empty: all
	Count  int64        `json:"count"`
	Amount int64        `json:"amount"`        // fen
	Fee    int64        `json:"fee,omitempty"` // fen; 0 when nothing is stated
}

// ReconciliationState is where a day stands.
type ReconciliationState string

// The states of a day. A day with a difference that nobody resolved is never clean.
const (
	DayWaiting    ReconciliationState = "waiting"    // for the bill
	DayRunning    ReconciliationState = "running"    // being fetched or compared
	DayClean      ReconciliationState = "clean"      // both sides agree, or every difference is resolved
	DayOpen       ReconciliationState = "open"       // differences wait for a person
	DayIncomplete ReconciliationState = "incomplete" // no bill, or not all of it, after all attempts; or orders without an answer
)

// Difference is one disagreement of a day. It is found again by Key: a run that meets it again
// changes nothing, one that does not closes it.
type Difference struct {
	TenantID       ID
	ID             ID
	DayID          ID
	AccountID      ID
	Provider       string
	Day            Day
	Key            string // of the kind and numbers; unique in the account's day
	Kind           DifferenceKind
	Movement       MovementKind
	ObjectID       ID     // our payment, refund or payout, or zero
	ObjectKind     string // payment, refund, payout or empty
	Number         string // ours
	ProviderNumber string
	Ours           DifferenceSide
	Theirs         DifferenceSide
	BillID         ID    // the bill that shows it
	BillLine       int64 // its line there, or 0
	State          DifferenceState
	Owner          string // the actor who takes care of it, or empty
	LinkedID       ID     // the order it was linked to
	Remark         string
	ApprovalID     ID // of a correction that waits or was agreed to
	FoundAt        time.Time
	FoundRun       int // the run that saw it last
	ResolvedAt     time.Time
	ResolvedBy     string // the actor; system when a later run did not find it any more
	Version        int
}

// DifferenceSide is what one side holds of an order.
type DifferenceSide struct {
	Present bool
	State   string // ours: the object's state; theirs: an Outcome
	Amount  Money
	Fee     Money // no currency: not stated
	At      time.Time
}

// DifferenceKind says how two sides disagree.
type DifferenceKind string

// The kinds of differences.
const (
	// DifferSurplus (长款): the provider moved money for an order that we do not have.
	DifferSurplus DifferenceKind = "surplus"
	// DifferShortage (短款): we hold that money moved, and the provider's bill does not show it.
	DifferShortage   DifferenceKind = "shortage"
	DifferAmount     DifferenceKind = "amount"
	DifferState      DifferenceKind = "state" // on both sides, and only one says that money moved
	DifferFee        DifferenceKind = "fee"
	DifferDay        DifferenceKind = "day"        // the same order on a day that neither midnight explains
	DifferDuplicate  DifferenceKind = "duplicate"  // twice on the provider's side
	DifferTotal      DifferenceKind = "total"      // sums disagree, and no order explains it
	DifferUnanswered DifferenceKind = "unanswered" // the provider gives no answer about the order
)

// DifferenceState is where a difference stands.
type DifferenceState string

// The states of a difference.
const (
	DifferenceOpen       DifferenceState = "open"
	DifferenceCorrecting DifferenceState = "correcting" // a correction waits for a second person
	DifferenceAccepted   DifferenceState = "accepted"   // with a remark
	DifferenceLinked     DifferenceState = "linked"     // it is one of our orders under another number
	DifferenceCorrected  DifferenceState = "corrected"  // our order has the state that the bill shows
	DifferenceGone       DifferenceState = "gone"       // a later run or bill does not show it any more
)

// Movement is what one of our orders holds, in the order in which bills are matched.
type Movement struct {
	Kind           MovementKind
	Number         string // ours
	ProviderNumber string
	ObjectID       ID
	AccountID      ID
	State          string
	Moved          bool // we hold that the money moved
	Amount         Money
	Fee            int64  // fen, by the merchant's rate
	ProviderFee    Money  // by the provider's own word; no currency: not stated
	Method         Method // of the payment; of a refund, its payment's
	Channel        string
	CreatedAt      time.Time
	MovedAt        time.Time // zero unless Moved
}

// ReconciliationFilter narrows a list of days. Zero fields do not filter. Days are listed
// newest first: a page begins after the last one's Day.Start() and ID.
type ReconciliationFilter struct {
	TenantID  ID // platform lists only
	AccountID ID
	From, To  Day // both included
	States    []ReconciliationState
	Page      Page
}

// DifferenceFilter narrows a list of differences. Zero fields do not filter.
type DifferenceFilter struct {
	TenantID  ID // platform lists only
	AccountID ID
	DayID     ID
	From, To  Day // both included
	Kinds     []DifferenceKind
	States    []DifferenceState
	Owner     string
	Unowned   bool
	AnyNumber string
	// FoundBefore leaves out what was found later.
	FoundBefore time.Time
	Page        Page
}

// ReconciliationDetail is a day with the bills it was compared with.
type ReconciliationDetail struct {
	Day     ReconciliationDay
	Account ProviderAccount
	Bills   []Bill // current ones first, then superseded ones
	ByKind  map[DifferenceKind]int64
}

// DifferenceDetail is a difference with what it is about.
type DifferenceDetail struct {
	Difference Difference
	Account    ProviderAccount
	Line       *StoredLine // the bill's line
	Payment    *Payment    // our order, or that of the refund
	Refund     *Refund
	Payout     *Payout
	Approvals  []Approval
	// Correctable says what the order would become by a correction; empty: none is listed, and
	// NotCorrectable says why.
	Correctable    string
	NotCorrectable string
	// Askable says that the provider can be asked about the order now.
	Askable bool
}

// Reconciliation compares the books with the providers'.
type Reconciliation interface {
	ListReconciliation(ctx context.Context, f ReconciliationFilter) ([]ReconciliationDay, error)
	ReconciliationDay(ctx context.Context, id ID) (ReconciliationDetail, error)
	// RunReconciliation has the day fetched and compared again, soon. Errors: CodeInvalidState
	// while it runs; CodeInvalidRequest for a day that has not ended.
	RunReconciliation(ctx context.Context, account ID, day Day) (ReconciliationDay, error)
	// BillLines reads a bill, a page at a time, in its own order.
	BillLines(ctx context.Context, bill ID, after int64, limit int) ([]StoredLine, error)

	ListDifferences(ctx context.Context, f DifferenceFilter) ([]Difference, error)
	Difference(ctx context.Context, id ID) (DifferenceDetail, error)
	// AssignDifference gives it to a user who may see it; the zero id takes it from everybody.
	AssignDifference(ctx context.Context, id, user ID) (Difference, error)
	// AcceptDifference ends it with a remark; money and orders stay as they are.
	AcceptDifference(ctx context.Context, id ID, remark string) (Difference, error)
	// LinkDifference says that a surplus is one of our orders under another number. A shortage
	// of that order ends with it. Errors: CodeInvalidState when amounts or kinds differ.
	LinkDifference(ctx context.Context, id, object ID, remark string) (Difference, error)
	// CorrectDifference asks a second person to give our order the state that the bill shows;
	// only what the state tables list as a correction. Errors: CodeStepUpRequired; CodeInvalidState.
	CorrectDifference(ctx context.Context, id ID, remark string) (Difference, error)
	// AskDifference asks the provider about the order now and looks whether it still differs.
	// Errors: CodeNotSupported when there is no question about it; CodeProviderUnavailable.
	AskDifference(ctx context.Context, id ID) (Difference, error)
	// ReopenDifference takes back what ended it; not a correction.
	ReopenDifference(ctx context.Context, id ID, remark string) (Difference, error)
}

// BooksTx keeps bills, days and differences within one tenant.
type BooksTx interface {
	BooksReader

	// WatchBooks has the account's days compared from the first that ends after from; a zero from
	// ends that. It is idempotent: an account that is watched goes on as it was.
	WatchBooks(ctx context.Context, account ID, from, now time.Time) error
	// OpenDays writes a waiting day for each of the account's days up to and including last
	// that has none, due at due, and moves the watch on to next. It clears the watch's lease.
	OpenDays(ctx context.Context, account ID, last Day, due, next, now time.Time) (int, error)
	// OpenDay has one day of the account fetched and compared, before its watch began too: it
	// writes a waiting one when there is none, and makes one that is there due. A day that a node
	// works on is due again when that ends. It returns the day as it is then.
	OpenDay(ctx context.Context, account ID, day Day, due, now time.Time) (ReconciliationDay, error)
	// UpdateReconciliationDay writes d where its version is still that. It clears the lease unless
	// the day runs.
	// Errors: CodeConflict.
	UpdateReconciliationDay(ctx context.Context, d ReconciliationDay) error

	// BeginRun counts one more comparison of the day and returns its number; the version stays.
	BeginRun(ctx context.Context, day ID) (int, error)

	InsertBill(ctx context.Context, b Bill) error
	// AddBillLines appends lines to a bill that is being read and moves its cursor and counts on,
	// guarded by b's version. Afterwards the bill has that version + 1 and that many lines more.
	// Without lines it moves the cursor. Errors: CodeConflict; so for a line number that is there.
	AddBillLines(ctx context.Context, b Bill, lines []StoredLine) error
	// SetBillTotals replaces what a bill that is being read states in sums. It leaves the version
	// alone.
	SetBillTotals(ctx context.Context, b Bill, totals []MovementTotal) error
	// FinishBill makes a bill that was read current (b.State is ready), or marks it failed,
	// guarded by its version. One that becomes current supersedes the one before it of its scope;
	// the sums of a scope and the lines of it are kept beside each other. A file of the whole
	// account (no scope) supersedes all others of the day. Errors: CodeConflict.
	FinishBill(ctx context.Context, b Bill) error
	// NumberBillLines gives lines without a number of ours, after line after, the number of the
	// one order of the account that has their provider number; those that no order or two orders
	// have are left. It looks at up to limit lines and returns the last one's, or 0 at the end.
	NumberBillLines(ctx context.Context, bill ID, after int64, limit int) (int64, error)
	// RemoveBillLines removes up to limit lines of a bill that is failed or superseded.
	RemoveBillLines(ctx context.Context, bill ID, limit int) (int, error)

	// UpsertDifferences writes what a run found, by its key. One that is known is marked as seen by
	// the run, keeps its id, state, owner and remark, and takes the new sides. When one that
	// people resolved has other sides than then, it is open again and is returned as it is now;
	// so is, without being returned, one that was gone.
	UpsertDifferences(ctx context.Context, list []Difference) (reopened []Difference, err error)
	// UpdateDifference writes what people decide, where state and version are still those.
	// Errors: CodeConflict.
	UpdateDifference(ctx context.Context, d Difference, from DifferenceState) error
	// CloseGone ends the open differences of a day that run did not find, and returns how many.
	CloseGone(ctx context.Context, day ID, run int, now time.Time) (int, error)
}

// BooksReader reads bills, days and differences within one tenant.
type BooksReader interface {
	BooksLists
	ReconciliationDay(ctx context.Context, id ID) (ReconciliationDay, error)
	ReconciliationDayOf(ctx context.Context, account ID, day Day) (ReconciliationDay, error) // CodeNotFound
	// Bills are all of an account's day, the current ones first, then the newest.
	Bills(ctx context.Context, account ID, day Day) ([]Bill, error)
	Bill(ctx context.Context, id ID) (Bill, error)
	BillTotals(ctx context.Context, bill ID) ([]MovementTotal, error)
	// BillKinds are the kinds of a bill's lines.
	BillKinds(ctx context.Context, bill ID) ([]MovementKind, error)
	// BillLinesAfter reads a bill in its own order.
	BillLinesAfter(ctx context.Context, bill ID, after int64, limit int) ([]StoredLine, error)
	// LinesByNumber finds the lines of the bills that have one of our numbers.
	LinesByNumber(ctx context.Context, bills []ID, numbers []string) ([]BilledLine, error)
	// MovementsByNumber finds the account's payments, refunds and payouts by our numbers.
	MovementsByNumber(ctx context.Context, account ID, numbers []string) ([]Movement, error)
	Difference(ctx context.Context, id ID) (Difference, error)
	// CountDifferences counts those of a day by kind and state.
	CountDifferences(ctx context.Context, day ID) ([]DifferenceCount, error)
}

// DifferenceCount is how many differences of a kind a day has in a state.
type DifferenceCount struct {
	Kind  DifferenceKind
	State DifferenceState
	Count int64
}

// BooksLists lists days and differences, of one tenant or of all.
type BooksLists interface {
	ReconciliationDays(ctx context.Context, f ReconciliationFilter) ([]ReconciliationDay, error)
	Differences(ctx context.Context, f DifferenceFilter) ([]Difference, error)
}

// CorrectionSummary is what the second person is shown of a correction.
type CorrectionSummary struct {
	Difference string          `json:"difference_id"`
	Day        Day             `json:"day"`
	Number     string          `json:"number"`      // of our order
	Evidence   string          `json:"evidence_no"` // the bill's line
	ObjectKind string          `json:"object_kind"`
	From       string          `json:"from"`
	To         string          `json:"to"`
	Order      json.RawMessage `json:"order"`
	Remark     string          `json:"remark"`
}
