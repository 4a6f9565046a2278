package stand

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"
)

// Front is the public address of the nodes, as a load balancer is: providers call back
// here. It can lose callbacks, and the answers to them, and deliver them twice.
type Front struct {
	server *http.Server
	url    string
	up     func() []string
	client http.Client

	mu        sync.Mutex
	lose      int
	unheard   int
	duplicate int
	passed    int
}

func newFront(ctx context.Context, up func() []string) (*Front, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for callbacks: %w", err)
	}
	f := &Front{url: "http://" + listener.Addr().String(), up: up, client: http.Client{Timeout: 20 * time.Second}}
	f.server = &http.Server{Handler: http.HandlerFunc(f.serve), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = f.server.Serve(listener) }()
	return f, nil
}

// URL is where browsers and providers reach the nodes.
func (f *Front) URL() string { return f.url }

// Lose drops the next n callbacks before a node sees them.
func (f *Front) Lose(n int) { f.change(&f.lose, n) }

// Unheard passes the next n callbacks on and drops the nodes' answers.
func (f *Front) Unheard(n int) { f.change(&f.unheard, n) }

// Duplicate delivers the next n callbacks twice at the same time.
func (f *Front) Duplicate(n int) { f.change(&f.duplicate, n) }

func (f *Front) change(counter *int, n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	*counter += n
}

// Heal passes everything on again.
func (f *Front) Heal() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lose, f.unheard, f.duplicate = 0, 0, 0
}

// Passed says how many callbacks came.
func (f *Front) Passed() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.passed
}

// fate is what happens to one callback.
type fate struct{ lose, unheard, duplicate bool }

func (f *Front) next() fate {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.passed++
	take := func(counter *int) bool {
		if *counter == 0 {
			return false
		}
		*counter--
		return true
	}
	if take(&f.lose) {
		return fate{lose: true}
	}
	return fate{unheard: take(&f.unheard), duplicate: take(&f.duplicate)}
}

func (f *Front) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	what := f.next()
	if err != nil || what.lose {
		http.Error(w, "lost", http.StatusBadGateway)
		return
	}
	var twin sync.WaitGroup
	if what.duplicate {
		twin.Go(func() { _, _, _ = f.forward(r, body) })
	}
	status, answer, err := f.forward(r, body)
	twin.Wait()
	if err != nil || what.unheard {
		http.Error(w, "lost", http.StatusBadGateway)
		return
	}
	w.WriteHeader(status)
	_, _ = w.Write(answer) //nolint:gosec // a proxy hands on what the node says
}

// forward gives the request to a node that is up.
func (f *Front) forward(r *http.Request, body []byte) (status int, answer []byte, err error) {
	nodes := f.up()
	if len(nodes) == 0 {
		return 0, nil, errNoNode
	}
	node := nodes[rand.IntN(len(nodes))] //nolint:gosec // a load balancer's choice
	//nolint:gosec // a proxy hands on what it is asked
	req, err := http.NewRequestWithContext(r.Context(), r.Method, "http://"+node+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("forward: %w", err)
	}
	req.Header = r.Header.Clone()
	resp, err := f.client.Do(req) //nolint:gosec // to a node of our own
	if err != nil {
		return 0, nil, fmt.Errorf("forward: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err = io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err //nolint:wrapcheck // only whether it failed counts
}

func (f *Front) close() error { return f.server.Close() } //nolint:wrapcheck // closing our own server
