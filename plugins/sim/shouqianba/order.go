package shouqianba

import (
	"fmt"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// Order states (document, section 4.3).
const (
	StateCreated         = "CREATED"
	StatePaid            = "PAID"
	StatePayCanceled     = "PAY_CANCELED"
	StatePayError        = "PAY_ERROR"
	StateRefunded        = "REFUNDED"
	StatePartialRefunded = "PARTIAL_REFUNDED"
	StateRefundError     = "REFUND_ERROR"
	StateCanceled        = "CANCELED"
	StateCancelError     = "CANCEL_ERROR"
)

// States of the last ledger entry, 流水状态 (section 4.4; IN_PROG is in the public edition).
const (
	flowSuccess     = "SUCCESS"
	flowInProgress  = "IN_PROG"
	flowFailed      = "FAIL_CANCELED"
	flowFailError   = "FAIL_ERROR"
	flowRefundError = "REFUND_ERROR"
	flowCancelError = "CANCEL_ERROR"
)

// Order is an order as the simulator holds it. Amounts are in fen.
type Order struct {
	SN          string    `json:"sn"`
	Terminal    string    `json:"terminal_sn"`
	StoreID     string    `json:"store_id"`
	ClientSN    string    `json:"client_sn"`
	State       string    `json:"order_status"`
	Flow        string    `json:"status"` // of the last operation
	Payway      string    `json:"payway"`
	SubPayway   string    `json:"sub_payway"` // 1 barcode, 2 QR
	Total       int64     `json:"total_amount"`
	Net         int64     `json:"net_amount"` // as the replies say; the ledger says what really moved
	Subject     string    `json:"subject"`
	Operator    string    `json:"operator"`
	Reflect     string    `json:"reflect,omitempty"`
	NotifyURL   string    `json:"notify_url,omitempty"`
	QRCode      string    `json:"qr_code,omitempty"`
	TradeNo     string    `json:"trade_no,omitempty"`
	PayerUID    string    `json:"payer_uid,omitempty"`
	Created     time.Time `json:"created"`
	Finished    time.Time `json:"finished"`
	PaidAt      time.Time `json:"paid_at"`
	PayRequests int       `json:"pay_requests"` // pay or precreate calls with this number, conflicts included
	Queries     int       `json:"queries"`
	Refunds     []Refund  `json:"refunds,omitempty"`
	Waiting     *Waiting  `json:"waiting,omitempty"`
	Doubt       *Doubt    `json:"doubt,omitempty"`
}

// Refund is one refund request that was taken.
type Refund struct {
	RequestNo string    `json:"refund_request_no"`
	Amount    int64     `json:"refund_amount"`
	State     string    `json:"state"` // SUCCESS, REFUND_ERROR
	At        time.Time `json:"at"`
}

// Waiting says what an unpaid order is waiting for.
type Waiting struct {
	Queries int            `json:"queries"` // still to be answered "unpaid"
	Then    faults.Outcome `json:"then"`
}

// Doubt is an operation of which the provider itself does not know how it ended.
type Doubt struct {
	Before    string         `json:"before"`  // the order's state before
	Queries   int            `json:"queries"` // until the truth comes out; -1 = never
	Took      bool           `json:"took"`    // the operation took effect
	RequestNo string         `json:"refund_request_no,omitempty"`
	Amount    int64          `json:"amount,omitempty"`
	Then      faults.Outcome `json:"then,omitempty"`
}

type orderKey struct{ terminal, clientSN string }

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
	if o.Waiting != nil {
		waiting := *o.Waiting
		c.Waiting = &waiting
	}
	if o.Doubt != nil {
		doubt := *o.Doubt
		c.Doubt = &doubt
	}
	return c
}

func (o *order) set(state, flow string, at time.Time) {
	o.State, o.Flow, o.Finished = state, flow, at
}

// book finds orders by each of their numbers.
type book struct {
	mu       sync.RWMutex
	nextSN   int64
	byKey    map[orderKey]*order
	bySNs    map[string]*order
	byClient map[string][]*order
	list     []*order
}

// newBook starts numbering from the clock, so that a restarted simulator without a journal repeats no sn.
func newBook(now time.Time) *book {
	b := &book{nextSN: now.UnixMilli() * 100 % 1e15}
	b.clear()
	return b
}

func (b *book) clear() {
	b.byKey = make(map[orderKey]*order)
	b.bySNs = make(map[string]*order)
	b.byClient = make(map[string][]*order)
	b.list = nil
}

func (b *book) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clear()
}

// add creates an order and returns it locked, or returns the one that already has the number, unlocked.
func (b *book) add(fresh Order) (o, existing *order) {
	key := orderKey{fresh.Terminal, fresh.ClientSN}
	b.mu.Lock()
	defer b.mu.Unlock()
	if known := b.byKey[key]; known != nil {
		return nil, known
	}
	b.nextSN++
	fresh.SN = fmt.Sprintf("7%015d", b.nextSN)
	fresh.TradeNo = fresh.Created.In(shanghai()).Format("20060102") + "2200" + fresh.SN
	if fresh.SubPayway == subPaywayQR {
		fresh.QRCode = "https://qr.sim.invalid/sqb/" + fresh.SN
	}
	o = &order{key: key, Order: fresh}
	o.mu.Lock()
	b.index(o)
	return o, nil
}

func (b *book) index(o *order) {
	b.byKey[o.key] = o
	b.bySNs[o.SN] = o
	b.byClient[o.ClientSN] = append(b.byClient[o.ClientSN], o)
	b.list = append(b.list, o)
}

// restore puts an order from the journal in place of what is known of it.
func (b *book) restore(saved Order) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := orderKey{saved.Terminal, saved.ClientSN}
	if o := b.byKey[key]; o != nil {
		o.Order = saved
		return
	}
	b.index(&order{key: key, Order: saved})
	var number int64
	if _, err := fmt.Sscanf(saved.SN, "7%015d", &number); err == nil && number > b.nextSN {
		b.nextSN = number
	}
}

func (b *book) find(terminal, clientSN string) *order {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.byKey[orderKey{terminal, clientSN}]
}

func (b *book) bySN(sn string) *order {
	if sn == "" {
		return nil
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.bySNs[sn]
}

func (b *book) byClientSN(clientSN string) []*order {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return append([]*order(nil), b.byClient[clientSN]...)
}

func (b *book) all() []*order {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return append([]*order(nil), b.list...)
}

// lookup finds the order a request means: by sn first (within the terminal's store), then by client_sn (of the terminal).
func (s *Simulator) lookup(req *request) *order {
	if o := s.book.bySN(req.text("sn")); o != nil {
		if o.key.terminal == req.account || (o.StoreID != "" && o.StoreID == req.terminal.state().StoreID) {
			return o
		}
	}
	if number := req.text("client_sn"); number != "" {
		return s.book.find(req.account, number)
	}
	return nil
}

// move books money of the order under its lock and writes the order's new state beside it in the journal.
func (s *Simulator) move(o *order, kind ledger.Kind, amount int64, requestNo string) {
	entry := s.ledger.Append(ledger.Entry{
		OrderKey: Key(o.Terminal, o.ClientSN), Request: requestNo, Kind: kind, Amount: amount, At: s.now(),
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
func (s *Simulator) Order(terminalSN, clientSN string) (Order, bool) {
	o := s.book.find(terminalSN, clientSN)
	if o == nil {
		return Order{}, false
	}
	return o.snapshot(), true
}

// shanghai is the provider's time zone, for its "same day".
func shanghai() *time.Location { return time.FixedZone("CST", 8*3600) }
