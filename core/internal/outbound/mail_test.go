package outbound

import (
	"bufio"
	"net"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

// smtpServer takes one mail without TLS and gives what it was told.
func smtpServer(t *testing.T, greetings string) (port int, said <-chan string) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	lines := make(chan string, 1)
	go func() {
		c, err := listener.Accept()
		if err != nil {
			return
		}
		defer func() { _ = c.Close() }()
		lines <- converse(c, greetings)
	}()
	return listener.Addr().(*net.TCPAddr).Port, lines //nolint:errcheck,forcetypeassert // a TCP listener's
}

func converse(c net.Conn, extensions string) string {
	var all strings.Builder
	answer := func(line string) { _, _ = c.Write([]byte(line + "\r\n")) }
	answer("220 test")
	data := false
	for scanner := bufio.NewScanner(c); scanner.Scan(); {
		line := scanner.Text()
		all.WriteString(line + "\n")
		switch {
		case data && line == ".":
			data = false
			answer("250 taken")
		case data:
		case strings.HasPrefix(line, "EHLO"):
			answer("250-test")
			answer(extensions)
		case line == "DATA":
			data = true
			answer("354 go on")
		case line == "QUIT":
			answer("221 bye")
			return all.String()
		default:
			answer("250 ok")
		}
	}
	return all.String()
}

func TestMail(t *testing.T) {
	t.Parallel()
	s := newSender(t, Options{AllowLocal: true})
	port, said := smtpServer(t, "250 8BITMIME")
	server := core.MailServer{Host: "127.0.0.1", Port: port, From: "pay@example.com"}
	m := core.Mail{To: []string{"finance@example.com", "owner@example.com"}, Subject: "余额不足", Text: "¥1.00\n.\nQUIT"}
	if err := s.Mail(t.Context(), server, m); err != nil {
		t.Fatal(err)
	}
	got := <-said
	for _, want := range []string{"MAIL FROM:<pay@example.com>", "RCPT TO:<finance@example.com>", "RCPT TO:<owner@example.com>", "Subject: =?UTF-8?", "charset=UTF-8"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in %s", want, got)
		}
	}
	if strings.Contains(got, "\nQUIT\nQUIT") {
		t.Errorf("the text ended the mail: %s", got)
	}
}

// TestMailWithoutTLS: no mail and no password leaves over a plain connection; not even to a
// local server goes the password.
func TestMailWithoutTLS(t *testing.T) {
	t.Parallel()
	local := newSender(t, Options{AllowLocal: true})
	port, said := smtpServer(t, "250 AUTH PLAIN LOGIN")
	server := core.MailServer{Host: "127.0.0.1", Port: port, User: "pay", Password: core.SecretString("canary-password"), From: "pay@example.com"}
	m := core.Mail{To: []string{"finance@example.com"}, Subject: "x", Text: "x"}
	if err := local.Mail(t.Context(), server, m); core.CodeOf(err) != core.CodeDeliveryFailed {
		t.Errorf("with a password over a plain connection: %v", err)
	}
	if got := <-said; strings.Contains(got, "AUTH") {
		t.Errorf("the password was sent: %s", got)
	}
	port, said = smtpServer(t, "250 8BITMIME")
	own := newSender(t, Options{Mail: core.MailServer{Host: "127.0.0.1", Port: port, From: "pay@example.com"}, Resolver: names{"127.0.0.1": {"127.0.0.1"}}})
	if err := own.Mail(t.Context(), core.MailServer{}, m); core.CodeOf(err) != core.CodeDeliveryFailed {
		t.Errorf("without TLS: %v", err)
	}
	if got := <-said; strings.Contains(got, "MAIL FROM") {
		t.Errorf("a mail went over a plain connection: %s", got)
	}
}

func TestMailRefused(t *testing.T) {
	t.Parallel()
	s := newSender(t, Options{Resolver: names{"mail.example.com": {"93.184.215.14"}, "inner.example.com": {"10.0.0.1"}}})
	good := core.MailServer{Host: "mail.example.com", Port: 465, From: "pay@example.com"}
	m := core.Mail{To: []string{"finance@example.com"}, Subject: "x", Text: "x"}
	tests := map[string]struct {
		change func(server *core.MailServer, m *core.Mail)
		want   core.Code
	}{
		"no server":             {func(s *core.MailServer, _ *core.Mail) { s.Host = "" }, core.CodeDeliveryFailed},
		"a private server":      {func(s *core.MailServer, _ *core.Mail) { s.Host = "inner.example.com" }, core.CodeInvalidURL},
		"an address as server":  {func(s *core.MailServer, _ *core.Mail) { s.Host = "169.254.169.254" }, core.CodeInvalidURL},
		"another port":          {func(s *core.MailServer, _ *core.Mail) { s.Port = 6379 }, core.CodeInvalidURL},
		"a header in subject":   {func(_ *core.MailServer, m *core.Mail) { m.Subject = "x\r\nBcc: all@example.com" }, core.CodeInvalidRequest},
		"a header in recipient": {func(_ *core.MailServer, m *core.Mail) { m.To = []string{"a@example.com\r\nBcc: all@example.com"} }, core.CodeInvalidRequest},
		"two recipients in one": {func(_ *core.MailServer, m *core.Mail) { m.To = []string{"a@example.com, b@example.com"} }, core.CodeInvalidRequest},
		"a name":                {func(_ *core.MailServer, m *core.Mail) { m.To = []string{"A <a@example.com>"} }, core.CodeInvalidRequest},
		"a header in sender":    {func(s *core.MailServer, _ *core.Mail) { s.From = "a@example.com\nBcc: b@example.com" }, core.CodeInvalidRequest},
		"nobody":                {func(_ *core.MailServer, m *core.Mail) { m.To = nil }, core.CodeInvalidRequest},
	}
	for name, tt := range tests {
		server, letter := good, m
		tt.change(&server, &letter)
		if err := s.Mail(t.Context(), server, letter); core.CodeOf(err) != tt.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
