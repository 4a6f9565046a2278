package shouqianba

import (
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
)

// Codes of the document's sections 4.1 and 4.5, and those it shows only in samples.
const (
	codeInvalidParams       = "INVALID_PARAMS"
	codeInvalidTerminal     = "INVALID_TERMINAL"
	codeIllegalSign         = "ILLEGAL_SIGN"
	codeInvalidBarcode      = "INVALID_BARCODE"
	codeUnknownSystemError  = "UNKNOWN_SYSTEM_ERROR"
	codeUnexpectedProvider  = "UNEXPECTED_PROVIDER_ERROR"
	codeMaintenance         = "MAINTENANCE_INPROGRESS"
	codeTerminalNotExists   = "TERMINAL_NOT_EXISTS"
	codeInvalidParameter    = "INVALID_PARAMETER"
	codeClientSNConflict    = "CLIENT_SN_CONFLICT"
	codeOrderNotExist       = "UPAY_ORDER_NOT_EXIST"  // section 4.5, answered to query and refund
	codeOrderNotExists      = "UPAY_ORDER_NOT_EXISTS" // section 2.4, answered to cancel
	codeRefundConflict      = "REFUND_REQUEST_CONFLICT"
	codeRefundAmount        = "REFUND_AMT_NOT_EQUAL_TOTAL"
	codeRefundInvalidState  = "UPAY_REFUND_INVALID_ORDER_STATE"
	codeCancelInvalidState  = "UPAY_CANCEL_INVALID_ORDER_STATE"
	codeTradeFailed         = "TRADE_FAILED"
	codeExpiredBarcode      = "EXPIRED_BARCODE"
	resultSuccess           = "SUCCESS"
	resultFail              = "FAIL"
	resultPaySuccess        = "PAY_SUCCESS"
	resultPayInProgress     = "PAY_IN_PROGRESS"
	resultPayFail           = "PAY_FAIL"
	resultPayFailError      = "PAY_FAIL_ERROR"
	resultPrecreateSuccess  = "PRECREATE_SUCCESS"
	resultPrecreateFail     = "PRECREATE_FAIL"
	resultRefundSuccess     = "REFUND_SUCCESS"
	resultRefundError       = "REFUND_ERROR"
	resultCancelSuccess     = "CANCEL_SUCCESS"
	resultCancelError       = "CANCEL_ERROR"
	resultCancelAbortOK     = "CANCEL_ABORT_SUCCESS"
	resultCancelAbortError  = "CANCEL_ABORT_ERROR"
	communicationOK         = "200"
	communicationClient     = "400"
	communicationServer     = "500"
	anotherOrdersSN         = "7999999999999999"
	anotherOrdersClientSN   = "ANOTHER-ORDER"
	messageServerMaintained = "服务端正在升级维护,稍候5分钟"
)

// messages are the document's words for its codes.
func message(code string) string {
	switch code {
	case codeInvalidParams, codeInvalidParameter:
		return "参数错误"
	case codeInvalidTerminal:
		return "终端错误"
	case codeTerminalNotExists:
		return "不存在这个终端"
	case codeIllegalSign:
		return "签名错误"
	case codeInvalidBarcode:
		return "支付条码错误"
	case codeUnknownSystemError:
		return "未知的系统错误"
	case codeUnexpectedProvider:
		return "不识别的支付通道"
	case codeMaintenance:
		return messageServerMaintained
	}
	return bizMessage(code)
}

func bizMessage(code string) string {
	switch code {
	case codeClientSNConflict:
		return "client_sn在系统中已存在"
	case codeOrderNotExist, codeOrderNotExists:
		return "订单不存在"
	case codeRefundConflict:
		return "重复的退款请求"
	case codeRefundAmount:
		return "退款金额无效"
	case codeRefundInvalidState:
		return "无法对错误的订单状态执行退款操作"
	case codeTradeFailed:
		return "交易失败"
	case codeExpiredBarcode:
		return "过期的支付条码"
	case "AUTHCODE_EXPIRE":
		return "二维码过期"
	case "INSUFFICIENT_FUND":
		return "账户金额不足"
	case "BUYER_OVER_DAILY_LIMIT":
		return "付款人当日付款金额超过上限"
	case "BUYER_OVER_TRANSACTION_LIMIT":
		return "付款人单笔付款金额超过上限"
	case "SELLER_OVER_DAILY_LIMIT":
		return "收款账户当日收款金额超过上限"
	case "TRADE_NOT_EXIST":
		return "交易不存在"
	case "TRADE_HAS_SUCCESS":
		return "交易已被支付"
	case "SELLER_BALANCE_NOT_ENOUGH":
		return "卖家余额不足"
	}
	return code
}

