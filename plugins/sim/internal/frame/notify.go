package frame

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"
)

// maxAnswer bounds what is read of an answer to a notification.
const maxAnswer = 4 << 10

// Notification is one message that a provider sends again and again until it is acknowledged.
type Notification struct {
	// Request makes the message of one attempt, the first being 1; every attempt has its own, so that a provider
	// may sign each anew.
	Request func(ctx context.Context, attempt int) (*http.Request, error)
	// Accepted is the provider's judgement of an answer.
	Accepted func(status int, body []byte) bool
	// Waits stand before each attempt; there are as many attempts as waits.
	Waits []time.Duration
	// Key says what it is about, for the list of deliveries, for instance an order number.
	Key string
}

// Delivery is one attempt and the answer it got. Status 0: there was no answer.
type Delivery struct {
	Key      string    `json:"key"`
	Attempt  int       `json:"attempt"`
	At       time.Time `json:"at"`
	Status   int       `json:"status"`
	Answer   string    `json:"answer"`
	Accepted bool      `json:"accepted"`
	Error    string    `json:"error,omitempty"`
}

// Notifier sends notifications by their schedules until it is closed. Clock and wait are injected, so that an hour of
// resending can be tested at once.
type Notifier struct {
	client *http.Client
	now    func() time.Time
	sleep  func(ctx context.Context, d time.Duration) bool

	ctx     context.Context //nolint:containedctx // the lifetime of the goroutines that resend
	stop    context.CancelFunc
	running sync.WaitGroup

	mu         sync.Mutex
	closed     bool
	deliveries []Delivery
}

// NewNotifier makes a notifier. sleep returns false when the context ended first; nil waits for real, as a nil now is
// the real time and a nil client one that gives up after 10 seconds and follows no redirect.
func NewNotifier(client *http.Client, now func() time.Time, sleep func(context.Context, time.Duration) bool) *Notifier {
	if client == nil {
		client = &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}}
	}
	if now == nil {
		now = time.Now
	}
	if sleep == nil {
		sleep = wait
	}
	n := &Notifier{client: client, now: now, sleep: sleep}
	n.ctx, n.stop = context.WithCancel(context.Background())
	return n
}

func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Send starts a notification. After Close it does nothing.
func (n *Notifier) Send(notification Notification) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return
	}
	n.running.Add(1)
	go func() {
		defer n.running.Done()
		for i, before := range notification.Waits {
			if !n.sleep(n.ctx, before) || n.Attempt(n.ctx, notification, i+1).Accepted {
				return
			}
		}
	}()
}

// Attempt sends one attempt now and lists it. Tests use it for duplicates, disorder and forgeries.
func (n *Notifier) Attempt(ctx context.Context, notification Notification, attempt int) Delivery {
	d := Delivery{Key: notification.Key, Attempt: attempt, At: n.now()}
	req, err := notification.Request(ctx, attempt)
	if err == nil {
		err = n.exchange(req, notification.Accepted, &d)
	}
	if err != nil {
		d.Error = err.Error()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.deliveries = append(n.deliveries, d)
	return d
}

func (n *Notifier) exchange(req *http.Request, accepted func(int, []byte) bool, d *Delivery) error {
	resp, err := n.client.Do(req)
	if err != nil {
		return err //nolint:wrapcheck // it is shown as it is, in the list of deliveries
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return err //nolint:wrapcheck // as above
	}
	d.Status, d.Answer = resp.StatusCode, string(body)
	d.Accepted = accepted(resp.StatusCode, body)
	return nil
}

// Deliveries lists the attempts so far.
func (n *Notifier) Deliveries() []Delivery {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]Delivery(nil), n.deliveries...)
}

// Close ends what is waiting and returns when nothing runs any more.
func (n *Notifier) Close() {
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()
	n.stop()
	n.running.Wait()
}
