package mmsp

import (
	"errors"
	"fmt"
)

// What the payer meets when there is nothing to pay.
var (
	ErrNoOrder    = errors.New("there is no such order")
	ErrNotWaiting = errors.New("the order is not waiting for its payer")
	ErrNotPaid    = errors.New("the order is not paid")
)

// PayOrder is the payer paying a waiting order: scanning the code, entering the password, finishing at the bank.
func (s *Simulator) PayOrder(merNo, number string) error {
	o, err := s.waiting(merNo, number)
	if err != nil {
		return err
	}
	defer o.mu.Unlock()
	s.takePayment(o)
	return nil
}

// AbandonOrder is the payer walking away: the payment fails for certain.
func (s *Simulator) AbandonOrder(merNo, number string) error {
	o, err := s.waiting(merNo, number)
	if err != nil {
		return err
	}
	defer o.mu.Unlock()
	if o.Waiting != nil && o.Waiting.Moved {
		return fmt.Errorf("%w: the money has moved already", ErrNotWaiting)
	}
	o.finish(StateFailed, codePayFailed, "支付失败", s.now())
	s.save(o, nil)
	return nil
}

// waiting returns an unpaid order, locked.
func (s *Simulator) waiting(merNo, number string) (*order, error) {
	o := s.book.find(merNo, number)
	if o == nil {
		return nil, ErrNoOrder
	}
	o.mu.Lock()
	s.expire(o)
	if o.State != StateWaiting {
		defer o.mu.Unlock()
		return nil, fmt.Errorf("%w: it is %s", ErrNotWaiting, o.State)
	}
	return o, nil
}
