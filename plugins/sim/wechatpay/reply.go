package wechatpay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
)

// Error codes, as the documentation spells them.
const (
	codeParam           = "PARAM_ERROR"
	codeInvalid         = "INVALID_REQUEST"
	codeSign            = "SIGN_ERROR"
	codeNoMerchant      = "MCH_NOT_EXISTS"
	codeAppMismatch     = "APPID_MCHID_NOT_MATCH"
	codeNoAuth          = "NO_AUTH"
	codeOrderNotExist   = "ORDER_NOT_EXIST"
	codeOrderNotExistV2 = "ORDERNOTEXIST"
	codeOrderPaid       = "ORDERPAID"
	codeOrderClosed     = "ORDER_CLOSED"
	codeNumberUsed      = "OUT_TRADE_NO_USED"
	codeUserPaying      = "USER_PAYING"
	codeNotExists       = "RESOURCE_NOT_EXISTS"
	codeNotEnough       = "NOT_ENOUGH"
	codeFrequency       = "FREQUENCY_LIMITED"
	codeNoStatement     = "NO_STATEMENT_EXIST"
	codeCreating        = "STATEMENT_CREATING"
	codeSystem          = "SYSTEM_ERROR"
)

// statusOf is the HTTP status of an error code. Unknown ones, which only faults answer, are 400.
func statusOf(code string) int {
	switch code {
	case codeUserPaying:
		return http.StatusAccepted
	case codeSign:
		return http.StatusUnauthorized
	case codeNoAuth, codeNumberUsed, codeNotEnough, "NOTENOUGH", "RULE_LIMIT", "TRADE_ERROR", "ACCOUNT_ERROR", "USER_ACCOUNT_ABNORMAL":
		return http.StatusForbidden
	case codeOrderNotExist, codeOrderNotExistV2, codeNotExists:
		return http.StatusNotFound
	case codeFrequency, "RATELIMIT_EXCEEDED":
		return http.StatusTooManyRequests
	case codeSystem, "SYSTEMERROR", "BANK_ERROR", "OPENID_MISMATCH":
		return http.StatusInternalServerError
	case "SERVICE_UNAVAILABLE":
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}

func words(code string) string {
	switch code {
	case codeParam:
		return "参数错误"
	case codeInvalid:
		return "无效请求"
	case codeSign:
		return "签名错误，请检查后再试"
	case codeNoMerchant:
		return "商户号不存在"
	case codeAppMismatch:
		return "appid和mch_id不匹配"
	case codeNoAuth:
		return "商户无权限"
	case codeOrderNotExist, codeOrderNotExistV2:
		return "订单不存在"
	case codeOrderPaid:
		return "该订单已支付"
	case codeOrderClosed:
		return "订单已关闭"
	case codeNumberUsed:
		return "商户订单号重复"
	case codeUserPaying:
		return "用户支付中，需要输入密码"
	case codeNotExists:
		return "查询的资源不存在"
	case codeNotEnough:
		return "基本账户余额不足，请充值后重新发起"
	case codeFrequency:
		return "频率限制，请稍后重试"
	case codeNoStatement:
		return "账单文件不存在"
	case codeCreating:
		return "账单生成中"
	case codeSystem:
		return "系统异常，请稍后重试"
	}
	return code
}

// data is a JSON object of a reply or a notification.
type data map[string]any

// reply is what an operation answers: an error, an object, a file, or nothing (204).
type reply struct {
	status   int    // of an error, or 0 for the code's own
	code     string // "" is success
	message  string
	detail   data
	data     data
	file     []byte
	unsigned bool
	asked    string   // the serial that a signature should have, if the mode allows it
	merchant Merchant // for whom it is signed
}

func success(d data) reply { return reply{data: d} }

func refused(code, text string) reply { return reply{code: code, message: or(text, words(code))} }

// body is the reply's status and body.
func (r reply) body() (status int, body []byte, err error) {
	var value any = r.data
	switch {
	case r.code != "":
		status = statusOf(r.code)
		if r.status != 0 {
			status = r.status
		}
		failure := data{"code": r.code, "message": r.message}
		if r.detail != nil {
			failure["detail"] = r.detail
		}
		value = failure
	case r.file != nil:
		return http.StatusOK, r.file, nil
	case r.data == nil:
		return http.StatusNoContent, nil, nil
	default:
		status = http.StatusOK
	}
	body, err = encodeJSON(value)
	return status, body, err
}

// encodeJSON writes compact JSON with `<`, `>` and `&` as themselves.
func encodeJSON(value any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("encode a message: %w", err)
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}

// write sends a reply, signed as the merchant's mode says. flaw, if it is one of Flaws, says what is wrong with the
// signature.
func (s *Simulator) write(w http.ResponseWriter, answer reply, flaw Forgery) {
	status, body, err := answer.body()
	header := w.Header()
	if err == nil && !answer.unsigned {
		var signer signer
		if signer, err = s.replySigner(answer.merchant, answer.asked); err == nil {
			err = s.signHeader(header, signer, body, flaw)
		}
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	header.Set("Request-ID", s.requestID())
	header.Set("Cache-Control", "no-cache, must-revalidate")
	header.Set("Content-Language", "zh-CN")
	header.Set("X-Content-Type-Options", "nosniff")
	switch {
	case answer.file != nil && answer.code == "":
		header.Set("Content-Type", "application/octet-stream")
	case body != nil:
		header.Set("Content-Type", "application/json; charset=utf-8")
	}
	if body != nil {
		header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(status)
	_, _ = bytes.NewReader(body).WriteTo(w)
}

// requestID is the unique name that every reply carries.
func (s *Simulator) requestID() string {
	return fmt.Sprintf("08%X%08X-0", s.now().Unix(), s.requests.Add(1))
}

// signHeader signs a body for a reply or a notification: four headers, and the signature's type.
func (s *Simulator) signHeader(header http.Header, by signer, body []byte, flaw Forgery) error {
	if flaw == ForgeUnsigned {
		return nil
	}
	nonce, err := s.draw(alphanumeric, 32)
	if err != nil {
		return err
	}
	at := s.now()
	switch flaw {
	case ForgeExpired:
		at = at.Add(-forgedAway)
	case ForgeFuture:
		at = at.Add(forgedAway)
	case ForgeKey:
		if by.key, err = s.forgersKey(); err != nil {
			return err
		}
	case ForgeSerial:
		by.serial = "7" + by.serial[:len(by.serial)-1]
	case ForgeRetired:
		if by, err = s.retiredSigner(); err != nil {
			return err
		}
	default: // ForgeSignature is done below
	}
	timestamp := strconv.FormatInt(at.Unix(), 10)
	text := messageText(timestamp, nonce, body)
	if flaw == ForgeSignature {
		text += "\n"
	}
	signature, err := sign(by.key, text)
	if err != nil {
		return err
	}
	header.Set("Wechatpay-Timestamp", timestamp)
	header.Set("Wechatpay-Nonce", nonce)
	header.Set("Wechatpay-Signature", signature)
	header.Set("Wechatpay-Serial", by.serial)
	header.Set("Wechatpay-Signature-Type", scheme)
	return nil
}

// What a wrong-order fault answers with.
const (
	anotherOrder = "ANOTHER-ORDER-0001"
	anotherTrade = "4200009999201001010000000001"
)

// distort applies the faults that change a true reply or notification.
func distort(d data, decision faults.Decision) {
	if d == nil {
		return
	}
	switch {
	case decision.Is(faults.WrongAmount):
		wrongAmount(d, decision.Rule.Amount)
	case decision.Is(faults.WrongOrder):
		for name, other := range map[string]string{
			"out_trade_no": anotherOrder, "transaction_id": anotherTrade, "out_refund_no": anotherOrder, "refund_id": anotherTrade,
		} {
			if _, there := d[name]; there {
				d[name] = other
			}
		}
	case decision.Is(FaultWrongState):
		for _, name := range []string{"trade_state", "status", "refund_status"} {
			if _, there := d[name]; !there {
				continue
			}
			d[name] = decision.Rule.Code
			if decision.Rule.Code == "" {
				delete(d, name)
			}
		}
	}
}

// wrongAmount changes the amount a message is about: the refund's if it is about one, otherwise the total and what the
// payer paid of it.
func wrongAmount(d data, wrong int64) {
	amount, ok := d["amount"].(data)
	if !ok {
		return
	}
	names := []string{"total", "payer_total"}
	if _, refund := amount["refund"]; refund {
		names = []string{"refund", "payer_refund"}
	}
	for _, name := range names {
		right, ok := amount[name].(int64)
		if !ok {
			continue
		}
		amount[name] = right + 1
		if wrong != 0 {
			amount[name] = wrong
		}
	}
}
