package wechatpay_test

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/wechatpay"
)

const (
	mchID   = "1900000109"
	mch2    = "1900000110"
	appID   = "wxd678efh567hg6787"
	openID  = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
	apiKey  = "0123456789abcdef0123456789ABCDEF"
	apiKey2 = "fedcba9876543210fedcba9876543210"
)

// testKeys are two merchants' keys, the first platform certificate's and the platform public key's; making them is slow.
var testKeys = sync.OnceValues(func() ([4]*rsa.PrivateKey, error) {
	var keys [4]*rsa.PrivateKey
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

// newClock is at 18:00 on 2026-11-27 in Beijing.
func newClock() *clock { return &clock{at: time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)} }

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

// account is a merchant as its own system knows it.
type account struct {
	id, serial, apiKey string
	key                *rsa.PrivateKey
}

// world is a simulator behind a real HTTP server, and a caller that signs, verifies and decrypts by itself.
type world struct {
	t     *testing.T
	sim   *wechatpay.Simulator
	url   string
	clock *clock
	mch   account
	other account
	shop  *shop
	end   func() // closes it before the test's end
}

func newWorld(t *testing.T, change ...func(*wechatpay.Options)) *world {
	t.Helper()
	keys, err := testKeys()
	if err != nil {
		t.Fatal(err)
	}
	c := newClock()
	w := &world{
		t: t, clock: c,
		mch:   account{id: mchID, apiKey: apiKey, key: keys[0]},
		other: account{id: mch2, apiKey: apiKey2, key: keys[1]},
	}
	opts := wechatpay.Options{
		Now: c.Now, Sleep: c.Sleep, CertificateKey: keys[2], PublicKeyKey: keys[3], AllowHTTP: true,
	}
	for _, a := range []*account{&w.mch, &w.other} {
		if _, a.serial, err = wechatpay.Certificate(a.key, a.id, c.Now()); err != nil {
			t.Fatal(err)
		}
		opts.Merchants = append(opts.Merchants, wechatpay.Merchant{
			MchID: a.id, AppIDs: []string{appID}, PublicKey: &a.key.PublicKey, Serial: a.serial, APIv3Key: a.apiKey,
		})
	}
	for _, f := range change {
		f(&opts)
	}
	w.sim = wechatpay.New(opts)
	server := httptest.NewServer(w.sim)
	w.url, w.shop = server.URL, newShop(t)
	w.end = sync.OnceFunc(func() {
		server.Close()
		if err := w.sim.Close(); err != nil {
			t.Errorf("close the simulator: %v", err)
		}
	})
	t.Cleanup(w.end)
	return w
}

// shop is a merchant's notify_url. It answers 204 unless told otherwise.
type shop struct {
	url string
	mu  sync.Mutex
	got []received
	say func(received) (int, string)
}

type received struct {
	header http.Header
	body   []byte
}

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{say: func(received) (int, string) { return http.StatusNoContent, "" }}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("a notification came as %s %s: %v", r.Method, r.Header.Get("Content-Type"), err)
		}
		one := received{header: r.Header.Clone(), body: body}
		s.mu.Lock()
		s.got = append(s.got, one)
		status, text := s.say(one)
		s.mu.Unlock()
		rw.WriteHeader(status)
		_, _ = io.WriteString(rw, text)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL + "/notify"
	return s
}

func (s *shop) answers(say func(received) (int, string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.say = say
}

func (s *shop) received() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.got...)
}

// until waits for a condition that something in the background brings about.
func until(t *testing.T, what string, met func() bool) {
	t.Helper()
	for begin := time.Now(); !met(); time.Sleep(time.Millisecond) {
		if time.Since(begin) > 20*time.Second {
			t.Fatalf("waited too long for %s", what)
		}
	}
}

