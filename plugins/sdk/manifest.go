package sdk

import (
	"encoding/json"
	"time"
)

// ProtocolVersion is the version of the contract between host and plugin that this
// package speaks.
const ProtocolVersion = 1

// Capability names one thing a provider can do.
type Capability string

// The capabilities of the contract; each has an interface of its own.
const (
	CapCreatePayment  Capability = "create_payment"
	CapConfirmPayment Capability = "confirm_payment"
	CapResendCode     Capability = "resend_code"
	CapQueryPayment   Capability = "query_payment"
	CapListPayments   Capability = "list_payments"
	CapCancelPayment  Capability = "cancel_payment"
	CapClosePayment   Capability = "close_payment"
	CapCreateRefund   Capability = "create_refund"
	CapQueryRefund    Capability = "query_refund"
	CapCreatePayout   Capability = "create_payout"
	CapQueryPayout    Capability = "query_payout"
	CapListBalances   Capability = "list_balances"
	CapFetchBill      Capability = "fetch_bill"
	CapBindCard       Capability = "bind_card"
	CapUnbindCard     Capability = "unbind_card"
	CapQueryCard      Capability = "query_card"
	CapResolvePayer   Capability = "resolve_payer"
	CapActivate       Capability = "activate"
	CapCheckIn        Capability = "check_in"
	CapInbound        Capability = "inbound"
)

// Method is a way to pay.
type Method string

// The methods known so far; a manifest may name others.
const (
	MethodBarcode     Method = "barcode"
	MethodQR          Method = "qr"
	MethodJSAPI       Method = "jsapi"
	MethodMiniProgram Method = "mini_program"
	MethodH5          Method = "h5"
	MethodStaticCode  Method = "static_code"
	MethodDynamicCode Method = "dynamic_code"
	MethodCard        Method = "card"
	MethodBoundCard   Method = "bound_card"
	MethodGatewayForm Method = "gateway_form"
	MethodUnionPay    Method = "unionpay" // on UnionPay's own page
)

// The ways in which a provider's replies are authentic.
const (
	ReplySigned  = "signature"
	ReplyTLSOnly = "tls-only" // the host then insists on https, except in test mode
)

// Manifest is what a plugin says of itself; everything the host knows about a provider
// comes from here.
type Manifest struct {
	ID              string
	Name            Text
	Version         string
	ProtocolVersion int
	Products        []Product
	// Settings and Credentials are JSON Schemas (draft 2020-12) for the account's form.
	// Credential properties carry "x-type": merchant_number, rsa_private, rsa_public,
	// certificate, pkcs12, md5_key, aes_key, iv, secret. Every property carries its labels
	// as "x-label": {"zh": …, "en": …}.
	Settings    json.RawMessage
	Credentials json.RawMessage
	Hosts       []string // host or host:port the plugin may reach
	Grants      map[Capability]Grant
	PayerCodes  []PayerCode
	OrderNumber OrderNumberRule
	Poll        PollSchedule
	Cancel      CancelRule
	Refund      RefundRule
	// ResendAfter is the least time between two codes sent to a payer.
	ResendAfter time.Duration
	// CheckInEvery has the host call check_in of each live account by itself, where the provider's
	// keys or certificates change with time; an hour to 30 days. Zero: only when a person asks.
	CheckInEvery time.Duration
	// Inbound lists the kinds of requests that the provider, or a payer's browser on its
	// behalf, makes to us; each has an address of its own.
	Inbound []InboundKind
	// ReplyAuthentication is ReplySigned or ReplyTLSOnly.
	ReplyAuthentication string
	Redact              []string // names of wire fields that never enter evidence
}

// Product is one of a provider's products, for instance "scan" or "payout".
type Product struct {
	ID           string
	Name         Text
	Capabilities []Capability
	Methods      []MethodSpec
	Payout       *PayoutSpec // where it pays out
	List         *ListRule   // where it lists payments
}

// MethodSpec is one way to pay and what it asks of the caller.
type MethodSpec struct {
	Method          Method
	Name            Text
	Channels        []Channel // a closed list the caller chooses from, or none
	ChannelRequired bool
	Needs           []string // what the caller must give, by the Need names
	Extra           []InputField
	// Browser says that the payer's browser makes the request to the provider: creating
	// such a payment sends nothing.
	Browser bool
}

