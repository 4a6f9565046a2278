package metro

import (
	"errors"
	"fmt"
	"slices"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
)

// What the payer, or the provider's own staff, meets when there is nothing to do.
var (
	ErrNoOrder    = errors.New("there is no such order")
	ErrNotWaiting = errors.New("the order is not waiting for its payer")
	ErrNotPaid    = errors.New("the order is not paid, or money of it is on its way back")
	ErrNoRefund   = errors.New("there is no such refund under way")
)

// PayOrder is the payer paying an order that is PS_PAYING.
func (s *Simulator) PayOrder(mchID, outRequestNo string) error {
	return s.decide(mchID, outRequestNo, StatePaid)
}

// AbandonOrder is the payer walking away from an order that is PS_PAYING: it ends as PS_CLOSED.
func (s *Simulator) AbandonOrder(mchID, outRequestNo string) error {
	return s.decide(mchID, outRequestNo, StateClosed)
}

// FailOrder is the payment of an order that is PS_PAYING failing: PS_FAILED.
func (s *Simulator) FailOrder(mchID, outRequestNo string) error {
	return s.decide(mchID, outRequestNo, StateFailed)
}

func (s *Simulator) decide(mchID, outRequestNo, state string) error {
	o := s.book.find(mchID, outRequestNo)
	if o == nil {
		return ErrNoOrder
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.State != StatePaying {
		return fmt.Errorf("%w: it is %s", ErrNotWaiting, o.State)
	}
	s.settle(o, state)
	return nil
}

// CloseOrder is the provider undoing a paid order of its own accord, without any reverse: PS_CLOSED, the money back.
func (s *Simulator) CloseOrder(mchID, outRequestNo string) error {
	o := s.book.find(mchID, outRequestNo)
	if o == nil {
		return ErrNoOrder
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.State != StatePaid || refundedOrRefunding(o) {
		return ErrNotPaid
	}
	s.endPayment(o, StateClosed, "")
	return nil
}

// SettleRefund ends a refund that is RS_PROCESSING: done, or failed unless its money has already gone back.
func (s *Simulator) SettleRefund(mchID, outRequestNo, outRefundNo string, done bool) error {
	o := s.book.find(mchID, outRequestNo)
	if o == nil {
		return ErrNoOrder
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	refund := o.refundOf(outRefundNo)
	if refund == nil || refund.State != RefundProcessing {
		return ErrNoRefund
	}
	s.settleRefund(o, refund, done)
	return nil
}

// checkFault refuses faults that this provider's operations do not have.
func (s *Simulator) checkFault(rule faults.Rule) error {
	all := []string{opApplyPay, opQueryUID, opOrderQuery, opReverse, opRefund, opBill}
	if rule.Operation != "" && !slices.Contains(all, rule.Operation) {
		return fmt.Errorf("metro has no operation %q: they are %v", rule.Operation, all)
	}
	answersCode := rule.Kind == faults.Refuse || rule.Kind == faults.SystemError || rule.Kind == faults.NotExist
	if answersCode && rule.Code != "" && s.envelope.isSuccess(rule.Code) {
		return fmt.Errorf("a fault of kind %q cannot answer the code of success", rule.Kind)
	}
	if rule.Kind == FaultCoupon && rule.Amount <= 0 {
		return errors.New("a coupon needs an amount in fen")
	}
	operations, known := faultOperations()[rule.Kind]
	switch {
	case !known:
		return fmt.Errorf("metro has no fault of kind %q", rule.Kind)
	case operations != nil && !slices.Contains(operations, rule.Operation):
		return fmt.Errorf("a fault of kind %q needs one of the operations %v, not %q", rule.Kind, operations, rule.Operation)
	}
	return nil
}

// faultOperations says which operations a kind can hit; nil: all. Replies carry no signature, so there is no kind
// that breaks one.
func faultOperations() map[faults.Kind][]string {
	holding := []string{opApplyPay, opReverse, opRefund}
	return map[faults.Kind][]string{
		faults.Delay: nil, faults.Refuse: nil, faults.LostBefore: nil, faults.LostAfter: nil, faults.Garbage: nil,
		faults.Truncated: nil, faults.HTTP500: nil, faults.SystemError: nil,
		faults.Pending:     holding,
		faults.Fail:        holding,
		faults.Uncertain:   holding,
		faults.NotExist:    {opQueryUID, opOrderQuery, opReverse, opRefund},
		faults.WrongAmount: {opApplyPay, opOrderQuery, opRefund, opBill},
		faults.WrongOrder:  {opApplyPay, opOrderQuery, opRefund},
		FaultCoupon:        {opApplyPay},
		FaultOddStatus:     {opApplyPay, opOrderQuery, opReverse, opRefund},
	}
}
