package wechatpay

import (
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// Trade states. The documentation has the last three for payment codes only.
const (
	StatePaid    = "SUCCESS"
	StateRefund  = "REFUND" // paid, and a refund was taken: never held, only shown
	StateNotPaid = "NOTPAY"
	StateClosed  = "CLOSED"
	StateRevoked = "REVOKED"
	StatePaying  = "USERPAYING"
	StateFailed  = "PAYERROR"
)

// Refund states.
const (
	RefundProcessing = "PROCESSING"
	RefundDone       = "SUCCESS"
	RefundClosed     = "CLOSED"
	RefundAbnormal   = "ABNORMAL"
)

// Order is an order as the simulator holds it. Amounts are in fen.
type Order struct {
	MchID         string    `json:"mchid"`
	AppID         string    `json:"appid"`
	OutTradeNo    string    `json:"out_trade_no"`
	TransactionID string    `json:"transaction_id,omitempty"` // once it is paid
	Operation     string    `json:"operation"`                // native, jsapi, h5, or elsewhere
	TradeType     string    `json:"trade_type"`
	State         string    `json:"trade_state"`
	Description   string    `json:"description"`
	Attach        string    `json:"attach,omitempty"`
	DeviceID      string    `json:"device_id,omitempty"`
	NotifyURL     string    `json:"notify_url,omitempty"`
	OpenID        string    `json:"openid,omitempty"` // of JSAPI's payer, or of who paid
	Total         int64     `json:"total"`
	Coupon        int64     `json:"coupon,omitempty"` // the payer paid Total − Coupon, the merchant has Total
	Same          string    `json:"same"`             // digest of the body, for repetitions
	Created       time.Time `json:"created"`
	Expires       time.Time `json:"expires"` // when it cannot be paid any more
	Paid          time.Time `json:"paid,omitzero"`
	Closed        time.Time `json:"closed,omitzero"`
	Omitted       bool      `json:"omitted,omitempty"` // left out of the bills
	PlaceRequests int       `json:"place_requests"`    // repetitions and refused ones included
	Queries       int       `json:"queries"`
	PayTries      int       `json:"pay_tries"` // refused ones included
	Links         []Link    `json:"links,omitempty"`
	Refunds       []Refund  `json:"refunds,omitempty"`
	Waiting       *Waiting  `json:"waiting,omitempty"`
}

// Link is what a payer pays by: a code_url, an h5_url or a prepay_id.
type Link struct {
	Token   string    `json:"token"` // what is unique in it
	URL     string    `json:"url"`
	Expires time.Time `json:"expires"`
}

// Refund is a refund that was taken; a refused one leaves no trace.
type Refund struct {
	OutRefundNo string    `json:"out_refund_no"`
	RefundID    string    `json:"refund_id"`
	State       string    `json:"status"`
	Amount      int64     `json:"refund"`
	Coupon      int64     `json:"coupon,omitempty"`
	Reason      string    `json:"reason,omitempty"`
	NotifyURL   string    `json:"notify_url,omitempty"`
	Created     time.Time `json:"created"`
	Finished    time.Time `json:"finished,omitzero"`
	Queries     int       `json:"queries"`
	Waiting     *Waiting  `json:"waiting,omitempty"`
}

// Waiting says how an order or a refund ends by itself.
type Waiting struct {
	Queries int            `json:"queries"` // still to see it under way
	Then    faults.Outcome `json:"then"`
	State   string         `json:"state,omitempty"` // how it ends when abandoned
	Moved   bool           `json:"moved,omitempty"` // the money has moved already
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

type orderKey struct{ mchID, outTradeNo string }

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
	c.Links = append([]Link(nil), o.Links...)
	c.Refunds = append([]Refund(nil), o.Refunds...)
	for i := range c.Refunds {
		c.Refunds[i].Waiting = c.Refunds[i].Waiting.copied()
	}
	return c
}

// refundOf finds a refund under the order's lock.
func (o *order) refundOf(outRefundNo string) *Refund {
	for i := range o.Refunds {
		if o.Refunds[i].OutRefundNo == outRefundNo {
			return &o.Refunds[i]
		}
	}
	return nil
}

// shown is the trade state as queries show it: a paid order with a refund that was not closed is REFUND.
func (o *Order) shown() string {
	if o.State == StatePaid && o.left() < o.Total {
		return StateRefund
	}
	return o.State
}

// left is what can still be refunded: a refund counts unless it was closed.
func (o *Order) left() int64 {
	left := o.Total
	for i := range o.Refunds {
		if o.Refunds[i].State != RefundClosed {
			left -= o.Refunds[i].Amount
		}
	}
	return left
}

// payable reports whether a payer may still pay, or is paying.
func (o *Order) payable() bool { return o.State == StateNotPaid || o.State == StatePaying }

// snapshot copies the order as it is now: one that was never paid is closed by the provider in time.
func (s *Simulator) snapshot(o *order) Order {
	o.mu.Lock()
	defer o.mu.Unlock()
	s.expire(o)
	return o.copied()
}

// expire closes an order that nobody paid for too long; the caller holds its lock.
func (s *Simulator) expire(o *order) {
	if o.payable() && s.now().Sub(o.Created) >= s.opts.AutoClose {
		s.endUnpaid(o, StateClosed)
	}
}

// endUnpaid ends an order without money; the caller holds its lock.
func (s *Simulator) endUnpaid(o *order, state string) {
	o.Waiting, o.State, o.Closed = nil, state, s.now()
	s.save(o, nil)
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
func (s *Simulator) Order(mchID, outTradeNo string) (Order, bool) {
	o := s.book.find(mchID, outTradeNo)
	if o == nil {
		return Order{}, false
	}
	return s.snapshot(o), true
}

// move books money of the order under its lock and writes the order's new state beside it in the journal.
func (s *Simulator) move(o *order, kind ledger.Kind, amount int64, outRefundNo string) {
	entry := s.ledger.Append(ledger.Entry{
		OrderKey: Key(o.MchID, o.OutTradeNo), Request: outRefundNo, Kind: kind, Amount: amount, At: s.now(),
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
