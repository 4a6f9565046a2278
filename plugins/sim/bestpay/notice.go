package bestpay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// ErrNoRefund and ErrNotSent are what Notify and Forge meet when there is nothing to send.
var (
	ErrNoRefund = errors.New("the order has no such refund")
	ErrNotSent  = errors.New("nothing was sent about it yet that could be replayed")
)

// Notice says which callback Notify and Forge send. The zero value is the payment as it is.
type Notice struct {
	// Refund is the outRequestNo of the refund to tell about; empty: the payment.
	Refund string `json:"refund,omitempty"`
	// Status is told instead of the real one: an earlier one makes a callback that arrives out of order.
	Status string `json:"status,omitempty"`
}

// Notify sends one callback now, once: a duplicate, or with Notice.Status one out of order. It is signed as usual.
func (s *Simulator) Notify(ctx context.Context, merchantNo, outTradeNo string, what Notice) (Delivery, error) {
	n, err := s.notice(merchantNo, outTradeNo, what)
	if err != nil {
		return Delivery{}, err
	}
	return s.callbacks.current().Attempt(ctx, s.notification(n), 0), nil
}

// Forge sends one forged callback now. Unless Notice.Status says otherwise it claims SUCCESS.
// Whoever accepts it has been deceived: Delivery.Accepted must be false, except for a replay of what was true.
func (s *Simulator) Forge(ctx context.Context, merchantNo, outTradeNo string, kind Forgery, what Notice) (Delivery, error) {
	if !slices.Contains(Forgeries(), kind) {
		return Delivery{}, fmt.Errorf("there is no forgery %q: it is one of %v", kind, Forgeries())
	}
	what.Status = or(what.Status, StatusSuccess)
	n, err := s.notice(merchantNo, outTradeNo, what)
	if err != nil {
		return Delivery{}, err
	}
	replayed := s.callbacks.remembered(n.key)
	if kind == ForgeReplay && replayed == nil {
		return Delivery{}, ErrNotSent
	}
	forgery := frame.Notification{Key: n.key, Accepted: s.accepted(n)}
	forgery.Request = func(ctx context.Context, _ int) (*http.Request, error) {
		if kind == ForgeReplay {
			return postBytes(ctx, n.target, replayed)
		}
		sealed, err := s.forged(n.body, kind)
		if err != nil {
			return nil, err
		}
		body, err := encodeJSON(sealed)
		if err != nil {
			return nil, err
		}
		return postBytes(ctx, n.target, body)
	}
	return s.callbacks.current().Attempt(ctx, forgery, 0), nil
}

// forged makes the message of every forgery but a replay.
func (s *Simulator) forged(body message, kind Forgery) (message, error) {
	amount, _ := body.get("tradeAmt").(int64)
	switch kind {
	case ForgeTampered:
		sealed, err := s.seal(body.with("tradeStatus", StatusWaiting), "")
		return sealed.with("tradeStatus", body.get("tradeStatus")), err
	case ForgeAmount:
		body = body.with("tradeAmt", amount+1).with("payAmt", amount+1)
	case ForgeOrder:
		body = body.with("tradeNo", anotherTrade).with("outTradeNo", anotherOrder)
	case ForgeMerchant:
		body = body.with("merchantNo", "ANOTHER-MERCHANT").with("institutionCode", "ANOTHER-INSTITUTION")
	default: // what is wrong with the others lies in the signature
	}
	return s.seal(body, kind)
}

// notice finds what to tell and builds it.
func (s *Simulator) notice(merchantNo, outTradeNo string, what Notice) (notice, error) {
	o := s.book.find(merchantNo, outTradeNo)
	if o == nil {
		return notice{}, ErrNoOrder
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	s.expire(o)
	if what.Refund == "" {
		return s.paymentNotice(o, or(what.Status, o.Status)), nil
	}
	r := o.refundOf(what.Refund)
	if r == nil {
		return notice{}, ErrNoRefund
	}
	return s.refundNotice(o, r, or(what.Status, r.Status)), nil
}

// paymentNotice builds the callback of a payment; the caller holds the order's lock.
func (s *Simulator) paymentNotice(o *order, status string) notice {
	finished := o.Finished
	if finished.IsZero() {
		finished = s.now()
	}
	var payAmt, discount int64
	if status == StatusSuccess {
		payAmt, discount = o.Amount-o.Discount, o.Discount
	}
	n := notice{
		key: o.MerchantNo + "/" + o.OutTradeNo, target: o.NotifyURL, merchantNo: o.MerchantNo, outTradeNo: o.OutTradeNo,
		body: message{
			{"tradeNo", o.TradeNo},
			{"outTradeNo", o.OutTradeNo},
			{"tradeType", orNull(s.opts.Callback.PaymentType)},
			{"tradeAmt", o.Amount},
			{"tradeFinishedDate", finished.In(shanghai()).Format("20060102150405")},
			{"merchantNo", o.MerchantNo},
			{"payAmt", payAmt},
			{"discountAmt", discount},
			{"ccy", s.opts.Callback.Currency},
			{"tradeStatus", status},
			{"goodsInfo", o.GoodsInfo},
			{"resultCode", orNull(o.ErrorCode)},
			{"resultMsg", orNull(o.ErrorMessage)},
			{"originalTradeNo", nil},
			{"institutionCode", o.InstitutionCode},
		},
	}
	return s.styled(n)
}

// refundNotice builds the callback of a refund. The amounts are the refund's; outRequestNo has no field of its own.
func (s *Simulator) refundNotice(o *order, r *Refund, status string) notice {
	finished := r.Finished
	if finished.IsZero() {
		finished = s.now()
	}
	number := o.OutTradeNo
	if s.opts.Callback.RefundNumber {
		number = r.OutRequestNo
	}
	n := notice{
		key: o.MerchantNo + "/" + o.OutTradeNo + "/" + r.OutRequestNo, target: r.NotifyURL,
		merchantNo: o.MerchantNo, outTradeNo: o.OutTradeNo,
		body: message{
			{"tradeNo", r.TradeNo},
			{"outTradeNo", number},
			{"tradeType", typeRefund},
			{"tradeAmt", r.Amount},
			{"tradeFinishedDate", finished.In(shanghai()).Format("20060102150405")},
			{"merchantNo", o.MerchantNo},
			{"payAmt", r.Amount},
			{"discountAmt", nil},
			{"ccy", s.opts.Callback.Currency},
			{"tradeStatus", status},
			{"goodsInfo", o.GoodsInfo},
			{"resultCode", orNull(r.ErrorCode)},
			{"resultMsg", orNull(r.ErrorMessage)},
			{"originalTradeNo", o.TradeNo},
			{"institutionCode", o.InstitutionCode},
		},
	}
	return s.styled(n)
}

// styled applies the settings that concern all callbacks.
func (s *Simulator) styled(n notice) notice {
	if s.opts.Callback.WithoutType {
		n.body = n.body.with("tradeType", nil)
	}
	if s.opts.Callback.WithoutNulls {
		n.body = n.body.withoutNulls()
	}
	return n
}
