package wechatpay

import (
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
)

// query answers an order, by the merchant's number or by the provider's.
func (s *Simulator) query(req *request) reply {
	o := s.lookup(req)
	if o == nil {
		return refused(s.opts.OrderUnknownCode, "")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.Queries++
	s.expire(o)
	if o.payable() && o.Waiting.due() {
		s.finishPayment(o)
	}
	return success(transaction(o))
}

// finishPayment ends a waiting order as its Waiting says.
func (s *Simulator) finishPayment(o *order) {
	switch {
	case o.Waiting.Then == faults.Paid:
		s.takePayment(o)
	case o.Waiting.State == StateNotPaid:
		o.Waiting = nil
		s.save(o, nil)
	default:
		s.endUnpaid(o, o.Waiting.State)
	}
}

// transaction is an order as queries and notifications show it; the caller holds its lock.
func transaction(o *order) data {
	view := data{
		"appid": o.AppID, "mchid": o.MchID, "out_trade_no": o.OutTradeNo, "trade_state": o.shown(),
		"trade_state_desc": describe(o.shown()), "promotion_detail": []data{},
	}
	if o.State != StatePaid {
		view["amount"] = data{"total": o.Total, "payer_currency": "CNY"}
		return view
	}
	view["transaction_id"], view["trade_type"], view["bank_type"] = o.TransactionID, o.TradeType, "OTHERS"
	view["attach"], view["success_time"], view["payer"] = o.Attach, rfc3339(o.Paid), data{"openid": o.OpenID}
	view["amount"] = data{
		"total": o.Total, "currency": "CNY", "payer_total": o.Total - o.Coupon, "payer_currency": "CNY",
	}
	if o.DeviceID != "" {
		view["scene_info"] = data{"device_id": o.DeviceID}
	}
	if o.Coupon > 0 {
		view["promotion_detail"] = []data{{
			"coupon_id": "1000" + o.TransactionID[12:], "name": "单品惠", "scope": "GLOBAL", "type": "CASH", "amount": o.Coupon,
			"stock_id": "931386", "wechatpay_contribute": o.Coupon, "merchant_contribute": 0, "other_contribute": 0, "currency": "CNY",
		}}
	}
	return view
}

func describe(state string) string {
	switch state {
	case StatePaid:
		return "支付成功"
	case StateRefund:
		return "订单发生过退款，退款详情请查询退款单"
	case StateNotPaid:
		return "订单未支付"
	case StateClosed:
		return "订单已关闭"
	case StateRevoked:
		return "订单已撤销"
	case StatePaying:
		return "需要用户输入支付密码"
	}
	return "支付失败，请重新下单支付"
}

// close ends an unpaid order; there is nothing in the reply.
func (s *Simulator) close(req *request) reply {
	o := s.lookup(req)
	if o == nil {
		return refused(s.opts.OrderUnknownCode, "")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	s.expire(o)
	switch o.State {
	case StatePaid:
		return refused(codeOrderPaid, "")
	case StatePaying:
		return refused(codeUserPaying, "")
	case StateNotPaid:
		s.endUnpaid(o, StateClosed)
	default:
		if s.opts.RefuseClosedAgain {
			return refused(codeOrderClosed, "")
		}
	}
	return reply{}
}

func noTime() time.Time { return time.Time{} }
