package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/check"
	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/stand"
)

// clients are the merchants' systems. They write down what they were told, repeat what
// failed with the same idempotency key, and look at every reply for what they may not see.
type clients struct {
	stand   *stand.Stand
	secrets []secret
	http    http.Client

	mu         sync.Mutex
	csrf       string // of the person's session
	operations map[string]*check.Operation
	sightings  []check.Sighting
	leaks      []check.Leak
	replies    int
	bytes      int64
	repeats    int            // requests that were made again because the one before failed
	answers    map[string]int // how requests were answered in the end
}

func newClients(s *stand.Stand) *clients {
	return &clients{
		stand: s, secrets: secretsOf(s), operations: map[string]*check.Operation{}, answers: map[string]int{},
		http: http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 32, DisableCompression: true}},
	}
}

// request is one thing a client wants, with the key it repeats it under.
type request struct {
	tenant stand.Tenant
	method string
	path   string
	key    string
	body   map[string]any
	person bool // by the platform's person in the tenant, not by the tenant's key
}

// answer is the reply to a request in the end.
type answer struct {
	status int
	body   map[string]any
}

func (a answer) text(field string) string { value, _ := a.body[field].(string); return value }

// patience is how long a client goes on repeating. It is longer than any fault lasts.
const patience = 2 * time.Minute

var errGaveUp = errors.New("no node answered")

// do repeats the request until it has an answer that says something.
func (c *clients) do(ctx context.Context, r request) (answer, error) {
	deadline, wait := time.Now().Add(patience), 50*time.Millisecond
	for try := 0; ; try++ {
		a, err := c.once(ctx, r)
		if err == nil && !passing(a) {
			c.count(fmt.Sprintf("%d %s", a.status, a.text("code")), try)
			return a, nil
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			return a, fmt.Errorf("%s %s: %w within %s, the last answer was %d %v: %w", r.method, r.path, errGaveUp, patience, a.status, a.body, err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, time.Second)
	}
}

// passing says that the same request may be answered otherwise in a moment.
func passing(a answer) bool {
	switch {
	case a.status >= 500, a.status == http.StatusTooManyRequests:
		return true
	case a.status == http.StatusConflict:
		code := core.Code(a.text("code"))
		return code == core.CodeIdempotencyInFlight || code == core.CodeConflict
	}
	return false
}

func (c *clients) count(answered string, repeats int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers[answered]++
	c.repeats += repeats
}

func (c *clients) once(ctx context.Context, r request) (answer, error) {
	nodes := c.stand.Up()
	if len(nodes) == 0 {
		return answer{}, errors.New("no node is up")
	}
	var sent io.Reader = http.NoBody
	if r.body != nil {
		raw, err := json.Marshal(r.body)
		if err != nil {
			return answer{}, fmt.Errorf("encode a request: %w", err)
		}
		sent = bytes.NewReader(raw)
	}
	node := nodes[rand.IntN(len(nodes))] //nolint:gosec // which node answers is chance in life too
	req, err := http.NewRequestWithContext(ctx, r.method, "http://"+node+r.path, sent)
	if err != nil {
		return answer{}, fmt.Errorf("make a request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	c.authorize(req, r)
	if r.key != "" {
		req.Header.Set("Idempotency-Key", r.key)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return answer{}, err //nolint:wrapcheck // the caller repeats
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, err //nolint:wrapcheck // the caller repeats
	}
	c.look(r, raw)
	a := answer{status: resp.StatusCode}
	if a.status == http.StatusNoContent {
		return a, nil
	}
	if err := json.Unmarshal(raw, &a.body); err != nil {
		return a, fmt.Errorf("a reply is no JSON: %w", err)
	}
	return a, nil
}

// markForm is what tenants write into everything of theirs: the tenant and a number.
var markForm = regexp.MustCompile(`mk\d\d-\d{6}`) //nolint:gochecknoglobals // compiled once

// foreignMarks are those of other tenants in what a tenant was given.
func foreignMarks(own, where string, text []byte) (seen []check.Sighting) {
	for _, mark := range markForm.FindAll(text, -1) {
		if string(mark[:stand.MarkLength]) != own {
			seen = append(seen, check.Sighting{Reader: own, Mark: string(mark), Where: where})
		}
	}
	return seen
}

// look searches a reply for other tenants' marks and for secrets.
func (c *clients) look(r request, reply []byte) {
	seen := foreignMarks(r.tenant.Mark, "the reply to "+r.method+" "+r.path, reply)
	var leaks []check.Leak
	for _, s := range c.secrets {
		if s.in(reply) {
			leaks = append(leaks, check.Leak{Secret: s.name, Where: "the reply to " + r.method + " " + r.path})
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sightings, c.leaks = append(c.sightings, seen...), append(c.leaks, leaks...)
	c.replies++
	c.bytes += int64(len(reply))
}

// wants writes an operation down before it is asked for.
func (c *clients) wants(key string, kind check.Kind, amount int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.operations[key] == nil {
		c.operations[key] = &check.Operation{Key: key, Kind: kind, Amount: amount}
	}
}

// told writes down what a reply acknowledged.
func (c *clients) told(key string, a answer) {
	if a.status != http.StatusOK && a.status != http.StatusCreated && a.status != http.StatusAccepted {
		return
	}
	state := a.text("state")
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.operations[key]
	if o == nil {
		return
	}
	reply := check.Reply{Object: a.text("id"), State: state, Final: final(o.Kind, state)}
	if !slices.Contains(o.Told, reply) {
		o.Told = append(o.Told, reply)
	}
}

// final says that a state ends the object's normal life. An expired payment may end otherwise yet.
func final(kind check.Kind, state string) bool {
	switch kind {
	case check.Payment:
		p := core.PaymentState(state)
		return p != core.PaymentExpired && core.PaymentTransitions().Final(p)
	case check.Refunds:
		return core.RefundTransitions().Final(core.RefundState(state))
	case check.Payouts:
		return core.PayoutTransitions().Final(core.PayoutState(state))
	}
	return false
}

// record gives what was written down.
func (c *clients) record() []check.Operation {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]check.Operation, 0, len(c.operations))
	for _, o := range c.operations {
		out = append(out, *o)
	}
	slices.SortFunc(out, func(a, b check.Operation) int { return bytes.Compare([]byte(a.Key), []byte(b.Key)) })
	return out
}

// saw adds what must not have been seen.
func (c *clients) saw(s check.Sighting) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sightings = append(c.sightings, s)
}
