//go:build e2e

package host_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/bestpay"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/metro"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// bombardment is how many callbacks one test sends, and by how many senders at a time.
const (
	bombardment = 10_000
	senders     = 8
)

// errNothingToSend says that this forgery is not possible for that order, for instance a
// replay of what was never sent.
var errNothingToSend = errors.New("nothing to send")

// sender sends the i-th callback of one provider and gives the status of our answer.
type sender func(i int) (status int, err error)

// orders are those a sender works on: paid ones, and ones that wait for their payer.
type orders struct{ paid, waiting []string }

func (o orders) any(i int) (number string, paid bool) {
	if i%2 == 0 {
		return o.paid[i/2%len(o.paid)], true
	}
	return o.waiting[i/2%len(o.waiting)], false
}

// TestTenThousandCallbacks: forged, replayed, reordered, duplicated, for other orders and of
// other amounts, over all providers at once. No state changes, every one is accounted for,
// and afterwards the genuine ones still count.
func TestTenThousandCallbacks(t *testing.T) {
	t.Parallel()
	clock := &movedClock{}
	bp, bestpayAt := bestpayCounter(t, clock)
	me, metroAt := metroCounterAt(t, clock)
	mm, mmspAt := mmspCounter(t, clock)
	x := newShop(t, clock, bestpayAt, metroAt, mmspAt)
	introduceMetro(me, x)

	bestpayOrders := x.stock("bestpay", "ALIPAY", func(no string) error { return bp.PayOrder(bestpayMerchant, no) })
	mmspOrders := x.stock("mmsp", "alipay", func(no string) error { return mm.PayOrder(mmspMerchant, no) })
	const members = 10
	for i := range members {
		_, err := me.NotifyOnce(t.Context(), metro.Message{MchID: metroMerchant, Call: metro.CallOpen, UID: metroUID(i), Phone: "13800138000"})
		x.w.must(err)
	}
	before := x.snapshot()
	kept := x.countCallbacks()

	sent, statuses := x.bombard(
		bestpaySender(t.Context(), bp, bestpayOrders),
		metroSender(t.Context(), me, members),
		mmspSender(mm, mmspOrders),
	)
	if after := x.snapshot(); !maps.Equal(before, after) {
		for id, state := range after {
			if before[id] != state {
				t.Errorf("%s was %s and is %s", id, before[id], state)
			}
		}
	}
	t.Logf("%d callbacks sent, answered with %v", sent, statuses)
	if got := x.countCallbacks() - kept; got != sent {
		t.Errorf("%d were sent and %d are kept", sent, got)
	}
	for status := range statuses {
		if status >= 500 || status == 429 || status == 0 {
			t.Errorf("%d were answered with %d", statuses[status], status)
		}
	}
	// The genuine word still counts.
	for _, no := range bestpayOrders.waiting {
		x.w.must(bp.PayOrder(bestpayMerchant, no))
	}
	for _, no := range mmspOrders.waiting {
		x.w.must(mm.PayOrder(mmspMerchant, no))
	}
	for id, state := range before {
		if state == "requires_action" {
			x.payment(id, "succeeded")
		}
	}
}

// stock makes QR orders, half of them paid.
func (x *shop) stock(provider, channel string, pay func(orderNo string) error) orders {
	x.t.Helper()
	var o orders
	for i := range 20 {
		p := x.pay(provider, "qr", int64(100+i), map[string]any{"channel": channel, "subject": "茶"})
		if i%2 == 1 {
			o.waiting = append(o.waiting, text(p, "order_no"))
			continue
		}
		x.w.must(pay(text(p, "order_no")))
		x.payment(text(p, "id"), "succeeded")
		o.paid = append(o.paid, text(p, "order_no"))
	}
	return o
}

// snapshot is the state of everything that callbacks could change.
func (x *shop) snapshot() map[string]string {
	x.t.Helper()
	out := map[string]string{}
	for _, p := range x.list("/v1/payments?limit=100") {
		state := text(p, "state")
		if p["unknown"] == true {
			state += " in doubt"
		}
		if p["refunded"] != float64(0) {
			state += fmt.Sprint(" refunded ", p["refunded"])
		}
		out[text(p, "id")] = state
	}
	for _, m := range x.list("/v1/members?limit=100") {
		out[text(m, "id")] = text(m, "state") + " " + text(m, "phone")
	}
	return out
}

