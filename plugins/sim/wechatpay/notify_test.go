package wechatpay_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/wechatpay"
)

// envelope is a notification as documented.
type envelope struct {
	ID           string `json:"id"`
	CreateTime   string `json:"create_time"`
	ResourceType string `json:"resource_type"`
	EventType    string `json:"event_type"`
	Summary      string `json:"summary"`
	Resource     struct {
		OriginalType   string `json:"original_type"`
		Algorithm      string `json:"algorithm"`
		Ciphertext     string `json:"ciphertext"`
		AssociatedData string `json:"associated_data"`
		Nonce          string `json:"nonce"`
	} `json:"resource"`
}

// unpack does what a correct merchant does with a notification: verify, decrypt, decode.
func (w *world) unpack(one received) (envelope, map[string]any, error) {
	var e envelope
	if err := w.genuine(one.header, one.body); err != nil {
		return e, nil, err
	}
	if err := json.Unmarshal(one.body, &e); err != nil {
		return e, nil, err
	}
	if e.Resource.Algorithm != "AEAD_AES_256_GCM" || e.ResourceType != "encrypt-resource" {
		return e, nil, fmt.Errorf("a resource of %s in %s", e.ResourceType, e.Resource.Algorithm)
	}
	plain, err := open(w.mch.apiKey, e.Resource.Nonce, e.Resource.AssociatedData, e.Resource.Ciphertext)
	if err != nil {
		return e, nil, err
	}
	var resource map[string]any
	err = json.Unmarshal(plain, &resource)
	return e, resource, err
}

// careful accepts what unpack can read, if it is about this order and amount.
func (w *world) careful(outTradeNo string, total float64) func(received) (int, string) {
	return func(one received) (int, string) {
		_, resource, err := w.unpack(one)
		if err == nil {
			amount, _ := resource["amount"].(map[string]any)
			if resource["mchid"] != mchID || resource["out_trade_no"] != outTradeNo || amount["total"] != total {
				err = errors.New("it is about something else")
			}
		}
		if err != nil {
			return http.StatusBadRequest, `{"code":"FAIL","message":"失败"}`
		}
		return http.StatusOK, `{"code":"SUCCESS","message":"成功"}`
	}
}

func TestAPaymentIsNotified(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.paid("NOTIFY-1", 1000)
	d := w.delivered(1)[0]
	if !d.Accepted || d.Attempt != 1 || d.Key != mchID+"/NOTIFY-1" {
		t.Errorf("%+v", d)
	}
	one := w.shop.received()[0]
	e, resource, err := w.unpack(one)
	if err != nil {
		t.Fatal(err)
	}
	if e.EventType != "TRANSACTION.SUCCESS" || e.CreateTime != "2026-11-27T18:00:00+08:00" || e.ID == "" || len(e.ID) > 36 ||
		e.Resource.OriginalType != "transaction" || e.Resource.AssociatedData != "transaction" || e.Summary == "" {
		t.Errorf("%+v", e)
	}
	a := w.get(queryPath("NOTIFY-1"), "SUCCESS")
	for _, name := range []string{"appid", "mchid", "out_trade_no", "transaction_id", "trade_state", "trade_type", "success_time", "attach"} {
		if resource[name] != a.body[name] {
			t.Errorf("%s is %v, the query says %v", name, resource[name], a.body[name])
		}
	}
	if one.header.Get("Request-ID") == "" || one.header.Get("Wechatpay-Signature-Type") != "WECHATPAY2-SHA256-RSA2048" {
		t.Errorf("%v", one.header)
	}
	w.clean()
}

