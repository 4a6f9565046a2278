//go:build e2e

package host_test

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/metro"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/shouqianba"
)

// bookClock is noon in Beijing: what a test takes then is far from either midnight.
func bookClock() *movedClock {
	clock := &movedClock{}
	noon := core.DayOf(time.Now()).Next(1).Start().Add(12 * time.Hour)
	clock.advance(time.Until(noon))
	return clock
}

// books are those of a shop whose days are compared.
type books struct {
	*shop

	provider string
	day      core.Day
	person   core.Identity // who resolves
}

func newBooks(t *testing.T, clock *movedClock, c counter) *books {
	t.Helper()
	x := newShopIn(t, clock, func(w *world) { w.books = true }, c)
	person, err := core.IdentityFrom(x.w.asAdmin(t.Context(), x.h, x.m.id))
	x.w.must(err)
	return &books{shop: x, provider: c.name, day: core.DayOf(clock.now()), person: person}
}

// closes moves the clock to four o'clock after the day, when every account was fetched.
func (b *books) closes() {
	b.t.Helper()
	b.clock.advance(b.day.End().Add(4*time.Hour + time.Minute).Sub(b.clock.now()))
}

// waits reads the day until it is as wanted.
func (b *books) waits(what string, as func(core.ReconciliationDay) bool) core.ReconciliationDay {
	b.t.Helper()
	var d core.ReconciliationDay
	eventually(b.t, "the day "+what, func() (err error) {
		if d, err = b.read(); err == nil && !as(d) {
			err = fmt.Errorf("it is %+v", d)
		}
		return err
	})
	return d
}

func (b *books) read() (d core.ReconciliationDay, err error) {
	err = b.h.Service().Database.InTenant(b.t.Context(), b.m.id, func(tx core.TenantTx) error {
		d, err = tx.ReconciliationDayOf(b.t.Context(), b.accounts[b.provider], b.day)
		return err
	})
	return d, err
}

// bills are the current ones, by their source.
func (b *books) bills() map[core.BillSource]core.Bill {
	b.t.Helper()
	current := map[core.BillSource]core.Bill{}
	b.w.must(b.h.Service().Database.InTenant(b.t.Context(), b.m.id, func(tx core.TenantTx) error {
		all, err := tx.Bills(b.t.Context(), b.accounts[b.provider], b.day)
		for _, bill := range all {
			if bill.State == core.BillReady {
				current[bill.Source] = bill
			}
		}
		return err
	}))
	return current
}

// again has the day fetched and compared once more, and waits for it.
func (b *books) again() core.ReconciliationDay {
	b.t.Helper()
	was, err := b.read()
	b.w.must(err)
	status, reply := b.post("/v1/reconciliation-days/run", map[string]any{
		"account_id": b.accounts[b.provider].Prefixed(core.PrefixAccount), "day": string(b.day),
	})
	if status != http.StatusAccepted {
		b.t.Fatalf("running the day again: %d %v", status, reply)
	}
	return b.waits("is compared again", func(d core.ReconciliationDay) bool { return d.Run > was.Run && d.State != core.DayRunning })
}

// differ wants exactly these differences to be open, each as kind, movement and number.
func (b *books) differ(want ...string) []map[string]any {
	b.t.Helper()
	open := b.list("/v1/differences?limit=100&state=open&from=" + string(b.day) + "&to=" + string(b.day))
	got := make([]string, len(open))
	for i, d := range open {
		got[i] = strings.TrimSpace(text(d, "kind") + " " + text(d, "movement") + " " + text(d, "number"))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		b.t.Errorf("the differences are %q, want %q", got, want)
	}
	slices.SortFunc(open, func(x, y map[string]any) int { return cmp.Compare(text(x, "kind"), text(y, "kind")) })
	return open
}

// accepts ends differences as a person does.
func (b *books) accepts(list []map[string]any) {
	b.t.Helper()
	ctx := core.WithIdentity(b.t.Context(), b.person)
	for _, d := range list {
		id, err := core.ParsePrefixed(core.PrefixDifference, text(d, "id"))
		b.w.must(err)
		_, err = b.h.Service().AcceptDifference(ctx, id, "核实无误")
		b.w.must(err)
	}
}

// twice compares again and wants no more, no fewer and no other bills.
func (b *books) twice(want ...string) {
	b.t.Helper()
	before := b.bills()
	d := b.again()
	b.differ(want...)
	for source, bill := range b.bills() {
		if before[source].ID != bill.ID {
			b.t.Errorf("the same %s is another bill", source)
		}
	}
	if d.Open != int64(len(want)) {
		b.t.Errorf("again: %+v", d)
	}
}

