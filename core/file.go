package core

import (
	"context"
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
	Filter      map[string]string // as the list's query parameters name them
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

// ExportFilter narrows a list of exports. Zero fields do not filter.
type ExportFilter struct {
	TenantID ID
	States   []ExportState
	Page     Page
}

// CreateExportInput asks for an export.
type CreateExportInput struct {
	IdempotencyKey string
	Kind           ExportKind
	Format         ExportFormat
	Filter         map[string]string
	Columns        []string // empty: all of the kind
	Language       string
}

// ExportColumn is a column that an export of a kind can have.
type ExportColumn struct {
	Name  string
	Label Text
}

// Exports writes lists to files.
type Exports interface {
	// CreateExport queues one. Errors: CodeLimitExceeded when the merchant has too many that
	// are not done; CodeInvalidRequest with the filter or column at fault.
	CreateExport(ctx context.Context, in CreateExportInput) (Export, error)
	ListExports(ctx context.Context, f ExportFilter) ([]Export, error)
	Export(ctx context.Context, id ID) (Export, error)
	// CancelExport stops one that is not done. Errors: CodeInvalidState.
	CancelExport(ctx context.Context, id ID) (Export, error)
	// ExportChunk reads a part of a finished file. Errors: CodeInvalidState until it is ready;
	// CodeNotFound after it expired.
	ExportChunk(ctx context.Context, id ID, n int) ([]byte, error)
	// ExportColumns lists what a kind can have, in the order that is usual.
	ExportColumns(ctx context.Context, kind ExportKind) ([]ExportColumn, error)
}
