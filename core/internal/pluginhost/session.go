package pluginhost

import (
	"context"
	"crypto/rand"
	"net/url"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// token is the capability of one call: whoever shows it acts within that call's grant.
type token [16]byte

// session is one call of a plugin as the host sees it: what it may do, what it did.
type session struct {
	token   token
	unit    *unit
	call    core.ProviderCall
	grant   *grant
	license *license
	label   string // of the version that makes the call
	keys    *callKeys
	base    *url.URL
	expires time.Time

	ctx    context.Context //nolint:containedctx // services of the call end with it
	cancel context.CancelFunc

	mu       sync.Mutex
	closed   bool
	running  int
	idle     chan struct{} // closed when the last service ends after closing
	sends    int
	left     bool // a connection was obtained: bytes may have left
	replied  bool // a whole reply was read
	uses     map[string]int
	secrets  [][]byte
	rotated  int
	exchange []*wireExchange
}

// enter begins a service within the call. It refuses once the call has returned.
func (s *session) enter(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || now.After(s.expires) {
		return false
	}
	s.running++
	return true
}

func (s *session) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running--
	if s.closed && s.running == 0 {
		close(s.idle)
	}
}

// mayNow takes one of the grant's requests.
func (s *session) mayNow() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.sends >= s.grant.sends {
		return false
	}
	s.sends++
	return true
}

func (s *session) obtained() {
	s.mu.Lock()
	s.left = true
	s.mu.Unlock()
}

func (s *session) answered() {
	s.mu.Lock()
	s.replied = true
	s.mu.Unlock()
}

func (s *session) used(name, operation string) {
	s.mu.Lock()
	s.uses[name+":"+operation]++
	s.mu.Unlock()
}

func (s *session) hide(secret []byte) {
	s.mu.Lock()
	s.secrets = append(s.secrets, secret)
	s.mu.Unlock()
}

func (s *session) record(e *wireExchange) {
	s.mu.Lock()
	s.exchange = append(s.exchange, e)
	s.mu.Unlock()
}

// finishGrace is how long the end of a call waits for services that are being canceled.
const finishGrace = 2 * time.Second

// finish ends the call: the token is dead, running services are canceled and waited for,
// so that what is said about "sent" stays true. It reports false when one did not end.
func (s *session) finish() bool {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return true
	}
	s.closed = true
	waiting := s.running > 0
	s.mu.Unlock()
	s.cancel()
	if !waiting {
		return true
	}
	timer := time.NewTimer(finishGrace)
	defer timer.Stop()
	select {
	case <-s.idle:
		return true
	case <-timer.C:
		return false
	}
}

// registry holds the live calls of one plugin process.
type registry struct {
	mu   sync.RWMutex
	live map[token]*session
}

func newToken() token {
	var t token
	// The system's random source does not fail on the platforms we run on.
	_, _ = rand.Read(t[:])
	return t
}

func (r *registry) add(s *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.live == nil {
		r.live = map[token]*session{}
	}
	r.live[s.token] = s
}

func (r *registry) remove(t token) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.live, t)
}

func (r *registry) find(raw []byte) *session {
	if len(raw) != len(token{}) {
		return nil
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.live[token(raw)]
}
