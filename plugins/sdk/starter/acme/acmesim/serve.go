package acmesim

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// answer is every reply of Acme.
type answer struct {
	Code    string  `json:"code"`
	Message string  `json:"message,omitempty"`
	Order   *Order  `json:"order,omitempty"`
	Refund  *Refund `json:"refund,omitempty"`
}

func says(code, message string) answer { return answer{Code: code, Message: message} }

func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fault := s.fault
	s.fault = FaultNone
	switch fault {
	case FaultBusy:
		s.reply(w, fault, says("SYSTEM_BUSY", "Try again later."))
		return
	case FaultError:
		http.Error(w, "<html>oops</html>", http.StatusInternalServerError)
		return
	default:
	}
	s.reply(w, fault, s.handle(r, body))
}

func (s *Simulator) handle(r *http.Request, body []byte) answer {
	timestamp := r.Header.Get("Acme-Timestamp")
	if r.Header.Get("Acme-Merchant") != s.merchant.ID {
		return s.violation("MERCHANT_DISABLED", "There is no merchant %q.", r.Header.Get("Acme-Merchant"))
	}
	if r.Header.Get("Acme-Signature") != s.sign(r.Method, "\n", r.URL.Path, "\n", timestamp, "\n", string(body)) {
		return s.violation("INVALID_REQUEST", "The signature of %s %s does not hold.", r.Method, r.URL.Path)
	}
	if seconds, err := strconv.ParseInt(timestamp, 10, 64); err != nil || seconds < s.clock().Unix()-300 || seconds > s.clock().Unix()+300 {
		return s.violation("INVALID_REQUEST", "The time %q is not now.", timestamp)
	}
	orderNo, aboutOrder := strings.CutPrefix(r.URL.Path, "/v1/orders/")
	refundNo, aboutRefund := strings.CutPrefix(r.URL.Path, "/v1/refunds/")
	switch {
	case r.Method == http.MethodPost && r.URL.Path == "/v1/orders":
		return s.createOrder(body)
	case r.Method == http.MethodPost && r.URL.Path == "/v1/refunds":
		return s.createRefund(body)
	case r.Method == http.MethodPost && aboutOrder && strings.HasSuffix(orderNo, "/close"):
		return s.closeOrder(strings.TrimSuffix(orderNo, "/close"))
	case r.Method == http.MethodGet && aboutOrder && s.orders[orderNo] != nil:
		return answer{Code: "OK", Order: s.orders[orderNo]}
	case r.Method == http.MethodGet && aboutRefund && s.refunds[refundNo] != nil:
		return answer{Code: "OK", Refund: s.refunds[refundNo]}
	case r.Method == http.MethodGet && (aboutOrder || aboutRefund):
		return says("NOT_FOUND", "There is none with this number.")
	}
	return s.violation("INVALID_REQUEST", "There is no %s %s.", r.Method, r.URL.Path)
}

// createOrder is idempotent: the same order again gives the same order.
func (s *Simulator) createOrder(body []byte) answer {
	var in struct {
		OrderNo   string `json:"order_no"`
		Amount    int64  `json:"amount"`
		Subject   string `json:"subject"`
		NotifyURL string `json:"notify_url"`
		ExpiresAt string `json:"expires_at"`
	}
	if err := json.Unmarshal(body, &in); err != nil || in.OrderNo == "" || len(in.OrderNo) > 32 || in.Amount < 1 || in.Subject == "" {
		return s.violation("INVALID_REQUEST", "The order cannot be read: %s", body)
	}
	if o := s.orders[in.OrderNo]; o != nil {
		if o.Amount != in.Amount {
			return says("NUMBER_TAKEN", "The number stands for another order.")
		}
		return answer{Code: "OK", Order: o}
	}
	o := &Order{
		OrderNo: in.OrderNo, TradeNo: s.number("AT"), Amount: in.Amount, Status: Waiting, NotifyURL: in.NotifyURL,
		QRCode: "https://pay.acme.example/" + in.OrderNo,
	}
	s.orders[in.OrderNo] = o
	return answer{Code: "OK", Order: o}
}

// closeOrder leaves a paid order as it is and says so.
func (s *Simulator) closeOrder(orderNo string) answer {
	o := s.orders[orderNo]
	if o == nil {
		return says("NOT_FOUND", "There is none with this number.")
	}
	if o.Status == Waiting {
		o.Status, o.QRCode = Closed, ""
	}
	return answer{Code: "OK", Order: o}
}

// createRefund is idempotent as well, and never gives back more than was paid.
func (s *Simulator) createRefund(body []byte) answer {
	var in struct {
		RefundNo string `json:"refund_no"`
		OrderNo  string `json:"order_no"`
		Amount   int64  `json:"amount"`
		Reason   string `json:"reason"`
	}
	if err := json.Unmarshal(body, &in); err != nil || in.RefundNo == "" || in.Amount < 1 {
		return s.violation("INVALID_REQUEST", "The refund cannot be read: %s", body)
	}
	if f := s.refunds[in.RefundNo]; f != nil {
		if f.OrderNo != in.OrderNo || f.Amount != in.Amount {
			return says("NUMBER_TAKEN", "The number stands for another refund.")
		}
		return answer{Code: "OK", Refund: f}
	}
	o := s.orders[in.OrderNo]
	if o == nil || o.Status != Paid || o.Refunded+in.Amount > o.Amount {
		return says("REFUND_TOO_LARGE", "There is not so much to give back.")
	}
	now := s.clock()
	o.Refunded += in.Amount
	f := &Refund{RefundNo: in.RefundNo, OrderNo: in.OrderNo, AcmeRefundNo: s.number("AR"), Amount: in.Amount, Status: Succeeded, RefundedAt: &now}
	s.refunds[in.RefundNo] = f
	return answer{Code: "OK", Refund: f}
}

func (s *Simulator) number(prefix string) string {
	s.next++
	return fmt.Sprintf("%s%08d", prefix, s.next)
}

// violation is a request that Acme's document forbids; tests look at the list.
func (s *Simulator) violation(code, format string, args ...any) answer {
	message := fmt.Sprintf(format, args...)
	s.violations = append(s.violations, message)
	return says(code, message)
}

// reply signs an answer and sends it, or what the fault leaves of it.
func (s *Simulator) reply(w http.ResponseWriter, fault Fault, a answer) {
	if fault == FaultLost {
		panic(http.ErrAbortHandler) // net/http closes the connection and says nothing
	}
	body, err := json.Marshal(a)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	for name, value := range s.Headers(body) {
		w.Header().Set(name, value)
	}
	if fault == FaultUnsigned {
		w.Header().Set("Acme-Signature", strings.Repeat("0", 64))
	}
	if fault == FaultBroken {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		body = body[:len(body)/2]
	}
	_, _ = w.Write(body)
}
