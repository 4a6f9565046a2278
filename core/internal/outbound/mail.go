package outbound

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	netmail "net/mail"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	portImplicitTLS = 465
	maxRecipients   = 50
	maxSubject      = 300
)

// mailPorts are those on which servers take mail to send on.
var mailPorts = []int{25, portImplicitTLS, 587, 2525}

// Mail implements core.Outbound. An empty host means the installation's server.
func (s *Sender) Mail(ctx context.Context, server core.MailServer, m core.Mail) error {
	own := server.Host == ""
	if own {
		server = s.Options.Mail
	}
	if server.Host == "" {
		return core.Errorf(core.CodeDeliveryFailed, "No mail server is set up.")
	}
	msg, err := compose(server.From, m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()
	addrs, err := s.mailAddresses(ctx, server, own)
	if err != nil {
		return err
	}
	// The library leaves the connection open when the server refuses in the middle.
	var opened net.Conn
	defer func() {
		if opened != nil {
			_ = opened.Close()
		}
	}()
	client, err := s.mailClient(server, addrs, own, &opened)
	if err != nil {
		return fmt.Errorf("outbound: %w", err)
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		return core.Wrap(err, core.CodeDeliveryFailed, "The mail server %s did not take the mail: %s", server.Host, mailTrouble(err))
	}
	return nil
}

// mailAddresses resolves a user's server under the rules for users' addresses. The
// installation's own is nobody's guess.
func (s *Sender) mailAddresses(ctx context.Context, server core.MailServer, own bool) ([]netip.Addr, error) {
	if own {
		addrs, err := s.Resolver.LookupNetIP(ctx, "ip", server.Host)
		if err != nil || len(addrs) == 0 {
			return nil, core.Wrap(err, core.CodeDeliveryFailed, "The mail server's name %s cannot be looked up.", server.Host)
		}
		return addrs, nil
	}
	if !slices.Contains(mailPorts, server.Port) && !s.AllowLocal {
		return nil, core.Errorf(core.CodeInvalidURL, "A mail server's port is 25, 465, 587 or 2525.").At("port")
	}
	host := strings.ToLower(strings.TrimSuffix(server.Host, "."))
	if err := s.checkName(host); err != nil {
		return nil, err
	}
	return s.resolve(ctx, host)
}

// mailClient speaks to one of the addresses only. A password is never sent without TLS.
func (s *Sender) mailClient(server core.MailServer, addrs []netip.Addr, own bool, opened *net.Conn) (*mail.Client, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: s.Roots, ServerName: server.Host}
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		c, err := s.dialMail(ctx, network, addrs, strconv.Itoa(server.Port), own)
		if err != nil {
			return nil, err
		}
		if *opened = c; server.Port != portImplicitTLS {
			return c, nil
		}
		secure := tls.Client(c, config)
		if err := secure.HandshakeContext(ctx); err != nil {
			_ = c.Close()
			return nil, err
		}
		return secure, nil
	}
	options := []mail.Option{mail.WithPort(server.Port), mail.WithTimeout(defaultTimeout), mail.WithTLSConfig(config), mail.WithDialContextFunc(dial)}
	local := s.AllowLocal && addrs[0].Unmap().IsLoopback()
	switch {
	case server.Port == portImplicitTLS:
		options = append(options, mail.WithSSL())
	case local:
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if server.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(server.User), mail.WithPassword(string(server.Password.Reveal())))
	}
	return mail.NewClient(server.Host, options...)
}

func (s *Sender) dialMail(ctx context.Context, network string, addrs []netip.Addr, port string, own bool) (net.Conn, error) {
	if !own {
		return s.dial(ctx, network, addrs, port)
	}
	return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort(addrs[0].Unmap().String(), port))
}

// compose builds a plain-text message. What would begin a header of its own is refused.
func compose(from string, m core.Mail) (*mail.Msg, error) {
	if len(m.To) == 0 || len(m.To) > maxRecipients {
		return nil, core.Errorf(core.CodeInvalidRequest, "A mail goes to 1 to %d addresses.", maxRecipients).At("to")
	}
	if strings.ContainsAny(m.Subject, "\r\n\x00") || len(m.Subject) > maxSubject {
		return nil, core.Errorf(core.CodeInvalidRequest, "The subject of a mail is one line.").At("subject")
	}
	for _, address := range append([]string{from}, m.To...) {
		if err := checkMailAddress(address); err != nil {
			return nil, err
		}
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := msg.From(from); err != nil {
		return nil, fmt.Errorf("outbound: sender: %w", err)
	}
	if err := msg.To(m.To...); err != nil {
		return nil, fmt.Errorf("outbound: recipients: %w", err)
	}
	msg.Subject(m.Subject)
	msg.SetDate()
	msg.SetMessageID()
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	return msg, nil
}

// checkMailAddress wants a bare address: no name, no group, no second line.
func checkMailAddress(address string) error {
	parsed, err := netmail.ParseAddress(address)
	if err != nil || parsed.Name != "" || parsed.Address != address || strings.ContainsAny(address, "\r\n\x00 <>,;\"") {
		return core.Errorf(core.CodeInvalidRequest, "%q is no mail address such as finance@example.com.", address).At("to")
	}
	return nil
}

// mailTrouble is what the server answered, in its own first line.
func mailTrouble(err error) string {
	line, _, _ := strings.Cut(strings.ToValidUTF8(err.Error(), "?"), "\n")
	return line[:min(len(line), 200)]
}
