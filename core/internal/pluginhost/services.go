package pluginhost

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/zhanggui-pay/zhanggui/core"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

// services are the host's services for one plugin process. Each request names its call by
// the token; what is outside the call's grant is refused and recorded.
type services struct {
	providerpb.UnimplementedHostServer

	host  *Host
	unit  *unit
	calls registry
}

func failure(code, message string) *providerpb.Failure {
	return &providerpb.Failure{Code: code, Message: message}
}

// failureOf puts an error into the SDK's words. What is not expected stays in our log.
func (s *services) failureOf(err error) *providerpb.Failure {
	if errors.Is(err, errNotAuthentic) {
		return failure("verification", "The signature or the sealed message is not authentic.")
	}
	known, ok := errors.AsType[*core.Error](err)
	if !ok {
		s.host.log.Error("host service failed", "plugin", s.unit.id, "error", err)
		return failure("internal", "The host could not do it; its log says why.")
	}
	code := "internal"
	switch known.Code { //nolint:exhaustive // the rest is internal to a plugin
	case core.CodeInvalidCredential, core.CodeNotFound:
		code = "invalid_credential"
	case core.CodeKeysUnavailable:
		code = "keys_unavailable"
	case core.CodeNotSupported:
		code = "not_supported"
	case core.CodeInvalidRequest:
		code = "invalid_request"
	}
	return failure(code, known.Message)
}

// enter finds the live call of a token. The caller leaves the session when it is done.
func (s *services) enter(raw []byte, service string) (*session, *providerpb.Failure) {
	session := s.calls.find(raw)
	if session == nil || !session.enter(s.host.now()) {
		return nil, s.unit.deny(session, service+" with a token that is not, or no longer, valid")
	}
	return session, nil
}

// withKey enters, checks the grant for the key and the operation, and runs do with the
// version the name means.
func (s *services) withKey(ctx context.Context, raw []byte, name, operation string, do func(e *keyEntry, plain string) error) *providerpb.Failure {
	session, refused := s.enter(raw, operation)
	if refused != nil {
		return refused
	}
	defer session.leave()
	entry, plain, err := session.keys.entry(ctx, name)
	if !session.grant.keys[[2]string{plain, operation}] {
		return s.unit.deny(session, operation+" with the key "+quote(plain))
	}
	if err != nil {
		return s.failureOf(err)
	}
	session.used(plain, operation)
	if err := do(entry, plain); err != nil {
		return s.failureOf(err)
	}
	return nil
}

func (s *services) bytesWithKey(ctx context.Context, raw []byte, name, operation string, do func(e *keyEntry, plain string) ([]byte, error)) (*providerpb.BytesReply, error) {
	var out []byte
	refused := s.withKey(ctx, raw, name, operation, func(e *keyEntry, plain string) (err error) {
		out, err = do(e, plain)
		return err
	})
	return &providerpb.BytesReply{Value: out, Failure: refused}, nil
}

func (s *services) Sign(ctx context.Context, r *providerpb.SignRequest) (*providerpb.BytesReply, error) {
	return s.bytesWithKey(ctx, r.GetToken(), r.GetName(), "sign", func(e *keyEntry, name string) ([]byte, error) {
		return e.sign(name, r.GetScheme(), r.GetDigest())
	})
}

func (s *services) Verify(ctx context.Context, r *providerpb.VerifyRequest) (*providerpb.EmptyReply, error) {
	return &providerpb.EmptyReply{Failure: s.withKey(ctx, r.GetToken(), r.GetName(), "verify", func(e *keyEntry, name string) error {
		return e.verify(name, r.GetScheme(), r.GetDigest(), r.GetSignature())
	})}, nil
}

func (s *services) Encrypt(ctx context.Context, r *providerpb.EncryptRequest) (*providerpb.BytesReply, error) {
	return s.bytesWithKey(ctx, r.GetToken(), r.GetName(), "encrypt", func(e *keyEntry, name string) ([]byte, error) {
		return e.encrypt(name, r.GetScheme(), r.GetPlain())
	})
}

func (s *services) Decrypt(ctx context.Context, r *providerpb.DecryptRequest) (*providerpb.BytesReply, error) {
	return s.hidden(r.GetToken())(s.bytesWithKey(ctx, r.GetToken(), r.GetName(), "decrypt", func(e *keyEntry, name string) ([]byte, error) {
		return e.decrypt(name, r.GetScheme(), r.GetSealed())
	}))
}

