package shouqianba

import (
	"strconv"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// refund gives money back, several times per order until nothing is left (section 3).
func (s *Simulator) refund(req *request) reply {
	o := s.lookup(req)
	if o == nil {
		return bizFail(codeOrderNotExist, "")
	}
	amount, err := strconv.ParseInt(req.text("refund_amount"), 10, 64)
	if err != nil {
		return clientError(codeInvalidParams, "")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	requestNo := req.text("refund_request_no")
	if answer, repeated := s.repeatedRefund(o, requestNo, amount); repeated {
		return answer
	}
	if o.State != StatePaid && o.State != StatePartialRefunded {
		return bizFail(codeRefundInvalidState, "")
	}
	if amount > o.Net {
		return bizFail(codeRefundAmount, "")
	}
	d := req.decision
	switch {
	case d.Is(faults.Fail):
		return bizFail(or(d.Rule.Code, codeTradeFailed), d.Rule.Message)
	case d.Is(faults.Uncertain):
		s.doubtRefund(o, d.Rule, requestNo, amount)
		return bizReply(resultRefundError, or(d.Rule.Code, codeUnexpectedProvider), d.Rule.Message, failed(o))
	}
	at := s.now()
	o.Refunds = append(o.Refunds, Refund{RequestNo: requestNo, Amount: amount, State: flowSuccess, At: at})
	o.Net -= amount
	o.set(refundedState(o.Net), flowSuccess, at)
	s.move(o, ledger.Refund, amount, requestNo)
	return bizReply(resultRefundSuccess, "", "", refundView(o, req))
}

// repeatedRefund answers a refund_request_no that the order has seen: never a second movement of money.
func (s *Simulator) repeatedRefund(o *order, requestNo string, amount int64) (reply, bool) {
	for _, refund := range o.Refunds {
		if refund.RequestNo != requestNo {
			continue
		}
		if !s.opts.IdempotentRefunds || refund.Amount != amount {
			return bizFail(codeRefundConflict, ""), true
		}
		if refund.State != flowSuccess {
			return bizReply(resultRefundError, codeUnexpectedProvider, "", failed(o)), true
		}
		return bizReply(resultRefundSuccess, "", "", full(o)), true
	}
	return reply{}, false
}

// doubtRefund takes a refund and leaves it open whether the channel did it; net_amount stays until that is known.
func (s *Simulator) doubtRefund(o *order, rule *faults.Rule, requestNo string, amount int64) {
	doubt := newDoubt(rule, o.State)
	doubt.RequestNo, doubt.Amount = requestNo, amount
	at := s.now()
	o.Doubt = doubt
	o.Refunds = append(o.Refunds, Refund{RequestNo: requestNo, Amount: amount, State: flowRefundError, At: at})
	o.set(StateRefundError, flowRefundError, at)
	if rule.Moved {
		s.move(o, ledger.Refund, amount, requestNo)
		return
	}
	s.save(o, nil)
}

// refundView shows who did this refund, not who took the payment.
func refundView(o *order, req *request) *data {
	view := full(o)
	view.TerminalSN, view.Operator = req.account, req.text("operator")
	return view
}
