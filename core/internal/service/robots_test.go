package service

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/outbound"
)

// receivers are the robots, a webhook and a mail server, over TLS, each as strict as its
// document. They keep the texts they took and why they refused one.
type receivers struct {
	mu      sync.Mutex
	now     core.Clock
	texts   map[string][]string
	refused []string
	hook    string // the webhook's secret
	server  *httptest.Server
	mail    net.Listener
}

const (
	mailUser     = "pay@example.com"
	mailPassword = "canary-mail-password"
)

func newReceivers(t *testing.T, now core.Clock) *receivers {
	t.Helper()
	r := &receivers{now: now, texts: map[string][]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /cgi-bin/webhook/send", r.robot("wecom", `{"errcode":93000,"errmsg":"invalid webhook url"}`, `{"errcode":0,"errmsg":"ok"}`, r.weCom))
	mux.HandleFunc("POST /robot/send", r.robot("dingtalk", `{"errcode":310000,"errmsg":"sign not match"}`, `{"errcode":0,"errmsg":"ok"}`, r.dingTalk))
	mux.HandleFunc("POST /open-apis/bot/v2/hook/"+robotKey, r.robot("feishu", `{"code":19021,"msg":"sign match fail","data":{}}`, `{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}`, r.feishu))
	mux.HandleFunc("POST /hook", r.robot("webhook", "", "", r.webhook))
	r.server = httptest.NewTLSServer(mux)
	t.Cleanup(r.server.Close)
	var err error
	if r.mail, err = new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.mail.Close() })
	go r.serveMail()
	return r
}

// robot answers 200 to everything, as they do.
func (r *receivers) robot(name, refusal, taken string, read func(req *http.Request, body []byte) (string, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		var text string
		if err == nil {
			text, err = read(req, body)
		}
		if got := req.Header.Get("Content-Type"); got != "application/json; charset=utf-8" {
			err = fmt.Errorf("content type %q", got)
		}
		if err != nil {
			r.refuse(name, err)
			_, _ = io.WriteString(w, refusal)
			return
		}
		r.take(name, text)
		_, _ = io.WriteString(w, taken)
	}
}

func (r *receivers) refuse(name string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refused = append(r.refused, name+": "+err.Error())
}

func (r *receivers) take(name, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.texts[name] = append(r.texts[name], text)
}

// taken is what each took, and what was refused.
func (r *receivers) taken() (texts map[string][]string, refused []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	texts = map[string][]string{}
	for name, list := range r.texts {
		texts[name] = append([]string(nil), list...)
	}
	return texts, append([]string(nil), r.refused...)
}

