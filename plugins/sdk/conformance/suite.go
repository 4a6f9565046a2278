package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// suite is a run of the checks against one plugin.
type suite struct {
	Case
	manifest sdk.Manifest
	plugin   sdk.Provider
	found    *findings
	limit    time.Duration       // of a call
	life     Life                // of a process; nil where there is none of its own
	hung     map[string]bool     // operations that did not return: not called again
	used     map[[2]string]bool  // credentials and what was done with them in all calls
	secrets  map[string][]string // by what they are
	deaths   int
}

// Life is the process of a plugin that is checked.
type Life interface {
	// Ended says how the process ended, with its last lines, once it has. Where its end is
	// suspected, it is waited for a moment.
	Ended(suspected bool) (how string, ended bool)
	// Restart starts it again.
	Restart(ctx context.Context) (sdk.Provider, error)
	// Lines are the last lines of its output.
	Lines() []string
	// Written counts the bytes of its output, Memory is the most it used in bytes; both of the
	// process that runs.
	Written() int64
	Memory() int64
}

// callTimeout is generous: most checks are about what comes back, not when.
const callTimeout = 20 * time.Second

func newSuite(c Case, p sdk.Provider) *suite {
	s := &suite{
		Case: c, manifest: p.Manifest(), plugin: p, found: newFindings(), limit: callTimeout, hung: map[string]bool{}, used: map[[2]string]bool{},
	}
	s.secrets = s.canaries()
	return s
}

// attempt is one call as the suite saw it.
type attempt struct {
	said
	err   error
	sends int
	seen  sighting
}

// call makes one call against one answer and looks at everything that is wrong whatever the
// answer is.
func (s *suite) call(ctx context.Context, op operation, reply answer) (a attempt) {
	if s.givenUp(op) {
		a.err = errNotCalled
		return a
	}
	ctx, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	host := &Host{Credentials: s.Credentials, Manifest: s.manifest, Clock: func() time.Time { return s.Now }, Answer: reply}
	call := host.Call(ctx, op.capability, s.BaseURL, s.Settings)
	s.found.try(CheckCrashes)
	s.found.try(CheckDeadlines)
	func() {
		defer func() {
			if v := recover(); v != nil {
				a.err = fmt.Errorf("panic: %v", v)
				s.found.fail(CheckCrashes, text("%s：插件发生 panic：%v", "%s: the plugin panicked: %v", op.name, v))
			}
		}()
		a.said, a.err = op.run(ctx, s.plugin, call)
	}()
	if ctx.Err() != nil && a.err == nil { // it came back, and too late
		a.err = ctx.Err()
	}
	a.sends, a.seen = host.Sends(), host.sight()
	for use := range a.seen.used {
		s.used[use] = true
	}
	s.look(ctx, op, host, a)
	return a
}

// errNotCalled stands for a call that is not made any more.
var errNotCalled = errors.New("not called: it hung or crashed before")

// maxDeaths is how often a plugin may end, and maxHung how many operations may hang, before the
// suite gives up calling it.
const (
	maxDeaths = 3
	maxHung   = 3
)

func (s *suite) givenUp(op operation) bool {
	return s.hung[op.name] || len(s.hung) >= maxHung || s.deaths > maxDeaths
}

