package core

import (
	"context"
	"io"
	"time"
)

// BillMapping says how a provider's bill file is read: which column is which, how amounts and
// times are written, and what its last line says.
type BillMapping struct {
	TenantID   ID
	ID         ID
	Name       string
	Provider   string
	Encoding   string            // utf-8, gb18030 or empty: told from the file
	Delimiter  string            // "," or "\t"; empty: told from the heading
	SkipLines  int               // before the heading
	Columns    map[string]string // field → heading; the fields are BillFields
	Unit       string            // of amounts: fen or yuan
	TimeFormat string            // Go's layout, in Beijing time
	Kinds      map[string]string // a cell of the kind column → payment, refund, reversal, payout; others are refused
	Statuses   map[string]string // a cell of the status column → an Outcome, or skip; others are refused
	// TrailerPrefix begins the first cell of the first line that is no row any more; empty: the
	// file has no such line. TrailerCount and TrailerAmount are columns (from 1) of the totals in
	// the line that begins so, or in the one after it when TrailerBelow is set; 0: not stated.
	TrailerPrefix string
	TrailerBelow  bool
	TrailerCount  int
	TrailerAmount int
	MerchantNo    string // what every cell of the merchant_no column must say; empty: not checked
	CreatedBy     string
	CreatedAt     time.Time
	UpdatedAt     time.Time
	Version       int
}

// BillImport is a bill file that a person brings: taken in whole or not at all.
type BillImport struct {
	TenantID       ID
	ID             ID
	AccountID      ID
	Provider       string
	Day            Day
	Scope          string // a product of the manifest, or empty: all
	Mapping        BillMapping
	FileName       string
	Bytes          int64 // as announced
	ExpectedCount  int64 // what the provider says of the file elsewhere; -1: nothing
	ExpectedAmount int64 // fen; -1: nothing
	State          BillImportState
	Received       int // chunks
	Rows           int64
	Errors         []BillRowError // at most MaxRowErrors
	ErrorCount     int64
	BillID         ID
	CreatedBy      string
	CreatedAt      time.Time
	FinishedAt     time.Time
	NextCheckAt    time.Time
	Version        int
}

// BillImportState is where an import stands.
type BillImportState string

// The states of an import.
const (
	ImportReceiving BillImportState = "receiving"
	ImportReading   BillImportState = "reading"
	ImportDone      BillImportState = "done"
	ImportInvalid   BillImportState = "invalid"  // nothing of it was taken in
	ImportCanceled  BillImportState = "canceled" // by a person, or never completed
)

// BillRowError says what is wrong in a bill file.
type BillRowError struct {
	Row     int64  // line of the file, from 1; 0: the file as a whole
	Column  string // its heading, or empty for the whole row
	Code    string // a stable word: missing_column, not_a_number, other_day, duplicate …
	Message Text
}

// BillReader reads a provider's file as a stream.
type BillReader interface {
	// ReadBill calls each for every row in order, with memory that does not grow with the file.
	// What is wrong is told to report, which says whether to go on. Errors: CodeInvalidFile when
	// the file cannot be read any further; each's own.
	ReadBill(file io.Reader, m BillMapping, each func(line StoredLine) error, report func(BillRowError) (more bool)) error
}

// CreateBillImportInput announces a file.
type CreateBillImportInput struct {
	AccountID      ID
	Day            Day
	Scope          string
	MappingID      ID
	FileName       string
	Bytes          int64
	ExpectedCount  int64 // -1: not known
	ExpectedAmount int64 // fen; -1: not known
}

// BillImports brings providers' files in.
type BillImports interface {
	ListBillMappings(ctx context.Context, provider string) ([]BillMapping, error)
	SaveBillMapping(ctx context.Context, m BillMapping) (BillMapping, error) // a zero id makes one
	DeleteBillMapping(ctx context.Context, id ID) error
	// PreviewBill reads the beginning of a file (at most one chunk) by a mapping that need not
	// be saved, and says what it finds.
	PreviewBill(ctx context.Context, m BillMapping, head []byte) (BillPreview, error)

	CreateBillImport(ctx context.Context, in CreateBillImportInput) (BillImport, error)
	// PutBillChunk takes chunk n, again as well.
	PutBillChunk(ctx context.Context, id ID, n int, data []byte) (BillImport, error)
	// FinishBillImport has the file read. Errors: CodeInvalidState when chunks are missing.
	FinishBillImport(ctx context.Context, id ID) (BillImport, error)
	CancelBillImport(ctx context.Context, id ID) (BillImport, error)
	BillImport(ctx context.Context, id ID) (BillImport, error)
	ListBillImports(ctx context.Context, account ID, page Page) ([]BillImport, error)
}

// BillPreview is what the beginning of a file says.
type BillPreview struct {
	Encoding string
	Header   []string
	Lines    []StoredLine // the first rows, as they would be read
	Errors   []BillRowError
}
