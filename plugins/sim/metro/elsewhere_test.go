package metro_test

import (
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/metro"
)

// TestOrdersFromElsewhere: what another system of the merchant took is in the ledger and in the day's totals, and the
// caller's orders are as they were.
func TestOrdersFromElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := newRemote(t, w)
	w.want("applypay", payBody("OURS"), "0 PS_SUCCESS")
	before := w.sim.Bill(mchID, "20261123")
	var order metro.Order
	r.do("POST", "/orders", `{"mch_id":"`+mchID+`","out_request_no":"THEIRS","pay_type":"CT_UNION","total_fee":777}`, 200, &order)
	if order.State != metro.StatePaid || order.Total != 777 {
		t.Errorf("the order: %+v", order)
	}
	w.books("THEIRS", 1, 777)
	after := w.sim.Bill(mchID, "20261123")
	if len(after) != len(before)+1 || after[len(after)-1].TotalAmount != 777 || after[len(after)-1].PayType != metro.PayTypeUnion {
		t.Errorf("the day was %+v and is %+v", before, after)
	}
	for body, status := range map[string]int{
		`{"mch_id":"` + mchID + `","out_request_no":"OURS","pay_type":"CT_UNION","total_fee":1}`: 409,
		`{"mch_id":"` + mchID + `","out_request_no":"A","pay_type":"CT_GOLD","total_fee":1}`:     409,
		`{"mch_id":"` + mchID + `","out_request_no":"A","pay_type":"CT_UNION","total_fee":0}`:    409,
		`{"mch_id":"nobody","out_request_no":"A","pay_type":"CT_UNION","total_fee":1}`:           404,
		`{"number":"A"}`: 400,
	} {
		r.do("POST", "/orders", body, status, nil)
	}
}
