package shouqianba

import (
	"errors"
	"net/http"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/control"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
)

// ControlPrefix is where the routes of Control begin.
const ControlPrefix = "/_control/" + Provider

// Control is the remote control of this simulator, below ControlPrefix; plugins/sim/README.md lists its routes.
func (s *Simulator) Control() http.Handler {
	mux := control.Mux(control.Source{
		Provider: Provider, Ledger: &s.ledger, Faults: s.faults, Violations: &s.violations,
		Calls: s.allCalls, Reset: s.Reset, Healthy: s.opts.Journal.Err,
	})
	orders := s.orders()
	mux.HandleFunc("GET "+ControlPrefix+"/orders", s.controlOrders)
	mux.HandleFunc("GET "+ControlPrefix+"/orders/{client_sn}", orders.Get)
	mux.HandleFunc("POST "+ControlPrefix+"/orders/{client_sn}/pay", orders.Pay(map[faults.Outcome]func(terminalSN, clientSN string) error{
		faults.Paid: s.PayOrder, faults.Abandoned: s.AbandonOrder,
	}))
	mux.HandleFunc("POST "+ControlPrefix+"/orders/{client_sn}/abandon", orders.Change(s.AbandonOrder))
	mux.HandleFunc("POST "+ControlPrefix+"/orders/{client_sn}/take-back", orders.Change(s.TakeBack))
	mux.HandleFunc("POST "+ControlPrefix+"/orders/{client_sn}/pay-late", orders.Change(s.PayLate))
	mux.HandleFunc("POST "+ControlPrefix+"/terminals", s.controlTerminals)
	return mux
}

func (s *Simulator) allCalls() map[string]int64 {
	calls := make(map[string]int64, len(s.operations))
	for _, op := range s.operations {
		calls[op.name] = op.calls.Load()
	}
	return calls
}

// controlOrders takes the parameters terminal_sn and order_status as filters.
func (s *Simulator) controlOrders(w http.ResponseWriter, r *http.Request) {
	terminalSN, state := r.URL.Query().Get("terminal_sn"), r.URL.Query().Get("order_status")
	out := []Order{}
	for _, o := range s.Orders() {
		if (terminalSN == "" || o.Terminal == terminalSN) && (state == "" || o.State == state) {
			out = append(out, o)
		}
	}
	control.Write(w, http.StatusOK, out)
}

// orders are the routes about the order of a path: by client_sn, with ?terminal_sn= if several terminals used the number.
func (s *Simulator) orders() control.Orders[*order] {
	return control.Orders[*order]{
		Number: "client_sn", Owner: "terminal_sn", None: ErrNoOrder,
		Find: s.book.byClientSN,
		Key:  func(o *order) (owner, number string) { return o.key.terminal, o.key.clientSN },
		Show: func(o *order) any { return o.snapshot() },
	}
}

// controlTerminals adds or replaces a terminal.
func (s *Simulator) controlTerminals(w http.ResponseWriter, r *http.Request) {
	var t Terminal
	if err := control.Read(r, &t); err != nil {
		control.Fail(w, http.StatusBadRequest, err)
		return
	}
	if t.SN == "" || t.Key == "" {
		control.Fail(w, http.StatusBadRequest, errors.New("a terminal needs terminal_sn and terminal_key"))
		return
	}
	s.AddTerminal(t)
	control.Write(w, http.StatusOK, map[string]string{"terminal_sn": t.SN})
}