func (x *shop) countCallbacks() int {
	x.t.Helper()
	n := 0
	err := x.h.Service().Database.AcrossTenants(x.t.Context(), func(tx core.PlatformTx) error {
		for page := (core.Page{Limit: 200}); ; {
			list, err := tx.Callbacks(x.t.Context(), core.CallbackFilter{TenantID: x.m.id, Page: page})
			n += len(list)
			if err != nil || len(list) < 200 {
				return err
			}
			page.BeforeTime, page.BeforeID = list[199].ReceivedAt, list[199].ID
		}
	})
	x.w.must(err)
	return n
}

// bombard sends what the senders have, in turn and several at a time.
func (x *shop) bombard(all ...sender) (sent int, statuses map[int]int) {
	x.t.Helper()
	var next, total atomic.Int64
	var mu sync.Mutex
	statuses = map[int]int{}
	var running sync.WaitGroup
	for range senders {
		running.Go(func() {
			for i := int(next.Add(1)) - 1; total.Load() < bombardment; i = int(next.Add(1)) - 1 {
				status, err := all[i%len(all)](i / len(all))
				if errors.Is(err, errNothingToSend) {
					continue
				}
				if err != nil {
					x.t.Errorf("callback %d: %v", i, err)
					return
				}
				total.Add(1)
				mu.Lock()
				statuses[status]++
				mu.Unlock()
			}
		})
	}
	running.Wait()
	return int(total.Load()), statuses
}

// bestpaySender forges, repeats and reorders (seed 001, 3.4).
func bestpaySender(ctx context.Context, sim *bestpay.Simulator, o orders) sender {
	kinds := bestpay.Forgeries()
	return func(i int) (int, error) {
		number, paid := o.any(i)
		what := i / 4 % (len(kinds) + 2)
		switch {
		case what < len(kinds):
			if kinds[what] == "replay" && !paid {
				return 0, errNothingToSend
			}
			d, err := sim.Forge(ctx, bestpayMerchant, number, kinds[what], bestpay.Notice{Status: "SUCCESS"})
			return d.Status, err
		case what == len(kinds):
			d, err := sim.Notify(ctx, bestpayMerchant, number, bestpay.Notice{Status: "WAITFORPAY"})
			return d.Status, err
		case paid:
			d, err := sim.Notify(ctx, bestpayMerchant, number, bestpay.Notice{})
			return d.Status, err
		}
		return 0, errNothingToSend
	}
}

func metroUID(i int) string { return fmt.Sprintf("1000000001%02d", i) }

// metroSender forges what would close members, and repeats that they are open.
func metroSender(ctx context.Context, sim *metro.Simulator, members int) sender {
	kinds := metro.Forgeries()
	return func(i int) (int, error) {
		m := metro.Message{MchID: metroMerchant, Call: metro.CallOpen, UID: metroUID(i / 3 % members), Phone: "13800138000"}
		if i%3 == 0 {
			d, err := sim.NotifyOnce(ctx, m)
			return d.Status, err
		}
		kind := kinds[i/3%len(kinds)]
		m.Phone = "13900139000"
		if kind != metro.ForgeReplay && kind != metro.ForgeReplayedNonce && kind != metro.ForgeSwappedBody {
			m.Call = metro.CallUnbind
		}
		d, err := sim.Forge(ctx, m, kind)
		return d.Status, err
	}
}

// mmspSender forges and repeats scan notifications (seed 003, 10.8).
func mmspSender(sim *mmsp.Simulator, o orders) sender {
	kinds := []string{
		mmsp.ForgeBadSignature, mmsp.ForgeUnsigned, mmsp.ForgeOtherKey, mmsp.ForgeTampered, mmsp.ForgeWrongAmount, mmsp.ForgeWrongOrder, mmsp.ForgeWrongStatus,
	}
	return func(i int) (int, error) {
		number, paid := o.any(i)
		if what := i / 4 % (len(kinds) + 2); what < len(kinds) {
			d, err := sim.Forge(mmspMerchant, number, kinds[what])
			return d.Status, err
		}
		if !paid {
			return 0, errNothingToSend
		}
		d, err := sim.Notify(mmspMerchant, number)
		return d.Status, err
	}
}
