package main

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/check"
	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/stand"
)

// load does a schedule's operations, several at once and in order of their beginning.
type load struct {
	schedule schedule
	clients  *clients
	stand    *stand.Stand
	faults   *faults
	workers  int

	results []result

	mu    sync.Mutex
	money int // operations that move money and were asked for
	idle  int // operations whose earlier one had nothing to do anything about
	errs  []error
}

// result is what became of an operation; others wait for done.
type result struct {
	done     chan struct{}
	request  request // of a payment
	tenant   stand.Tenant
	provider string
	object   string
	state    string
	orderNo  string
	amount   int64
}

func newLoad(s schedule, c *clients, f *faults, workers int) *load {
	l := &load{schedule: s, clients: c, stand: c.stand, faults: f, workers: workers, results: make([]result, len(s.Operations))}
	for i := range l.results {
		l.results[i].done = make(chan struct{})
	}
	return l
}

// run injects each fault before the operation at its place begins.
func (l *load) run(ctx context.Context, progress func(done int)) {
	places := make(chan int)
	var group sync.WaitGroup
	for range l.workers {
		group.Go(func() {
			for i := range places {
				l.operation(ctx, i)
				close(l.results[i].done)
			}
		})
	}
	next := 0
	for i := range l.schedule.Operations {
		for ; next < len(l.schedule.Faults) && l.schedule.Faults[next].At <= i; next++ {
			l.faults.inject(ctx, l.schedule.Faults[next])
		}
		select {
		case places <- i:
		case <-ctx.Done():
			close(l.results[i].done)
		}
		progress(i + 1)
	}
	close(places)
	group.Wait()
}

func (l *load) failed(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.errs = append(l.errs, err)
}

func (l *load) moves(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.money += n
}

func (l *load) nothing() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.idle++
}

// mark is what an operation writes into its object.
func mark(t stand.Tenant, place int) string { return fmt.Sprintf("%s-%06d", t.Mark, place) }

func (l *load) operation(ctx context.Context, i int) {
	o, r := l.schedule.Operations[i], &l.results[i]
	var err error
	switch o.What {
	case payByCode, placeOrder:
		err = l.pay(ctx, i, o, r)
	case payOut:
		err = l.payOut(ctx, i, o, r)
	case giveBack:
		err = l.refund(ctx, i, o, 1)
	case raceBack:
		err = l.refund(ctx, i, o, racers)
	case takeBack, askNow:
		l.tell(ctx, i, o)
	case repeatAgain:
		err = l.repeat(ctx, o)
	case readForeign:
		err = l.foreign(ctx, o)
	}
	if err != nil && ctx.Err() == nil {
		l.failed(fmt.Errorf("operation %d (%s): %w", i, o.What, err))
	}
}

func (l *load) pay(ctx context.Context, i int, o operation, r *result) error {
	r.tenant = l.stand.Tenants[int(o.Tenant)%len(l.stand.Tenants)]
	place := int(o.Place) % len(l.stand.Sims.Providers)
	p := l.stand.Sims.Providers[place]
	r.provider, r.amount = p.Provider, o.Amount
	m := mark(r.tenant, i)
	body := map[string]any{"amount": o.Amount, "subject": m, "account_id": r.tenant.Accounts[place]}
	waiting := p.Waiting()
	if o.What == placeOrder && len(waiting) > 0 {
		method := waiting[int(o.Draw)%len(waiting)]
		body["method"], body["channel"], body["payer_id"] = method.Method, method.Channel, method.PayerID
	} else {
		fate := o.Fate
		payers := p.PayersOf(fate)
		if len(payers) == 0 {
			payers = p.PayersOf(fateOfPayers)
		}
		body["method"], body["payer_code"] = "barcode", payers[int(o.Draw)%len(payers)].Code(i)
	}
	r.request = request{tenant: r.tenant, method: http.MethodPost, path: "/v1/payments", key: m, body: body}
	l.clients.wants(m, check.Payment, o.Amount)
	l.moves(1)
	a, err := l.clients.do(ctx, r.request)
	if err != nil {
		return err
	}
	l.clients.told(m, a)
	r.object, r.state, r.orderNo = a.text("id"), a.text("state"), a.text("order_no")
	if o.What == placeOrder && r.state == "requires_action" {
		switch o.Fate {
		case "paid":
			return l.stand.Sims.Pay(ctx, r.provider, r.orderNo)
		case "abandoned":
			return l.stand.Sims.Abandon(ctx, r.provider, r.orderNo)
		}
	}
	return nil
}

