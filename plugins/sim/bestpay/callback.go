package bestpay

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// Callback says how results are called back to a notifyUrl (seed 001, 3.4). The zero value follows the document.
type Callback struct {
	// Waits stand before each attempt; the document prints no schedule. Default 0, 15 s, 1, 5, 30 minutes, 2 hours.
	Waits []time.Duration
	// Client sends. Default: one that waits 6 s for the answer, as 3.4 says, and follows no redirect.
	Client *http.Client
	// Off sends nothing by itself; Notify and Forge still do.
	Off bool
	// IncludeFailures calls FAIL and CLOSE back too. Default: successes only, as 3.4 says.
	IncludeFailures bool
	// RefundNumber gives a refund's outRequestNo as outTradeNo, as the reply in 3.5 does. Default: the order's number.
	RefundNumber bool
	// PaymentType is the tradeType of payments (4.2): REAL_TIME_PRO (default), REAL_TIM, REAL_TIME.
	// Only the first is refundable.
	PaymentType string
	// WithoutType leaves tradeType null, which is optional.
	WithoutType bool
	// WithoutNulls leaves out what has no value, from the signed text too. Default: sent and signed as null.
	WithoutNulls bool
	// Currency is ccy. Default 156; the document prints no value.
	Currency string
}

// Notification types of a callback's tradeType (4.2).
const (
	typeRefundable = "REAL_TIME_PRO"
	typeRefund     = "REFUND"
)

// readTimeout is how long an answer may take (3.4).
const readTimeout = 6 * time.Second

func (c Callback) withDefaults() Callback {
	if c.Waits == nil {
		c.Waits = []time.Duration{0, 15 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour}
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: readTimeout, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}}
	}
	if c.PaymentType == "" {
		c.PaymentType = typeRefundable
	}
	if c.Currency == "" {
		c.Currency = "156"
	}
	return c
}

// callbacks holds what sends them and the first bytes sent about each order and refund, for replays.
type callbacks struct {
	mu       sync.Mutex
	notifier *frame.Notifier
	first    map[string][]byte
}

func (c *callbacks) start(opts Options) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.notifier, c.first = newNotifier(opts), make(map[string][]byte)
}

func newNotifier(opts Options) *frame.Notifier {
	var sleep func(context.Context, time.Duration) bool
	if opts.Sleep != nil {
		sleep = func(ctx context.Context, d time.Duration) bool {
			opts.Sleep(d)
			return ctx.Err() == nil
		}
	}
	return frame.NewNotifier(opts.Callback.Client, opts.Now, sleep)
}

func (c *callbacks) current() *frame.Notifier {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.notifier
}

// restart forgets the deliveries and ends what is waiting to be sent again.
func (c *callbacks) restart(opts Options) {
	old := c.current()
	c.start(opts)
	old.Close()
}

func (c *callbacks) close() { c.current().Close() }

func (c *callbacks) remember(key string, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.first[key] == nil {
		c.first[key] = body
	}
}

func (c *callbacks) remembered(key string) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.first[key]
}

// Deliveries lists the attempts so far. Their keys are merchantNo/outTradeNo, with /outRequestNo for a refund.
// Attempt 0 was sent by hand.
func (s *Simulator) Deliveries() []Delivery { return s.callbacks.current().Deliveries() }

// notice is one callback before it is signed.
type notice struct {
	key, target string
	merchantNo  string
	outTradeNo  string
	body        message
}

// notifyPayment starts the callback of a finished order; the caller holds its lock.
func (s *Simulator) notifyPayment(o *order) {
	s.start(s.paymentNotice(o, o.Status), o.Status)
}

// notifyRefund starts the callback of a finished refund; the caller holds its order's lock.
func (s *Simulator) notifyRefund(o *order, r *Refund) {
	s.start(s.refundNotice(o, r, r.Status), r.Status)
}

func (s *Simulator) start(n notice, status string) {
	if s.opts.Callback.Off || (status != StatusSuccess && !s.opts.Callback.IncludeFailures) {
		return
	}
	s.callbacks.current().Send(s.notification(n))
}

// errSuppressed is a delivery that a fault lost on its way.
var errSuppressed = errors.New("a fault lost this callback")

// notification signs the notice anew for every attempt.
func (s *Simulator) notification(n notice) frame.Notification {
	return frame.Notification{
		Key: n.key, Waits: s.opts.Callback.Waits, Accepted: s.accepted(n),
		Request: func(ctx context.Context, _ int) (*http.Request, error) {
			d := s.faults.Decide(faults.Call{
				Operation: OpCallback, Account: n.merchantNo, Order: n.outTradeNo, Named: true,
			})
			if d.DelayBefore > 0 {
				s.sleep(d.DelayBefore)
			}
			if d.Is(faults.LostBefore) {
				return nil, errSuppressed
			}
			sealed, err := s.seal(distortNotice(n.body, d), flawOf(d.Rule))
			if err != nil {
				return nil, err
			}
			return s.post(ctx, n, sealed)
		},
	}
}

// distortNotice applies the faults that change a callback before it is signed.
func distortNotice(body message, d faults.Decision) message {
	switch {
	case d.Is(faults.WrongAmount):
		return body.with("tradeAmt", wrongAmount(d.Rule, body.get("tradeAmt")))
	case d.Is(faults.WrongOrder):
		return body.with("tradeNo", anotherTrade).with("outTradeNo", anotherOrder)
	case d.Is(FaultWrongStatus):
		return body.with("tradeStatus", orNull(d.Rule.Code))
	}
	return body
}

// post makes the HTTP request of a sealed notice.
func (s *Simulator) post(ctx context.Context, n notice, sealed message) (*http.Request, error) {
	body, err := encodeJSON(sealed)
	if err != nil {
		return nil, err
	}
	s.callbacks.remember(n.key, body)
	return postBytes(ctx, n.target, body)
}

func postBytes(ctx context.Context, target string, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	return req, nil
}
