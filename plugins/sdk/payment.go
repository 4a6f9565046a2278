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
	ReturnURL   string // where the payer's browser goes afterwards; it proves nothing
	ClientIP    string
	CreatedAt   time.Time // of the order; a query carries the same in OrderRef
	ExpiresAt   time.Time
	Extra       map[string]string // by the method's Extra
	PayerID     string            // the provider's id of the payer, for jsapi and mini_program
	Card        *Card             // for card and bound_card
}

// Card is a payer's card or the provider's handle of a bound one. Memory only.
type Card struct {
	BindID     string
	UserID     string // the merchant's name for the payer; with it the provider may keep the card
	Type       string // CardDebit or CardCredit
	Number     Secret
	Expiry     Secret // MMYY
	CVN2       Secret
	HolderName Secret
	IDType     string
	IDNumber   Secret
	Phone      Secret
}

// The types of a Card.
const (
	CardDebit  = "debit"
	CardCredit = "credit"
)

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
	BoundCard       *BoundCard // the handle of the payer's card, where the provider gave or confirmed one
	Refunded        bool       // it succeeded and was given back later, without us
	Provider        ProviderText
	// KeyRefused says that the provider refused this message's signature. While a newly
	// rotated key has not worked yet, the host then goes on with the previous one.
	KeyRefused bool
}

// ConfirmRequest carries the code the payer received.
type ConfirmRequest struct {
	Payment OrderRef
	Code    Secret
	Card    *Card // the bound card that is paid with, for bound_card
	Extra   map[string]string
}

// ListRequest asks for the payments of a period, a page at a time.
type ListRequest struct {
	Product  string    // the manifest's product: more than one may have a list
	From, To time.Time // [From, To)
	Limit    int       // rows on a page, at most the product's ListRule; 0: as many as it allows
	Cursor   string    // empty for the first page
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
	CreatedAt      time.Time // of the refund; the same when it is asked about
}

// RefundResult is what a provider's answer says about a refund.
type RefundResult struct {
	Outcome          Outcome
	OrderNo          string // the payment's, or empty if the provider does not say it
	RefundNo         string
	Amount           Money
	ProviderRefundNo string
	RefundedAt       time.Time
	Provider         ProviderText
	KeyRefused       bool // see PaymentResult
}
