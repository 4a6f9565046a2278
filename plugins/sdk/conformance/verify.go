package conformance

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// Verify runs all checks against a plugin of which only the manifest is known, and gives them in
// the order of a report. life is its process.
func Verify(ctx context.Context, p sdk.Provider, life Life, given Given) []Check {
	m := p.Manifest()
	c := Case{Provider: p, BaseURL: given.BaseURL, Replies: given.Replies, Mutations: 40, private: privates()}
	if len(given.Activation) > 0 {
		c.Activation = map[string]sdk.Secret{}
		for name, v := range given.Activation {
			c.Activation[name] = sdk.SecretString(v)
		}
	}
	c = c.WithDefaults()
	found := newFindings()
	found.try(CheckOfManifest)
	for _, wrong := range CheckManifest(p) {
		found.fail(CheckOfManifest, text("%s", "%s", wrong))
	}
	var err, errCredentials error
	c.Settings, err = sampleSettings(m.Settings, given.Settings)
	c.Credentials, errCredentials = sampleCredentials(m.Credentials, given.Credentials)
	s := newSuite(c, p)
	s.found, s.life, s.limit = found, life, verifyTimeout
	if err != nil || errCredentials != nil {
		s.found.fail(CheckCalls, text("无法按自述的表单自动生成账户（设置：%v；密钥：%v）；请用 --case 给出",
			"No account can be made up by the manifest's forms (settings: %v; credentials: %v); state one with --case", err, errCredentials))
		return s.found.checks()
	}
	s.everything(ctx)
	return s.found.checks()
}

// verifyTimeout bounds a call; the provider of most checks answers at once.
const verifyTimeout = 10 * time.Second

func (s *suite) everything(ctx context.Context) {
	ops := s.probe(ctx)
	s.behaves(ctx, ops)
	s.unproven(ctx, ops)
	s.strangers(ctx)
	s.hostile(ctx, ops)
	s.foreign(ctx, ops)
	s.canceled(ctx, ops)
	s.unused(ctx, ops)
	s.appetite()
	s.explain()
}

// probe finds for each capability, and each method of payment, a way to call it, and looks at
// what is sent.
func (s *suite) probe(ctx context.Context) []operation {
	sampler := sampler{s.Case, s.manifest}
	var ops []operation
	works, why := map[string]bool{}, map[string]error{}
	for _, o := range offeredBy(s.manifest) {
		if o.capability == sdk.CapInbound {
			continue
		}
		for _, op := range sampler.candidates(o.product, o.capability) {
			// One way of each method for payments, one of each product for the rest.
			key, kept := string(o.capability), o.product.ID+" "+string(o.capability)
			if o.capability == sdk.CapCreatePayment {
				key = strings.Join(strings.Fields(op.name)[:2], " ")
				kept = key
			}
			if works[kept] {
				continue
			}
			if _, tried := why[key]; !tried {
				why[key] = nil
			}
			a := s.call(ctx, op, says(http.StatusOK, "{}"))
			if a.err != nil && (op.silent || a.sends == 0) || a.sends == 0 && !op.silent {
				why[key] = a.err
				continue
			}
			works[key], works[kept] = true, true
			ops = append(ops, op)
			s.inspect(op, a)
			s.inspect(op, s.call(ctx, op, says(http.StatusOK, "{}")))
		}
	}
	s.found.try(CheckCalls)
	for _, key := range slices.Sorted(maps.Keys(why)) {
		if !works[key] {
			s.found.fail(CheckCalls, text("无法用自动生成的样例调用 %s（%v）；请修正插件，或用 --case 给出设置、密钥和样例", "%s cannot be called with samples that are made up (%v); mend the plugin, or state settings, credentials and samples with --case", key, why[key]))
		}
	}
	return ops
}

