package mmsp

import (
	"fmt"
	"net/http"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/control"
)

// controlPayouts adds the routes of payouts, which are not orders: the payee's bank decides them, and money can come back.
func (s *Simulator) controlPayouts(mux *http.ServeMux) {
	all, one := ControlPrefix+"/payouts", ControlPrefix+"/payouts/{number}"
	mux.HandleFunc("GET "+all, s.controlAllPayouts)
	mux.HandleFunc("GET "+one, func(w http.ResponseWriter, r *http.Request) {
		s.decideOn(w, r, func(string, string) error { return nil })
	})
	mux.HandleFunc("POST "+one+"/pay", func(w http.ResponseWriter, r *http.Request) { s.decideOn(w, r, s.PayPayout) })
	mux.HandleFunc("POST "+one+"/abandon", func(w http.ResponseWriter, r *http.Request) { s.decideOn(w, r, s.FailPayout) })
	mux.HandleFunc("POST "+one+"/return", func(w http.ResponseWriter, r *http.Request) { s.decideOn(w, r, s.ReturnPayout) })
}

// controlAllPayouts takes the parameters mer_no and state (PAYSTATE) as filters.
func (s *Simulator) controlAllPayouts(w http.ResponseWriter, r *http.Request) {
	merNo, state := r.URL.Query().Get("mer_no"), r.URL.Query().Get("state")
	out := []Payout{}
	for _, p := range s.Payouts() {
		if (merNo == "" || p.MerNo == merNo) && (state == "" || p.State == state) {
			out = append(out, p)
		}
	}
	control.Write(w, http.StatusOK, out)
}

// decideOn does something to the payout of the path and answers what became of it.
func (s *Simulator) decideOn(w http.ResponseWriter, r *http.Request, do func(merNo, number string) error) {
	merNo, number := r.URL.Query().Get("mer_no"), r.PathValue("number")
	var found []Payout
	for _, p := range s.Payouts() {
		if p.Number == number && (merNo == "" || p.MerNo == merNo) {
			found = append(found, p)
		}
	}
	switch {
	case len(found) == 0:
		control.Fail(w, http.StatusNotFound, ErrNoOrder)
		return
	case len(found) > 1:
		control.Fail(w, http.StatusConflict,
			fmt.Errorf("%d merchants have a payout %s: name one as ?mer_no=", len(found), number))
		return
	}
	if err := do(found[0].MerNo, number); err != nil {
		control.Fail(w, http.StatusConflict, err)
		return
	}
	p, _ := s.Payout(found[0].MerNo, number)
	control.Write(w, http.StatusOK, p)
}
