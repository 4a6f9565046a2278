package metro

import "github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"

// reverse undoes an order (seed 000, 四.6): an unpaid one is closed, what was paid goes back. It answers only whether
// it must be called again.
func (s *Simulator) reverse(req *request) reply {
	o := s.lookup(req)
	if o == nil {
		return refusal(codeOrderUnknown, "")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ReverseRequests++
	d := req.decision
	switch {
	case o.Reversal != nil:
		return s.continueReversal(o)
	case o.State == StateClosed, o.State == StateFailed:
		s.save(o, nil)
		return s.recall(o, false)
	case refundedOrRefunding(o):
		s.save(o, nil)
		return refusal(codeOrderState, "")
	case d.Is(faults.Fail):
		s.save(o, nil)
		return s.recall(o, false)
	case d.Is(faults.Pending), d.Is(faults.Uncertain):
		s.holdReversal(o, d.Rule)
		return s.recall(o, true)
	}
	s.endPayment(o, StateClosed, "")
	return s.recall(o, false)
}

// holdReversal makes a reverse one that must be called again. Pending: the money goes back at the end, unless the end
// is "abandoned". Uncertain: whether it went back is decided now (Moved), with 0 queries the calls never end.
func (s *Simulator) holdReversal(o *order, rule *faults.Rule) {
	reversal := &Reversal{Calls: rule.Queries}
	if rule.Kind == faults.Pending {
		reversal.Undo = outcome(rule) != faults.Abandoned
	}
	if outcome(rule) == faults.Never || (rule.Kind == faults.Uncertain && rule.Queries == 0) {
		reversal.Calls = -1
	}
	if rule.Kind == faults.Uncertain && rule.Moved {
		s.endPayment(o, StateClosed, "")
	}
	o.Reversal = reversal
	s.save(o, nil)
}

func (s *Simulator) continueReversal(o *order) reply {
	switch {
	case o.Reversal.Calls < 0:
	case o.Reversal.Calls > 0:
		o.Reversal.Calls--
	case o.Reversal.Undo:
		s.endPayment(o, StateClosed, "")
		return s.recall(o, false)
	default:
		o.Reversal = nil
		s.save(o, nil)
		return s.recall(o, false)
	}
	s.save(o, nil)
	return s.recall(o, true)
}

// recall is the reply: Y, call again; N, do not, which says "undone" only with a date and time beside it.
func (s *Simulator) recall(o *order, again bool) reply {
	view := data{"recall": "N"}
	if s.opts.SendEmptyFields {
		view["reverse_date"], view["reverse_time"] = "", ""
	}
	if again {
		view["recall"] = "Y"
		return success(view)
	}
	if o.State == StateClosed {
		view["reverse_date"], view["reverse_time"] = date(o.Closed), clockTime(o.Closed)
	}
	return success(view)
}

func refundedOrRefunding(o *order) bool {
	for _, refund := range o.Refunds {
		if refund.State != RefundFailed {
			return true
		}
	}
	return false
}
