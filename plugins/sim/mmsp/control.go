package mmsp

import (
	"errors"
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
	orders, one := s.orders(), ControlPrefix+"/orders/{number}"
	mux.HandleFunc("GET "+ControlPrefix+"/orders", s.controlOrders)
	mux.HandleFunc("POST "+ControlPrefix+"/orders", s.controlElsewhere)
	mux.HandleFunc("GET "+one, orders.Get)
	mux.HandleFunc("POST "+one+"/pay", orders.Pay(map[faults.Outcome]func(merNo, number string) error{
		faults.Paid: s.PayOrder, faults.Abandoned: s.AbandonOrder,
	}))
	mux.HandleFunc("POST "+one+"/abandon", orders.Change(s.AbandonOrder))
	mux.HandleFunc("POST "+one+"/notify", s.controlNotify)
	mux.HandleFunc("POST "+one+"/forge", s.controlForge)
	mux.HandleFunc("POST "+one+"/refund", orders.Change(s.RefundOutside))
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

// orders are the routes about one order: by MERORDERID, with ?mer_no= if several merchants used the number.
func (s *Simulator) orders() control.Orders[*order] {
	return control.Orders[*order]{
		Number: "number", Owner: "mer_no", None: ErrNoOrder,
		Find: s.book.ofNumber,
		Key:  func(o *order) (owner, number string) { return o.key.merNo, o.key.number },
		Show: func(o *order) any { return o.snapshot() },
	}
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
	o, ok := s.orders().One(w, r)
	if !ok {
		return
	}
	delivery, err := send(o.key.merNo, o.key.number)
	if err != nil {
		control.Fail(w, http.StatusConflict, err)
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
