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

type running struct {
	Providers map[string]string `json:"providers"`
	Control   map[string]string `json:"control"`
	PID       int               `json:"pid"`
	stop      func() error
	stdin     *io.PipeWriter
	done      chan error
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
	if err := json.Unmarshal([]byte(line), r); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	r.stop = func() error {
		cancel()
		return <-r.done
	}
	t.Cleanup(cancel)
	return r
}

func call(t *testing.T, method, url, body, authorization string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", authorization)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func writeConfig(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const configuration = `{"shouqianba":{"terminals":[{"terminal_sn":"100","terminal_key":"k","store_id":"s"}],
	"faults":[{"operation":"pay","payer_suffix":"0404","kind":"fail","code":"INSUFFICIENT_FUND"}]}}`

func pay(t *testing.T, r *running, clientSN, code string) string {
	t.Helper()
	body := `{"terminal_sn":"100","client_sn":"` + clientSN + `","total_amount":"5","dynamic_id":"` + code + `","subject":"s","operator":"o"}`
	sum := md5.Sum([]byte(body + "k"))
	return call(t, http.MethodPost, r.Providers["shouqianba"]+"/upay/v2/pay", body, "100 "+hex.EncodeToString(sum[:]))
}

func TestTheLedgerSurvivesARestart(t *testing.T) {
	t.Parallel()
	config, ledger := writeConfig(t, configuration), filepath.Join(t.TempDir(), "ledger")
	first := start(t, "--config", config, "--ledger-file", ledger)
	if text := pay(t, first, "A", "281234567890123456"); !strings.Contains(text, "PAY_SUCCESS") {
		t.Errorf("pay: %s", text)
	}
	if text := pay(t, first, "B", "281234567890120404"); !strings.Contains(text, "INSUFFICIENT_FUND") {
		t.Errorf("pay with a code that the configuration fails: %s", text)
	}
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	second := start(t, "--config", config, "--ledger-file", ledger)
	if text := call(t, http.MethodGet, second.Control["shouqianba"]+"/ledger", "", ""); strings.Count(text, `"operation"`) != 1 || !strings.Contains(text, `"shouqianba/100/A"`) {
		t.Errorf("ledger after a restart: %s", text)
	}
	if text := pay(t, second, "A", "281234567890123456"); !strings.Contains(text, "CLIENT_SN_CONFLICT") {
		t.Errorf("the same number after a restart: %s", text)
	}
	if second.PID != os.Getpid() {
		t.Errorf("pid %d", second.PID)
	}
	if err := second.stop(); err != nil {
		t.Fatal(err)
	}
}

func TestItEndsWithStandardInputIfAsked(t *testing.T) {
	t.Parallel()
	r := start(t, "--exit-on-stdin-eof")
	if text := call(t, http.MethodGet, r.Control["shouqianba"]+"/health", "", ""); !strings.Contains(text, `"ok":true`) {
		t.Errorf("health: %s", text)
	}
	_ = r.stdin.Close()
	if err := <-r.done; err != nil {
		t.Fatal(err)
	}
}

func TestBadArguments(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"unknown flag":     {"--port", "1"},
		"stray argument":   {"serve"},
		"no such file":     {"--config", filepath.Join(t.TempDir(), "none")},
		"unknown field":    {"--config", writeConfig(t, `{"shouqianba":{"terminal":[]}}`)},
		"not json":         {"--config", writeConfig(t, `{`)},
		"bad fault":        {"--config", writeConfig(t, `{"shouqianba":{"faults":[{"kind":"explode"}]}}`)},
		"bad address":      {"--listen", "nowhere:x"},
		"bad control":      {"--control", "nowhere:x"},
		"ledger is a path": {"--ledger-file", t.TempDir()},
	} {
		if err := run(t.Context(), args, strings.NewReader(""), io.Discard, io.Discard); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
