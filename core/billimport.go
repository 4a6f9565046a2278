package core

import (
	"context"
	"io"
	"time"
)

// BillMapping says how a provider's bill file is read: which column is which, how amounts and
// times are written, and what its last line says.
type BillMapping struct {
	TenantID   ID                `json:"-"`
	ID         ID                `json:"-"`
	Name       string            `json:"name,omitempty"`
	Provider   string            `json:"provider,omitempty"`
	Encoding   string            `json:"encoding,omitempty"`   // utf-8, gb18030 or empty: told from the file
	Delimiter  string            `json:"delimiter,omitempty"`  // "," or "\t"; empty: told from the heading
	SkipLines  int               `json:"skip_lines,omitempty"` // before the heading
	Columns    map[string]string `json:"columns"`              // field → heading; the fields are BillFields
	Unit       string            `json:"unit"`                 // of amounts: fen or yuan
	TimeFormat string            `json:"time_format"`          // Go's layout, in Beijing time
	Kinds      map[string]string `json:"kinds,omitempty"`      // a cell of the kind column → payment, refund, reversal, payout; others are refused
	Statuses   map[string]string `json:"statuses,omitempty"`   // a cell of the status column → an Outcome, or skip; others are refused
	// TrailerPrefix begins the first cell of the first line that is no row any more; empty: the
	// file has no such line. TrailerCount and TrailerAmount are columns (from 1) of the totals in
	// the line that begins so, or in the one after it when TrailerBelow is set; 0: not stated.
	TrailerPrefix string      `json:"trailer_prefix,omitempty"`
	TrailerBelow  bool        `json:"trailer_below,omitempty"`
	TrailerCount  int         `json:"trailer_count,omitempty"`
	TrailerAmount int         `json:"trailer_amount,omitempty"`
	TotalOf       StatedTotal `json:"total_of,omitempty"`    // what stated totals sum
	MerchantNo    string      `json:"merchant_no,omitempty"` // what every cell of the merchant_no column must say; empty: not checked
	CreatedBy     string      `json:"-"`
	CreatedAt     time.Time   `json:"-"`
	UpdatedAt     time.Time   `json:"-"`
	Version       int         `json:"-"`
}

// StatedTotal says which amounts a stated total sums: the file's last line, or what a person was
// told of the file.
type StatedTotal string

// The sums. Rows whose status is mapped to skip are in none.
const (
	TotalAll      StatedTotal = "all"      // of every row, without its sign
	TotalPayments StatedTotal = "payments" // payments only
	TotalNet      StatedTotal = "net"      // payments less what went back or out
)

// SkipStatus is what a status is mapped to when its rows say nothing that is compared.
const SkipStatus = "skip"

// BillField is something that a column of a bill file can hold.
type BillField struct {
	Name     string
	Label    Text
	Required bool
}

// The fields. Amounts of refunds may stand in a column of their own; without a column for the
// kind, an amount below zero is a refund and any other a payment.
const (
	BillKind             = "kind"
	BillOrderNo          = "order_no"
	BillRefundNo         = "refund_no"
	BillPayoutNo         = "payout_no"
	BillProviderOrderNo  = "provider_order_no"
	BillProviderRefundNo = "provider_refund_no"
	BillAmount           = "amount"
	BillRefundAmount     = "refund_amount"
	BillFee              = "fee"
	BillTime             = "time"
	BillStatus           = "status"
	BillMethod           = "method"
	BillMerchantNo       = "merchant_no"
)

// BillFields lists them in the order in which people map them. Of the five numbers a mapping has
// at least one.
func BillFields() []BillField {
	return []BillField{
		{BillTime, Text{EN: "Time", ZH: "时间"}, true},
		{BillAmount, Text{EN: "Amount", ZH: "金额"}, true},
		{BillOrderNo, Text{EN: "Our order number", ZH: "我方订单号"}, false},
		{BillRefundNo, Text{EN: "Our refund number", ZH: "我方退款单号"}, false},
		{BillPayoutNo, Text{EN: "Our payout number", ZH: "我方付款单号"}, false},
		{BillProviderOrderNo, Text{EN: "Provider's order number", ZH: "渠道订单号"}, false},
		{BillProviderRefundNo, Text{EN: "Provider's refund number", ZH: "渠道退款单号"}, false},
		{BillKind, Text{EN: "Kind", ZH: "交易类型"}, false},
		{BillRefundAmount, Text{EN: "Refunded amount", ZH: "退款金额"}, false},
		{BillFee, Text{EN: "Fee", ZH: "手续费"}, false},
		{BillStatus, Text{EN: "Status", ZH: "状态"}, false},
		{BillMethod, Text{EN: "Way of paying", ZH: "支付方式"}, false},
		{BillMerchantNo, Text{EN: "Merchant number", ZH: "商户号"}, false},
	}
}

