package mmsp

import (
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// State is where an order of scan, quick or gateway stands, in the simulator's own words.
type State string

// The states. Only paid and refunded orders hold, or held, money.
const (
	StateWaiting  State = "waiting"  // for the payer: 待支付, 支付中
	StatePaid     State = "paid"     // also with refunds
	StateFailed   State = "failed"   // for certain, no money
	StateClosed   State = "closed"   // by the merchant or by time, unpaid
	StateCanceled State = "canceled" // by the merchant; what was paid went back
	StateRefunded State = "refunded" // outside the interface: 已退款 of quick and gateway
)

// Order is an order as the simulator holds it. Amounts are in fen.
type Order struct {
	Product     string    `json:"product"`
	Operation   string    `json:"operation"` // that placed it
	MerNo       string    `json:"mer_no"`
	Number      string    `json:"mer_order_id"` // MERORDERID
	OrderNo     string    `json:"order_no"`     // ORDERNO, LIST_ID
	Amount      int64     `json:"amount"`
	State       State     `json:"state"`
	Code        string    `json:"code,omitempty"` // of a failure: ERR_CODE, ERRCODE
	Message     string    `json:"message,omitempty"`
	GoodsName   string    `json:"goods_name,omitempty"`
	NotifyURL   string    `json:"notify_url,omitempty"`
	JumpURL     string    `json:"jump_url,omitempty"`
	Created     time.Time `json:"created"`
	Expires     time.Time `json:"expires"` // zero: never
	PaidAt      time.Time `json:"paid_at"`
	Finished    time.Time `json:"finished"`
	Pushes      bool      `json:"pushes"`       // a payment from now on is notified
	PayRequests int       `json:"pay_requests"` // with this number, refused repetitions included
	Queries     int       `json:"queries"`
	Refunds     []Refund  `json:"refunds,omitempty"`
	Waiting     *Waiting  `json:"waiting,omitempty"`

	Scan    *ScanOrder    `json:"scan,omitempty"`
	Quick   *QuickOrder   `json:"quick,omitempty"`
	Gateway *GatewayOrder `json:"gateway,omitempty"`
}

// Waiting says what an order is waiting for that looks unpaid to its merchant.
type Waiting struct {
	Queries int            `json:"queries"` // still to be answered "unpaid"
	Then    faults.Outcome `json:"then"`
	Moved   bool           `json:"moved,omitempty"`  // the money moved already (fault uncertain)
	Status  string         `json:"status,omitempty"` // shown meanwhile instead of the product's own
	Code    string         `json:"code,omitempty"`   // likewise, the error code
}

type orderKey struct{ merNo, number string }

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
		c.Refunds[i].Waiting = copyOf(c.Refunds[i].Waiting)
	}
	c.Waiting, c.Scan, c.Quick, c.Gateway = copyOf(o.Waiting), copyOf(o.Scan), copyOf(o.Quick), copyOf(o.Gateway)
	return c
}

func copyOf[T any](value *T) *T {
	if value == nil {
		return nil
	}
	c := *value
	return &c
}

// finish ends an order; code and text say why it failed.
func (o *order) finish(state State, code, text string, at time.Time) {
	o.State, o.Code, o.Message, o.Finished, o.Waiting = state, code, text, at, nil
}

// refunded is what went back by refunds, or will.
func (o *order) refunded() int64 {
	var sum int64
	for _, refund := range o.Refunds {
		if refund.State != RefundFailed {
			sum += refund.Amount
		}
	}
	return sum
}

// place creates an order and returns it locked. If its merchant used the number before, it returns the refusal instead.
func (s *Simulator) place(req *request, fresh Order) (*order, answer) {
	fresh.Product, fresh.Operation, fresh.MerNo = req.op.product, req.op.name, req.merchant.MerNo
	fresh.Number, fresh.NotifyURL, fresh.JumpURL = req.text("MERORDERID"), req.text("NOTIFY_URL"), req.text("JUMP_URL")
	fresh.Amount, fresh.GoodsName = req.fen(), req.text("GOODSNAME")
	fresh.Created, fresh.PayRequests, fresh.State = s.now(), 1, StateWaiting
	if fresh.Waiting == nil {
		fresh.Waiting = &Waiting{Then: faults.Never}
	}
	o, existing := s.book.add(fresh)
	if existing == nil {
		return o, answer{}
	}
	existing.mu.Lock()
	existing.PayRequests++
	existing.mu.Unlock()
	return nil, refused(codeDuplicate, "商户订单号重复")
}

