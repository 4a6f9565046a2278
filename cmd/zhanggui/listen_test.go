package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/zhanggui-pay/zhanggui/core"
)

// events is an API that pages as ours does: newest first, a cursor to the next.
type events struct {
	mu   sync.Mutex
	list []heard
	down bool
}

func (e *events) add(sequence int64, at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, heard{ID: fmt.Sprintf("evt_%d", sequence), Type: "payment.created", ObjectID: "pay_1", Sequence: sequence, Data: []byte(`{"n":1}`), CreatedAt: at})
	slices.SortFunc(e.list, func(a, b heard) int { return b.CreatedAt.Compare(a.CreatedAt) })
}

func (e *events) serve(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.down {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	if r.Header.Get("Authorization") != "Bearer zgk_good" {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"code":"unauthenticated","detail":"The API key is not valid."}`)
		return
	}
	from := 0
	_, _ = fmt.Sscan(r.URL.Query().Get("cursor"), &from)
	page := map[string]any{"items": e.list[from:min(from+2, len(e.list))]}
	if from+2 < len(e.list) {
		page["next_cursor"] = fmt.Sprint(from + 2)
	}
	_ = json.NewEncoder(w).Encode(page)
}

// TestListen: new events arrive signed, once, in order, also those committed late and those
// of a time when the server was away; old ones do not.
func TestListen(t *testing.T) {
	t.Parallel()
	source := &events{}
	server := httptest.NewServer(http.HandlerFunc(source.serve))
	defer server.Close()
	l := &listener{key: core.SecretString("zgk_good"), secret: core.NewWebhookSecret(), client: server.Client(), out: io.Discard, now: time.Now, done: map[string]time.Time{}}
	verifier, err := standardwebhooks.NewWebhook(string(l.secret.Reveal()))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	program := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if err := verifier.Verify(body, r.Header); err != nil {
			t.Errorf("%v: %s", err, body)
		}
		got = append(got, r.Header.Get("webhook-id"))
		w.WriteHeader(http.StatusTeapot) // what the program answers is its own matter
	}))
	defer program.Close()
	l.forward = program.URL
	if l.api, err = url.Parse(server.URL); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	l.since = start
	source.add(1, start.Add(-time.Hour))
	for i := range int64(5) {
		source.add(10+i, start.Add(time.Duration(i)*time.Second))
	}
	for range 2 {
		if err := l.poll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	source.add(9, start.Add(500*time.Millisecond)) // committed after the others
	source.down = true
	if err := l.poll(t.Context()); err == nil {
		t.Error("the server was away")
	}
	source.down = false
	source.add(20, start.Add(10*time.Second))
	if err := l.poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := "evt_10 evt_11 evt_12 evt_13 evt_14 evt_9 evt_20"; strings.Join(got, " ") != want {
		t.Errorf("%v, want %s", got, want)
	}
	l.key = core.SecretString("zgk_bad")
	if err := l.run(t.Context()); core.CodeOf(err) != core.CodeUnauthenticated {
		t.Errorf("a bad key: %v", err)
	}
}

func TestListenRefuses(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"listen", "--forward-to", "localhost:3000", "--api-key", "zgk_x"},
		{"listen", "--forward-to", "http://localhost:3000", "--url", "ftp://x", "--api-key", "zgk_x"},
		{"listen", "--api-key", "zgk_x"},
	} {
		cmd := root()
		cmd.SetArgs(args)
		cmd.SetOut(io.Discard)
		cmd.SetErr(io.Discard)
		if err := cmd.ExecuteContext(t.Context()); err == nil {
			t.Errorf("%v was accepted", args)
		}
	}
}
