package web

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestStream: news come one by one and not at the end, also after the time that a whole reply
// has; a browser that leaves is noticed at once.
func TestStream(t *testing.T) {
	t.Parallel()
	told := newFollowing()
	r := newRig(t, func(o *Options) { o.Limits.WriteTimeout = 300 * time.Millisecond })
	r.following = told
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.base+"/v1/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = byCookie()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != eventStream || resp.Header.Get("X-Accel-Buffering") != "no" || resp.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
	lines := bufio.NewReader(resp.Body)
	expect := func(want ...string) {
		t.Helper()
		for _, w := range want {
			line, err := lines.ReadString('\n')
			if err != nil || strings.TrimSuffix(line, "\n") != w {
				t.Fatalf("%q %v, want %q", line, err, w)
			}
		}
	}
	expect(": here", "")
	told.news <- []core.Topic{core.TopicPayments, core.TopicRefunds}
	expect("event: changed", `data: {"topics":["payments","refunds"]}`, "")
	time.Sleep(400 * time.Millisecond) // longer than a whole reply may take
	told.news <- nil
	expect(": here", "")
	_ = resp.Body.Close()
	select {
	case <-told.closed:
	case <-time.After(time.Minute):
		t.Error("the browser left and is still told")
	}
}

func TestStreamEndsWithItsReason(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got := r.do("GET", "/v1/stream", "", byCookie())
	if want := ": here\n\nevent: changed\ndata: {\"topics\":[\"payments\"]}\n\nevent: end\ndata: {\"code\":\"unauthenticated\"}\n\n"; string(got.body) != want {
		t.Errorf("%q", got.body)
	}
	r.err = core.Errorf(core.CodeRateLimited, "Too many.")
	if got := r.do("GET", "/v1/stream", "", byCookie()); got.status != 429 || got.problem(t).Code != "rate_limited" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// TestStreamOfAHead: who asks for the head only listens to nothing.
func TestStreamOfAHead(t *testing.T) {
	t.Parallel()
	told := newFollowing()
	r := newRig(t)
	r.following = told
	if got := r.do("HEAD", "/v1/stream", "", byCookie()); got.status != 200 {
		t.Error(got.status)
	}
	<-told.closed
}

// TestADrainDoesNotWaitForListeners who were told to go.
func TestADrainDoesNotWaitForListeners(t *testing.T) {
	t.Parallel()
	told := newFollowing()
	r := newRig(t)
	r.following = told
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.base+"/v1/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = byCookie()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	close(told.news) // as the host does before it drains
	if err := r.server.Drain(t.Context()); err != nil {
		t.Error(err)
	}
	if body, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(body), "event: end") {
		t.Errorf("%q %v", body, err)
	}
}