// outcome is how a pending order ends.
func outcome(rule *faults.Rule) faults.Outcome {
	if rule.Then == "" {
		return faults.Paid
	}
	return rule.Then
}

// waitingFor says how a Pending or Uncertain fault lets an order wait. Its result and code are what is shown meanwhile.
func waitingFor(rule *faults.Rule) *Waiting {
	w := &Waiting{
		Queries: rule.Queries, Then: outcome(rule), Moved: rule.Kind == faults.Uncertain && rule.Moved,
		Status: rule.Result, Code: rule.Code,
	}
	if rule.Kind == faults.Uncertain {
		switch {
		case rule.Queries == 0:
			w.Then = faults.Never // the truth never comes out
		case rule.Moved:
			w.Then = faults.Paid
		default:
			w.Then = faults.Abandoned
		}
	}
	return w
}

// observe is what a query does to an order: time closes it, and what it waits for comes nearer. The caller holds the lock.
func (s *Simulator) observe(o *order) {
	o.Queries++
	s.expire(o)
	if o.State != StateWaiting || o.Waiting == nil {
		return
	}
	if o.Waiting.Queries > 0 {
		o.Waiting.Queries--
		s.save(o, nil)
		return
	}
	switch o.Waiting.Then {
	case faults.Paid:
		s.takePayment(o)
	case faults.Abandoned:
		o.finish(StateFailed, codePayFailed, "支付失败", s.now())
		s.save(o, nil)
	case faults.Never:
	}
}

// expire closes an order that nobody paid in time. The caller holds the lock.
func (s *Simulator) expire(o *order) {
	if o.State != StateWaiting || o.Expires.IsZero() || s.now().Before(o.Expires) || (o.Waiting != nil && o.Waiting.Moved) {
		return
	}
	o.finish(StateClosed, codeClosed, "订单已关闭", o.Expires)
	s.save(o, nil)
}

// takePayment moves the payer's money, unless it moved already, and pushes the result if the product does.
// The caller holds the order's lock.
func (s *Simulator) takePayment(o *order) {
	moved := o.Waiting != nil && o.Waiting.Moved
	o.finish(StatePaid, "", "", s.now())
	if moved {
		s.save(o, nil)
	} else {
		o.PaidAt = o.Finished
		s.move(o, ledger.Pay, o.Amount, "")
	}
	s.notify(o)
}

// doubtPayment leaves it open whether the payer paid. The caller holds the order's lock.
func (s *Simulator) doubtPayment(o *order, rule *faults.Rule) {
	o.Waiting = waitingFor(rule)
	if o.Waiting.Moved {
		o.PaidAt = s.now()
		s.move(o, ledger.Pay, o.Amount, "")
		return
	}
	s.save(o, nil)
}

// shown is the STATUS and error code of an order that waits: the product's own unless the fault has others.
func (w *Waiting) shown(status, code string) (string, string) {
	if w == nil {
		return status, code
	}
	return or(w.Status, status), or(w.Code, code)
}

// move books money of the order under its lock and writes the order's new state beside it in the journal.
func (s *Simulator) move(o *order, kind ledger.Kind, amount int64, request string) {
	entry := s.ledger.Append(ledger.Entry{
		OrderKey: Key(o.MerNo, o.Number), Request: request, Kind: kind, Amount: amount, At: s.now(),
	})
	s.save(o, &entry)
}

// save journals the order, and the movement that changed it if there was one. The caller holds the order's lock.
func (s *Simulator) save(o *order, effect *ledger.Entry) {
	if s.opts.Journal == nil {
		return
	}
	saved := o.copied()
	s.opts.Journal.Append(record{Order: &saved, Effect: effect})
}

// Orders returns all orders of scan, quick and gateway, oldest first.
func (s *Simulator) Orders() []Order {
	list := s.book.all()
	out := make([]Order, len(list))
	for i, o := range list {
		out[i] = o.snapshot()
	}
	return out
}

// Order returns one order by MERNO and MERORDERID.
func (s *Simulator) Order(merNo, number string) (Order, bool) {
	o := s.book.find(merNo, number)
	if o == nil {
		return Order{}, false
	}
	return o.snapshot(), true
}
