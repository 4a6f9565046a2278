package mmsp_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// receiver is a merchant's NOTIFY_URL. It answers refusals times with "FAIL", then with SUCCESS.
type receiver struct {
	server *httptest.Server
	mu     sync.Mutex
	left   int
	text   string
	status int
	got    []answer
	raw    []string
	came   chan struct{}
}

func newReceiver(t *testing.T, refusals int) *receiver {
	t.Helper()
	r := &receiver{left: refusals, text: "success, thank you", status: http.StatusOK, came: make(chan struct{}, 100)}
	r.server = httptest.NewServer(http.HandlerFunc(r.receive))
	t.Cleanup(r.server.Close)
	return r
}

func (r *receiver) receive(w http.ResponseWriter, req *http.Request) {
	raw, _ := io.ReadAll(req.Body)
	a, err := decodeAnswer(raw)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil && req.Method == http.MethodPost && strings.HasPrefix(req.Header.Get("Content-Type"), "application/json") {
		r.got, r.raw = append(r.got, a), append(r.raw, string(raw))
	}
	answer := r.text
	if r.left > 0 {
		r.left--
		answer = "FAIL"
	}
	w.WriteHeader(r.status)
	_, _ = io.WriteString(w, answer)
	r.came <- struct{}{}
}

// wait returns the n-th notification, from 1.
func (r *receiver) wait(t *testing.T, n int) answer {
	t.Helper()
	deadline := time.After(time.Minute)
	for r.count() < n {
		select {
		case <-r.came:
		case <-deadline:
			t.Fatalf("the notification %d did not come", n)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.got[n-1]
}

func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.got)
}

// schedule records the waits of notifications; the clock does not move by them.
type schedule struct {
	mu    sync.Mutex
	waits []int
}

func (s *schedule) wait(ctx context.Context, d time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waits = append(s.waits, int(d/time.Second))
	return ctx.Err() == nil
}

func (s *schedule) list() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]int(nil), s.waits...)
}

func notifiedWorld(t *testing.T, refusals int, change ...func(*mmsp.Options)) (*world, *receiver, *schedule) {
	t.Helper()
	r, s := newReceiver(t, refusals), &schedule{}
	w := newWorld(t, append([]func(*mmsp.Options){func(o *mmsp.Options) { o.Resend = s.wait }}, change...)...)
	return w, r, s
}

// delivered waits until the simulator has listed n attempts: a receiver knows of one earlier.
func (w *world) delivered(n int) []mmsp.Delivery {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if list := w.sim.Deliveries(); len(list) >= n {
			return list
		}
	}
	w.t.Fatalf("%d attempts are listed, want %d", len(w.sim.Deliveries()), n)
	return nil
}

func TestScanNotification(t *testing.T) {
	t.Parallel()
	w, r, _ := notifiedWorld(t, 0)
	a := w.scan(2306, preorderBody("N1").with("NOTIFY_URL", r.server.URL+"/n"), "1 1")
	w.clock.Sleep(30 * time.Second)
	w.pay("N1")
	n := r.wait(t, 1)
	if n.CommandID != 2324 || n.NodeID != "openplat" || n.RetCode != 1 || n.MerNo != merNo || n.TermNo != termNo || n.Version != "1.0.0" {
		t.Errorf("envelope %+v", n)
	}
	if n.Sign != sign(t, n.Body, merKey) {
		t.Errorf("the signature is wrong: %s", compact(t, n.Body))
	}
	w.has(n, fields{
		"ORDERNO": a.text("ORDERNO"), "MERORDERID": "N1", "STATUS": "1", "TRADETYPE": "1",
		"TRADETIME": "2026-11-23 10:00:00", "PAYTIME": "2026-11-23 10:00:30",
	})
	if amount, bare := n.Body["AMT"].(json.Number); !bare || amount != "1000" {
		t.Errorf("AMT is %v (%T), want the bare number 1000", n.Body["AMT"], n.Body["AMT"])
	}
	if len(n.Body) != 7 {
		t.Errorf("the Body has %d fields, want the document's seven: %v", len(n.Body), n.Body)
	}
	w.delivered(1)
	w.end() // what is running ends here
	if r.count() != 1 {
		t.Errorf("an acknowledged notification came %d times", r.count())
	}
}

