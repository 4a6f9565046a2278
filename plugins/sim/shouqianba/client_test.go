package shouqianba_test

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/shouqianba"
)

const (
	terminalSN  = "100000010001"
	terminalKey = "0123456789abcdef0123456789abcdef"
	vendorSN    = "91800001"
	vendorKey   = "fedcba9876543210fedcba9876543210"
	alipayCode  = "281234567890123456"
	wechatCode  = "131234567890123456"
)

// clock is an injected clock; sleeping moves it.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) Sleep(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// world is a simulator behind a real HTTP server and a caller that signs by itself.
type world struct {
	t     *testing.T
	sim   *shouqianba.Simulator
	url   string
	clock *clock
	keys  map[string]string
	end   func() // closes it before the test's end
}

func newWorld(t *testing.T, change ...func(*shouqianba.Options)) *world {
	t.Helper()
	c := newClock()
	opts := shouqianba.Options{
		Now: c.Now, Sleep: c.Sleep,
		Vendors: []shouqianba.Vendor{{
			SN: vendorSN, Key: vendorKey, AppID: "2026000001",
			Codes: []shouqianba.ActivationCode{{Code: "11111111", StoreID: "store-9"}, {Code: "22222222", StoreID: "store-9", Uses: 3}},
		}},
		Terminals: []shouqianba.Terminal{
			{SN: terminalSN, Key: terminalKey, StoreID: "store-1"},
			{SN: "100000010002", Key: terminalKey, StoreID: "store-1"},
			{SN: "100000010003", Key: terminalKey, StoreID: "store-2"},
		},
	}
	for _, f := range change {
		f(&opts)
	}
	sim := shouqianba.New(opts)
	server := httptest.NewServer(sim)
	w := &world{t: t, sim: sim, url: server.URL, clock: c, keys: map[string]string{
		terminalSN: terminalKey, "100000010002": terminalKey, "100000010003": terminalKey, vendorSN: vendorKey,
	}}
	w.end = sync.OnceFunc(func() {
		server.Close()
		if err := sim.Close(); err != nil {
			t.Errorf("close the simulator: %v", err)
		}
	})
	t.Cleanup(w.end)
	return w
}

type fields map[string]any

func (f fields) with(name string, value any) fields {
	out := fields{}
	for k, v := range f {
		out[k] = v
	}
	out[name] = value
	return out
}

func (f fields) without(name string) fields {
	out := f.with(name, nil)
	delete(out, name)
	return out
}

func payBody(clientSN string) fields {
	return fields{
		"terminal_sn": terminalSN, "client_sn": clientSN, "total_amount": "1000", "dynamic_id": alipayCode,
		"subject": "咖啡", "operator": "刘侃",
	}
}

func precreateBody(clientSN string) fields {
	return payBody(clientSN).without("dynamic_id").with("payway", "3")
}

func numberBody(clientSN string) fields {
	return fields{"terminal_sn": terminalSN, "client_sn": clientSN}
}

func refundBody(clientSN, requestNo, amount string) fields {
	return fields{
		"terminal_sn": terminalSN, "client_sn": clientSN, "refund_request_no": requestNo, "refund_amount": amount, "operator": "op",
	}
}

// answer is a reply in which every value must be a string.
type answer struct {
	ResultCode   string `json:"result_code"`
	ErrorCode    string `json:"error_code"`
	ErrorMessage string `json:"error_message"`
	Biz          struct {
		ResultCode  string            `json:"result_code"`
		ErrorCode   string            `json:"error_code"`
		Message     string            `json:"error_message"`
		TerminalSN  string            `json:"terminal_sn"`
		TerminalKey string            `json:"terminal_key"`
		Data        map[string]string `json:"data"`
	} `json:"biz_response"`
}

func (a answer) String() string {
	if a.ResultCode != "200" {
		return a.ResultCode + " " + a.ErrorCode
	}
	text := a.Biz.ResultCode
	if a.Biz.ErrorCode != "" {
		text += " " + a.Biz.ErrorCode
	}
	if state := a.Biz.Data["order_status"]; state != "" {
		text += " " + state
	}
	return text
}

func sign(body []byte, key string) string {
	sum := md5.Sum(append(append([]byte{}, body...), key...))
	return hex.EncodeToString(sum[:])
}

func encode(t *testing.T, f fields) []byte {
	t.Helper()
	body, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// raw sends exactly these bytes and headers.
func (w *world) raw(method, path string, body []byte, headers map[string]string) (*http.Response, []byte, error) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return resp, text, err
}

func (w *world) signed(signer string, body []byte) map[string]string {
	return map[string]string{
		"Content-Type":  "application/json",
		"Authorization": signer + " " + sign(body, w.keys[signer]),
	}
}

func path(op string) string {
	if op == "activate" || op == "checkin" {
		return "/terminal/" + op
	}
	return "/upay/v2/" + op
}

// send signs a body and returns the reply or the transport's error.
func (w *world) send(op string, body fields) (answer, error) {
	w.t.Helper()
	signer := terminalSN
	if text, ok := body["terminal_sn"].(string); ok {
		signer = text
	}
	if op == "activate" {
		signer = vendorSN
	}
	return w.sendRaw(op, signer, encode(w.t, body))
}

func (w *world) sendRaw(op, signer string, body []byte) (answer, error) {
	w.t.Helper()
	resp, text, err := w.raw(http.MethodPost, path(op), body, w.signed(signer, body))
	if err != nil {
		return answer{}, err
	}
	if resp.StatusCode != http.StatusOK {
		return answer{}, fmt.Errorf("HTTP %d", resp.StatusCode)
	}
	var a answer
	if err := json.Unmarshal(text, &a); err != nil {
		return answer{}, fmt.Errorf("not a reply: %w", err)
	}
	return a, nil
}

// want sends and compares the reply in its short form.
func (w *world) want(op string, body fields, want string) answer {
	w.t.Helper()
	a, err := w.send(op, body)
	if err != nil {
		w.t.Fatalf("%s: %v", op, err)
	}
	if a.String() != want {
		w.t.Fatalf("%s answered %q, want %q (%s%s)", op, a, want, a.ErrorMessage, a.Biz.Message)
	}
	return a
}

func (w *world) wantNoReply(op string, body fields) {
	w.t.Helper()
	if a, err := w.send(op, body); err == nil {
		w.t.Fatalf("%s answered %q, want a broken connection or reply", op, a)
	}
}

func (w *world) fault(f shouqianba.Fault) {
	w.t.Helper()
	if _, err := w.sim.AddFault(f); err != nil {
		w.t.Fatal(err)
	}
}

// books compares what the ledger holds of an order.
func (w *world) books(clientSN string, pays int, net int64) {
	w.t.Helper()
	s := w.sim.Ledger().Order(shouqianba.Key(terminalSN, clientSN))
	if s.Pays != pays || s.Net != net {
		w.t.Fatalf("order %s: %d payments and net %d fen in the ledger, want %d and %d", clientSN, s.Pays, s.Net, pays, net)
	}
}

// clean fails if anything was recorded as a breach.
func (w *world) clean() {
	w.t.Helper()
	for _, v := range w.sim.Violations() {
		w.t.Errorf("violation: %+v", v)
	}
}
