package conformance

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// words are names and values that providers' replies and notifications are made of. Whoever
// believes a reply for its words alone believes these.
func words(success string) map[string]any {
	out := map[string]any{"signature": "c2lnbmF0dXJl", "sign": "c2lnbmF0dXJl", "Sign": "00000000000000000000000000000000", "nonce": "0123456789abcdef"}
	for _, name := range []string{
		"code", "Code", "result_code", "resultCode", "return_code", "RetCode", "ret_code", "errCode", "status", "Status", "STATUS", "state", "trade_state",
		"tradeStatus", "trade_status", "order_status", "orderStatus", "result", "msg", "message", "transStatus", "refund_status", "refundStatus",
	} {
		out[name] = success
	}
	for _, name := range []string{"success", "paid", "ok"} {
		out[name] = true
	}
	for _, name := range []string{"out_trade_no", "outTradeNo", "order_no", "orderNo", "order_id", "client_sn", "mer_order_no", "MERORDERID"} {
		out[name] = sampleOrderNo
	}
	for _, name := range []string{"out_refund_no", "outRefundNo", "refund_no", "refundNo"} {
		out[name] = sampleRefundNo
	}
	for _, name := range []string{"amount", "total_amount", "totalAmount", "total_fee", "tradeAmt", "payer_total", "refund_amount", "refundAmt"} {
		out[name] = sampleAmount
	}
	for _, name := range []string{"transaction_id", "trade_no", "tradeNo", "sn", "prepay_id", "qr_code", "code_url", "qrCode", "h5_url"} {
		out[name] = "4200001234202601010000000001"
	}
	return out
}

// successes are the words that providers say success with.
func successes() []string {
	return []string{"SUCCESS", "PAID", "0", "1", "0000", "200", "TRADE_SUCCESS"}
}

// plausible are replies that look like success and carry no signature that holds.
func plausible() map[string]answer {
	out := map[string]answer{}
	for _, success := range successes() {
		flat := words(success)
		deep := maps.Clone(flat)
		for _, name := range []string{"data", "result", "biz_response", "response", "body", "Body"} {
			deep[name] = flat
		}
		for name, shape := range map[string]map[string]any{"flat": flat, "nested": deep} {
			raw, err := json.Marshal(shape)
			if err != nil {
				continue // plain values
			}
			out["unsigned words of success "+success+", "+name] = says(http.StatusOK, string(raw))
		}
		form := url.Values{}
		for name, v := range flat {
			if s, ok := v.(string); ok {
				form.Set(name, s)
			}
		}
		out["an unsigned form of success "+success] = says(http.StatusOK, form.Encode())
	}
	return out
}

// forged are requests as a stranger would make them to a callback's address.
func forged(kind sdk.InboundKind) map[string]sdk.InboundRequest {
	path := "/in/0123456789" + kind.Kind
	headers := map[string]string{
		"Content-Type": "application/json", "Signature": "c2lnbmF0dXJl", "Sign": "c2lnbmF0dXJl", "Authorization": "sign c2lnbmF0dXJl", "Wechatpay-Serial": "4711",
		"Wechatpay-Signature": "c2lnbmF0dXJl", "Wechatpay-Timestamp": "1767240000", "Wechatpay-Nonce": "0123456789abcdef",
	}
	out := map[string]sdk.InboundRequest{
		"nothing":  {Kind: kind.Kind, Method: http.MethodPost, Path: path},
		"a get":    {Kind: kind.Kind, Method: http.MethodGet, Path: path, Query: "out_trade_no=" + sampleOrderNo + "&status=SUCCESS&sign=00"},
		"bytes":    {Kind: kind.Kind, Method: http.MethodPost, Path: path, Headers: headers, Body: []byte("\x00\xff\xfe")},
		"depth":    {Kind: kind.Kind, Method: http.MethodPost, Path: path, Headers: headers, Body: []byte(strings.Repeat("[", 60000))},
		"xml":      {Kind: kind.Kind, Method: http.MethodPost, Path: path, Headers: map[string]string{"Content-Type": "text/xml"}, Body: []byte("<xml><return_code>SUCCESS</return_code><out_trade_no>" + sampleOrderNo + "</out_trade_no><sign>00</sign></xml>")},
		"sealed":   {Kind: kind.Kind, Method: http.MethodPost, Path: path, Headers: headers, Body: []byte(`{"id":"1","event_type":"TRANSACTION.SUCCESS","resource":{"algorithm":"AEAD_AES_256_GCM","ciphertext":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","nonce":"0123456789ab","associated_data":"transaction"}}`)},
		"no words": {Kind: kind.Kind, Method: http.MethodPost, Path: path, Headers: headers, Body: []byte("{}")},
	}
	for _, success := range successes() {
		flat := words(success)
		raw, err := json.Marshal(flat)
		if err != nil {
			continue // plain values
		}
		form := url.Values{}
		for _, name := range slices.Sorted(maps.Keys(flat)) {
			if s, ok := flat[name].(string); ok {
				form.Set(name, s)
			}
		}
		encoded := form.Encode()
		out["words of "+success] = sdk.InboundRequest{Kind: kind.Kind, Method: http.MethodPost, Path: path, Headers: headers, Body: raw}
		out["a form of "+success] = sdk.InboundRequest{
			Kind: kind.Kind, Method: http.MethodPost, Path: path, Headers: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, Body: []byte(encoded),
		}
		out["a query of "+success] = sdk.InboundRequest{Kind: kind.Kind, Method: http.MethodGet, Path: path, Query: encoded}
	}
	return out
}
