// Command actor is a plugin that does what the account's settings tell it: behave, or try
// what a confined plugin must not be able to do. It exists for the tests of pluginhost.
package main

import (
	"context"
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

func main() {
	id, version, traits := called()
	greetWrongly(traits)
	switch {
	case traits["mute"]:
		time.Sleep(time.Hour)
	case traits["dying"]:
		fmt.Fprintln(os.Stderr, "\x1b[2Jdying early")
		os.Exit(3) //nolint:forbidigo // dying at once is what is tested
	}
	sdk.Serve(&actor{id: id, version: version, traits: traits})
}

// called reads what to be out of the name of its file: id@version+trait+trait.
func called() (id, version string, traits map[string]bool) {
	id, rest, _ := strings.Cut(os.Args[0], "@")
	version, rest, _ = strings.Cut(rest, "+")
	traits = map[string]bool{}
	for trait := range strings.SplitSeq(rest, "+") {
		traits[trait] = true
	}
	if version == "" {
		version = "1.2.3"
	}
	return id, version, traits
}

type actor struct {
	id, version string
	traits      map[string]bool

	deaf  atomic.Bool // answers no question any more
	mu    sync.Mutex
	saved *sdk.Call // of an earlier call, for the expired token
	hoard [][]byte
}

type orders struct {
	surroundings

	Act string
}

func ordersOf(call *sdk.Call) orders {
	var o orders
	_ = call.Bind(&o)
	return o
}

func (a *actor) Manifest() sdk.Manifest {
	for a.deaf.Load() {
		time.Sleep(time.Second)
	}
	text := func(s string) sdk.Text { return sdk.Text{ZH: s, EN: s} }
	requests := []sdk.GrantRequest{{Method: http.MethodPost, Path: "/pay"}, {Method: http.MethodGet, Path: "/query"}, {Method: http.MethodPost, Path: "/checkin"}}
	keys := []sdk.GrantKey{
		{Name: "terminal_key", Operations: []string{sdk.OpDigest}},
		{Name: "rsa", Operations: []string{sdk.OpSign, sdk.OpVerify, sdk.OpDecrypt, sdk.OpEncrypt}},
		{Name: "aes", Operations: []string{sdk.OpSeal, sdk.OpOpen}},
	}
	one := sdk.Grant{Requests: requests, Keys: keys, Sends: 1}
	query := sdk.Grant{Requests: requests[1:2], Keys: keys, Sends: 1}
	check := sdk.Grant{Requests: requests, Keys: keys, Sends: 1, Rotate: []string{"terminal_key", "terminal_sn"}}
	property := func(kind string) string {
		return `{"type":"string","x-type":"` + kind + `","x-label":{"zh":"` + kind + `","en":"` + kind + `"}}`
	}
	m := sdk.Manifest{
		ID: a.id, Name: text("actor"), Version: a.version, ProtocolVersion: sdk.ProtocolVersion,
		Products: []sdk.Product{{ID: "scan", Name: text("scan"), Capabilities: []sdk.Capability{
			sdk.CapCreatePayment, sdk.CapQueryPayment, sdk.CapCheckIn, sdk.CapActivate,
		}}},
		Settings: json.RawMessage(`{}`),
		Credentials: json.RawMessage(`{"properties":{"terminal_key":` + property("md5_key") + `,"other_key":` + property("md5_key") +
			`,"rsa":` + property("rsa_private") + `,"aes":` + property("aes_key") + `,"terminal_sn":` + property("merchant_number") + `}}`),
		Grants: map[sdk.Capability]sdk.Grant{
			sdk.CapCreatePayment: one, sdk.CapQueryPayment: query, sdk.CapCheckIn: check, sdk.CapActivate: check,
		},
		ReplyAuthentication: sdk.ReplyTLSOnly, Redact: []string{"dynamic_id", "terminal_key"},
	}
	a.differ(&m)
	return m
}

// differ makes the manifest what the file's name says.
func (a *actor) differ(m *sdk.Manifest) {
	if a.traits["more"] {
		m.Hosts = append(m.Hosts, "more.example")
		g := m.Grants[sdk.CapQueryPayment]
		g.Reveal = []string{"terminal_key"}
		m.Grants[sdk.CapQueryPayment] = g
	}
	if a.traits["newer"] {
		m.ProtocolVersion++
	}
	if a.traits["schema"] {
		m.Settings = json.RawMessage(`{"properties":`)
	}
	if a.traits["strict"] {
		m.Settings = json.RawMessage(`{"required":["Region"]}`)
	}
	if a.traits["other"] {
		m.Products[0].ID = "another"
	}
}

type wireReply struct {
	Status string `json:"status"`
	Sn     string `json:"sn"`
	Key    string `json:"key"`
}

// exchange makes the one ordinary exchange.
func exchange(ctx context.Context, call *sdk.Call, method, path string, body map[string]string) (wireReply, int, error) {
	var reply wireReply
	data, err := json.Marshal(body)
	if err != nil {
		return reply, 0, err
	}
	sum, err := call.Digest("terminal_key", sdk.MD5, sdk.Bytes(data), sdk.Key())
	if err != nil {
		return reply, 0, err
	}
	var reader io.Reader
	if method == http.MethodPost {
		reader = strings.NewReader(string(data))
	}
	req, err := http.NewRequestWithContext(ctx, method, call.BaseURL+path, reader)
	if err != nil {
		return reply, 0, err
	}
	req.Header.Set("Authorization", call.Merchant("terminal_sn")+" "+hex.EncodeToString(sum))
	req.Header.Set("Idempotency-Key", call.OrderNo)
	resp, err := call.HTTP().Do(req)
	if err != nil {
		return reply, 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return reply, 0, err
	}
	if resp.StatusCode != http.StatusOK {
		return reply, resp.StatusCode, nil
	}
	err = json.Unmarshal(raw, &reply)
	return reply, resp.StatusCode, err
}

func result(reply wireReply, status int, err error) (sdk.PaymentResult, error) {
	out := sdk.PaymentResult{Outcome: sdk.OutcomeUnknown, ProviderOrderNo: reply.Sn, Provider: sdk.ProviderText{Code: reply.Status}}
	switch {
	case err != nil || status != http.StatusOK:
		return out, err
	case reply.Status == "PAID":
		out.Outcome = sdk.OutcomeSucceeded
	case reply.Status == "BAD_SIGN":
		out.Outcome, out.KeyRefused = sdk.OutcomeRefused, true
	}
	return out, nil
}

func (a *actor) CreatePayment(ctx context.Context, call *sdk.Call, req sdk.PaymentRequest) (sdk.PaymentResult, error) {
	body := map[string]string{"client_sn": req.OrderNo, "dynamic_id": req.PayerCode.Text(), "subject": req.Subject}
	switch o := ordersOf(call); o.Act {
	case "die-before":
		os.Exit(7) //nolint:forbidigo // dying in a call is what is tested
	case "die-after":
		_, _, _ = exchange(ctx, call, http.MethodPost, "/pay", body)
		os.Exit(7) //nolint:forbidigo // dying in a call is what is tested
	case "die-sending", "die-reading", "die-talking":
		die(ctx, call, o.Act, req)
	case "panic-after":
		_, _, _ = exchange(ctx, call, http.MethodPost, "/pay", body)
		panic("the key is " + call.OrderNo)
	case "panic-before":
		panic("early")
	case "hang":
		time.Sleep(time.Hour)
	case "parrot":
		said, err := result(exchange(ctx, call, http.MethodPost, "/pay", body))
		said.Provider.Message = "the code " + req.PayerCode.Text() + " of " + req.Subject + " for " + req.OrderNo
		return said, err
	case "lie":
		return sdk.PaymentResult{Outcome: sdk.OutcomeSucceeded}, nil
	case "second-send":
		first, status, err := exchange(ctx, call, http.MethodPost, "/pay", body)
		if _, _, again := exchange(ctx, call, http.MethodPost, "/pay", body); again == nil {
			return sdk.PaymentResult{}, errors.New("a second send went through")
		}
		return result(first, status, err)
	}
	return result(exchange(ctx, call, http.MethodPost, "/pay", body))
}

func (a *actor) QueryPayment(ctx context.Context, call *sdk.Call, _ sdk.OrderRef) (sdk.PaymentResult, error) {
	if ordersOf(call).Act == "pay-in-query" {
		return result(exchange(ctx, call, http.MethodPost, "/pay", nil))
	}
	return result(exchange(ctx, call, http.MethodGet, "/query", nil))
}

func (a *actor) Activate(_ context.Context, call *sdk.Call, values map[string]sdk.Secret) (sdk.CheckResult, error) {
	err := call.Rotate(map[string]sdk.Secret{"terminal_key": values["code"], "terminal_sn": sdk.SecretString("SN-1")})
	return sdk.CheckResult{Outcome: sdk.OutcomeInProgress}, err
}

// CheckIn reports what an attempt came to: in Values, and never with success.
func (a *actor) CheckIn(ctx context.Context, call *sdk.Call) (sdk.CheckResult, error) {
	o := ordersOf(call)
	out := sdk.CheckResult{Outcome: sdk.OutcomeRefused, Values: map[string]string{}}
	note := func(name string, err error) {
		out.Values[name] = "went through"
		if err != nil {
			out.Values[name] = err.Error()
		}
	}
	switch o.Act {
	case "", "rotate":
		return a.ordinaryCheckIn(ctx, call, o.Act == "rotate")
	case "escape":
		escape(o.surroundings, note)
	case "other-key":
		_, err := call.Digest("other_key", sdk.MD5, sdk.Key())
		note("digest", err)
		_, err = call.Reveal("terminal_key")
		note("reveal", err)
		note("rotate", call.Rotate(map[string]sdk.Secret{"other_key": sdk.SecretString("x")}))
		digest := sha256.Sum256(nil)
		_, err = call.Signer("terminal_key").Sign(nil, digest[:], crypto.SHA256)
		note("sign", err)
	case "elsewhere":
		a.elsewhere(ctx, call, o, note)
	case "keep":
		a.mu.Lock()
		a.saved = call
		a.mu.Unlock()
	case "expired":
		a.mu.Lock()
		saved := a.saved
		a.mu.Unlock()
		saved = saved.WithContext(ctx)
		_, err := saved.Digest("terminal_key", sdk.MD5, sdk.Key())
		note("digest", err)
		req, _ := http.NewRequestWithContext(ctx, http.MethodPost, call.BaseURL+"/checkin", nil)
		resp, err := saved.HTTP().Do(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		note("send", err)
	case "crypto":
		note("crypto", everyCipher(call))
	case "env":
		out.Values["env"] = strings.Join(os.Environ(), "\n")
		out.Values["pid"] = fmt.Sprint(os.Getpid())
	case "bomb":
		a.bomb()
	case "flood":
		flood()
	case "ignore-term":
		signal.Ignore(syscall.SIGTERM, syscall.SIGINT)
	default:
		return a.misbehave(ctx, call, o, out)
	}
	return out, nil
}

func (a *actor) ordinaryCheckIn(ctx context.Context, call *sdk.Call, rotate bool) (sdk.CheckResult, error) {
	reply, status, err := exchange(ctx, call, http.MethodPost, "/checkin", nil)
	if err != nil || status != http.StatusOK {
		return sdk.CheckResult{Outcome: sdk.OutcomeUnknown}, err
	}
	if reply.Status == "BAD_SIGN" {
		return sdk.CheckResult{Outcome: sdk.OutcomeRefused, KeyRefused: true}, nil
	}
	if rotate {
		if err := call.Rotate(map[string]sdk.Secret{"terminal_key": sdk.SecretString(reply.Key)}); err != nil {
			return sdk.CheckResult{Outcome: sdk.OutcomeUnknown}, err
		}
	}
	return sdk.CheckResult{Outcome: sdk.OutcomeSucceeded}, nil
}

// elsewhere tries to send where the grant does not lead.
func (a *actor) elsewhere(ctx context.Context, call *sdk.Call, o orders, note func(string, error)) {
	try := func(name, method, url string, header http.Header) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, nil)
		if err != nil {
			note(name, err)
			return
		}
		req.Method = method
		for k, v := range header {
			req.Header[k] = v
		}
		if host := header.Get("Host"); host != "" {
			req.Host = host
		}
		resp, err := call.HTTP().Do(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		note(name, err)
	}
	base, bare := call.BaseURL, strings.TrimPrefix(call.BaseURL, "http://")
	_, port, _ := strings.Cut(bare, ":")
	try("other host", http.MethodPost, "http://"+o.Host+"/pay", nil)
	try("other path", http.MethodPost, base+"/admin", nil)
	try("encoded path", http.MethodPost, base+"/pay%2e%2e/admin", nil)
	try("path upwards", http.MethodPost, base+"/pay/../admin", nil)
	try("double slash", http.MethodPost, base+"//pay", nil)
	try("other case", http.MethodPost, base+"/PAY", nil)
	try("path parameter", http.MethodPost, base+"/pay;x=/admin", nil)
	try("other method", http.MethodDelete, base+"/pay", nil)
	try("method with a line break", "POST / HTTP/1.1\r\nHost: "+o.Host+"\r\n\r\nPOST", base+"/pay", nil)
	try("host header", http.MethodPost, base+"/pay", http.Header{"Host": {"elsewhere.example"}})
	try("headers without end", http.MethodPost, base+"/pay", http.Header{"X-Long": {strings.Repeat("x", 100<<10)}})
	try("address without end", http.MethodPost, base+"/pay?"+strings.Repeat("x", 100<<10), nil)
	try("file", http.MethodGet, "file:///etc/passwd", nil)
	try("password", http.MethodPost, strings.Replace(base, "://", "://user:secret@", 1)+"/pay", nil)
	try("host as a user", http.MethodPost, "http://"+bare+"@"+o.Host+"/pay", nil)
	try("host as a name's beginning", http.MethodPost, "http://"+strings.Replace(bare, ":", ".", 1)+".evil.example/pay", nil)
	try("host with a dot", http.MethodPost, "http://"+strings.Replace(bare, ":", ".:", 1)+"/pay", nil)
	try("number for a host", http.MethodPost, "http://2130706433:"+port+"/pay", nil)
	try("metadata", http.MethodGet, "http://169.254.169.254/latest/meta-data/", nil)
	try("no scheme", http.MethodPost, "//"+o.Host+"/pay", nil)
	try("other scheme", http.MethodPost, "https://"+bare+"/pay", nil)
}

func (a *actor) bomb() {
	for {
		chunk := make([]byte, 16<<20)
		for i := 0; i < len(chunk); i += 4096 {
			chunk[i] = 1
		}
		a.mu.Lock()
		a.hoard = append(a.hoard, chunk)
		a.mu.Unlock()
	}
}

// flood writes more than any pipe holds, in one line and in many, to every output there is.
func flood() {
	long := strings.Repeat("x", 300<<10)
	for _, f := range []*os.File{os.Stdout, os.Stderr, os.NewFile(1, "real stdout"), os.NewFile(2, "real stderr")} {
		_, _ = fmt.Fprintln(f, long)
		for range 2000 {
			_, _ = fmt.Fprintln(f, "4111111111111111 noise noise noise noise noise noise noise")
		}
	}
}
