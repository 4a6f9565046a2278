package bestpay_test

import (
	"encoding/json"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/bestpay"
)

// equal compares members of a result; a want of nil is JSON's null, "*" any text.
func equal(t *testing.T, got, want map[string]any) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d members, want %d: %v", len(got), len(want), got)
	}
	for name, value := range want {
		have, present := got[name]
		if text, ok := have.(string); ok && value == "*" && text != "" {
			continue
		}
		if n, ok := value.(int); ok {
			value = json.Number(strconv.Itoa(n))
		}
		if !present || have != value {
			t.Errorf("%s is %v (%T), want %v", name, have, have, value)
		}
	}
}

func TestBarcodePays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.want("barcode", w.barcodeBody("P1"), "SUCCESS")
	equal(t, a.result, map[string]any{
		"tradeNo": "*", "tradeprodNo": "*", "merchantNo": merchantNo, "tradeStatus": "SUCCESS", "outTradeNo": "P1",
		"tradeAmt": 1000, "payAmt": 1000, "disCountAmt": 0, "bankRequestNo": "*",
	})
	equal(t, w.want("confirm", confirmBody("P1"), "SUCCESS").result,
		map[string]any{"tradeStatus": "SUCCESS", "errorMsgCode": nil, "errorMsgDesc": nil})
	w.books("P1", 1, 1000)
	w.want("barcode", w.barcodeBody("P1"), "ORDER_REPEAT")
	w.want("qr", w.qrBody("P1"), "ORDER_REPEAT")
	w.want("barcode", w.barcodeBody("P1").with("merchantNo", merchant2), "SUCCESS") // another merchant's number is another number
	w.books("P1", 1, 1000)
	if o, ok := w.sim.Order(merchantNo, "P1"); !ok || o.PayRequests != 3 || o.Queries != 1 || o.Operation != bestpay.OpBarcode {
		t.Errorf("order %+v", o)
	}
	w.clean()
}

func TestQRWaitsForItsPayer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, app := range []string{"BESTPAY", "ALIPAY", "TENPAY"} {
		a := w.want("qr", w.qrBody(app).with("tradeType", app).with("userCode", "u"), "WAITFORPAY")
		equal(t, a.result, map[string]any{
			"tradeNo": "*", "tradeprodNo": "*", "merchantNo": merchantNo, "tradeStatus": "WAITFORPAY", "outTradeNo": app,
			"tradeAmt": 1000, "paymentUrl": "*", "bankRequestNo": "*",
		})
		w.want("confirm", confirmBody(app), "WAITFORPAY")
		w.want("refund", w.refundBody(app, "R-"+app, 1), "ORDER_STATE_ERROR")
		w.books(app, 0, 0)
		if err := w.sim.PayOrder(merchantNo, app); err != nil {
			t.Fatal(err)
		}
		w.want("confirm", confirmBody(app), "SUCCESS")
		w.books(app, 1, 1000)
		if w.sim.PayOrder(merchantNo, app) == nil || w.sim.AbandonOrder(merchantNo, app) == nil || w.sim.ExpireOrder(merchantNo, app) == nil {
			t.Error("a paid order was still waiting")
		}
	}
	if w.sim.PayOrder(merchantNo, "none") == nil {
		t.Error("an unknown order was paid")
	}
	w.clean()
}

func TestUnpaidOrdersEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want("qr", w.qrBody("T1"), "WAITFORPAY")
	w.want("qr", w.qrBody("T2").with("timeOut", 1501), "WAITFORPAY")
	w.want("qr", w.qrBody("T3"), "WAITFORPAY")
	w.want("qr", w.qrBody("A"), "WAITFORPAY")
	w.want("qr", w.qrBody("X"), "WAITFORPAY")
	if err := w.sim.AbandonOrder(merchantNo, "A"); err != nil {
		t.Fatal(err)
	}
	if err := w.sim.ExpireOrder(merchantNo, "X"); err != nil {
		t.Fatal(err)
	}
	w.clock.Sleep(1499 * time.Second)
	w.want("confirm", confirmBody("T1"), "WAITFORPAY")
	w.clock.Sleep(time.Second)
	equal(t, w.want("confirm", confirmBody("T1"), "CLOSE").result,
		map[string]any{"tradeStatus": "CLOSE", "errorMsgCode": "TRADE_TIME_OUT", "errorMsgDesc": "订单超时关闭"})
	if o, _ := w.sim.Order(merchantNo, "T2"); o.Status != bestpay.StatusWaiting {
		t.Errorf("T2 is %s a second before its time", o.Status)
	}
	if o, _ := w.sim.Order(merchantNo, "T3"); o.Status != bestpay.StatusClose {
		t.Errorf("T3 is %s when its time is up, although nobody asked", o.Status)
	}
	w.clock.Sleep(time.Second)
	if err := w.sim.PayOrder(merchantNo, "T2"); err == nil {
		t.Error("an order was paid after its time")
	}
	equal(t, w.want("confirm", confirmBody("A"), "FAIL").result,
		map[string]any{"tradeStatus": "FAIL", "errorMsgCode": "PAYER_CANCELED", "errorMsgDesc": "用户取消支付"})
	w.want("confirm", confirmBody("X"), "CLOSE")
	w.want("refund", w.refundBody("X", "RX", 1), "ORDER_STATE_ERROR")
	if w.sim.Ledger().Len() != 0 {
		t.Error("money moved")
	}
	w.clean()
}

func TestOrdersAreFoundByNumberAndDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want("barcode", w.barcodeBody("D"), "SUCCESS")
	w.want("refund", w.refundBody("D", "RD", 10), "SUCCESS")
	w.want("confirm", confirmBody("none"), "ORDER_NOT_EXIST")
	w.want("confirm", confirmBody("D").with("merchantNo", merchant2), "ORDER_NOT_EXIST")
	w.want("confirm", confirmBody("D").with("tradeDate", "2026-11-24 18:00:00"), "ORDER_NOT_EXIST")
	w.want("confirm", confirmBody("D").with("tradeDate", "2026-11-23 00:00:00"), "SUCCESS")
	w.want("refund-query", refundQueryBody("none", "RD"), "ORDER_NOT_EXIST")
	w.want("refund-query", refundQueryBody("D", "none"), "REFUND_NOT_EXIST")
	w.want("refund-query", refundQueryBody("D", "RD").with("refundDate", "2026-11-22 18:00:00"), "REFUND_NOT_EXIST")
	w.want("refund-query", refundQueryBody("D", "RD"), "SUCCESS")

	exact := newWorld(t, func(o *bestpay.Options) { o.ExactDates = true })
	exact.want("barcode", exact.barcodeBody("D"), "SUCCESS")
	exact.want("confirm", confirmBody("D").with("tradeDate", "2026-11-23 18:00:01"), "ORDER_NOT_EXIST")
	exact.want("confirm", confirmBody("D"), "SUCCESS")
	w.clean()
}

func TestRequestDateWindowCanBeTurnedOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *bestpay.Options) { o.RequestDateWindow = -1 })
	w.want("barcode", w.barcodeBody("D").with("requestDate", "2001-01-01 00:00:00"), "SUCCESS")
	w.clean()
}

