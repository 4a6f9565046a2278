package wechatpay

import (
	"fmt"
	"sync"
	"time"
)

// book finds orders by each of their numbers and links, and gives out the provider's numbers.
// Lock order: an order before the book; the book never waits for an order that others can see.
type book struct {
	mu      sync.RWMutex
	next    int64
	byKey   map[orderKey]*order
	byTrade map[string]*order
	byLink  map[string]*order
	refunds map[orderKey]*order // by merchant and out_refund_no
	list    []*order
}

// newBook starts numbering from the clock, so that a restarted simulator without a journal repeats no number.
func newBook(now time.Time) *book {
	b := &book{next: now.UnixMilli() * 100 % 1e15}
	b.clear()
	return b
}

func (b *book) clear() {
	b.byKey, b.byTrade, b.byLink = make(map[orderKey]*order), make(map[string]*order), make(map[string]*order)
	b.refunds, b.list = make(map[orderKey]*order), nil
}

func (b *book) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clear()
}

// add creates an order and returns it locked, or returns the one that already has the number, unlocked.
func (b *book) add(fresh Order) (o, existing *order) {
	key := orderKey{fresh.MchID, fresh.OutTradeNo}
	b.mu.Lock()
	defer b.mu.Unlock()
	if known := b.byKey[key]; known != nil {
		return nil, known
	}
	o = &order{key: key, Order: fresh}
	o.mu.Lock()
	b.index(o)
	return o, nil
}

func (b *book) index(o *order) {
	b.byKey[o.key] = o
	b.list = append(b.list, o)
	b.relink(o)
}

// relink files what an order can be found by beside its own number.
func (b *book) relink(o *order) {
	if o.TransactionID != "" {
		b.byTrade[o.TransactionID] = o
	}
	for _, link := range o.Links {
		b.byLink[link.Token] = o
	}
	for i := range o.Refunds {
		b.refunds[orderKey{o.key.mchID, o.Refunds[i].OutRefundNo}] = o
	}
}

// link files a link of an order whose lock the caller holds.
func (b *book) link(o *order, link Link) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o.Links = append(o.Links, link)
	b.byLink[link.Token] = o
}

// trade gives an order whose lock the caller holds the provider's number: 28 digits.
func (b *book) trade(o *order, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next++
	o.TransactionID = fmt.Sprintf("4200%s%016d", at.In(beijing()).Format("20060102"), b.next)
	b.byTrade[o.TransactionID] = o
}

// claim gives a refund its number, 29 digits, and its out_refund_no to the order, whose lock the caller holds; it
// returns the order that has the out_refund_no already, if there is one.
func (b *book) claim(o *order, refund *Refund) (owner *order) {
	key := orderKey{o.key.mchID, refund.OutRefundNo}
	b.mu.Lock()
	defer b.mu.Unlock()
	if owner := b.refunds[key]; owner != nil {
		return owner
	}
	b.refunds[key] = o
	b.next++
	refund.RefundID = fmt.Sprintf("50300%s%016d", refund.Created.In(beijing()).Format("20060102"), b.next)
	return nil
}

// restore puts an order from the journal in place of what is known of it. It runs before anything is served.
func (b *book) restore(saved Order) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen("4200%8d%16d", saved.TransactionID)
	for i := range saved.Refunds {
		b.seen("50300%8d%16d", saved.Refunds[i].RefundID)
	}
	key := orderKey{saved.MchID, saved.OutTradeNo}
	if o := b.byKey[key]; o != nil {
		o.Order = saved
		b.relink(o)
		return
	}
	b.index(&order{key: key, Order: saved})
}

// seen keeps the numbering ahead of a number that was given out before.
func (b *book) seen(form, number string) {
	var day, n int64
	if _, err := fmt.Sscanf(number, form, &day, &n); err == nil && n > b.next {
		b.next = n
	}
}

func (b *book) find(mchID, outTradeNo string) *order {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.byKey[orderKey{mchID, outTradeNo}]
}

func (b *book) trading(mchID, transactionID string) *order {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if o := b.byTrade[transactionID]; o != nil && o.key.mchID == mchID {
		return o
	}
	return nil
}

func (b *book) refunding(mchID, outRefundNo string) *order {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.refunds[orderKey{mchID, outRefundNo}]
}

func (b *book) linked(token string) *order {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.byLink[token]
}

// named returns the orders with that number, of all merchants.
func (b *book) named(outTradeNo string) []*order {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var out []*order
	for _, o := range b.list {
		if o.key.outTradeNo == outTradeNo {
			out = append(out, o)
		}
	}
	return out
}

func (b *book) all() []*order {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return append([]*order(nil), b.list...)
}

// lookup finds the order a request is about by whichever number it names; other merchants' orders do not exist.
func (s *Simulator) lookup(req *request) *order {
	mchID := req.merchant.MchID
	for _, name := range []string{"transaction_id", "/transaction_id"} {
		if number := req.text(name); number != "" {
			return s.book.trading(mchID, number)
		}
	}
	for _, name := range []string{"out_trade_no", "/out_trade_no"} {
		if number := req.text(name); number != "" {
			return s.book.find(mchID, number)
		}
	}
	if number := req.text("out_refund_no"); number != "" {
		return s.book.refunding(mchID, number)
	}
	return nil
}