func (s *services) Seal(ctx context.Context, r *providerpb.SealRequest) (*providerpb.BytesReply, error) {
	return s.bytesWithKey(ctx, r.GetToken(), r.GetName(), "seal", func(e *keyEntry, name string) ([]byte, error) {
		iv, err := e.iv(r.GetIv(), r.GetIvName())
		if err != nil {
			return nil, err
		}
		return e.seal(name, r.GetMode(), iv, r.GetPlain(), r.GetAdditional())
	})
}

func (s *services) Open(ctx context.Context, r *providerpb.OpenRequest) (*providerpb.BytesReply, error) {
	return s.hidden(r.GetToken())(s.bytesWithKey(ctx, r.GetToken(), r.GetName(), "open", func(e *keyEntry, name string) ([]byte, error) {
		iv, err := e.iv(r.GetIv(), r.GetIvName())
		if err != nil {
			return nil, err
		}
		return e.open(name, r.GetMode(), iv, r.GetSealed(), r.GetAdditional())
	}))
}

// hidden keeps what was decrypted in a call out of the call's evidence.
func (s *services) hidden(raw []byte) func(*providerpb.BytesReply, error) (*providerpb.BytesReply, error) {
	return func(r *providerpb.BytesReply, err error) (*providerpb.BytesReply, error) {
		if session := s.calls.find(raw); session != nil && len(r.GetValue()) > 0 {
			session.hide(r.GetValue())
		}
		return r, err
	}
}

// iv is the IV by value, or the account's by name.
func (e *keyEntry) iv(value []byte, name string) ([]byte, error) {
	if name == "" {
		return value, nil
	}
	c, err := e.credential(name)
	if err != nil {
		return nil, err
	}
	if c.Type != core.CredIV {
		return nil, wrongType(name, "IV")
	}
	return c.Value.Reveal(), nil
}

func (s *services) Digest(ctx context.Context, r *providerpb.DigestRequest) (*providerpb.BytesReply, error) {
	return s.bytesWithKey(ctx, r.GetToken(), r.GetName(), "digest", func(e *keyEntry, name string) ([]byte, error) {
		return e.digest(name, r.GetAlgorithm(), r.GetParts())
	})
}

// public gives what is public of a credential: any operation with it is grant enough.
func (s *services) public(ctx context.Context, r *providerpb.NameRequest, convert func(*keyEntry, string) ([]byte, error)) (*providerpb.BytesReply, error) {
	operation := "verify"
	if session := s.calls.find(r.GetToken()); session != nil {
		for _, op := range operationsKnown() {
			if session.grant.keys[[2]string{r.GetName(), op}] {
				operation = op
			}
		}
	}
	return s.bytesWithKey(ctx, r.GetToken(), r.GetName(), operation, convert)
}

func (s *services) Certificate(ctx context.Context, r *providerpb.NameRequest) (*providerpb.BytesReply, error) {
	return s.public(ctx, r, func(e *keyEntry, name string) ([]byte, error) {
		c, err := e.credential(name)
		if err != nil {
			return nil, err
		}
		if c.Type != core.CredCertificate {
			return nil, wrongType(name, "certificate")
		}
		return der(c), nil
	})
}

func (s *services) PublicKey(ctx context.Context, r *providerpb.NameRequest) (*providerpb.BytesReply, error) {
	return s.public(ctx, r, func(e *keyEntry, name string) ([]byte, error) {
		key, err := e.public(name)
		if err != nil {
			return nil, err
		}
		return x509.MarshalPKIXPublicKey(key)
	})
}

// Reveal gives a secret by value where the manifest declares it; approving the plugin's
// file approves its manifest.
func (s *services) Reveal(ctx context.Context, r *providerpb.NameRequest) (*providerpb.BytesReply, error) {
	session, refused := s.enter(r.GetToken(), "reveal")
	if refused != nil {
		return &providerpb.BytesReply{Failure: refused}, nil
	}
	defer session.leave()
	entry, plain, err := session.keys.entry(ctx, r.GetName())
	if !session.grant.reveal[plain] {
		return &providerpb.BytesReply{Failure: s.unit.deny(session, "the value of "+quote(plain))}, nil
	}
	if err != nil {
		return &providerpb.BytesReply{Failure: s.failureOf(err)}, nil
	}
	c, err := entry.credential(plain)
	if err != nil {
		return &providerpb.BytesReply{Failure: s.failureOf(err)}, nil
	}
	session.used(plain, "reveal")
	return &providerpb.BytesReply{Value: c.Value.Reveal()}, nil
}