// delivered waits for so many attempts and returns them.
func (w *world) delivered(n int) []wechatpay.Delivery {
	w.t.Helper()
	until(w.t, fmt.Sprintf("%d deliveries", n), func() bool { return len(w.sim.Deliveries()) >= n })
	return w.sim.Deliveries()
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

func (w *world) order(outTradeNo string, total int) fields {
	return fields{
		"appid": appID, "mchid": mchID, "description": "咖啡 & <面包>/1", "out_trade_no": outTradeNo, "attach": "数据, 1",
		"notify_url": w.shop.url, "amount": fields{"total": total, "currency": "CNY"},
	}
}

func (w *world) jsapiOrder(outTradeNo string, total int) fields {
	return w.order(outTradeNo, total).with("payer", fields{"openid": openID})
}

func (w *world) h5Order(outTradeNo string, total int) fields {
	return w.order(outTradeNo, total).with("scene_info", fields{
		"payer_client_ip": "127.0.0.1", "device_id": "till-1", "h5_info": fields{"type": "Wap"},
	})
}

func (w *world) refund(outTradeNo, outRefundNo string, amount, total int) fields {
	return fields{
		"out_trade_no": outTradeNo, "out_refund_no": outRefundNo, "reason": "不想要了", "notify_url": w.shop.url,
		"amount": fields{"refund": amount, "total": total, "currency": "CNY"},
	}
}

const (
	nativePath  = "/v3/pay/transactions/native"
	jsapiPath   = "/v3/pay/transactions/jsapi"
	h5Path      = "/v3/pay/transactions/h5"
	refundPath  = "/v3/refund/domestic/refunds"
	certPath    = "/v3/certificates"
	billPath    = "/v3/bill/tradebill"
	jsonContent = "application/json"
)

func queryPath(outTradeNo string) string {
	return "/v3/pay/transactions/out-trade-no/" + outTradeNo + "?mchid=" + mchID
}

func closePath(outTradeNo string) string {
	return "/v3/pay/transactions/out-trade-no/" + outTradeNo + "/close"
}

// call is one request to be; the zero values are filled in rightly.
type call struct {
	method, target string
	body           []byte
	from           *account
	at             time.Time
	serial         string // in the authorization
	asked          string // Wechatpay-Serial
	spoil          func(*http.Request)
}

// authorization signs as documented.
func (w *world) authorization(c call) string {
	w.t.Helper()
	timestamp, nonce := strconv.FormatInt(c.at.Unix(), 10), "593BEC0C930BF1AFEB40B4A08C8FB242"
	text := strings.Join([]string{c.method, c.target, timestamp, nonce, string(c.body), ""}, "\n")
	return `WECHATPAY2-SHA256-RSA2048 mchid="` + c.from.id + `",nonce_str="` + nonce + `",signature="` +
		signed(w.t, c.from.key, text) + `",timestamp="` + timestamp + `",serial_no="` + c.serial + `"`
}

func signed(t *testing.T, key *rsa.PrivateKey, text string) string {
	t.Helper()
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(signature)
}

// client keeps no connections: net/http repeats a GET by itself when a kept one turns out to be closed.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// exchange sends a call and returns what came back, unverified.
func (w *world) exchange(c call) (*http.Response, []byte, error) {
	w.t.Helper()
	if c.from == nil {
		c.from = &w.mch
	}
	if c.at.IsZero() {
		c.at = w.clock.Now()
	}
	if c.serial == "" {
		c.serial = c.from.serial
	}
	if c.method == "" {
		c.method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(w.t.Context(), c.method, w.url+c.target, bytes.NewReader(c.body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", w.authorization(c))
	req.Header.Set("Accept", jsonContent)
	req.Header.Set("User-Agent", "test")
	if c.method == http.MethodPost {
		req.Header.Set("Content-Type", jsonContent)
	}
	if c.asked != "" {
		req.Header.Set("Wechatpay-Serial", c.asked)
	}
	if c.spoil != nil {
		c.spoil(req)
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return resp, body, err
}

// trusted is the public key behind a serial that a merchant may trust now.
func (w *world) trusted(serial string) (*rsa.PublicKey, error) {
	keys, err := w.sim.PlatformKeys()
	if err != nil {
		return nil, err
	}
	text := ""
	if serial == keys.PublicKeyID {
		text = keys.PublicKey
	}
	for _, c := range keys.Certificates {
		if c.Serial == serial && !c.Retired {
			text = c.PEM
		}
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, fmt.Errorf("nobody trusts the serial %q", serial)
	}
	var key any
	if block.Type == "CERTIFICATE" {
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		key = certificate.PublicKey
	} else if key, err = x509.ParsePKIXPublicKey(block.Bytes); err != nil {
		return nil, err
	}
	public, ok := key.(*rsa.PublicKey)
	if !ok {
		return nil, errors.New("no RSA key")
	}
	return public, nil
}

// genuine verifies a reply or a notification.
func (w *world) genuine(header http.Header, body []byte) error {
	key, err := w.trusted(header.Get("Wechatpay-Serial"))
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseInt(header.Get("Wechatpay-Timestamp"), 10, 64)
	if away := w.clock.Now().Sub(time.Unix(seconds, 0)); err != nil || away > 5*time.Minute || away < -5*time.Minute {
		return fmt.Errorf("the timestamp is off by %s: %w", away, err)
	}
	raw, err := base64.StdEncoding.DecodeString(header.Get("Wechatpay-Signature"))
	if err != nil || len(raw) == 0 {
		return fmt.Errorf("no signature: %w", err)
	}
	text := header.Get("Wechatpay-Timestamp") + "\n" + header.Get("Wechatpay-Nonce") + "\n" + string(body) + "\n"
	sum := sha256.Sum256([]byte(text))
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], raw)
}

// open decrypts AEAD_AES_256_GCM.
func open(key, nonce, associated, ciphertext string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(ciphertext)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher([]byte(key))
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	if len(nonce) != gcm.NonceSize() {
		return nil, fmt.Errorf("a nonce of %d bytes", len(nonce))
	}
	return gcm.Open(nil, []byte(nonce), raw, []byte(associated))
}

// answer is a reply whose signature is right.
type answer struct {
	status int
	code   string // of an error
	words  string
	body   map[string]any
	header http.Header
}

// sendRaw returns the reply, or an error if there is none that can be read and verified.
func (w *world) sendRaw(c call) (answer, error) {
	w.t.Helper()
	resp, body, err := w.exchange(c)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: resp.StatusCode, header: resp.Header}
	if err := w.genuine(resp.Header, body); err != nil {
		return a, fmt.Errorf("HTTP %d %s: %w", resp.StatusCode, body, err)
	}
	err = a.read(body)
	return a, err
}

func (a *answer) read(body []byte) error {
	if a.header.Get("Request-ID") == "" {
		return errors.New("no Request-ID")
	}
	if len(body) == 0 {
		return nil
	}
	if err := json.Unmarshal(body, &a.body); err != nil {
		return fmt.Errorf("%q is no reply: %w", body, err)
	}
	if a.status >= 300 || a.status == http.StatusAccepted {
		a.code, _ = a.body["code"].(string)
		a.words, _ = a.body["message"].(string)
	}
	return nil
}

// want sends and compares the reply in its short form: the error code, or else the state, or the status.
func (w *world) want(method, target string, body fields, want string) answer {
	w.t.Helper()
	c := call{method: method, target: target}
	if body != nil {
		c.body = encode(w.t, body)
	}
	return w.wantCall(c, want)
}

func (w *world) wantCall(c call, want string) answer {
	w.t.Helper()
	a, err := w.sendRaw(c)
	if err != nil {
		w.t.Fatalf("%s %s: %v", c.method, c.target, err)
	}
	if a.short() != want {
		w.t.Fatalf("%s %s answered %q, want %q (%s)", c.method, c.target, a.short(), want, a.words)
	}
	return a
}

func (a answer) short() string {
	switch {
	case a.code != "":
		return a.code
	case a.body["trade_state"] != nil:
		return fmt.Sprint(a.body["trade_state"])
	case a.body["status"] != nil:
		return fmt.Sprint(a.body["status"])
	}
	return strconv.Itoa(a.status)
}

func (a answer) text(name string) string {
	text, _ := a.body[name].(string)
	return text
}

// at is a member of a nested object.
func (a answer) at(object, name string) any {
	nested, _ := a.body[object].(map[string]any)
	return nested[name]
}

func (w *world) post(target string, body fields, want string) answer {
	w.t.Helper()
	return w.want(http.MethodPost, target, body, want)
}

func (w *world) get(target, want string) answer {
	w.t.Helper()
	return w.want(http.MethodGet, target, nil, want)
}

// paid places an order and has it paid.
func (w *world) paid(outTradeNo string, total int) {
	w.t.Helper()
	w.post(nativePath, w.order(outTradeNo, total), "200")
	if err := w.sim.PayOrder(mchID, outTradeNo); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) fault(f wechatpay.Fault) {
	w.t.Helper()
	if _, err := w.sim.AddFault(f); err != nil {
		w.t.Fatal(err)
	}
}

// books compares what the ledger holds of an order.
func (w *world) books(outTradeNo string, pays int, net int64) {
	w.t.Helper()
	s := w.sim.Ledger().Order(wechatpay.Key(mchID, outTradeNo))
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

func encode(t *testing.T, f fields) []byte {
	t.Helper()
	body, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
