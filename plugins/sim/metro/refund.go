package metro

import (
	"math/bits"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// refund gives money back, several times per order until nothing is left (seed 000, 四.7). There is no query for it.
func (s *Simulator) refund(req *request) reply {
	o := s.lookup(req)
	if o == nil {
		return refusal(codeOrderUnknown, "")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	number, fee := req.text("out_refund_no"), req.amount("refund_fee")
	if prior := o.refundOf(number); prior != nil {
		if s.opts.IdempotentRefunds && prior.Fee == fee {
			return success(s.refundView(o, prior))
		}
		return refusal(codeRefundExists, "")
	}
	if o.State != StatePaid || o.Reversal != nil {
		return refusal(codeOrderState, "")
	}
	left, coupon := o.left()
	if fee > left {
		return refusal(codeRefundAmount, "")
	}
	id, fresh := s.book.claim(req.mchID, number)
	if !fresh {
		return refusal(codeRefundExists, "")
	}
	share := coupon
	if fee < left {
		share = share64(o.Coupon, fee, o.Total)
	}
	o.Refunds = append(o.Refunds, Refund{
		OutRefundNo: number, RefundID: id, Fee: fee, Coupon: share, State: RefundProcessing, Created: s.now(),
	})
	refund := &o.Refunds[len(o.Refunds)-1]
	s.startRefund(o, refund, req.decision)
	return success(s.refundView(o, refund))
}

// startRefund does what the faults leave of it.
func (s *Simulator) startRefund(o *order, refund *Refund, d faults.Decision) {
	switch {
	case d.Is(faults.Fail):
		refund.State = RefundFailed
		s.save(o, nil)
	case d.Is(faults.Pending), d.Is(faults.Uncertain):
		s.holdRefund(o, refund, d.Rule)
	default:
		s.settleRefund(o, refund, true)
	}
}

// holdRefund answers RS_PROCESSING. Pending: the money goes back at the end, if the end is "paid". Uncertain: it is
// decided now whether it goes back (Moved), and with 0 queries that never shows.
func (s *Simulator) holdRefund(o *order, refund *Refund, rule *faults.Rule) {
	refund.Waiting = &Waiting{Queries: rule.Queries, End: RefundDone}
	uncertain := rule.Kind == faults.Uncertain
	if rule.Then == faults.Never || (uncertain && rule.Queries == 0) {
		refund.Waiting.Queries = -1
	}
	if rule.Then == faults.Abandoned || (uncertain && rule.Then != faults.Paid) {
		refund.Waiting.End = RefundFailed
	}
	if uncertain && rule.Moved {
		refund.Waiting.End = RefundDone // what moved has moved
		refund.Moved = s.now()
		s.move(o, ledger.Refund, refund.Fee, refund.OutRefundNo)
		return
	}
	s.save(o, nil)
}

// settleRefund ends a refund; money that already went back is not moved again, and stays back.
func (s *Simulator) settleRefund(o *order, refund *Refund, done bool) {
	refund.Waiting = nil
	refund.State = RefundFailed
	if done || !refund.Moved.IsZero() {
		refund.State = RefundDone
	}
	if refund.State == RefundDone && refund.Moved.IsZero() {
		refund.Moved = s.now()
		s.move(o, ledger.Refund, refund.Fee, refund.OutRefundNo)
		return
	}
	s.save(o, nil)
}

func (o *order) refundOf(number string) *Refund {
	for i := range o.Refunds {
		if o.Refunds[i].OutRefundNo == number {
			return &o.Refunds[i]
		}
	}
	return nil
}

// left is what can still be refunded, and the coupon's part in it. A refund under way counts as gone.
func (o *order) left() (fee, coupon int64) {
	fee, coupon = o.Total, o.Coupon
	for _, refund := range o.Refunds {
		if refund.State != RefundFailed {
			fee -= refund.Fee
			coupon -= refund.Coupon
		}
	}
	return fee, coupon
}

// share64 is amount × part ÷ whole, rounded down; part is at most whole, so it does not overflow.
func share64(amount, part, whole int64) int64 {
	high, low := bits.Mul64(uint64(amount), uint64(part)) //nolint:gosec // amounts are not negative
	quotient, _ := bits.Div64(high, low, uint64(whole))   //nolint:gosec // as above; high < whole since part <= whole
	return int64(quotient)                                //nolint:gosec // at most amount
}

func (s *Simulator) refundView(o *order, refund *Refund) data {
	view := data{
		"out_request_no": o.OutRequestNo, "pay_out_trade_no": o.TradeNo,
		"out_refund_no": refund.OutRefundNo, "pay_refund_id": refund.RefundID,
		"pay_refund_fee": refund.Fee, "pay_refund_status": refund.State, "pay_refund_coupon_fee": refund.Coupon,
		"total_fee": o.Total,
	}
	if s.opts.SendEmptyFields {
		view["refund_date"], view["refund_time"] = "", ""
	}
	if refund.State == RefundDone {
		view["refund_date"], view["refund_time"] = date(refund.Moved), clockTime(refund.Moved)
	}
	return view
}
