package metro

import (
	"fmt"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// States of a payment (seed 000, 四.3 and 四.5).
const (
	StatePaid   = "PS_SUCCESS"
	StatePaying = "PS_PAYING"
	StateFailed = "PS_FAILED"
	StateClosed = "PS_CLOSED"
)

// States of a refund (seed 000, 四.7).
const (
	RefundDone       = "RS_SUCCESS"
	RefundProcessing = "RS_PROCESSING"
	RefundFailed     = "RS_FAILED"
)

// Order is an order as the simulator holds it. Amounts are in fen. The payer's code is not kept.
type Order struct {
	MchID        string `json:"mch_id"`
	OutRequestNo string `json:"out_request_no"`
	TradeNo      string `json:"pay_out_trade_no"`
	StoreID      string `json:"store_id"`
	Body         string `json:"body"`
	ExtraData    string `json:"extra_data,omitempty"`
	UID          string `json:"uid"`
	PayType      string `json:"pay_type"`
	State        string `json:"pay_status"`
	FailedFor    string `json:"pay_err_desc,omitempty"`

	Total    int64 `json:"total_fee"`
	Coupon   int64 `json:"pay_coupon_fee"`
	Reversed int64 `json:"reversed_fee"` // what went back when it was closed

	Created time.Time `json:"created"`
	Paid    time.Time `json:"paid,omitzero"`
	Closed  time.Time `json:"closed,omitzero"`

	PayRequests     int `json:"pay_requests"`
	Queries         int `json:"queries"`
	ReverseRequests int `json:"reverse_requests"`

	Refunds  []Refund  `json:"refunds,omitempty"`
	Waiting  *Waiting  `json:"waiting,omitempty"`
	Reversal *Reversal `json:"reversal,omitempty"`
}

// Waiting says how an order or a refund that is under way ends.
type Waiting struct {
	Queries int    `json:"queries"` // order queries that still see it under way; -1: for ever
	End     string `json:"end"`     // the state it ends in
}

// Reversal is a reverse that answered recall Y.
type Reversal struct {
	Calls int  `json:"calls"` // further calls that answer Y; -1: all
	Undo  bool `json:"undo"`  // it ends with the payment undone; if not, it ends with recall N all the same
}

// Refund is one refund request that was taken. Amounts are in fen.
type Refund struct {
	OutRefundNo string    `json:"out_refund_no"`
	RefundID    string    `json:"pay_refund_id"`
	Fee         int64     `json:"refund_fee"`
	Coupon      int64     `json:"refund_coupon_fee"`
	State       string    `json:"pay_refund_status"`
	Created     time.Time `json:"created"`
	Moved       time.Time `json:"moved,omitzero"` // when the money went back, also while the state does not show it
	Waiting     *Waiting  `json:"waiting,omitempty"`
}

type orderKey struct{ mchID, requestNo string }

// order guards one Order; every change and every movement of its money happens under its lock.
type order struct {
	key orderKey
	mu  sync.Mutex
	Order
}

// snapshot copies the order; the caller holds no lock.
func (o *order) snapshot() Order {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.copied()
}

// copied copies the order under its lock.
func (o *order) copied() Order {
	c := o.Order
	c.Refunds = append([]Refund(nil), o.Refunds...)
	for i := range c.Refunds {
		c.Refunds[i].Waiting = clone(c.Refunds[i].Waiting)
	}
	c.Waiting, c.Reversal = clone(o.Waiting), clone(o.Reversal)
	return c
}

func clone[T any](value *T) *T {
	if value == nil {
		return nil
	}
	c := *value
	return &c
}

// book finds orders by each of their numbers, and keeps the refunds' numbers unique.
type book struct {
	mu        sync.RWMutex
	next      int64
	byKey     map[orderKey]*order
	byTradeNo map[string]*order
	byRequest map[string][]*order
	refunds   map[orderKey]bool // by company and out_refund_no
	list      []*order
}

// newBook starts numbering from the clock, so that a restarted simulator without a journal repeats no number.
func newBook(now time.Time) *book {
	b := &book{next: now.UnixMilli() * 100 % 1e14}
	b.clear()
	return b
}

func (b *book) clear() {
	b.byKey = make(map[orderKey]*order)
	b.byTradeNo = make(map[string]*order)
	b.byRequest = make(map[string][]*order)
	b.refunds = make(map[orderKey]bool)
	b.list = nil
}

func (b *book) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clear()
}

