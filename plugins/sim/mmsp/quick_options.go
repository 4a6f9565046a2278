package mmsp

import (
	"hash/fnv"
	"strconv"
	"time"
)

// The operations of the quick product, as faults, violations, calls and Options.Opened name them.
const (
	OpQuickBindSMS   = "quick-bind-sms"   // 5.1, switched off
	OpQuickBind      = "quick-bind"       // 5.2, switched off
	OpQuickPay       = "quick-pay"        // 5.3
	OpQuickConfirm   = "quick-confirm"    // 5.4
	OpQuickUnbind    = "quick-unbind"     // 5.6, switched off
	OpQuickQuery     = "quick-query"      // 5.7
	OpQuickBindQuery = "quick-bind-query" // 5.8, switched off
	OpQuickBatch     = "quick-batch"      // 5.9
	OpQuickResend    = "quick-resend"     // 5.11
	OpQuickBoundPay  = "quick-bound-pay"  // 5.12, part of the unusable flow B
	OpQuickBoundSMS  = "quick-bound-sms"  // 5.13, part of the unusable flow B
	OpQuickUnionPay  = "quick-unionpay"   // 5.14
	PageQuickCashier = "quick-cashier"    // where PAY_URL leads
)

// QuickOptions describe the quick product.
type QuickOptions struct {
	// SMSCode is what every payer gets by SMS. Default 123456, the document's example.
	SMSCode string `json:"sms_code"`
	// MinAmount and MaxAmount bound a payment in fen; one outside is refused with [-3005] and the bounds. Default: none.
	MinAmount int64 `json:"min_amount"`
	MaxAmount int64 `json:"max_amount"`
	// RequireCard makes CARDNO a required field of the UnionPay order, as some upstreams do (5.14.2).
	RequireCard bool `json:"require_card"`
}

const (
	defaultSMSCode = "123456"
	// smsInterval is the time in which an SMS is not sent again (5.11.1).
	smsInterval = 60 * time.Second
)

// Body codes of the simulator's own: the document's list ends with 00, AA and D4.
const (
	codeSMSWrong  = "Q1"
	codeSMSSoon   = "Q2"
	codeNotInTime = "Q3" // the order's state does not allow it
	codeNoBinding = "Q4"
	codeHorizon   = "Q5"
	codeNoData    = "Q6"
)

// StateBinding is a number that a card's binding or an SMS used: no payment, nothing to pay.
const StateBinding State = "binding"

// QuickOrder is what only an order of the quick product has. The holder's data are simulated people's.
type QuickOrder struct {
	Card     string    `json:"card,omitempty"`
	CardType string    `json:"card_type,omitempty"` // 1 debit, 2 credit
	Expiry   string    `json:"expiry,omitempty"`    // MMYY
	CVN2     string    `json:"cvn2,omitempty"`
	Name     string    `json:"name,omitempty"`
	ID       string    `json:"id_no,omitempty"`
	Phone    string    `json:"phone,omitempty"`
	UserID   string    `json:"user_id,omitempty"`
	BindID   string    `json:"bind_id,omitempty"`
	Bound    bool      `json:"bound,omitempty"`   // by 5.2, without a payment
	Unbound  bool      `json:"unbound,omitempty"` // by 5.6
	SMSAt    time.Time `json:"sms_at"`            // of the last SMS; zero: none
	SMSCount int       `json:"sms_count"`
	SMSUsed  bool      `json:"sms_used,omitempty"` // a payment under another number used it up
}

// holder reads the elements of a card out of a message.
func holder(req *request) *QuickOrder {
	return &QuickOrder{
		Card: req.text("CARDNO"), CardType: req.text("CARDTYPE"), Expiry: req.text("EXPDATE"), CVN2: req.text("CVN2"),
		Name: req.text("NAME"), ID: req.text("ID_NO"), Phone: req.text("PHONENO"), UserID: req.text("USER_ID"),
	}
}

// bindID is the number of a user's card: the same whenever the two meet again.
func bindID(merNo, user, card string) string {
	if user == "" {
		return ""
	}
	h := fnv.New64a()
	for _, part := range []string{merNo, user, card} {
		_, _ = h.Write([]byte(part))
		_, _ = h.Write([]byte{0})
	}
	return "3" + strconv.FormatUint(h.Sum64()%1e15+1e15, 10)
}

// binds reports whether the order made its card's binding good: paid (mode A, 4.1.1) or bound on purpose (mode B).
func (o *Order) binds() bool {
	return o.Quick != nil && o.Quick.BindID != "" && !o.Quick.Unbound &&
		(o.Quick.Bound || o.State == StatePaid || o.State == StateRefunded)
}

// bankOf names a card's bank by its first digits; BANK_NAME has 12 bytes, four Chinese characters.
func bankOf(card string) string {
	names := map[string]string{"622848": "农业银行", "622588": "招商银行", "621483": "招商银行", "621700": "建设银行", "622700": "建设银行"}
	if len(card) >= 6 && names[card[:6]] != "" {
		return names[card[:6]]
	}
	return "工商银行"
}

// maskedCard is a card as notifications show it: the first five digits and stars (5.5.2).
func maskedCard(card string) string {
	if len(card) < 9 {
		return card
	}
	return card[:5] + "**********" + card[len(card)-4:]
}

// wireTime is YYYYMMDDHHmmss in China; the zero time is empty, as PAY_DATE of an unpaid order is.
func wireTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(shanghai()).Format(timeLayout)
}
