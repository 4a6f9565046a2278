package mmsp_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

const (
	merNo    = "001440353999853"
	termNo   = "84970001"
	merKey   = "0123456789abcdef0123456789abcdef"
	merNo2   = "001440353999854" // in agent mode
	termNo2  = "84970002"
	merKey2  = "00000000000000000000000000000000" // never signs: the agent's goes before it
	agentNo  = "001100045823148"
	agentKey = "fedcba9876543210fedcba9876543210"
)

// clock is an injected clock; sleeping moves it.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)} }

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
	sim   *mmsp.Simulator
	url   string
	clock *clock
	end   func() // closes it before the test's end
}

func newWorld(t *testing.T, change ...func(*mmsp.Options)) *world {
	t.Helper()
	c := newClock()
	opts := mmsp.Options{
		Now: c.Now, Sleep: c.Sleep,
		// No notifications, for nobody listens at merchant.example; notifiedWorld has them.
		Resend: func(context.Context, time.Duration) bool { return false },
		Merchants: []mmsp.Merchant{
			{MerNo: merNo, TermNo: termNo, Key: merKey},
			{MerNo: merNo2, TermNo: termNo2, Key: merKey2, AgentNo: agentNo, AgentKey: agentKey},
		},
	}
	for _, f := range change {
		f(&opts)
	}
	sim := mmsp.New(opts)
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

// compact is JSON with `<`, `>` and `&` as themselves.
func compact(t *testing.T, value any) string {
	t.Helper()
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(buffer.String(), "\n")
}

// sign signs a Body by the document's words (3.3.2): keys A to Z, Chinese as it is, `/` as `\/`.
func sign(t *testing.T, body map[string]any, key string) string {
	t.Helper()
	parts := make([]string, 0, len(body))
	for _, name := range slices.Sorted(maps.Keys(body)) {
		parts = append(parts, compact(t, name)+":"+compact(t, body[name]))
	}
	text := strings.ReplaceAll("{"+strings.Join(parts, ",")+"}", "/", `\/`)
	sum := md5.Sum([]byte(text + "&key=" + key))
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

func nodeID(path string) string {
	if path == mmsp.PathScan {
		return "openplat"
	}
	return "openapi"
}

// message is a valid envelope of the first merchant around a Body.
func (w *world) message(path string, command int, body fields) fields {
	w.t.Helper()
	return fields{
		"CommandID": command, "SeqID": 1, "NodeType": 3, "NodeID": nodeID(path), "Version": "1.0.0", "AGENTNO": "",
		"MERNO": merNo, "TERMNO": termNo, "Body": body, "Sign": sign(w.t, body, merKey),
	}
}

// agentMessage is one of the second merchant, in agent mode.
func (w *world) agentMessage(path string, command int, body fields) fields {
	w.t.Helper()
	return w.message(path, command, body).with("AGENTNO", agentNo).with("MERNO", merNo2).with("TERMNO", termNo2).
		with("Sign", sign(w.t, body, agentKey))
}

// answer is a reply.
type answer struct {
	CommandID int            `json:"CommandID"`
	SeqID     any            `json:"SeqID"`
	NodeType  any            `json:"NodeType"`
	NodeID    string         `json:"NodeID"`
	Version   string         `json:"Version"`
	RetCode   int            `json:"RetCode"`
	ErrorMsg  string         `json:"ErrorMsg"`
	Raw       any            `json:"Body"`
	Sign      string         `json:"Sign"`
	AgentNo   *string        `json:"AGENTNO"`
	MerNo     string         `json:"MERNO"`
	TermNo    string         `json:"TERMNO"`
	Body      map[string]any `json:"-"`
}

func (a answer) text(name string) string {
	if a.Body[name] == nil {
		return ""
	}
	return fmt.Sprint(a.Body[name])
}

// String is the reply in short: RetCode, then STATUS and the error code, or what stands in the brackets.
func (a answer) String() string {
	if a.Body == nil {
		code, _, bracketed := strings.Cut(a.ErrorMsg, "] ")
		if !bracketed {
			code = a.ErrorMsg
		}
		return strings.TrimSpace(fmt.Sprintf("refused %d %s", a.RetCode, strings.TrimPrefix(code, "[")))
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s %s", a.RetCode, a.text("STATUS"), a.text("ERR_CODE")+a.text("ERRCODE")))
}

func decodeAnswer(raw []byte) (answer, error) {
	var a answer
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&a); err != nil {
		return answer{}, fmt.Errorf("not a reply: %w", err)
	}
	a.Body, _ = a.Raw.(map[string]any)
	return a, nil
}

// raw sends exactly these bytes and headers, and follows no redirect.
func (w *world) raw(method, target string, body []byte, headers map[string]string) (*http.Response, []byte, error) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+target, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return resp, text, err
}

// post sends a whole message.
func (w *world) post(path, message string) (answer, error) {
	w.t.Helper()
	resp, text, err := w.raw(http.MethodPost, path, []byte(message), map[string]string{"Content-Type": "application/json"})
	if err != nil {
		return answer{}, err
	}
	if resp.StatusCode != http.StatusOK {
		return answer{}, fmt.Errorf("HTTP %d", resp.StatusCode)
	}
	return decodeAnswer(text)
}

// send signs a Body as the first merchant.
func (w *world) send(path string, command int, body fields) (answer, error) {
	w.t.Helper()
	return w.post(path, compact(w.t, w.message(path, command, body)))
}

// want sends and compares the reply in its short form; a successful reply must be signed and carry the right command.
func (w *world) want(path string, command int, body fields, want string) answer {
	w.t.Helper()
	a, err := w.send(path, command, body)
	if err != nil {
		w.t.Fatalf("%#x: %v", command, err)
	}
	if a.String() != want {
		w.t.Fatalf("%#x answered %q, want %q (%s %s)", command, a, want, a.ErrorMsg, compact(w.t, a.Body))
	}
	w.genuine(a, command, merKey)
	return a
}

func (w *world) genuine(a answer, command int, key string) {
	w.t.Helper()
	if a.Body == nil {
		if a.CommandID != 32768 || a.Sign != "" || a.Raw != "" || a.ErrorMsg == "" {
			w.t.Fatalf("a refusal is command 32768, unsigned, with an empty Body and a text: %+v", a)
		}
		return
	}
	if a.CommandID != command+0x8000 {
		w.t.Fatalf("the reply's command is %#x, want %#x", a.CommandID, command+0x8000)
	}
	if a.Sign != sign(w.t, a.Body, key) {
		w.t.Fatalf("the reply's signature is wrong: %+v", a)
	}
}

func (w *world) wantNoReply(path string, command int, body fields) {
	w.t.Helper()
	if a, err := w.send(path, command, body); err == nil {
		w.t.Fatalf("%#x answered %q, want a broken connection or reply", command, a)
	}
}

func (w *world) fault(f mmsp.Fault) {
	w.t.Helper()
	if _, err := w.sim.AddFault(f); err != nil {
		w.t.Fatal(err)
	}
}

// books compares what the ledger holds of an order.
func (w *world) books(number string, pays int, net int64) {
	w.t.Helper()
	s := w.sim.Ledger().Order(mmsp.Key(merNo, number))
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

// breach looks for a violation recorded since the first n.
func (w *world) breach(since int, op, field, rule string) {
	w.t.Helper()
	for _, v := range w.sim.Violations()[since:] {
		if v.Operation == op && v.Field == field && v.Rule == rule {
			return
		}
	}
	w.t.Errorf("%s: %s of %s was not recorded: %+v", op, rule, field, w.sim.Violations()[since:])
}

// refusedAs sends a Body and checks that the message is refused and exactly this breach was recorded among others.
func (w *world) refusedAs(path string, command int, op string, body fields, field, rule string) {
	w.t.Helper()
	w.refusedMessage(path, op, compact(w.t, w.message(path, command, body)), field, rule)
}

func (w *world) refusedMessage(path, op, message, field, rule string) {
	w.t.Helper()
	since := len(w.sim.Violations())
	a, err := w.post(path, message)
	if err != nil {
		w.t.Fatal(err)
	}
	if a.CommandID != 32768 || a.RetCode != 0 || a.ErrorMsg == "" || a.Sign != "" || a.Raw != "" {
		w.t.Errorf("%s: %s of %s answered %+v, want the general refusal", op, rule, field, a)
	}
	w.breach(since, op, field, rule)
}

// read takes a reply from a client's call.
func (w *world) read(resp *http.Response, err error) answer {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	a, err := decodeAnswer(text)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}
