package wechatpay_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/wechatpay"
)

func TestNativeFromOrderToRefund(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := w.post(nativePath, w.order("ORDER-1", 1000), "200").text("code_url")
	if !strings.HasPrefix(code, "weixin://wxpay/bizpayurl?pr=") {
		t.Errorf("code_url %q", code)
	}
	a := w.get(queryPath("ORDER-1"), "NOTPAY")
	if a.body["transaction_id"] != nil || a.body["success_time"] != nil || a.at("amount", "total") != 1000.0 {
		t.Errorf("an unpaid order is %v", a.body)
	}
	w.books("ORDER-1", 0, 0)
	if err := w.sim.PayLink(code); err != nil {
		t.Fatal(err)
	}
	w.books("ORDER-1", 1, 1000)
	a = w.get(queryPath("ORDER-1"), "SUCCESS")
	id := a.text("transaction_id")
	for name, want := range map[string]string{
		"appid": appID, "mchid": mchID, "out_trade_no": "ORDER-1", "trade_type": "NATIVE", "bank_type": "OTHERS", "attach": "数据, 1",
		"success_time": "2026-11-27T18:00:00+08:00", "trade_state_desc": "支付成功",
	} {
		if a.text(name) != want {
			t.Errorf("%s is %q, want %q", name, a.text(name), want)
		}
	}
	if len(id) != 28 || a.at("amount", "payer_total") != 1000.0 || a.at("payer", "openid") == nil {
		t.Errorf("a paid order is %v", a.body)
	}
	if again := w.get("/v3/pay/transactions/id/"+id+"?mchid="+mchID, "SUCCESS"); again.text("out_trade_no") != "ORDER-1" {
		t.Errorf("by its transaction_id: %v", again.body)
	}
	w.refundInParts(id)
	w.clean()
}

// refundInParts gives ORDER-1 back in two parts, by either of its numbers.
func (w *world) refundInParts(id string) {
	w.t.Helper()
	r := w.post(refundPath, w.refund("ORDER-1", "R@1", 300, 1000), "PROCESSING")
	if r.at("amount", "refund") != 300.0 || r.text("transaction_id") != id || r.text("refund_id") == "" || r.body["success_time"] != nil {
		w.t.Errorf("a refund is %v", r.body)
	}
	w.books("ORDER-1", 1, 700)
	w.get(queryPath("ORDER-1"), "REFUND")
	q := w.get(refundPath+"/R@1", "SUCCESS")
	if q.text("refund_id") != r.text("refund_id") || q.text("success_time") != "2026-11-27T18:00:00+08:00" || q.text("channel") != "ORIGINAL" {
		w.t.Errorf("a refund queried is %v", q.body)
	}
	w.post(refundPath, w.refund("ORDER-1", "R@1", 300, 1000), "SUCCESS") // the same again is the same refund
	w.post(refundPath, w.refund("ORDER-1", "R@1", 301, 1000), "INVALID_REQUEST")
	w.post(refundPath, w.refund("ORDER-1", "R2", 701, 1000), "INVALID_REQUEST")
	w.post(refundPath, w.refund("ORDER-1", "R2", 700, 999), "INVALID_REQUEST")
	w.books("ORDER-1", 1, 700)
	w.post(refundPath, w.refund("ORDER-1", "R2", 700, 1000).without("out_trade_no").with("transaction_id", id), "PROCESSING")
	w.books("ORDER-1", 1, 0)
	w.post(refundPath, w.refund("ORDER-1", "R3", 1, 1000), "INVALID_REQUEST")
	if n := w.sim.Ledger().Order(wechatpay.Key(mchID, "ORDER-1")).Refunds; n != 2 {
		w.t.Errorf("%d refunds in the ledger", n)
	}
}

