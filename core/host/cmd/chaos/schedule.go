package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// schedule is what a run does: operations in order, and faults at places in that order. It
// depends on the seed and the sizes alone.
type schedule struct {
	Operations []operation `json:"operations"`
	Faults     []fault     `json:"faults"`
}

// what is what a client does.
type what string

const (
	payByCode   what = "pay"     // the payer shows a code
	placeOrder  what = "order"   // the payer pays an order that waits
	giveBack    what = "refund"  // a part of an earlier payment
	raceBack    what = "race"    // three refunds of 60 % at once, of which one fits
	takeBack    what = "cancel"  // an earlier order that waits
	askNow      what = "ask"     // about an earlier payment
	repeatAgain what = "repeat"  // an earlier request with the same idempotency key
	readForeign what = "foreign" // another tenant's payment, which must not exist
	payOut      what = "payout"  // asked for by the merchant's system, agreed to by a person
)

const (
	racers       = 3
	racingShare  = 60
	fateOfPayers = "paid"

	// What becomes of a payout that waits for a second person.
	agreed      = "agreed"
	agreedTwice = "agreed twice at once"
	refused     = "refused"
)

// operation is one step of a client. Draws are taken modulo what there is.
type operation struct {
	What   what   `json:"what"`
	Tenant uint32 `json:"tenant,omitempty"`
	Place  uint32 `json:"place,omitempty"` // of the provider
	Draw   uint32 `json:"draw,omitempty"`  // of the payer or method
	Fate   string `json:"fate,omitempty"`  // of the payer, or what becomes of an order that waits
	Amount int64  `json:"amount,omitempty"`
	Of     int    `json:"of,omitempty"`    // the earlier operation it is about
	Share  int64  `json:"share,omitempty"` // percent of that one's amount
}

// fault is something that goes wrong before the operation at its place begins.
type fault struct {
	At    int           `json:"at"`
	Kind  faultKind     `json:"kind"`
	Node  uint32        `json:"node,omitempty"`
	Draw  uint32        `json:"draw,omitempty"`
	Count int           `json:"count,omitempty"`
	For   time.Duration `json:"for,omitempty"`
	Point string        `json:"point,omitempty"`
}

type faultKind string

const (
	killHost      faultKind = "kill -9 of a host"
	killHostAt    faultKind = "kill -9 of a host at a point"
	killPlugin    faultKind = "kill -9 of a plugin"
	crashDatabase faultKind = "PostgreSQL stopped at once"
	sealVault     faultKind = "Vault sealed"
	cutBefore     faultKind = "connections cut before COMMIT"
	cutAfter      faultKind = "connections cut after COMMIT"
	loseCallback  faultKind = "callbacks lost"
	loseAnswer    faultKind = "callbacks' answers lost"
	sendTwice     faultKind = "callbacks duplicated"
	refuseHook    faultKind = "webhooks refused"
	loseTaken     faultKind = "webhooks' answers lost"
	timeOut       faultKind = "provider time-outs after the effect"
	breakReply    faultKind = "provider replies lost or broken"
	killCalmly    faultKind = "kill -9 of a plugin without other faults" // not of a schedule: see calm
)

// killPoints are the named points of an operation's life.
func killPoints() []string {
	return []string{"before_intent", "after_intent", "before_send", "after_send", "after_reply", "before_commit", "after_commit"}
}

// sizes are what a schedule is made from besides the seed.
type sizes struct {
	Operations, Kills int
	Outages           int // of PostgreSQL and Vault each
	Disturbances      int // of each other kind
}

