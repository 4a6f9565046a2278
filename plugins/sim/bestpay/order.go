package bestpay

import (
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// Trade states (seed 001, 4.1). StatusClose is an order's only; a refund that waits is being processed.
const (
	StatusSuccess = "SUCCESS"
	StatusFail    = "FAIL"
	StatusClose   = "CLOSE"
	StatusWaiting = "WAITFORPAY"
)

// The payers' apps of tradeType in 3.2.
const (
	TradeTypeBestpay = "BESTPAY"
	TradeTypeAlipay  = "ALIPAY"
	TradeTypeTenpay  = "TENPAY"
)

// Order is an order as the simulator holds it. Amounts are in fen. The payer's code is not kept.
type Order struct {
	InstitutionCode string    `json:"institution_code"`
	MerchantNo      string    `json:"merchant_no"`
	OutTradeNo      string    `json:"out_trade_no"`
	TradeNo         string    `json:"trade_no"`
	TradeprodNo     string    `json:"tradeprod_no"`
	BankRequestNo   string    `json:"bank_request_no"`
	Operation       string    `json:"operation"`            // OpBarcode or OpQR
	TradeType       string    `json:"trade_type,omitempty"` // OpQR: the payer's app
	Status          string    `json:"trade_status"`
	Amount          int64     `json:"trade_amt"`
	Discount        int64     `json:"discount_amt"` // the payer paid Amount − Discount, the merchant has Amount
	Subject         string    `json:"subject"`
	GoodsInfo       string    `json:"goods_info"`
	Operator        string    `json:"operator"`
	NotifyURL       string    `json:"notify_url"`
	PaymentURL      string    `json:"payment_url,omitempty"`
	RequestDate     string    `json:"request_date"`
	TimeOut         int64     `json:"time_out"` // seconds
	ErrorCode       string    `json:"error_code,omitempty"`
	ErrorMessage    string    `json:"error_message,omitempty"`
	Created         time.Time `json:"created"`
	Finished        time.Time `json:"finished"`
	PayRequests     int       `json:"pay_requests"` // orders placed with this number, refused repetitions included
	Queries         int       `json:"queries"`
	Refunds         []Refund  `json:"refunds,omitempty"`
	Waiting         *Waiting  `json:"waiting,omitempty"`
}

// Refund is a refund that was taken; a refused one leaves no trace.
type Refund struct {
	OutRequestNo string    `json:"out_request_no"`
	TradeNo      string    `json:"trade_no"`
	TradeprodNo  string    `json:"tradeprod_no"`
	Status       string    `json:"trade_status"`
	Amount       int64     `json:"refund_amt"`
	Cause        string    `json:"refund_cause,omitempty"`
	NotifyURL    string    `json:"notify_url"`
	RequestDate  string    `json:"request_date"`
	ErrorCode    string    `json:"error_code,omitempty"`
	ErrorMessage string    `json:"error_message,omitempty"`
	Created      time.Time `json:"created"`
	Finished     time.Time `json:"finished"`
	Queries      int       `json:"queries"`
	Waiting      *Waiting  `json:"waiting,omitempty"`
}

// Waiting says what an unpaid order, or a refund being processed, is waiting for.
type Waiting struct {
	Queries int            `json:"queries"` // still to be answered WAITFORPAY
	Then    faults.Outcome `json:"then"`
	Status  string         `json:"status,omitempty"` // how it ends when abandoned; default FAIL
	Code    string         `json:"code,omitempty"`   // and with which error code
	Moved   bool           `json:"moved,omitempty"`  // the money has moved already
}

// due counts one query and reports whether the wait is over.
func (w *Waiting) due() bool {
	if w == nil || w.Then == faults.Never {
		return false
	}
	if w.Queries > 0 {
		w.Queries--
		return false
	}
	return true
}

func (w *Waiting) moved() bool { return w != nil && w.Moved }

func (w *Waiting) copied() *Waiting {
	if w == nil {
		return nil
	}
	out := *w
	return &out
}

type orderKey struct{ merchantNo, outTradeNo string }

// order guards one Order; every change and every movement of its money happens under its lock.
type order struct {
	key orderKey
	mu  sync.Mutex
	Order
}

// copied copies the order under its lock.
func (o *order) copied() Order {
	c := o.Order
	c.Waiting = o.Waiting.copied()
	c.Refunds = append([]Refund(nil), o.Refunds...)
	for i := range c.Refunds {
		c.Refunds[i].Waiting = c.Refunds[i].Waiting.copied()
	}
	return c
}

// refundOf finds a refund under the order's lock.
func (o *order) refundOf(outRequestNo string) *Refund {
	for i := range o.Refunds {
		if o.Refunds[i].OutRequestNo == outRequestNo {
			return &o.Refunds[i]
		}
	}
	return nil
}

// remainder is what can still be refunded: refunds being processed count.
func (o *order) remainder() int64 {
	left := o.Amount
	for i := range o.Refunds {
		if o.Refunds[i].Status != StatusFail {
			left -= o.Refunds[i].Amount
		}
	}
	return left
}

// snapshot copies the order as it is now: an unpaid one whose time is up is closed first.
func (s *Simulator) snapshot(o *order) Order {
	o.mu.Lock()
	defer o.mu.Unlock()
	s.expire(o)
	return o.copied()
}

// Orders returns all orders, oldest first.
func (s *Simulator) Orders() []Order {
	list := s.book.all()
	out := make([]Order, len(list))
	for i, o := range list {
		out[i] = s.snapshot(o)
	}
	return out
}

// Order returns one order.
func (s *Simulator) Order(merchantNo, outTradeNo string) (Order, bool) {
	o := s.book.find(merchantNo, outTradeNo)
	if o == nil {
		return Order{}, false
	}
	return s.snapshot(o), true
}

// move books money of the order under its lock and writes the order's new state beside it in the journal.
func (s *Simulator) move(o *order, kind ledger.Kind, amount int64, outRequestNo string) {
	entry := s.ledger.Append(ledger.Entry{
		OrderKey: Key(o.MerchantNo, o.OutTradeNo), Request: outRequestNo, Kind: kind, Amount: amount, At: s.now(),
	})
	s.save(o, &entry)
}

// save journals the order, and the movement that changed it if there was one.
func (s *Simulator) save(o *order, effect *ledger.Entry) {
	if s.opts.Journal == nil {
		return
	}
	saved := o.copied()
	s.opts.Journal.Append(record{Order: &saved, Effect: effect})
}
