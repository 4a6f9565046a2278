package main

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// The platform's side of the tests with canned replies: it writes and signs by the
// document, without the plugin's own code.

type fields map[string]any

// merged overrides fields; nil stays as null, and absent leaves a field out.
func merged(base, more fields) fields {
	out := maps.Clone(base)
	for name, value := range more {
		if out[name] = value; value == absent {
			delete(out, name)
		}
	}
	return out
}

const absent = "\x00absent"

// jsonOf is compact JSON with sorted names and nothing escaped that need not be.
func jsonOf(v any) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// textOf is what is signed for a message.
func textOf(message fields) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(message)) {
		if name == "sign" {
			continue
		}
		text, isText := message[name].(string)
		if !isText {
			text = jsonOf(message[name])
		}
		parts = append(parts, name+"="+text)
	}
	return strings.Join(parts, "&")
}

func signature(t *testing.T, key *rsa.PrivateKey, hash crypto.Hash, text string) string {
	t.Helper()
	short, long := sha1.Sum([]byte(text)), sha256.Sum256([]byte(text))
	digest := short[:]
	if hash == crypto.SHA256 {
		digest = long[:]
	}
	signed, err := rsa.SignPKCS1v15(rand.Reader, key, hash, digest)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(signed)
}

// signed is a message of the platform's.
func signed(t *testing.T, message fields) string {
	t.Helper()
	return jsonOf(merged(message, fields{"sign": signature(t, platformKey(), crypto.SHA1, textOf(message))}))
}

// took is the reply to a call that was taken.
func took(t *testing.T, result any) string {
	t.Helper()
	return signed(t, fields{"success": true, "errorCode": nil, "errorMsg": nil, "result": result})
}

// refusal is the reply to a call that was not.
func refusal(t *testing.T, code string) string {
	t.Helper()
	return signed(t, fields{"success": false, "errorCode": code, "errorMsg": "处理失败", "result": nil})
}

// codeOrder is the result of an order by the payer's code (3.1).
func codeOrderResult(status string) fields {
	return fields{
		"tradeNo": "20260101000000000011", "tradeprodNo": "20260101000000000012", "merchantNo": testMerchant, "tradeStatus": status,
		"outTradeNo": testOrder, "tradeAmt": 100, "payAmt": 90, "disCountAmt": 10, "bankRequestNo": "2026010122001",
	}
}

const testPaymentURL = "https://pay.bestpay.invalid/h5?order=1&from=<app>"

// qrOrderResult is the result of an order that the payer is sent to (3.2).
func qrOrderResult(status string) fields {
	return fields{
		"tradeNo": "20260101000000000011", "tradeprodNo": "20260101000000000012", "merchantNo": testMerchant, "tradeStatus": status,
		"outTradeNo": testOrder, "tradeAmt": 100, "paymentUrl": testPaymentURL, "bankRequestNo": nil,
	}
}

// queryResult is the result of a query (3.3).
func queryResult(status string) fields {
	return fields{"tradeStatus": status, "errorMsgCode": nil, "errorMsgDesc": nil}
}

// refundResult is the result of a refund (3.5): outTradeNo is the refund's number.
func refundResult(status string) fields {
	return fields{
		"tradeNo": "20260101000000000021", "refundAmt": 30, "tradeStatus": status, "outTradeNo": testRefund,
		"tradeprodNo": "20260101000000000022", "buyerLoginNo": "133****0000",
	}
}

// refundQueryResult is the result of a refund query (3.6): outTradeNo is the order's number.
func refundQueryResult(status string) fields {
	return fields{
		"outTradeNo": testOrder, "tradeNo": "20260101000000000021", "outRequestNo": testRefund, "refundCause": "少一件", "refundAmt": 30,
		"tradeAmt": 100, "tradeStatus": status, "refundRequestDate": "2026-01-01 11:59:58",
	}
}

// paymentNotice is a callback about a payment (3.4).
func paymentNotice(status string) fields {
	return fields{
		"tradeNo": "20260101000000000011", "outTradeNo": testOrder, "tradeType": "REAL_TIME_PRO", "tradeAmt": 100,
		"tradeFinishedDate": "20260101120001", "merchantNo": testMerchant, "payAmt": 90, "discountAmt": 10, "ccy": "CNY",
		"tradeStatus": status, "goodsInfo": "拿铁 <大> & \"热\"", "resultCode": nil, "resultMsg": nil, "originalTradeNo": nil,
		"institutionCode": testInstitution,
	}
}

// refundNotice is a callback about a refund, naming the order.
func refundNotice(status string) fields {
	return merged(paymentNotice(status), fields{
		"tradeNo": "20260101000000000021", "tradeType": "REFUND", "tradeAmt": 30, "payAmt": 30, "discountAmt": 0,
		"tradeFinishedDate": "20260101120500", "originalTradeNo": "20260101000000000011",
	})
}

// sentFields reads a request that was sent.
func sentFields(t *testing.T, r sentRequest) fields {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(r.body))
	dec.UseNumber()
	var out fields
	if err := dec.Decode(&out); err != nil {
		t.Fatalf("%s: %v", r.body, err)
	}
	return out
}

// checkSigned verifies a request as the platform does.
func checkSigned(t *testing.T, h *testHost, hash crypto.Hash) fields {
	t.Helper()
	got := sentFields(t, h.last(t))
	text := textOf(got)
	if want := signature(t, h.private, hash, text); got["sign"] != want {
		t.Errorf("sign %v, want %s over %q", got["sign"], want, text)
	}
	return got
}

func describe(f fields) string { return fmt.Sprintf("%.300s", jsonOf(f)) }
