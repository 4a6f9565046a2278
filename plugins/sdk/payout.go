package sdk

import "time"

// PayoutRequest asks a provider to pay out.
type PayoutRequest struct {
	OrderNo     string
	Amount      Money
	Channel     string // the provider's channel or business code
	Source      string // what it is paid from: SourceBalance or SourceAdvance, never both
	PayeeName   Secret
	PayeeNumber Secret // card or account number
	PayeeType   string // PayeePersonal or PayeeBusiness
	BankCode    string
	BankName    string
	BranchCode  string // the branch's number in the clearing system (联行号)
	BranchName  string
	Province    string
	City        string
	Phone       Secret
	IDNumber    Secret
	Purpose     string
	CreatedAt   time.Time
	Extra       map[string]string // by the product's PayoutSpec
}

// What a payout is paid from.
const (
	SourceBalance = "balance"
	SourceAdvance = "advance" // money the provider lends until the day's takings clear
)

// Who is paid.
const (
	PayeePersonal = "personal"
	PayeeBusiness = "business"
)

// PayoutRef names an existing payout to the provider.
type PayoutRef struct {
	OrderNo         string
	ProviderOrderNo string
	Channel         string
	Amount          Money
	CreatedAt       time.Time
}

// PayoutResult is what a provider's answer says about a payout.
type PayoutResult struct {
	Outcome         Outcome
	OrderNo         string
	Amount          Money
	Fee             Money
	ProviderOrderNo string
	InReview        bool // in progress, waiting for the provider's own people
	Returned        bool // succeeded once, then sent back by the bank
	PaidAt          time.Time
	Provider        ProviderText
	KeyRefused      bool
}

// Balance is one row of an account at the provider, in the provider's own division. A figure
// that the provider does not state has no currency.
type Balance struct {
	Channel         string
	ChannelMerchant string // the merchant's number at the channel
	Name            string
	Suspended       bool              // the provider has frozen the row as a whole
	Pending         Money             // taken but not cleared; cannot be paid out
	Available       Money             // can be paid out as balance, the fee included
	Advance         Money             // can be paid out as advance, on the same day and in payouts of its own
	Frozen          Money             // held back: payouts on their way, complaints
	Minimum         Money             // of one payout
	Maximum         Money             // of one payout
	Opens, Closes   string            // Beijing time between which payouts are taken, "15:04:05"; empty: not stated
	Holidays        string            // what can be paid out on holidays: none, advance, balance, both; empty: not stated
	Clears          string            // T1: on working days, D1: every day; empty: not stated
	ClearsAt        int               // hour of the day at which Pending becomes Available; -1: not stated
	Figures         map[string]string // the provider's fields of the row, by their own names
}

// BalanceResult lists the balances now. Payable and Total are the provider's own sums over
// the rows, or have no currency.
type BalanceResult struct {
	Outcome  Outcome
	Balances []Balance
	Payable  Money // can be paid out now, before fees
	Total    Money
	AsOf     time.Time
	Provider ProviderText
}

// BillRequest asks for the bill of one day, a page at a time.
type BillRequest struct {
	Day    time.Time // midnight in Beijing
	Kind   string    // as the provider names it, or empty
	Cursor string
}

// BillTotal is a sum the provider states for the day.
type BillTotal struct {
	Kind   string // payment, reversal, refund, payout, fee
	Method string // the provider's pay type
	Count  int64
	Amount Money
}

// BillLine is one order on a bill.
type BillLine struct {
	Kind            string
	OrderNo         string
	RefundNo        string
	ProviderOrderNo string
	Amount          Money
	Fee             Money
	At              time.Time
	Status          string // the provider's word
}

// BillResult is one page of a bill. Next is empty on the last.
type BillResult struct {
	Outcome  Outcome
	Totals   []BillTotal
	Lines    []BillLine
	Next     string
	Provider ProviderText
}
