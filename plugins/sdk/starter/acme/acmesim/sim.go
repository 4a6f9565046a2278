// Package acmesim is a simulated Acme Pay, written from Acme's documents alone. It shares no line
// with the plugin: a mistake in one must not hide in the other.
package acmesim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"
)

// Merchant is who may call.
type Merchant struct {
	ID, APIKey string
}

// The statuses of orders and refunds.
const (
	Waiting    = "WAITING"
	Paid       = "PAID"
	Closed     = "CLOSED"
	Processing = "PROCESSING"
	Succeeded  = "SUCCEEDED"
	Failed     = "FAILED"
)

// Order is a row of the simulator's own books, and its answer.
type Order struct {
	OrderNo   string     `json:"order_no"`
	TradeNo   string     `json:"trade_no"`
	Amount    int64      `json:"amount"` // fen
	Status    string     `json:"status"`
	QRCode    string     `json:"qr_code,omitempty"`
	PaidAt    *time.Time `json:"paid_at,omitempty"`
	Refunded  int64      `json:"-"`
	NotifyURL string     `json:"-"`
}

// Refund is a row of the simulator's own books, and its answer.
type Refund struct {
	RefundNo     string     `json:"refund_no"`
	OrderNo      string     `json:"order_no"`
	AcmeRefundNo string     `json:"acme_refund_no"`
	Amount       int64      `json:"amount"` // fen
	Status       string     `json:"status"`
	RefundedAt   *time.Time `json:"refunded_at,omitempty"`
}

// Fault is what goes wrong with the next request.
type Fault string

// The faults. Lost and Broken happen after the request took effect.
const (
	FaultNone     Fault = ""
	FaultBusy     Fault = "busy"     // SYSTEM_BUSY, and nothing was done
	FaultError    Fault = "error"    // HTTP 500 with a page, and nothing was done
	FaultLost     Fault = "lost"     // the connection ends without a reply
	FaultBroken   Fault = "broken"   // half a reply
	FaultUnsigned Fault = "unsigned" // a reply with a wrong signature
)

// Simulator is an http.Handler that behaves as Acme does.
type Simulator struct {
	merchant Merchant
	clock    func() time.Time

	mu         sync.Mutex
	orders     map[string]*Order
	refunds    map[string]*Refund
	next       int
	fault      Fault
	violations []string
}

// New makes one with empty books.
func New(m Merchant, clock func() time.Time) *Simulator {
	return &Simulator{merchant: m, clock: clock, orders: map[string]*Order{}, refunds: map[string]*Refund{}}
}

// Fail has the next request go wrong.
func (s *Simulator) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Violations are the rules of Acme's document that callers broke.
func (s *Simulator) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.violations...)
}

// Order reads the books.
func (s *Simulator) Order(orderNo string) (Order, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.orders[orderNo]
	if !ok {
		return Order{}, false
	}
	return *o, true
}

// Pay is the payer who scans the code.
func (s *Simulator) Pay(orderNo string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.orders[orderNo]
	if !ok || o.Status != Waiting {
		return fmt.Errorf("the order %s does not wait for a payer", orderNo)
	}
	now := s.clock()
	o.Status, o.PaidAt, o.QRCode = Paid, &now, ""
	return nil
}

// sign is Acme's signature: HMAC-SHA256 over the parts, in hexadecimal.
func (s *Simulator) sign(parts ...string) string {
	mac := hmac.New(sha256.New, []byte(s.merchant.APIKey))
	for _, part := range parts {
		_, _ = io.WriteString(mac, part)
	}
	return hex.EncodeToString(mac.Sum(nil))
}

// Notice is the request that Acme makes when an order is paid: body and headers.
func (s *Simulator) Notice(orderNo string) ([]byte, map[string]string, error) {
	o, ok := s.Order(orderNo)
	if !ok || o.Status != Paid {
		return nil, nil, fmt.Errorf("the order %s is not paid", orderNo)
	}
	body, err := json.Marshal(map[string]any{"type": "order.paid", "order": o})
	if err != nil {
		return nil, nil, err
	}
	return body, s.Headers(body), nil
}

// Headers are those of a reply or a notice with that body.
func (s *Simulator) Headers(body []byte) map[string]string {
	timestamp := strconv.FormatInt(s.clock().Unix(), 10)
	return map[string]string{"Acme-Timestamp": timestamp, "Acme-Signature": s.sign(timestamp, "\n", string(body))}
}
