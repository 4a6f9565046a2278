package wechatpay

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

// Types of events.
const (
	eventPaid           = "TRANSACTION.SUCCESS"
	eventRefundDone     = "REFUND.SUCCESS"
	eventRefundAbnormal = "REFUND.ABNORMAL"
	eventRefundClosed   = "REFUND.CLOSED"
)

// notices holds what sends notifications and the first bytes sent about each order and refund, for replays.
type notices struct {
	mu       sync.Mutex
	notifier *frame.Notifier
	first    map[string]letter
	next     int
}

// letter is a notification as it went over the wire.
type letter struct {
	header http.Header
	body   []byte
}

func (n *notices) start(opts Options) {
	var sleep func(context.Context, time.Duration) bool
	if opts.Sleep != nil {
		sleep = func(ctx context.Context, d time.Duration) bool {
			opts.Sleep(d)
			return ctx.Err() == nil
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.notifier, n.first = frame.NewNotifier(opts.Notices.Client, opts.Now, sleep), make(map[string]letter)
}

func (n *notices) current() *frame.Notifier {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.notifier
}

// restart forgets the deliveries and ends what is waiting to be sent again.
func (n *notices) restart(opts Options) {
	old := n.current()
	n.start(opts)
	old.Close()
}

func (n *notices) close() { n.current().Close() }

func (n *notices) remember(key string, l letter) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.first[key].body == nil {
		n.first[key] = l
	}
}

func (n *notices) remembered(key string) (letter, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	l, ok := n.first[key]
	return l, ok
}

// number numbers events.
func (n *notices) number() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.next++
	return n.next
}

// Deliveries lists the attempts so far. Their keys are mchid/out_trade_no, with /out_refund_no for a refund.
// Attempt 0 was sent by hand.
func (s *Simulator) Deliveries() []Delivery { return s.notices.current().Deliveries() }

// notice is one notification before it is encrypted and signed.
type notice struct {
	key, target string
	op          string
	order       orderKey
	id          string
	created     time.Time
	event       string
	original    string // what the resource is: transaction or refund
	resource    data
}

// notifyPayment starts the notification of a paid order; the caller holds its lock.
func (s *Simulator) notifyPayment(o *order) { s.start(s.paymentNotice(o)) }

// notifyRefund starts the notification of a refund that ended; the caller holds its order's lock.
func (s *Simulator) notifyRefund(o *order, r *Refund) { s.start(s.refundNotice(o, r)) }

func (s *Simulator) start(n notice) {
	if n.target == "" || s.opts.Notices.Off {
		return
	}
	s.notices.current().Send(s.notification(n))
}

func (s *Simulator) paymentNotice(o *order) notice {
	n := s.newNotice(o, "", o.NotifyURL)
	n.op, n.event, n.original, n.resource = OpPaymentNotice, eventPaid, "transaction", transaction(o)
	return n
}

func (s *Simulator) refundNotice(o *order, r *Refund) notice {
	n := s.newNotice(o, r.OutRefundNo, r.NotifyURL)
	n.op, n.original = OpRefundNotice, "refund"
	n.event = map[string]string{RefundDone: eventRefundDone, RefundAbnormal: eventRefundAbnormal}[r.State]
	n.event = or(n.event, eventRefundClosed)
	n.resource = data{
		"mchid": o.MchID, "out_trade_no": o.OutTradeNo, "transaction_id": o.TransactionID, "out_refund_no": r.OutRefundNo,
		"refund_id": r.RefundID, "refund_status": r.State, "user_received_account": "支付用户零钱",
		"amount": data{
			"total": o.Total, "refund": r.Amount, "payer_total": o.Total - o.Coupon, "payer_refund": r.Amount - r.Coupon,
		},
	}
	if r.State == RefundDone {
		n.resource["success_time"] = rfc3339(r.Finished)
	}
	return n
}

// newNotice names an event; its id and time stay the same through all attempts.
func (s *Simulator) newNotice(o *order, outRefundNo, target string) notice {
	now := s.now()
	key := o.MchID + "/" + o.OutTradeNo
	if outRefundNo != "" {
		key += "/" + outRefundNo
	}
	return notice{key: key, target: target, order: o.key, created: now, id: eventID(now, s.notices.number())}
}

// errSuppressed is a delivery that a fault lost on its way.
var errSuppressed = errors.New("a fault lost this notification")

