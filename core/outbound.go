package core

import (
	"context"
	"time"
)

// Outbound sends what users asked us to send to addresses that users gave: webhooks,
// alerts, mail. It holds the rules against being used to reach our own network.
type Outbound interface {
	// CheckURL says early what Post would refuse: not https, a port that is not 443 or over
	// 1023, credentials in it, a name that leads to a loopback, private, link-local,
	// multicast or metadata address in any notation, IPv6-mapped ones included. Errors:
	// CodeInvalidURL.
	CheckURL(ctx context.Context, url string) error
	// Post sends once. The name is resolved, every address checked and the connection pinned
	// to a checked one; redirects are not followed; the reply is read to 16 KiB. An error
	// means that no reply came. Errors: CodeInvalidURL as for CheckURL.
	Post(ctx context.Context, req OutboundRequest) (OutboundReply, error)
	// Mail sends a plain-text mail over the installation's SMTP server or the one given.
	Mail(ctx context.Context, server MailServer, m Mail) error
}

// OutboundRequest is one POST.
type OutboundRequest struct {
	URL     string
	Headers map[string]string
	Body    []byte
	Timeout time.Duration
}

// OutboundReply is what came back.
type OutboundReply struct {
	Status   int
	Body     []byte // cut at 16 KiB
	Address  string // the address that was dialled
	Duration time.Duration
}

// MailServer is an SMTP server. TLS is required outside test mode: implicit on port 465,
// else STARTTLS.
type MailServer struct {
	Host     string
	Port     int
	User     string
	Password Secret
	From     string
}

// Mail is one message.
type Mail struct {
	To      []string
	Subject string
	Text    string
}