func TestRefundsAreNotified(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.post(nativePath, w.order("NOTIFY-1", 1000), "200")
	if err := w.sim.PayOrder(mchID, "NOTIFY-1"); err != nil {
		t.Fatal(err)
	}
	w.delivered(1)
	w.fault(wechatpay.Fault{Operation: "refund", Kind: wechatpay.FaultFail, Skip: 1, Times: 1})
	w.fault(wechatpay.Fault{Operation: "refund", Kind: wechatpay.FaultFail, Result: "ABNORMAL", Skip: 1, Times: 1})
	for i, want := range []string{"SUCCESS", "CLOSED", "ABNORMAL"} {
		number := fmt.Sprint("R", i)
		w.post(refundPath, w.refund("NOTIFY-1", number, 100, 1000), "PROCESSING")
		w.delivered(i + 2)
		e, resource, err := w.unpack(w.shop.received()[i+1])
		if err != nil {
			t.Fatal(err)
		}
		amount, _ := resource["amount"].(map[string]any)
		if e.EventType != "REFUND."+want || e.Resource.OriginalType != "refund" || e.Resource.AssociatedData != "refund" ||
			resource["refund_status"] != want || resource["out_refund_no"] != number || amount["refund"] != 100.0 || amount["total"] != 1000.0 {
			t.Errorf("%s: %+v %v", want, e, resource)
		}
		if _, there := resource["success_time"]; there != (want == "SUCCESS") {
			t.Errorf("%s: %v", want, resource)
		}
	}
	w.post(refundPath, w.refund("NOTIFY-1", "QUIET", 100, 1000).without("notify_url"), "PROCESSING")
	if n := len(w.sim.Deliveries()); n != 4 {
		t.Errorf("%d deliveries", n)
	}
	w.clean()
}

// TestTheScheduleOfResends: a day of refusals at once, by the injected clock.
func TestTheScheduleOfResends(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.shop.answers(func(received) (int, string) {
		return http.StatusInternalServerError, `{"code":"FAIL","message":"失败"}`
	})
	w.paid("RESEND-1", 100)
	deliveries := w.delivered(16)
	want := []time.Duration{0, 15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600}
	var sum time.Duration
	for i := range want {
		want[i] *= time.Second
		sum += want[i]
	}
	if got := w.clock.waits(); !slices.Equal(got, want) || sum != 24*time.Hour+4*time.Minute {
		t.Errorf("waited %v, in all %s", got, sum)
	}
	ids, nonces := map[string]bool{}, map[string]bool{}
	for i, one := range w.shop.received() {
		var e envelope
		if err := json.Unmarshal(one.body, &e); err != nil {
			t.Fatal(err)
		}
		ids[e.ID], nonces[e.Resource.Nonce] = true, true
		if deliveries[i].Attempt != i+1 || deliveries[i].Accepted {
			t.Errorf("%+v", deliveries[i])
		}
	}
	if len(ids) != 1 || len(nonces) != 16 {
		t.Errorf("%d events, %d encryptions", len(ids), len(nonces))
	}
	w.clean() // a refusal is no breach
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status   int
		body     string
		accepted bool
		breach   bool
	}{
		"204":             {204, "", true, false},
		"200":             {200, "", true, false},
		"200 success":     {200, `{"code":"SUCCESS","message":"成功"}`, true, false},
		"200 fail":        {200, `{"code":"FAIL","message":"失败"}`, false, false},
		"200 text":        {200, "success", false, true},
		"200 other code":  {200, `{"code":"OK"}`, false, true},
		"200 other field": {200, `{"code":"SUCCESS","msg":"x"}`, false, true},
		"201":             {201, `{"code":"SUCCESS"}`, false, false},
		"302":             {302, "", false, false},
		"500 success":     {500, `{"code":"SUCCESS"}`, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(o *wechatpay.Options) { o.Notices.Waits = []time.Duration{0} })
			w.shop.answers(func(received) (int, string) { return c.status, c.body })
			w.paid("ANSWER-1", 100)
			if d := w.delivered(1)[0]; d.Accepted != c.accepted || d.Status != c.status {
				t.Errorf("%+v", d)
			}
			if breach := len(w.sim.Violations()) > 0; breach != c.breach {
				t.Errorf("violations: %+v", w.sim.Violations())
			}
		})
	}
}

