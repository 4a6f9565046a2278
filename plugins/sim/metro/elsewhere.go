package metro

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/control"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// ErrElsewhere says that an order cannot have been paid elsewhere.
var ErrElsewhere = errors.New("an order that was paid elsewhere needs an out_request_no of its own, a pay_type and a total_fee")

// Elsewhere is an order that the merchant took by another system than the caller: paid now, in the ledger and the
// day's totals like any other.
type Elsewhere struct {
	OutRequestNo string `json:"out_request_no"`
	PayType      string `json:"pay_type"`
	Total        int64  `json:"total_fee"` // fen
}

// PayElsewhere has a merchant take an order by another system.
func (s *Simulator) PayElsewhere(mchID string, e Elsewhere) error {
	if e.OutRequestNo == "" || e.Total < 1 || !slices.Contains(payTypes(), e.PayType) {
		return ErrElsewhere
	}
	o, existing := s.book.add(Order{
		MchID: mchID, OutRequestNo: e.OutRequestNo, PayType: e.PayType, State: StatePaid, Total: e.Total, Created: s.now(), Paid: s.now(),
	})
	if existing != nil {
		return fmt.Errorf("%w: %s is taken", ErrElsewhere, e.OutRequestNo)
	}
	defer o.mu.Unlock()
	s.move(o, ledger.Pay, o.Total, "")
	return nil
}

// controlElsewhere takes an order elsewhere: {"mch_id":…,"out_request_no":…,"pay_type":"CT_ALIPAY","total_fee":100}.
func (s *Simulator) controlElsewhere(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Elsewhere

		MchID string `json:"mch_id"`
	}
	if err := control.Read(r, &body); err != nil {
		control.Fail(w, http.StatusBadRequest, err)
		return
	}
	merchant, err := s.merchantNamed(body.MchID)
	if err != nil {
		control.Fail(w, http.StatusNotFound, err)
		return
	}
	if err := s.PayElsewhere(merchant.MchID, body.Elsewhere); err != nil {
		control.Fail(w, http.StatusConflict, err)
		return
	}
	order, _ := s.Order(merchant.MchID, body.OutRequestNo)
	control.Write(w, http.StatusOK, order)
}
