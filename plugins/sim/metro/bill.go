package metro

import (
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// BillInfo is a day's totals of one way of paying (seed 000, 四.8). Amounts are in fen.
type BillInfo struct {
	PayType       string `json:"pay_type"`
	TotalCount    int64  `json:"total_count"`
	TotalAmount   int64  `json:"total_amount"`
	ReverseCount  int64  `json:"reverse_count"`
	ReverseAmount int64  `json:"reverse_amount"`
	RefundCount   int64  `json:"refund_count"`
	RefundAmount  int64  `json:"refund_amount"`
}

// bill answers a day's totals. Each movement counts on the day it happened; ways without any are left out.
func (s *Simulator) bill(req *request) reply {
	day := req.text("date")
	if day > date(s.now()) {
		return *s.refuse(req, codeBillDate, frame.Problem{
			Field: "date", Rule: frame.RuleValue, Message: message(codeBillDate),
		})
	}
	return success(data{"date": day, "bill_infos": s.Bill(req.mchID, day)})
}

// Bill is what the provider tells a merchant about a day (yyyyMMdd, Beijing time).
func (s *Simulator) Bill(mchID, day string) []BillInfo {
	totals := make(map[string]*BillInfo)
	for _, payType := range payTypes() {
		totals[payType] = &BillInfo{PayType: payType}
	}
	for _, o := range s.book.all() {
		if o.key.mchID == mchID {
			one := o.snapshot()
			totals[one.PayType].add(&one, day)
		}
	}
	lines := []BillInfo{}
	for _, payType := range payTypes() {
		if line := totals[payType]; line.TotalCount+line.ReverseCount+line.RefundCount > 0 {
			lines = append(lines, *line)
		}
	}
	return lines
}

// add counts what of an order happened on a day.
func (b *BillInfo) add(o *Order, day string) {
	if on(day, o.Paid) {
		b.TotalCount++
		b.TotalAmount += o.Total
	}
	if o.Reversed > 0 && on(day, o.Closed) {
		b.ReverseCount++
		b.ReverseAmount += o.Reversed
	}
	for _, refund := range o.Refunds {
		if on(day, refund.Moved) {
			b.RefundCount++
			b.RefundAmount += refund.Fee
		}
	}
}

// on reports whether a movement happened on a day of Beijing time.
func on(day string, at time.Time) bool { return !at.IsZero() && date(at) == day }
