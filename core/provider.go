package core

import (
	"context"
	"encoding/json"
	"time"
)

// Outcome is what a provider's answer means for the operation asked for.
type Outcome string

// The outcome classes. The zero value is no class: it is treated as OutcomeUnknown.
const (
	OutcomeSucceeded  Outcome = "succeeded"   // final: the effect happened
	OutcomeFailed     Outcome = "failed"      // final: the effect did not happen
	OutcomeInProgress Outcome = "in_progress" // not final and nothing wrong
	OutcomeUnknown    Outcome = "unknown"     // the money may have moved: ask, never send again
	OutcomeRefused    Outcome = "refused"     // the provider did not take this message; the order is as before
	OutcomeNotFound   Outcome = "not_found"   // the provider knows no such order (yet)
	OutcomeCanceled   Outcome = "canceled"    // a query says: taken back
	OutcomeClosed     Outcome = "closed"      // a query says: closed before it was paid
)

// Sent says whether the bytes of a call may have reached the provider. The host knows
// it, not the plugin.
type Sent string

// The zero value of Sent is no value: treat it as SentMaybe.
const (
	SentMaybe Sent = "maybe" // bytes may have left: the effect may have happened
	SentNo    Sent = "no"    // no connection was obtained: safe to repeat
)

// Method is a way to pay, in the words of the manifest: barcode, qr, jsapi, mini_program,
// h5, static_code, dynamic_code, card, bound_card, gateway_form.
type Method string

// The methods that the core itself treats by name.
const (
	MethodBarcode Method = "barcode" // the payer shows a code and the merchant scans it
	MethodQR      Method = "qr"      // the merchant shows a code and the payer scans it
	// MethodBoundCard pays with a card that was kept before.
	MethodBoundCard Method = "bound_card"
)

// Capability names one thing a provider can do. The names are those of the SDK.
type Capability string

// The capabilities of the contract.
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

// Text is a sentence or label in the console's two languages.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// Manifest is what a provider plugin says of itself; everything the core knows about a
// provider comes from here.
type Manifest struct {
	ID              string
	Name            Text
	Version         string
	ProtocolVersion int
	Products        []Product
	// Settings and Credentials are JSON Schemas (draft 2020-12) for the account's form.
	// Credential properties carry "x-type": merchant_number, rsa_private, rsa_public,
	// certificate, pkcs12, md5_key, aes_key, iv, secret.
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
	// CheckInEvery has check_in of each live account called by itself. Zero: only by people.
	CheckInEvery time.Duration
	// Inbound lists the kinds of requests made to us; each has an address of its own.
	Inbound []InboundKind
	// ReplyAuthentication is "signature" or "tls-only"; tls-only requires https.
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
	Method   Method
	Name     Text
	Channels []Channel // a closed list the caller chooses from, or none
	// ChannelRequired says that the caller must choose one of Channels.
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
	NeedCard      = "card"
	NeedBoundCard = "bound_card"
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
	Sources    []Channel
	PayeeTypes []Channel
	Needs      []string
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
	Kind    string // a lower-case letter: the last of the address
	Name    Text
	Browser bool // the payer's browser makes it: it never proves anything
	Enter   bool // the address must be given to the provider by hand
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

// GrantRequest is an HTTP method and an exact path. A path that is a name in braces is the
// account setting of that name, or the default that the settings' schema states for it. A
// segment in braces is the call's own: order_no, provider_order_no, refund_no or a merchant number.
type GrantRequest struct{ Method, Path string }

// GrantKey is a credential by name and the operations allowed with it: sign, verify,
// encrypt, decrypt, seal, open, digest.
type GrantKey struct {
	Name       string
	Operations []string
}

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
	Fast []time.Duration // waits before the first queries; the last repeats until CancelRule or Window
	// Window is how long the fast schedule lasts, counted from the creation.
	Window time.Duration
	Tail   []time.Duration // waits after the window; the last repeats for days
	// Horizon is the time after which the provider's "no such order" is an answer.
	Horizon time.Duration
}

// CancelRule says how the host ends a payment that nobody pays.
type CancelRule struct {
	After map[Method]time.Duration // counted from creation; a method not listed is not canceled by the host
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
	// Conclusive says that the provider can be asked for a refund's own outcome. When
	// false the case says what settles it instead.
	Conclusive bool
	SettledBy  Text
}

// NextAction is what the payer or the payer's client must do now.
type NextAction struct {
	Type string // one of the Action types
	// URL is where a redirect leads and what a form posts to.
	URL       string            `json:",omitempty"`
	QRContent string            `json:",omitempty"` // show_qr
	Fields    map[string]string `json:",omitempty"` // of the form; or what the wallet's own interface takes
	HTML      string            `json:",omitempty"` // the provider's page, shown in a sandbox
	ExpiresAt time.Time         `json:",omitzero"`
}

// The types of a NextAction.
const (
	ActionShowQR       = "show_qr"
	ActionRedirect     = "redirect"
	ActionFormPost     = "form_post"
	ActionHTML         = "html"
	ActionInvokeWallet = "invoke_wallet"
	ActionEnterCode    = "enter_code"
)

