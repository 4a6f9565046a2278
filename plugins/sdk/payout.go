package sdk

import "time"

// PayoutRequest asks a provider to pay out.
type PayoutRequest struct {
	OrderNo     string
	Amount      Money
	Channel     string // the provider's channel or business code
	PayeeName   Secret
	PayeeNumber Secret // card or account number
	PayeeType   string // personal or business
	BankCode    string
	BankName    string
	BranchCode  string
	Phone       Secret
	IDNumber    Secret
	Purpose     string
	NotifyURL   string
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
	KeyRefused      bool
}

// Balance is one row of an account at the provider.
type Balance struct {
	Channel   string
	Name      string
	Available Money
	Frozen    Money
	Total     Money
}

// BalanceResult lists the balances now.
type BalanceResult struct {
	Outcome  Outcome
	Balances []Balance
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