// inspect looks for our number and the amount in what a call sent, or has the payer's browser send.
func (s *suite) inspect(op operation, a attempt) {
	sent := string(a.seen.texts)
	if told, err := json.Marshal(a.result); err == nil && op.silent {
		sent += string(told)
	}
	if len(op.numbers) > 0 {
		s.found.try(CheckOrderNumbers)
		if !slices.ContainsFunc(op.numbers, func(n string) bool { return strings.Contains(sent, n) || strings.Contains(opened(sent), n) }) {
			s.found.fail(CheckOrderNumbers, text("%s：编号 %s 不在发送的内容中，重复调用会产生另一笔", "%s: our number %s is not in what was sent: a repeated call would be another operation", op.name, op.numbers[0]))
		}
	}
	if op.amount.Currency != "" {
		s.found.try(CheckAmounts)
		if !states(sent, op.amount.Minor) && !states(opened(sent), op.amount.Minor) {
			s.found.fail(CheckAmounts, text("%s：要求金额 %s 元，发送的内容中既没有 %d（分）也没有 %s（元）", "%s: %s yuan were asked for, and what was sent has neither %d fen nor %s yuan", op.name, yuan(op.amount.Minor), op.amount.Minor, yuan(op.amount.Minor)))
		}
	}
}

func yuan(fen int64) string {
	return strconv.FormatInt(fen/100, 10) + "." + strconv.FormatInt(fen%100+100, 10)[1:]
}

// states says whether a text has an amount in fen or yuan as a number of its own.
func states(sent string, fen int64) bool {
	number := regexp.MustCompile(`(^|[^0-9.])0*(` + strconv.FormatInt(fen, 10) + `|` + regexp.QuoteMeta(yuan(fen)) + `)0*($|[^0-9.])`)
	return number.MatchString(sent)
}

// opened is what stands encoded in a text.
func opened(sent string) string {
	var out strings.Builder
	for _, piece := range regexp.MustCompile(`[A-Za-z0-9+/_-]{16,}={0,2}`).FindAllString(sent, 200) {
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding} {
			if plain, err := encoding.DecodeString(piece); err == nil {
				out.Write(plain)
				out.WriteByte('\n')
			}
		}
	}
	return out.String()
}

// unproven answers with words of success that nothing proves, where replies are signed.
func (s *suite) unproven(ctx context.Context, ops []operation) {
	if s.manifest.ReplyAuthentication != sdk.ReplySigned {
		s.found.skip(CheckUnproven, text("自述为 tls-only：应答不带签名", "The manifest says tls-only: replies are not signed"))
		return
	}
	answers := plausible()
	for _, name := range slices.Sorted(maps.Keys(answers)) {
		for _, op := range ops {
			if op.silent {
				continue
			}
			s.found.try(CheckUnproven)
			if a := s.call(ctx, op, answers[name]); !a.seen.proved {
				s.judge(op, CheckUnproven, name, a)
			}
		}
	}
}

// strangers makes requests to the callback addresses.
func (s *suite) strangers(ctx context.Context) {
	for _, kind := range s.manifest.Inbound {
		requests := forged(kind)
		for _, name := range slices.Sorted(maps.Keys(requests)) {
			op := s.inboundOperation(kind.Kind+" "+name, true, requests[name])
			s.callInSilence(ctx, op)
		}
	}
	if len(s.manifest.Inbound) == 0 {
		s.found.skip(CheckCallbacks, text("插件不接收回调", "The plugin takes no callbacks"))
	}
}

