package mmsp

import (
	"crypto/md5" //nolint:gosec // not for safety: it makes a value that looks like the wallet's
	"encoding/hex"
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
)

// Wallet is the payer's wallet.
type Wallet string

// The wallets of the scan product.
const (
	WalletWechat   Wallet = "wechat"
	WalletAlipay   Wallet = "alipay"
	WalletQQ       Wallet = "qq"
	WalletJD       Wallet = "jd"
	WalletUnionPay Wallet = "unionpay"
)

// TRADETYPE of a pre-order: 正扫, or paid inside the wallet's own pages (公众号, 服务窗).
const (
	tradeScanned = "1"
	tradeInside  = "2"
)

// STATUS of the scan product.
const (
	statusDone   = "1"
	statusFailed = "2"
	statusPaying = "3"
)

// Codes of a Body whose STATUS is not 1 (11). The list has no code for a payment that failed: 99 is the simulator's own.
const (
	codePaying    = "AA" // 用户支付中
	codeClosed    = "D4" // 订单已关闭
	codePayFailed = "99"
)

// ScanOrder is what only the scan product knows of an order.
type ScanOrder struct {
	Wallet    Wallet `json:"wallet"`
	TradeType string `json:"trade_type,omitempty"` // of a pre-order
	URL       string `json:"url,omitempty"`
	PayInfo   string `json:"pay_info,omitempty"`
}

// RefundState is how far a refund is.
type RefundState string

// The states of a refund.
const (
	RefundAccepted RefundState = "accepted" // not moved yet
	RefundDone     RefundState = "done"
	RefundFailed   RefundState = "failed"
)

// Refund is one refund that was asked for. Amount is in fen.
type Refund struct {
	Number   string      `json:"refund_mer_order_id"`
	RefundNo string      `json:"refund_order_no"`
	Amount   int64       `json:"amount"`
	State    RefundState `json:"state"`
	Code     string      `json:"code,omitempty"`
	Message  string      `json:"message,omitempty"`
	At       time.Time   `json:"at"`
	Queries  int         `json:"queries"`
	Waiting  *Waiting    `json:"waiting,omitempty"`
}

// payDeadline is TIME_END, or five minutes from now (5.1.2). A date without time, as H5's table has it, lasts all day.
func (s *Simulator) payDeadline(req *request) time.Time {
	text := req.text("TIME_END")
	if text == "" {
		return s.now().Add(5 * time.Minute)
	}
	if at, err := parseTime(text, dateTime); err == nil {
		return at
	}
	day, err := parseTime(text, time.DateOnly)
	if err != nil {
		return s.now().Add(5 * time.Minute)
	}
	return day.AddDate(0, 0, 1)
}

// preorder places an order and answers how to pay it: a URL, or PAY_INFO if the order is paid inside the wallet and the
// caller wants it raw. STATUS 1 means placed.
func (s *Simulator) preorder(req *request, wallet Wallet) answer {
	o, refusal := s.place(req, Order{
		Expires: s.payDeadline(req), Pushes: true, Scan: &ScanOrder{Wallet: wallet, TradeType: req.text("TRADETYPE")},
	})
	if o == nil {
		return refusal
	}
	defer o.mu.Unlock()
	if req.text("IS_RAW") == "1" && o.Scan.TradeType == tradeInside {
		o.Scan.PayInfo = payInfo(o, or(req.text("SUP_APPID"), "wx0000000000000000"))
	} else {
		o.Scan.URL = "https://qr.sim.invalid/mmsp/" + string(wallet) + "/" + o.OrderNo
	}
	b := s.placed(req, o)
	b["TRADETYPE"] = o.Scan.TradeType
	return done(b)
}

// h5 places an order whose URL opens the wallet from a browser (5.3, 6.5). Its payment is not pushed (10.8 names only
// barcode, official account and scanned orders).
func (s *Simulator) h5(req *request, wallet Wallet) answer {
	o, refusal := s.place(req, Order{Expires: s.payDeadline(req), Scan: &ScanOrder{Wallet: wallet}})
	if o == nil {
		return refusal
	}
	defer o.mu.Unlock()
	o.Scan.URL = "https://h5.sim.invalid/mmsp/" + string(wallet) + "/" + o.OrderNo
	return done(s.placed(req, o))
}