func TestJSAPIIsInvoked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.post(jsapiPath, w.jsapiOrder("JSAPI-01", 100), "200").text("prepay_id")
	if !regexp.MustCompile(`^wx20261127180000[0-9a-f]{20}$`).MatchString(id) {
		t.Errorf("prepay_id %q", id)
	}
	right := wechatpay.Invocation{
		AppID: appID, TimeStamp: "1414561699", NonceStr: "5K8264ILTKCH16CQ2502SI8ZNMTM67VS", Package: "prepay_id=" + id, SignType: "RSA",
	}
	sign := func(i wechatpay.Invocation) string {
		return signed(t, w.mch.key, i.AppID+"\n"+i.TimeStamp+"\n"+i.NonceStr+"\n"+i.Package+"\n")
	}
	for name, spoil := range map[string]func(*wechatpay.Invocation){
		"sign type": func(i *wechatpay.Invocation) { i.SignType = "MD5" },
		"signature": func(i *wechatpay.Invocation) { i.PaySign = sign(wechatpay.Invocation{}) },
		"appid":     func(i *wechatpay.Invocation) { i.AppID = "wx0"; i.PaySign = sign(*i) },
		"time":      func(i *wechatpay.Invocation) { i.TimeStamp = "2026-11-27"; i.PaySign = sign(*i) },
		"nonce":     func(i *wechatpay.Invocation) { i.NonceStr = ""; i.PaySign = sign(*i) },
		"other":     func(i *wechatpay.Invocation) { i.Package = "prepay_id=wx0"; i.PaySign = sign(*i) },
	} {
		wrong := right
		wrong.PaySign = sign(wrong)
		spoil(&wrong)
		if err := w.sim.Invoke(wrong); !errors.Is(err, wechatpay.ErrInvocation) && !errors.Is(err, wechatpay.ErrNoLink) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.books("JSAPI-01", 0, 0)
	right.PaySign = sign(right)
	if err := w.sim.Invoke(right); err != nil {
		t.Fatal(err)
	}
	w.books("JSAPI-01", 1, 100)
	a := w.get(queryPath("JSAPI-01"), "SUCCESS")
	if a.text("trade_type") != "JSAPI" || a.at("payer", "openid") != openID {
		t.Errorf("%v", a.body)
	}
	w.clean()
}

func TestH5(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address := w.post(h5Path, w.h5Order("H5-0001", 100), "200").text("h5_url")
	if parsed, err := url.Parse(address); err != nil || parsed.Host != "wx.tenpay.com" || parsed.Query().Get("prepay_id") == "" {
		t.Errorf("h5_url %q, %v", address, err)
	}
	w.clock.Sleep(5*time.Minute + time.Second)
	if err := w.sim.PayLink(address); !errors.Is(err, wechatpay.ErrTooLate) {
		t.Errorf("an h5_url after five minutes: %v", err)
	}
	fresh := w.post(h5Path, w.h5Order("H5-0001", 100), "200").text("h5_url") // the same order again has a new link
	if err := w.sim.PayLink(fresh + "&redirect_url=https%3A%2F%2Fshop.example"); err != nil {
		t.Fatal(err)
	}
	a := w.get(queryPath("H5-0001"), "SUCCESS")
	if a.text("trade_type") != "MWEB" || a.at("scene_info", "device_id") != "till-1" {
		t.Errorf("%v", a.body)
	}
	w.books("H5-0001", 1, 100)
	w.clean()
}

func TestOneNumberIsOneOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.post(nativePath, w.order("SAME-001", 100), "200").text("code_url")
	second := w.post(nativePath, w.order("SAME-001", 100), "200").text("code_url")
	if first == second {
		t.Error("the same link twice")
	}
	w.post(nativePath, w.order("SAME-001", 101), "INVALID_REQUEST")
	w.post(nativePath, w.order("SAME-001", 100).with("attach", "x"), "INVALID_REQUEST")
	w.post(jsapiPath, w.jsapiOrder("SAME-001", 100), "INVALID_REQUEST")
	if err := w.sim.PayLink(first); err != nil {
		t.Fatal(err)
	}
	if err := w.sim.PayLink(second); !errors.Is(err, wechatpay.ErrNotWaiting) {
		t.Errorf("paid twice: %v", err)
	}
	if err := w.sim.PayOrder(mchID, "SAME-001"); !errors.Is(err, wechatpay.ErrNotWaiting) {
		t.Errorf("paid twice: %v", err)
	}
	w.books("SAME-001", 1, 100)
	w.post(nativePath, w.order("SAME-001", 100), "ORDERPAID")
	o, _ := w.sim.Order(mchID, "SAME-001")
	if o.PlaceRequests != 6 || o.PayTries != 3 {
		t.Errorf("%d requests and %d tries", o.PlaceRequests, o.PayTries)
	}
	strict := newWorld(t, func(o *wechatpay.Options) { o.ReentryCode = "OUT_TRADE_NO_USED" })
	strict.post(nativePath, strict.order("SAME-001", 100), "200")
	if a := strict.post(nativePath, strict.order("SAME-001", 101), "OUT_TRADE_NO_USED"); a.status != http.StatusForbidden {
		t.Errorf("HTTP %d", a.status)
	}
	w.clean()
}

