package bestpay_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/bestpay"
)

// waitFor polls for what a goroutine of the simulator brings about.
func (w *world) waitFor(what string, done func() bool) {
	w.t.Helper()
	for range 20_000 {
		if done() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	w.t.Fatalf("%s did not happen", what)
}

// callbacks waits until the shop has got n.
func (w *world) callbacks(n int) []map[string]any {
	w.t.Helper()
	w.waitFor("the callback", func() bool { return len(w.sim.Deliveries()) >= n && len(w.shop.received()) >= n })
	got := w.shop.received()
	if len(got) != n {
		w.t.Fatalf("%d callbacks, want %d", len(got), n)
	}
	for _, message := range got {
		if err := genuine(w.platform, message); err != nil {
			w.t.Errorf("the signature of %v: %v", message, err)
		}
	}
	return got
}

func withoutSign(message map[string]any) map[string]any {
	return map[string]any(fields(message).without("sign"))
}

func TestPaymentCallback(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.want("barcode", w.barcodeBody("P"), "SUCCESS")
	equal(t, withoutSign(w.callbacks(1)[0]), map[string]any{
		"tradeNo": a.result["tradeNo"], "outTradeNo": "P", "tradeType": "REAL_TIME_PRO", "tradeAmt": 1000,
		"tradeFinishedDate": "20261123180000", "merchantNo": merchantNo, "payAmt": 1000, "discountAmt": 0, "ccy": "156",
		"tradeStatus": "SUCCESS", "goodsInfo": "咖啡 & <面包>/1", "resultCode": nil, "resultMsg": nil, "originalTradeNo": nil,
		"institutionCode": institution,
	})
	d := w.sim.Deliveries()
	if len(d) != 1 || !d[0].Accepted || d[0].Key != merchantNo+"/P" || d[0].Attempt != 1 || d[0].Status != http.StatusOK {
		t.Errorf("deliveries %+v", d)
	}
	w.clean()
}

func TestRefundCallback(t *testing.T) {
	t.Parallel()
	for name, number := range map[string]string{"the order's number": "P", "the refund's number": "R1"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(o *bestpay.Options) { o.Callback.RefundNumber = number == "R1" })
			a := w.want("barcode", w.barcodeBody("P"), "SUCCESS")
			w.callbacks(1)
			r := w.want("refund", w.refundBody("P", "R1", 300), "SUCCESS")
			equal(t, withoutSign(w.callbacks(2)[1]), map[string]any{
				"tradeNo": r.result["tradeNo"], "outTradeNo": number, "tradeType": "REFUND", "tradeAmt": 300,
				"tradeFinishedDate": "20261123180000", "merchantNo": merchantNo, "payAmt": 300, "discountAmt": nil, "ccy": "156",
				"tradeStatus": "SUCCESS", "goodsInfo": "咖啡 & <面包>/1", "resultCode": nil, "resultMsg": nil,
				"originalTradeNo": a.result["tradeNo"], "institutionCode": institution,
			})
			if d := w.sim.Deliveries(); d[1].Key != merchantNo+"/P/R1" {
				t.Errorf("deliveries %+v", d)
			}
			w.clean()
		})
	}
}

// TestOnlySuccessesAreCalledBack follows 3.4: who waits for a failure must ask.
func TestOnlySuccessesAreCalledBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		all  bool
		want []string
	}{
		"as documented": {false, []string{"SUCCESS"}},
		"failures too":  {true, []string{"CLOSE", "FAIL", "FAIL", "SUCCESS"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(o *bestpay.Options) { o.Callback.IncludeFailures = c.all })
			w.fault(bestpay.Fault{Operation: "refund", Kind: bestpay.FaultFail})
			w.want("qr", w.qrBody("A"), "WAITFORPAY")
			w.want("qr", w.qrBody("X"), "WAITFORPAY")
			if err := errors.Join(w.sim.AbandonOrder(merchantNo, "A"), w.sim.ExpireOrder(merchantNo, "X")); err != nil {
				t.Fatal(err)
			}
			w.want("barcode", w.barcodeBody("S"), "SUCCESS")
			w.want("refund", w.refundBody("S", "R1", 1), "FAIL")
			var got []string
			for _, message := range w.callbacks(len(c.want)) {
				got = append(got, plain(message["tradeStatus"]))
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("called back %v, want %v", got, c.want)
			}
			w.end() // nothing else can come any more
			if n := len(w.shop.received()); n != len(c.want) {
				t.Errorf("%d callbacks, want %d", n, len(c.want))
			}
		})
	}
}

