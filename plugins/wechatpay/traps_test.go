package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// TestTraps has a test for each place of README.md's list where the documentation, or what is
// said about it, misleads whoever implements it.
func TestTraps(t *testing.T) {
	t.Parallel()
	for name, trap := range map[string]func(*testing.T){
		"W1 REFUND is paid":                    trapRefundIsPaid,
		"W2 PAYERROR is not the end":           trapPayError,
		"W3 what the payer paid":               trapPayerTotal,
		"W4 two spellings":                     trapSpellings,
		"W5 an unsigned refusal":               trapUnsignedRefusal,
		"W6 status and refund_status":          trapRefundStatus,
		"W7 ABNORMAL":                          trapAbnormal,
		"W8 probes":                            trapProbe,
		"W9 the same number again":             trapSameNumber,
		"W10 commas":                           trapCommas,
		"W11 a refund's line":                  trapRefundLine,
		"W12 a certificate is not yet known":   trapUnknownSerial,
		"W13 a close without a word":           trapClose,
		"W14 a refund is asked for, not given": trapAccepted,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trap(t)
		})
	}
}

// says is what an exchange makes of one rightly signed reply.
func says(t *testing.T, x exchange, status int, body string) result {
	t.Helper()
	r, err := answering(t, status, body).call(t, x)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func trapRefundIsPaid(t *testing.T) {
	t.Helper()
	r := says(t, queryExchange(orderRef()), 200, edit(t, paidOrder, `"SUCCESS"`, `"REFUND"`))
	want(t, "outcome", r.outcome, succeeded)
	want(t, "given back without us", r.payment.Refunded, false)
	want(t, "paid at", r.payment.PaidAt.IsZero(), false)
}

func trapPayError(t *testing.T) {
	t.Helper()
	want(t, "outcome", says(t, queryExchange(orderRef()), 200, edit(t, paidOrder, `"SUCCESS"`, `"PAYERROR"`)).outcome, inProgress)
}

func trapPayerTotal(t *testing.T) {
	t.Helper()
	r := says(t, queryExchange(orderRef()), 200, paidOrder)
	want(t, "amount", r.payment.Amount, sdk.Fen(100))
	refund := says(t, refundQueryExchange(refundRequest()), 200, doneRefund)
	want(t, "refund", refund.refund.Amount, sdk.Fen(30))
}

func trapSpellings(t *testing.T) {
	t.Helper()
	for _, code := range []string{"ORDER_NOT_EXIST", "ORDERNOTEXIST"} {
		want(t, code, says(t, queryExchange(orderRef()), 404, refusal(code)).outcome, notFound)
	}
	for _, code := range []string{"NOT_ENOUGH", "NOTENOUGH"} {
		want(t, code, says(t, refundExchange(refundRequest()), 403, refusal(code)).outcome, refused)
	}
	for _, code := range []string{"ORDER_CLOSED", "ORDERCLOSED"} {
		want(t, code, says(t, closeExchange(orderRef()), 400, refusal(code)).outcome, succeeded)
	}
}

func trapUnsignedRefusal(t *testing.T) {
	t.Helper()
	r, err := replying(t, http.StatusUnauthorized, http.Header{}, refusal("SIGN_ERROR")).call(t, refundExchange(refundRequest()))
	if err != nil || r.outcome != unknown || !r.keyRefused {
		t.Errorf("%+v, %v", r, err)
	}
}

func trapRefundStatus(t *testing.T) {
	t.Helper()
	want(t, "reply", says(t, refundQueryExchange(refundRequest()), 200, edit(t, doneRefund, `"status"`, `"refund_status"`)).outcome, unknown)
	r := receive(t, noticeRequest(t, kindRefund, sealedRefund(edit(t, noticedRefund, `"refund_status"`, `"status"`)).body(t, "REFUND.SUCCESS"), byCertificate))
	want(t, "notification", r.Events[0].Refund.Outcome, unknown)
}

func trapAbnormal(t *testing.T) {
	t.Helper()
	r := says(t, refundQueryExchange(refundRequest()), 200, edit(t, doneRefund, `"status":"SUCCESS"`, `"status":"ABNORMAL"`))
	want(t, "outcome", r.outcome, unknown)
	want(t, "sentence", r.text.Message, abnormal)
}

func trapProbe(t *testing.T) {
	t.Helper()
	header := byCertificate.header(t, doneRefund)
	header.Set("Wechatpay-Signature", "WECHATPAY/SIGNTEST/"+header.Get("Wechatpay-Signature")[19:])
	r, err := replying(t, http.StatusOK, header, doneRefund).call(t, refundExchange(refundRequest()))
	if err != nil || r.outcome != unknown {
		t.Errorf("%+v, %v", r, err)
	}
}

func trapSameNumber(t *testing.T) {
	t.Helper()
	for code, status := range map[string]int{"INVALID_REQUEST": 400, "OUT_TRADE_NO_USED": 403, "ORDERPAID": 400, "ORDER_CLOSED": 400} {
		want(t, code, says(t, paymentExchange(paymentRequest(sdk.MethodQR)), status, refusal(code)).outcome, unknown)
	}
}

func trapCommas(t *testing.T) {
	t.Helper()
	text := edit(t, billText, "`拿铁, 大杯,`", "`拿铁, 大杯,`冰,`少糖,`\"甜\",`")
	lines, _, last := readBill(t, library(t, text, plain(text)))
	if last.outcome != succeeded || len(lines) != 2 || lines[0].Amount != sdk.Fen(100) || lines[0].OrderNo != testOrder {
		t.Errorf("%+v, %+v", lines, last.text)
	}
}

func trapRefundLine(t *testing.T) {
	t.Helper()
	lines, _, _ := readBill(t, library(t, billText, plain(billText)))
	if len(lines) != 2 || lines[1].Amount != sdk.Fen(30) || lines[1].Fee.Minor < 0 {
		t.Errorf("%+v", lines)
	}
}

func trapUnknownSerial(t *testing.T) {
	t.Helper()
	for name, x := range outgoing() {
		r, err := replying(t, x.status, byCertificate2.header(t, x.reply), x.reply).call(t, x.exchange)
		if err != nil || r.outcome != unknown || !strings.Contains(r.text.Message, byCertificate2.serial) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

func trapClose(t *testing.T) {
	t.Helper()
	want(t, "204", says(t, closeExchange(orderRef()), 204, "").outcome, succeeded)
	r, err := replying(t, http.StatusNoContent, http.Header{}, "").call(t, closeExchange(orderRef()))
	if err != nil || r.outcome != unknown {
		t.Errorf("unsigned: %+v, %v", r, err)
	}
}

func trapAccepted(t *testing.T) {
	t.Helper()
	r := says(t, refundExchange(refundRequest()), 200, edit(t, doneRefund, `"status":"SUCCESS"`, `"status":"PROCESSING"`))
	want(t, "outcome", r.outcome, inProgress)
	want(t, "refunded at", r.refund.RefundedAt, time.Time{})
}
