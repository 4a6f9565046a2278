package core

import (
	"context"
	"encoding/json"
	"io"
	"time"
)

// The stored files: bills that are brought in and exports that are taken out. They are kept in
// the database in chunks, so that any node can go on with them and no node needs a disk.

// ChunkBytes is the most that one chunk holds. Every chunk but the last of an upload has just
// that size.
const ChunkBytes = 1 << 20

// FileTx keeps the chunks of files within one tenant.
type FileTx interface {
	FileReader
	// PutChunk writes chunk n (from 0) of a file, replacing one that is there.
	PutChunk(ctx context.Context, file ID, n int, data []byte) error
	// RemoveChunks removes up to limit chunks of a file and returns how many.
	RemoveChunks(ctx context.Context, file ID, limit int) (int, error)
}

// FileReader reads them.
type FileReader interface {
	// Chunk reads one. Errors: CodeNotFound.
	Chunk(ctx context.Context, file ID, n int) ([]byte, error)
	// FileSize counts the chunks and bytes that are there.
	FileSize(ctx context.Context, file ID) (chunks int, bytes int64, err error)
}

// Export is a list that is written to a file in the background.
type Export struct {
	TenantID    ID // zero: over all tenants, for the platform
	ID          ID
	Kind        ExportKind
	Format      ExportFormat
	Filter      map[string]string // as the list's query parameters name them; several values divided by commas
	Query       json.RawMessage   // the same as the list's use case takes it: a PaymentFilter for payments …
	Columns     []string          // in order
	Language    string            // of headings and words: zh or en
	State       ExportState
	Total       int64 // rows to be written, counted when it began
	Rows        int64 // written so far
	Bytes       int64
	Chunks      int
	FileName    string
	Restarts    int    // how often it began anew because the node that wrote it went away
	Reason      string // a code, when it failed
	CreatedBy   string
	CreatedAt   time.Time
	StartedAt   time.Time
	FinishedAt  time.Time
	ExpiresAt   time.Time // the file is removed then
	NextCheckAt time.Time
	Version     int
}

// ExportKind names what is exported.
type ExportKind string

// The kinds of exports.
const (
	ExportPayments    ExportKind = "payments"
	ExportRefunds     ExportKind = "refunds"
	ExportPayouts     ExportKind = "payouts"
	ExportDifferences ExportKind = "differences"
	ExportSettlement  ExportKind = "settlement" // a line per store and day
	ExportStatement   ExportKind = "statement"  // every movement with its fee
	ExportAudit       ExportKind = "audit"
)

// ExportFormat is how the file is written.
type ExportFormat string

// The formats.
const (
	ExportCSV  ExportFormat = "csv"  // UTF-8 with BOM; numbers as text, formulas inert
	ExportXLSX ExportFormat = "xlsx" // a further sheet from 1,048,575 rows on
)

// ExportState is where an export stands.
type ExportState string

// The states of an export.
const (
	ExportQueued   ExportState = "queued"
	ExportRunning  ExportState = "running"
	ExportReady    ExportState = "ready"
	ExportFailed   ExportState = "failed"
	ExportCanceled ExportState = "canceled"
	ExportExpired  ExportState = "expired" // the file is gone
)

// The bounds of a merchant's exports, or of the platform's own.
const (
	MaxUnfinishedExports = 3
	MaxKeptExports       = 20 // with a file, or on the way to one
	// ExportKept is how long a file is kept.
	ExportKept = 7 * 24 * time.Hour
)

// ExportFilter narrows a list of exports. Zero fields do not filter.
type ExportFilter struct {
	States    []ExportState
	CreatedBy string // set by the use case for who is bound to stores
	Page      Page
}

// CreateExportInput asks for an export.
type CreateExportInput struct {
	IdempotencyKey string
	Kind           ExportKind
	Format         ExportFormat
	Filter         map[string]string
	Query          json.RawMessage // what Filter means, read as the list reads it
	Columns        []string        // empty: all of the kind
	Language       string          // empty: the caller's
}

// ExportReply is an export and whether an earlier call with the key asked for it.
type ExportReply struct {
	Export   Export
	Replayed bool
}

// ExportColumn is a column that an export of a kind can have.
type ExportColumn struct {
	Name  string
	Label Text
}

