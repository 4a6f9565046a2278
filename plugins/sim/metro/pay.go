package metro

import (
	"slices"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// applyPay charges a payer's code (seed 000, 四.3). Unless a fault says otherwise the payer pays at once.
func (s *Simulator) applyPay(req *request) reply {
	if stores := req.merchant.StoreIDs; len(stores) > 0 && !slices.Contains(stores, req.text("store_id")) {
		return *s.refuse(req, codeStore, frame.Problem{
			Field: "store_id", Rule: frame.RuleValue, Message: message(codeStore),
		})
	}
	o, taken := s.place(req)
	if taken {
		return refusal(codeOrderExists, "")
	}
	defer o.mu.Unlock()
	d := req.decision
	switch {
	case d.Is(faults.Pending):
		s.holdPayment(o, d.Rule)
	case d.Is(faults.Uncertain):
		s.doubtPayment(o, d.Rule)
	case d.Is(faults.Fail):
		s.endPayment(o, StateFailed, or(d.Rule.Message, or(d.Rule.Code, "支付失败")))
	case d.Is(FaultCoupon):
		o.Coupon = min(d.Rule.Amount, o.Total)
		s.takePayment(o)
	default:
		s.takePayment(o)
	}
	return success(s.view(o))
}

// place creates the order and returns it locked, or reports that the number is taken.
func (s *Simulator) place(req *request) (o *order, taken bool) {
	uid, payType := payerOf(req.text("qrcode"))
	o, existing := s.book.add(Order{
		MchID: req.mchID, OutRequestNo: req.text("out_request_no"), StoreID: req.text("store_id"),
		Body: req.text("body"), ExtraData: req.text("extra_data"), UID: uid, PayType: payType,
		State: StatePaying, Total: req.amount("total_fee"), Created: s.now(), PayRequests: 1,
	})
	if existing == nil {
		return o, false
	}
	existing.mu.Lock()
	defer existing.mu.Unlock()
	existing.PayRequests++
	s.save(existing, nil)
	return nil, true
}

// holdPayment makes the payer slow: the rule's queries see PS_PAYING, then the rule's end comes.
func (s *Simulator) holdPayment(o *order, rule *faults.Rule) {
	o.Waiting = &Waiting{Queries: rule.Queries, End: StatePaid}
	switch outcome(rule) {
	case faults.Abandoned:
		o.Waiting.End = StateClosed
	case faults.Never:
		o.Waiting.Queries = -1
	case faults.Paid:
	}
	s.save(o, nil)
}

// doubtPayment answers PS_PAYING though it is already decided whether the money moved. The truth comes out after the
// rule's queries (never, if 0); Then makes it end otherwise.
func (s *Simulator) doubtPayment(o *order, rule *faults.Rule) {
	o.Waiting = &Waiting{Queries: rule.Queries, End: StateFailed}
	if rule.Queries == 0 || rule.Then == faults.Never {
		o.Waiting.Queries = -1
	}
	if (rule.Moved && rule.Then != faults.Abandoned) || rule.Then == faults.Paid {
		o.Waiting.End = StatePaid
	}
	if rule.Moved {
		o.Paid = s.now()
		s.move(o, ledger.Pay, o.Total, "")
		return
	}
	s.save(o, nil)
}

// settle ends a payment that is under way.
func (s *Simulator) settle(o *order, state string) {
	if state != StatePaid {
		s.endPayment(o, state, "支付失败")
		return
	}
	if s.held(o) == 0 {
		s.takePayment(o)
		return
	}
	o.Waiting, o.State = nil, StatePaid
	s.save(o, nil)
}

// takePayment moves the payer's money; the caller holds the order's lock.
func (s *Simulator) takePayment(o *order) {
	o.Waiting, o.State, o.Paid = nil, StatePaid, s.now()
	s.move(o, ledger.Pay, o.Total, "")
}

// endPayment ends an order without money: what was taken goes back.
func (s *Simulator) endPayment(o *order, state, why string) {
	o.Waiting, o.Reversal, o.State, o.Closed = nil, nil, state, s.now()
	if state == StateFailed {
		o.FailedFor = why
	}
	if held := s.held(o); held > 0 {
		o.Reversed = held
		s.move(o, ledger.Reversal, held, "")
		return
	}
	s.save(o, nil)
}

// view is an order as 四.3 and 四.5 show it. Before a payment succeeded there is no time, no way and no number of it
// to show, whatever the 必填 column says.
func (s *Simulator) view(o *order) data {
	view := data{
		"pay_status": o.State, "total_fee": o.Total, "pay_coupon_fee": int64(0), "pay_out_trade_no": o.TradeNo, "uid": o.UID,
	}
	if s.opts.SendEmptyFields {
		for _, name := range []string{"pay_date", "pay_time", "pay_type", "pay_type_trade_no"} {
			view[name] = ""
		}
	}
	if o.State == StateFailed {
		view["pay_err_desc"] = o.FailedFor
	}
	if o.State == StatePaid || (o.State == StateClosed && !o.Paid.IsZero()) {
		view["pay_date"], view["pay_time"] = date(o.Paid), clockTime(o.Paid)
		view["pay_type"], view["pay_type_trade_no"] = o.PayType, "4200"+o.TradeNo
		view["pay_coupon_fee"] = o.Coupon
	}
	return view
}

// orderQuery answers an order's state (seed 000, 四.5).
func (s *Simulator) orderQuery(req *request) reply {
	o := s.lookup(req)
	if o == nil {
		return refusal(codeOrderUnknown, "")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.Queries++
	s.advance(o)
	return success(s.view(o))
}

// advance brings what is under way one query nearer to its end.
func (s *Simulator) advance(o *order) {
	if o.State == StatePaying && o.Waiting.due() {
		s.settle(o, o.Waiting.End)
	}
	for i := range o.Refunds {
		if refund := &o.Refunds[i]; refund.State == RefundProcessing && refund.Waiting.due() {
			s.settleRefund(o, refund, refund.Waiting.End == RefundDone)
		}
	}
}

// due counts one query and reports whether the end has come.
func (w *Waiting) due() bool {
	if w == nil || w.Queries < 0 {
		return false
	}
	if w.Queries > 0 {
		w.Queries--
		return false
	}
	return true
}