// hostile puts into a payment's free texts what breaks careless formats.
func (s *suite) hostile(ctx context.Context, ops []operation) {
	for _, op := range ops {
		if op.payment == nil {
			continue
		}
		for _, nasty := range []string{
			`","amount":1,"x":"`, "&amount=1&total_fee=1", "<![CDATA[]]><amount>1</amount>", "\x00\r\nX-Injected: 1\r\n\r\n", strings.Repeat("长", 4000), "\u202e😀\ufeff", "%s%n{{.}}${x}", "' OR 1=1 --",
		} {
			c := s.Case
			req := *op.payment
			req.Subject, req.Description, req.Operator = nasty, nasty, nasty
			c.Payments = []sdk.PaymentRequest{req}
			for _, twisted := range c.paymentOperations(s.manifest) {
				twisted.name = op.name + " with a hostile subject"
				s.found.try(CheckHostileInputs)
				a := s.call(ctx, twisted, says(http.StatusOK, "{}"))
				if a.sends > 1 {
					s.found.fail(CheckHostileInputs, text("%s（%q）：发送了 %d 个请求", "%s (%q): %d requests were sent", twisted.name, nasty[:min(len(nasty), 30)], a.sends))
				}
				if a.sends == 1 && (!strings.Contains(string(a.seen.texts), sampleOrderNo) && !strings.Contains(opened(string(a.seen.texts)), sampleOrderNo) ||
					!states(string(a.seen.texts), sampleAmount) && !states(opened(string(a.seen.texts)), sampleAmount)) {
					s.found.fail(CheckHostileInputs, text("%s（%q）：请求中的编号或金额不见了", "%s (%q): our number or the amount is gone from the request", twisted.name, nasty[:min(len(nasty), 30)]))
				}
			}
		}
	}
}

// foreign asks for another currency: it is refused, or what is sent names it.
func (s *suite) foreign(ctx context.Context, ops []operation) {
	for _, op := range ops {
		if op.payment == nil || op.silent {
			continue
		}
		c := s.Case
		req := *op.payment
		req.Amount.Currency = "USD"
		c.Payments = []sdk.PaymentRequest{req}
		for _, twisted := range c.paymentOperations(s.manifest) {
			a := s.call(ctx, twisted, says(http.StatusOK, "{}"))
			if a.sends > 0 && !strings.Contains(string(a.seen.texts), "USD") {
				s.found.fail(CheckAmounts, text("%s：要求的币种为 USD，请求已发送却没有注明币种；应拒绝", "%s: USD were asked for, and a request was sent that does not say so; refuse it", op.name))
			}
		}
	}
}

// The patience with a provider that does not answer.
const (
	slowCall  = 50 * time.Millisecond
	slowGrace = 10 * time.Second
)

// canceled lets the provider be silent and the call's time run out: the request has to end with it.
func (s *suite) canceled(ctx context.Context, ops []operation) {
	deaf := 0
	for _, op := range ops {
		if op.silent || s.givenUp(op) || deaf >= maxHung {
			continue
		}
		s.found.try(CheckCancel)
		began, ended := make(chan struct{}, 1), make(chan struct{}, 1)
		silent := func(req *http.Request) (*http.Response, error) {
			began <- struct{}{}
			timer := time.NewTimer(slowGrace)
			defer timer.Stop()
			select {
			case <-req.Context().Done():
				ended <- struct{}{}
			case <-timer.C:
			}
			return nil, sdk.Errorf(sdk.ErrSentMaybe, "The time was over.")
		}
		calling, cancel := context.WithCancel(ctx)
		go func() {
			defer cancel()
			select {
			case <-began:
			case <-time.After(slowGrace):
				return
			}
			time.Sleep(slowCall)
		}()
		host := &Host{Credentials: s.Credentials, Manifest: s.manifest, Clock: func() time.Time { return s.Now }, Answer: silent}
		got, err := op.run(calling, s.plugin, host.Call(calling, op.capability, s.BaseURL, s.Settings))
		cancel()
		if host.Sends() == 0 {
			continue
		}
		select {
		case <-ended:
		case <-time.After(slowGrace):
			deaf++
			s.found.fail(CheckCancel, text("%s：调用取消 %s 后，其请求仍未结束；请把 ctx 传给请求", "%s: its request went on for %s after the call was canceled; give the request the call's ctx", op.name, slowGrace))
		}
		if err == nil && got.outcome != sdk.OutcomeUnknown && got.outcome != "" {
			s.found.fail(CheckBadAnswers, text("%s：渠道没有应答，插件给出 %s，应为 unknown", "%s: the provider did not answer and the plugin says %s; it must be unknown", op.name, got.outcome))
		}
	}
}

