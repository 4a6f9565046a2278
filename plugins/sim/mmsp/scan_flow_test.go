package mmsp_test

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

const (
	cmdQuery       = 2310
	cmdCancel      = 2311
	cmdRefund      = 2312
	cmdRefundQuery = 2313
	cmdClose       = 2314
)

// scan sends a scan message and compares the reply in its short form.
func (w *world) scan(command int, body fields, want string) answer {
	w.t.Helper()
	return w.want(mmsp.PathScan, command, body, want)
}

func refundQuery(refund string) fields {
	return fields{"REFUND_MERORDERID": refund, "RANDSTR": "r123456789"}
}

func (w *world) has(a answer, want fields) {
	w.t.Helper()
	for name, value := range want {
		if got := a.text(name); got != value {
			w.t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
}

func (w *world) pay(number string) {
	w.t.Helper()
	if err := w.sim.PayOrder(merNo, number); err != nil {
		w.t.Fatal(err)
	}
}

func TestPreorders(t *testing.T) {
	t.Parallel()
	cases := []struct {
		op        string
		command   int
		body      fields
		tradeType string // of the query
	}{
		{"scan-wechat-preorder", 2306, preorderBody("P"), "1"},
		{"scan-wechat-h5", 2321, h5Body("P"), "1"},
		{"scan-alipay-preorder", 2308, preorderBody("P").with("TRADETYPE", "2").with("ALIPAY_ACCOUNT", "a@b.c"), "2"},
		{"scan-alipay-static", 1026, preorderBody("P"), "2"},
		{"scan-alipay-dynamic", 1027, preorderBody("P"), "2"},
		{"scan-alipay-h5", 1030, h5Body("P"), "2"},
		{"scan-qq-preorder", 2325, preorderBody("P").with("TRADETYPE", "2"), "3"},
		{"scan-jd-preorder", 1031, preorderBody("P"), ""},
		{"scan-unionpay-preorder", 1025, preorderBody("P"), ""},
	}
	for _, c := range cases {
		t.Run(c.op, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.clock.Sleep(time.Second)
			a := w.scan(c.command, c.body, "1 1")
			w.has(a, fields{"MERORDERID": "P", "TRADETIME": "2026-11-23 10:00:01", "PAY_INFO": ""})
			if !strings.HasPrefix(a.text("URL"), "https://") || len(a.text("URL")) > 100 || len(a.text("ORDERNO")) != 18 {
				t.Errorf("URL %q, ORDERNO %q", a.text("URL"), a.text("ORDERNO"))
			}
			if trade, asked := a.Body["TRADETYPE"], c.body["TRADETYPE"]; trade != asked {
				t.Errorf("TRADETYPE %v, want %v", trade, asked)
			}
			w.books("P", 0, 0)
			q := w.scan(cmdQuery, numberBody("P"), "1 3 AA")
			w.has(q, fields{"AMT": "1000", "PAYTIME": "", "TRADETYPE": c.tradeType, "ORDERNO": a.text("ORDERNO")})
			w.clock.Sleep(9 * time.Second)
			w.pay("P")
			q = w.scan(cmdQuery, fields{"ORDERNO": a.text("ORDERNO"), "MERORDERID": "", "RANDSTR": "r"}, "1 1")
			w.has(q, fields{"PAYTIME": "2026-11-23 10:00:10", "TRADETIME": "2026-11-23 10:00:01", "MERORDERID": "P", "ERR_CODE": ""})
			w.books("P", 1, 1000)
			if w.sim.Calls(c.op) != 1 || w.sim.Calls("scan-query") != 2 {
				t.Errorf("%d orders and %d queries counted", w.sim.Calls(c.op), w.sim.Calls("scan-query"))
			}
			w.clean()
		})
	}
}

func TestRawPayInfo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inside := func(number string) fields { return preorderBody(number).with("TRADETYPE", "2").with("IS_RAW", "1") }
	a := w.scan(2306, inside("RAW1").with("OPENID", "o1").with("SUP_APPID", "wx8888"), "1 1")
	var wechat map[string]string
	if err := json.Unmarshal([]byte(a.text("PAY_INFO")), &wechat); err != nil || wechat["appId"] != "wx8888" || wechat["package"] == "" {
		t.Errorf("PAY_INFO %q: %v", a.text("PAY_INFO"), err)
	}
	alipay := w.scan(2308, inside("RAW2").with("ALIPAY_USER_ID", "2088"), "1 1")
	qq := w.scan(2325, inside("RAW3"), "1 1")
	for _, reply := range []answer{a, alipay, qq} {
		if _, url := reply.Body["URL"]; url || !json.Valid([]byte(reply.text("PAY_INFO"))) {
			t.Errorf("exactly one of URL and PAY_INFO: %v", reply.Body)
		}
	}
	scanned := w.scan(2306, inside("RAW4").with("TRADETYPE", "1"), "1 1")
	if scanned.text("URL") == "" || scanned.text("PAY_INFO") != "" {
		t.Errorf("a scanned order is never raw: %v", scanned.Body)
	}
	w.clean()
}

