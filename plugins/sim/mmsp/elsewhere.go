package mmsp

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/control"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// ErrElsewhere says that an order cannot have been paid elsewhere.
var ErrElsewhere = errors.New("an order that was paid elsewhere needs a mer_order_id of its own, an amount and one of the products scan, quick and gateway")

// Elsewhere is an order that the merchant took by another system than the caller: paid now, in the ledger and the
// batch query like any other.
type Elsewhere struct {
	Product string `json:"product"`
	Number  string `json:"mer_order_id"`
	Amount  int64  `json:"amount"` // fen
}

// PayElsewhere has a merchant take an order by another system.
func (s *Simulator) PayElsewhere(merNo string, e Elsewhere) error {
	known := e.Product == ProductScan || e.Product == ProductQuick || e.Product == ProductGateway
	if !known || e.Number == "" || e.Amount < 1 {
		return ErrElsewhere
	}
	now := s.now()
	o, existing := s.book.add(Order{
		Product: e.Product, MerNo: merNo, Number: e.Number, Amount: e.Amount, State: StatePaid, Created: now, PaidAt: now, Finished: now,
	})
	if existing != nil {
		return fmt.Errorf("%w: %s is taken", ErrElsewhere, e.Number)
	}
	defer o.mu.Unlock()
	s.move(o, ledger.Pay, o.Amount, "")
	return nil
}

// controlElsewhere takes an order elsewhere: {"mer_no":…,"product":"quick","mer_order_id":…,"amount":100}.
func (s *Simulator) controlElsewhere(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Elsewhere

		MerNo string `json:"mer_no"`
	}
	if err := control.Read(r, &body); err != nil {
		control.Fail(w, http.StatusBadRequest, err)
		return
	}
	if err := s.PayElsewhere(body.MerNo, body.Elsewhere); err != nil {
		control.Fail(w, http.StatusConflict, err)
		return
	}
	order, _ := s.Order(body.MerNo, body.Number)
	control.Write(w, http.StatusOK, order)
}

// The rows of the batch queries, as faults name them: each of a page is a call of its own.
const (
	RowQuick   = "quick-row"
	RowGateway = "gateway-row"
)

// onRows are the faults of a row: it is left out, or shows another amount.
var onRows = []faults.Kind{FaultNotExist, FaultWrongAmount}

func rowOf(product string) string {
	if product == ProductGateway {
		return RowGateway
	}
	return RowQuick
}

// misread does to the rows of a batch what the faults want; general faults leave them alone.
func (s *Simulator) misread(req *request, found []Order) []Order {
	kept := found[:0]
	for _, o := range found {
		d := s.faults.Decide(faults.Call{Operation: rowOf(req.op.product), Account: o.MerNo, Order: o.Number, Named: true})
		switch {
		case d.Is(FaultNotExist):
			continue
		case d.Is(FaultWrongAmount) && d.Rule.Amount > 0:
			o.Amount = d.Rule.Amount
		case d.Is(FaultWrongAmount):
			o.Amount++
		}
		kept = append(kept, o)
	}
	return kept
}
