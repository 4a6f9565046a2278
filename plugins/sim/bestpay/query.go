package bestpay

import (
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
)

// confirm answers an order's state (3.3): neither number nor amount come back.
func (s *Simulator) confirm(req *request) reply {
	o := s.book.find(req.merchant.MerchantNo, req.text("outTradeNo"))
	if o == nil || !s.dated(req.text("tradeDate"), o.RequestDate) {
		return refused(codeOrderNotExist, "")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.Queries++
	s.expire(o)
	if o.Status == StatusWaiting && o.Waiting.due() {
		s.finishPayment(o)
	}
	return reply{result: message{
		{"tradeStatus", o.Status},
		{"errorMsgCode", orNull(o.ErrorCode)},
		{"errorMsgDesc", orNull(o.ErrorMessage)},
	}}
}

// dated reports whether a query names the date its order or refund was requested with.
func (s *Simulator) dated(asked, requested string) bool {
	if s.opts.ExactDates {
		return asked == requested
	}
	day := len("2006-01-02") // both passed dateFormat
	return asked[:day] == requested[:day]
}

// finishPayment ends a waiting order as its Waiting says.
func (s *Simulator) finishPayment(o *order) {
	if o.Waiting.Then == faults.Paid {
		s.takePayment(o)
		return
	}
	status, code := or(o.Waiting.Status, StatusFail), or(o.Waiting.Code, codePayerCanceled)
	s.failPayment(o, status, code, "")
}

// refundQuery answers a refund's state (3.6).
func (s *Simulator) refundQuery(req *request) reply {
	o := s.book.find(req.merchant.MerchantNo, req.text("outTradeNo"))
	if o == nil {
		return refused(codeOrderNotExist, "")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.refundOf(req.text("outRequestNo"))
	if r == nil || !s.dated(req.text("refundDate"), r.RequestDate) {
		return refused(codeRefundNotExist, "")
	}
	r.Queries++
	if r.Status == StatusWaiting && r.Waiting.due() {
		s.finishRefund(o, r)
	}
	return reply{
		asText: s.opts.ResultAsString, amount: "refundAmt",
		result: message{
			{"outTradeNo", o.OutTradeNo},
			{"tradeNo", r.TradeNo},
			{"outRequestNo", r.OutRequestNo},
			{"refundCause", orNull(r.Cause)},
			{"refundAmt", r.Amount},
			{"tradeAmt", o.Amount},
			{"tradeStatus", r.Status},
			{"refundRequestDate", r.RequestDate},
		},
	}
}
