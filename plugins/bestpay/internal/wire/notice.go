package wire

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// Notice is a callback whose signature has held (seed 001, 3.4).
type Notice struct {
	TradeNo, OutTradeNo, OriginalTradeNo string
	MerchantNo, InstitutionCode          string
	Type                                 string // tradeType: its list is 4.2, not that of an order
	Status                               string // tradeStatus
	Currency                             string // ccy, printed in Cyrillic letters (trap B1)
	Amount                               sdk.Money
	FinishedAt                           time.Time
	Text                                 sdk.ProviderText
}

// The notice types (seed 001, 4.2). REAL_TIM is printed so; both spellings count (trap B4).
var paymentTypes = []string{"REAL_TIM", "REAL_TIME", "REAL_TIME_PRO"}

const refundType = "REFUND"

// Notice reads the message as a callback.
func (m Message) Notice() (Notice, error) {
	var n Notice
	var finished string
	err := m.fields.Texts(map[string]*string{
		"tradeNo": &n.TradeNo, "outTradeNo": &n.OutTradeNo, "originalTradeNo": &n.OriginalTradeNo,
		"merchantNo": &n.MerchantNo, "institutionCode": &n.InstitutionCode,
		"tradeType": &n.Type, "tradeStatus": &n.Status, "ccy": &n.Currency, "tradeFinishedDate": &finished,
		"resultCode": &n.Text.Code, "resultMsg": &n.Text.Message,
	})
	if err != nil {
		return Notice{}, err
	}
	if err := amounts(m.fields, map[string]*sdk.Money{"tradeAmt": &n.Amount}); err != nil {
		return Notice{}, err
	}
	n.FinishedAt = stamp(finished)
	if n.Text.Code == "" {
		n.Text.Code = n.Status
	}
	return n, nil
}

// SaysRefund says that the notice calls itself one about a refund.
func (n Notice) SaysRefund() bool { return n.Type == refundType }

// Fits says whether the notice's type, which is optional (trap B3), agrees with its being
// about a refund, or about a payment.
func (n Notice) Fits(refund bool) bool {
	switch {
	case n.Type == "":
		return true
	case refund:
		return n.SaysRefund()
	default:
		return slices.Contains(paymentTypes, n.Type)
	}
}

// Yuan says that the amount is in CNY. The document has no list of currencies; these are
// the names of the one.
func (n Notice) Yuan() bool { return slices.Contains([]string{"", "CNY", "RMB", "156"}, n.Currency) }

// answer is our reply to a callback, in the document's order.
type answer struct {
	Success   bool          `json:"success"`
	ErrorCode *string       `json:"errorCode"`
	ErrorMsg  *string       `json:"errorMsg"`
	Result    *answerResult `json:"result"`
}

type answerResult struct {
	StatusCode any `json:"statusCode"`
}

// Taken answers a callback that was received: statusCode 200 is success, anything else is
// not. The document types it String; asText makes it one, otherwise it is a number.
func Taken(asText bool) sdk.InboundAnswer {
	status := answerResult{StatusCode: http.StatusOK}
	if asText {
		status.StatusCode = "200"
	}
	return encode(http.StatusOK, answer{Success: true, Result: &status})
}

// Refused answers a callback that was not taken, so that nobody believes it was.
func Refused(status int, code, message string) sdk.InboundAnswer {
	return encode(status, answer{ErrorCode: &code, ErrorMsg: &message})
}

func encode(status int, a answer) sdk.InboundAnswer {
	body, err := json.Marshal(a)
	if err != nil { // an answer always encodes
		status, body = http.StatusInternalServerError, nil
	}
	return sdk.InboundAnswer{Status: status, Headers: map[string]string{"Content-Type": ContentType}, Body: body}
}
