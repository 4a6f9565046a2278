package wechatpay

import (
	"math/bits"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// How often, and how long after the payment, an order can be refunded.
const (
	mostRefunds = 50
	refundDays  = 365
)

// refund takes a refund: the reply says PROCESSING, how it ends is told by a query or a notification. The same number
// again is the same refund.
func (s *Simulator) refund(req *request) reply {
	if (req.text("/out_trade_no") == "") == (req.text("/transaction_id") == "") {
		return s.refuse(req, codeParam, frame.Problem{
			Field: "/transaction_id", Rule: frame.RuleTogether, Message: "transaction_id和out_trade_no二选一",
		})
	}
	o := s.lookup(req)
	if o == nil {
		return refused(codeNotExists, "订单不存在")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	s.expire(o)
	fresh := Refund{
		OutRefundNo: req.text("/out_refund_no"), State: RefundProcessing, Amount: req.amount("/amount/refund"),
		Reason: req.text("/reason"), NotifyURL: req.text("/notify_url"), Created: s.now(),
	}
	if known := o.refundOf(fresh.OutRefundNo); known != nil {
		if known.Amount != fresh.Amount || o.Total != req.amount("/amount/total") {
			return refused(codeInvalid, "订单金额或退款金额与之前请求不一致，请核实后再试")
		}
		return success(refundView(o, known))
	}
	if code, why := s.refundable(o, fresh, req.amount("/amount/total")); code != "" {
		return refused(code, why)
	}
	if s.book.claim(o, &fresh) != nil {
		return refused(codeInvalid, "商户退款单号已用于其他订单")
	}
	fresh.Coupon = couponShare(o, fresh.Amount)
	o.Refunds = append(o.Refunds, fresh)
	return s.carryOut(o, &o.Refunds[len(o.Refunds)-1], req.decision)
}

// refundable says why a refund cannot be taken, "" if it can. A refused refund does not use its number up.
func (s *Simulator) refundable(o *order, fresh Refund, total int64) (code, why string) {
	switch {
	case o.State != StatePaid:
		return codeInvalid, "订单状态错误，未支付的订单不能退款"
	case total != o.Total:
		return codeInvalid, "订单金额或退款金额与之前请求不一致，请核实后再试"
	case fresh.Created.After(o.Paid.AddDate(0, 0, refundDays)):
		return codeInvalid, "订单已超过可退款的最大期限"
	case len(o.Refunds) >= mostRefunds:
		return codeInvalid, "部分退款次数超过限制"
	case fresh.Amount > o.left():
		return codeInvalid, "申请退款金额超过订单可退金额"
	case len(o.Refunds) > 0 && fresh.Created.Sub(o.Refunds[len(o.Refunds)-1].Created) < s.opts.RefundPause:
		return codeFrequency, ""
	}
	return "", ""
}

// couponShare is the coupon's part in a refund: in proportion, rounded down; the last refund has the rest.
func couponShare(o *order, amount int64) int64 {
	rest := o.Coupon
	for i := range o.Refunds {
		if o.Refunds[i].State != RefundClosed {
			rest -= o.Refunds[i].Coupon
		}
	}
	if amount == o.left() {
		return rest
	}
	high, low := bits.Mul64(uint64(o.Coupon), uint64(amount)) //nolint:gosec // amounts are not negative
	share, _ := bits.Div64(high, low, uint64(o.Total))        //nolint:gosec // as above; the quotient is at most the coupon
	return min(rest, int64(share))                            //nolint:gosec // as above
}

// carryOut does what the faults make of a refund that was taken. Unless one says otherwise the money goes back at
// once, which the reply does not know yet.
func (s *Simulator) carryOut(o *order, r *Refund, d faults.Decision) reply {
	answer := success(refundView(o, r))
	switch {
	case d.Is(faults.Pending):
		r.Waiting = pending(d.Rule, RefundClosed)
		s.save(o, nil)
	case d.Is(faults.Fail):
		s.endRefund(o, r, or(d.Rule.Result, RefundClosed))
	case d.Is(faults.Uncertain):
		r.Waiting = doubt(d.Rule)
		if d.Rule.Moved {
			s.move(o, ledger.Refund, r.Amount, r.OutRefundNo)
		} else {
			s.save(o, nil)
		}
		return refusalOf(d.Rule, codeSystem)
	default:
		s.endRefund(o, r, RefundDone)
	}
	return answer
}

func doubt(rule *faults.Rule) *Waiting {
	w := &Waiting{Queries: rule.Queries, Then: faults.Abandoned, State: RefundClosed, Moved: rule.Moved}
	if rule.Moved {
		w.Then = faults.Paid
	}
	if rule.Queries == 0 {
		w.Then = faults.Never
	}
	return w
}

// endRefund ends a refund, and moves the money back if it succeeded and has not moved yet; the caller holds the
// order's lock.
func (s *Simulator) endRefund(o *order, r *Refund, state string) {
	moved := r.Waiting.moved()
	r.Waiting, r.State, r.Finished = nil, state, s.now()
	if state == RefundDone && !moved {
		s.move(o, ledger.Refund, r.Amount, r.OutRefundNo)
	} else {
		s.save(o, nil)
	}
	s.notifyRefund(o, r)
}

// refundQuery answers a refund by the merchant's number of it.
func (s *Simulator) refundQuery(req *request) reply {
	o := s.lookup(req)
	if o == nil {
		return refused(codeNotExists, "退款单不存在")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.refundOf(req.text("out_refund_no"))
	if r == nil {
		return refused(codeNotExists, "退款单不存在")
	}
	r.Queries++
	if r.State == RefundProcessing && r.Waiting.due() {
		state := r.Waiting.State
		if r.Waiting.Then == faults.Paid {
			state = RefundDone
		}
		s.endRefund(o, r, state)
	}
	return success(refundView(o, r))
}

// refundView is a refund as the reply and the query show it.
func refundView(o *order, r *Refund) data {
	view := data{
		"refund_id": r.RefundID, "out_refund_no": r.OutRefundNo, "transaction_id": o.TransactionID, "out_trade_no": o.OutTradeNo,
		"channel": "ORIGINAL", "user_received_account": "支付用户零钱", "create_time": rfc3339(r.Created), "status": r.State,
		"funds_account": "UNSETTLED", "promotion_detail": []data{},
		"amount": data{
			"total": o.Total, "refund": r.Amount, "payer_total": o.Total - o.Coupon, "payer_refund": r.Amount - r.Coupon,
			"settlement_total": o.Total, "settlement_refund": r.Amount, "discount_refund": r.Coupon, "currency": "CNY", "from": []data{},
		},
	}
	if r.State == RefundDone {
		view["success_time"] = rfc3339(r.Finished)
	}
	return view
}

// stateAt is a refund's state as a snapshot taken at a time has it.
func (r *Refund) stateAt(at time.Time) string {
	if r.Finished.IsZero() || r.Finished.After(at) {
		return RefundProcessing
	}
	return r.State
}
