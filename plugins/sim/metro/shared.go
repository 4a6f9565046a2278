package metro

import (
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/journal"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// The shared parts, under names that callers outside plugins/sim can use.
type (
	// Fault is a fault rule; see the Fault… kinds.
	Fault = faults.Rule
	// FaultKind is what goes wrong.
	FaultKind = faults.Kind
	// FaultStatus is an armed fault and how often it hit.
	FaultStatus = faults.Status
	// FaultSet is the set of armed faults.
	FaultSet = faults.Set
	// Ledger is the book of money moved.
	Ledger = ledger.Ledger
	// Entry is one movement of money.
	Entry = ledger.Entry
	// Summary is what the ledger knows of one order.
	Summary = ledger.Summary
	// OrderKey names an order in the ledger.
	OrderKey = ledger.OrderKey
	// Violation is a breach of the document by a caller.
	Violation = frame.Violation
	// Journal is the file that survives restarts.
	Journal = journal.Journal
)

// The kinds of faults, stages and outcomes; package faults documents them.
const (
	FaultDelay       = faults.Delay
	FaultRefuse      = faults.Refuse
	FaultPending     = faults.Pending
	FaultLostBefore  = faults.LostBefore
	FaultLostAfter   = faults.LostAfter
	FaultGarbage     = faults.Garbage
	FaultTruncated   = faults.Truncated
	FaultHTTP500     = faults.HTTP500
	FaultSystemError = faults.SystemError
	FaultFail        = faults.Fail
	FaultUncertain   = faults.Uncertain
	FaultNotExist    = faults.NotExist
	FaultWrongAmount = faults.WrongAmount
	FaultWrongOrder  = faults.WrongOrder

	// FaultCoupon lets the payer use a coupon of Rule.Amount fen.
	FaultCoupon = faults.Kind("coupon")
	// FaultOddStatus does everything and answers Rule.Code as the status, a value that the document does not list;
	// without a code the status is left out.
	FaultOddStatus = faults.Kind("odd-status")

	StageBefore = faults.Before
	StageAfter  = faults.After

	ThenPaid      = faults.Paid
	ThenAbandoned = faults.Abandoned
	ThenNever     = faults.Never

	EntryPay      = ledger.Pay
	EntryRefund   = ledger.Refund
	EntryReversal = ledger.Reversal
)