func TestScanNotificationAsPrinted(t *testing.T) {
	t.Parallel()
	w, r, _ := notifiedWorld(t, 0, func(o *mmsp.Options) { o.AsPrinted = true })
	w.scan(2308, preorderBody("N2").with("NOTIFY_URL", r.server.URL), "1 1")
	w.pay("N2")
	n := r.wait(t, 1)
	w.has(n, fields{"TRDETIME": "2026-11-23 10:00:00", "TRADETIME": "", "TRADETYPE": "2"})
}

func TestScanResendSchedule(t *testing.T) {
	t.Parallel()
	w, r, s := notifiedWorld(t, 1000)
	w.scan(2325, preorderBody("N3").with("NOTIFY_URL", r.server.URL), "1 1")
	w.pay("N3")
	w.delivered(11)
	w.end()
	want := []int{0, 15, 15, 30, 180, 1800, 1800, 1800, 1800, 1800, 3600}
	got := s.list()
	if len(got) != len(want) || r.count() != len(want) {
		t.Fatalf("%d attempts after the waits %v, want %v", r.count(), got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("the waits are %v, want %v", got, want)
		}
	}
	deliveries := w.sim.Deliveries()
	if len(deliveries) != 11 || deliveries[10].Attempt != 11 || deliveries[10].Accepted || deliveries[0].Key != "N3" || deliveries[0].Answer != "FAIL" {
		t.Errorf("%+v", deliveries)
	}
}

func TestAcknowledgements(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text     string
		status   int
		accepted bool
	}{
		{"SUCCESS", http.StatusOK, true},
		{"success", http.StatusOK, true},
		{"SuccessFully", http.StatusOK, true},
		{"", http.StatusOK, false},
		{"OK", http.StatusOK, false},
		{" SUCCESS", http.StatusOK, false},
		{`"SUCCESS"`, http.StatusOK, false},
		{"SUCCES", http.StatusOK, false},
		{"SUCCESS", http.StatusInternalServerError, false},
		{"SUCCESS", http.StatusFound, false},
	} {
		w, r, _ := notifiedWorld(t, 0)
		r.text, r.status = c.text, c.status
		w.scan(2306, preorderBody("AK").with("NOTIFY_URL", r.server.URL), "1 1")
		w.pay("AK")
		attempts := 11
		if c.accepted {
			attempts = 1
		}
		w.delivered(attempts)
		w.end()
		if list := w.sim.Deliveries(); list[0].Accepted != c.accepted || len(list) != attempts {
			t.Errorf("%q: accepted %v, %d attempts", c.text, list[0].Accepted, len(list))
		}
	}
}

// TestWhatIsPushed: slow barcodes and pre-orders are, immediate barcodes, H5 and failures are not (10.8, 5.2.3).
func TestWhatIsPushed(t *testing.T) {
	t.Parallel()
	w, r, _ := notifiedWorld(t, 0)
	w.scan(2307, barcodeBody("W1", wechatCode).with("NOTIFY_URL", r.server.URL), "1 1")
	w.scan(2321, h5Body("W2").with("NOTIFY_URL", r.server.URL), "1 1")
	w.pay("W2")
	w.scan(1030, h5Body("W3").with("NOTIFY_URL", r.server.URL), "1 1")
	w.pay("W3")
	w.scan(2306, preorderBody("W4").with("NOTIFY_URL", r.server.URL), "1 1")
	if err := w.sim.AbandonOrder(merNo, "W4"); err != nil {
		t.Fatal(err)
	}
	w.fault(mmsp.Fault{Operation: "scan-wechat-barcode", Kind: mmsp.FaultPending, Queries: 0})
	w.scan(2307, barcodeBody("W5", wechatCode).with("NOTIFY_URL", r.server.URL), "1 3 AA")
	w.scan(cmdQuery, numberBody("W5"), "1 1")
	if n := r.wait(t, 1); n.text("MERORDERID") != "W5" {
		t.Errorf("pushed %v", n.Body)
	}
	w.delivered(1)
	w.end()
	if r.count() != 1 {
		t.Errorf("%d notifications, want one", r.count())
	}
}

func TestAgentSignsNotifications(t *testing.T) {
	t.Parallel()
	w, r, _ := notifiedWorld(t, 0)
	body := preorderBody("AN").with("NOTIFY_URL", r.server.URL)
	if a, err := w.post(mmsp.PathScan, compact(t, w.agentMessage(mmsp.PathScan, 2306, body))); err != nil || a.String() != "1 1" {
		t.Fatalf("%v %v", a, err)
	}
	if err := w.sim.PayOrder(merNo2, "AN"); err != nil {
		t.Fatal(err)
	}
	n := r.wait(t, 1)
	if n.Sign != sign(t, n.Body, agentKey) || n.AgentNo == nil || *n.AgentNo != agentNo {
		t.Errorf("%+v", n)
	}
}

