package pluginhost

import (
	"context"
	"crypto/rand"
	"net/url"
	"slices"
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
	mu    sync.RWMutex
	live  map[token]*session
	ended []ended // lately, the oldest first
}

// ended is a call that is over: what it told the plugin may still stand in what that writes.
type ended struct {
	session *session
	at      time.Time
}

// The bounds of remembering ended calls: a dying plugin's last lines are read within that time.
const (
	endedKept = 10 * time.Second
	endedMost = 1024
)

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
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.live[t]; s != nil {
		r.forget(now)
		r.ended = append(r.ended, ended{s, now})
	}
	delete(r.live, t)
}

// forget drops what is over for long. The caller holds the lock.
func (r *registry) forget(now time.Time) {
	old := max(0, len(r.ended)-endedMost+1)
	for old < len(r.ended) && now.Sub(r.ended[old].at) > endedKept {
		old++
	}
	r.ended = slices.Delete(r.ended, 0, old)
}

// told gives the secrets of the calls that are under way or ended lately.
func (r *registry) told(now time.Time) [][]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget(now)
	var out [][]byte
	add := func(s *session) {
		s.mu.Lock()
		defer s.mu.Unlock()
		out = append(out, s.secrets...)
	}
	for _, s := range r.live {
		add(s)
	}
	for _, e := range r.ended {
		add(e.session)
	}
	return out
}

func (r *registry) find(raw []byte) *session {
	if len(raw) != len(token{}) {
		return nil
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.live[token(raw)]
}