// placed lets the faults and the deadline decide over a new order, saves it, and makes the reply.
func (s *Simulator) placed(req *request, o *order) body {
	d := req.decision
	switch {
	case d.Is(faults.Fail):
		o.finish(StateFailed, or(d.Rule.Code, codePayFailed), or(d.Rule.Message, "下单失败"), s.now())
	case d.Is(faults.Pending):
		o.Waiting = waitingFor(d.Rule)
	}
	s.save(o, nil)
	s.expire(o)
	b := scanBody(o)
	if o.State != StateWaiting {
		return failed(b, o.Code, o.Message)
	}
	b["STATUS"], _ = o.Waiting.shown(statusDone, "")
	if o.Scan.PayInfo != "" {
		b["PAY_INFO"] = o.Scan.PayInfo
	} else {
		b["URL"] = o.Scan.URL
	}
	return b
}

// barcode charges the payer's code (5.2, 6.2, 7.2). A payment that succeeds at once is not pushed (5.2.3).
func (s *Simulator) barcode(req *request, wallet Wallet) answer {
	o, refusal := s.place(req, Order{Expires: s.payDeadline(req), Scan: &ScanOrder{Wallet: wallet}})
	if o == nil {
		return refusal
	}
	defer o.mu.Unlock()
	d := req.decision
	switch {
	case d.Is(faults.Fail):
		o.finish(StateFailed, or(d.Rule.Code, codePayFailed), or(d.Rule.Message, "支付失败"), s.now())
		s.save(o, nil)
	case !fits(wallet, req.text("CODE")):
		o.finish(StateFailed, codePayFailed, "付款码不属于该支付方式", s.now())
		s.save(o, nil)
	case d.Is(faults.Pending), d.Is(faults.Uncertain):
		o.Pushes = true
		s.doubtPayment(o, d.Rule)
	case !s.now().Before(o.Expires):
		s.expire(o)
	default:
		s.takePayment(o)
	}
	return done(outcomeOf(o, scanBody(o)))
}

// fits tells a payment code of another wallet, by its first digits and length. A code of no known form may be anybody's.
func fits(wallet Wallet, code string) bool {
	if !digitsForm.MatchString(code) || len(code) < 2 {
		return true
	}
	owner, prefix, length := wallet, code[:2], len(code)
	switch {
	case prefix >= "10" && prefix <= "15" && length == 18:
		owner = WalletWechat
	case prefix >= "25" && prefix <= "30" && length >= 16 && length <= 24:
		owner = WalletAlipay
	case prefix == "91" && length == 18:
		owner = WalletQQ
	}
	return owner == wallet
}

// scanBody is what every reply about an order has.
func scanBody(o *order) body {
	return body{"ORDERNO": o.OrderNo, "MERORDERID": o.Number, "TRADETIME": clock(o.Created)}
}

// outcomeOf adds a payment's STATUS: 1 paid, 2 failed, 3 the payer is paying.
func outcomeOf(o *order, b body) body {
	switch o.State {
	case StatePaid, StateRefunded:
		b["STATUS"] = statusDone
	case StateWaiting:
		b["STATUS"], b["ERR_CODE"] = o.Waiting.shown(statusPaying, codePaying)
		b["ERR_CODE_MSG"] = "用户支付中"
	case StateFailed, StateClosed, StateCanceled:
		return failed(b, o.Code, o.Message)
	case StateBinding: // of quick only
	}
	return b
}

func failed(b body, code, text string) body {
	b["STATUS"], b["ERR_CODE"], b["ERR_CODE_MSG"] = statusFailed, code, text
	return b
}

// payInfo is what a wallet's script would be called with, JSON inside a string.
func payInfo(o *order, appID string) string {
	digest := md5.Sum([]byte(o.OrderNo)) //nolint:gosec // as above
	random := hex.EncodeToString(digest[:])
	var value any
	switch o.Scan.Wallet {
	case WalletWechat:
		value = map[string]string{
			"appId": appID, "timeStamp": strconv.FormatInt(o.Created.Unix(), 10), "nonceStr": random,
			"package": "prepay_id=wx" + o.OrderNo, "signType": "MD5", "paySign": random,
		}
	case WalletAlipay, WalletQQ, WalletJD, WalletUnionPay:
		value = map[string]string{"tradeNO": o.OrderNo, "tokenId": random}
	}
	raw, err := encode(value)
	if err != nil {
		return ""
	}
	return string(raw)
}

// clock writes a time as the scan product does, "" for none.
func clock(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(shanghai()).Format(dateTime)
}
