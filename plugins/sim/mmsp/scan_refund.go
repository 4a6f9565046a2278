package mmsp

import (
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// scanRefund takes a refund (10.6), of a part or the rest, several per order. STATUS 1 means accepted: the money moves
// at once unless a pending fault says otherwise. A refused refund is kept under its number.
func (s *Simulator) scanRefund(req *request) answer {
	o := s.found(req)
	if o == nil {
		return noOrder()
	}
	defer o.mu.Unlock()
	s.expire(o)
	refundNo, fresh := s.book.addRefund(o, req.text("REFUND_MERORDERID"))
	if !fresh {
		return refused(codeDuplicate, "商户退款订单号重复")
	}
	refund := Refund{
		Number: req.text("REFUND_MERORDERID"), RefundNo: refundNo, Amount: req.fen(), State: RefundAccepted, At: s.now(),
	}
	d := req.decision
	refund.Code, refund.Message = refundRefused(o, refund.Amount)
	if refund.Code == "" && d.Is(faults.Fail) {
		refund.Code, refund.Message = or(d.Rule.Code, codePayFailed), or(d.Rule.Message, "退款失败")
	}
	if refund.Code != "" || (d.Is(faults.Uncertain) && !d.Rule.Moved) {
		refund.State, refund.Code = RefundFailed, or(refund.Code, codePayFailed)
	}
	o.Refunds = append(o.Refunds, refund)
	kept := &o.Refunds[len(o.Refunds)-1]
	switch {
	case kept.State == RefundFailed:
		s.save(o, nil)
	case d.Is(faults.Pending):
		kept.Waiting = waitingFor(d.Rule)
		s.save(o, nil)
	default:
		s.takeRefund(o, kept)
	}
	b := refundBody(kept)
	if d.Is(faults.Uncertain) && refund.Message == "" {
		b["STATUS"], b["ERR_CODE"], b["ERR_CODE_MSG"] = statusPaying, codePaying, "处理中"
	}
	return done(b)
}

// refundRefused says why an order gives nothing back.
func refundRefused(o *order, amount int64) (code, text string) {
	switch {
	case o.State != StatePaid:
		return codePayFailed, "订单未支付，不能退款"
	case o.refunded()+amount > o.Amount:
		return codePayFailed, "退款金额大于可退金额"
	}
	return "", ""
}

// takeRefund moves the money back. The caller holds the order's lock.
func (s *Simulator) takeRefund(o *order, refund *Refund) {
	refund.State, refund.Waiting = RefundDone, nil
	s.move(o, ledger.Refund, refund.Amount, refund.Number)
}

// scanRefundQuery shows a refund (10.7). STATUS 1 says only that it was accepted, even after it was paid.
func (s *Simulator) scanRefundQuery(req *request) answer {
	o, refund := s.foundRefund(req)
	if refund == nil {
		return noOrder()
	}
	defer o.mu.Unlock()
	s.observeRefund(o, refund)
	return done(refundBody(refund))
}

// foundRefund finds a refund by the platform's number, the merchant's, or both if they agree, and locks its order.
func (s *Simulator) foundRefund(req *request) (*order, *Refund) {
	refundNo, number := req.text("REFUND_ORDERNO"), req.text("REFUND_MERORDERID")
	var o *order
	if refundNo != "" {
		o = s.book.byRefundNo(refundNo)
	} else {
		o = s.book.byRefund(req.merchant.MerNo, number)
	}
	if o == nil || o.key.merNo != req.merchant.MerNo {
		return nil, nil
	}
	o.mu.Lock()
	for i := range o.Refunds {
		refund := &o.Refunds[i]
		if (refundNo == "" || refund.RefundNo == refundNo) && (number == "" || refund.Number == number) {
			return o, refund
		}
	}
	o.mu.Unlock()
	return nil, nil
}

// observeRefund is what a query does to a refund that waits.
func (s *Simulator) observeRefund(o *order, refund *Refund) {
	refund.Queries++
	if refund.Waiting == nil {
		return
	}
	if refund.Waiting.Queries > 0 {
		refund.Waiting.Queries--
		s.save(o, nil)
		return
	}
	switch refund.Waiting.Then {
	case faults.Paid:
		s.takeRefund(o, refund)
	case faults.Abandoned:
		refund.State, refund.Code, refund.Message, refund.Waiting = RefundFailed, codePayFailed, "退款失败", nil
		s.save(o, nil)
	case faults.Never:
	}
}

func refundBody(refund *Refund) body {
	b := body{
		"REFUND_ORDERNO": refund.RefundNo, "REFUND_MERORDERID": refund.Number, "AMT": fen(refund.Amount),
		"REFUND_TIME": clock(refund.At), "STATUS": statusDone,
	}
	if refund.State == RefundFailed {
		return failed(b, refund.Code, or(refund.Message, "退款失败"))
	}
	if w := refund.Waiting; w != nil && w.Status != "" {
		b["STATUS"], b["ERR_CODE"], b["ERR_CODE_MSG"] = w.Status, or(w.Code, codePaying), "处理中"
	}
	return b
}
