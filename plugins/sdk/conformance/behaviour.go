package conformance

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"

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

// Behaves checks what the plugin p makes of bad replies, good ones cut and mutated, and
// strangers' callbacks. p is the case's, or the same at the other end of a connection.
func (c Case) Behaves(t Reporter, p sdk.Provider) {
	t.Helper()
	s := newSuite(c, p)
	ops := c.operations(s.manifest)
	if len(ops) == 0 {
		t.Errorf("the case calls nothing: give samples for what the manifest offers")
	}
	s.behaves(t.Context(), ops)
	for _, wrong := range s.found.order {
		t.Errorf("%s", wrong)
	}
}

func (s *suite) behaves(ctx context.Context, ops []operation) {
	s.answersBadly(ctx, ops)
	for _, op := range ops {
		if op.silent {
			s.callInSilence(ctx, op)
			continue
		}
		for i, good := range s.Replies[op.capability] {
			s.mutate(ctx, op, good, uint64(i))
		}
	}
}

func (s *suite) answersBadly(ctx context.Context, ops []operation) {
	answers := badAnswers()
	for _, name := range slices.Sorted(maps.Keys(answers)) {
		for _, op := range ops {
			if !op.silent {
				s.judge(op, CheckBadAnswers, name, s.call(ctx, op, answers[name]))
			}
		}
	}
}

// callInSilence calls what asks the provider nothing: nothing is sent, and nothing final said.
func (s *suite) callInSilence(ctx context.Context, op operation) {
	check := CheckBadAnswers
	if op.capability == sdk.CapInbound {
		check = CheckCallbacks
	}
	s.found.try(check)
	a := s.call(ctx, op, fails(sdk.ErrSentMaybe))
	if a.sends > 0 {
		s.found.fail(CheckRequests, text("%s：发送了 %d 个请求，而此操作不应发送", "%s: %d requests were sent and none is expected", op.name, a.sends))
	}
	if a.err != nil || op.capability == sdk.CapResolvePayer {
		return
	}
	if op.capability == sdk.CapInbound {
		if a.outcome != sdk.OutcomeUnknown {
			s.found.fail(check, text("%s：伪造的回调被当作渠道的回调（verified，或带有事件）；应先验签，验签失败则拒绝",
				"%s: a forged callback was taken for the provider's (verified, or with events); verify its signature first and refuse what does not hold", op.name))
		}
		return
	}
	if a.outcome != sdk.OutcomeUnknown && a.outcome != sdk.OutcomeInProgress {
		s.found.fail(check, text("%s：结果为 %s，却没有任何依据", "%s: %s, and nothing proves it", op.name, a.outcome))
	}
}

// judge refuses a final outcome without proof, and more requests than granted.
func (s *suite) judge(op operation, check, name string, a attempt) {
	s.found.try(check)
	s.found.try(CheckRequests)
	if limit := s.manifest.Grants[op.capability].Sends; a.sends > limit || a.sends > 1 && moves(op.capability) {
		s.found.fail(CheckRequests, text("%s，%s：发送了 %d 个请求", "%s, %s: %d requests were sent", op.name, name, a.sends))
	}
	if a.sends == 0 && a.err == nil && a.outcome != sdk.OutcomeUnknown {
		s.found.fail(check, text("%s，%s：未询问渠道就给出 %s", "%s, %s: %s without asking the provider", op.name, name, a.outcome))
	}
	if a.err != nil || a.outcome == sdk.OutcomeUnknown || a.outcome == "" {
		return
	}
	// A query that the provider did not take leaves the order as it was.
	if a.outcome == sdk.OutcomeRefused && !moves(op.capability) {
		return
	}
	s.found.fail(check, text("%s，渠道应答为“%s”：插件给出 %s，却没有任何依据，应为 unknown", "%s, %s: %s, and nothing proves it: it must be unknown", op.name, name, a.outcome))
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
func (s *suite) mutate(ctx context.Context, op operation, good string, seed uint64) {
	step := max(1, len(good)/s.Mutations)
	for cut := 1; cut < len(strings.TrimRight(good, " \r\n\t")); cut += step {
		s.judge(op, CheckCutReplies, fmt.Sprintf("a reply cut after %d bytes", cut), s.call(ctx, op, s.authentic(good[:cut])))
	}
	random := rand.New(rand.NewPCG(seed, 1))
	for range s.Mutations {
		mutant := mutant(random, good)
		a := s.call(ctx, op, s.authentic(mutant))
		if a.sends > s.manifest.Grants[op.capability].Sends {
			s.found.fail(CheckRequests, text("%s：应答 %q 引发 %d 个请求", "%[1]s: for the reply %[2]q %[3]d requests were sent", op.name, mutant, a.sends))
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
