package wechatpay

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// What the payer meets when there is nothing to pay.
var (
	ErrNoOrder    = errors.New("there is no such order")
	ErrNoLink     = errors.New("nothing can be paid by this")
	ErrNotWaiting = errors.New("the order cannot be paid")
	ErrTooLate    = errors.New("the time to pay is over")
	ErrInvocation = errors.New("the wallet refuses the invocation")
	ErrNoRefund   = errors.New("the order has no such refund")
	ErrRefundOver = errors.New("the refund is over")
)

// PayOrder is the payer paying an order, by whichever of its links. A paid order is not paid twice.
func (s *Simulator) PayOrder(mchID, outTradeNo string) error {
	return s.pay(s.book.find(mchID, outTradeNo), "")
}

// PayLink is the payer paying by a code_url, an h5_url (with whatever was appended to it) or a prepay_id.
func (s *Simulator) PayLink(link string) error {
	token := link
	if address, err := url.Parse(link); err == nil && strings.Contains(link, "://") {
		token = or(address.Query().Get("pr"), address.Query().Get("prepay_id"))
	}
	o := s.book.linked(token)
	if o == nil {
		return ErrNoLink
	}
	return s.pay(o, token)
}

func (s *Simulator) pay(o *order, token string) error {
	if o == nil {
		return ErrNoOrder
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	s.expire(o)
	o.PayTries++
	if err := s.mayPay(o, token); err != nil {
		s.save(o, nil)
		return err
	}
	s.takePayment(o)
	return nil
}

func (s *Simulator) mayPay(o *order, token string) error {
	now := s.now()
	if !o.payable() {
		return fmt.Errorf("%w: it is %s", ErrNotWaiting, o.State)
	}
	if now.After(o.Expires) {
		return ErrTooLate
	}
	for _, link := range o.Links {
		if link.Token == token && now.After(link.Expires) {
			return fmt.Errorf("%w: the link has expired", ErrTooLate)
		}
	}
	return nil
}

// PayLate is a payment that was begun in time and ends now, whatever became of the order meanwhile: the money of a
// closed or expired order moves all the same.
func (s *Simulator) PayLate(mchID, outTradeNo string) error {
	o := s.book.find(mchID, outTradeNo)
	if o == nil {
		return ErrNoOrder
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.State == StatePaid {
		return fmt.Errorf("%w: it is %s", ErrNotWaiting, o.State)
	}
	o.PayTries++
	s.takePayment(o)
	return nil
}

// takePayment moves the payer's money; the caller holds the order's lock.
func (s *Simulator) takePayment(o *order) {
	o.Waiting, o.State, o.Paid, o.Closed = nil, StatePaid, s.now(), noTime()
	o.OpenID = or(o.OpenID, "oSIM-payer-of-"+o.OutTradeNo[max(0, len(o.OutTradeNo)-6):])
	s.book.trade(o, o.Paid)
	s.move(o, ledger.Pay, o.Total, "")
	s.notifyPayment(o)
}

// AbandonOrder is the payer walking away: the order stays as it was, and can still be paid.
func (s *Simulator) AbandonOrder(mchID, outTradeNo string) error {
	return s.unpaid(mchID, outTradeNo, func(o *order) {
		o.PayTries++
		o.State, o.Waiting = StateNotPaid, nil
		s.save(o, nil)
	})
}

// StartPaying is the payer having to enter a password: USERPAYING, until the order is paid or abandoned.
func (s *Simulator) StartPaying(mchID, outTradeNo string) error {
	return s.unpaid(mchID, outTradeNo, func(o *order) {
		o.State = StatePaying
		s.save(o, nil)
	})
}

// EndOrder ends an unpaid order as CLOSED, which the provider does in time by itself, PAYERROR or REVOKED.
func (s *Simulator) EndOrder(mchID, outTradeNo, state string) error {
	return s.unpaid(mchID, outTradeNo, func(o *order) { s.endUnpaid(o, state) })
}

// unpaid does something to an order that can still be paid, under its lock.
func (s *Simulator) unpaid(mchID, outTradeNo string, do func(*order)) error {
	o := s.book.find(mchID, outTradeNo)
	if o == nil {
		return ErrNoOrder
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	s.expire(o)
	if !o.payable() {
		return fmt.Errorf("%w: it is %s", ErrNotWaiting, o.State)
	}
	do(o)
	return nil
}

// OmitOrder leaves an order and its refunds out of the bills: the bill lacks a line.
func (s *Simulator) OmitOrder(mchID, outTradeNo string) error {
	o := s.book.find(mchID, outTradeNo)
	if o == nil {
		return ErrNoOrder
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.Omitted = true
	s.save(o, nil)
	return nil
}

// FinishRefund ends a refund that is PROCESSING or ABNORMAL, as SUCCESS, CLOSED or ABNORMAL.
func (s *Simulator) FinishRefund(mchID, outTradeNo, outRefundNo, state string) error {
	o := s.book.find(mchID, outTradeNo)
	if o == nil {
		return ErrNoOrder
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.refundOf(outRefundNo)
	switch {
	case r == nil:
		return ErrNoRefund
	case r.State != RefundProcessing && (r.State != RefundAbnormal || state == RefundAbnormal):
		return fmt.Errorf("%w: it is %s", ErrRefundOver, r.State)
	case r.Waiting.moved() && state != RefundDone:
		return fmt.Errorf("%w: the money has gone back", ErrRefundOver)
	}
	s.endRefund(o, r, state)
	return nil
}
