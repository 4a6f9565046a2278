package bestpay_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/bestpay"
)

const (
	institution = "3178000000000001"
	merchantNo  = "3178032000000001"
	merchant2   = "3178032000000002"
	payerCode   = "510012345678901234"
	today       = "2026-11-23 18:00:00" // of the clock below, in Shanghai
)

// testKeys are a merchant's key, another merchant's, and the platform's; making them is slow.
var testKeys = sync.OnceValues(func() ([3]*rsa.PrivateKey, error) {
	var keys [3]*rsa.PrivateKey
	var err error
	for i := range keys {
		if keys[i], err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
			break
		}
	}
	return keys, err
})

// clock is an injected clock; sleeping moves it.
type clock struct {
	mu    sync.Mutex
	at    time.Time
	slept []time.Duration
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
	c.slept = append(c.slept, d)
}

func (c *clock) waits() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]time.Duration(nil), c.slept...)
}

// world is a simulator behind a real HTTP server and a caller that signs and verifies by itself.
type world struct {
	t        *testing.T
	sim      *bestpay.Simulator
	url      string
	clock    *clock
	keys     map[string]*rsa.PrivateKey // by merchant number
	platform *rsa.PublicKey
	shop     *shop
	end      func() // closes it before the test's end
}

func newWorld(t *testing.T, change ...func(*bestpay.Options)) *world {
	t.Helper()
	keys, err := testKeys()
	if err != nil {
		t.Fatal(err)
	}
	c := newClock()
	opts := bestpay.Options{
		Now: c.Now, Sleep: c.Sleep, Key: keys[2],
		Merchants: []bestpay.Merchant{
			{InstitutionCode: institution, MerchantNo: merchantNo, PublicKey: &keys[0].PublicKey},
			{InstitutionCode: institution, MerchantNo: merchant2, PublicKey: &keys[1].PublicKey},
		},
	}
	for _, f := range change {
		f(&opts)
	}
	sim := bestpay.New(opts)
	server := httptest.NewServer(sim)
	w := &world{
		t: t, sim: sim, url: server.URL, clock: c, shop: newShop(t), platform: &keys[2].PublicKey,
		keys: map[string]*rsa.PrivateKey{merchantNo: keys[0], merchant2: keys[1]},
	}
	w.end = sync.OnceFunc(func() {
		server.Close()
		if err := sim.Close(); err != nil {
			t.Errorf("close the simulator: %v", err)
		}
	})
	t.Cleanup(w.end)
	return w
}

// shop is a merchant's notifyUrl. It answers as the document says unless told otherwise.
type shop struct {
	url string
	mu  sync.Mutex
	got []map[string]any
	raw []string
	say func(attempt int) (int, string)
}

const acknowledged = `{"success":true,"errorCode":null,"errorMsg":null,"result":{"statusCode":200}}`

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{say: func(int) (int, string) { return http.StatusOK, acknowledged }}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("a callback came as %s %s: %v", r.Method, r.Header.Get("Content-Type"), err)
		}
		status, text := s.take(t, body)
		rw.WriteHeader(status)
		_, _ = io.WriteString(rw, text)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL + "/notify"
	return s
}