func TestDuplicateNotification(t *testing.T) {
	t.Parallel()
	w, r, _ := notifiedWorld(t, 0)
	w.scan(2306, preorderBody("DN").with("NOTIFY_URL", r.server.URL), "1 1")
	if _, err := w.sim.Notify(merNo, "DN"); !errors.Is(err, mmsp.ErrNotPaid) {
		t.Errorf("notifying an unpaid order: %v", err)
	}
	w.pay("DN")
	r.wait(t, 1)
	w.scan(cmdRefund, refundBody("DN", "DR", "1000"), "1 1")
	d, err := w.sim.Notify(merNo, "DN") // late: the order was refunded since
	if err != nil || !d.Accepted || d.Status != http.StatusOK {
		t.Errorf("%+v %v", d, err)
	}
	first, second := r.wait(t, 1), r.wait(t, 2)
	if first.Sign != second.Sign {
		t.Errorf("a duplicate has the same content: %v and %v", first.Body, second.Body)
	}
	if _, err := w.sim.Notify(merNo, "nobody's"); !errors.Is(err, mmsp.ErrNoOrder) {
		t.Errorf("notifying no order: %v", err)
	}
}

func TestForgeries(t *testing.T) {
	t.Parallel()
	w, r, _ := notifiedWorld(t, 0)
	w.scan(2306, preorderBody("FO").with("NOTIFY_URL", r.server.URL), "1 1")
	seen := 0
	forge := func(kind string) answer {
		t.Helper()
		if _, err := w.sim.Forge(merNo, "FO", kind); err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		seen++
		return r.wait(t, seen)
	}
	genuine := func(a answer) bool { return a.Sign == sign(t, a.Body, merKey) }
	if a := forge(mmsp.ForgeUnpaid); !genuine(a) || a.text("STATUS") != "1" {
		t.Errorf("unpaid: %+v", a)
	}
	w.pay("FO")
	seen++
	r.wait(t, seen)
	for _, kind := range []string{mmsp.ForgeBadSignature, mmsp.ForgeUnsigned, mmsp.ForgeOtherKey, mmsp.ForgeTampered} {
		a := forge(kind)
		if genuine(a) {
			t.Errorf("%s is signed rightly", kind)
		}
		switch kind {
		case mmsp.ForgeUnsigned:
			w.has(a, fields{"AMT": "1000"})
			if a.Sign != "" {
				t.Error("unsigned has a signature")
			}
		case mmsp.ForgeOtherKey:
			if a.Sign != sign(t, a.Body, agentKey) {
				t.Error("other-key is not signed with the other merchant's key")
			}
		case mmsp.ForgeTampered:
			w.has(a, fields{"AMT": "1001"})
			a.Body["AMT"] = json.Number("1000")
			if !genuine(a) {
				t.Error("tampered does not carry the true message's signature")
			}
		}
	}
	for kind, want := range map[string]fields{
		mmsp.ForgeWrongAmount: {"AMT": "1001"}, mmsp.ForgeWrongOrder: {"AMT": "1000", "MERORDERID": "99999999999999999999"},
		mmsp.ForgeWrongStatus: {"STATUS": "2"},
	} {
		a := forge(kind)
		w.has(a, want)
		if !genuine(a) {
			t.Errorf("%s is signed wrongly", kind)
		}
	}
	for _, kind := range []string{mmsp.ForgeUnpaid, "sweet"} {
		if _, err := w.sim.Forge(merNo, "FO", kind); err == nil {
			t.Errorf("%s was sent", kind)
		}
	}
	if o, _ := w.sim.Order(merNo, "FO"); o.State != mmsp.StatePaid {
		t.Errorf("forgeries changed the order: %+v", o)
	}
	w.books("FO", 1, 1000)
}

func TestForgingWithoutAnotherMerchant(t *testing.T) {
	t.Parallel()
	w, r, _ := notifiedWorld(t, 0, func(o *mmsp.Options) { o.Merchants = o.Merchants[:1] })
	w.scan(2306, preorderBody("FW").with("NOTIFY_URL", r.server.URL), "1 1")
	if d, err := w.sim.Forge(merNo, "FW", mmsp.ForgeOtherKey); err != nil || d.Error == "" || r.count() != 0 {
		t.Errorf("%+v %v", d, err)
	}
}
