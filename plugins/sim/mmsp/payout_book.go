package mmsp

import (
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
)

// ErrNotReturnable is what ReturnPayout answers to a payout that is neither paid nor failed.
var ErrNotReturnable = errors.New("only a payout that was paid or that failed comes back")

// Payout is a payout as the simulator holds it. Amounts are in fen.
type Payout struct {
	MerNo      string            `json:"mer_no"`
	Number     string            `json:"order_no"`    // ORDERNO, the merchant's number
	PlatformNo string            `json:"platform_no"` // BSORDERNO
	Amount     int64             `json:"amount"`
	Fee        int64             `json:"fee"`
	PayType    string            `json:"pay_type"` // 1 from the balance, 2 from the enterprise's e-bank, 3 from the advance
	Channel    int               `json:"channel"`  // position among the merchant's channels
	State      string            `json:"state"`    // PAYSTATE; while in doubt what it will turn out to be
	Reason     string            `json:"reason,omitempty"`
	Booked     bool              `json:"booked"`   // the ledger has it
	Released   bool              `json:"released"` // the merchant's money is back
	Requests   int               `json:"requests"` // payout messages with this number, repeated ones included
	Queries    int               `json:"queries"`
	Created    time.Time         `json:"created"`
	Waiting    *PayoutWaiting    `json:"waiting,omitempty"`
	Doubt      *PayoutDoubt      `json:"doubt,omitempty"`
	Fields     map[string]string `json:"fields"` // of the request, for the reply of a query
}

// PayoutWaiting is a payout that its bank has not answered yet.
type PayoutWaiting struct {
	Queries int            `json:"queries"` // still to be answered as State says
	Then    faults.Outcome `json:"then"`
}

// PayoutDoubt is a payout that the platform answers 0001 for.
type PayoutDoubt struct {
	Queries int `json:"queries"` // until the truth comes out; -1 = never
}

// holds says how much of its channel's money the payout has taken and not given back, and whether it is in flight.
func (p *Payout) holds() (amount int64, inFlight bool) {
	if p.Released || p.PayType == fromEBank {
		return 0, false
	}
	return p.Amount + p.Fee, p.Doubt != nil || p.State != payStatePaid
}

func (p *Payout) copied() Payout {
	c := *p
	c.Fields = maps.Clone(p.Fields)
	if p.Waiting != nil {
		waiting := *p.Waiting
		c.Waiting = &waiting
	}
	if p.Doubt != nil {
		doubt := *p.Doubt
		c.Doubt = &doubt
	}
	return c
}

type payoutKey struct{ merchant, number string }

// payouts holds all payouts. One lock guards it and the balances, which are sums over it.
type payouts struct {
	mu         sync.Mutex
	next       int64
	list       []*Payout
	byNumber   map[payoutKey]*Payout
	byPlatform map[payoutKey]*Payout
	balances   map[payoutKey]bool // numbers that balance queries used

	commands map[string]*payoutCommand // by CMDID; read-only after New
}

// newPayouts starts numbering from the clock, so that a restart without a journal repeats no number.
func newPayouts(opts Options) *payouts {
	b := &payouts{next: opts.Now().Unix() % 1e8}
	b.clear()
	return b
}

func (b *payouts) clear() {
	b.list = nil
	b.byNumber = make(map[payoutKey]*Payout)
	b.byPlatform = make(map[payoutKey]*Payout)
	b.balances = make(map[payoutKey]bool)
}

func (b *payouts) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clear()
}

// add numbers a new payout; the caller holds the lock and knows that its number is free.
func (b *payouts) add(p *Payout) {
	b.next++
	p.PlatformNo = fmt.Sprintf("%s%08d", p.Created.In(shanghai()).Format("20060102"), b.next%1e8)
	b.index(p)
}

func (b *payouts) index(p *Payout) {
	b.list = append(b.list, p)
	b.byNumber[payoutKey{p.MerNo, p.Number}] = p
	b.byPlatform[payoutKey{p.MerNo, p.PlatformNo}] = p
}

// restore puts a payout from the journal in place of what is known of it.
func (b *payouts) restore(saved Payout) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p := b.byNumber[payoutKey{saved.MerNo, saved.Number}]; p != nil {
		*p = saved
		return
	}
	b.index(&saved)
	var number int64
	if _, err := fmt.Sscanf(saved.PlatformNo[min(8, len(saved.PlatformNo)):], "%d", &number); err == nil && number > b.next {
		b.next = number
	}
}

// snapshot copies all payouts, oldest first.
func (b *payouts) snapshot() []Payout {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]Payout, len(b.list))
	for i, p := range b.list {
		out[i] = p.copied()
	}
	return out
}

// balance is what one channel's row says now, in fen.
type balance struct{ available, advance, frozen int64 }

// balance adds up a channel; the caller holds the lock.
func (b *payouts) balance(merchant string, position int, c Channel) balance {
	sum := balance{available: c.Available, advance: c.Advance, frozen: c.Held}
	for _, p := range b.list {
		if p.MerNo != merchant || p.Channel != position {
			continue
		}
		held, inFlight := p.holds()
		if p.PayType == fromAdvance {
			sum.advance -= held
		} else {
			sum.available -= held
		}
		if inFlight {
			sum.frozen += held
		}
	}
	return sum
}
