package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq" // the driver

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/check"
	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/stand"
)

// callTimeout is short, so that what was interrupted is asked about soon.
const callTimeout = 3 * time.Second

// run is one run from its stand to its verdicts.
type run struct {
	options options
	out     io.Writer
	stand   *stand.Stand
	db      *sqlx.DB
	clients *clients
	faults  *faults
	load    *load
	began   time.Time

	evidence check.Evidence
}

// newRun makes a stand that waits for little.
func newRun(ctx context.Context, o options, out io.Writer) (*run, error) {
	return newRunWith(ctx, o, out, stand.Options{CallTimeout: callTimeout, BackOff: 100 * time.Millisecond})
}

// newRunWith makes a stand that waits as it is told.
func newRunWith(ctx context.Context, o options, out io.Writer, waits stand.Options) (*run, error) {
	r := &run{options: o, out: out, began: time.Now()}
	waits.Bin, waits.Name, waits.Tenants, waits.Nodes = o.bin, o.name, o.tenants, o.nodes
	var err error
	if r.stand, err = stand.Start(ctx, waits); err != nil {
		return nil, err
	}
	if r.db, err = sqlx.Open("postgres", r.stand.Cluster.SuperuserURL()); err != nil {
		return nil, errors.Join(fmt.Errorf("PostgreSQL: %w", err), r.stand.Close())
	}
	r.clients = newClients(r.stand)
	r.faults = newFaults(r.stand, callTimeout+2*time.Second)
	return r, nil
}

func (r *run) close() error { return errors.Join(r.db.Close(), r.stand.Close()) }

func (r *run) say(format string, args ...any) {
	_, _ = fmt.Fprintf(r.out, "%6.1fs  "+format+"\n", append([]any{time.Since(r.began).Seconds()}, args...)...)
}

// all does everything and gives the verdicts. An error means that there is no verdict.
func (r *run) all(ctx context.Context, s schedule) ([]check.Verdict, error) {
	r.load = newLoad(s, r.clients, r.faults, r.options.workers)
	if err := r.underFaults(ctx); err != nil {
		return nil, err
	}
	if err := r.calm(ctx); err != nil {
		return nil, err
	}
	if err := r.settle(ctx); err != nil {
		return nil, err
	}
	if err := r.collect(ctx); err != nil {
		return nil, err
	}
	if err := r.stop(ctx); err != nil {
		return nil, err
	}
	return check.All(r.evidence), nil
}

// underFaults runs the schedule and looks at the database meanwhile.
func (r *run) underFaults(ctx context.Context) error {
	watching, stop := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() {
		r.evidence.Overdrawn, r.evidence.Looks = collector{r.stand, r.db}.watch(watching, 500*time.Millisecond)
	})
	said := time.Now()
	r.load.run(ctx, func(done int) {
		if time.Since(said) > 15*time.Second {
			said = time.Now()
			r.say("%d of %d operations begun", done, len(r.load.schedule.Operations))
		}
	})
	stop()
	group.Wait()
	r.say("the load is over: %d operations asked for, of which %d move money", len(r.load.schedule.Operations), r.load.money)
	return errors.Join(errors.Join(r.load.errs...), ctx.Err(), r.faults.end(ctx))
}

// calm measures what an idle node holds before and after more load with plugins killed.
func (r *run) calm(ctx context.Context) error {
	place := len(r.load.schedule.Operations)
	if err := r.load.burst(ctx, place, r.options.burst); err != nil {
		return err
	}
	idle := func(into func(d *check.Descriptors, count int)) {
		pause(ctx, 3*time.Second)
		for i, n := range r.stand.Nodes {
			into(&r.evidence.Descriptors[i], n.Descriptors())
		}
	}
	for _, n := range r.stand.Nodes {
		r.evidence.Descriptors = append(r.evidence.Descriptors, check.Descriptors{Node: n.Name})
	}
	idle(func(d *check.Descriptors, count int) { d.Before = count })
	for round := range 4 {
		for _, n := range r.stand.Nodes {
			if err := killOne(ctx, n, fault{Draw: uint32(round)}); err != nil {
				return err
			}
			r.faults.note(killCalmly, nil)
		}
		place += r.options.burst
		if err := r.load.burst(ctx, place, r.options.burst); err != nil {
			return err
		}
	}
	idle(func(d *check.Descriptors, count int) { d.After = count })
	return ctx.Err()
}

// settle waits for outcomes and has every tenant read what it has.
func (r *run) settle(ctx context.Context) error {
	s := settler{stand: r.stand, clients: r.clients, db: r.db, tenants: map[core.ID]stand.Tenant{}, phases: r.options.phases}
	for _, t := range r.stand.Tenants {
		s.tenants[t.ID] = t
	}
	left, err := s.open(ctx)
	if err != nil {
		return err
	}
	r.say("%d operations have no outcome yet", len(left))
	if err := s.settle(ctx); err != nil {
		return err
	}
	r.say("everything that can be asked has an outcome")
	return r.readAsTenants(ctx)
}

// readAsTenants has every tenant read its lists; the clients look at what they are given.
func (r *run) readAsTenants(ctx context.Context) error {
	for _, t := range r.stand.Tenants {
		for _, list := range []string{"payments", "refunds", "payouts", "approvals", "events", "callbacks", "cases", "audit", "accounts"} {
			if _, err := r.clients.do(ctx, request{tenant: t, method: "GET", path: "/v1/" + list + "?limit=100"}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) collect(ctx context.Context) error {
	e := &r.evidence
	c := collector{r.stand, r.db}
	if err := c.stored(ctx, e); err != nil {
		return err
	}
	if err := c.ledgers(ctx, e); err != nil {
		return err
	}
	if err := searchSecrets(ctx, r.stand, r.clients.secrets, e); err != nil {
		return err
	}
	e.Operations = r.clients.record()
	e.Sightings = append(e.Sightings, r.clients.sightings...)
	e.Replies += r.clients.replies
	e.Leaks = append(e.Leaks, r.clients.leaks...)
	e.Searched = append(e.Searched, check.Searched{Where: "replies", Bytes: r.clients.bytes})
	return nil
}

// stop ends one node well and the others at once, and looks for what they left running.
func (r *run) stop(ctx context.Context) error {
	for i, n := range r.stand.Nodes {
		end := n.Kill
		if i == 0 {
			end = n.Stop
		}
		if err := end(); err != nil {
			return err
		}
	}
	pause(ctx, 2*time.Second)
	for _, n := range r.stand.Nodes {
		r.evidence.Processes = append(r.evidence.Processes, survivors(n.Seen())...)
	}
	return ctx.Err()
}

// survivors says which of a dead node's plugins live.
func survivors(seen []stand.Process) []check.Process {
	out := make([]check.Process, 0, len(seen))
	for _, p := range seen {
		out = append(out, check.Process{PID: p.PID, Name: p.Name, Alive: p.Alive()})
	}
	return out
}
