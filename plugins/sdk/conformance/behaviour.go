package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// Reporter is the part of testing.T that the checks need.
type Reporter interface {
	Helper()
	Errorf(format string, args ...any)
	Context() context.Context
}

// answer is what the suite's provider does with a request.
type answer func(*http.Request) (*http.Response, error)

func says(status int, body string) answer {
	return func(req *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Header: http.Header{}, Request: req,
		}, nil
	}
}

func fails(code string) answer {
	return func(*http.Request) (*http.Response, error) { return nil, sdk.Errorf(code, "The exchange failed.") }
}

// authentic is a reply with the headers that the provider would send, its signature for instance.
func (c Case) authentic(body string) answer {
	return func(req *http.Request) (*http.Response, error) {
		resp, err := says(http.StatusOK, body)(req)
		if c.Headers != nil {
			resp.Header = c.Headers(http.StatusOK, []byte(body))
		}
		return resp, err
	}
}

// breaks sends the beginning of a reply and then breaks the connection.
func breaks(body string) answer {
	return func(req *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: http.StatusOK, Header: http.Header{}, Request: req, ContentLength: -1,
			Body: io.NopCloser(io.MultiReader(strings.NewReader(body), broken{})),
		}, nil
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) {
	return 0, sdk.Errorf(sdk.ErrSentMaybe, "The connection broke.")
}

// badAnswers prove nothing, so nothing final may follow from them.
func badAnswers() map[string]answer {
	out := map[string]answer{
		"not sent": fails(sdk.ErrNotSent), "sent maybe": fails(sdk.ErrSentMaybe), "too large": fails(sdk.ErrTooLarge),
		"a broken body": breaks(`{"result_code":"2`), "an empty body": says(http.StatusOK, ""),
	}
	for _, status := range []int{500, 501, 502, 503, 504, 429, 404, 403, 301, 302, 204} {
		out[fmt.Sprintf("status %d", status)] = says(status, "")
		out[fmt.Sprintf("status %d with a page", status)] = says(status, "<html><body>oops</body></html>")
	}
	for name, body := range map[string]string{
		"null": "null", "an empty object": "{}", "an empty array": "[]", "a number": "42", "a string": `"SUCCESS"`, "a word": "SUCCESS", "a page": "<html></html>",
		"half an object": `{"result_code":"200","biz_response":{"result_code":"PAY_SUCCESS"`, "bytes": "\x00\xff\xfe\x80", "deep": strings.Repeat("[", 20000),
		"another shape": `{"result_code":{},"biz_response":[1,2],"data":"x","result":7,"Body":null,"success":"true"}`,
	} {
		out[name] = says(http.StatusOK, body)
	}
	return out
}

// callTimeout is generous: the suite is about what comes back, not when.
const callTimeout = 20 * time.Second

// try makes one call against one answer and returns the outcome and the requests sent.
func (c Case) try(t Reporter, p sdk.Provider, op operation, reply answer) (outcome sdk.Outcome, sends int, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), callTimeout)
	defer cancel()
	host := &Host{Credentials: c.Credentials, Manifest: c.Provider.Manifest(), Clock: func() time.Time { return c.Now }, Answer: reply}
	call := host.Call(ctx, op.capability, c.BaseURL, c.Settings)
	defer func() {
		if v := recover(); v != nil {
			t.Errorf("%s: the plugin panicked: %v", op.name, v)
			err = fmt.Errorf("panic: %v", v)
		}
		sends = host.Sends()
	}()
	outcome, err = op.run(ctx, p, call)
	var known *sdk.Error
	if errors.As(err, &known) && strings.Contains(known.Message, "panicked") {
		t.Errorf("%s: %s", op.name, known.Message)
	}
	return outcome, host.Sends(), err
}

