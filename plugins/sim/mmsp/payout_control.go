package mmsp

import (
	"net/http"
	"slices"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/control"
)

// controlPayouts adds the routes of payouts, which are not orders: the payee's bank decides them, and money can come back.
func (s *Simulator) controlPayouts(mux *http.ServeMux) {
	payouts, all, one := s.payoutOrders(), ControlPrefix+"/payouts", ControlPrefix+"/payouts/{number}"
	mux.HandleFunc("GET "+all, s.controlAllPayouts)
	mux.HandleFunc("GET "+one, payouts.Get)
	mux.HandleFunc("POST "+one+"/pay", payouts.Change(s.PayPayout))
	mux.HandleFunc("POST "+one+"/abandon", payouts.Change(s.FailPayout))
	mux.HandleFunc("POST "+one+"/return", payouts.Change(s.ReturnPayout))
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

// payoutOrders are the routes about one payout: by MERORDERID, with ?mer_no= if several merchants used the number.
func (s *Simulator) payoutOrders() control.Orders[Payout] {
	return control.Orders[Payout]{
		Number: "number", Owner: "mer_no", None: ErrNoOrder,
		Find: func(number string) []Payout {
			return slices.DeleteFunc(s.Payouts(), func(p Payout) bool { return p.Number != number })
		},
		Key: func(p Payout) (owner, number string) { return p.MerNo, p.Number },
		Show: func(p Payout) any {
			now, _ := s.Payout(p.MerNo, p.Number)
			return now
		},
	}
}
