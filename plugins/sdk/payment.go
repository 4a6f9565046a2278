package sdk

import "time"

// PaymentRequest asks a provider for money.
type PaymentRequest struct {
	OrderNo     string
	Method      Method
	Channel     string
	Amount      Money
	Subject     string
	Description string
	PayerCode   Secret // the payer's code, for barcode; memory only
	Operator    string
	StoreCode   string
	TerminalNo  string
	NotifyURL   string
	ReturnURL   string
	ClientIP    string
	ExpiresAt   time.Time
	Extra       map[string]string
	PayerID     string // the provider's id of the payer, for jsapi and mini_program
	Card        *Card  // for card and bound_card
}

// Card is a payer's card or the provider's handle of a bound one. Memory only.
type Card struct {
	BindID     string
	UserID     string
	Number     Secret
	Expiry     Secret // MMYY
	CVN2       Secret
	HolderName Secret
	IDType     string
	IDNumber   Secret
	Phone      Secret
}

// OrderRef names an existing order to the provider.
type OrderRef struct {
	OrderNo         string
	ProviderOrderNo string
	Method          Method
	Channel         string
	Amount          Money
	CreatedAt       time.Time
}

// PaymentResult is what a provider's answer says about a payment.
type PaymentResult struct {
	Outcome         Outcome
	OrderNo         string // echoed, or empty if the provider does not
	Amount          Money  // echoed; zero currency if the provider does not
	ProviderOrderNo string
	ChannelTradeNo  string
	Channel         string
	PayerID         string // masked or opaque id of the payer
	PaidAt          time.Time
	NextAction      *NextAction
	Provider        ProviderText
	// KeyRefused says that the provider refused this message's signature. While a newly
	// rotated key has not worked yet, the host then goes on with the previous one.
	KeyRefused bool
}

// ConfirmRequest carries the code the payer received.
type ConfirmRequest struct {
	Payment OrderRef
	Code    Secret
	Extra   map[string]string
}

// ListRequest asks for the payments of a period, a page at a time.
type ListRequest struct {
	From, To time.Time
	Cursor   string // empty for the first page
	Extra    map[string]string
}

// ListResult is one page. Next is empty on the last.
type ListResult struct {
	Outcome  Outcome
	Payments []PaymentResult
	Next     string
	Provider ProviderText
}

// RefundRequest asks a provider to give money back, or about a refund it was asked for.
type RefundRequest struct {
	Payment        OrderRef
	RefundNo       string
	Amount         Money
	RefundedBefore Money // refunds of this payment that had succeeded when this one was sent
	Reason         string
	Operator       string
}

// RefundResult is what a provider's answer says about a refund.
type RefundResult struct {
	Outcome          Outcome
	RefundNo         string
	Amount           Money
	ProviderRefundNo string
	RefundedAt       time.Time
	Provider         ProviderText
	KeyRefused       bool // see PaymentResult
}
