package wire

import (
	"net/http"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/strictjson"
)

// The codes of refusals that decide something, by the documentation of each interface. Some
// have an older spelling, which replies still use.
const (
	CodeSign          = "SIGN_ERROR"
	CodeOrderNotExist = "ORDER_NOT_EXIST"
	CodeOrderNotOld   = "ORDERNOTEXIST"
	CodeOrderClosed   = "ORDER_CLOSED"
	CodeOrderCloseOld = "ORDERCLOSED"
	CodeNoResource    = "RESOURCE_NOT_EXISTS"
)

// Reply is an authentic reply.
type Reply struct {
	Status int
	Text   sdk.ProviderText // code and message of a refusal
	fields strictjson.Object
}

// OK says that the request was taken: 200, or 204 without a body.
func (r Reply) OK() bool { return r.Status == http.StatusOK || r.Status == http.StatusNoContent }

// Refusal says that the request was refused for a reason of the client's, with a code.
// A 5xx and a 429 refuse nothing for good.
func (r Reply) Refusal() bool {
	return r.Status >= http.StatusBadRequest && r.Status < http.StatusInternalServerError && r.Status != http.StatusTooManyRequests && r.Text.Code != ""
}

// Is says that the request was refused with this status and one of the codes.
func (r Reply) Is(status int, codes ...string) bool {
	if r.Status != status {
		return false
	}
	for _, code := range codes {
		if r.Text.Code == code {
			return true
		}
	}
	return false
}

// parse reads a reply that is known to be authentic.
func parse(status int, raw []byte) (Reply, error) {
	reply := Reply{Status: status}
	if status == http.StatusNoContent && len(raw) == 0 {
		return reply, nil
	}
	fields, err := strictjson.Read(raw)
	if err != nil {
		return Reply{}, err
	}
	reply.fields = fields
	if status == http.StatusOK {
		return reply, nil
	}
	r := reader{fields: fields}
	reply.Text = sdk.ProviderText{Code: r.text("code"), Message: r.text("message")}
	return reply, r.err
}

// KeyRefused says that WeChat Pay calls our signature wrong.
func (r Reply) KeyRefused() bool { return r.Is(http.StatusUnauthorized, CodeSign) }

// refusesKey says that a reply calls our signature wrong.
func refusesKey(status int, raw []byte) bool {
	reply, err := parse(status, raw)
	return err == nil && reply.KeyRefused()
}

// Link is the reply to an order that was placed: code_url, prepay_id or h5_url.
func (r Reply) Link(name string, limit int) (string, error) {
	f := reader{fields: r.fields}
	link := f.text(name)
	if f.err == nil && (link == "" || len(link) > limit) {
		f.wrong(name, "link")
	}
	return link, f.err
}

// Payment is an order, as a query and a notification show it.
type Payment struct {
	AppID       string
	MchID       string
	OrderNo     string // out_trade_no
	Number      string // transaction_id
	State       string // trade_state
	Description string // trade_state_desc
	PayerID     string // payer.openid
	Total       Number // amount.total, in fen
	Currency    string
	Paid        time.Time
}

// Payment reads an order.
func (r Reply) Payment() (Payment, error) { return payment(r.fields) }

func payment(fields strictjson.Object) (Payment, error) {
	f := reader{fields: fields}
	p := Payment{
		AppID: f.text("appid"), MchID: f.text("mchid"), OrderNo: f.text("out_trade_no"), Number: f.text("transaction_id"),
		State: f.text("trade_state"), Description: f.text("trade_state_desc"), Paid: f.time("success_time"),
	}
	payer, amount := f.object("payer"), f.object("amount")
	p.PayerID, p.Total, p.Currency = payer.text("openid"), amount.number("total"), amount.text("currency")
	return p, first(f.err, payer.err, amount.err)
}

// Refund is a refund, as its reply, a query and a notification show it.
type Refund struct {
	MchID    string // in a notification
	OrderNo  string // out_trade_no
	Number   string // transaction_id
	RefundNo string // out_refund_no
	RefundID string // refund_id
	Status   string // in a notification refund_status
	Amount   Number // amount.refund, in fen
	Total    Number // amount.total, in fen: the order's
	Currency string
	Refunded time.Time
}

// Refund reads a refund.
func (r Reply) Refund() (Refund, error) { return refund(r.fields, "status") }

func refund(fields strictjson.Object, status string) (Refund, error) {
	f := reader{fields: fields}
	d := Refund{
		MchID: f.text("mchid"), OrderNo: f.text("out_trade_no"), Number: f.text("transaction_id"), RefundNo: f.text("out_refund_no"),
		RefundID: f.text("refund_id"), Status: f.text(status), Refunded: f.time("success_time"),
	}
	amount := f.object("amount")
	d.Amount, d.Total, d.Currency = amount.number("refund"), amount.number("total"), amount.text("currency")
	return d, first(f.err, amount.err)
}
