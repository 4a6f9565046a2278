package host

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// demoHook is what the demo calls its webhook.
const demoHook = "订单系统（演示）"

// demoReceiver is the demo merchant's program that takes webhooks. It runs within `zhanggui dev`.
type demoReceiver struct {
	server *http.Server
	url    string
	busy   atomic.Bool // it takes nothing for a while
}

func startDemoReceiver(ctx context.Context) (*demoReceiver, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("host: the demo's receiver of webhooks: %w", err)
	}
	r := &demoReceiver{url: "http://" + listener.Addr().String() + "/zhanggui"}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = r.server.Serve(listener) }()
	return r, nil
}

func (r *demoReceiver) stop() { _ = r.server.Close() }

// ServeHTTP implements http.Handler.
func (r *demoReceiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	_, _ = io.Copy(io.Discard, http.MaxBytesReader(w, req.Body, 1<<20))
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if r.busy.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, `{"error":"订单系统升级中，请稍后再试"}`)
		return
	}
	_, _ = io.WriteString(w, `{"received":true}`)
}

// programs connects the merchant's programs: one takes webhooks, after a first test that it was
// not ready for, one asks the API and is refused once.
func (s demoSeeder) programs(ctx context.Context) error {
	if s.payments == 0 {
		return nil
	}
	e, _, err := s.service.CreateWebhook(ctx, core.WebhookInput{URL: s.receiver.url, Description: demoHook, Enabled: true})
	if err != nil {
		return err
	}
	s.receiver.busy.Store(true)
	_, err = s.service.TestWebhook(ctx, e.ID)
	s.receiver.busy.Store(false)
	if err != nil {
		return err
	}
	_, key, err := s.service.CreateAPIKey(ctx, core.APIKeyInput{Name: "收银系统（演示）", Role: core.RoleTenantDeveloper})
	if err != nil {
		return err
	}
	order := map[string]any{"method": core.MethodBarcode, "amount": 1250, "subject": "拿铁咖啡", "merchant_order_no": "APP-0001"}
	if payers := s.sim.Demo[0].Payers; len(payers) > 0 {
		order["payer_code"] = string(payerCode(payers, "paid").Reveal())
	}
	for _, call := range []struct {
		method, path string
		body         map[string]any
	}{
		{http.MethodGet, "/v1/session", nil},
		{http.MethodPost, "/v1/payments", order},
		{http.MethodGet, "/v1/payments?limit=10", nil},
		{http.MethodPost, "/v1/refunds", map[string]any{"payment_id": core.NewID(time.Now()).Prefixed(core.PrefixPayment), "amount": 100, "reason": "顾客退货"}},
	} {
		if err := s.call(ctx, key, call.method, call.path, call.body); err != nil {
			return err
		}
	}
	return nil
}

// call asks the host's own API as a program would. A refusal is an answer like others.
func (s demoSeeder) call(ctx context.Context, key core.Secret, method, path string, body map[string]any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("host: demo program: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+s.Address()+path, bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("host: demo program: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+string(key.Reveal()))
	if method == http.MethodGet {
		req.Body, req.ContentLength = http.NoBody, 0
	} else {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", "demo-program-"+strings.ReplaceAll(path, "/", "-"))
	}
	client := http.Client{Timeout: time.Minute}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("host: demo program: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= http.StatusInternalServerError {
		return errors.New("host: demo program: " + resp.Status)
	}
	return nil
}

// findReceiver tells the demo's webhook where the receiver listens now. What a person
// made of it is left alone.
func (h *Host) findReceiver(ctx context.Context, receiver *demoReceiver) error {
	webhooks, err := h.service.ListWebhooks(ctx)
	if err != nil {
		return err
	}
	for _, w := range webhooks {
		if w.Description != demoHook || !strings.HasPrefix(w.URL, "http://127.0.0.1:") {
			continue
		}
		if _, err := h.service.UpdateWebhook(ctx, w.ID, core.WebhookInput{URL: receiver.url, Description: w.Description, Types: w.Types, Enabled: w.Enabled}); err != nil {
			return err
		}
	}
	return nil
}