func TestBarcodes(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		command int
		code    string
		want    string
	}{
		"wechat":           {2307, wechatCode, "1 1"},
		"alipay":           {2309, alipayCode, "1 1"},
		"qq":               {2326, qqCode, "1 1"},
		"unknown form":     {2307, "PAY-0001", "1 1"},
		"alipay as wechat": {2307, alipayCode, "1 2 99"},
		"wechat as alipay": {2309, wechatCode, "1 2 99"},
		"alipay as qq":     {2326, alipayCode, "1 2 99"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a := w.scan(c.command, barcodeBody("B", c.code), c.want)
			for _, absent := range []string{"AMT", "URL", "TRADETYPE", "PAYTIME"} {
				if a.text(absent) != "" {
					t.Errorf("the reply has %s, which is not in its table", absent)
				}
			}
			w.scan(cmdQuery, numberBody("B"), c.want)
			if c.want == "1 1" {
				w.books("B", 1, 1000)
			} else {
				w.books("B", 0, 0)
			}
			if n := len(w.sim.Deliveries()); n != 0 {
				t.Errorf("an immediate result was pushed %d times", n)
			}
			w.clean()
		})
	}
}

func TestNumbersAreUnique(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.scan(2307, barcodeBody("U", wechatCode), "1 1")
	w.scan(2307, barcodeBody("U", wechatCode), "refused 0 -2003")
	w.scan(2308, preorderBody("U"), "refused 0 -2003")
	w.scan(2321, h5Body("U"), "refused 0 -2003")
	w.books("U", 1, 1000)
	if o, found := w.sim.Order(merNo, "U"); !found || o.PayRequests != 4 {
		t.Errorf("%d requests with the number, want 4", o.PayRequests)
	}
	// Another merchant may use it, and does not see this one.
	a, err := w.post(mmsp.PathScan, compact(t, w.agentMessage(mmsp.PathScan, cmdQuery, numberBody("U"))))
	if err != nil || a.String() != "refused 0 -2002" {
		t.Errorf("another merchant's query: %v %v", a, err)
	}
	a, err = w.post(mmsp.PathScan, compact(t, w.agentMessage(mmsp.PathScan, 2307, barcodeBody("U", wechatCode))))
	if err != nil || a.String() != "1 1" {
		t.Errorf("another merchant's order: %v %v", a, err)
	}
	w.scan(cmdQuery, fields{"ORDERNO": a.text("ORDERNO"), "RANDSTR": "r"}, "refused 0 -2002")
	own, _ := w.sim.Order(merNo, "U")
	w.scan(cmdQuery, fields{"ORDERNO": own.OrderNo, "MERORDERID": "V", "RANDSTR": "r"}, "refused 0 -2002")
	w.clean()
}

func TestConcurrentRepetitionsChargeOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	message := compact(t, w.message(mmsp.PathScan, 2307, barcodeBody("CC", wechatCode)))
	var wait sync.WaitGroup
	var mu sync.Mutex
	got := map[string]int{}
	for range 16 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			a, err := w.post(mmsp.PathScan, message)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			got[a.String()]++
		}()
	}
	wait.Wait()
	if got["1 1"] != 1 || got["refused 0 -2003"] != 15 {
		t.Errorf("answers %v", got)
	}
	w.books("CC", 1, 1000)
}

func TestOrdersExpire(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.scan(2306, preorderBody("X1"), "1 1")                                            // five minutes
	w.scan(2306, preorderBody("X2").with("TIME_END", "2026-11-23 10:30:00"), "1 1")    // half an hour
	w.scan(2321, h5Body("X3").with("TIME_END", "2026-11-23"), "1 1")                   // the day
	w.scan(2321, h5Body("X4").with("TIME_END", "2026-11-23 10:01:00"), "1 1")          // a minute
	w.scan(2306, preorderBody("X5").with("TIME_END", "2026-11-23 09:00:00"), "1 2 D4") // over
	w.scan(2307, barcodeBody("X6", wechatCode).with("TIME_END", "2026-11-23 09:00:00"), "1 2 D4")
	w.clock.Sleep(5 * time.Minute)
	for number, want := range map[string]string{"X1": "1 2 D4", "X2": "1 3 AA", "X3": "1 3 AA", "X4": "1 2 D4", "X5": "1 2 D4", "X6": "1 2 D4"} {
		w.scan(cmdQuery, numberBody(number), want)
	}
	if err := w.sim.PayOrder(merNo, "X1"); !errors.Is(err, mmsp.ErrNotWaiting) {
		t.Errorf("paying an expired order: %v", err)
	}
	if err := w.sim.PayOrder(merNo, "nobody's"); !errors.Is(err, mmsp.ErrNoOrder) {
		t.Errorf("paying no order: %v", err)
	}
	w.clock.Sleep(14 * time.Hour)
	w.scan(cmdQuery, numberBody("X3"), "1 2 D4")
	w.books("X1", 0, 0)
	w.clean()
}

func TestAbandonedOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.scan(2306, preorderBody("AB"), "1 1")
	if err := w.sim.AbandonOrder(merNo, "AB"); err != nil {
		t.Fatal(err)
	}
	w.scan(cmdQuery, numberBody("AB"), "1 2 99")
	if err := w.sim.AbandonOrder(merNo, "AB"); !errors.Is(err, mmsp.ErrNotWaiting) {
		t.Errorf("abandoning twice: %v", err)
	}
	w.books("AB", 0, 0)
}

