package wechatpay

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
	// Delay is a duration inside a Fault or a Config.
	Delay = faults.Duration
	// Ledger is the book of money moved.
	Ledger = ledger.Ledger
	// Entry is one movement of money.
	Entry = ledger.Entry
	// Summary is what the ledger knows of one order.
	Summary = ledger.Summary
	// OrderKey names an order in the ledger.
	OrderKey = ledger.OrderKey
	// Violation is a breach of the documentation by a caller.
	Violation = frame.Violation
	// Delivery is one attempt of a notification and its answer.
	Delivery = frame.Delivery
	// Journal is the file that survives restarts.
	Journal = journal.Journal
)

// The kinds of faults, stages and outcomes; package faults documents those that all simulators have.
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

	// FaultBadSignature does everything and spoils the signature of the message; Result says how: one of Flaws,
	// ForgeSignature if it is empty.
	FaultBadSignature = faults.Kind("bad-signature")
	// FaultBadCipher spoils the encryption of a notification, or of the list of certificates; Result says how: one of
	// CipherFlaws, ForgeCipherKey if it is empty. The signature is right.
	FaultBadCipher = faults.Kind("bad-cipher")
	// FaultWrongState does everything and answers Code as trade_state or refund status, none if it is empty.
	FaultWrongState = faults.Kind("wrong-state")
	// FaultDoubled sends a notification twice at once.
	FaultDoubled = faults.Kind("doubled")
	// FaultCoupon has the payer use a coupon of Amount fen, borne by somebody else: the merchant gets all of it.
	FaultCoupon = faults.Kind("coupon")
	// FaultWrongHash announces another hash_value than the bill's.
	FaultWrongHash = faults.Kind("wrong-hash")

	StageBefore = faults.Before
	StageAfter  = faults.After

	ThenPaid      = faults.Paid
	ThenAbandoned = faults.Abandoned
	ThenNever     = faults.Never

	EntryPay    = ledger.Pay
	EntryRefund = ledger.Refund
)

// OpenJournal opens or creates the file for Options.Journal.
func OpenJournal(path string) (*Journal, error) { return journal.Open(path) }