func TestCallbacksAreRepeatedUntilAcknowledged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.shop.answers(func(attempt int) (int, string) {
		switch attempt {
		case 1:
			return http.StatusInternalServerError, acknowledged
		case 2:
			return http.StatusOK, `{"success":false,"errorCode":"X","errorMsg":"busy","result":null}`
		case 3:
			return http.StatusOK, `{"success":true,"errorCode":null,"errorMsg":null,"result":{"statusCode":500}}`
		}
		return http.StatusOK, acknowledged
	})
	w.want("barcode", w.barcodeBody("P"), "SUCCESS")
	w.waitFor("the acknowledgement", func() bool { d := w.sim.Deliveries(); return len(d) == 4 && d[3].Accepted })
	w.end()
	if len(w.callbacks(4)) != 4 {
		t.Error("it was sent again after the acknowledgement")
	}
	want := []time.Duration{0, 15 * time.Second, time.Minute, 5 * time.Minute}
	if slept := w.clock.waits(); !slices.Equal(slept, want) {
		t.Errorf("waited %v, want %v", slept, want)
	}
	for i, d := range w.sim.Deliveries() {
		if d.Attempt != i+1 || d.Accepted != (i == 3) {
			t.Errorf("delivery %+v", d)
		}
	}
	w.clean() // a documented refusal is no breach
}

func TestCallbacksGiveUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *bestpay.Options) { o.Callback.Waits = []time.Duration{time.Second, time.Hour} })
	w.shop.answers(func(int) (int, string) { return http.StatusNotFound, "" })
	w.want("barcode", w.barcodeBody("P"), "SUCCESS")
	w.callbacks(2)
	w.end()
	if slept := w.clock.waits(); !slices.Equal(slept, []time.Duration{time.Second, time.Hour}) || len(w.sim.Deliveries()) != 2 {
		t.Errorf("waited %v for %+v", slept, w.sim.Deliveries())
	}
}

// TestAnswers holds every deviation from the documented answer against the simulator.
func TestAnswers(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		answer   string
		types    bestpay.StatusCodeType
		accepted bool
		field    string
		rule     string // "" = no breach
	}{
		"number":              {acknowledged, "", true, "", ""},
		"string":              {`{"success":true,"errorCode":null,"errorMsg":null,"result":{"statusCode":"200"}}`, "", true, "", ""},
		"texts":               {`{"success":true,"errorCode":"0","errorMsg":"ok","result":{"statusCode":200}}`, "", true, "", ""},
		"string wanted":       {acknowledged, bestpay.StatusCodeString, false, "statusCode", "type"},
		"number wanted":       {`{"success":true,"errorCode":null,"errorMsg":null,"result":{"statusCode":"200"}}`, bestpay.StatusCodeNumber, false, "statusCode", "type"},
		"number as wanted":    {acknowledged, bestpay.StatusCodeNumber, true, "", ""},
		"failure":             {`{"success":false,"errorCode":"E","errorMsg":"no"}`, "", false, "", ""},
		"failure with result": {`{"success":false,"errorCode":"E","errorMsg":"no","result":{"statusCode":200}}`, "", false, "", ""},
		"empty":               {``, "", false, "", "json"},
		"plain text":          {`success`, "", false, "", "json"},
		"no success":          {`{"errorCode":null,"errorMsg":null,"result":{"statusCode":200}}`, "", false, "success", "missing"},
		"success as text":     {`{"success":"true","errorCode":null,"errorMsg":null,"result":{"statusCode":200}}`, "", false, "success", "type"},
		"no errorCode":        {`{"success":true,"errorMsg":null,"result":{"statusCode":200}}`, "", false, "errorCode", "missing"},
		"no errorMsg":         {`{"success":true,"errorCode":null,"result":{"statusCode":200}}`, "", false, "errorMsg", "missing"},
		"errorCode a number":  {`{"success":true,"errorCode":0,"errorMsg":null,"result":{"statusCode":200}}`, "", false, "errorCode", "type"},
		"no result":           {`{"success":true,"errorCode":null,"errorMsg":null}`, "", false, "result", "missing"},
		"null result":         {`{"success":true,"errorCode":null,"errorMsg":null,"result":null}`, "", false, "result", "type"},
		"result as text":      {`{"success":true,"errorCode":null,"errorMsg":null,"result":"{\"statusCode\":200}"}`, "", false, "result", "type"},
		"no statusCode":       {`{"success":true,"errorCode":null,"errorMsg":null,"result":{}}`, "", false, "statusCode", "missing"},
		"null statusCode":     {`{"success":true,"errorCode":null,"errorMsg":null,"result":{"statusCode":null}}`, "", false, "statusCode", "type"},
		"more in result":      {`{"success":true,"errorCode":null,"errorMsg":null,"result":{"statusCode":200,"x":1}}`, "", false, "x", "unknown-field"},
		"signed":              {`{"success":true,"errorCode":null,"errorMsg":null,"result":{"statusCode":200},"sign":"s"}`, "", false, "sign", "unknown-field"},
		"twice":               {`{"success":false,"success":true,"errorCode":null,"errorMsg":null,"result":{"statusCode":200}}`, "", false, "success", "duplicate-key"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(o *bestpay.Options) { o.StatusCode, o.Callback.Off = c.types, true })
			w.shop.answers(func(int) (int, string) { return http.StatusOK, c.answer })
			w.want("barcode", w.barcodeBody("P"), "SUCCESS")
			d, err := w.sim.Notify(t.Context(), merchantNo, "P", bestpay.Notice{})
			if err != nil || d.Accepted != c.accepted {
				t.Errorf("delivery %+v %v", d, err)
			}
			v := w.sim.Violations()
			if c.rule == "" {
				w.clean()
			} else if len(v) != 1 || v[0].Operation != "callback" || v[0].Field != c.field || v[0].Rule != c.rule || v[0].Order != "P" {
				t.Errorf("recorded %+v, want %s of %q", v, c.rule, c.field)
			}
		})
	}
}

