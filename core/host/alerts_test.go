//go:build e2e

package host_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/shouqianba"
)

// letterbox takes what channels send, by the name of the channel, and answers as robots do.
type letterbox struct {
	mu    sync.Mutex
	taken map[string][]string
	web   *httptest.Server
	mail  net.Listener
}

func newLetterbox(t *testing.T) *letterbox {
	t.Helper()
	b := &letterbox{taken: map[string][]string{}}
	b.web = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		b.put(strings.TrimPrefix(r.URL.Path, "/"), string(text))
		_, _ = io.WriteString(w, `{"errcode":0,"errmsg":"ok","code":0,"msg":"success"}`)
	}))
	t.Cleanup(b.web.Close)
	var err error
	if b.mail, err = new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.mail.Close() })
	go b.serveMail()
	return b
}

func (b *letterbox) put(name, text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.taken[name] = append(b.taken[name], text)
}

func (b *letterbox) got(name string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.taken[name]...)
}

// mailPort is where it takes mail.
func (b *letterbox) mailPort(t *testing.T) int {
	t.Helper()
	_, port, err := net.SplitHostPort(b.mail.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (b *letterbox) serveMail() {
	for {
		c, err := b.mail.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = c.Close() }()
			if text, err := takeLetter(c); err == nil {
				b.put("mail", text)
			}
		}()
	}
}

func takeLetter(c net.Conn) (string, error) {
	say := func(line string) { _, _ = io.WriteString(c, line+"\r\n") }
	say("220 test")
	data := false
	var letter strings.Builder
	for lines := bufio.NewScanner(c); lines.Scan(); {
		line := lines.Text()
		switch {
		case data && line == ".":
			data = false
			say("250 taken")
		case data:
			letter.WriteString(line + "\n")
		case line == "DATA":
			data = true
			say("354 go on")
		case line == "QUIT":
			say("221 bye")
			return letter.String(), nil
		default:
			say("250 ok")
		}
	}
	return "", errors.New("it broke off")
}

// TestAnOldUnknownOrderIsToldOnceByEachChannel: the provider answers nothing of use for half
// an hour; each channel tells it once, and once that it is over.
func TestAnOldUnknownOrderIsToldOnceByEachChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	box := newLetterbox(t)
	w.mail.Host, w.mail.Port, w.mail.From = "127.0.0.1", box.mailPort(t), "pay@example.com"
	clock := &movedClock{}
	h, stop := w.startNodeAt(clock.now, func(k core.Keyring) core.Keyring { return k })
	defer stop()
	x := &till{t: t, w: w, m: w.tenants[0], h: h, clock: clock}
	admin := w.asAdmin(t.Context(), h, x.m.id)
	channels := []core.AlertChannelType{core.ChannelMail, core.ChannelWebhook, core.ChannelWeCom, core.ChannelDingTalk, core.ChannelFeishu}
	for _, kind := range channels {
		in := core.AlertChannelInput{Name: string(kind), Type: kind, Recipients: []string{"duty@example.com"}}
		if kind != core.ChannelMail {
			in.Recipients, in.URL = nil, core.SecretString(box.web.URL+"/"+string(kind)+"?key="+url.QueryEscape("a-robots-key"))
		}
		_, err := h.Service().CreateAlertChannel(admin, in)
		w.must(err)
	}

	x.fault(shouqianba.Fault{Kind: shouqianba.FaultLostAfter, Operation: "pay", PayerSuffix: "7001"})
	x.fault(shouqianba.Fault{Kind: shouqianba.FaultHTTP500, Operation: "query"})
	status, p := x.post("/v1/payments", x.m.barcode(100, "7001"))
	if status != 202 || p["unknown"] != true {
		t.Fatalf("%d %v", status, p)
	}
	told := func(n int, word string) {
		t.Helper()
		for _, kind := range channels {
			eventually(t, fmt.Sprintf("%s tells %d times", kind, n), func() error {
				if got := box.got(string(kind)); len(got) != n || kind != core.ChannelMail && !strings.Contains(got[n-1], word) {
					return fmt.Errorf("it told %q", got)
				}
				return nil
			})
		}
	}
	open := func() int {
		t.Helper()
		list, err := h.Service().ListAlerts(admin, core.AlertFilter{Open: true, Kinds: []core.AlertKind{core.AlertUnknownOld}})
		w.must(err)
		return len(list)
	}
	clock.advance(31 * time.Minute)
	w.must(h.Service().Inspect(t.Context()))
	if n := open(); n != 1 {
		t.Errorf("%d alerts are open", n)
	}
	// The news are spread at once and told when the first have gathered.
	eventually(t, "the channels are due", func() error {
		clock.advance(6 * time.Second)
		if len(box.got("mail")) == 0 {
			return errors.New("no mail yet")
		}
		return nil
	})
	told(1, text(p, "order_no"))

	x.w.sim.ClearFaults()
	clock.advance(time.Hour)
	x.becomes(text(p, "id"), core.PaymentSucceeded)
	w.must(h.Service().Inspect(t.Context()))
	if n := open(); n != 0 {
		t.Errorf("%d alerts are still open", n)
	}
	eventually(t, "the channels are due again", func() error {
		clock.advance(time.Minute)
		if len(box.got("mail")) < 2 {
			return errors.New("no second mail yet")
		}
		return nil
	})
	told(2, "已恢复")
	for range 5 { // nothing follows
		clock.advance(time.Hour)
		w.must(h.Service().Inspect(t.Context()))
	}
	told(2, "已恢复")
}