// ProviderText is the provider's own code and sentence, kept beside ours.
type ProviderText struct {
	Code    string
	Message string
}

// ProviderCall says on whose behalf and for which attempt a plugin is called.
type ProviderCall struct {
	TenantID  ID
	AttemptID ID
	Account   ProviderAccount
	Operation Capability
	OrderNo   string // the order the call is about, bound into its grant
	Language  string // zh or en
	// CallbackURL is the account's address for notifications without the letter of their
	// kind, or empty when the host has no public address.
	CallbackURL string
	// NewestKeys has the newest keys sign, and no others should the provider refuse them: they
	// are what is being tested.
	NewestKeys bool
}

// Exchange is what the host saw of one call: whether anything left, and the redacted evidence.
type Exchange struct {
	Sent       Sent
	Evidence   json.RawMessage // redacted request and reply; may be nil
	KeyUses    map[string]int
	KeyVersion int
	Plugin     string // id, version and hash of the plugin that made it
	Duration   time.Duration
}

// PaymentRequest asks a provider for money.
type PaymentRequest struct {
	OrderNo     string
	Method      Method
	Channel     string
	Amount      Money
	Subject     string
	Description string
	PayerCode   Secret // memory only
	Operator    string
	StoreCode   string
	TerminalNo  string
	ReturnURL   string
	ClientIP    string
	CreatedAt   time.Time
	ExpiresAt   time.Time
	Extra       map[string]string
	PayerID     string
	Card        *Card // memory only
}

// Card is a payer's card or the provider's handle of a bound one. Memory only: nothing of it
// is kept but BindID and, of the number, the first 6 and last 4 digits.
type Card struct {
	BindID     string
	UserID     string
	Type       string // debit or credit
	Number     Secret
	Expiry     Secret // MMYY
	CVN2       Secret
	HolderName Secret
	IDType     string
	IDNumber   Secret
	Phone      Secret
}

// Secrets lists what of the card must not be found anywhere afterwards.
func (c *Card) Secrets() [][]byte {
	if c == nil {
		return nil
	}
	var out [][]byte
	for _, s := range []Secret{c.Number, c.Expiry, c.CVN2, c.HolderName, c.IDNumber, c.Phone} {
		if !s.Empty() {
			out = append(out, s.Reveal())
		}
	}
	return out
}

// ConfirmRequest carries the code a payer received.
type ConfirmRequest struct {
	Payment OrderRef
	Code    Secret // memory only
	Card    *Card  // the bound card that is paid with
	Extra   map[string]string
}

// ListRequest asks for the payments of a period, a page at a time.
type ListRequest struct {
	Product  string
	From, To time.Time // [From, To)
	Limit    int
	Cursor   string
	Extra    map[string]string
}