// notification encrypts and signs the notice anew for every attempt.
func (s *Simulator) notification(n notice) frame.Notification {
	out := frame.Notification{Key: n.key, Waits: s.opts.Notices.Waits, Accepted: s.accepted(n)}
	out.Request = func(ctx context.Context, _ int) (*http.Request, error) {
		d := s.faults.Decide(faults.Call{Operation: n.op, Account: n.order.mchID, Order: n.order.outTradeNo, Named: true})
		if d.DelayBefore > 0 {
			s.sleep(d.DelayBefore)
		}
		if d.Is(faults.LostBefore) {
			return nil, errSuppressed
		}
		if d.Is(FaultDoubled) {
			twin := out
			twin.Waits = []time.Duration{0}
			twin.Request = func(ctx context.Context, _ int) (*http.Request, error) { return s.request(ctx, n, "") }
			s.notices.current().Send(twin)
		}
		sent := n
		sent.resource = copied(n.resource)
		distort(sent.resource, d)
		return s.request(ctx, sent, or(string(flawOf(d.Rule)), string(cipherFlawOf(d.Rule))))
	}
	return out
}

// copied copies a resource so far that distort leaves the original alone.
func copied(d data) data {
	out := make(data, len(d))
	for name, value := range d {
		if nested, ok := value.(data); ok {
			value = copied(nested)
		}
		out[name] = value
	}
	return out
}

// request makes the HTTP request of one attempt.
func (s *Simulator) request(ctx context.Context, n notice, flaw string) (*http.Request, error) {
	l, err := s.letter(n, Forgery(flaw))
	if err != nil {
		return nil, err
	}
	s.notices.remember(n.key, l)
	return l.request(ctx, n.target)
}

func (l letter) request(ctx context.Context, target string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(l.body))
	if err != nil {
		return nil, err //nolint:wrapcheck // it is shown as it is, in the list of deliveries
	}
	req.Header = l.header.Clone()
	return req, nil
}

// letter encrypts and signs a notice.
func (s *Simulator) letter(n notice, flaw Forgery) (letter, error) {
	merchant, known := s.merchants.find(n.order.mchID)
	if !known {
		return letter{}, ErrNoMerchant
	}
	plain, err := encodeJSON(n.resource)
	if err != nil {
		return letter{}, err
	}
	box, err := s.seal(merchant.APIv3Key, n.original, plain, flaw)
	if err != nil {
		return letter{}, err
	}
	resource := data{
		"original_type": n.original, "algorithm": algorithm, "ciphertext": box.ciphertext,
		"associated_data": box.associated, "nonce": box.nonce,
	}
	if flaw == ForgeAlgorithm {
		resource["algorithm"] = "AEAD_SM4_128_GCM"
	}
	body, err := encodeJSON(data{
		"id": n.id, "create_time": rfc3339(n.created), "resource_type": "encrypt-resource", "event_type": n.event,
		"summary": summary(n.event), "resource": resource,
	})
	if err != nil {
		return letter{}, err
	}
	by, err := s.noticeSigner(merchant)
	if err != nil {
		return letter{}, err
	}
	header := http.Header{}
	header.Set("Content-Type", "application/json")
	header.Set("User-Agent", "Mozilla/4.0")
	header.Set("Accept", "*/*")
	header.Set("Request-ID", s.requestID())
	if err := s.signHeader(header, by, body, flaw); err != nil {
		return letter{}, err
	}
	if flaw == ForgeTampered {
		body = bytes.Replace(body, []byte(`"event_type":"`), []byte(`"event_type": "`), 1)
	}
	return letter{header: header, body: body}, nil
}

func summary(event string) string {
	switch event {
	case eventPaid:
		return "支付成功"
	case eventRefundDone:
		return "退款成功"
	case eventRefundAbnormal:
		return "退款异常"
	}
	return "退款关闭"
}

// accepted judges the answer: 200 or 204, without a body or with {"code":"SUCCESS"}. Anything else is sent again; an
// answer under 200 that is neither that nor a FAIL is a breach of the documentation as well.
func (s *Simulator) accepted(n notice) func(int, []byte) bool {
	return func(status int, body []byte) bool {
		if status != http.StatusOK && status != http.StatusNoContent {
			return false
		}
		if len(bytes.TrimSpace(body)) == 0 {
			return true
		}
		code, problems := readAnswer(body)
		for _, problem := range problems {
			s.violate(n.op, n.order.mchID, n.order.outTradeNo, "not-acknowledged", problem)
		}
		return len(problems) == 0 && code == "SUCCESS"
	}
}

func readAnswer(body []byte) (code string, problems []frame.Problem) {
	object, duplicates, err := frame.Decode(body)
	if err != nil {
		return "", []frame.Problem{{Rule: frame.RuleJSON, Message: "应答不是JSON对象"}}
	}
	return object.Text("code"), frame.CheckFields(object, duplicates, []frame.Field{
		{Name: "code", Required: true, Check: oneOf("SUCCESS", "FAIL")}, {Name: "message"},
	})
}
