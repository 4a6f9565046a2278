package pluginhost

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

// order is one call to be made: on whose behalf, with what that must not be kept, and how
// it goes over the wire.
type order struct {
	call    core.ProviderCall
	secrets [][]byte
	known   []string // numbers that are no card numbers
	numbers pathNumbers
	do      func(ctx context.Context, remote providerpb.ProviderClient, call *providerpb.Call) (reply, error)
}

// reply is what every reply of a plugin has.
type reply struct {
	failure    *providerpb.Failure
	outcome    core.Outcome
	keyRefused bool
	known      []string
}

// verdict is what the host makes of a call: the outcome it stands by, and the exchange.
type verdict struct {
	outcome  core.Outcome
	provider core.ProviderText // what went wrong, when the reply does not say
	replied  bool              // the plugin's reply can be used
	exchange core.Exchange
	redact   redactor // of what the provider says, which may repeat what it was told
}

// make runs an order, and once more with the previous key version where the provider
// refused the newest key's signature and repeating moves no money.
func (h *Host) make(ctx context.Context, o order) (verdict, error) {
	v, refused, err := h.once(ctx, o, false)
	if err != nil || !refused || o.call.NewestKeys || moves(o.call.Operation) || v.exchange.KeyVersion < 2 {
		return v, err
	}
	second, refusedAgain, err := h.once(ctx, o, true)
	if err != nil {
		return v, nil //nolint:nilerr // the first answer stands
	}
	if !refusedAgain && second.replied {
		h.prefer.refused(o.call.Account.KeyPath(), v.exchange.KeyVersion)
	}
	return second, nil
}

// once makes one call. refused says that the provider refused the signature of the newest key.
func (h *Host) once(ctx context.Context, o order, previous bool) (v verdict, refused bool, err error) {
	started := time.Now()
	v.outcome = core.OutcomeUnknown
	v.exchange.Sent = core.SentNo
	ctx, end := h.watchCall(ctx, o.call)
	defer func() { end(v, err) }()
	ctx, cancel := context.WithTimeout(ctx, h.timeout(o.call.Operation))
	defer cancel()
	u := h.find(o.call.Account.Provider)
	if u == nil {
		return v, false, core.Errorf(core.CodeProviderUnavailable, "There is no plugin for the provider %s; nothing was sent.", quote(o.call.Account.Provider))
	}
	i, s, err := h.open(ctx, u, o, previous)
	if err != nil {
		v.exchange.Plugin = u.label()
		return v, false, err
	}
	defer u.giveBack(i)
	defer func() { <-i.slots }()
	defer i.services.calls.remove(s.token)
	answer, rpcErr := o.do(ctx, i.remote, s.wire(h.now()))
	complete := s.finish()
	known := slices.Concat(answer.known, o.known)
	v.exchange = s.settle(complete, known...)
	v.redact = s.redactor().keeping(known)
	v.exchange.Duration = time.Since(started)
	err = h.judge(s, &v, answer, rpcErr)
	u.count(v.exchange.Duration, rpcErr != nil || answer.failure != nil)
	newest := s.keys.newest == s.keys.current.set.Version
	if taken := v.replied && !answer.keyRefused && v.outcome != core.OutcomeUnknown && s.hasReply(); newest && taken || !newest && !previous && answer.keyRefused {
		h.prefer.forget(s.keys.path, s.keys.newest)
	}
	return v, answer.keyRefused && newest, err
}

func (h *Host) timeout(c core.Capability) time.Duration {
	if d := h.options.CallTimeouts[c]; d > 0 {
		return d
	}
	return h.options.CallTimeout
}

// open borrows the plugin and opens a session with the grant of the operation. Every error
// means that nothing was sent.
func (h *Host) open(ctx context.Context, u *unit, o order, previous bool) (_ *instance, _ *session, err error) {
	i, err := u.borrow(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			u.giveBack(i)
		}
	}()
	g := i.license.grants[o.call.Operation]
	if g == nil || !i.license.offered[o.call.Operation] {
		return nil, nil, core.Errorf(core.CodeNotSupported, "The provider %s does not offer %s.", u.id, o.call.Operation)
	}
	base, err := parseBase(o.call.Account.BaseURL)
	if err != nil {
		return nil, nil, err
	}
	keys, err := h.keysFor(ctx, o.call, previous)
	if err != nil {
		return nil, nil, err
	}
	select {
	case i.slots <- struct{}{}:
	default:
		select {
		case i.slots <- struct{}{}:
		case <-ctx.Done():
			return nil, nil, core.Errorf(core.CodeProviderUnavailable, "Too many calls to the provider %s are running; nothing was sent.", u.id)
		}
	}
	s := newSession(ctx, i, o, g, keys, base)
	i.services.calls.add(s)
	return i, s, nil
}

