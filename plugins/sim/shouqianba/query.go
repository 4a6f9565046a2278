package shouqianba

import (
	"fmt"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// query answers the order's state (section 4). Its SUCCESS says only that the query worked.
func (s *Simulator) query(req *request) reply {
	o := s.lookup(req)
	if o == nil {
		return bizFail(codeOrderNotExist, "")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.Queries++
	s.advance(o)
	view := full(o)
	view.CTime = millis(o.Created)
	return bizReply(resultSuccess, "", "", view)
}

// advance lets the payer, or the provider's own clearing of a doubt, come one query nearer.
func (s *Simulator) advance(o *order) {
	if w := o.Waiting; w != nil && o.State == StateCreated && w.Then != faults.Never {
		if w.Queries > 0 {
			w.Queries--
			return
		}
		if w.Then == faults.Abandoned {
			s.failPayment(o)
			return
		}
		s.takePayment(o)
		return
	}
	if d := o.Doubt; d != nil && d.Queries >= 0 {
		if d.Queries > 0 {
			d.Queries--
			return
		}
		s.settle(o)
	}
}

// settle ends a doubt with the truth. A payment in doubt is undone, as the document promises, unless the fault's Then says paid.
func (s *Simulator) settle(o *order) {
	doubt := o.Doubt
	o.Doubt = nil
	switch o.State {
	case StatePayError:
		s.settlePayment(o, doubt)
	case StateRefundError:
		s.settleRefund(o, doubt)
	case StateCancelError:
		s.settleCancel(o, doubt)
	}
}

func (s *Simulator) settlePayment(o *order, doubt *Doubt) {
	held := s.ledger.Net(Key(o.Terminal, o.ClientSN))
	switch {
	case doubt.Then == faults.Paid && held == 0:
		s.takePayment(o)
	case doubt.Then == faults.Paid:
		o.set(StatePaid, flowSuccess, s.now())
		s.save(o, nil)
		s.notify(o)
	case held > 0:
		o.set(StatePayCanceled, flowFailed, s.now())
		s.move(o, ledger.Reversal, held, "")
	default:
		s.failPayment(o)
	}
}

func (s *Simulator) settleRefund(o *order, doubt *Doubt) {
	state := doubt.Before
	for i := range o.Refunds {
		if o.Refunds[i].RequestNo == doubt.RequestNo && doubt.Took {
			o.Refunds[i].State = flowSuccess
		}
	}
	if doubt.Took {
		o.Net -= doubt.Amount
		state = refundedState(o.Net)
	}
	o.set(state, flowSuccess, s.now())
	s.save(o, nil)
}

func (s *Simulator) settleCancel(o *order, doubt *Doubt) {
	state, flow := doubt.Before, flowSuccess
	if doubt.Took {
		state, o.Net = StateCanceled, 0
	}
	if state == StateCreated {
		flow = flowInProgress
	}
	o.set(state, flow, s.now())
	s.save(o, nil)
}

func refundedState(net int64) string {
	if net == 0 {
		return StateRefunded
	}
	return StatePartialRefunded
}

// cancel undoes an order (section 5): a payment in flight is aborted, money taken the same day goes back.
func (s *Simulator) cancel(req *request) reply {
	o := s.lookup(req)
	if o == nil {
		return bizFail(codeOrderNotExists, "")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if !s.cancelable(o) {
		return bizFail(codeCancelInvalidState, "当前的订单状态是"+stateNumber(o.State))
	}
	inFlight := o.State == StateCreated && o.SubPayway == subPaywayBarcode
	d := req.decision
	if d.Is(faults.Uncertain) {
		s.doubtCancel(o, d.Rule)
		return bizReply(pick(inFlight, resultCancelAbortError, resultCancelError), or(d.Rule.Code, codeUnexpectedProvider), d.Rule.Message, failed(o))
	}
	if d.Is(faults.Fail) {
		return bizFail(or(d.Rule.Code, codeCancelInvalidState), or(d.Rule.Message, "当前的订单状态是"+stateNumber(o.State)))
	}
	o.Waiting, o.Doubt = nil, nil
	o.Net = 0
	o.set(StateCanceled, flowSuccess, s.now())
	s.giveBack(o)
	return bizReply(pick(inFlight, resultCancelAbortOK, resultCancelSuccess), "", "", full(o))
}

// cancelable: an unpaid order, one paid today, and one left in doubt by a payment or a cancel.
func (s *Simulator) cancelable(o *order) bool {
	switch o.State {
	case StateCreated, StatePayError, StateCancelError:
		return true
	case StatePaid:
		return sameDay(o.PaidAt, s.now())
	}
	return false
}

func sameDay(a, b time.Time) bool {
	return a.In(shanghai()).Format(time.DateOnly) == b.In(shanghai()).Format(time.DateOnly)
}

// giveBack reverses what is held of the order's money, if anything.
func (s *Simulator) giveBack(o *order) {
	if held := s.ledger.Net(Key(o.Terminal, o.ClientSN)); held > 0 {
		s.move(o, ledger.Reversal, held, "")
		return
	}
	s.save(o, nil)
}

func (s *Simulator) doubtCancel(o *order, rule *faults.Rule) {
	before := o.State
	if o.Doubt != nil {
		before = o.Doubt.Before
	}
	o.Doubt = newDoubt(rule, before)
	o.set(StateCancelError, flowCancelError, s.now())
	if rule.Moved {
		o.Waiting = nil
		s.giveBack(o)
		return
	}
	s.save(o, nil)
}

func pick(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// stateNumber is the provider's internal number of a state; the document shows 3201 for CANCELED, the rest is made up.
func stateNumber(state string) string {
	numbers := map[string]int{
		StateCreated: 1000, StatePaid: 1200, StatePayCanceled: 1300, StatePayError: 1501, StateRefunded: 2201,
		StatePartialRefunded: 2210, StateRefundError: 2501, StateCanceled: 3201, StateCancelError: 3501,
	}
	return fmt.Sprint(numbers[state])
}
