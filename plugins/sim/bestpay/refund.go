package bestpay

import (
	"strconv"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// refund gives money back, several times per order until nothing is left (3.5).
func (s *Simulator) refund(req *request) reply {
	o := s.book.find(req.merchant.MerchantNo, req.text("outTradeNo"))
	if o == nil {
		return refused(codeOrderNotExist, "")
	}
	amount, err := strconv.ParseInt(req.text("refundAmt"), 10, 64)
	if err != nil {
		return refused(codeParam, "") // the format was checked: this cannot be
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	s.expire(o)
	fresh := Refund{
		OutRequestNo: req.text("outRequestNo"), Amount: amount, Status: StatusWaiting, Cause: req.text("refundCause"),
		NotifyURL: req.text("notifyUrl"), RequestDate: req.text("requestDate"), Created: s.now(),
	}
	if known := o.refundOf(fresh.OutRequestNo); known != nil && known.Amount == amount && s.opts.IdempotentRefunds {
		return s.refundReply(known)
	}
	if code := s.refundable(o, fresh); code != "" {
		return refused(code, "")
	}
	if s.book.claim(o, &fresh) != nil {
		return refused(codeRefundRepeat, "")
	}
	o.Refunds = append(o.Refunds, fresh)
	return s.carryOut(o, &o.Refunds[len(o.Refunds)-1], req.decision)
}

// refundable says why a refund cannot be taken, "" if it can. A refused refund does not use its number up.
func (s *Simulator) refundable(o *order, fresh Refund) string {
	switch {
	case o.refundOf(fresh.OutRequestNo) != nil:
		return codeRefundRepeat
	case o.Status != StatusSuccess:
		return codeOrderState
	case s.opts.Callback.PaymentType != typeRefundable:
		return codeNotRefundable
	case fresh.Amount > o.remainder():
		return codeRefundExceed
	}
	return ""
}

// carryOut does what the faults make of a refund that was taken. Unless one says otherwise the money goes back at once.
func (s *Simulator) carryOut(o *order, r *Refund, d faults.Decision) reply {
	switch {
	case d.Is(faults.Pending):
		r.Waiting = pending(d.Rule)
		s.save(o, nil)
	case d.Is(faults.Fail):
		s.failRefund(o, r, or(d.Rule.Code, codeRefundFailed), d.Rule.Message)
	case d.Is(faults.Uncertain):
		r.Waiting = doubt(d.Rule)
		if d.Rule.Moved {
			s.move(o, ledger.Refund, r.Amount, r.OutRequestNo)
		} else {
			s.save(o, nil)
		}
		return refused(or(d.Rule.Code, codeSystem), d.Rule.Message)
	default:
		s.makeRefund(o, r)
	}
	return s.refundReply(r)
}

// refundReply: what is called outTradeNo here is the refund's own number.
func (s *Simulator) refundReply(r *Refund) reply {
	return reply{
		asText: s.opts.ResultAsString, amount: "refundAmt",
		result: message{
			{"tradeNo", r.TradeNo},
			{"refundAmt", r.Amount},
			{"tradeStatus", r.Status},
			{"outTradeNo", r.OutRequestNo},
			{"tradeprodNo", r.TradeprodNo},
			{"buyerLoginNo", "188****0000"},
		},
	}
}

// finishRefund ends a waiting refund as its Waiting says.
func (s *Simulator) finishRefund(o *order, r *Refund) {
	if r.Waiting.Then == faults.Paid {
		s.makeRefund(o, r)
		return
	}
	s.failRefund(o, r, or(r.Waiting.Code, codeRefundFailed), "")
}

// makeRefund moves the money back, if it has not moved yet; the caller holds the order's lock.
func (s *Simulator) makeRefund(o *order, r *Refund) {
	moved := r.Waiting.moved()
	r.Waiting, r.Status, r.Finished = nil, StatusSuccess, s.now()
	if moved {
		s.save(o, nil)
	} else {
		s.move(o, ledger.Refund, r.Amount, r.OutRequestNo)
	}
	s.notifyRefund(o, r)
}

func (s *Simulator) failRefund(o *order, r *Refund, code, text string) {
	r.Waiting, r.Status, r.Finished = nil, StatusFail, s.now()
	r.ErrorCode, r.ErrorMessage = code, or(text, words(code))
	s.save(o, nil)
	s.notifyRefund(o, r)
}
