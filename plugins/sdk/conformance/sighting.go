package conformance

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// sighting is what the host saw of a call besides what it answered.
type sighting struct {
	denied []string           // what was asked for outside the grant
	used   map[[2]string]bool // credentials and what was done with them
	texts  []byte             // all that was sent, and all that was sealed, encrypted or digested on the way
	proved bool               // a signature held, or a sealed message opened
}

func (h *Host) deny(format string, args ...any) error {
	what := fmt.Sprintf(format, args...)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen.denied = append(h.seen.denied, what)
	return sdk.Errorf(sdk.ErrDenied, "%s", what)
}

func (h *Host) seeUse(name, operation string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.seen.used == nil {
		h.seen.used = map[[2]string]bool{}
	}
	h.seen.used[[2]string{name, operation}] = true
}

func (h *Host) seeText(text []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen.texts = append(append(h.seen.texts, text...), '\n')
}

func (h *Host) seeProof() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen.proved = true
}

// maxSeen bounds how much of a request is looked at.
const maxSeen = 1 << 20

// seeRequest reads the request's body and puts it back. Forms are seen as they are meant as well.
func (h *Host) seeRequest(req *http.Request) {
	h.seeText([]byte(req.Method + " " + req.URL.String()))
	for name, values := range req.Header {
		for _, v := range values {
			h.seeText([]byte(name + ": " + v))
		}
	}
	if req.Body == nil {
		return
	}
	body, err := io.ReadAll(io.LimitReader(req.Body, maxSeen))
	req.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), failing{err}, req.Body), req.Body}
	h.seeText(body)
	if plain, err := url.QueryUnescape(string(body)); err == nil {
		h.seeText([]byte(plain))
	}
}

// failing fails where its error stood, or ends.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

// sight is what was seen so far.
func (h *Host) sight() sighting {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.seen
}

// said are the lines that were logged.
func (h *Host) said() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.lines
}
