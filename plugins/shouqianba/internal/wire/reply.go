package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The communication layer's result codes. They stand in the body, under HTTP 200.
const (
	codeOK          = "200"
	codeClientError = "400"
)

// Reply is a reply with its three layers taken apart (document, 二.3.1).
type Reply struct {
	Code   string // result_code of the communication layer
	Error  sdk.ProviderText
	Biz    string // biz_response.result_code
	Data   Data
	hasBiz bool
}

// Data are the fields of an order. They stand under biz_response.data, in older replies
// beside result_code.
type Data struct {
	SN            string `json:"sn"`
	ClientSN      string `json:"client_sn"`
	TradeNo       string `json:"trade_no"`
	Status        string `json:"status"`
	OrderStatus   string `json:"order_status"`
	Payway        string `json:"payway"`
	PayerUID      string `json:"payer_uid"`
	TotalAmount   string `json:"total_amount"`
	NetAmount     string `json:"net_amount"`
	FinishTime    string `json:"finish_time"`
	ChannelFinish string `json:"channel_finish_time"`
	QRCode        string `json:"qr_code"`
	TerminalSN    string `json:"terminal_sn"`
	TerminalKey   string `json:"terminal_key"`
}

// errForm is any reply that is not of the documented form: its meaning is unknown.
var errForm = errors.New("the reply is not of the documented form")

// ParseReply reads a reply. Every value is a string in the document; a reply of another
// form is an error, never a guess.
func ParseReply(raw []byte) (Reply, error) {
	if len(raw) > maxReply {
		return Reply{}, fmt.Errorf("%w: it is longer than %d bytes", errForm, maxReply)
	}
	var outer struct {
		ResultCode   string          `json:"result_code"`
		ErrorCode    string          `json:"error_code"`
		ErrorMessage string          `json:"error_message"`
		Biz          json.RawMessage `json:"biz_response"`
	}
	if err := decodeOne(raw, &outer); err != nil {
		return Reply{}, err
	}
	r := Reply{Code: outer.ResultCode, Error: sdk.ProviderText{Code: outer.ErrorCode, Message: outer.ErrorMessage}}
	if r.Code == "" {
		return Reply{}, fmt.Errorf("%w: it has no result_code", errForm)
	}
	if len(outer.Biz) == 0 || bytes.Equal(outer.Biz, []byte("null")) {
		return r, nil
	}
	return r, r.readBiz(outer.Biz)
}

func (r *Reply) readBiz(raw json.RawMessage) error {
	var biz struct {
		ResultCode   string          `json:"result_code"`
		ErrorCode    string          `json:"error_code"`
		ErrorMessage string          `json:"error_message"`
		Data         json.RawMessage `json:"data"`
	}
	if err := decodeOne(raw, &biz); err != nil {
		return err
	}
	r.hasBiz, r.Biz = true, biz.ResultCode
	if biz.ErrorCode != "" || biz.ErrorMessage != "" {
		r.Error = sdk.ProviderText{Code: biz.ErrorCode, Message: biz.ErrorMessage}
	}
	data := biz.Data
	if len(data) == 0 || bytes.Equal(data, []byte("null")) {
		data = raw
	}
	return decodeOne(data, &r.Data)
}

func decodeOne(raw []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something follows the JSON value", errForm)
	}
	return nil
}

// Text is the provider's own code and sentence, or the codes that decided.
func (r Reply) Text() sdk.ProviderText {
	t := r.Error
	if t.Code == "" {
		t.Code = strings.TrimSpace(r.Biz + " " + r.Data.OrderStatus)
	}
	return t
}

// SignRefused says that the gateway did not accept the signature (document, 四.1).
func (r Reply) SignRefused() bool { return r.Code == codeClientError && r.Error.Code == "ILLEGAL_SIGN" }

// Amount reads fen from a string of 1 to 10 digits.
func Amount(s string) (sdk.Money, bool) {
	if len(s) == 0 || len(s) > 10 || strings.Trim(s, "0123456789") != "" {
		return sdk.Money{}, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return sdk.Fen(n), err == nil
}

// Millis reads a time of 13 digits, milliseconds since 1970, as a string; anything else
// is no time.
func Millis(s string) time.Time {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || len(s) != 13 {
		return time.Time{}
	}
	return time.UnixMilli(n)
}
