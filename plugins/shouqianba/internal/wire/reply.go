package wire

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/strictjson"
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

// Data are the fields of an order or a terminal. They stand under biz_response.data, in
// some replies beside biz_response.result_code.
type Data struct {
	SN, ClientSN, TradeNo   string
	Status                  string // of the last ledger entry, not of the payment
	OrderStatus             string
	Payway, PayerUID        string
	TotalAmount, NetAmount  string // fen
	FinishTime, ChannelTime string // milliseconds since 1970, of the last operation
	QRCode                  string
	TerminalSN, TerminalKey string
}

// ParseReply reads a reply. A reply of another form is an error, never a guess.
func ParseReply(raw []byte) (Reply, error) {
	if len(raw) > maxReply {
		return Reply{}, fmt.Errorf("%w: it is longer than %d bytes", strictjson.ErrForm, maxReply)
	}
	outer, err := strictjson.Read(raw)
	if err != nil {
		return Reply{}, err
	}
	var r Reply
	err = outer.Texts(map[string]*string{
		"result_code": &r.Code, "error_code": &r.Error.Code, "error_message": &r.Error.Message,
	})
	if err != nil {
		return Reply{}, err
	}
	if r.Code == "" {
		return Reply{}, fmt.Errorf("%w: it has no result_code", strictjson.ErrForm)
	}
	if r.Code != codeOK || !outer.Has("biz_response") {
		return r, nil
	}
	if err := r.readBiz(outer["biz_response"]); err != nil {
		return Reply{}, err
	}
	return r, nil
}

func (r *Reply) readBiz(raw []byte) error {
	biz, err := strictjson.Read(raw)
	if err != nil {
		return err
	}
	err = biz.Texts(map[string]*string{
		"result_code": &r.Biz, "error_code": &r.Error.Code, "error_message": &r.Error.Message,
	})
	if err != nil {
		return err
	}
	r.hasBiz = true
	data := biz
	if biz.Has("data") {
		if data, err = strictjson.Read(biz["data"]); err != nil {
			return err
		}
	}
	d := &r.Data
	return data.Texts(map[string]*string{
		"sn": &d.SN, "client_sn": &d.ClientSN, "trade_no": &d.TradeNo, "status": &d.Status, "order_status": &d.OrderStatus,
		"payway": &d.Payway, "payer_uid": &d.PayerUID, "total_amount": &d.TotalAmount, "net_amount": &d.NetAmount,
		"finish_time": &d.FinishTime, "channel_finish_time": &d.ChannelTime, "qr_code": &d.QRCode,
		"terminal_sn": &d.TerminalSN, "terminal_key": &d.TerminalKey,
	})
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

// Finished is when the order's last operation ended: at the payment channel, or at the
// gateway where the channel's time is not given (trap S14).
func (d Data) Finished() time.Time {
	if at := Millis(d.ChannelTime); !at.IsZero() {
		return at
	}
	return Millis(d.FinishTime)
}

// Amount reads fen from a string of 1 to 10 digits.
func Amount(s string) (sdk.Money, bool) {
	if !digits(s, 1, 10) {
		return sdk.Money{}, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return sdk.Fen(n), err == nil
}

// Millis reads a time of 13 digits, milliseconds since 1970; anything else is no time.
func Millis(s string) time.Time {
	if !digits(s, 13, 13) {
		return time.Time{}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(n)
}

func digits(s string, least, most int) bool {
	return len(s) >= least && len(s) <= most && strings.Trim(s, "0123456789") == ""
}