func parseBase(raw string) (*url.URL, error) {
	if raw == "" {
		return nil, nil //nolint:nilnil // an account may have no address of its own
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, core.Errorf(core.CodeInvalidRequest, "The account's base URL is no http or https address; nothing was sent.").At("base_url")
	}
	return u, nil
}

func newSession(ctx context.Context, i *instance, o order, g *grant, keys *callKeys, base *url.URL) *session {
	s := &session{
		token: newToken(), unit: i.unit, call: o.call, grant: g.of(o.call.Account.Settings, o.numbers, keys.merchants), license: i.license, label: i.label(), keys: keys, base: base,
		idle: make(chan struct{}), uses: map[string]int{}, secrets: append(keys.secrets(), o.secrets...),
	}
	s.expires, _ = ctx.Deadline()
	// The clock of the deadline is the system's; the token's is the host's, which tests set.
	s.expires = i.unit.host.now().Add(time.Until(s.expires))
	s.ctx, s.cancel = context.WithCancel(ctx)
	return s
}

// wire is what the plugin learns of the call.
func (s *session) wire(now time.Time) *providerpb.Call {
	settings := s.call.Account.Settings
	if len(settings) == 0 {
		settings = json.RawMessage("{}")
	}
	return &providerpb.Call{
		Token: s.token[:], AccountId: s.call.Account.ID.String(), Operation: string(s.call.Operation), OrderNo: s.call.OrderNo,
		Settings: settings, BaseUrl: strings.TrimSuffix(s.call.Account.BaseURL, "/"), Language: s.call.Language,
		CallbackUrl: s.call.CallbackURL,
		Merchants:   s.keys.merchants(), KeyVersion: int32(s.keys.current.set.Version), Now: timeToWire(now), //nolint:gosec // versions are small
	}
}

// judge decides what a call meant. Without proof, what may have left is unknown; what has
// not left is an error that says so.
func (h *Host) judge(s *session, v *verdict, answer reply, rpcErr error) error {
	nothingLeft := v.exchange.Sent == core.SentNo
	switch {
	case rpcErr != nil && nothingLeft:
		return core.Wrap(rpcErr, core.CodeProviderUnavailable, "The plugin of the provider %s ended or did not answer; nothing was sent.", s.unit.id)
	case rpcErr != nil:
		v.provider.Message = "The plugin ended or did not answer after the request may have left."
		h.log.WarnContext(s.ctx, "plugin call broke off", "plugin", s.unit.id, "operation", string(s.call.Operation), "attempt", s.call.AttemptID.String(), "error", rpcErr)
		return nil
	case answer.failure != nil && nothingLeft:
		return refusal(s, answer.failure)
	case answer.failure != nil:
		v.provider.Message = clip(v.redact.text(answer.failure.GetMessage()))
		h.log.WarnContext(s.ctx, "plugin call failed", "plugin", s.unit.id, "operation", string(s.call.Operation), "attempt", s.call.AttemptID.String(),
			"code", answer.failure.GetCode(), "message", clip(s.redactor().text(answer.failure.GetMessage())))
		return nil
	}
	v.replied, v.outcome = true, answer.outcome
	// What is granted no request and moves no money proves itself otherwise, by a signature for instance.
	if needsProof(answer.outcome) && !s.hasReply() && (s.grant.sends > 0 || moves(s.call.Operation)) {
		s.unit.deny(s, "the outcome "+string(answer.outcome)+" without a reply of the provider")
		v.outcome = core.OutcomeUnknown
	}
	return nil
}

// needsProof are the outcomes that only a provider's reply can tell.
func needsProof(o core.Outcome) bool {
	switch o {
	case core.OutcomeSucceeded, core.OutcomeFailed, core.OutcomeCanceled, core.OutcomeClosed, core.OutcomeNotFound:
		return true
	case core.OutcomeInProgress, core.OutcomeUnknown, core.OutcomeRefused:
		return false
	}
	return false
}

func (s *session) hasReply() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.replied
}

func (s *session) redactor() redactor {
	s.mu.Lock()
	defer s.mu.Unlock()
	return redactor{fields: s.license.redact, secrets: s.secrets, keep: map[string]bool{s.call.OrderNo: true}}
}

// refusal is a plugin's failure before anything left, in our words.
func refusal(s *session, f *providerpb.Failure) error {
	message := clip(s.redactor().text(f.GetMessage()))
	code := core.CodeProviderUnavailable
	switch f.GetCode() {
	case "invalid_request":
		code = core.CodeInvalidRequest
	case "invalid_credential":
		code = core.CodeInvalidCredential
	case "not_supported":
		code = core.CodeNotSupported
	case "keys_unavailable":
		code = core.CodeKeysUnavailable
	}
	e := core.Errorf(code, "%s", message)
	if param := f.GetParam(); param != "" {
		return e.At(clip(param))
	}
	return e
}
