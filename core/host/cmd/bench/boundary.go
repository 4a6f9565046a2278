package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/keyring"
	"github.com/zhanggui-pay/zhanggui/core/internal/pluginhost"
)

// boundary measures what a call costs through the plugin's process and, the same code, in
// the process that calls. One call runs at a time.
type boundary struct {
	options
	url     string
	host    *pluginhost.Host
	account core.ProviderAccount
}

// measureBoundary takes turns, since the machine's speed changes while it runs.
func measureBoundary(ctx context.Context, o options, out io.Writer) (err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	responder := &http.Server{Handler: http.HandlerFunc(respond), ReadHeaderTimeout: time.Minute}
	go func() { _ = responder.Serve(listener) }()
	defer func() { _ = responder.Close() }()
	b := &boundary{options: o, url: "http://" + listener.Addr().String()}
	dir, err := os.MkdirTemp("", "zhanggui-bench-")
	if err != nil {
		return fmt.Errorf("make a directory for the benchmark: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	stop, err := b.start(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	return b.compare(ctx, out)
}

// respond is a provider that only answers.
func respond(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"status":"PAID","number":"7895000000000001"}`)
}

func (b *boundary) start(ctx context.Context, dir string) (stop func() error, err error) {
	keys, err := keyring.OpenEmbedded(filepath.Join(dir, "keys"))
	if err != nil {
		return nil, err
	}
	b.account = core.ProviderAccount{TenantID: core.NewID(now()), ID: core.NewID(now()), Provider: "echo", BaseURL: b.url, KeyVersion: 1}
	_, err = keys.Put(ctx, b.account.KeyPath(), map[string]core.Credential{
		"key": {Type: core.CredMD5Key, Value: core.SecretString("benchmark-key")},
	}, 0)
	if err != nil {
		return nil, errors.Join(err, keys.Close())
	}
	b.host, err = pluginhost.New(pluginhost.Options{Dir: b.echo, Keyring: keys, Clock: now, Approvals: pluginhost.ApproveAll{}, AllowPrivateNetworks: true})
	if err != nil {
		return nil, errors.Join(err, keys.Close())
	}
	stop = func() error { return errors.Join(b.host.Close(), keys.Close()) }
	wait, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	if err := b.host.WaitReady(wait); err != nil {
		return nil, errors.Join(fmt.Errorf("the plugin echo does not start: %w", err), stop())
	}
	return stop, nil
}

func (b *boundary) compare(ctx context.Context, out io.Writer) error {
	printf(out, "One provider call, median of %d, one at a time\n\n", b.calls)
	printf(out, " round   in-process   through the plugin   added\n")
	var direct, through []time.Duration
	for round := 1; round <= b.rounds; round++ {
		d, err := b.direct(ctx)
		if err != nil {
			return err
		}
		t, err := b.through(ctx)
		if err != nil {
			return err
		}
		direct, through = append(direct, d), append(through, t)
		printBoundary(out, fmt.Sprintf("%5d", round), d, t)
	}
	same := func(d time.Duration) time.Duration { return d }
	printBoundary(out, "median", medianOf(direct, same), medianOf(through, same))
	return nil
}

func printBoundary(out io.Writer, round string, direct, through time.Duration) {
	printf(out, "%6s %10dµs %18dµs %7dµs\n", round, direct.Microseconds(), through.Microseconds(), (through - direct).Microseconds())
}

// direct runs the plugin's program as an ordinary one that calls itself.
func (b *boundary) direct(ctx context.Context) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(b.echo, "echo"), b.url, strconv.Itoa(b.calls)) //nolint:gosec // our own program
	cmd.Stderr = os.Stderr
	printed, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("echo: %w", err)
	}
	nanoseconds, err := strconv.ParseInt(strings.TrimSpace(string(printed)), 10, 64)
	return time.Duration(nanoseconds), err
}

func (b *boundary) through(ctx context.Context) (time.Duration, error) {
	took := make([]time.Duration, 0, b.calls)
	for i := range b.calls + b.calls/10 {
		began := now()
		if err := b.pay(ctx, fmt.Sprintf("%020d", i)); err != nil {
			return 0, err
		}
		if i >= b.calls/10 { // the first ones warm up
			took = append(took, time.Since(began))
		}
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}

func (b *boundary) pay(ctx context.Context, orderNo string) error {
	call := core.ProviderCall{TenantID: b.account.TenantID, AttemptID: core.NewID(now()), Account: b.account, OrderNo: orderNo, Language: "zh"}
	got, err := b.host.CreatePayment(ctx, call, core.PaymentRequest{
		OrderNo: orderNo, Method: core.MethodBarcode, Amount: core.Fen(100), Subject: "bench", PayerCode: core.SecretString("281234567890123456"),
	})
	if err == nil && got.Outcome != core.OutcomeSucceeded {
		err = fmt.Errorf("a call through the plugin ended as %s", got.Outcome)
	}
	return err
}
