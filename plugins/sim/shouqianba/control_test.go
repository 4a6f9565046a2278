package shouqianba_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/shouqianba"
)

type remote struct {
	t   *testing.T
	url string
}

func newRemote(t *testing.T, w *world) remote {
	t.Helper()
	server := httptest.NewServer(w.sim.Control())
	t.Cleanup(server.Close)
	return remote{t, server.URL + shouqianba.ControlPrefix}
}

// do sends a control call and decodes the reply into out, if the status is the wanted one.
func (r remote) do(method, path, body string, status int, out any) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != status {
		r.t.Fatalf("%s %s: HTTP %d %s, want %d", method, path, resp.StatusCode, text, status)
	}
	if out != nil {
		if err := json.Unmarshal(text, out); err != nil {
			r.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
}

func TestControl(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := newRemote(t, w)
	r.do("POST", "/faults", `{"clear":true,"seed":7,"rules":[{"operation":"pay","kind":"lost-after","times":1},{"operation":"query","order":"C1","kind":"delay","delay":"1ms"}]}`, 200, nil)
	r.do("POST", "/faults", `{"rules":[{"kind":"explode"}]}`, 400, nil)
	r.do("POST", "/faults", `{"rules":[{"kind":"lost-after"},{"kind":"delay"}]}`, 400, nil)
	r.do("POST", "/faults", `{"rule":{}}`, 400, nil)
	w.wantNoReply("pay", payBody("C1"))
	w.want("precreate", precreateBody("C2"), "PRECREATE_SUCCESS CREATED")
	w.want("precreate", precreateBody("C3"), "PRECREATE_SUCCESS CREATED")
	w.want("query", fields{"terminal_sn": terminalSN}, "400 INVALID_PARAMS")

	var list []shouqianba.FaultStatus
	r.do("GET", "/faults", "", 200, &list)
	if len(list) != 2 || list[0].Hits != 1 || list[0].Left != 0 || list[1].Left != -1 {
		t.Errorf("faults: %+v", list)
	}
	r.do("DELETE", "/faults/"+list[0].ID, "", 200, nil)
	r.do("DELETE", "/faults/"+list[0].ID, "", 404, nil)
	r.do("DELETE", "/faults", "", 200, nil)

	var order shouqianba.Order
	r.do("POST", "/orders/C2/pay", "", 200, &order)
	if order.State != shouqianba.StatePaid {
		t.Errorf("order after paying: %+v", order)
	}
	r.do("POST", "/orders/C2/pay", "", 409, nil)
	r.do("POST", "/orders/none/pay", "", 404, nil)
	r.do("POST", "/orders/C3/pay", `{"outcome":"stolen"}`, 400, nil)
	r.do("POST", "/orders/C3/pay", `{"outcome":"abandoned"}`, 200, &order)
	if order.State != shouqianba.StatePayCanceled {
		t.Errorf("order after leaving: %+v", order)
	}

	r.do("POST", "/terminals", `{"terminal_sn":"T9","terminal_key":"k","store_id":"s"}`, 200, nil)
	r.do("POST", "/terminals", `{"terminal_sn":"T9"}`, 400, nil)
	w.keys["T9"] = "k"
	w.want("precreate", precreateBody("C2").with("terminal_sn", "T9"), "PRECREATE_SUCCESS CREATED")
	r.do("POST", "/orders/C2/abandon", "", 409, nil) // two terminals have it
	r.do("POST", "/orders/C2/abandon?terminal_sn=T9", "", 200, nil)
	r.do("GET", "/orders/C2?terminal_sn=T9", "", 200, &order)
	if order.State != shouqianba.StatePayCanceled || order.Terminal != "T9" {
		t.Errorf("order of T9: %+v", order)
	}

	var orders []shouqianba.Order
	r.do("GET", "/orders?terminal_sn="+terminalSN+"&order_status=PAID", "", 200, &orders)
	if len(orders) != 2 {
		t.Errorf("paid orders: %+v", orders)
	}
	var books struct {
		Entries []shouqianba.Entry
		Orders  []shouqianba.Summary
	}
	r.do("GET", "/ledger", "", 200, &books)
	if len(books.Entries) != 2 || len(books.Orders) != 2 || books.Entries[0].Order != "C1" || books.Entries[0].Kind != shouqianba.EntryPay {
		t.Errorf("ledger: %+v", books)
	}
	r.do("GET", "/ledger?account="+terminalSN+"&order=C1", "", 200, &books)
	if len(books.Entries) != 1 || books.Orders[0].Net != 1000 {
		t.Errorf("ledger of C1: %+v", books)
	}
	r.do("GET", "/ledger?order=C1", "", 400, nil)
	var breaches struct {
		Count int
		List  []shouqianba.Violation
	}
	r.do("GET", "/violations", "", 200, &breaches)
	if breaches.Count != 1 || breaches.List[0].Field != "client_sn" {
		t.Errorf("violations: %+v", breaches)
	}
	var calls map[string]int
	r.do("GET", "/calls", "", 200, &calls)
	if calls["pay"] != 1 || calls["precreate"] != 3 {
		t.Errorf("calls: %v", calls)
	}
	r.do("GET", "/health", "", 200, nil)
	r.do("POST", "/reset", "", 200, nil)
	r.do("GET", "/ledger", "", 200, &books)
	if len(books.Entries) != 0 || len(w.sim.Orders()) != 0 || len(w.sim.Violations()) != 0 || w.sim.Calls("pay") != 0 {
		t.Error("reset left something")
	}
	w.want("pay", payBody("C1"), "PAY_SUCCESS PAID")
}

func TestCallbackIsSignedAndRepeated(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	type notice struct{ body, sign string }
	notices := make(chan notice, 10)
	answers := make(chan string, 10)
	for _, text := range []string{"fail", "", "success"} {
		answers <- text
	}
	merchant := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		notices <- notice{string(body), r.Header.Get("Authorization")}
		_, _ = io.WriteString(rw, <-answers)
	}))
	t.Cleanup(merchant.Close)
	w := newWorld(t, func(o *shouqianba.Options) {
		o.Callback = &shouqianba.Callback{Key: key, Wait: func(int) time.Duration { return time.Millisecond }}
	})
	w.want("precreate", precreateBody("N").with("notify_url", merchant.URL+"/n").with("reflect", "r"), "PRECREATE_SUCCESS CREATED")
	if err := w.sim.PayOrder(terminalSN, "N"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		n := <-notices
		sign, err := base64.StdEncoding.DecodeString(n.sign)
		if err != nil {
			t.Fatal(err)
		}
		digest := sha256.Sum256([]byte(n.body))
		if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], sign); err != nil {
			t.Error(err)
		}
		var values map[string]string
		if err := json.Unmarshal([]byte(n.body), &values); err != nil || values["order_status"] != "PAID" || values["client_sn"] != "N" || values["reflect"] != "r" {
			t.Errorf("notification %s: %v", n.body, err)
		}
	}
	w.clean()
	w.end() // ends the goroutine: no fourth notification can come any more
	if len(notices) != 0 {
		t.Error("it was sent again after success")
	}
}