// TestForgeries: a careful merchant is deceived by none of them, a careless one by all.
func TestForgeries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.paid("FORGED-1", 1000)
	w.delivered(1)
	if _, err := w.sim.Forge(t.Context(), mchID, "FORGED-1", "", wechatpay.ForgeRetired); !errors.Is(err, wechatpay.ErrNothingRetired) {
		t.Errorf("signed with a retired certificate before there is one: %v", err)
	}
	for _, step := range []wechatpay.CertificateStep{wechatpay.StepIssue, wechatpay.StepSwitch, wechatpay.StepRetire} {
		if err := w.sim.ChangeCertificate(step); err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range wechatpay.Forgeries() {
		w.shop.answers(func(received) (int, string) { return http.StatusNoContent, "" })
		if d, err := w.sim.Forge(t.Context(), mchID, "FORGED-1", "", kind); err != nil || !d.Accepted || d.Attempt != 0 {
			t.Errorf("%s to a careless merchant: %+v, %v", kind, d, err)
		}
		w.shop.answers(w.careful("FORGED-1", 1000))
		d, err := w.sim.Forge(t.Context(), mchID, "FORGED-1", "", kind)
		// The replay was signed with a certificate that was retired meanwhile.
		if err != nil || d.Accepted {
			t.Errorf("%s to a careful merchant: %+v, %v", kind, d, err)
		}
	}
	d, err := w.sim.Notify(t.Context(), mchID, "FORGED-1", "")
	if err != nil || !d.Accepted {
		t.Errorf("a genuine one to a careful merchant: %+v, %v", d, err)
	}
	if _, err := w.sim.Forge(t.Context(), mchID, "FORGED-1", "", "magic"); err == nil {
		t.Error("an unknown kind was sent")
	}
	w.post(nativePath, w.order("FORGED-2", 1), "200")
	for number, want := range map[string]error{"FORGED-2": wechatpay.ErrNotOver, "FORGED-3": wechatpay.ErrNoOrder} {
		if _, err := w.sim.Notify(t.Context(), mchID, number, ""); !errors.Is(err, want) {
			t.Errorf("%s: %v", number, err)
		}
	}
	if _, err := w.sim.Notify(t.Context(), mchID, "FORGED-1", "R1"); !errors.Is(err, wechatpay.ErrNoRefund) {
		t.Errorf("a refund that is not there: %v", err)
	}
	w.clean()
}

func TestFaultsOfNotifications(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault    wechatpay.Fault
		attempts []bool // accepted by a careful merchant
	}{
		"lost":             {wechatpay.Fault{Kind: wechatpay.FaultLostBefore}, []bool{false, true}},
		"doubled":          {wechatpay.Fault{Kind: wechatpay.FaultDoubled}, []bool{true, true}},
		"signature":        {wechatpay.Fault{Kind: wechatpay.FaultBadSignature}, []bool{false, true}},
		"unsigned":         {wechatpay.Fault{Kind: wechatpay.FaultBadSignature, Result: "unsigned"}, []bool{false, true}},
		"retired":          {wechatpay.Fault{Kind: wechatpay.FaultBadSignature, Result: "retired"}, []bool{false, true}},
		"cipher key":       {wechatpay.Fault{Kind: wechatpay.FaultBadCipher}, []bool{false, true}},
		"cipher damaged":   {wechatpay.Fault{Kind: wechatpay.FaultBadCipher, Result: "cipher-damaged"}, []bool{false, true}},
		"associated data":  {wechatpay.Fault{Kind: wechatpay.FaultBadCipher, Result: "cipher-associated-data"}, []bool{false, true}},
		"amount":           {wechatpay.Fault{Kind: wechatpay.FaultWrongAmount}, []bool{false, true}},
		"order":            {wechatpay.Fault{Kind: wechatpay.FaultWrongOrder}, []bool{false, true}},
		"nothing to do it": {wechatpay.Fault{Kind: wechatpay.FaultLostBefore, Order: "OTHER-01"}, []bool{true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if c.fault.Result == "retired" {
				for _, step := range []wechatpay.CertificateStep{wechatpay.StepIssue, wechatpay.StepSwitch, wechatpay.StepRetire} {
					if err := w.sim.ChangeCertificate(step); err != nil {
						t.Fatal(err)
					}
				}
			}
			w.shop.answers(w.careful("FAULTY-1", 100))
			c.fault.Operation, c.fault.Times = "payment-notice", 1
			w.fault(c.fault)
			w.paid("FAULTY-1", 100)
			var got []bool
			for _, d := range w.delivered(len(c.attempts)) {
				got = append(got, d.Accepted)
			}
			if !slices.Equal(got, c.attempts) {
				t.Errorf("accepted %v, want %v: %+v", got, c.attempts, w.sim.Deliveries())
			}
			w.books("FAULTY-1", 1, 100)
			w.clean()
		})
	}
}
