package wire

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/strictjson"
)

// The document's layouts of a time, in Beijing.
const (
	DateTime  = "2006-01-02 15:04:05" // requestDate, tradeDate, refundDate
	timestamp = "20060102150405"      // tradeFinishedDate
)

// Reply is a reply whose signature has held.
type Reply struct {
	// Success says that the call was taken. What became of the trade is Result.Status.
	Success bool
	Error   sdk.ProviderText
	Result  Result
}

// Result are the fields of result in all operations. What a reply does not hold is empty;
// an amount has no currency then.
type Result struct {
	Status                    string // tradeStatus
	TradeNo, MerchantNo       string
	OutTradeNo, OutRequestNo  string
	BankRequestNo             string
	PaymentURL                string
	ErrorCode, ErrorMessage   string // errorMsgCode, errorMsgDesc
	TradeAmount, RefundAmount sdk.Money
}

// Message is a message of the platform's whose signature has held.
type Message struct{ fields strictjson.Object }

// Open verifies a message: the signature comes before anything that the message says. An
// error that Is strictjson.ErrForm or an *sdk.Error with ErrVerification means that it proves
// nothing; any other, that it could not be checked.
func Open(call *sdk.Call, keys Keys, raw []byte) (Message, error) {
	fields, err := strictjson.Read(raw)
	if err != nil {
		return Message{}, err
	}
	if err := keys.verify(call, fields); err != nil {
		return Message{}, err
	}
	return Message{fields}, nil
}

// Reply reads the message as a reply. One of another form is an error, never a guess.
func (m Message) Reply() (Reply, error) {
	var r Reply
	if err := json.Unmarshal(m.fields["success"], &r.Success); err != nil || !m.fields.Has("success") {
		return Reply{}, fmt.Errorf("%w: success is no boolean", strictjson.ErrForm)
	}
	err := m.fields.Texts(map[string]*string{"errorCode": &r.Error.Code, "errorMsg": &r.Error.Message})
	if err != nil {
		return Reply{}, err
	}
	if !r.Success {
		return r, nil // result is missing or null then (trap B15)
	}
	if r.Result, err = m.result(); err != nil {
		return Reply{}, err
	}
	return r, nil
}

// result reads result, an object or a string that holds one: the document types it
// String for refunds and JSON elsewhere (trap B7).
func (m Message) result() (Result, error) {
	if !m.fields.Has("result") {
		return Result{}, nil
	}
	raw := m.fields["result"]
	if raw[0] == '"' {
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return Result{}, fmt.Errorf("%w: result is broken JSON", strictjson.ErrForm)
		}
		raw = json.RawMessage(text)
	}
	o, err := strictjson.Read(raw)
	if err != nil {
		return Result{}, err
	}
	var d Result
	err = o.Texts(map[string]*string{
		"tradeStatus": &d.Status, "tradeNo": &d.TradeNo, "merchantNo": &d.MerchantNo, "outTradeNo": &d.OutTradeNo,
		"outRequestNo": &d.OutRequestNo, "bankRequestNo": &d.BankRequestNo, "paymentUrl": &d.PaymentURL,
		"errorMsgCode": &d.ErrorCode, "errorMsgDesc": &d.ErrorMessage,
	})
	if err != nil {
		return Result{}, err
	}
	if err := amounts(o, map[string]*sdk.Money{"tradeAmt": &d.TradeAmount, "refundAmt": &d.RefundAmount}); err != nil {
		return Result{}, err
	}
	return d, nil
}

// Text is the provider's own code and sentence: of the trade where the reply gives them,
// else of the call, else the status that decided.
func (r Reply) Text() sdk.ProviderText {
	t := r.Error
	if r.Result.ErrorCode != "" || r.Result.ErrorMessage != "" {
		t = sdk.ProviderText{Code: r.Result.ErrorCode, Message: r.Result.ErrorMessage}
	}
	if t.Code == "" {
		t.Code = r.Result.Status
	}
	return t
}

// stamp reads a time of 14 digits; anything else is no time.
func stamp(s string) time.Time {
	at, err := time.ParseInLocation(timestamp, s, sdk.Beijing())
	if err != nil {
		return time.Time{}
	}
	return at
}