func strictly(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

func macOf(key, message string) string {
	m := hmac.New(sha256.New, []byte(key))
	_, _ = m.Write([]byte(message))
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// fresh says that a time in a message is within an hour of ours.
func (r *receivers) fresh(text string, unit time.Duration) error {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return err
	}
	if age := r.now().Sub(time.Unix(0, 0).Add(time.Duration(n) * unit)); age < -time.Hour || age > time.Hour {
		return fmt.Errorf("the time is %s away", age)
	}
	return nil
}

type robotBody struct {
	MsgType string `json:"msgtype"`
	Text    struct {
		Content string `json:"content"`
	} `json:"text"`
}

func (b robotBody) check(limit int) (string, error) {
	if b.MsgType != "text" || b.Text.Content == "" || len(b.Text.Content) > limit {
		return "", fmt.Errorf("type %q, %d bytes", b.MsgType, len(b.Text.Content))
	}
	return b.Text.Content, nil
}

func (r *receivers) weCom(req *http.Request, body []byte) (string, error) {
	if req.URL.RawQuery != "key="+robotKey {
		return "", fmt.Errorf("query %q", req.URL.RawQuery)
	}
	var b robotBody
	if err := strictly(body, &b); err != nil {
		return "", err
	}
	return b.check(2048)
}

func (r *receivers) dingTalk(req *http.Request, body []byte) (string, error) {
	q := req.URL.Query()
	if len(q) != 3 || q.Get("access_token") != robotKey || q.Get("sign") != macOf(robotSecret, q.Get("timestamp")+"\n"+robotSecret) {
		return "", fmt.Errorf("query %q", req.URL.RawQuery)
	}
	var b robotBody
	if err := strictly(body, &b); err != nil {
		return "", err
	}
	if err := r.fresh(q.Get("timestamp"), time.Millisecond); err != nil {
		return "", err
	}
	return b.check(20_000)
}

func (r *receivers) feishu(_ *http.Request, body []byte) (string, error) {
	var b struct {
		Timestamp string `json:"timestamp"`
		Sign      string `json:"sign"`
		MsgType   string `json:"msg_type"`
		Content   struct {
			Text string `json:"text"`
		} `json:"content"`
	}
	if err := strictly(body, &b); err != nil {
		return "", err
	}
	if b.MsgType != "text" || b.Content.Text == "" || len(body) > 20_000 || b.Sign != macOf(b.Timestamp+"\n"+robotSecret, "") {
		return "", fmt.Errorf("%s", body)
	}
	return b.Content.Text, r.fresh(b.Timestamp, time.Second)
}

func (r *receivers) webhook(req *http.Request, body []byte) (string, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(r.hook, "whsec_"))
	if err != nil {
		return "", err
	}
	h := req.Header
	signed := h.Get("webhook-id") + "." + h.Get("webhook-timestamp") + "." + string(body)
	if h.Get("webhook-signature") != "v1,"+macOf(string(key), signed) {
		return "", fmt.Errorf("signature %q", h.Get("webhook-signature"))
	}
	var b alertDocument
	if err := strictly(body, &b); err != nil {
		return "", err
	}
	return b.Data.Text, r.fresh(h.Get("webhook-timestamp"), time.Second)
}

func (r *receivers) serveMail() {
	for {
		c, err := r.mail.Accept()
		if err != nil {
			return
		}
		if text, err := r.converse(c); err != nil {
			r.refuse("mail", err)
		} else {
			r.take("mail", text)
		}
		_ = c.Close()
	}
}

// converse is a mail server that takes nothing before STARTTLS and a password.
func (r *receivers) converse(c net.Conn) (text string, err error) {
	say := func(line string) { _, _ = io.WriteString(c, line+"\r\n") }
	say("220 test")
	lines := bufio.NewReader(c)
	secure, known, data := false, false, false
	var letter strings.Builder
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return "", err
		}
		line = strings.TrimRight(line, "\r\n")
		verb, rest, _ := strings.Cut(line, " ")
		switch {
		case data && line == ".":
			data = false
			say("250 taken")
		case data:
			letter.WriteString(line + "\n")
		case verb == "EHLO" && secure:
			say("250-test")
			say("250 AUTH PLAIN")
		case verb == "EHLO":
			say("250-test")
			say("250 STARTTLS")
		case verb == "STARTTLS":
			say("220 go on")
			c = tls.Server(c, &tls.Config{Certificates: r.server.TLS.Certificates, MinVersion: tls.VersionTLS12})
			lines, secure = bufio.NewReader(c), true
		case verb == "AUTH" && secure:
			if known = rest == "PLAIN "+base64.StdEncoding.EncodeToString([]byte("\x00"+mailUser+"\x00"+mailPassword)); !known {
				say("535 who are you")
				return "", fmt.Errorf("log-in %q", rest)
			}
			say("235 welcome")
		case (verb == "MAIL" || verb == "RCPT") && known:
			say("250 ok")
		case verb == "DATA" && known:
			data = true
			say("354 go on")
		case verb == "QUIT":
			say("221 bye")
			return readLetter(letter.String())
		case verb == "NOOP" || verb == "RSET":
			say("250 ok")
		default:
			say("530 not like this")
			return "", fmt.Errorf("%q, secure %v, known %v", line, secure, known)
		}
	}
}