// Exports writes lists to files. Who asks without naming a merchant asks over all of them, and
// sees the platform's own exports.
type Exports interface {
	// CreateExport queues one. Errors: CodeLimitExceeded when there are too many that are not
	// done, or too many files; CodeInvalidRequest with the column at fault; CodeForbidden for who
	// may not read the list.
	CreateExport(ctx context.Context, in CreateExportInput) (ExportReply, error)
	ListExports(ctx context.Context, f ExportFilter) ([]Export, error)
	Export(ctx context.Context, id ID) (Export, error)
	// CancelExport stops one that is not done, and throws away the file of one that is. Errors:
	// CodeInvalidState when there is nothing to stop or to throw away.
	CancelExport(ctx context.Context, id ID) (Export, error)
	// OpenExport is for who is about to fetch the file, and records that. Errors:
	// CodeInvalidState until it is ready; CodeNotFound after it expired; CodeForbidden for who may
	// not read the list, now.
	OpenExport(ctx context.Context, id ID) (Export, error)
	// ExportChunk reads a part of a finished file, for who may open it.
	ExportChunk(ctx context.Context, id ID, n int) ([]byte, error)
	// ExportColumns lists what a kind can have, in the order that is usual.
	ExportColumns(ctx context.Context, kind ExportKind) ([]ExportColumn, error)
}

// ExportFiles makes the files of exports.
type ExportFiles interface {
	// NewExportFile begins a file. Its bytes go to w in order, some of them only at Finish.
	NewExportFile(format ExportFormat, sheet string, heading []string, w io.Writer) (ExportFile, error)
}

// ExportFile is a file that is being written, with memory that does not grow with it.
type ExportFile interface {
	WriteRow(cells []ExportCell) error
	// Finish writes what is left.
	Finish() error
	// Close removes what it kept on disk, finished or not.
	Close() error
}

// ExportCell is one value of a row.
type ExportCell struct {
	Kind   ExportCellKind
	Text   string
	Number int64
}

// ExportCellKind says what a cell holds.
type ExportCellKind int

// The kinds of cells.
const (
	CellText   ExportCellKind = iota // Text, kept to the character; nothing in it runs
	CellAmount                       // Number in fen, written as yuan with two decimals
	CellCount                        // Number
)

// ExportTx keeps exports, of one tenant or of the platform.
type ExportTx interface {
	// InsertExport writes a new one.
	InsertExport(ctx context.Context, e Export) error
	// AdvanceExport writes how far e is, where its state and version are still those given, and
	// keeps the lease. Errors: CodeConflict.
	AdvanceExport(ctx context.Context, e Export, from ExportState) error
	// UpdateExport is AdvanceExport for a step after which nobody works on it: it clears the lease.
	UpdateExport(ctx context.Context, e Export, from ExportState) error
	// CancelExport ends what is queued, running or ready, whoever works on it. What is left of its
	// file is due to be removed. Errors: CodeConflict.
	CancelExport(ctx context.Context, id ID, now time.Time) error
	// CountExports says how many are not done, and how many have a file or will. Others who count
	// wait until the transaction ends.
	CountExports(ctx context.Context) (unfinished, kept int, err error)
	Export(ctx context.Context, id ID) (Export, error)
	Exports(ctx context.Context, f ExportFilter) ([]Export, error)
}

// ExportPage is the most rows that an ExportReader gives at once.
const ExportPage = 5000

// ExportReader reads lists as the lists' own methods do, in larger pages, and counts them.
type ExportReader interface {
	PaymentPage(ctx context.Context, f PaymentFilter) ([]Payment, error)
	CountPayments(ctx context.Context, f PaymentFilter) (int64, error)
	RefundPage(ctx context.Context, f RefundFilter) ([]Refund, error)
	CountRefunds(ctx context.Context, f RefundFilter) (int64, error)
	PayoutPage(ctx context.Context, f PayoutFilter) ([]Payout, error)
	CountPayouts(ctx context.Context, f PayoutFilter) (int64, error)
	AuditPage(ctx context.Context, f AuditFilter) ([]AuditEntry, error)
	CountAudit(ctx context.Context, f AuditFilter) (int64, error)
	DifferencePage(ctx context.Context, f DifferenceFilter) ([]Difference, error)
	CountDifferencesFound(ctx context.Context, f DifferenceFilter) (int64, error)
}

// IdempotencyTx takes the keys of requests that must not be done twice.
type IdempotencyTx interface {
	// BeginIdempotent inserts the key, or says what is saved under it. A nil reply and nil
	// error mean: the caller is the first. Errors: CodeIdempotencyMismatch, CodeIdempotencyInFlight.
	BeginIdempotent(ctx context.Context, k IdempotencyKey, now time.Time) (*SavedReply, error)
}