// TestAMetroDayWhoseTotalsDisagree: another till of the merchant took an order, and the provider
// closed one of ours. The sums are drilled down to the order and to the rest that no order explains.
func TestAMetroDayWhoseTotalsDisagree(t *testing.T) {
	t.Parallel()
	clock := bookClock()
	sim, c := metroCounterAt(t, clock)
	b := newBooks(t, clock, c)
	introduceMetro(sim, b.shop)
	take := func(uid, payType string, amount int64) map[string]any {
		code, err := sim.Code(uid, payType)
		b.w.must(err)
		return b.payment(text(b.pay("metro", "barcode", amount, map[string]any{"payer_code": code}), "id"), "succeeded")
	}
	kept := take("100000000001", metro.PayTypeWechat, 1000)
	b.refund(text(kept, "id"), 100, "succeeded")
	take("100000000002", metro.PayTypeAlipay, 500)
	undone := take("100000000003", metro.PayTypeWechat, 300)
	b.w.must(sim.CloseOrder(metroMerchant, text(undone, "order_no")))
	b.w.must(sim.PayElsewhere(metroMerchant, metro.Elsewhere{OutRequestNo: "TILL-2", PayType: metro.PayTypeAlipay, Total: 777}))
	b.closes()
	d := b.waits("is open", func(d core.ReconciliationDay) bool { return d.State == core.DayOpen })
	wanted := []string{"state payment " + text(undone, "order_no"), "total payment"}
	found := b.differ(wanted...)
	if bills := b.bills(); d.Open != 2 || bills[core.BillFromTotals].ID.IsZero() || bills[core.BillFromQuery].Asked != 3 {
		t.Errorf("the day is %+v with the bills %+v", d, bills)
	}
	for _, f := range found {
		if ours, theirs := fen(object(f, "ours"), "amount"), fen(object(f, "theirs"), "amount"); text(f, "kind") == "total" && (ours != 500 || theirs != 1277) {
			t.Errorf("the rest of the sums is %d against %d", ours, theirs)
		}
	}
	b.twice(wanted...)
	b.accepts(b.differ(wanted...))
	b.waits("is clean", func(d core.ReconciliationDay) bool { return d.State == core.DayClean && d.Resolved == 2 && d.Open == 0 })
	b.twice()
	if d, _ := b.read(); d.State != core.DayClean || len(b.list("/v1/alerts?kind=books_disagree&open=true")) != 0 {
		t.Errorf("in the end: %+v", d)
	}
	if v := sim.Violations(); len(v) > 0 {
		t.Errorf("the provider complains: %+v", v[0])
	}
}

// TestAQuickPayDay: the list leaves an order out and shows one that is not ours; a later list
// has the order, and takes the place of the first.
func TestAQuickPayDay(t *testing.T) {
	t.Parallel()
	clock := bookClock()
	opts := quiet()
	opts.Quick = quickOptions()
	sim, c := mmspCounterWith(t, clock, opts, nil)
	b := newBooks(t, clock, c)
	m := &mmspShop{shop: b.shop, sim: sim, url: c.url}
	var numbers []string
	for i := range 3 {
		p := m.take("card", int64(1000+i), map[string]any{"card": mmspCard()})
		m.confirm(p, mmspCode)
		numbers = append(numbers, text(m.payment(text(p, "id"), "succeeded"), "order_no"))
	}
	missing, err := sim.AddFault(mmsp.Fault{Operation: mmsp.RowQuick, Order: numbers[1], Kind: mmsp.FaultNotExist})
	b.w.must(err)
	b.w.must(sim.PayElsewhere(mmspMerchant, mmsp.Elsewhere{Product: mmsp.ProductQuick, Number: "20261128000000000001", Amount: 4321}))
	b.closes()
	d := b.waits("is open", func(d core.ReconciliationDay) bool { return d.State == core.DayOpen })
	wanted := []string{"shortage payment " + numbers[1], "surplus payment 20261128000000000001"}
	b.differ(wanted...)
	first := b.bills()[core.BillFromList]
	if d.Open != 2 || d.Matched != 2 || first.Lines != 3 || len(b.list("/v1/alerts?kind=books_disagree&open=true")) != 1 {
		t.Errorf("the day is %+v with the bill %+v", d, first)
	}
	b.twice(wanted...)

	sim.Faults().Clear(missing)
	d = b.again()
	if late := b.bills()[core.BillFromList]; late.ID == first.ID || late.Lines != 4 || d.Matched != 3 {
		t.Errorf("after the later list: %+v, %+v", d, late)
	}
	b.accepts(b.differ("surplus payment 20261128000000000001"))
	b.waits("is clean", func(d core.ReconciliationDay) bool { return d.State == core.DayClean && d.Resolved == 1 })
	b.twice()
	if d, _ = b.read(); d.State != core.DayClean || len(b.list("/v1/alerts?kind=books_disagree&open=true")) != 0 {
		t.Errorf("in the end: %+v", d)
	}
	m.noViolations()
}