func TestRefunds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want("barcode", w.barcodeBody("R"), "SUCCESS")
	w.want("barcode", w.barcodeBody("R-other"), "SUCCESS")
	w.want("refund", w.refundBody("none", "R0", 1), "ORDER_NOT_EXIST")
	w.want("refund", w.refundBody("R", "R1", 1001), "REFUND_AMOUNT_EXCEED")
	equal(t, w.want("refund", w.refundBody("R", "R1", 300).with("refundCause", `"退" & <货>/`), "SUCCESS").result, map[string]any{
		"tradeNo": "*", "refundAmt": 300, "tradeStatus": "SUCCESS", "outTradeNo": "R1", "tradeprodNo": "*", "buyerLoginNo": "*",
	})
	equal(t, w.want("refund-query", refundQueryBody("R", "R1"), "SUCCESS").result, map[string]any{
		"outTradeNo": "R", "tradeNo": "*", "outRequestNo": "R1", "refundCause": `"退" & <货>/`, "refundAmt": 300, "tradeAmt": 1000,
		"tradeStatus": "SUCCESS", "refundRequestDate": today,
	})
	w.want("refund", w.refundBody("R", "R1", 300), "REFUND_REPEAT")
	w.want("refund", w.refundBody("R-other", "R1", 300), "REFUND_REPEAT") // unique per merchant, not per order
	w.want("refund", w.refundBody("R", "R2", 701), "REFUND_AMOUNT_EXCEED")
	w.want("refund", w.refundBody("R", "R2", 700), "SUCCESS")
	w.want("refund", w.refundBody("R", "R3", 1), "REFUND_AMOUNT_EXCEED")
	w.want("confirm", confirmBody("R"), "SUCCESS") // the document has no refunded state
	if q := w.want("refund-query", refundQueryBody("R", "R2"), "SUCCESS").result["refundCause"]; q != nil {
		t.Errorf("refundCause %v, want null", q)
	}
	w.books("R", 1, 0)
	w.books("R-other", 1, 1000)
	entries := w.sim.Ledger().OrderEntries(bestpay.Key(merchantNo, "R"))
	if len(entries) != 3 || entries[1].Request != "R1" || entries[1].Amount != 300 || entries[1].Kind != bestpay.EntryRefund {
		t.Errorf("ledger %+v", entries)
	}
	w.clean()
}

func TestIdempotentRefunds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *bestpay.Options) { o.IdempotentRefunds = true })
	w.want("barcode", w.barcodeBody("I"), "SUCCESS")
	first := w.want("refund", w.refundBody("I", "R1", 300), "SUCCESS")
	again := w.want("refund", w.refundBody("I", "R1", 300), "SUCCESS")
	if first.result["tradeNo"] != again.result["tradeNo"] {
		t.Error("the repetition made another refund")
	}
	w.want("refund", w.refundBody("I", "R1", 301), "REFUND_REPEAT")
	w.books("I", 1, 700)
}

func TestResultAsString(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *bestpay.Options) { o.ResultAsString = true })
	w.want("barcode", w.barcodeBody("S"), "SUCCESS")
	w.want("refund", w.refundBody("S", "R1", 300), "SUCCESS")
	_, text, err := w.post("refund-query", encode(t, w.sign(refundQueryBody("S", "R1"))), jsonType)
	if err != nil {
		t.Fatal(err)
	}
	message, err := decode(text)
	if err != nil {
		t.Fatal(err)
	}
	if inner, ok := message["result"].(string); !ok || genuine(w.platform, message) != nil {
		t.Errorf("result %v, want a signed string", inner)
	}
	w.want("refund", w.refundBody("S", "R2", 701), "REFUND_AMOUNT_EXCEED")
}

func TestRepliesInTheOtherAlgorithm(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *bestpay.Options) { o.ReplyAlgorithm = bestpay.SHA256WithRSA })
	w.wantNoReply("barcode", w.barcodeBody("O")) // the test's client verifies SHA1withRSA
	w.books("O", 1, 1000)
}

// TestConcurrentRefundsStayWithinTheOrder sends more refunds at once than the order can bear.
func TestConcurrentRefundsStayWithinTheOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want("barcode", w.barcodeBody("C"), "SUCCESS")
	var done sync.WaitGroup
	for i := range 16 {
		body := encode(t, w.sign(w.refundBody("C", "R"+strconv.Itoa(i/2), 300))) // every number twice
		done.Go(func() {
			if _, err := w.sendRaw("refund", body); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	w.books("C", 1, 100)
	if s := w.sim.Ledger().Order(bestpay.Key(merchantNo, "C")); s.Refunds != 3 {
		t.Errorf("%d refunds, want 3", s.Refunds)
	}
	w.clean()
}

func TestConcurrentOrdersWithOneNumberPayOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := encode(t, w.sign(w.barcodeBody("N")))
	var done sync.WaitGroup
	for range 8 {
		done.Go(func() {
			if _, err := w.sendRaw("barcode", body); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	w.books("N", 1, 1000)
}
