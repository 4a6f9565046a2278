package control

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
)

// Orders are how the orders of one simulator are found, changed and shown.
type Orders[O any] struct {
	Number string // what paths call the order's number
	Owner  string // the parameter that tells orders of the same number apart: a merchant's or a terminal's
	None   error  // there is no such order

	Find func(number string) []O
	Key  func(order O) (owner, number string)
	Show func(order O) any
}

// One finds the order of the path. If there is not exactly one, it answers that itself.
func (o Orders[O]) One(w http.ResponseWriter, r *http.Request) (found O, ok bool) {
	number, wanted := r.PathValue(o.Number), r.URL.Query().Get(o.Owner)
	all := slices.DeleteFunc(o.Find(number), func(order O) bool {
		owner, _ := o.Key(order)
		return wanted != "" && owner != wanted
	})
	switch len(all) {
	case 0:
		Fail(w, http.StatusNotFound, o.None)
	case 1:
		return all[0], true
	default:
		Fail(w, http.StatusConflict, fmt.Errorf("%d callers have an order %s: name one as ?%s=", len(all), number, o.Owner))
	}
	return found, false
}

// Get shows the order of the path.
func (o Orders[O]) Get(w http.ResponseWriter, r *http.Request) {
	if order, ok := o.One(w, r); ok {
		Write(w, http.StatusOK, o.Show(order))
	}
}

// Change does something to the order of the path and shows it.
func (o Orders[O]) Change(do func(owner, number string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		order, ok := o.One(w, r)
		if !ok {
			return
		}
		if err := do(o.Key(order)); err != nil {
			Fail(w, http.StatusConflict, err)
			return
		}
		Write(w, http.StatusOK, o.Show(order))
	}
}

// Pay lets the payer decide: {"outcome":"paid"}, the default, or another of the outcomes.
func (o Orders[O]) Pay(outcomes map[faults.Outcome]func(owner, number string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body := struct {
			Outcome faults.Outcome `json:"outcome"`
		}{Outcome: faults.Paid}
		if err := Read(r, &body); err != nil {
			Fail(w, http.StatusBadRequest, err)
			return
		}
		do, ok := outcomes[body.Outcome]
		if !ok {
			Fail(w, http.StatusBadRequest, fmt.Errorf("the outcome is one of %s", names(outcomes)))
			return
		}
		o.Change(do)(w, r)
	}
}

func names(outcomes map[faults.Outcome]func(owner, number string) error) string {
	all := make([]string, 0, len(outcomes))
	for outcome := range outcomes {
		all = append(all, string(outcome))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
