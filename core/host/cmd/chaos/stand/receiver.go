package stand

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Receiver is where the tenants' programs are told what happens: one address for each. It
// verifies signatures by the specification's own rule, written here anew, and can be out of order.
type Receiver struct {
	server *http.Server
	url    string

	mu      sync.Mutex
	secrets map[string][]byte // by tenant's mark
	refuse  int
	unheard int
	taken   map[string]int // messages by id
	bodies  []Message
	forged  int
}

// Message is what a tenant's program was told.
type Message struct {
	Mark string // of the tenant at whose address it came
	Body []byte
}

func newReceiver(ctx context.Context) (*Receiver, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for webhooks: %w", err)
	}
	r := &Receiver{url: "http://" + listener.Addr().String(), secrets: map[string][]byte{}, taken: map[string]int{}}
	r.server = &http.Server{Handler: http.HandlerFunc(r.serve), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = r.server.Serve(listener) }()
	return r, nil
}

func (r *Receiver) addressOf(mark string) string { return r.url + "/hook/" + mark }

// expect takes the secret of a tenant's address, as it was shown once.
func (r *Receiver) expect(mark, secret string) error {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return fmt.Errorf("a webhook's secret: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets[mark] = key
	return nil
}

// Refuse answers the next n messages with 503.
func (r *Receiver) Refuse(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refuse += n
}

// Unheard takes the next n messages and cuts the connection before its answer.
func (r *Receiver) Unheard(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unheard += n
}

// Heal takes and answers everything again.
func (r *Receiver) Heal() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refuse, r.unheard = 0, 0
}

// Taken says how often each message came that was signed rightly, and how many were not.
func (r *Receiver) Taken() (times map[string]int, forged int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	times = make(map[string]int, len(r.taken))
	for id, n := range r.taken {
		times[id] = n
	}
	return times, r.forged
}

// Messages are all that came.
func (r *Receiver) Messages() []Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Message(nil), r.bodies...)
}

func (r *Receiver) serve(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(io.LimitReader(req.Body, 1<<20))
	if err != nil {
		http.Error(w, "half a message", http.StatusBadRequest)
		return
	}
	mark := strings.TrimPrefix(req.URL.Path, "/hook/")
	switch r.take(mark, req.Header, body) {
	case taken:
		w.WriteHeader(http.StatusNoContent)
	case busy:
		http.Error(w, "busy", http.StatusServiceUnavailable)
	case mute:
		panic(http.ErrAbortHandler) // how a server of net/http cuts a connection
	case wrong:
		http.Error(w, "not signed", http.StatusUnauthorized)
	}
}

// reception is what a receiver makes of a message.
type reception int

const (
	taken reception = iota
	busy
	mute // taken, and the answer is lost
	wrong
)

func (r *Receiver) take(mark string, header http.Header, body []byte) reception {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refuse > 0 {
		r.refuse--
		return busy
	}
	if !signed(r.secrets[mark], header, body) {
		r.forged++
		return wrong
	}
	r.taken[header.Get("webhook-id")]++
	r.bodies = append(r.bodies, Message{Mark: mark, Body: body})
	if r.unheard > 0 {
		r.unheard--
		return mute
	}
	return taken
}

// signed verifies "v1,<base64>" over id.timestamp.body with HMAC-SHA-256.
func signed(key []byte, header http.Header, body []byte) bool {
	sum := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(sum, "%s.%s.%s", header.Get("webhook-id"), header.Get("webhook-timestamp"), body)
	want := "v1," + base64.StdEncoding.EncodeToString(sum.Sum(nil))
	for signature := range strings.FieldsSeq(header.Get("webhook-signature")) {
		if len(key) > 0 && hmac.Equal([]byte(signature), []byte(want)) {
			return true
		}
	}
	return false
}

func (r *Receiver) close() error { return r.server.Close() } //nolint:wrapcheck // closing our own server