func (s *shop) take(t *testing.T, body []byte) (int, string) {
	t.Helper()
	message, err := decode(body)
	if err != nil {
		t.Errorf("a callback is not JSON: %v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got, s.raw = append(s.got, message), append(s.raw, string(body))
	return s.say(len(s.got))
}

func (s *shop) answers(say func(attempt int) (int, string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.say = say
}

func (s *shop) received() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]map[string]any(nil), s.got...)
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

func (w *world) barcodeBody(outTradeNo string) fields {
	return fields{
		"institutionCode": institution, "merchantNo": merchantNo, "outTradeNo": outTradeNo, "tradeAmt": 1000,
		"subject": "聚合支付付款码下单", "mediumNo": payerCode, "requestDate": today, "timeOut": 1500,
		"goodsInfo": "咖啡 & <面包>/1", "notifyUrl": w.shop.url, "operator": "刘侃",
	}
}

func (w *world) qrBody(outTradeNo string) fields {
	return w.barcodeBody(outTradeNo).without("mediumNo").with("tradeType", "ALIPAY")
}

func confirmBody(outTradeNo string) fields {
	return fields{"institutionCode": institution, "merchantNo": merchantNo, "outTradeNo": outTradeNo, "tradeDate": today}
}

func (w *world) refundBody(outTradeNo, outRequestNo string, amount int) fields {
	return fields{
		"institutionCode": institution, "merchantNo": merchantNo, "outTradeNo": outTradeNo, "outRequestNo": outRequestNo,
		"refundAmt": amount, "requestDate": today, "operator": "op", "notifyUrl": w.shop.url,
	}
}

func refundQueryBody(outTradeNo, outRequestNo string) fields {
	return fields{
		"institutionCode": institution, "merchantNo": merchantNo, "outTradeNo": outTradeNo, "outRequestNo": outRequestNo,
		"refundDate": today,
	}
}

func urlPath(op string) string {
	return "/mapi/o2o/aggregatePayment/" + map[string]string{
		"barcode": "orderMixBrcode", "qr": "platform/orderMixQrcode", "confirm": "confirmOrderStatus",
		"refund": "refund", "refund-query": "queryRefundOrder",
	}[op]
}

// plain is a value as it stands in a signed text; nested values are compact JSON with sorted keys.
func plain(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil { // maps come out with sorted keys
		return err.Error()
	}
	return strings.TrimSuffix(buffer.String(), "\n")
}

func signedText(message map[string]any) string {
	var pairs []string
	for name, value := range message {
		if name != "sign" {
			pairs = append(pairs, name+"="+plain(value))
		}
	}
	sort.Slice(pairs, func(i, j int) bool { return strings.SplitN(pairs[i], "=", 2)[0] < strings.SplitN(pairs[j], "=", 2)[0] })
	return strings.Join(pairs, "&")
}

func sha256Sign(t *testing.T, key *rsa.PrivateKey, text string) string {
	t.Helper()
	sum := sha256.Sum256([]byte(text))
	sign, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(sign)
}

func sha1Sign(t *testing.T, key *rsa.PrivateKey, text string) string {
	t.Helper()
	sum := sha1.Sum([]byte(text))
	sign, err := rsa.SignPKCS1v15(nil, key, crypto.SHA1, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(sign)
}

// genuine verifies a reply or callback: SHA1withRSA over its sorted members.
func genuine(key *rsa.PublicKey, message map[string]any) error {
	sign, ok := message["sign"].(string)
	raw, err := base64.StdEncoding.DecodeString(sign)
	if !ok || err != nil {
		return fmt.Errorf("no sign: %w", err)
	}
	sum := sha1.Sum([]byte(signedText(message)))
	return rsa.VerifyPKCS1v15(key, crypto.SHA1, sum[:], raw)
}

func (w *world) sign(body fields) fields {
	w.t.Helper()
	key := w.keys[merchantNo]
	if number, ok := body["merchantNo"].(string); ok && w.keys[number] != nil {
		key = w.keys[number]
	}
	return body.with("sign", sha256Sign(w.t, key, signedText(body)))
}

func encode(t *testing.T, f fields) []byte {
	t.Helper()
	body, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func decode(body []byte) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var message map[string]any
	err := decoder.Decode(&message)
	return message, err
}

// post sends exactly these bytes.
func (w *world) post(op string, body []byte, contentType string) (*http.Response, []byte, error) {
	w.t.Helper()
	return w.exchange(http.MethodPost, urlPath(op), body, contentType)
}

func (w *world) exchange(method, path string, body []byte, contentType string) (*http.Response, []byte, error) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return resp, text, err
}

const jsonType = "application/json; charset=utf-8"

// answer is a reply whose signature is right.
type answer struct {
	success bool
	code    string
	words   string
	result  map[string]any
	status  string // of the trade
}

func (a answer) String() string {
	if !a.success {
		return a.code
	}
	return a.status
}

// sendRaw returns the reply, or an error if there is none that can be read and verified.
func (w *world) sendRaw(op string, body []byte) (answer, error) {
	w.t.Helper()
	resp, text, err := w.post(op, body, jsonType)
	if err != nil {
		return answer{}, err
	}
	if resp.StatusCode != http.StatusOK {
		return answer{}, fmt.Errorf("HTTP %d", resp.StatusCode)
	}
	message, err := decode(text)
	if err != nil {
		return answer{}, fmt.Errorf("not a reply: %w", err)
	}
	if err := genuine(w.platform, message); err != nil {
		return answer{}, fmt.Errorf("signature of %s: %w", text, err)
	}
	return read(message)
}

// read takes a reply apart; all five members must be there.
func read(message map[string]any) (answer, error) {
	var a answer
	for _, name := range []string{"success", "errorCode", "errorMsg", "result", "sign"} {
		if _, present := message[name]; !present || len(message) != 5 {
			return a, fmt.Errorf("the reply %v lacks %s or has too much", message, name)
		}
	}
	a.success, _ = message["success"].(bool)
	a.code, _ = message["errorCode"].(string)
	a.words, _ = message["errorMsg"].(string)
	switch result := message["result"].(type) {
	case map[string]any:
		a.result = result
	case string:
		var err error
		if a.result, err = decode([]byte(result)); err != nil {
			return a, err
		}
	}
	if a.success != (a.result != nil) || a.success == (a.code != "") || a.success == (a.words != "") {
		return a, fmt.Errorf("the reply %v is neither success nor failure", message)
	}
	a.status, _ = a.result["tradeStatus"].(string)
	return a, nil
}

// want signs, sends and compares the reply in its short form: the error code, or else the trade's status.
func (w *world) want(op string, body fields, want string) answer {
	w.t.Helper()
	a, err := w.sendRaw(op, encode(w.t, w.sign(body)))
	if err != nil {
		w.t.Fatalf("%s: %v", op, err)
	}
	if a.String() != want {
		w.t.Fatalf("%s answered %q, want %q (%s)", op, a, want, a.words)
	}
	return a
}

func (w *world) wantNoReply(op string, body fields) {
	w.t.Helper()
	if a, err := w.sendRaw(op, encode(w.t, w.sign(body))); err == nil {
		w.t.Fatalf("%s answered %q, want a reply that cannot be read or verified", op, a)
	}
}

func (w *world) fault(f bestpay.Fault) {
	w.t.Helper()
	if _, err := w.sim.AddFault(f); err != nil {
		w.t.Fatal(err)
	}
}

// books compares what the ledger holds of an order.
func (w *world) books(outTradeNo string, pays int, net int64) {
	w.t.Helper()
	s := w.sim.Ledger().Order(bestpay.Key(merchantNo, outTradeNo))
	if s.Pays != pays || s.Net != net {
		w.t.Fatalf("order %s: %d payments and net %d fen in the ledger, want %d and %d", outTradeNo, s.Pays, s.Net, pays, net)
	}
}

// clean fails if anything was recorded as a breach.
func (w *world) clean() {
	w.t.Helper()
	for _, v := range w.sim.Violations() {
		w.t.Errorf("violation: %+v", v)
	}
}

func certificateKey(t *testing.T, text string) *rsa.PublicKey {
	t.Helper()
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		t.Fatal("no PEM")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	key, ok := certificate.PublicKey.(*rsa.PublicKey)
	if !ok {
		t.Fatal("no RSA key")
	}
	return key
}
