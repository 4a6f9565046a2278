package bestpay

import (
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
)

// Result codes. The document has no list of them: these names are the simulator's own.
const (
	codeParam            = "PARAM_ERROR"
	codeSign             = "SIGN_ERROR"
	codeMerchant         = "MERCHANT_NOT_EXIST"
	codeNotOpen          = "PRODUCT_NOT_OPEN"
	codeOrderRepeat      = "ORDER_REPEAT"
	codeOrderNotExist    = "ORDER_NOT_EXIST"
	codeOrderState       = "ORDER_STATE_ERROR"
	codeNotRefundable    = "TRADE_NOT_REFUNDABLE"
	codeRefundRepeat     = "REFUND_REPEAT"
	codeRefundNotExist   = "REFUND_NOT_EXIST"
	codeRefundExceed     = "REFUND_AMOUNT_EXCEED"
	codeTradeFailed      = "TRADE_FAILED"
	codePayerCanceled    = "PAYER_CANCELED"
	codeTimeOut          = "TRADE_TIME_OUT"
	codeRefundFailed     = "REFUND_FAILED"
	codeSystem           = "SYSTEM_ERROR"
	codeInsufficientFund = "INSUFFICIENT_FUND"

	anotherOrder = "ANOTHER-ORDER"
	anotherTrade = "199912310000000000000000"
)

func words(code string) string {
	switch code {
	case codeParam:
		return "参数错误"
	case codeSign:
		return "验签失败"
	case codeMerchant:
		return "商户不存在"
	case codeNotOpen:
		return "商户未开通该产品"
	case codeOrderRepeat:
		return "商户订单号重复"
	case codeOrderNotExist:
		return "订单不存在"
	case codeOrderState:
		return "订单状态不允许退款"
	case codeNotRefundable:
		return "即时到账交易不可退款"
	case codeRefundRepeat:
		return "退款请求流水号重复"
	case codeRefundNotExist:
		return "退款订单不存在"
	case codeRefundExceed:
		return "退款金额超过可退金额"
	case codeTradeFailed:
		return "交易失败"
	case codePayerCanceled:
		return "用户取消支付"
	case codeTimeOut:
		return "订单超时关闭"
	case codeRefundFailed:
		return "退款失败"
	case codeSystem:
		return "系统异常"
	case codeInsufficientFund:
		return "账户余额不足"
	}
	return code
}

// reply is what all operations answer: whether the call worked and, if it did, the result.
type reply struct {
	code   string // "" is success
	words  string
	result message
	asText bool   // the result goes out as a JSON string
	amount string // the result's member that FaultWrongAmount changes
}

func refused(code, text string) reply { return reply{code: code, words: or(text, words(code))} }

// message is the reply without its signature. Code, message and result are null when they do not apply.
func (r reply) message() (message, error) {
	var result any
	switch {
	case r.result != nil && r.asText:
		raw, err := encodeJSON(r.result.sorted())
		if err != nil {
			return nil, err
		}
		result = string(raw)
	case r.result != nil:
		result = r.result
	}
	return message{
		{"success", r.code == ""},
		{"errorCode", orNull(r.code)},
		{"errorMsg", orNull(r.words)},
		{"result", result},
	}, nil
}

// distort applies the faults that change a true reply.
func distort(r *reply, d faults.Decision) {
	if r.result == nil {
		return
	}
	switch {
	case d.Is(faults.WrongAmount):
		r.result = r.result.with(r.amount, wrongAmount(d.Rule, r.result.get(r.amount)))
	case d.Is(faults.WrongOrder):
		r.result = r.result.with("tradeNo", anotherTrade).with("outTradeNo", anotherOrder).with("outRequestNo", anotherOrder)
	case d.Is(FaultWrongStatus):
		r.result = r.result.with("tradeStatus", orNull(d.Rule.Code))
	}
}

func wrongAmount(rule *faults.Rule, truth any) any {
	if rule.Amount != 0 {
		return rule.Amount
	}
	if amount, ok := truth.(int64); ok {
		return amount + 1
	}
	return int64(1)
}

func or(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}

// orNull is a text, or JSON's null for none.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