// earlier waits for the operation that another is about.
func (l *load) earlier(ctx context.Context, place int) *result {
	r := &l.results[place]
	select {
	case <-r.done:
	case <-ctx.Done():
	}
	return r
}

// refund asks for n refunds at once.
func (l *load) refund(ctx context.Context, i int, o operation, n int) error {
	paid := l.earlier(ctx, o.Of)
	if paid.object == "" {
		l.nothing()
		return nil
	}
	amount := max(1, paid.amount*o.Share/100)
	errs := make([]error, n)
	var group sync.WaitGroup
	for k := range n {
		group.Go(func() {
			m := mark(paid.tenant, i)
			key := fmt.Sprintf("%s-r%d", m, k)
			l.clients.wants(key, check.Refunds, amount)
			a, err := l.clients.do(ctx, request{
				tenant: paid.tenant, method: http.MethodPost, path: "/v1/refunds", key: key,
				body: map[string]any{"payment_id": paid.object, "amount": amount, "reason": key},
			})
			l.clients.told(key, a)
			errs[k] = err
		})
	}
	group.Wait()
	l.moves(n)
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// tell cancels an earlier order or asks about it.
func (l *load) tell(ctx context.Context, i int, o operation) {
	r := l.earlier(ctx, o.Of)
	if r.object == "" {
		l.nothing()
		return
	}
	do := request{tenant: r.tenant, method: http.MethodPost, path: "/v1/payments/" + r.object + "/sync"}
	if o.What == takeBack {
		do.path, do.key = "/v1/payments/"+r.object+"/cancel", mark(r.tenant, i)
		do.body = map[string]any{"reason": do.key}
		l.moves(1)
	}
	// A client that only asks does not insist.
	if a, err := l.clients.once(ctx, do); err == nil {
		l.clients.told(r.request.key, a)
	}
}

func (l *load) repeat(ctx context.Context, o operation) error {
	r := l.earlier(ctx, o.Of)
	if r.request.key == "" {
		l.nothing()
		return nil
	}
	a, err := l.clients.do(ctx, r.request)
	l.clients.told(r.request.key, a)
	return err
}

// foreign reads an earlier payment as another tenant.
func (l *load) foreign(ctx context.Context, o operation) error {
	r := l.earlier(ctx, o.Of)
	stranger := l.stand.Tenants[int(o.Tenant)%len(l.stand.Tenants)]
	if r.object == "" || stranger.Mark == r.tenant.Mark {
		l.nothing()
		return nil
	}
	a, err := l.clients.do(ctx, request{tenant: stranger, method: http.MethodGet, path: "/v1/payments/" + r.object})
	if err == nil && a.status != http.StatusNotFound {
		l.clients.saw(check.Sighting{Reader: stranger.Mark, Mark: r.object, Where: fmt.Sprintf("an answer %d to a read of it", a.status)})
	}
	return err
}

// burst makes n payments at once as the workers allow, of the given places on.
func (l *load) burst(ctx context.Context, from, n int) error {
	var group sync.WaitGroup
	limit := make(chan struct{}, l.workers)
	errs := make(chan error, n)
	for k := range n {
		limit <- struct{}{}
		group.Go(func() {
			defer func() { <-limit }()
			r := &result{}
			errs <- l.pay(ctx, from+k, operation{What: payByCode, Tenant: uint32(k), Place: uint32(k / 2), Fate: fateOfPayers, Amount: 100}, r) //nolint:gosec // small numbers
		})
	}
	group.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// pause waits, or ends with ctx.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
