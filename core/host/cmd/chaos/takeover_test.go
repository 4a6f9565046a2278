//go:build e2e

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/check"
	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/stand"
)

// takenOverWithin is how long the work of a dead node may wait for another.
const takenOverWithin = 30 * time.Second

// TestADeadNodesWorkIsTakenOver: two nodes with production's time-outs over one PostgreSQL
// and one Vault, load on both. One is killed while it asks about orders; the other has
// asked about every one of them within 30 seconds, no operation is lost and none is sent twice.
func TestADeadNodesWorkIsTakenOver(t *testing.T) {
	t.Parallel()
	d := newDuo(t)
	d.hangQuestions()
	stop := d.payOn()
	held := d.firstAsks()
	d.must(d.r.stand.Nodes[0].Kill())
	killed := time.Now()
	for _, id := range d.hanging {
		d.must(d.r.stand.Sims.Disarm(t.Context(), d.provider, id))
	}
	d.waitAsked(held, killed)
	stop()
	d.sentOnce()
	d.judge()
}

// duo is a stand with two nodes of production's settings.
type duo struct {
	t        *testing.T
	r        *run
	provider string
	hanging  []string // faults that hold questions up
	places   int
}

func newDuo(t *testing.T) *duo {
	t.Helper()
	o := testOptions(t)
	o.nodes, o.tenants = 2, 2
	d := &duo{t: t}
	var err error
	d.r, err = newRunWith(t.Context(), o, lines{t}, stand.Options{})
	d.must(err)
	t.Cleanup(func() { d.must(d.r.close()); d.must(d.r.stand.Forget()) })
	d.r.load = newLoad(schedule{}, d.r.clients, d.r.faults, o.workers)
	d.provider = d.r.stand.Sims.Providers[0].Provider
	return d
}

func (d *duo) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *duo) pay(fate string) error {
	d.places++
	place := d.places
	return d.r.load.pay(d.t.Context(), place, operation{What: payByCode, Tenant: uint32(place), Fate: fate, Amount: 100}, &result{})
}

// hangQuestions makes orders that are asked about, and holds the answers up.
func (d *duo) hangQuestions() {
	d.t.Helper()
	id, err := d.r.stand.Sims.Arm(d.t.Context(), d.provider, stand.Rule{Operation: "query", Kind: "delay", Delay: "20s"})
	d.must(err)
	d.hanging = append(d.hanging, id)
	for range 12 {
		d.must(d.pay("slow"))
		pause(d.t.Context(), 150*time.Millisecond) // so that they fall due one after another, and to both nodes
	}
}

// payOn keeps paying at both nodes until stop.
func (d *duo) payOn() (stop func()) {
	paying, end := context.WithCancel(d.t.Context())
	var group sync.WaitGroup
	group.Go(func() {
		for k := 0; paying.Err() == nil; k++ {
			d.must(d.r.load.burst(d.t.Context(), 1000+20*k, 20))
			pause(paying, 300*time.Millisecond)
		}
		d.r.say("load until the end: %d payments", len(d.r.clients.record()))
	})
	return func() { end(); group.Wait() }
}

// lease is a due thing that a node acts on.
type lease struct {
	ID     core.ID `db:"id"`
	Node   core.ID `db:"lease_token"`
	Checks int     `db:"checks"`
}

const leases = `SELECT id, lease_token, checks FROM zhanggui.payments WHERE lease_token IS NOT NULL AND lease_until > now()`

// firstAsks waits until both nodes hold leases and gives those of the first. A node's mark
// begins with the time of its start.
func (d *duo) firstAsks() (first []lease) {
	d.t.Helper()
	var held []lease
	for range 300 {
		held, first = nil, nil
		d.must(d.r.db.Select(&held, leases))
		slices.SortFunc(held, func(a, b lease) int { return strings.Compare(a.Node.String(), b.Node.String()) })
		for _, l := range held {
			if l.Node == held[0].Node {
				first = append(first, l)
			}
		}
		if len(first) >= 2 && len(first) < len(held) && len(held) >= 10 {
			d.r.say("the first node holds %d of %d leases", len(first), len(held))
			return first
		}
		time.Sleep(50 * time.Millisecond)
	}
	d.t.Fatalf("both nodes hold leases never: %v", held)
	return nil
}

// waitAsked waits until each was asked about since.
func (d *duo) waitAsked(held []lease, since time.Time) {
	d.t.Helper()
	open := map[core.ID]int{}
	for _, l := range held {
		open[l.ID] = l.Checks
	}
	for len(open) > 0 && time.Since(since) < 2*takenOverWithin {
		var rows []lease
		d.must(d.r.db.Select(&rows, `SELECT id, coalesce(lease_token, id) AS lease_token, checks FROM zhanggui.payments`))
		for _, row := range rows {
			if checks, ok := open[row.ID]; ok && row.Checks > checks {
				delete(open, row.ID)
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	took := time.Since(since)
	d.r.say("the dead node's %d orders were asked about %s after the kill", len(held), took.Round(100*time.Millisecond))
	if len(open) > 0 || took > takenOverWithin {
		d.t.Errorf("after %s, %d of %d orders have not been asked about", took, len(open), len(held))
	}
}

// sentOnce: every operation was handed to a provider once, whatever its ledger made of it.
func (d *duo) sentOnce() {
	d.t.Helper()
	var twice []string
	d.must(d.r.db.Select(&twice, `SELECT payment_id::text || ' ' || count(*) FROM zhanggui.attempts
		WHERE operation IN ('create_payment', 'create_refund') GROUP BY tenant_id, payment_id, refund_id, operation HAVING count(*) > 1`))
	if len(twice) > 0 {
		d.t.Errorf("sent more than once: %v", twice)
	}
}

// judge starts the dead node again, waits for outcomes, and asks the judges of the money.
func (d *duo) judge() {
	d.t.Helper()
	d.must(d.r.stand.Nodes[0].Start(d.t.Context()))
	d.must(d.r.settle(d.t.Context()))
	d.must(d.r.collect(d.t.Context()))
	e := d.r.evidence
	for _, v := range []check.Verdict{check.OneEffect(e), check.NothingLost(e), check.NothingOpen(e), check.FinalStays(e), check.EveryEvent(e), check.ChainHolds(e), check.OwnTenant(e), check.NoSecret(e)} {
		d.t.Log(v)
		if !v.Holds() {
			d.t.Error(fmt.Sprint(v.Invariant, " is violated"))
		}
	}
}