func TestDuplicatesAndDisorder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *bestpay.Options) { o.Callback.Off = true })
	w.want("barcode", w.barcodeBody("P"), "SUCCESS")
	w.want("refund", w.refundBody("P", "R1", 300), "SUCCESS")
	w.want("qr", w.qrBody("Q"), "WAITFORPAY")
	for _, what := range []bestpay.Notice{{}, {}, {Status: "WAITFORPAY"}, {Refund: "R1"}, {Refund: "R1", Status: "WAITFORPAY"}} {
		if d, err := w.sim.Notify(t.Context(), merchantNo, "P", what); err != nil || !d.Accepted || d.Attempt != 0 {
			t.Errorf("%+v: %+v %v", what, d, err)
		}
	}
	if _, err := w.sim.Notify(t.Context(), merchantNo, "Q", bestpay.Notice{}); err != nil {
		t.Error(err)
	}
	var got []string
	for _, message := range w.callbacks(6) {
		got = append(got, plain(message["outTradeNo"])+" "+plain(message["tradeType"])+" "+plain(message["tradeStatus"])+" "+plain(message["payAmt"]))
	}
	want := []string{
		"P REAL_TIME_PRO SUCCESS 1000", "P REAL_TIME_PRO SUCCESS 1000", "P REAL_TIME_PRO WAITFORPAY 0", "P REFUND SUCCESS 300",
		"P REFUND WAITFORPAY 300", "Q REAL_TIME_PRO WAITFORPAY 0",
	}
	if !slices.Equal(got, want) {
		t.Errorf("called back %q, want %q", got, want)
	}
	if _, err := w.sim.Notify(t.Context(), merchantNo, "none", bestpay.Notice{}); !errors.Is(err, bestpay.ErrNoOrder) {
		t.Error(err)
	}
	if _, err := w.sim.Notify(t.Context(), merchantNo, "P", bestpay.Notice{Refund: "none"}); !errors.Is(err, bestpay.ErrNoRefund) {
		t.Error(err)
	}
}

func TestForgeries(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *bestpay.Options) { o.Callback.Off = true })
	w.want("qr", w.qrBody("Q"), "WAITFORPAY")
	if _, err := w.sim.Forge(t.Context(), merchantNo, "Q", bestpay.ForgeReplay, bestpay.Notice{}); !errors.Is(err, bestpay.ErrNotSent) {
		t.Errorf("a replay of nothing: %v", err)
	}
	if _, err := w.sim.Forge(t.Context(), merchantNo, "Q", "magic", bestpay.Notice{}); err == nil {
		t.Error("an unknown forgery was sent")
	}
	if _, err := w.sim.Notify(t.Context(), merchantNo, "Q", bestpay.Notice{}); err != nil {
		t.Fatal(err)
	}
	valid := map[bestpay.Forgery]bool{
		bestpay.ForgeAmount: true, bestpay.ForgeOrder: true, bestpay.ForgeMerchant: true, bestpay.ForgeReplay: true,
	}
	for i, kind := range bestpay.Forgeries() {
		if _, err := w.sim.Forge(t.Context(), merchantNo, "Q", kind, bestpay.Notice{}); err != nil {
			t.Fatal(err)
		}
		message := w.shop.received()[i+1]
		if err := genuine(w.platform, message); (err == nil) != valid[kind] {
			t.Errorf("%s: the signature is %v", kind, err)
		}
		if _, signed := message["sign"]; signed == (kind == bestpay.ForgeUnsigned) {
			t.Errorf("%s: %v", kind, message)
		}
		if claim := message["tradeStatus"]; kind != bestpay.ForgeReplay && claim != "SUCCESS" {
			t.Errorf("%s claims %v", kind, claim)
		}
		wrong := map[string]bool{
			"amount": plain(message["tradeAmt"]) != "1000", "order": message["outTradeNo"] != "Q",
			"merchant": message["merchantNo"] != merchantNo && message["institutionCode"] != institution,
		}
		for what, is := range wrong {
			if is != (string(kind) == what) {
				t.Errorf("%s: wrong %s is %v", kind, what, is)
			}
		}
	}
	w.shop.mu.Lock()
	defer w.shop.mu.Unlock()
	if last := len(w.shop.raw) - 1; w.shop.raw[0] != w.shop.raw[last] {
		t.Error("the replay is not the first callback byte for byte")
	}
	if o, _ := w.sim.Order(merchantNo, "Q"); o.Status != "WAITFORPAY" || w.sim.Ledger().Len() != 0 {
		t.Error("a forgery moved money")
	}
}

func TestCallbackSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *bestpay.Options) {
		o.Callback = bestpay.Callback{PaymentType: "REAL_TIM", WithoutNulls: true, Currency: "CNY"}
	})
	w.want("barcode", w.barcodeBody("P"), "SUCCESS")
	message := w.callbacks(1)[0]
	if _, present := message["resultCode"]; present || message["tradeType"] != "REAL_TIM" || message["ccy"] != "CNY" {
		t.Errorf("called back %v", message)
	}
	w.want("refund", w.refundBody("P", "R1", 1), "TRADE_NOT_REFUNDABLE") // only REAL_TIME_PRO is 可退款

	bare := newWorld(t, func(o *bestpay.Options) { o.Callback.WithoutType = true })
	bare.want("barcode", bare.barcodeBody("P"), "SUCCESS")
	if kind, present := bare.callbacks(1)[0]["tradeType"]; !present || kind != nil {
		t.Errorf("tradeType %v, want null", kind)
	}
	bare.want("refund", bare.refundBody("P", "R1", 1), "SUCCESS")
	if kind := bare.callbacks(2)[1]["tradeType"]; kind != nil {
		t.Errorf("tradeType %v of a refund, want null", kind)
	}
}

func TestCallbackFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *bestpay.Options) { o.Callback.Waits = []time.Duration{0} })
	w.fault(bestpay.Fault{Kind: bestpay.FaultDelay, Delay: bestpay.Delay(time.Second)}) // hits requests only
	for order, f := range map[string]bestpay.Fault{
		"lost":   {Kind: bestpay.FaultLostBefore},
		"signed": {Kind: bestpay.FaultBadSignature, Result: "key"},
		"amount": {Kind: bestpay.FaultWrongAmount},
		"order":  {Kind: bestpay.FaultWrongOrder},
		"status": {Kind: bestpay.FaultWrongStatus, Code: "UNHEARD"},
		"late":   {Kind: bestpay.FaultDelay, Delay: bestpay.Delay(time.Minute)},
	} {
		f.Operation, f.Order = "callback", order
		w.fault(f)
	}
	check := func(order string, right func(map[string]any) bool) {
		t.Helper()
		before := len(w.shop.received())
		w.want("barcode", w.barcodeBody(order), "SUCCESS")
		w.waitFor("the callback", func() bool { return len(w.shop.received()) > before && len(w.sim.Deliveries()) > before })
		if message := w.shop.received()[before]; !right(message) {
			t.Errorf("%s: called back %v", order, message)
		}
	}
	check("signed", func(m map[string]any) bool { return genuine(w.platform, m) != nil })
	check("amount", func(m map[string]any) bool { return plain(m["tradeAmt"]) == "1001" && genuine(w.platform, m) == nil })
	check("order", func(m map[string]any) bool {
		return m["outTradeNo"] == "ANOTHER-ORDER" && genuine(w.platform, m) == nil
	})
	check("status", func(m map[string]any) bool { return m["tradeStatus"] == "UNHEARD" && genuine(w.platform, m) == nil })
	check("late", func(m map[string]any) bool { return genuine(w.platform, m) == nil })
	if !slices.Contains(w.clock.waits(), time.Minute) {
		t.Errorf("the late callback was not delayed: %v", w.clock.waits())
	}
	n := len(w.shop.received())
	w.want("barcode", w.barcodeBody("lost"), "SUCCESS")
	w.waitFor("the loss", func() bool { return len(w.sim.Deliveries()) == n+1 })
	if d := w.sim.Deliveries()[n]; d.Error == "" || d.Accepted || len(w.shop.received()) != n {
		t.Errorf("delivery %+v", d)
	}
	w.clean()
}