func TestClose(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *wechatpay.Options) { o.OrderUnknownCode = "ORDERNOTEXIST" })
	body := fields{"mchid": mchID}
	w.post(closePath("CLOSE-01"), body, "ORDERNOTEXIST")
	w.post(nativePath, w.order("CLOSE-01", 100), "200")
	w.post(closePath("CLOSE-01"), body, "204")
	w.get(queryPath("CLOSE-01"), "CLOSED")
	w.post(closePath("CLOSE-01"), body, "204")
	w.post(nativePath, w.order("CLOSE-01", 100), "ORDER_CLOSED")
	if err := w.sim.PayOrder(mchID, "CLOSE-01"); !errors.Is(err, wechatpay.ErrNotWaiting) {
		t.Errorf("a closed order was paid: %v", err)
	}
	w.books("CLOSE-01", 0, 0)
	w.paid("CLOSE-02", 100)
	w.post(closePath("CLOSE-02"), body, "ORDERPAID")
	w.post(nativePath, w.order("CLOSE-03", 100), "200")
	if err := w.sim.StartPaying(mchID, "CLOSE-03"); err != nil {
		t.Fatal(err)
	}
	w.get(queryPath("CLOSE-03"), "USERPAYING")
	if a := w.post(closePath("CLOSE-03"), body, "USER_PAYING"); a.status != http.StatusAccepted {
		t.Errorf("HTTP %d", a.status)
	}
	if err := w.sim.AbandonOrder(mchID, "CLOSE-03"); err != nil {
		t.Fatal(err)
	}
	w.get(queryPath("CLOSE-03"), "NOTPAY")
	w.post(closePath("CLOSE-03"), body, "204")
	strict := newWorld(t, func(o *wechatpay.Options) { o.RefuseClosedAgain = true })
	strict.post(nativePath, strict.order("CLOSE-01", 100), "200")
	strict.post(closePath("CLOSE-01"), body, "204")
	strict.post(closePath("CLOSE-01"), body, "ORDER_CLOSED")
	w.clean()
}

// TestLatePayments: what a payer began in time ends after the merchant has given up.
func TestLatePayments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	expires := w.clock.Now().Add(10 * time.Minute).Format(time.RFC3339)
	w.post(nativePath, w.order("LATE-001", 100).with("time_expire", expires), "200")
	w.clock.Sleep(11 * time.Minute)
	if err := w.sim.PayOrder(mchID, "LATE-001"); !errors.Is(err, wechatpay.ErrTooLate) {
		t.Errorf("after time_expire: %v", err)
	}
	w.get(queryPath("LATE-001"), "NOTPAY") // time_expire closes nothing
	w.post(closePath("LATE-001"), fields{"mchid": mchID}, "204")
	if err := w.sim.PayLate(mchID, "LATE-001"); err != nil {
		t.Fatal(err)
	}
	w.get(queryPath("LATE-001"), "SUCCESS")
	w.books("LATE-001", 1, 100)
	if err := w.sim.PayLate(mchID, "LATE-001"); !errors.Is(err, wechatpay.ErrNotWaiting) {
		t.Errorf("paid twice: %v", err)
	}
	w.post(nativePath, w.order("LATE-002", 100), "200")
	w.clock.Sleep(14 * 24 * time.Hour)
	w.get(queryPath("LATE-002"), "CLOSED")
	w.post(nativePath, w.order("LATE-003", 100), "200")
	for state, number := range map[string]string{"PAYERROR": "LATE-003", "REVOKED": "LATE-004"} {
		w.post(nativePath, w.order(number, 100), "200")
		if err := w.sim.EndOrder(mchID, number, state); err != nil {
			t.Fatal(err)
		}
		w.get(queryPath(number), state)
	}
	w.clean()
}

func TestMerchantsAreApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.paid("MINE-001", 100)
	o, _ := w.sim.Order(mchID, "MINE-001")
	w.post(refundPath, w.refund("MINE-001", "R1", 10, 100), "PROCESSING")
	theirs := "?mchid=" + mch2
	for _, target := range []string{
		"/v3/pay/transactions/out-trade-no/MINE-001" + theirs, "/v3/pay/transactions/id/" + o.TransactionID + theirs,
	} {
		w.wantCall(call{target: target, from: &w.other}, "ORDER_NOT_EXIST")
	}
	w.wantCall(call{target: refundPath + "/R1", from: &w.other}, "RESOURCE_NOT_EXISTS")
	w.wantCall(call{
		method: http.MethodPost, target: refundPath, from: &w.other, body: encode(t, w.refund("MINE-001", "R2", 10, 100)),
	}, "RESOURCE_NOT_EXISTS")
	w.wantCall(call{ // the same number is another order
		method: http.MethodPost, target: nativePath, from: &w.other, body: encode(t, w.order("MINE-001", 7).with("mchid", mch2)),
	}, "200")
	w.books("MINE-001", 1, 90)
	w.clean()
}

func TestRefundLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *wechatpay.Options) { o.RefundPause = time.Minute })
	w.post(nativePath, w.order("LIMIT-01", 1000), "200")
	w.post(refundPath, w.refund("LIMIT-01", "R0", 1, 1000), "INVALID_REQUEST") // not paid
	w.post(refundPath, w.refund("LIMIT-99", "R0", 1, 1000), "RESOURCE_NOT_EXISTS")
	w.paid("LIMIT-02", 1000)
	w.post(refundPath, w.refund("LIMIT-02", "R0", 1, 1000), "PROCESSING")
	if a := w.post(refundPath, w.refund("LIMIT-02", "R1", 1, 1000), "FREQUENCY_LIMITED"); a.status != http.StatusTooManyRequests {
		t.Errorf("HTTP %d", a.status)
	}
	for i := 1; i < 50; i++ {
		w.clock.Sleep(time.Minute)
		w.post(refundPath, w.refund("LIMIT-02", "R"+strconv.Itoa(i), 1, 1000), "PROCESSING")
	}
	w.clock.Sleep(time.Minute)
	w.post(refundPath, w.refund("LIMIT-02", "R50", 1, 1000), "INVALID_REQUEST")
	w.books("LIMIT-02", 1, 950)
	w.paid("LIMIT-03", 1000)
	w.post(refundPath, w.refund("LIMIT-03", "R0", 1, 1000), "INVALID_REQUEST") // the number is another order's
	w.clock.Sleep(365 * 24 * time.Hour)
	w.post(refundPath, w.refund("LIMIT-03", "RX", 1, 1000), "PROCESSING")
	w.clock.Sleep(time.Hour)
	w.post(refundPath, w.refund("LIMIT-03", "RY", 1, 1000), "INVALID_REQUEST") // a year has passed
	w.clean()
}

func TestCoupons(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(wechatpay.Fault{Operation: "native", Kind: wechatpay.FaultCoupon, Amount: 100})
	w.paid("COUPON-1", 1000)
	a := w.get(queryPath("COUPON-1"), "SUCCESS")
	coupons, _ := a.body["promotion_detail"].([]any)
	if a.at("amount", "total") != 1000.0 || a.at("amount", "payer_total") != 900.0 || len(coupons) != 1 {
		t.Errorf("%v", a.body)
	}
	w.books("COUPON-1", 1, 1000)
	sum := 0.0
	for i, part := range []int{333, 333, 334} {
		r := w.post(refundPath, w.refund("COUPON-1", fmt.Sprint("R", i), part, 1000), "PROCESSING")
		back, ok := r.at("amount", "payer_refund").(float64)
		rest, isNumber := r.at("amount", "discount_refund").(float64)
		if !ok || !isNumber || back+rest != float64(part) {
			t.Errorf("%v", r.body)
		}
		sum += back
	}
	if sum != 900 {
		t.Errorf("the payer got %v fen back", sum)
	}
	w.books("COUPON-1", 1, 0)
}

// TestConcurrentCalls: one order is paid once and never given back more than once, whatever comes at the same time.
func TestConcurrentCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *wechatpay.Options) { o.Notices.Off = true })
	var group sync.WaitGroup
	together := func(n int, do func(i int)) {
		for i := range n {
			group.Go(func() { do(i) })
		}
		group.Wait()
	}
	send := func(target string, body fields) {
		if _, err := w.sendRaw(call{method: http.MethodPost, target: target, body: encode(t, body)}); err != nil {
			t.Error(err)
		}
	}
	together(8, func(int) { send(nativePath, w.order("TOGETHER-1", 1000)) })
	var paid atomic.Int64
	together(64, func(int) {
		if w.sim.PayOrder(mchID, "TOGETHER-1") == nil {
			paid.Add(1)
		}
	})
	w.books("TOGETHER-1", 1, 1000)
	together(16, func(i int) { send(refundPath, w.refund("TOGETHER-1", fmt.Sprint("R", i%4), 400, 1000)) })
	w.books("TOGETHER-1", 1, 200)
	if len(w.sim.Orders()) != 1 || paid.Load() != 1 {
		t.Errorf("%d orders, paid %d times", len(w.sim.Orders()), paid.Load())
	}
	w.clean()
}
