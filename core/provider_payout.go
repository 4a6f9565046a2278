package core

import "time"

// PayoutRequest asks a provider to pay out. The payee's name, number, phone and identity
// number are kept sealed only.
type PayoutRequest struct {
	OrderNo     string
	Amount      Money
	Channel     string
	Source      string // balance or advance, never both
	PayeeName   Secret
	PayeeNumber Secret // card or account number
	PayeeType   string // personal or business
	BankCode    string
	BankName    string
	BranchCode  string // the branch's number in the clearing system
	BranchName  string
	Province    string
	City        string
	Phone       Secret
	IDNumber    Secret
	Purpose     string
	CreatedAt   time.Time
	Extra       map[string]string
}

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
	Exchange        Exchange
}

// Balance is one row of an account at the provider, in the provider's own division. A figure
// that the provider does not state has no currency.
type Balance struct {
	Channel         string
	ChannelMerchant string
	Name            string
	Suspended       bool
	Pending         Money // taken but not cleared; cannot be paid out
	Available       Money // can be paid out as balance, the fee included
	Advance         Money // can be paid out as advance, on the same day and in payouts of its own
	Frozen          Money
	Minimum         Money             // of one payout
	Maximum         Money             // of one payout
	Opens, Closes   string            // Beijing time between which payouts are taken, "15:04:05"
	Holidays        string            // what can be paid out on holidays: none, advance, balance, both
	Clears          string            // T1: on working days, D1: every day
	ClearsAt        int               // hour at which Pending becomes Available; -1: not stated
	Figures         map[string]string // the provider's fields of the row, by their own names
}

// BalanceResult lists the balances now. Payable and Total are the provider's own sums.
type BalanceResult struct {
	Outcome  Outcome
	Balances []Balance
	Payable  Money
	Total    Money
	AsOf     time.Time
	Provider ProviderText
	Exchange Exchange
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
	Exchange Exchange
}

// The kinds of payees that manifests name.
const (
	PayeePersonal = "personal" // a debit card
	PayeeBusiness = "business" // a corporate account
)

// The needs of a payout, by the names of PayoutSpec.Needs.
const (
	NeedPayeeName   = "payee_name"
	NeedPayeeNumber = "payee_number"
	NeedBankName    = "bank_name"
	NeedBranchCode  = "branch_code"
	NeedProvince    = "province"
	NeedCity        = "city"
	NeedPhone       = "phone"
	NeedIDNumber    = "id_number"
)

// The holiday rules of a balance, in Balance.Holidays.
const (
	HolidaysNone    = "none"
	HolidaysAdvance = "advance"
	HolidaysBalance = "balance"
	HolidaysBoth    = "both"
)

// The sources of a payout that balances state figures for.
const (
	SourceBalance = "balance"
	SourceAdvance = "advance"
)
