package sdk

import "time"

// PaymentRequest asks a provider for money.
type PaymentRequest struct {
	OrderNo     string            // our number of the order: 20 digits, unique for ever
	Method      Method            // one of the product's
	Channel     string            // one of the method's, or empty
	Amount      Money             // in fen, over zero
	Subject     string            // what is paid for, for the payer to read; 1 to 64 characters of any script
	Description string            // more of it, or empty
	PayerCode   Secret            // the payer's code, for barcode; memory only
	Operator    string            // who took the payment, or empty
	StoreCode   string            // the merchant's own name of the store, or empty
	TerminalNo  string            // of the terminal, or empty
	ReturnURL   string            // where the payer's browser goes afterwards; it proves nothing
	ClientIP    string            // of the payer's device, or empty
	CreatedAt   time.Time         // of the order; a query carries the same in OrderRef
	ExpiresAt   time.Time         // when the host ends the order if nobody paid, by the manifest's CancelRule; zero: never
	Extra       map[string]string // by the method's Extra
	PayerID     string            // the provider's id of the payer, for jsapi and mini_program
	Card        *Card             // for card and bound_card
}

// Card is a payer's card or the provider's handle of a bound one. Memory only.
type Card struct {
	BindID     string // the provider's handle of a bound card; the rest is then empty
	UserID     string // the merchant's name for the payer; with it the provider may keep the card
	Type       string // CardDebit or CardCredit
	Number     Secret // 12 to 20 digits
	Expiry     Secret // MMYY
	CVN2       Secret // 3 digits
	HolderName Secret // as on the card
	IDType     string // of the holder's document, in the provider's own code
	IDNumber   Secret // of that document
	Phone      Secret // 11 digits, as the bank knows it
}

// The types of a Card.
const (
	CardDebit  = "debit"
	CardCredit = "credit"
)

// OrderRef names an existing order to the provider.
type OrderRef struct {
	OrderNo         string    // our number
	ProviderOrderNo string    // the provider's, or empty while none is known
	Method          Method    // as the order was made
	Channel         string    // as the order was made, or as the provider told since
	Amount          Money     // of the order, in fen
	CreatedAt       time.Time // of the order, the same as PaymentRequest's
}

// PaymentResult is what a provider's answer says about a payment.
type PaymentResult struct {
	Outcome         Outcome     // what the answer proves; the zero value is unknown
	OrderNo         string      // echoed, or empty if the provider does not; never what was sent
	Amount          Money       // echoed, in fen; zero currency if the provider does not
	ProviderOrderNo string      // the provider's number, or empty
	ChannelTradeNo  string      // the wallet's or bank's number, or empty
	Channel         string      // what was paid with, by the manifest's channel ids, or empty
	PayerID         string      // masked or opaque id of the payer
	PaidAt          time.Time   // zero: not stated
	NextAction      *NextAction // what the payer does now, with OutcomeInProgress
	BoundCard       *BoundCard  // the handle of the payer's card, where the provider gave or confirmed one
	Refunded        bool        // it succeeded and was given back later, without us
	Provider        ProviderText
	// KeyRefused says that the provider refused this message's signature. While a newly
	// rotated key has not worked yet, the host then goes on with the previous one.
	KeyRefused bool
}

// ConfirmRequest carries the code the payer received.
type ConfirmRequest struct {
	Payment OrderRef
	Code    Secret // as the payer typed it; memory only
	Card    *Card  // the bound card that is paid with, for bound_card
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
	Payment        OrderRef  // what is refunded
	RefundNo       string    // our number of the refund: 20 digits, unique for ever
	Amount         Money     // to be given back, in fen; at most what is left of the payment
	RefundedBefore Money     // refunds of this payment that had succeeded when this one was sent
	Reason         string    // for the payer to read, or empty
	Operator       string    // who asked for it, or empty
	CreatedAt      time.Time // of the refund; the same when it is asked about
}

// RefundResult is what a provider's answer says about a refund.
type RefundResult struct {
	Outcome          Outcome
	OrderNo          string    // the payment's, or empty if the provider does not say it
	RefundNo         string    // echoed, or empty if the provider does not
	Amount           Money     // of the refund, echoed, in fen; zero currency if the provider does not
	ProviderRefundNo string    // the provider's number, or empty
	RefundedAt       time.Time // zero: not stated
	Provider         ProviderText
	KeyRefused       bool // see PaymentResult
}