// reply is the outer layer: whether the communication worked (document, section 2.3).
type reply struct {
	ResultCode   string `json:"result_code"`
	ErrorCode    string `json:"error_code,omitempty"`
	ErrorMessage string `json:"error_message,omitempty"`
	Biz          *biz   `json:"biz_response,omitempty"`
}

// biz is the second layer: how the operation went. Activation and check-in have only the two terminal fields,
// and not under data.
type biz struct {
	ResultCode   string `json:"result_code,omitempty"`
	ErrorCode    string `json:"error_code,omitempty"`
	ErrorMessage string `json:"error_message,omitempty"`
	TerminalSN   string `json:"terminal_sn,omitempty"`
	TerminalKey  string `json:"terminal_key,omitempty"`
	Data         *data  `json:"data,omitempty"`
}

// data is the third layer: the order. Every value is a string, amounts in fen, times in epoch milliseconds.
type data struct {
	TerminalSN        string `json:"terminal_sn,omitempty"`
	SN                string `json:"sn,omitempty"`
	ClientSN          string `json:"client_sn,omitempty"`
	TradeNo           string `json:"trade_no,omitempty"`
	Status            string `json:"status,omitempty"`
	OrderStatus       string `json:"order_status,omitempty"`
	Payway            string `json:"payway,omitempty"`
	SubPayway         string `json:"sub_payway,omitempty"`
	QRCode            string `json:"qr_code,omitempty"`
	PayerUID          string `json:"payer_uid,omitempty"`
	PayerLogin        string `json:"payer_login,omitempty"`
	TotalAmount       string `json:"total_amount,omitempty"`
	NetAmount         string `json:"net_amount,omitempty"`
	Subject           string `json:"subject,omitempty"`
	CTime             string `json:"ctime,omitempty"`
	FinishTime        string `json:"finish_time,omitempty"`
	ChannelFinishTime string `json:"channel_finish_time,omitempty"`
	StoreID           string `json:"store_id,omitempty"`
	Operator          string `json:"operator,omitempty"`
	Reflect           string `json:"reflect,omitempty"`
}

func clientError(code, text string) reply {
	return reply{ResultCode: communicationClient, ErrorCode: code, ErrorMessage: or(text, message(code))}
}

func serverError(code, text string) reply {
	return reply{ResultCode: communicationServer, ErrorCode: code, ErrorMessage: or(text, message(code))}
}

func bizFail(code, text string) reply { return bizReply(resultFail, code, text, nil) }

func bizReply(result, code, text string, d *data) reply {
	b := &biz{ResultCode: result, ErrorCode: code, Data: d}
	if code != "" {
		b.ErrorMessage = or(text, bizMessage(code))
	}
	return reply{ResultCode: communicationOK, Biz: b}
}

// refusalOf answers a Refuse fault: at the layer the rule names, or the one its code belongs to.
func refusalOf(rule *faults.Rule) reply {
	code := or(rule.Code, codeTradeFailed)
	switch rule.Result {
	case communicationClient:
		return clientError(code, rule.Message)
	case communicationServer:
		return serverError(code, rule.Message)
	case "":
	default:
		return bizReply(rule.Result, code, rule.Message, nil)
	}
	switch code {
	case codeInvalidParams, codeInvalidParameter, codeInvalidTerminal, codeTerminalNotExists, codeIllegalSign:
		return clientError(code, rule.Message)
	case codeUnknownSystemError, codeMaintenance:
		return serverError(code, rule.Message)
	}
	return bizFail(code, rule.Message)
}

// distort applies the faults that change a true reply.
func distort(answer *reply, d faults.Decision) {
	if answer.Biz == nil || answer.Biz.Data == nil {
		return
	}
	view := answer.Biz.Data
	switch {
	case d.Is(faults.WrongAmount):
		total, _ := strconv.ParseInt(view.TotalAmount, 10, 64)
		wrong := d.Rule.Amount
		if wrong == 0 {
			wrong = total + 1
		}
		view.TotalAmount = fen(wrong)
	case d.Is(faults.WrongOrder):
		view.SN, view.ClientSN = anotherOrdersSN, anotherOrdersClientSN
	}
}

func or(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}

func fen(amount int64) string { return strconv.FormatInt(amount, 10) }

func millis(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return strconv.FormatInt(at.UnixMilli(), 10)
}