func readLetter(letter string) (string, error) {
	m, err := mail.ReadMessage(strings.NewReader(letter))
	if err != nil {
		return "", err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || m.Header.Get("To") != "<duty@example.com>" || m.Header.Get("From") != "<pay@example.com>" || !strings.HasPrefix(subject, "掌柜:") {
		return "", fmt.Errorf("letter %q: %w", letter, err)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	return string(text), err
}

// sender is the true one, which trusts the receivers' certificate.
func (r *receivers) sender(t *testing.T) core.Outbound {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(r.server.Certificate())
	_, port, err := net.SplitHostPort(r.mail.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	s, err := outbound.New(outbound.Options{
		Clock: r.now, AllowLocal: true, Roots: roots,
		Mail: core.MailServer{Host: "127.0.0.1", Port: n, User: mailUser, Password: core.SecretString(mailPassword), From: "pay@example.com"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// everyChannel adds one channel of each type.
func (s *shop) everyChannel(ctx context.Context, t *testing.T, r *receivers) map[core.AlertChannelType]core.ID {
	t.Helper()
	ids := map[core.AlertChannelType]core.ID{}
	for _, in := range []core.AlertChannelInput{
		{Type: core.ChannelMail, Recipients: []string{"duty@example.com"}},
		{Type: core.ChannelWebhook, URL: core.SecretString(r.server.URL + "/hook")},
		{Type: core.ChannelWeCom, URL: core.SecretString(r.server.URL + "/cgi-bin/webhook/send?key=" + robotKey)},
		{Type: core.ChannelDingTalk, URL: core.SecretString(r.server.URL + "/robot/send?access_token=" + robotKey), Secret: core.SecretString(robotSecret)},
		{Type: core.ChannelFeishu, URL: core.SecretString(r.server.URL + "/open-apis/bot/v2/hook/" + robotKey), Secret: core.SecretString(robotSecret)},
	} {
		in.Name = string(in.Type)
		made, err := s.CreateAlertChannel(ctx, in)
		if err != nil {
			t.Fatalf("%s: %v", in.Type, err)
		}
		if in.Type == core.ChannelWebhook {
			r.hook = string(made.Secret.Reveal())
		}
		ids[in.Type] = made.Channel.ID
	}
	return ids
}

// TestEveryChannelTellsOnce: over real TLS, to receivers that check what the real ones check.
func TestEveryChannelTellsOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t, newHouse(t))
	owner := s.owner(t)
	r := newReceivers(t, s.clock.Now)
	s.Outbound, s.AllowTestMode = r.sender(t), true
	ids := s.everyChannel(owner, t, r)
	for kind, id := range ids {
		if err := s.TestAlertChannel(owner, id); err != nil {
			t.Errorf("test of %s: %v", kind, err)
		}
	}
	p := s.doubted(t)
	s.clock.Move(31 * time.Minute)
	tell := func() {
		t.Helper()
		for range 3 {
			if err := s.Inspect(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.sweep(t)
			s.clock.Move(alertsApart)
		}
		s.sweep(t)
	}
	tell()
	s.settled(t, p)
	tell()
	texts, refused := r.taken()
	if len(refused) > 0 {
		t.Errorf("refused: %v", refused)
	}
	for kind := range ids {
		got := texts[string(kind)]
		if len(got) != 3 || !strings.Contains(got[0], "测试消息") || !strings.Contains(got[1], "【警告】订单 "+p.OrderNo+" 自 05-04 20:00(北京时间) 起结果未知") ||
			!strings.Contains(got[2], "【已恢复】订单 "+p.OrderNo) || !strings.Contains(got[1], "https://pay.example.com") {
			t.Errorf("%s told %q", kind, got)
		}
	}
}