// ListResult is one page. Next is empty on the last.
type ListResult struct {
	Outcome  Outcome
	Payments []PaymentResult
	Next     string
	Provider ProviderText
	Exchange Exchange
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

// RefundRequest asks a provider to give money back, or about a refund it was asked for.
type RefundRequest struct {
	Payment        OrderRef
	RefundNo       string
	Amount         Money
	RefundedBefore Money // refunds of this payment that had succeeded when this one was sent
	Reason         string
	Operator       string
	CreatedAt      time.Time // of the refund
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
	BoundCard       *BoundCard
	Refunded        bool // it succeeded and was given back later, without us
	Provider        ProviderText
	Exchange        Exchange
}

// BoundCard is a card that the provider keeps.
type BoundCard struct {
	BindID   string
	UserID   string
	Masked   string // first 6 and last 4 digits at most
	BankCode string
	BankName string
	CardType string
	Phone    string // masked
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
	Exchange         Exchange
}

// CheckResult is the answer of a check-in, an activation or a self-test.
type CheckResult struct {
	Outcome  Outcome
	Values   map[string]string // what may be shown, for instance a new terminal number
	Provider ProviderText
	Exchange Exchange
}

// Providers finds provider plugins and calls them. One call is at most one exchange
// with the provider. Every method that calls returns a result whose Exchange is filled
// also beside an error; without proof that nothing left, Exchange.Sent is SentMaybe.
//
// Errors: CodeProviderUnavailable (no such plugin, not running, circuit open: nothing
// sent), CodeNotSupported, CodeKeysUnavailable (nothing sent). A plugin that died, hung
// or answered nonsense after bytes may have left is no error but OutcomeUnknown.
type Providers interface {
	Plugins(ctx context.Context) []PluginStatus
	// TestVersion starts a binary of a plugin beside the one that runs, tests it and ends it:
	// it starts, answers, and every account could go on with it. Errors: CodeNotFound when it is
	// not here; CodePluginRefused with the reason.
	TestVersion(ctx context.Context, provider, sha256 string) error
	// CheckBinary says why a file cannot be a plugin here: it is no executable, or for another
	// machine, or needs shared libraries. Errors: CodePluginRefused.
	CheckBinary(data []byte) error
	Manifest(provider string) (Manifest, error)
	CreatePayment(ctx context.Context, call ProviderCall, req PaymentRequest) (PaymentResult, error)
	ConfirmPayment(ctx context.Context, call ProviderCall, req ConfirmRequest) (PaymentResult, error)
	ResendCode(ctx context.Context, call ProviderCall, ref OrderRef) (CheckResult, error)
	QueryPayment(ctx context.Context, call ProviderCall, ref OrderRef) (PaymentResult, error)
	ListPayments(ctx context.Context, call ProviderCall, req ListRequest) (ListResult, error)
	CancelPayment(ctx context.Context, call ProviderCall, ref OrderRef) (PaymentResult, error)
	ClosePayment(ctx context.Context, call ProviderCall, ref OrderRef) (PaymentResult, error)
	CreateRefund(ctx context.Context, call ProviderCall, req RefundRequest) (RefundResult, error)
	QueryRefund(ctx context.Context, call ProviderCall, req RefundRequest) (RefundResult, error)
	CreatePayout(ctx context.Context, call ProviderCall, req PayoutRequest) (PayoutResult, error)
	QueryPayout(ctx context.Context, call ProviderCall, ref PayoutRef) (PayoutResult, error)
	ListBalances(ctx context.Context, call ProviderCall) (BalanceResult, error)
	FetchBill(ctx context.Context, call ProviderCall, req BillRequest) (BillResult, error)
	BindCard(ctx context.Context, call ProviderCall, req BindCardRequest) (CardResult, error)
	UnbindCard(ctx context.Context, call ProviderCall, ref CardRef) (CardResult, error)
	QueryCard(ctx context.Context, call ProviderCall, ref CardRef) (CardResult, error)
	ResolvePayer(ctx context.Context, call ProviderCall, req PayerRequest) (PayerResult, error)
	// HandleInbound has the plugin verify and read a request that was made to us. Nothing is sent.
	HandleInbound(ctx context.Context, call ProviderCall, req InboundRequest) (InboundResult, error)
	Activate(ctx context.Context, call ProviderCall, values map[string]Secret) (CheckResult, error)
	CheckIn(ctx context.Context, call ProviderCall) (CheckResult, error)
}

// PluginState is the health of a plugin as the console shows it.
type PluginState string

// The states of a plugin.
const (
	PluginPending      PluginState = "pending"
	PluginEnabled      PluginState = "enabled"
	PluginStarting     PluginState = "starting"
	PluginModified     PluginState = "modified"     // the file differs from what was approved
	PluginIncompatible PluginState = "incompatible" // wrong architecture, protocol or manifest
	PluginCrashed      PluginState = "crashed"      // waiting to be started again
	PluginDisabled     PluginState = "disabled"
)

// PluginStatus describes one plugin found.
type PluginStatus struct {
	ID     string
	Path   string // file name only
	State  PluginState
	Reason string // one sentence, when State is not enabled or a version could not take over
	// ReasonText is Reason in the console's two languages.
	ReasonText Text
	SHA256     string // of the binary that runs, else of the one that lies there
	Versions   []PluginVersion
	Manifest   *Manifest
	PID        int
	Restarts   int
	LastCrash  time.Time
	// CrashesInARow counts failures since it last ran for a while; GaveUp says that it is not
	// started again by itself.
	CrashesInARow int
	GaveUp        bool
	// Unreachable are its provider's addresses that cannot be connected to, host:port.
	Unreachable []string
	LastLines   []string // the last log lines before a crash, redacted
	// Crashes are its last unexpected ends on this node since it was started, newest first.
	Crashes     []PluginCrash
	Confinement []ConfinementLayer
	Calls       int64
	Failures    int64
	MeanMillis  float64
	// Violations counts what the plugin asked for outside its grants; all of it was refused.
	Violations    int64
	LastViolation string
	ViolatedAt    time.Time // when that was
}

// PluginCrash is one unexpected end of a plugin's process, or a start that failed.
type PluginCrash struct {
	At      time.Time
	SHA256  string // of the binary
	Version string // as its manifest calls it; empty when it ended before it was read
	PID     int    // zero when there was no process yet
	// Ending is how the process ended, as the kernel says it: "exit status 7", "signal: killed".
	// A plugin that no longer answers is killed by the host.
	Ending    string
	Reason    Text
	Lived     time.Duration // from its first answer; zero when it never answered
	LastLines []string      // what it wrote last, redacted and cut
}

// PluginVersion is one binary of a plugin as a node found it.
type PluginVersion struct {
	SHA256   string // hexadecimal; empty when the file could not be read
	Files    []string
	State    PluginState
	Reason   Text      // a sentence, when State is not enabled
	Manifest *Manifest // nil when it could not be read
	Wanted   bool      // it is the version that is approved to be live
	Running  bool      // new calls are made with it on this node
}

// ConfinementLayer is one kernel feature that holds a plugin, and whether it is in force.
type ConfinementLayer struct {
	Name   string
	Active bool
	Reason string // why not, when not
}