// look judges what is wrong with a call whatever it was about.
func (s *suite) look(ctx context.Context, op operation, host *Host, a attempt) {
	for _, what := range a.seen.denied {
		s.found.fail(CheckGrants, text("%s 索取了未授权的东西：%s", "%s asked for what its grant does not hold: %s", op.name, what))
		if strings.HasPrefix(what, "One request more") {
			s.found.fail(CheckRequests, text("%s 试图发送比授权（%d）更多的请求", "%s tried to send more requests than the %d granted", op.name, s.manifest.Grants[op.capability].Sends))
		}
	}
	s.leaks(op, host, a)
	var known *sdk.Error
	if errors.As(a.err, &known) && strings.Contains(known.Message, "panicked") {
		s.found.fail(CheckCrashes, text("%s：%s", "%s: %s", op.name, place(known.Message)))
	}
	if s.life != nil {
		s.died(context.WithoutCancel(ctx), op, a.err != nil && ctx.Err() == nil && strings.Contains(a.err.Error(), sdk.DidNotAnswer))
	}
	switch {
	case a.err == nil:
	case ctx.Err() != nil && s.manifest.Grants[op.capability].Sends >= 0 && errors.Is(ctx.Err(), context.DeadlineExceeded):
		s.hung[op.name] = true
		s.found.fail(CheckDeadlines, text("%s 在 %s 内没有返回，而渠道立即应答", "%s did not return within %s although the provider answered at once", op.name, s.limit))
	case status.Code(errors.Unwrap(a.err)) == codes.ResourceExhausted, strings.Contains(a.err.Error(), "larger than max"):
		s.found.fail(CheckMessages, text("%s 的应答超过消息大小上限", "%s: the answer is larger than a message may be", op.name))
	}
}

// place is what an SDK's report of a panic says first, and where in the plugin it was.
func place(panicked string) string {
	what, stack, _ := strings.Cut(panicked, "\n")
	_, own, ok := strings.Cut(stack, "\nmain.")
	if !ok {
		return what
	}
	lines := strings.SplitN(own, "\n", 3)
	if len(lines) < 2 {
		return what
	}
	name, _, _ := strings.Cut(lines[0], "(")
	file, _, _ := strings.Cut(strings.TrimSpace(lines[1]), " ")
	return what + " In " + name + ", " + file + "."
}

// died notes that the process ended, and starts it again.
func (s *suite) died(ctx context.Context, op operation, suspected bool) {
	how, ended := s.life.Ended(suspected)
	if !ended {
		return
	}
	s.deaths++
	s.found.fail(CheckCrashes, text("%s 时进程退出（%s）", "%s: the process ended (%s)", op.name, how))
	p, err := s.life.Restart(ctx)
	if err != nil {
		s.deaths = maxDeaths + 1
		return
	}
	s.plugin = p
}

// canaries are the secrets that must stand nowhere, by what they are.
func (s *suite) canaries() map[string][]string {
	out := map[string][]string{}
	for name, value := range s.private {
		out[name] = []string{value}
	}
	for name, kind := range credentialTypes(s.manifest.Credentials) {
		value := s.Credentials[name]
		switch {
		case kind == "merchant_number" || kind == "certificate" || kind == "rsa_public" || len(value) < 8:
		case strings.Contains(value, "-----BEGIN"):
			for _, line := range strings.Split(value, "\n") {
				if len(line) > 40 && !strings.HasPrefix(line, "-----") {
					out[name] = append(out[name], line)
				}
			}
		default:
			out[name] = []string{value}
		}
	}
	return out
}

// leaks looks for secrets in everything that came out of a call but its requests.
func (s *suite) leaks(op operation, host *Host, a attempt) {
	s.found.try(CheckSecrets)
	places := map[sdk.Text]string{
		{ZH: "日志", EN: "a log line"}: strings.Join(host.said(), "\n"),
	}
	if a.err != nil {
		places[sdk.Text{ZH: "错误", EN: "its error"}] = a.err.Error()
	}
	if told, err := json.Marshal(a.result); err == nil {
		places[sdk.Text{ZH: "结果", EN: "its result"}] = string(told)
	}
	if s.life != nil {
		places[sdk.Text{ZH: "输出", EN: "its output"}] = strings.Join(s.life.Lines(), "\n")
	}
	for place, told := range places {
		for name, values := range s.secrets {
			for _, v := range values {
				if strings.Contains(told, v) {
					s.found.fail(CheckSecrets, sdk.Text{
						ZH: fmt.Sprintf("%s：%s中出现了 %s 的值", op.name, place.ZH, name), EN: fmt.Sprintf("%s: the value of %s stands in %s", op.name, name, place.EN),
					})
				}
			}
		}
	}
}