// Behaves checks what the plugin p makes of bad replies, good ones cut and mutated, and
// strangers' callbacks. p is the case's, or the same at the other end of a connection.
func (c Case) Behaves(t Reporter, p sdk.Provider) {
	t.Helper()
	m := p.Manifest()
	ops := c.operations(m)
	if len(ops) == 0 {
		t.Errorf("the case calls nothing: give samples for what the manifest offers")
	}
	for name, reply := range badAnswers() {
		for _, op := range ops {
			if op.silent {
				continue
			}
			outcome, sends, err := c.try(t, p, op, reply)
			c.judge(t, m, op, name, outcome, sends, err)
		}
	}
	for _, op := range ops {
		if op.silent {
			c.tryInSilence(t, p, op)
			continue
		}
		for i, good := range c.Replies[op.capability] {
			c.mutate(t, p, m, op, good, uint64(i))
		}
	}
}

// tryInSilence calls what asks the provider nothing: nothing is sent, and nothing final said.
func (c Case) tryInSilence(t Reporter, p sdk.Provider, op operation) {
	t.Helper()
	outcome, sends, err := c.try(t, p, op, fails(sdk.ErrSentMaybe))
	if sends > 0 {
		t.Errorf("%s: %d requests were sent and none is expected", op.name, sends)
	}
	if err != nil || op.capability == sdk.CapResolvePayer {
		return
	}
	if outcome != sdk.OutcomeUnknown && outcome != sdk.OutcomeInProgress {
		t.Errorf("%s: %s, and nothing proves it", op.name, outcome)
	}
}

// judge refuses a final outcome without proof, and more requests than granted.
func (c Case) judge(t Reporter, m sdk.Manifest, op operation, name string, outcome sdk.Outcome, sends int, err error) {
	t.Helper()
	if limit := m.Grants[op.capability].Sends; sends > limit || sends > 1 && moves(op.capability) {
		t.Errorf("%s, %s: %d requests were sent", op.name, name, sends)
	}
	if sends == 0 && err == nil && outcome != sdk.OutcomeUnknown {
		t.Errorf("%s, %s: %s without asking the provider", op.name, name, outcome)
	}
	if err != nil || outcome == sdk.OutcomeUnknown || outcome == "" {
		return
	}
	// A query that the provider did not take leaves the order as it was.
	if outcome == sdk.OutcomeRefused && !moves(op.capability) {
		return
	}
	t.Errorf("%s, %s: %s, and nothing proves it: it must be unknown", op.name, name, outcome)
}

func moves(c sdk.Capability) bool {
	switch c {
	case sdk.CapCreatePayment, sdk.CapConfirmPayment, sdk.CapCancelPayment, sdk.CapClosePayment, sdk.CapCreateRefund, sdk.CapCreatePayout:
		return true
	default:
		return false
	}
}

// mutate cuts a good reply at every place and changes it at random: a cut one proves
// nothing, and none may make the plugin panic or send again.
func (c Case) mutate(t Reporter, p sdk.Provider, m sdk.Manifest, op operation, good string, seed uint64) {
	t.Helper()
	step := max(1, len(good)/c.Mutations)
	for cut := 1; cut < len(strings.TrimRight(good, " \r\n\t")); cut += step {
		outcome, sends, err := c.try(t, p, op, c.authentic(good[:cut]))
		c.judge(t, m, op, fmt.Sprintf("a reply cut after %d bytes", cut), outcome, sends, err)
	}
	random := rand.New(rand.NewPCG(seed, 1))
	for range c.Mutations {
		mutant := mutant(random, good)
		_, sends, _ := c.try(t, p, op, c.authentic(mutant))
		if sends > m.Grants[op.capability].Sends {
			t.Errorf("%s: %d requests for the reply %q", op.name, sends, mutant)
		}
	}
}

func mutant(random *rand.Rand, good string) string {
	b := []byte(good)
	for range 1 + random.IntN(3) {
		at := random.IntN(len(b))
		switch random.IntN(5) {
		case 0:
			b[at] ^= 1 << random.IntN(8)
		case 1:
			b = append(b[:at:at], b[min(len(b), at+random.IntN(12)):]...)
		case 2:
			b = append(b[:at:at], append([]byte(`null`), b[at:]...)...)
		case 3:
			b = append(b[:at:at], append([]byte(`"`), b[at:]...)...)
		case 4:
			b = append(b[:at:at], append([]byte(`99999999999999999999999`), b[at:]...)...)
		}
		if len(b) == 0 {
			return ""
		}
	}
	return string(b)
}
