package main

import (
	"bufio"
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// running is the program inside the test, with what it announced.
type running struct {
	announcement

	stop  func() error
	stdin *io.PipeWriter
	done  chan error
}

// start runs the program inside the test, as main does.
func start(t *testing.T, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	stdinReader, stdin := io.Pipe()
	stdoutReader, stdout := io.Pipe()
	r := &running{stdin: stdin, done: make(chan error, 1)}
	go func() {
		err := run(ctx, args, stdinReader, stdout, io.Discard)
		_ = stdout.CloseWithError(io.EOF)
		r.done <- err
	}()
	line, err := bufio.NewReader(stdoutReader).ReadString('\n')
	if err != nil {
		cancel()
		t.Fatalf("it announced nothing: %v, %v", err, <-r.done)
	}
	if err := json.Unmarshal([]byte(line), &r.announcement); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	r.stop = func() error {
		cancel()
		return <-r.done
	}
	t.Cleanup(cancel)
	return r
}

func (r *running) end(t *testing.T) {
	t.Helper()
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
}

func call(t *testing.T, method, url, body string, header map[string]string) (status int, text string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(raw)
}

func get(t *testing.T, url string) string {
	t.Helper()
	_, text := call(t, http.MethodGet, url, "", nil)
	return text
}

func writeConfig(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// sample has a merchant of Shouqianba, whose messages are the easiest to sign.
const sample = `{"shouqianba":{"terminals":[{"terminal_sn":"100","terminal_key":"k","store_id":"s"}],
	"faults":[{"operation":"pay","payer_suffix":"0404","kind":"fail","code":"INSUFFICIENT_FUND"}]}}`

func pay(t *testing.T, r *running, clientSN, code string) string {
	t.Helper()
	body := `{"terminal_sn":"100","client_sn":"` + clientSN + `","total_amount":"5","dynamic_id":"` + code + `","subject":"s","operator":"o"}`
	sum := md5.Sum([]byte(body + "k"))
	_, text := call(t, http.MethodPost, r.Providers["shouqianba"]+"/upay/v2/pay", body, map[string]string{
		"Authorization": "100 " + hex.EncodeToString(sum[:]),
	})
	return text
}

func TestTheLedgerSurvivesARestart(t *testing.T) {
	t.Parallel()
	config, ledger := writeConfig(t, sample), filepath.Join(t.TempDir(), "ledger")
	first := start(t, "--config", config, "--ledger-file", ledger)
	if text := pay(t, first, "A", "281234567890123456"); !strings.Contains(text, "PAY_SUCCESS") {
		t.Errorf("pay: %s", text)
	}
	if text := pay(t, first, "B", "281234567890120404"); !strings.Contains(text, "INSUFFICIENT_FUND") {
		t.Errorf("pay with a code that the configuration fails: %s", text)
	}
	first.end(t)
	second := start(t, "--config", config, "--ledger-file", ledger)
	if text := get(t, second.Control["shouqianba"]+"/ledger"); strings.Count(text, `"operation"`) != 1 || !strings.Contains(text, `"shouqianba/100/A"`) {
		t.Errorf("ledger after a restart: %s", text)
	}
	if text := pay(t, second, "A", "281234567890123456"); !strings.Contains(text, "CLIENT_SN_CONFLICT") {
		t.Errorf("the same number after a restart: %s", text)
	}
	if second.PID != os.Getpid() {
		t.Errorf("pid %d", second.PID)
	}
	second.end(t)
}

func TestItEndsWithStandardInputIfAsked(t *testing.T) {
	t.Parallel()
	r := start(t, "--exit-on-stdin-eof")
	for _, name := range []string{"shouqianba", "metro", "bestpay", "mmsp", "wechatpay"} {
		if text := get(t, r.Control[name]+"/health"); !strings.Contains(text, `"ok":true`) || !strings.Contains(text, `"`+name+`"`) {
			t.Errorf("health of %s: %s", name, text)
		}
	}
	if len(r.Demo) != 0 {
		t.Errorf("a demo without --demo: %v", r.Demo)
	}
	_ = r.stdin.Close()
	if err := <-r.done; err != nil {
		t.Fatal(err)
	}
}

// What an operator got wrong is said in a sentence that names it.
func TestBadArguments(t *testing.T) {
	t.Parallel()
	nowhere := filepath.Join(t.TempDir(), "none", "file")
	for name, test := range map[string]struct {
		args []string
		says string
	}{
		"unknown flag":   {[]string{"--port", "1"}, "-port"},
		"stray argument": {[]string{"serve"}, `unexpected argument "serve"`},
		"no merchants":   {[]string{"--demo", "--demo-merchants", "0"}, "--demo-merchants must be at least 1"},
		"demo or config": {[]string{"--demo", "--config", nowhere}, "not both"},
		"no such file":   {[]string{"--config", nowhere}, "no such file"},
		"ledger":         {[]string{"--ledger-file", nowhere}, "--ledger-file"},
		"demo's keys":    {[]string{"--demo", "--ledger-file", nowhere}, "--ledger-file"},
		"address":        {[]string{"--listen", "nowhere"}, `--listen: "nowhere" is no host:port`},
		"port":           {[]string{"--listen", "127.0.0.1:x"}, `--listen: the port of "127.0.0.1:x" is no number`},
		"control":        {[]string{"--control", "nowhere:x"}, "--control"},

		"not json":              {configured(t, `{`), "read the configuration"},
		"two objects":           {configured(t, `{} {}`), "something behind the JSON object"},
		"unknown provider":      {configured(t, `{"alipay":{}}`), `unknown field "alipay"`},
		"unknown field":         {configured(t, `{"shouqianba":{"terminal":[]}}`), `unknown field "terminal"`},
		"metro's field":         {configured(t, `{"metro":{"merchant":[]}}`), `unknown field "merchant"`},
		"metro's merchant":      {configured(t, `{"metro":{"merchants":[{"mch_id":"M1"}]}}`), "metro: merchant 1: public_key"},
		"metro's fault":         {configured(t, `{"metro":{"faults":[{"operation":"pay","kind":"garbage"}]}}`), `metro has no operation "pay"`},
		"bestpay's merchant":    {configured(t, `{"bestpay":{"merchants":[{"merchant_no":"1"}]}}`), "bestpay: a merchant needs institution_code"},
		"bestpay's key":         {configured(t, `{"bestpay":{"platform_key":"x"}}`), "bestpay: platform_key"},
		"bestpay's fault":       {configured(t, `{"bestpay":{"faults":[{"kind":"explode"}]}}`), "bestpay: fault 1 in the configuration"},
		"mmsp's key":            {configured(t, `{"mmsp":{"platform_key":"x"}}`), "not PEM"},
		"mmsp's fault":          {configured(t, `{"mmsp":{"faults":[{"operation":"pay","kind":"fail"}]}}`), `mmsp: fault 1 in the configuration: mmsp has no operation "pay"`},
		"wechatpay's key":       {configured(t, `{"wechatpay":{"certificate_key":"x"}}`), "wechatpay: certificate_key: the private key is not PEM"},
		"wechatpay's merchant":  {configured(t, `{"wechatpay":{"merchants":[{"mchid":"1900000109"}]}}`), "wechatpay: merchant 1900000109: the public key"},
		"wechatpay's fault":     {configured(t, `{"wechatpay":{"faults":[{"operation":"pay","kind":"fail"}]}}`), "wechatpay: fault 1 in the configuration"},
		"shouqianba's fault":    {configured(t, `{"shouqianba":{"faults":[{"kind":"explode"}]}}`), "shouqianba: fault 1 in the configuration"},
		"the second of faults":  {configured(t, `{"shouqianba":{"faults":[{"kind":"garbage"},{"kind":"explode"}]}}`), "fault 2"},
		"shouqianba's operator": {configured(t, `{"shouqianba":{"faults":[{"operation":"payout","kind":"fail"}]}}`), `shouqianba has no operation "payout"`},
	} {
		err := run(t.Context(), test.args, strings.NewReader(""), io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func configured(t *testing.T, text string) []string {
	t.Helper()
	return []string{"--config", writeConfig(t, text)}
}
