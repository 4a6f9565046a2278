package host

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// The programs that the console shows for receiving webhooks, and how each is started.
var receivers = map[string][]string{
	"go":     {"go", "run", "main.go"},
	"python": {"python3", "main.py"},
	"node":   {"node", "main.mjs"},
}

// TestTheExamplesOfReceiversVerify starts the examples of the reference page as they are shown, those
// whose language is on this machine, and sends each what is genuine and what is not.
func TestTheExamplesOfReceiversVerify(t *testing.T) {
	t.Parallel()
	ran := 0
	for name, command := range receivers {
		if _, err := exec.LookPath(command[0]); err != nil {
			t.Logf("%s is not on this machine", command[0])
			continue
		}
		ran++
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			receives(t, name, command)
		})
	}
	if ran == 0 {
		t.Error("none was started")
	}
}

func receives(t *testing.T, name string, command []string) {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "..", "admin-ui", "src", "features", "api-reference", "examples", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, command[len(command)-1]), source, 0o600); err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	_ = listener.Close()

	secret := core.NewWebhookSecret()
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	program := exec.CommandContext(ctx, command[0], command[1:]...)
	program.Dir = dir
	program.Env = append(os.Environ(), "PORT="+port, "WEBHOOK_SECRET="+string(secret.Reveal()), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	ends(program)
	var said bytes.Buffer
	program.Stdout, program.Stderr = &said, &said
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = program.Cancel()
		_ = program.Wait()
	}()
	for {
		c, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err == nil {
			_ = c.Close()
			break
		}
		if ctx.Err() != nil {
			t.Fatalf("it does not listen: %s", said.String())
		}
		time.Sleep(50 * time.Millisecond)
	}

	body := []byte(`{"id":"evt_1","type":"payment.succeeded","data":{"subject":"茶"}}`)
	for _, c := range []struct {
		name  string
		want  int
		at    time.Time
		with  core.Secret
		alter func(h map[string]string, body []byte) []byte
	}{
		{name: "genuine", want: http.StatusNoContent},
		{name: "two signatures", want: http.StatusNoContent, alter: func(h map[string]string, b []byte) []byte {
			h["webhook-signature"] = "v1,AAAA " + h["webhook-signature"]
			return b
		}},
		{name: "another secret", want: http.StatusBadRequest, with: core.NewWebhookSecret()},
		{name: "changed body", want: http.StatusBadRequest, alter: func(_ map[string]string, b []byte) []byte {
			return bytes.Replace(b, []byte("succeeded"), []byte("failed"), 1)
		}},
		{name: "ten minutes old", want: http.StatusBadRequest, at: time.Now().Add(-10 * time.Minute)},
		{name: "unsigned", want: http.StatusBadRequest, alter: func(h map[string]string, b []byte) []byte {
			delete(h, "webhook-signature")
			return b
		}},
	} {
		signing, at, sent := secret, c.at, body
		if !c.with.Empty() {
			signing = c.with
		}
		if at.IsZero() {
			at = time.Now()
		}
		headers, err := core.WebhookHeaders([]core.Secret{signing}, "evt_1", at, body)
		if err != nil {
			t.Fatal(err)
		}
		if c.alter != nil {
			sent = c.alter(headers, sent)
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/webhooks", bytes.NewReader(sent))
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range headers {
			r.Header.Set(k, v)
		}
		reply, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatalf("%s: %v: %s", c.name, err, strings.TrimSpace(said.String()))
		}
		_ = reply.Body.Close()
		if reply.StatusCode != c.want {
			t.Errorf("%s: %d, want %d", c.name, reply.StatusCode, c.want)
		}
	}
}