func BenchmarkPay(b *testing.B) {
	sim := shouqianba.New(shouqianba.Options{Terminals: []shouqianba.Terminal{{SN: terminalSN, Key: terminalKey}}})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		body, err := json.Marshal(payBody("B" + time.Duration(i).String()))
		if err != nil {
			b.Fatal(err)
		}
		req := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/upay/v2/pay", strings.NewReader(string(body)))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", terminalSN+" "+sign(body, terminalKey))
		rec := httptest.NewRecorder()
		sim.ServeHTTP(rec, req)
		if !strings.Contains(rec.Body.String(), "PAY_SUCCESS") {
			b.Fatal(rec.Body.String())
		}
	}
}

func BenchmarkPayOverHTTP(b *testing.B) {
	sim := shouqianba.New(shouqianba.Options{Terminals: []shouqianba.Terminal{{SN: terminalSN, Key: terminalKey}}})
	server := httptest.NewServer(sim)
	b.Cleanup(server.Close)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	var number atomic.Int64
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			body, err := json.Marshal(payBody(strconv.FormatInt(number.Add(1), 10)))
			if err != nil {
				b.Error(err)
				return
			}
			req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, server.URL+"/upay/v2/pay", bytes.NewReader(body))
			if err != nil {
				b.Error(err)
				return
			}
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Authorization", terminalSN+" "+sign(body, terminalKey))
			resp, err := client.Do(req)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
	})
	if int64(sim.Ledger().Len()) != number.Load() {
		b.Errorf("%d payments made %d movements", number.Load(), sim.Ledger().Len())
	}
}