// TestAShouqianbaDayWithoutABill: each order is asked about. The provider's word corrects what
// it may correct, is put before people where it may not, and is waited for where there is none.
func TestAShouqianbaDayWithoutABill(t *testing.T) {
	t.Parallel()
	clock := bookClock()
	const terminal = "100000000001"
	sim := shouqianba.New(shouqianba.Options{Terminals: []shouqianba.Terminal{{SN: terminal, Key: "terminal-key", StoreID: "store"}}, Now: clock.now})
	t.Cleanup(func() { _ = sim.Close() })
	b := newBooks(t, clock, counter{name: "shouqianba", handler: sim, credentials: []core.CredentialInput{
		number("terminal_sn", terminal), {Name: "terminal_key", Type: core.CredMD5Key, Data: core.SecretString("terminal-key")},
	}})
	fault := func(f shouqianba.Fault) {
		_, err := sim.AddFault(f)
		b.w.must(err)
	}
	fault(shouqianba.Fault{Operation: "pay", PayerSuffix: "9999", Kind: shouqianba.FaultFail})
	take := func(n int, suffix string, amount int64, state string) map[string]any {
		p := b.pay("shouqianba", "barcode", amount, map[string]any{"payer_code": digitsOf("28", n, 18, suffix)})
		return b.payment(text(p, "id"), state)
	}
	kept, undone := take(1, "0001", 1000, "succeeded"), take(2, "0001", 500, "succeeded")
	silent, late := take(3, "0001", 300, "succeeded"), take(4, "9999", 700, "failed")
	b.refund(text(kept, "id"), 100, "succeeded")
	b.w.must(sim.TakeBack(terminal, text(undone, "order_no")))
	b.w.must(sim.PayLate(terminal, text(late, "order_no")))
	fault(shouqianba.Fault{Operation: "query", Order: text(silent, "order_no"), Kind: shouqianba.FaultGarbage})
	b.closes()
	d := b.waits("is open", func(d core.ReconciliationDay) bool { return d.State == core.DayOpen })
	b.differ("state payment " + text(undone, "order_no"))
	if bill := b.bills()[core.BillFromQuery]; d.Reason != "unanswered" || bill.Asked != 4 || bill.Unanswered != 1 || d.Unasked != 1 || d.Matched != 2 {
		t.Errorf("the day is %+v with the bill %+v", d, bill)
	}
	if p := b.payment(text(late, "id"), "succeeded"); text(p, "state") != "succeeded" || len(b.list("/v1/alerts?kind=correction")) != 1 {
		t.Errorf("what was paid late is %v", p)
	}
	asked := func(p map[string]any) int {
		o, _ := sim.Order(terminal, text(p, "order_no"))
		return o.Queries
	}
	before := asked(kept) + asked(undone) + asked(late)
	// The next attempt, and the last one after three days, ask about the one order alone.
	for _, wait := range []time.Duration{d.NextCheckAt.Sub(clock.now()), 3 * 24 * time.Hour} {
		silence, run := asked(silent), d.Run
		clock.advance(wait)
		d = b.waits("is asked about again", func(now core.ReconciliationDay) bool { return now.State != core.DayRunning && now.Run > run })
		if asked(silent) == silence {
			t.Errorf("nobody asked again after %v", wait)
		}
	}
	if after := asked(kept) + asked(undone) + asked(late); after != before || !d.NextCheckAt.IsZero() {
		t.Errorf("%d further questions about orders that had an answer; the day is %+v", after-before, d)
	}
	wanted := []string{"state payment " + text(undone, "order_no"), "unanswered payment " + text(silent, "order_no")}
	b.differ(wanted...)
	b.accepts(b.differ(wanted...))
	b.waits("is clean", func(d core.ReconciliationDay) bool { return d.State == core.DayClean && d.Resolved == 2 })
	if bill := b.bills()[core.BillFromQuery]; bill.Lines != 4 {
		t.Errorf("the bill is %+v", bill)
	}
	b.twice()
	if d, _ := b.read(); d.State != core.DayClean || d.Resolved != 2 {
		t.Errorf("compared again: %+v", d)
	}
}
