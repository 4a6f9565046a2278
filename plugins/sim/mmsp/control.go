package mmsp

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/control"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
)

// ControlPrefix is where the routes of Control begin.
const ControlPrefix = "/_control/" + Provider

// Control is the remote control of this simulator, below ControlPrefix; README.md lists its routes.
func (s *Simulator) Control() http.Handler {
	mux := control.Mux(control.Source{
		Provider: Provider, Ledger: &s.ledger, Faults: s.faults, Violations: &s.violations,
		Calls: s.allCalls, Reset: s.Reset, Healthy: s.opts.Journal.Err,
	})
	one := ControlPrefix + "/orders/{number}"
	mux.HandleFunc("GET "+ControlPrefix+"/orders", s.controlOrders)
	mux.HandleFunc("GET "+one, s.controlOrder)
	mux.HandleFunc("POST "+one+"/pay", s.controlPay)
	mux.HandleFunc("POST "+one+"/abandon", s.controlAbandon)
	mux.HandleFunc("POST "+one+"/notify", s.controlNotify)
	mux.HandleFunc("POST "+one+"/forge", s.controlForge)
	mux.HandleFunc("POST "+one+"/refund", s.controlRefund)
	mux.HandleFunc("GET "+ControlPrefix+"/deliveries", s.controlDeliveries)
	mux.HandleFunc("POST "+ControlPrefix+"/merchants", s.controlMerchants)
	s.controlPayouts(mux)
	return mux
}

func (s *Simulator) allCalls() map[string]int64 {
	calls := make(map[string]int64)
	for name, count := range s.calls() {
		calls[name] = count.Load()
	}
	return calls
}

// controlOrders takes the parameters mer_no, product and state as filters.
func (s *Simulator) controlOrders(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	matches := func(filter, value string) bool { return filter == "" || filter == value }
	out := []Order{}
	for _, o := range s.Orders() {
		if matches(query.Get("mer_no"), o.MerNo) && matches(query.Get("product"), o.Product) && matches(query.Get("state"), string(o.State)) {
			out = append(out, o)
		}
	}
	control.Write(w, http.StatusOK, out)
}

func (s *Simulator) controlOrder(w http.ResponseWriter, r *http.Request) {
	o, status, err := s.named(r)
	if err != nil {
		control.Fail(w, status, err)
		return
	}
	control.Write(w, http.StatusOK, o.snapshot())
}

// named finds the order of the path: by MERORDERID, with mer_no if several merchants used the number.
func (s *Simulator) named(r *http.Request) (*order, int, error) {
	number, merNo := r.PathValue("number"), r.URL.Query().Get("mer_no")
	var found []*order
	for _, o := range s.book.ofNumber(number) {
		if merNo == "" || o.key.merNo == merNo {
			found = append(found, o)
		}
	}
	switch len(found) {
	case 0:
		return nil, http.StatusNotFound, ErrNoOrder
	case 1:
		return found[0], http.StatusOK, nil
	}
	return nil, http.StatusConflict, fmt.Errorf("%d merchants have an order %s: name one as ?mer_no=", len(found), number)
}

// controlPay lets the payer decide: {"outcome":"paid"}, the default, or {"outcome":"abandoned"}.
func (s *Simulator) controlPay(w http.ResponseWriter, r *http.Request) {
	body := struct {
		Outcome faults.Outcome `json:"outcome"`
	}{Outcome: faults.Paid}
	if err := control.Read(r, &body); err != nil {
		control.Fail(w, http.StatusBadRequest, err)
		return
	}
	switch body.Outcome {
	case faults.Paid:
		s.decide(w, r, s.PayOrder)
	case faults.Abandoned:
		s.decide(w, r, s.AbandonOrder)
	default:
		control.Fail(w, http.StatusBadRequest, errors.New("the outcome is paid or abandoned"))
	}
}

func (s *Simulator) controlAbandon(w http.ResponseWriter, r *http.Request) {
	s.decide(w, r, s.AbandonOrder)
}

func (s *Simulator) decide(w http.ResponseWriter, r *http.Request, do func(merNo, number string) error) {
	o, status, err := s.named(r)
	if err == nil {
		status = http.StatusConflict
		err = do(o.key.merNo, o.key.number)
	}
	if err != nil {
		control.Fail(w, status, err)
		return
	}
	control.Write(w, http.StatusOK, o.snapshot())
}

// controlNotify sends the true notification once more and answers with its delivery.
func (s *Simulator) controlNotify(w http.ResponseWriter, r *http.Request) {
	s.deliver(w, r, s.Notify)
}

// controlForge sends a forged notification: {"kind":"bad-signature"}.
func (s *Simulator) controlForge(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Kind string `json:"kind"`
	}
	if err := control.Read(r, &body); err != nil {
		control.Fail(w, http.StatusBadRequest, err)
		return
	}
	s.deliver(w, r, func(merNo, number string) (Delivery, error) { return s.Forge(merNo, number, body.Kind) })
}

func (s *Simulator) deliver(w http.ResponseWriter, r *http.Request, send func(merNo, number string) (Delivery, error)) {
	o, status, err := s.named(r)
	var delivery Delivery
	if err == nil {
		status = http.StatusConflict
		delivery, err = send(o.key.merNo, o.key.number)
	}
	if err != nil {
		control.Fail(w, status, err)
		return
	}
	control.Write(w, http.StatusOK, delivery)
}

func (s *Simulator) controlDeliveries(w http.ResponseWriter, _ *http.Request) {
	list := s.Deliveries()
	if list == nil {
		list = []Delivery{}
	}
	control.Write(w, http.StatusOK, list)
}

// controlMerchants adds or replaces a merchant.
func (s *Simulator) controlMerchants(w http.ResponseWriter, r *http.Request) {
	var m Merchant
	if err := control.Read(r, &m); err != nil {
		control.Fail(w, http.StatusBadRequest, err)
		return
	}
	if m.MerNo == "" || (m.signingKey() == "" && m.Payout == nil) {
		control.Fail(w, http.StatusBadRequest, errors.New("a merchant needs mer_no and a key"))
		return
	}
	s.AddMerchant(m)
	control.Write(w, http.StatusOK, map[string]string{"mer_no": m.MerNo})
}
