package metro

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
)

// The document has no list of codes; these are this simulator's own.
const (
	codeInvalid      = "400001"
	codeSignature    = "400002"
	codeMerchant     = "400003"
	codeTimestamp    = "400004"
	codeNonce        = "400005"
	codeStore        = "400006"
	codeRefused      = "400100" // a refusal by a fault that names no code
	codeOrderExists  = "400101"
	codeOrderUnknown = "400102"
	codeQRCode       = "400103"
	codeOrderState   = "400104"
	codeRefundExists = "400105"
	codeRefundAmount = "400106"
	codeBillDate     = "400107"
	codeSystem       = "500000"
)

// refusalCodes are all of them.
func refusalCodes() []string {
	return []string{
		codeInvalid, codeSignature, codeMerchant, codeTimestamp, codeNonce, codeStore, codeRefused, codeOrderExists,
		codeOrderUnknown, codeQRCode, codeOrderState, codeRefundExists, codeRefundAmount, codeBillDate, codeSystem,
	}
}

func message(code string) string {
	switch code {
	case codeInvalid:
		return "参数错误"
	case codeSignature:
		return "签名错误"
	case codeMerchant:
		return "企业编号不存在"
	case codeTimestamp:
		return "时间戳超出允许范围"
	case codeNonce:
		return "随机字符串重复使用"
	case codeStore:
		return "门店不存在"
	case codeOrderExists:
		return "流水号已存在"
	case codeOrderUnknown:
		return "订单不存在"
	case codeQRCode:
		return "消费码无效或已过期"
	case codeOrderState:
		return "订单状态不允许该操作"
	case codeRefundExists:
		return "退款单号已存在"
	case codeRefundAmount:
		return "退款金额超过可退金额"
	case codeBillDate:
		return "对账日期不可用"
	case codeSystem:
		return "系统异常"
	}
	return "交易被拒绝"
}

// data is the documented part of a reply.
type data map[string]any

// reply is what an operation answers; an empty code is success.
type reply struct {
	code    string
	message string
	data    data
}

func success(d data) reply { return reply{data: d} }

func refusal(code, text string) reply { return reply{code: code, message: or(text, message(code))} }

// wire puts a reply into the envelope.
func (e Envelope) wire(r reply) map[string]any {
	out := map[string]any{e.Code: e.value(r.code), e.Message: r.message}
	if r.data != nil {
		out[e.Data] = r.data
	}
	return out
}

// value writes a code as the type that the success value has, if it can be written so.
func (e Envelope) value(code string) any {
	if code == "" {
		return e.Success
	}
	if _, err := strconv.ParseInt(code, 10, 64); err == nil && !bytes.HasPrefix(bytes.TrimSpace(e.Success), []byte(`"`)) {
		return json.Number(code)
	}
	return code
}

// isSuccess reports whether a refusal with that code would read as success.
func (e Envelope) isSuccess(code string) bool {
	var want, got any
	written, err := json.Marshal(e.value(code))
	if err != nil || json.Unmarshal(written, &got) != nil || json.Unmarshal(e.Success, &want) != nil {
		return false
	}
	return want == got
}

// anotherOrder is the number that a wrong-order fault answers with.
const anotherOrder = "8899999999999999"

// distort applies the faults that change a true reply.
func distort(answer *reply, op string, d faults.Decision) {
	if answer.data == nil {
		return
	}
	switch {
	case d.Is(faults.WrongAmount):
		distortAmount(answer.data, op, d.Rule.Amount)
	case d.Is(faults.WrongOrder):
		for _, name := range []string{"out_request_no", "pay_out_trade_no", "out_refund_no", "pay_refund_id"} {
			if _, there := answer.data[name]; there {
				answer.data[name] = anotherOrder
			}
		}
	case d.Is(FaultOddStatus):
		name := statusField(op)
		answer.data[name] = d.Rule.Code
		if d.Rule.Code == "" {
			delete(answer.data, name)
		}
	}
}

func statusField(op string) string {
	switch op {
	case opReverse:
		return "recall"
	case opRefund:
		return "pay_refund_status"
	}
	return "pay_status"
}

func distortAmount(d data, op string, wrong int64) {
	name := "total_fee"
	switch op {
	case opRefund:
		name = "pay_refund_fee"
	case opBill:
		lines, ok := d["bill_infos"].([]BillInfo)
		if ok && len(lines) > 0 {
			lines[0].TotalAmount = wrongAmount(lines[0].TotalAmount, wrong)
		}
		return
	}
	if right, ok := d[name].(int64); ok {
		d[name] = wrongAmount(right, wrong)
	}
}

func wrongAmount(right, wrong int64) int64 {
	if wrong != 0 {
		return wrong
	}
	if right == math.MaxInt64 {
		return right - 1
	}
	return right + 1
}