// BillNumberField is the field with our number of a movement.
func BillNumberField(kind MovementKind) string {
	switch kind {
	case MovementRefund:
		return BillRefundNo
	case MovementPayout:
		return BillPayoutNo
	default:
		return BillOrderNo
	}
}

// MaxBillRows is the most that a bill file may hold, and MaxBillBytes the largest.
const (
	MaxBillRows  = 5_000_000
	MaxBillBytes = 2 << 30
)

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
	Received       int // chunks; while it is being received
	Restarts       int // how often it was read anew because the node that read it went away
	Encoding       string
	Rows           int64
	Skipped        int64          // of the rows, by their status
	Errors         []BillRowError // at most MaxRowErrors
	ErrorCount     int64
	BillID         ID
	Unchanged      bool // the day's bill had just this content already; BillID is that one
	CreatedBy      string
	CreatedAt      time.Time
	FinishedAt     time.Time
	NextCheckAt    time.Time
	Version        int
}

// Chunks is how many chunks the file has.
func (i BillImport) Chunks() int { return int((i.Bytes + ChunkBytes - 1) / ChunkBytes) }

// ChunkSize is how many bytes chunk n has.
func (i BillImport) ChunkSize(n int) int64 { return min(ChunkBytes, i.Bytes-int64(n)*ChunkBytes) }

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

// BillFacts is what reading a whole file found.
type BillFacts struct {
	Encoding string
	Header   []string
	Rows     int64                 // those that are skipped by their status included
	Skipped  int64                 // of the rows
	Sums     map[StatedTotal]int64 // fen
	// Totals says that the file states how many rows or how much it holds, and that it is so.
	Totals bool
	// OpenEnd is the last row, when it has no line break at its end; otherwise 0.
	OpenEnd int64
}

// BillReader reads a provider's file as a stream.
type BillReader interface {
	// ReadBill calls each for every row in order, with memory that does not grow with the file.
	// What is wrong is told to report, which says whether to go on. Errors: the file's own and each's.
	ReadBill(file io.Reader, m BillMapping, each func(line StoredLine) error, report func(BillRowError) (more bool)) (BillFacts, error)
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
	// BillImportErrors is a file that says what is wrong with another.
	BillImportErrors(ctx context.Context, id ID) ([]byte, error)
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

// BillImportTx keeps imports and mappings within one tenant.
type BillImportTx interface {
	BillImportReader

	// InsertBillMapping and UpdateBillMapping fail with CodeConflict when the name is taken or the
	// version is another.
	InsertBillMapping(ctx context.Context, m BillMapping) error
	UpdateBillMapping(ctx context.Context, m BillMapping) error
	DeleteBillMapping(ctx context.Context, id ID) error // CodeNotFound

	InsertBillImport(ctx context.Context, i BillImport) error
	// KeepReceiving moves the time at which an import that is being received is given up. It locks
	// the row. Errors: CodeInvalidState.
	KeepReceiving(ctx context.Context, id ID, until time.Time) error
	// UpdateBillImport writes i where state and version are still those. It clears the lease.
	// Errors: CodeConflict.
	UpdateBillImport(ctx context.Context, i BillImport, from BillImportState) error
	// ClaimBillImport is UpdateBillImport that keeps the lease: the node goes on with it.
	ClaimBillImport(ctx context.Context, i BillImport) error
}

// BillImportReader reads them.
type BillImportReader interface {
	BillMappings(ctx context.Context, provider string) ([]BillMapping, error)
	BillMapping(ctx context.Context, id ID) (BillMapping, error)
	BillImport(ctx context.Context, id ID) (BillImport, error)
	BillImports(ctx context.Context, account ID, page Page) ([]BillImport, error) // zero: of all accounts
	// OpenBillImports counts those that are being received or read.
	OpenBillImports(ctx context.Context) (int, error)
	// RepeatedLines finds up to limit pairs of lines of a bill with the same kind and number, ours or
	// the provider's. It looks at one of parts equal parts of a bill, from 0.
	RepeatedLines(ctx context.Context, bill ID, part, parts, limit int) ([]RepeatedLine, error)
	// AccountsOfNumbers says whose our numbers are, of this tenant.
	AccountsOfNumbers(ctx context.Context, numbers []string) (map[string]ID, error)
}

// RepeatedLine is an order that stands twice on a bill.
type RepeatedLine struct {
	N, First       int64 // lines
	Kind           MovementKind
	Number         string
	ProviderNumber string
}
