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
	"slices"
	"strconv"
	"sync"
	"time"
)

// payer makes payment codes: prefix, digits, suffix.
type payer struct {
	Fate   string `json:"fate"`
	Prefix string `json:"prefix"`
	Suffix string `json:"suffix"`
	Length int    `json:"length"`
}

// code is a fresh code of this payer.
func (p payer) code() string {
	b := []byte(p.Prefix)
	for range p.Length - len(p.Prefix) - len(p.Suffix) {
		b = append(b, byte('0'+rand.IntN(10))) //nolint:gosec // a load generator's
	}
	return string(b) + p.Suffix
}

// load is callers that pay one after another, each over one kept connection.
type load struct {
	address   string
	merchants []merchant
	payers    []payer
	callers   int
}

// sample is what a load measured.
type sample struct {
	payments  int
	perSecond float64
	p50, p95  time.Duration
	failed    int
	firstFail error
	used      processors
}

// caller is one HTTP client and what it has seen.
type caller struct {
	load
	client *http.Client
	number int
	took   []time.Duration
	failed int
	err    error
}

// run loads the node for d. A payment that began in time counts with the time it took.
func (l load) run(ctx context.Context, d time.Duration) (sample, error) {
	transport := &http.Transport{MaxIdleConnsPerHost: l.callers, DisableCompression: true}
	defer transport.CloseIdleConnections()
	callers := make([]*caller, l.callers)
	var group sync.WaitGroup
	started := time.Now()
	for i := range callers {
		callers[i] = &caller{load: l, number: i, client: &http.Client{Transport: transport, Timeout: time.Minute}}
		group.Go(func() { callers[i].payUntil(ctx, started.Add(d)) })
	}
	group.Wait()
	elapsed := time.Since(started)
	return summarize(callers, elapsed), ctx.Err()
}

func summarize(callers []*caller, elapsed time.Duration) sample {
	var s sample
	var took []time.Duration
	for _, c := range callers {
		took = append(took, c.took...)
		s.failed += c.failed
		if s.firstFail == nil {
			s.firstFail = c.err
		}
	}
	s.payments = len(took)
	s.perSecond = float64(s.payments) / elapsed.Seconds()
	s.p50, s.p95 = quantile(took, 0.50), quantile(took, 0.95)
	return s
}

func quantile(d []time.Duration, q float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[int(q*float64(len(d)-1))]
}

func (c *caller) payUntil(ctx context.Context, end time.Time) {
	for time.Now().Before(end) && ctx.Err() == nil {
		began := time.Now()
		if err := c.pay(ctx); err != nil {
			c.failed++
			if c.err == nil {
				c.err = err
			}
			continue
		}
		c.took = append(c.took, time.Since(began))
	}
}

// key is the API key of a merchant drawn by lot; a merchant's keys are shared out to the callers.
func (c *caller) key() string {
	m := c.merchants[rand.IntN(len(c.merchants))] //nolint:gosec // a load generator's
	return m.keys[c.number%len(m.keys)]
}

// pay takes one fresh code and insists on a payment that succeeded at once.
func (c *caller) pay(ctx context.Context) error {
	body, err := json.Marshal(map[string]any{
		"method": "barcode", "amount": 1 + rand.IntN(100_00), "subject": "测试商品", //nolint:gosec // a load generator's
		"payer_code": c.payers[rand.IntN(len(c.payers))].code(), //nolint:gosec // a load generator's
	})
	if err != nil {
		return fmt.Errorf("encode a payment: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.address+"/v1/payments", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make a request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.key())
	req.Header.Set("Idempotency-Key", strconv.FormatUint(rand.Uint64(), 36)+strconv.FormatUint(rand.Uint64(), 36)) //nolint:gosec // unique is enough
	resp, err := c.client.Do(req)
	if err != nil {
		return fmt.Errorf("pay: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("pay: %w", err)
	}
	var payment struct{ State string }
	if resp.StatusCode != http.StatusCreated || json.Unmarshal(answer, &payment) != nil || payment.State != "succeeded" {
		return fmt.Errorf("a payment was answered with %d: %s", resp.StatusCode, answer)
	}
	return nil
}

// failures makes an error of payments that failed: figures with failures mean nothing.
func failures(samples []sample) error {
	var errs []error
	for _, s := range samples {
		if s.failed > 0 {
			errs = append(errs, fmt.Errorf("%d payments failed, the first so: %w", s.failed, s.firstFail))
		}
	}
	return errors.Join(errs...)
}