func newSchedule(seed uint64, n sizes) schedule {
	random := rand.New(rand.NewPCG(seed, 0x7a68616e67677569)) //nolint:gosec // a schedule is to be repeated, not to be secret
	s := schedule{Operations: make([]operation, 0, n.Operations)}
	d := drawer{Rand: random}
	for len(s.Operations) < n.Operations {
		s.Operations = append(s.Operations, d.operation(len(s.Operations)))
	}
	for _, kind := range []struct {
		faultKind
		count int
	}{
		{killHost, n.Kills / 4},
		{killHostAt, n.Kills / 4},
		{killPlugin, n.Kills - 2*(n.Kills/4)},
		{crashDatabase, n.Outages},
		{sealVault, n.Outages},
		{cutBefore, n.Disturbances},
		{cutAfter, n.Disturbances},
		{loseCallback, n.Disturbances},
		{loseAnswer, n.Disturbances},
		{sendTwice, n.Disturbances},
		{refuseHook, n.Disturbances},
		{loseTaken, n.Disturbances},
		{timeOut, n.Disturbances},
		{breakReply, 2 * n.Disturbances},
	} {
		for range kind.count {
			s.Faults = append(s.Faults, d.fault(kind.faultKind, n.Operations))
		}
	}
	slices.SortStableFunc(s.Faults, func(a, b fault) int { return a.At - b.At })
	return s
}

// hash tells two schedules apart.
func (s schedule) hash() string {
	raw, err := json.Marshal(s)
	if err != nil {
		return fmt.Sprintf("no hash: %v", err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

// count says how many of a schedule's faults are of each kind.
func (s schedule) count() map[faultKind]int {
	out := map[faultKind]int{}
	for _, f := range s.Faults {
		out[f.Kind]++
	}
	return out
}

// drawer draws operations and faults, and remembers what later ones can be about.
type drawer struct {
	*rand.Rand

	paid, waiting, made []int
}

// startUp is how many operations at the beginning only make payments: the others need one.
const startUp = 12

func (d *drawer) operation(place int) operation {
	o := operation{Tenant: d.Uint32(), Place: d.Uint32(), Draw: d.Uint32()}
	dice := d.IntN(100)
	if place < startUp {
		dice %= 54
	}
	switch {
	case dice < 42:
		o.What, o.Amount, o.Fate = payByCode, 1+d.Int64N(100_00), d.fate()
		if o.Fate == fateOfPayers {
			d.paid = append(d.paid, place)
		}
		d.made = append(d.made, place)
	case dice < 54:
		o.What, o.Amount = placeOrder, 1+d.Int64N(100_00)
		o.Fate = []string{"paid", "paid", "paid", "abandoned", "left"}[d.IntN(5)]
		d.waiting, d.made = append(d.waiting, place), append(d.made, place)
	case dice < 78 && len(d.paid) > 0:
		o.What, o.Of, o.Share = giveBack, d.recent(d.paid), 10+d.Int64N(101) // more than all of it now and then
	case dice < 83 && len(d.paid) > 0:
		o.What, o.Of, o.Share = raceBack, d.recent(d.paid), racingShare
	case dice < 87 && len(d.waiting) > 0:
		o.What, o.Of = takeBack, d.recent(d.waiting)
	case dice < 92:
		o.What, o.Amount = payOut, 100+d.Int64N(100_00)
		o.Fate = []string{agreed, agreed, agreed, agreedTwice, refused}[d.IntN(5)]
	case dice < 95:
		o.What, o.Of = askNow, d.recent(d.made)
	case dice < 98:
		o.What, o.Of = repeatAgain, d.recent(d.made)
	default:
		o.What, o.Of = readForeign, d.recent(d.made)
	}
	return o
}

// recent chooses one of the last hundred: old ones have long ended.
func (d *drawer) recent(places []int) int {
	n := min(len(places), 100)
	return places[len(places)-1-d.IntN(n)]
}

func (d *drawer) fate() string {
	switch dice := d.IntN(100); {
	case dice < 84:
		return fateOfPayers
	case dice < 90:
		return "healing"
	case dice < 95:
		return "slow"
	case dice < 99:
		return "poor"
	}
	return "absent"
}

func (d *drawer) fault(kind faultKind, operations int) fault {
	first := min(startUp, operations-1)
	f := fault{At: first + d.IntN(max(1, operations*19/20-first)), Kind: kind, Node: d.Uint32(), Draw: d.Uint32(), Count: 1 + d.IntN(3)}
	switch kind {
	case killHostAt:
		points := killPoints()
		f.Point = points[d.IntN(len(points))]
	case sealVault:
		f.For = time.Second + time.Duration(d.IntN(2000))*time.Millisecond
	default:
	}
	return f
}
