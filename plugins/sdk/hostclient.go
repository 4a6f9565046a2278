package sdk

import (
	"context"
	"crypto"
	"crypto/x509"
	"log/slog"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

// hostClient is the Host a plugin process has: every request carries the call's token.
type hostClient struct {
	remote  providerpb.HostClient
	token   []byte
	now     time.Time
	started time.Time
}

var _ Host = (*hostClient)(nil)

func newHostClient(conn *grpc.ClientConn, c *providerpb.Call) *hostClient {
	return &hostClient{remote: providerpb.NewHostClient(conn), token: c.GetToken(), now: timeFromWire(c.GetNow()), started: time.Now()}
}

// Now is the host's time at the beginning of the call plus what has passed since.
func (h *hostClient) Now() time.Time { return h.now.Add(time.Since(h.started)) }

func (h *hostClient) Sign(ctx context.Context, name string, scheme SignatureScheme, digest []byte) ([]byte, error) {
	return value(h.remote.Sign(ctx, &providerpb.SignRequest{Token: h.token, Name: name, Scheme: string(scheme), Digest: digest}))
}

func (h *hostClient) Verify(ctx context.Context, name string, scheme SignatureScheme, digest, signature []byte) error {
	return nothing(h.remote.Verify(ctx, &providerpb.VerifyRequest{
		Token: h.token, Name: name, Scheme: string(scheme), Digest: digest, Signature: signature,
	}))
}

func (h *hostClient) Encrypt(ctx context.Context, name string, scheme EncryptionScheme, plain []byte) ([]byte, error) {
	return value(h.remote.Encrypt(ctx, &providerpb.EncryptRequest{Token: h.token, Name: name, Scheme: string(scheme), Plain: plain}))
}

func (h *hostClient) Decrypt(ctx context.Context, name string, scheme EncryptionScheme, sealed []byte) ([]byte, error) {
	return value(h.remote.Decrypt(ctx, &providerpb.DecryptRequest{Token: h.token, Name: name, Scheme: string(scheme), Sealed: sealed}))
}

func (h *hostClient) Seal(ctx context.Context, name string, mode CipherMode, iv IV, plain, additional []byte) ([]byte, error) {
	return value(h.remote.Seal(ctx, &providerpb.SealRequest{
		Token: h.token, Name: name, Mode: string(mode), Iv: iv.Value, IvName: iv.Name, Plain: plain, Additional: additional,
	}))
}

func (h *hostClient) Open(ctx context.Context, name string, mode CipherMode, iv IV, sealed, additional []byte) ([]byte, error) {
	return value(h.remote.Open(ctx, &providerpb.OpenRequest{
		Token: h.token, Name: name, Mode: string(mode), Iv: iv.Value, IvName: iv.Name, Sealed: sealed, Additional: additional,
	}))
}

func (h *hostClient) Digest(ctx context.Context, name string, alg DigestAlgorithm, parts []Part) ([]byte, error) {
	return value(h.remote.Digest(ctx, &providerpb.DigestRequest{
		Token: h.token, Name: name, Algorithm: string(alg),
		Parts: list(parts, func(p Part) *providerpb.DigestPart { return &providerpb.DigestPart{Data: p.Data, IsKey: p.IsKey} }),
	}))
}

func (h *hostClient) Certificate(ctx context.Context, name string) ([]byte, error) {
	return value(h.remote.Certificate(ctx, &providerpb.NameRequest{Token: h.token, Name: name}))
}

func (h *hostClient) PublicKey(ctx context.Context, name string) (crypto.PublicKey, error) {
	der, err := value(h.remote.PublicKey(ctx, &providerpb.NameRequest{Token: h.token, Name: name}))
	if err != nil {
		return nil, err
	}
	return x509.ParsePKIXPublicKey(der)
}

func (h *hostClient) Reveal(ctx context.Context, name string) (Secret, error) {
	b, err := value(h.remote.Reveal(ctx, &providerpb.NameRequest{Token: h.token, Name: name}))
	return Secret{value: b}, err
}

func (h *hostClient) Rotate(ctx context.Context, values map[string]Secret) error {
	return nothing(h.remote.Rotate(ctx, &providerpb.RotateRequest{
		Token: h.token, Values: dictionary[string, string](values, secretToWire),
	}))
}

func (h *hostClient) Log(ctx context.Context, level slog.Level, message string, attributes map[string]string) {
	// A log line that does not arrive must not change what the call means.
	_, _ = h.remote.Log(ctx, &providerpb.LogRequest{
		Token: h.token, Level: int32(level), Message: valid(message), Attributes: validMap(attributes), //nolint:gosec // slog levels are small
	})
}

func value(r *providerpb.BytesReply, err error) ([]byte, error) {
	if err != nil {
		return nil, unanswered(err)
	}
	if f := r.GetFailure(); f != nil {
		return nil, failureFromWire(f)
	}
	return r.GetValue(), nil
}

func nothing(r *providerpb.EmptyReply, err error) error {
	if err != nil {
		return unanswered(err)
	}
	if f := r.GetFailure(); f != nil {
		return failureFromWire(f)
	}
	return nil
}

// unanswered is a call to the host that broke. A host that is older than the SDK lacks services.
func unanswered(err error) *Error {
	if status.Code(err) == codes.Unimplemented {
		return Errorf(ErrNotSupported, "This host does not offer the service yet: %v.", err)
	}
	return Errorf(ErrInternal, "The host did not answer: %v.", err)
}
