package shouqianba

import (
	"errors"
	"fmt"
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
	mux.HandleFunc("GET "+ControlPrefix+"/orders", s.controlOrders)
	mux.HandleFunc("GET "+ControlPrefix+"/orders/{client_sn}", s.controlOrder)
	mux.HandleFunc("POST "+ControlPrefix+"/orders/{client_sn}/pay", s.controlPay)
	mux.HandleFunc("POST "+ControlPrefix+"/orders/{client_sn}/abandon", s.controlAbandon)
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

func (s *Simulator) controlOrder(w http.ResponseWriter, r *http.Request) {
	o, status, err := s.named(r)
	if err != nil {
		control.Fail(w, status, err)
		return
	}
	control.Write(w, http.StatusOK, o.snapshot())
}

// named finds the order of the path: by client_sn, with terminal_sn if several terminals used the number.
func (s *Simulator) named(r *http.Request) (*order, int, error) {
	clientSN, terminalSN := r.PathValue("client_sn"), r.URL.Query().Get("terminal_sn")
	var found []*order
	for _, o := range s.book.byClientSN(clientSN) {
		if terminalSN == "" || o.key.terminal == terminalSN {
			found = append(found, o)
		}
	}
	switch len(found) {
	case 0:
		return nil, http.StatusNotFound, ErrNoOrder
	case 1:
		return found[0], http.StatusOK, nil
	}
	return nil, http.StatusConflict, fmt.Errorf("%d terminals have an order %s: name one as ?terminal_sn=", len(found), clientSN)
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

func (s *Simulator) decide(w http.ResponseWriter, r *http.Request, do func(terminalSN, clientSN string) error) {
	o, status, err := s.named(r)
	if err == nil {
		status = http.StatusConflict
		err = do(o.key.terminal, o.key.clientSN)
	}
	if err != nil {
		control.Fail(w, status, err)
		return
	}
	control.Write(w, http.StatusOK, o.snapshot())
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
