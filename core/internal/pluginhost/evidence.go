package pluginhost

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/zhanggui-pay/zhanggui/core"
)

// The evidence kept of a body, in bytes: capture is what is looked at, so that a field cut
// by the end of the evidence is still redacted.
const (
	evidenceLimit = 8 << 10
	captureLimit  = 64 << 10
)

// wireExchange is one HTTP exchange as it went by, not yet redacted. It is written by the
// service that makes it and read after that service has ended.
type wireExchange struct {
	method, url     string
	requestHeaders  http.Header
	requestBody     capture
	status          int
	responseHeaders http.Header
	responseBody    capture
	failure         string
}

// capture keeps the beginning of what is written to it. Go's transport may still read a
// request's body when the exchange has been given up.
type capture struct {
	mu   sync.Mutex
	data []byte
}

func (c *capture) bytes() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.data
}

func (c *capture) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if room := captureLimit - len(c.data); room > 0 {
		c.data = append(c.data, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

type evidence struct {
	Request  requestEvidence   `json:"request"`
	Response *responseEvidence `json:"response,omitempty"`
	Failure  string            `json:"failure,omitempty"`
	More     []evidence        `json:"more,omitempty"`
}

type requestEvidence struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
}

type responseEvidence struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
}

// evidence gives the redacted record of the call, or nil when nothing was exchanged. keep
// are order numbers that are known not to be card numbers.
func (s *session) evidence(keep ...string) json.RawMessage {
	if len(s.exchange) == 0 {
		return nil
	}
	r := redactor{fields: s.license.redact, secrets: s.secrets, keep: map[string]bool{s.call.OrderNo: true}}
	for _, number := range keep {
		r.keep[number] = true
	}
	for _, number := range s.keys.merchants() {
		r.keep[number] = true
	}
	first := s.exchange[0].evidence(r)
	for _, e := range s.exchange[1:] {
		first.More = append(first.More, e.evidence(r))
	}
	data, err := json.Marshal(first)
	if err != nil {
		return nil
	}
	return data
}

func (e *wireExchange) evidence(r redactor) evidence {
	out := evidence{
		Request: requestEvidence{Method: e.method, URL: r.text(e.url), Headers: r.headers(e.requestHeaders), Body: r.body(e.requestBody.bytes())},
		Failure: r.text(e.failure),
	}
	if e.status != 0 {
		out.Response = &responseEvidence{Status: e.status, Headers: r.headers(e.responseHeaders), Body: r.body(e.responseBody.bytes())}
	}
	return out
}

func (r redactor) body(data []byte) string {
	s := r.text(strings.ToValidUTF8(string(data), "\uFFFD"))
	if len(s) <= evidenceLimit {
		return s
	}
	cut := evidenceLimit
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// headers keeps names and values; those that authenticate are never kept.
func (r redactor) headers(h http.Header) map[string]string {
	out := make(map[string]string, len(h))
	for name, values := range h {
		switch lower := strings.ToLower(name); {
		case r.fields[lower], lower == "authorization", lower == "proxy-authorization", lower == "cookie", lower == "set-cookie":
			out[name] = redacted
		default:
			out[name] = r.text(strings.ToValidUTF8(strings.Join(values, ", "), "\uFFFD"))
		}
	}
	return out
}

// settle fills what the host knows of a call that has ended.
func (s *session) settle(complete bool, keep ...string) core.Exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := core.Exchange{Sent: core.SentNo, KeyUses: s.uses, KeyVersion: s.keys.current.set.Version, Plugin: s.label}
	if s.left || !complete {
		e.Sent = core.SentMaybe
	}
	if s.rotated > 0 {
		e.KeyVersion = s.rotated
	}
	if complete { // a service that has not ended still writes its record
		e.Evidence = s.evidence(keep...)
	}
	return e
}
