package bestpay

import (
	"errors"
	"fmt"
)

// ErrNoOrder and ErrNotWaiting are what the payer meets when there is nothing to pay.
var (
	ErrNoOrder    = errors.New("there is no such order")
	ErrNotWaiting = errors.New("it is not waiting")
)

// PayOrder is the payer paying a waiting order.
func (s *Simulator) PayOrder(merchantNo, outTradeNo string) error {
	o, err := s.waiting(merchantNo, outTradeNo)
	if err != nil {
		return err
	}
	defer o.mu.Unlock()
	s.takePayment(o)
	return nil
}

// AbandonOrder is the payer refusing to pay: the order ends as FAIL. One that is only left alone ends as CLOSE when
// its timeOut has passed.
func (s *Simulator) AbandonOrder(merchantNo, outTradeNo string) error {
	return s.endUnpaid(merchantNo, outTradeNo, StatusFail, codePayerCanceled)
}

// ExpireOrder lets a waiting order's time be up: it ends as CLOSE.
func (s *Simulator) ExpireOrder(merchantNo, outTradeNo string) error {
	return s.endUnpaid(merchantNo, outTradeNo, StatusClose, codeTimeOut)
}

func (s *Simulator) endUnpaid(merchantNo, outTradeNo, status, code string) error {
	o, err := s.waiting(merchantNo, outTradeNo)
	if err != nil {
		return err
	}
	defer o.mu.Unlock()
	if o.Waiting.moved() {
		return fmt.Errorf("%w for its payer: the money has moved, only the answer is open", ErrNotWaiting)
	}
	s.failPayment(o, status, code, "")
	return nil
}

// waiting returns an unpaid order, locked.
func (s *Simulator) waiting(merchantNo, outTradeNo string) (*order, error) {
	o := s.book.find(merchantNo, outTradeNo)
	if o == nil {
		return nil, ErrNoOrder
	}
	o.mu.Lock()
	s.expire(o)
	if o.Status != StatusWaiting {
		defer o.mu.Unlock()
		return nil, fmt.Errorf("%w: it is %s", ErrNotWaiting, o.Status)
	}
	return o, nil
}

// FinishRefund ends a refund that is being processed, as SUCCESS or FAIL.
func (s *Simulator) FinishRefund(merchantNo, outTradeNo, outRequestNo string, made bool) error {
	o := s.book.find(merchantNo, outTradeNo)
	if o == nil {
		return ErrNoOrder
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.refundOf(outRequestNo)
	switch {
	case r == nil:
		return ErrNoRefund
	case r.Status != StatusWaiting || (r.Waiting.moved() && !made):
		return fmt.Errorf("%w: the refund is %s", ErrNotWaiting, r.Status)
	case made:
		s.makeRefund(o, r)
	default:
		s.failRefund(o, r, codeRefundFailed, "")
	}
	return nil
}
