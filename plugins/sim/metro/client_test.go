package metro_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/metro"
)

const (
	mchID    = "M10001"
	otherMch = "M10002"
	storeID  = "SZTX001"
	uid      = "000000000042"
	// The digit after the uid says how the payer pays: 0 WeChat, 1 Alipay, 2 UnionPay.
	wechatCode = "8" + uid + "0" + "1234567890123456789012"
	alipayCode = "8" + uid + "1" + "1234567890123456789012"
	unionCode  = "8" + uid + "2" + "1234567890123456789012"
)

// makeKey has no test to fail in; the zero key that an error would leave verifies nothing.
func makeKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return &rsa.PrivateKey{}
	}
	return key
}

// The key pairs of all tests: the merchant's, another merchant's, the provider's, and one that belongs to nobody.
var (
	merchantKey = sync.OnceValue(makeKey)
	otherKey    = sync.OnceValue(makeKey)
	providerKey = sync.OnceValue(makeKey)
	strangerKey = sync.OnceValue(makeKey)
)

// clock is an injected clock; sleeping moves it.
type clock struct {
	mu     sync.Mutex
	at     time.Time
	sleeps []time.Duration
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
	c.sleeps = append(c.sleeps, d)
}

func (c *clock) Slept() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]time.Duration(nil), c.sleeps...)
}

// world is a simulator behind a real HTTP server and a caller that signs by itself.
type world struct {
	t      *testing.T
	sim    *metro.Simulator
	url    string
	clock  *clock
	number atomic.Int64 // of nonces
	end    func()       // closes it before the test's end
}

func newWorld(t *testing.T, change ...func(*metro.Options)) *world {
	t.Helper()
	c := newClock()
	opts := metro.Options{
		Now: c.Now, Sleep: c.Sleep,
		Merchants: []metro.Merchant{
			{MchID: mchID, PublicKey: metro.PublicKey{PublicKey: &merchantKey().PublicKey}, StoreIDs: []string{storeID, "SZTX002"}},
			{MchID: otherMch, PublicKey: metro.PublicKey{PublicKey: &otherKey().PublicKey}},
		},
	}
	for _, f := range change {
		f(&opts)
	}
	sim := metro.New(opts)
	server := httptest.NewServer(sim)
	w := &world{t: t, sim: sim, url: server.URL, clock: c}
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
	out := maps.Clone(f)
	out[name] = value
	return out
}

func (f fields) without(name string) fields {
	out := maps.Clone(f)
	delete(out, name)
	return out
}

func payBody(number string) fields {
	return fields{
		"out_request_no": number, "qrcode": wechatCode, "body": "咖啡", "total_fee": 1000, "store_id": storeID,
	}
}

func byNumber(number string) fields { return fields{"out_request_no": number} }

func refundBody(number, refundNo string, fee int) fields {
	return fields{"out_request_no": number, "out_refund_no": refundNo, "refund_fee": fee}
}

// headers are the four of the document, as a caller sends them.
type headers map[string]string

func (h headers) with(name, value string) headers {
	out := maps.Clone(h)
	out[name] = value
	return out
}

func (h headers) without(name string) headers {
	out := maps.Clone(h)
	delete(out, name)
	return out
}

// signText is SHA256withRSA; the empty signature that an error would leave is refused.
func signText(key *rsa.PrivateKey, text string) []byte {
	digest := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		return nil
	}
	return signature
}

func named(mch, nonce, timestamp string) string {
	return "mch_id=" + mch + "&nonce_str=" + nonce + "&timestamp=" + timestamp
}

func (w *world) nonce() string { return fmt.Sprintf("nonce-%010d", w.number.Add(1)) }

func (w *world) timestamp() string { return strconv.FormatInt(w.clock.Now().Unix(), 10) }

// signedBy makes valid headers of a merchant.
func (w *world) signedBy(mch string, key *rsa.PrivateKey) headers {
	return signedAs(key, mch, w.nonce(), w.timestamp())
}

func signedAs(key *rsa.PrivateKey, mch, nonce, timestamp string) headers {
	return headers{
		"mch_id": mch, "nonce_str": nonce, "timestamp": timestamp,
		"Authorization": base64.StdEncoding.EncodeToString(signText(key, named(mch, nonce, timestamp))),
		"Content-Type":  "application/json",
	}
}

func (w *world) signed() headers { return w.signedBy(mchID, merchantKey()) }

func encode(t *testing.T, value any) []byte {
	t.Helper()
	body, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func path(op string) string { return "/metro/payment/v1/api/qrcode/" + op }

// raw sends exactly these bytes and headers.
func (w *world) raw(method, path string, body []byte, head http.Header) (*http.Response, []byte, error) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header = head
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return resp, text, err
}

// answer is a reply in the default envelope.
type answer struct {
	Code json.Number    `json:"code"`
	Msg  string         `json:"msg"`
	Data map[string]any `json:"data"`
}

// String is the code, or "0" with the status that the data holds.
func (a answer) String() string {
	text := a.Code.String()
	for _, name := range []string{"pay_status", "pay_refund_status", "recall"} {
		if status, ok := a.Data[name].(string); ok {
			text += " " + status
		}
	}
	return text
}

func (a answer) text(name string) string {
	text, _ := a.Data[name].(string)
	return text
}

// number is a numeric field in fen, or -1 if there is none.
func (a answer) number(name string) int64 {
	number, ok := a.Data[name].(float64)
	if !ok {
		return -1
	}
	return int64(number)
}

func (w *world) sendRaw(op string, head headers, body []byte) (answer, error) {
	w.t.Helper()
	header := http.Header{}
	for name, value := range head {
		header[name] = []string{value}
	}
	return w.sendHeader(op, header, body)
}

func (w *world) sendHeader(op string, header http.Header, body []byte) (answer, error) {
	w.t.Helper()
	resp, text, err := w.raw(http.MethodPost, path(op), body, header)
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

// send signs a body and returns the reply or the transport's error.
func (w *world) send(op string, body fields) (answer, error) {
	w.t.Helper()
	return w.sendRaw(op, w.signed(), encode(w.t, body))
}

// want sends and compares the reply in its short form.
func (w *world) want(op string, body fields, want string) answer {
	w.t.Helper()
	a, err := w.send(op, body)
	if err != nil {
		w.t.Fatalf("%s: %v", op, err)
	}
	if a.String() != want {
		w.t.Fatalf("%s answered %q (%s), want %q", op, a, a.Msg, want)
	}
	return a
}

func (w *world) wantNoReply(op string, body fields) {
	w.t.Helper()
	if a, err := w.send(op, body); err == nil {
		w.t.Fatalf("%s answered %q, want a broken connection or reply", op, a)
	}
}

func (w *world) fault(f metro.Fault) {
	w.t.Helper()
	if _, err := w.sim.AddFault(f); err != nil {
		w.t.Fatal(err)
	}
}

// books compares what the ledger holds of an order.
func (w *world) books(number string, pays int, net int64) {
	w.t.Helper()
	s := w.sim.Ledger().Order(metro.Key(mchID, number))
	if s.Pays != pays || s.Net != net {
		w.t.Fatalf("order %s: %d payments and net %d fen in the ledger, want %d and %d", number, s.Pays, s.Net, pays, net)
	}
}

// clean fails if anything was recorded as a breach.
func (w *world) clean() {
	w.t.Helper()
	for _, v := range w.sim.Violations() {
		w.t.Errorf("violation: %+v", v)
	}
}