// unused calls with every set of credentials that the form takes with one left out, and names
// the keys that no call ever asked for.
func (s *suite) unused(ctx context.Context, ops []operation) {
	if len(ops) == 0 {
		return
	}
	all := s.Credentials
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fewer := maps.Clone(all)
		delete(fewer, name)
		for range 3 { // what depends on it goes as well
			if accepts(s.manifest.Credentials, fewer) == nil {
				break
			}
			for _, other := range dependents(s.manifest.Credentials, fewer) {
				delete(fewer, other)
			}
		}
		if len(fewer) == 0 || accepts(s.manifest.Credentials, fewer) != nil {
			continue
		}
		s.Credentials = fewer
		for _, op := range ops {
			s.call(ctx, op, says(http.StatusOK, "{}"))
		}
	}
	s.Credentials = all
	s.found.try(CheckUnused)
	for _, use := range s.askedFor() {
		if !s.used[use] {
			s.found.fail(CheckUnused, text("自述要求密钥 %s 的 %s，但没有任何调用使用它", "The manifest asks for %s with %s, and no call ever uses it", use[1], use[0]))
		}
	}
}

// dependents are the credentials that are there and must not be without others that are not.
func dependents(schema json.RawMessage, there map[string]string) []string {
	var form struct {
		Needs map[string][]string `json:"dependentRequired"`
	}
	if json.Unmarshal(schema, &form) != nil {
		return nil
	}
	var out []string
	for name, needs := range form.Needs {
		if slices.ContainsFunc(needs, func(n string) bool { _, ok := there[n]; return !ok }) {
			out = append(out, name)
		}
	}
	return out
}

// askedFor are the uses of keys before anything is sent; what is only used on a good reply or a
// genuine callback cannot be told from here.
func (s *suite) askedFor() [][2]string {
	once := map[[2]string]bool{}
	for capability, g := range s.manifest.Grants {
		if capability == sdk.CapInbound || g.Sends == 0 {
			continue
		}
		for _, k := range g.Keys {
			for _, op := range k.Operations {
				if op == sdk.OpSign || op == sdk.OpDigest || op == sdk.OpEncrypt || op == sdk.OpSeal {
					once[[2]string{k.Name, op}] = true
				}
			}
		}
		for _, name := range g.Reveal {
			once[[2]string{name, "reveal"}] = true
		}
	}
	return slices.SortedFunc(maps.Keys(once), func(a, b [2]string) int { return strings.Compare(a[0]+a[1], b[0]+b[1]) })
}

// What a plugin may write and use while it is checked, in bytes.
const (
	maxOutput = 256 << 10
	maxMemory = 192 << 20
)

// appetite looks at what the process wrote and used.
func (s *suite) appetite() {
	if s.life == nil {
		return
	}
	s.found.try(CheckOutput)
	if n := s.life.Written(); n > maxOutput {
		s.found.fail(CheckOutput, text("标准输出和标准错误共 %d 字节，上限 %d", "It wrote %d bytes to stdout and stderr, at most %d are reasonable", n, maxOutput))
	}
	if n := s.life.Memory(); n > 0 {
		s.found.try(CheckMemory)
		if n > maxMemory {
			s.found.fail(CheckMemory, text("内存峰值 %d MiB，上限 %d MiB", "It used up to %d MiB of memory, at most %d are reasonable", n>>20, maxMemory>>20))
		}
	}
}

// explain says why what was not tried was not.
func (s *suite) explain() {
	s.found.try(CheckGrants)
	s.found.try(CheckMessages)
	s.found.skip(CheckCutReplies, text("没有渠道应答样例；用 --case 给出后再检查", "No good reply of the provider is known; state some with --case"))
	for _, check := range []string{CheckAmounts, CheckOrderNumbers, CheckHostileInputs, CheckBadAnswers, CheckCancel, CheckRequests, CheckUnused} {
		s.found.skip(check, text("没有可以检查的调用", "There is no call to check"))
	}
}