// add creates an order and returns it locked, or returns the one that already has the number, unlocked.
func (b *book) add(fresh Order) (o, existing *order) {
	key := orderKey{fresh.MchID, fresh.OutRequestNo}
	b.mu.Lock()
	defer b.mu.Unlock()
	if known := b.byKey[key]; known != nil {
		return nil, known
	}
	b.next++
	fresh.TradeNo = fmt.Sprintf("88%014d", b.next)
	o = &order{key: key, Order: fresh}
	o.mu.Lock()
	b.index(o)
	return o, nil
}

func (b *book) index(o *order) {
	b.byKey[o.key] = o
	b.byTradeNo[o.TradeNo] = o
	b.byRequest[o.OutRequestNo] = append(b.byRequest[o.OutRequestNo], o)
	b.list = append(b.list, o)
}

// claim takes a refund's number and gives the provider's own; false if the merchant has used it.
func (b *book) claim(mchID, outRefundNo string) (refundID string, fresh bool) {
	key := orderKey{mchID, outRefundNo}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refunds[key] {
		return "", false
	}
	b.refunds[key] = true
	b.next++
	return fmt.Sprintf("99%014d", b.next), true
}

// restore puts an order from the journal in place of what is known of it.
func (b *book) restore(saved Order) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := orderKey{saved.MchID, saved.OutRequestNo}
	b.advance("88", saved.TradeNo)
	for _, refund := range saved.Refunds {
		b.refunds[orderKey{saved.MchID, refund.OutRefundNo}] = true
		b.advance("99", refund.RefundID)
	}
	if o := b.byKey[key]; o != nil {
		o.Order = saved
		return
	}
	b.index(&order{key: key, Order: saved})
}

// advance keeps a number from the journal from being given again.
func (b *book) advance(prefix, number string) {
	var n int64
	if _, err := fmt.Sscanf(number, prefix+"%014d", &n); err == nil && n > b.next {
		b.next = n
	}
}

func (b *book) find(mchID, requestNo string) *order {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.byKey[orderKey{mchID, requestNo}]
}

func (b *book) byTrade(tradeNo string) *order {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.byTradeNo[tradeNo]
}

func (b *book) byRequestNo(requestNo string) []*order {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return append([]*order(nil), b.byRequest[requestNo]...)
}

func (b *book) all() []*order {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return append([]*order(nil), b.list...)
}

// lookup finds the order a request means, by whichever of its numbers is given; other merchants' orders do not exist.
func (s *Simulator) lookup(req *request) *order {
	if number := req.text("out_request_no"); number != "" {
		return s.book.find(req.mchID, number)
	}
	if o := s.book.byTrade(req.text("pay_out_trade_no")); o != nil && o.key.mchID == req.mchID {
		return o
	}
	return nil
}

// move books money of the order under its lock and writes the order's new state beside it in the journal.
func (s *Simulator) move(o *order, kind ledger.Kind, amount int64, refundNo string) {
	entry := s.ledger.Append(ledger.Entry{
		OrderKey: Key(o.MchID, o.OutRequestNo), Request: refundNo, Kind: kind, Amount: amount, At: s.now(),
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

// held is what the merchant still has of the order's money.
func (s *Simulator) held(o *order) int64 { return s.ledger.Net(Key(o.MchID, o.OutRequestNo)) }

// Orders returns all orders, oldest first.
func (s *Simulator) Orders() []Order {
	list := s.book.all()
	out := make([]Order, len(list))
	for i, o := range list {
		out[i] = o.snapshot()
	}
	return out
}

// Order returns one order.
func (s *Simulator) Order(mchID, outRequestNo string) (Order, bool) {
	o := s.book.find(mchID, outRequestNo)
	if o == nil {
		return Order{}, false
	}
	return o.snapshot(), true
}

// outcome is how a fault ends what it holds up.
func outcome(rule *faults.Rule) faults.Outcome {
	if rule.Then == "" {
		return faults.Paid
	}
	return rule.Then
}
