package service

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/zhanggui-pay/zhanggui/core"
)

// postbox takes what would be sent to users' addresses and answers as told.
type postbox struct {
	mu     sync.Mutex
	posts  []core.OutboundRequest
	mails  []core.Mail
	gone   bool                                                       // no name can be found
	answer func(req core.OutboundRequest) (core.OutboundReply, error) // nil: 204
}

var _ core.Outbound = (*postbox)(nil)

// CheckURL knows one rule; the true ones have tests of their own.
func (p *postbox) CheckURL(_ context.Context, url string) error {
	if p.gone || !strings.HasPrefix(url, "https://") {
		return core.Errorf(core.CodeInvalidURL, "It does not begin with https://.").At("url")
	}
	return nil
}

func (p *postbox) Post(_ context.Context, req core.OutboundRequest) (core.OutboundReply, error) {
	p.mu.Lock()
	p.posts = append(p.posts, req)
	answer := p.answer
	p.mu.Unlock()
	if answer != nil {
		return answer(req)
	}
	return core.OutboundReply{Status: 204}, nil
}

func (p *postbox) Mail(_ context.Context, _ core.MailServer, m core.Mail) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mails = append(p.mails, m)
	return nil
}

// taken are the posts so far.
func (p *postbox) taken() []core.OutboundRequest {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.posts)
}