// The needs of a method.
const (
	NeedPayerCode = "payer_code"
	NeedPayerID   = "payer_id"
	NeedReturnURL = "return_url"
	NeedClientIP  = "client_ip"
	NeedCard      = "card"       // number and what belongs to it
	NeedBoundCard = "bound_card" // a card that was bound before
)

// InputField is a further input of one provider.
type InputField struct {
	Name      string
	Label     Text
	Required  bool
	MaxLength int       // in characters; 0: no limit
	Options   []Channel // a closed list, or none
}

// PayoutSpec is what a product's payouts ask of the caller.
type PayoutSpec struct {
	Sources    []Channel // the ids are SourceBalance and SourceAdvance
	PayeeTypes []Channel // the ids are PayeePersonal and PayeeBusiness
	Needs      []string  // names of PayoutRequest's fields in the API's spelling
	Extra      []InputField
	Maximum    Money // of one payout; no currency: not stated
}

// ListRule is how far a product's list of payments reaches.
type ListRule struct {
	MaxRange time.Duration // between From and To, and back from now
	MaxRows  int           // on a page
}

// InboundKind is one kind of request made to us.
type InboundKind struct {
	Kind string // a lower-case letter: the last of the address
	Name Text
	// Browser says that the payer's browser makes it: it never proves anything.
	Browser bool
	// Enter says that the address must be given to the provider by hand, for instance in its
	// own console; otherwise it travels with each order.
	Enter bool
}

// Channel is a wallet or bank behind a method, in the provider's own code.
type Channel struct {
	ID   string
	Name Text
}

// Grant is what one call of a capability may do; whatever is not listed is refused.
type Grant struct {
	Requests []GrantRequest
	Keys     []GrantKey
	Sends    int // how many HTTP requests one call may send
	Reveal   []string
	Rotate   []string
}

// GrantRequest is an HTTP method and an exact path, as the provider sees it (the path of
// the account's base URL included). A path that is a name in braces, "{payout_path}", is the
// account setting of that name, or the default that the settings' schema states for it.
// A segment in braces is the call's own: {order_no}, {provider_order_no} (once it is known),
// {refund_no}, or a merchant number by its credential's name, as in
// "/v1/merchants/{merchant_id}/orders/{order_no}/close". What stands after a "?" is not part of it.
type GrantRequest struct{ Method, Path string }

// GrantKey is a credential by name and the operations allowed with it.
type GrantKey struct {
	Name       string
	Operations []string
}

// The operations of a GrantKey.
const (
	OpSign    = "sign"
	OpVerify  = "verify"
	OpEncrypt = "encrypt"
	OpDecrypt = "decrypt"
	OpSeal    = "seal"
	OpOpen    = "open"
	OpDigest  = "digest"
	OpConnect = "connect" // show the certificate to the provider: HTTPOptions.ClientCertificate
)

// PayerCode recognises a payer's code by its first digits and length.
type PayerCode struct {
	Method   Method
	Channel  string // the manifest's channel id it belongs to, or empty
	Prefixes []string
	Lengths  []int
}

// OrderNumberRule is what the provider accepts as our order number.
type OrderNumberRule struct {
	MaxLength  int
	DigitsOnly bool
}

// PollSchedule says when a payment or refund without a final answer is asked again.
type PollSchedule struct {
	Fast    []time.Duration // waits before the first queries; the last repeats until Window
	Window  time.Duration   // how long the fast schedule lasts, counted from the creation
	Tail    []time.Duration // waits after the window; the last repeats for days
	Horizon time.Duration   // after it the provider's "no such order" is an answer
}

// CancelRule says how the host ends a payment that nobody pays.
type CancelRule struct {
	After map[Method]time.Duration // counted from creation; a method not listed is not canceled
	// NotBefore is the least age of a payment that may be canceled.
	NotBefore time.Duration
	// ByClose lists the methods whose unpaid orders are ended by close_payment.
	ByClose []Method
	// Repeat is the wait before a cancel without a final answer may be sent again after a
	// query said the order is still open; zero means it is sent once.
	Repeat time.Duration
}

// RefundRule says what the provider allows for refunds.
type RefundRule struct {
	OneInFlight bool // a second refund of the same order waits for the first
	Conclusive  bool // the provider can be asked for a refund's own outcome
	SettledBy   Text // what settles it, when Conclusive is false
}
