package mmsp

import (
	"fmt"
	"sync"
	"time"
)

// book finds orders by each of their numbers. Its lock is never held while an order's lock is awaited.
type book struct {
	mu        sync.RWMutex
	next      int64
	byKey     map[orderKey]*order
	byNo      map[string]*order
	byNumber  map[string][]*order // of any merchant
	refunds   map[orderKey]*order // by MERNO and REFUND_MERORDERID
	refundNos map[string]*order
	list      []*order
}

// newBook starts numbering from the clock, so that a restarted simulator without a journal repeats no number.
func newBook(now time.Time) *book {
	b := &book{next: now.UnixMilli() * 100 % 1e15}
	b.clear()
	return b
}

func (b *book) clear() {
	b.byKey = make(map[orderKey]*order)
	b.byNo = make(map[string]*order)
	b.byNumber = make(map[string][]*order)
	b.refunds = make(map[orderKey]*order)
	b.refundNos = make(map[string]*order)
	b.list = nil
}

func (b *book) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clear()
}

// number makes a platform number of 18 digits, the length of ORDERNO; the prefix has two digits. The caller holds the lock.
func (b *book) number(prefix string) string {
	b.next++
	return fmt.Sprintf("%s%016d", prefix, b.next)
}

// add creates an order and returns it locked, or returns the one that already has the number, unlocked.
func (b *book) add(fresh Order) (o, existing *order) {
	key := orderKey{fresh.MerNo, fresh.Number}
	b.mu.Lock()
	defer b.mu.Unlock()
	if known := b.byKey[key]; known != nil {
		return nil, known
	}
	fresh.OrderNo = b.number("10")
	o = &order{key: key, Order: fresh}
	o.mu.Lock()
	b.index(o)
	return o, nil
}

// index enters an order that is not in the book yet.
func (b *book) index(o *order) {
	b.byKey[o.key] = o
	b.byNo[o.OrderNo] = o
	b.byNumber[o.Number] = append(b.byNumber[o.Number], o)
	b.list = append(b.list, o)
}

// addRefund reserves a refund's number for an order; false if its merchant used it before.
func (b *book) addRefund(o *order, number string) (refundNo string, fresh bool) {
	key := orderKey{o.key.merNo, number}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refunds[key] != nil {
		return "", false
	}
	refundNo = b.number("20")
	b.refunds[key], b.refundNos[refundNo] = o, o
	return refundNo, true
}

// restore puts an order from the journal in place of what is known of it.
func (b *book) restore(saved Order) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := orderKey{saved.MerNo, saved.Number}
	o := b.byKey[key]
	if o == nil {
		o = &order{key: key, Order: saved}
		b.index(o)
	}
	o.Order = saved
	b.passed(saved.OrderNo)
	for _, refund := range saved.Refunds {
		b.refunds[orderKey{saved.MerNo, refund.Number}], b.refundNos[refund.RefundNo] = o, o
		b.passed(refund.RefundNo)
	}
}

// passed makes sure that a number from the journal is not given again.
func (b *book) passed(number string) {
	var n int64
	if len(number) != 18 {
		return
	}
	if _, err := fmt.Sscanf(number[2:], "%d", &n); err == nil && n > b.next {
		b.next = n
	}
}

func (b *book) find(merNo, number string) *order {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.byKey[orderKey{merNo, number}]
}

func (b *book) byOrderNo(orderNo string) *order {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.byNo[orderNo]
}

func (b *book) byRefund(merNo, number string) *order {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.refunds[orderKey{merNo, number}]
}

func (b *book) byRefundNo(refundNo string) *order {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.refundNos[refundNo]
}

func (b *book) ofNumber(number string) []*order {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return append([]*order(nil), b.byNumber[number]...)
}

func (b *book) all() []*order {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return append([]*order(nil), b.list...)
}

// lookup finds the order of this merchant and product by the platform's number, the merchant's, or both if they agree.
func (s *Simulator) lookup(req *request, orderNo, number string) *order {
	var o *order
	if orderNo != "" {
		o = s.book.byOrderNo(orderNo)
	} else {
		o = s.book.find(req.merchant.MerNo, number)
	}
	if o == nil || o.key.merNo != req.merchant.MerNo || o.Product != req.op.product || (number != "" && o.key.number != number) {
		return nil
	}
	return o
}