// Log passes a plugin's line on, redacted.
func (s *services) Log(_ context.Context, r *providerpb.LogRequest) (*providerpb.EmptyReply, error) {
	session, refused := s.enter(r.GetToken(), "log")
	if refused != nil {
		return &providerpb.EmptyReply{Failure: refused}, nil
	}
	defer session.leave()
	session.mu.Lock()
	redact := redactor{fields: session.license.redact, secrets: session.secrets, keep: map[string]bool{session.call.OrderNo: true}}
	session.mu.Unlock()
	ok, held := s.unit.sayings.pass(time.Now(), 1+float64(proto.Size(r))/1024)
	if !ok {
		return &providerpb.EmptyReply{}, nil
	}
	attributes := make([]any, 0, 50)
	attributes = append(attributes, "plugin", s.unit.id, "operation", string(session.call.Operation), "attempt", session.call.AttemptID.String())
	for name, value := range r.GetAttributes() {
		if len(attributes) > 40 {
			break
		}
		if redact.fields[strings.ToLower(name)] {
			value = redacted
		}
		attributes = append(attributes, "p."+clip(redact.text(name)), clip(redact.text(value)))
	}
	if held > 0 {
		attributes = append(attributes, "not_logged_before", held)
	}
	level := max(slog.Level(r.GetLevel()), slog.LevelDebug)
	// The call's context, not that of the plugin's request: it leads to the call's trace.
	s.host.log.Log(session.ctx, min(level, slog.LevelError), clip(redact.text(r.GetMessage())), attributes...)
	return &providerpb.EmptyReply{}, nil
}

func clip(s string) string { return clipTo(s, 1024) }

func clipTo(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// rotateTimeout is how long the host tries to store a key that a provider has issued: it
// must not be lost because the plugin's call runs out of time.
const rotateTimeout = 20 * time.Second

// Rotate stores credentials the provider has issued.
func (s *services) Rotate(ctx context.Context, r *providerpb.RotateRequest) (*providerpb.EmptyReply, error) {
	session, refused := s.enter(r.GetToken(), "rotate")
	if refused != nil {
		return &providerpb.EmptyReply{Failure: refused}, nil
	}
	defer session.leave()
	values := make(map[string]core.Credential, len(r.GetValues()))
	for name, value := range r.GetValues() {
		if !session.grant.rotate[name] {
			return &providerpb.EmptyReply{Failure: s.unit.deny(session, "storing the credential "+quote(name))}, nil
		}
		kind, ok := session.license.types[name]
		if !ok || len(value) == 0 {
			return &providerpb.EmptyReply{Failure: failure("invalid_request", fmt.Sprintf("The credential %s is empty or not in the manifest.", quote(name)))}, nil
		}
		values[name] = core.Credential{Type: kind, Value: core.NewSecret(value)}
		if kind != core.CredMerchantNumber {
			session.hide(value)
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rotateTimeout)
	defer cancel()
	version, err := s.host.rotate(ctx, session.keys.path, values)
	if err != nil {
		return &providerpb.EmptyReply{Failure: s.failureOf(err)}, nil
	}
	session.mu.Lock()
	session.rotated = version
	session.mu.Unlock()
	for name := range values {
		session.used(name, "rotate")
	}
	return &providerpb.EmptyReply{}, nil
}

// rotateTries bounds how often another writer may be in the way.
const rotateTries = 5

// rotate writes values over the newest version, check-and-set. A new key the provider has
// issued is never given up for a conflict: it is merged over what is there then.
func (h *Host) rotate(ctx context.Context, path core.KeyPath, values map[string]core.Credential) (int, error) {
	defer h.keys.invalidate(path)
	var last error
	for range rotateTries {
		set, err := h.options.Keyring.Get(ctx, path, 0)
		if err != nil && !errors.Is(err, &core.Error{Code: core.CodeNotFound}) {
			return 0, keysUnavailable(err)
		}
		merged := make(map[string]core.Credential, len(set.Values)+len(values))
		for name, c := range set.Values {
			merged[name] = c
		}
		for name, c := range values {
			merged[name] = c
		}
		version, err := h.options.Keyring.Put(ctx, path, merged, set.Version)
		if err == nil {
			return version, nil
		}
		if last = err; !errors.Is(err, &core.Error{Code: core.CodeConflict}) {
			return 0, keysUnavailable(err)
		}
	}
	return 0, fmt.Errorf("store a rotated key: %w", last)
}
