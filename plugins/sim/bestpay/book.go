package bestpay

import (
	"fmt"
	"sync"
	"time"
)

// book finds orders and refunds by the merchant's numbers and gives them the platform's.
// Lock order: an order before the book; the book never waits for an order that others can see.
type book struct {
	mu      sync.RWMutex
	next    int64
	byKey   map[orderKey]*order
	refunds map[orderKey]*order // by merchantNo and outRequestNo
	list    []*order
}

// newBook starts numbering from the clock, so that a restarted simulator without a journal repeats no number.
func newBook(now time.Time) *book {
	b := &book{next: now.UnixMilli() * 100 % 1e15}
	b.clear()
	return b
}

func (b *book) clear() {
	b.byKey, b.refunds, b.list = make(map[orderKey]*order), make(map[orderKey]*order), nil
}

func (b *book) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clear()
}

// number is the next of the platform's numbers; the caller holds the book's lock.
func (b *book) number(at time.Time) string {
	b.next++
	return fmt.Sprintf("%s%016d", at.In(shanghai()).Format("20060102"), b.next)
}

// add creates an order and returns it locked, or returns the one that already has the number, unlocked.
func (b *book) add(fresh Order) (o, existing *order) {
	key := orderKey{fresh.MerchantNo, fresh.OutTradeNo}
	b.mu.Lock()
	defer b.mu.Unlock()
	if known := b.byKey[key]; known != nil {
		return nil, known
	}
	fresh.TradeNo, fresh.TradeprodNo = b.number(fresh.Created), b.number(fresh.Created)
	fresh.BankRequestNo = "BR" + fresh.TradeNo
	o = &order{key: key, Order: fresh}
	o.mu.Lock()
	b.index(o)
	return o, nil
}

// claim gives a refund its numbers and its outRequestNo to the order, whose lock the caller holds;
// it returns the order that has the outRequestNo already, if there is one.
func (b *book) claim(o *order, refund *Refund) (owner *order) {
	key := orderKey{o.key.merchantNo, refund.OutRequestNo}
	b.mu.Lock()
	defer b.mu.Unlock()
	if owner := b.refunds[key]; owner != nil {
		return owner
	}
	b.refunds[key] = o
	refund.TradeNo, refund.TradeprodNo = b.number(refund.Created), b.number(refund.Created)
	return nil
}

func (b *book) index(o *order) {
	b.byKey[o.key] = o
	b.list = append(b.list, o)
}

// restore puts an order from the journal in place of what is known of it. It runs before anything is served.
func (b *book) restore(saved Order) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := orderKey{saved.MerchantNo, saved.OutTradeNo}
	o := b.byKey[key]
	if o == nil {
		o = &order{key: key}
		b.index(o)
	}
	o.Order = saved
	b.seen(saved.TradeprodNo)
	for i := range saved.Refunds {
		b.refunds[orderKey{saved.MerchantNo, saved.Refunds[i].OutRequestNo}] = o
		b.seen(saved.Refunds[i].TradeprodNo)
	}
}

// seen keeps the numbering ahead of a number that was given out before.
func (b *book) seen(tradeprodNo string) {
	var day, number int64
	if _, err := fmt.Sscanf(tradeprodNo, "%8d%16d", &day, &number); err == nil && number > b.next {
		b.next = number
	}
}

func (b *book) find(merchantNo, outTradeNo string) *order {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.byKey[orderKey{merchantNo, outTradeNo}]
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
