package service

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// clerk is a provider whose books are as a test says: a list, a bill, or the word about an order.
type clerk struct {
	*desk

	mu       sync.Mutex
	product  core.Product
	refunds  core.RefundRule
	away     error
	list     func(core.ListRequest) core.ListResult
	bill     func(core.BillRequest) core.BillResult
	says     map[string]core.PaymentResult // by our number; else the payment succeeded
	asked    []string                      // by our number
	pages    []string                      // the cursors of list calls
	onAnswer func(asked int)
}

func (c *clerk) Manifest(provider string) (core.Manifest, error) {
	m, err := c.desk.Manifest(provider)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away != nil {
		return m, c.away
	}
	m.Products, m.Refund = []core.Product{c.product}, c.refunds
	return m, err
}

func (c *clerk) ListPayments(_ context.Context, _ core.ProviderCall, req core.ListRequest) (core.ListResult, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pages = append(c.pages, req.Cursor)
	r := c.list(req)
	r.Exchange.Sent = core.SentMaybe
	return r, nil
}

func (c *clerk) FetchBill(_ context.Context, _ core.ProviderCall, req core.BillRequest) (core.BillResult, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.bill(req)
	r.Exchange.Sent = core.SentMaybe
	return r, nil
}

func (c *clerk) QueryPayment(_ context.Context, _ core.ProviderCall, ref core.OrderRef) (core.PaymentResult, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, ref.OrderNo)
	if c.onAnswer != nil {
		defer c.onAnswer(len(c.asked))
	}
	r, ok := c.says[ref.OrderNo]
	if !ok {
		r = core.PaymentResult{Outcome: core.OutcomeSucceeded, Amount: ref.Amount}
	}
	if r.Exchange.Sent == "" {
		r.Exchange.Sent = core.SentMaybe
	}
	return r, nil
}

func (c *clerk) QueryRefund(_ context.Context, _ core.ProviderCall, req core.RefundRequest) (core.RefundResult, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, req.RefundNo)
	outcome := core.OutcomeSucceeded
	if said, ok := c.says[req.RefundNo]; ok {
		outcome = said.Outcome
	}
	return core.RefundResult{Outcome: outcome, RefundNo: req.RefundNo, Amount: req.Amount, Exchange: core.Exchange{Sent: core.SentMaybe}}, nil
}

// set changes what the clerk does.
func (c *clerk) set(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

// count is how many orders and pages were asked for.
func (c *clerk) count() (orders, pages int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.asked), len(c.pages)
}

func methodsOfShop() []core.MethodSpec { return []core.MethodSpec{{Method: core.MethodQR}} }

func askedProduct() core.Product {
	return core.Product{ID: "scan", Methods: methodsOfShop(), Capabilities: []core.Capability{core.CapCreatePayment, core.CapQueryPayment}}
}

func listedProduct() core.Product {
	p := askedProduct()
	p.Capabilities = append(p.Capabilities, core.CapListPayments)
	p.List = &core.ListRule{MaxRows: 2}
	return p
}

func statedProduct() core.Product {
	p := askedProduct()
	p.Capabilities = append(p.Capabilities, core.CapFetchBill)
	return p
}

// office is a till whose days are compared.
type office struct {
	*till

	clerk *clerk
	day   core.Day // the running one
}

func newOffice(t *testing.T, product core.Product) *office {
	t.Helper()
	o := &office{till: newTill(t)}
	o.clerk = &clerk{desk: o.desk, product: product, says: map[string]core.PaymentResult{}}
	o.Providers = o.clerk
	o.Reconciliation = ReconciliationSchedule{At: 3 * time.Hour, QueriesPerSecond: 1000}
	o.day = core.DayOf(o.clock.Now())
	return o
}

// take takes n payments, and says their numbers.
func (o *office) take(t *testing.T, n int) []core.Payment {
	t.Helper()
	o.clerk.answers(core.OutcomeSucceeded)
	out := make([]core.Payment, n)
	for i := range n {
		p, err := o.pay(t, core.MethodQR, int64(100+i))
		o.must(t, err)
		if p.State != core.PaymentSucceeded {
			t.Fatalf("the payment is %s", p.State)
		}
		out[i] = p
	}
	return out
}

// bulk does the bulk work that is due; one check's error does not end it.
func (o *office) bulk(t *testing.T) (failed error) {
	t.Helper()
	for range 10 {
		due, err := o.Database.ClaimBulk(t.Context(), o.clock.Now(), 10, time.Minute)
		o.must(t, err)
		if len(due) == 0 {
			return failed
		}
		for _, d := range due {
			if err := o.CheckDue(t.Context(), d); err != nil {
				failed = err
			}
		}
	}
	t.Fatal("there is always something due")
	return nil
}

// at moves the clock to a time of a day and does what is due.
func (o *office) at(t *testing.T, day core.Day, sinceMidnight time.Duration) {
	t.Helper()
	o.clock.Move(day.Start().Add(sinceMidnight).Sub(o.clock.Now()))
	o.must(t, o.bulk(t))
}

// read gives a day and its bills as they are kept.
func (o *office) read(t *testing.T, day core.Day) (d core.ReconciliationDay, bills []core.Bill) {
	t.Helper()
	o.must(t, o.Database.InTenant(t.Context(), o.tenant.ID, func(tx core.TenantTx) (err error) {
		if d, err = tx.ReconciliationDayOf(t.Context(), o.account, day); err != nil {
			return err
		}
		bills, err = tx.Bills(t.Context(), o.account, day)
		return err
	}))
	return d, bills
}

// lines are those of a bill.
func (o *office) lines(t *testing.T, bill core.ID) (lines []core.StoredLine) {
	t.Helper()
	o.must(t, o.Database.InTenant(t.Context(), o.tenant.ID, func(tx core.TenantTx) (err error) {
		lines, err = tx.BillLinesAfter(t.Context(), bill, 0, 1000)
		return err
	}))
	return lines
}

// open says which alerts of a kind about an object are open.
func (o *office) open(t *testing.T, kind core.AlertKind, object core.ID) []core.Alert {
	t.Helper()
	list, err := o.ListAlerts(o.key(t), core.AlertFilter{Kinds: []core.AlertKind{kind}, ObjectID: object, Open: true})
	o.must(t, err)
	return list
}

// listOf pages through payments as a list does.
func listOf(payments []core.Payment, rows int) func(core.ListRequest) core.ListResult {
	return func(req core.ListRequest) core.ListResult {
		from, _ := strconv.Atoi(req.Cursor)
		r := core.ListResult{Outcome: core.OutcomeSucceeded}
		for i := from; i < min(from+rows, len(payments)); i++ {
			p := payments[i]
			r.Payments = append(r.Payments, core.PaymentResult{Outcome: core.OutcomeSucceeded, OrderNo: p.OrderNo, Amount: p.Amount, PaidAt: p.SucceededAt})
		}
		if from+rows < len(payments) {
			r.Next = strconv.Itoa(from + rows)
		}
		return r
	}
}