func TestCancel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.scan(2307, barcodeBody("K1", wechatCode), "1 1")
	w.scan(2306, preorderBody("K2"), "1 1")
	w.clock.Sleep(14 * time.Second)
	w.scan(cmdCancel, numberBody("K1"), "1 2 99")
	w.breach(0, "scan-cancel", "MERORDERID", mmsp.RuleTooEarly)
	w.books("K1", 1, 1000)
	w.clock.Sleep(time.Second)
	a := w.scan(cmdCancel, numberBody("K1"), "1 1")
	w.has(a, fields{"AMT": "1000", "TRADETYPE": "1", "TRADETIME": "2026-11-23 10:00:00", "PAYTIME": "2026-11-23 10:00:00"})
	w.books("K1", 1, 0)
	w.scan(cmdQuery, numberBody("K1"), "1 2 D4")
	w.scan(cmdCancel, numberBody("K1"), "1 2 D4") // once only
	w.scan(cmdRefund, refundBody("K1", "KR1", "1"), "1 2 99")
	w.books("K1", 1, 0)
	w.scan(cmdCancel, numberBody("K2"), "1 1")
	w.scan(cmdQuery, numberBody("K2"), "1 2 D4")
	w.scan(cmdCancel, numberBody("K9"), "refused 0 -2002")
	w.scan(2307, barcodeBody("K3", wechatCode), "1 1")
	w.scan(cmdRefund, refundBody("K3", "KR3", "1"), "1 1")
	w.clock.Sleep(15 * time.Second)
	w.scan(cmdCancel, numberBody("K3"), "1 2 99")
	w.books("K3", 1, 999)
	if n := len(w.sim.Violations()); n != 1 {
		t.Errorf("%d violations, want the early cancel only", n)
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.scan(2306, preorderBody("Z1"), "1 1")
	w.scan(cmdClose, numberBody("Z1"), "1 1")
	w.scan(cmdQuery, numberBody("Z1"), "1 2 D4")
	w.scan(cmdClose, numberBody("Z1"), "1 2 D4")
	if err := w.sim.PayOrder(merNo, "Z1"); !errors.Is(err, mmsp.ErrNotWaiting) {
		t.Errorf("paying a closed order: %v", err)
	}
	w.scan(2307, barcodeBody("Z2", wechatCode), "1 1")
	w.scan(cmdClose, numberBody("Z2"), "1 2 99")
	w.scan(cmdQuery, numberBody("Z2"), "1 1")
	w.scan(cmdClose, numberBody("Z3"), "refused 0 -2002")
	w.books("Z2", 1, 1000)
	w.clean()
}

func TestRefunds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.scan(2306, preorderBody("RF"), "1 1")
	w.scan(cmdRefund, refundBody("RF", "R0", "1"), "1 2 99") // not paid
	w.pay("RF")
	w.clock.Sleep(time.Minute)
	a := w.scan(cmdRefund, refundBody("RF", "R1", "400"), "1 1")
	w.has(a, fields{"AMT": "400", "REFUND_MERORDERID": "R1", "REFUND_TIME": "2026-11-23 10:01:00", "ORDERNO": "", "MERORDERID": ""})
	w.books("RF", 1, 600)
	w.scan(cmdRefund, refundBody("RF", "R1", "400"), "refused 0 -2003")
	w.scan(cmdRefund, refundBody("RF", "R2", "601"), "1 2 99")
	w.scan(cmdRefund, refundBody("RF", "R3", "600"), "1 1")
	w.scan(cmdRefund, refundBody("RF", "R4", "1"), "1 2 99")
	w.scan(cmdRefund, refundBody("none", "R5", "1"), "refused 0 -2002")
	w.books("RF", 1, 0)
	w.scan(cmdRefundQuery, refundQuery("R1"), "1 1")
	w.scan(cmdRefundQuery, fields{"REFUND_ORDERNO": a.text("REFUND_ORDERNO"), "RANDSTR": "r"}, "1 1")
	w.scan(cmdRefundQuery, refundQuery("R2"), "1 2 99")
	w.scan(cmdRefundQuery, refundQuery("R5"), "refused 0 -2002")
	w.scan(cmdRefundQuery, refundQuery("R3").with("REFUND_ORDERNO", a.text("REFUND_ORDERNO")), "refused 0 -2002")
	w.scan(cmdQuery, numberBody("RF"), "1 1") // a refunded order is shown as paid
	s := w.sim.Ledger().Order(mmsp.Key(merNo, "RF"))
	if s.Refunds != 2 || s.Refunded != 1000 {
		t.Errorf("%+v", s)
	}
	b, err := w.post(mmsp.PathScan, compact(t, w.agentMessage(mmsp.PathScan, cmdRefundQuery,
		fields{"REFUND_ORDERNO": a.text("REFUND_ORDERNO"), "RANDSTR": "r"})))
	if err != nil || b.String() != "refused 0 -2002" {
		t.Errorf("another merchant sees the refund: %v %v", b, err)
	}
	w.clean()
}
