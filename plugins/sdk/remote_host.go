package sdk

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

// remoteCalls are the live calls of a Remote.
type remoteCalls struct {
	mu   sync.Mutex
	live map[string]*Call
}

func (r *remoteCalls) add(token []byte, c *Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.live[string(token)] = c
}

func (r *remoteCalls) remove(token []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.live, string(token))
}

func (r *remoteCalls) find(token []byte) (*Call, *providerpb.Failure) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c := r.live[string(token)]; c != nil {
		return c, nil
	}
	return nil, failureToWire(Errorf(ErrDenied, "The token is not, or no longer, valid."))
}

// hostServer puts a test's Host on the wire.
type hostServer struct {
	providerpb.UnimplementedHostServer

	calls *remoteCalls
}

func (s *hostServer) bytes(token []byte, do func(*Call) ([]byte, error)) (*providerpb.BytesReply, error) {
	call, refused := s.calls.find(token)
	if refused != nil {
		return &providerpb.BytesReply{Failure: refused}, nil
	}
	out, err := do(call)
	if err != nil {
		return &providerpb.BytesReply{Failure: failureOf(err)}, nil
	}
	return &providerpb.BytesReply{Value: out}, nil
}

func (s *hostServer) empty(token []byte, do func(*Call) error) (*providerpb.EmptyReply, error) {
	r, err := s.bytes(token, func(c *Call) ([]byte, error) { return nil, do(c) })
	return &providerpb.EmptyReply{Failure: r.GetFailure()}, err
}

func (s *hostServer) Sign(ctx context.Context, r *providerpb.SignRequest) (*providerpb.BytesReply, error) {
	return s.bytes(r.GetToken(), func(c *Call) ([]byte, error) {
		return c.host.Sign(ctx, r.GetName(), SignatureScheme(r.GetScheme()), r.GetDigest())
	})
}

func (s *hostServer) Verify(ctx context.Context, r *providerpb.VerifyRequest) (*providerpb.EmptyReply, error) {
	return s.empty(r.GetToken(), func(c *Call) error {
		return c.host.Verify(ctx, r.GetName(), SignatureScheme(r.GetScheme()), r.GetDigest(), r.GetSignature())
	})
}

func (s *hostServer) Encrypt(ctx context.Context, r *providerpb.EncryptRequest) (*providerpb.BytesReply, error) {
	return s.bytes(r.GetToken(), func(c *Call) ([]byte, error) {
		return c.host.Encrypt(ctx, r.GetName(), EncryptionScheme(r.GetScheme()), r.GetPlain())
	})
}

func (s *hostServer) Decrypt(ctx context.Context, r *providerpb.DecryptRequest) (*providerpb.BytesReply, error) {
	return s.bytes(r.GetToken(), func(c *Call) ([]byte, error) {
		return c.host.Decrypt(ctx, r.GetName(), EncryptionScheme(r.GetScheme()), r.GetSealed())
	})
}

func (s *hostServer) Seal(ctx context.Context, r *providerpb.SealRequest) (*providerpb.BytesReply, error) {
	return s.bytes(r.GetToken(), func(c *Call) ([]byte, error) {
		return c.host.Seal(ctx, r.GetName(), CipherMode(r.GetMode()), IV{Value: r.GetIv(), Name: r.GetIvName()}, r.GetPlain(), r.GetAdditional())
	})
}

func (s *hostServer) Open(ctx context.Context, r *providerpb.OpenRequest) (*providerpb.BytesReply, error) {
	return s.bytes(r.GetToken(), func(c *Call) ([]byte, error) {
		return c.host.Open(ctx, r.GetName(), CipherMode(r.GetMode()), IV{Value: r.GetIv(), Name: r.GetIvName()}, r.GetSealed(), r.GetAdditional())
	})
}

func (s *hostServer) Digest(ctx context.Context, r *providerpb.DigestRequest) (*providerpb.BytesReply, error) {
	return s.bytes(r.GetToken(), func(c *Call) ([]byte, error) {
		parts := list(r.GetParts(), func(p *providerpb.DigestPart) Part { return Part{Data: p.GetData(), IsKey: p.GetIsKey()} })
		return c.host.Digest(ctx, r.GetName(), DigestAlgorithm(r.GetAlgorithm()), parts)
	})
}

func (s *hostServer) Certificate(ctx context.Context, r *providerpb.NameRequest) (*providerpb.BytesReply, error) {
	return s.bytes(r.GetToken(), func(c *Call) ([]byte, error) { return c.host.Certificate(ctx, r.GetName()) })
}

func (s *hostServer) PublicKey(ctx context.Context, r *providerpb.NameRequest) (*providerpb.BytesReply, error) {
	return s.bytes(r.GetToken(), func(c *Call) ([]byte, error) {
		key, err := c.host.PublicKey(ctx, r.GetName())
		if err != nil {
			return nil, err
		}
		return x509.MarshalPKIXPublicKey(key)
	})
}

func (s *hostServer) Reveal(ctx context.Context, r *providerpb.NameRequest) (*providerpb.BytesReply, error) {
	return s.bytes(r.GetToken(), func(c *Call) ([]byte, error) {
		secret, err := c.host.Reveal(ctx, r.GetName())
		return secret.Reveal(), err
	})
}

func (s *hostServer) Rotate(ctx context.Context, r *providerpb.RotateRequest) (*providerpb.EmptyReply, error) {
	return s.empty(r.GetToken(), func(c *Call) error {
		return c.host.Rotate(ctx, dictionary[string, string](r.GetValues(), secretFromWire))
	})
}

func (s *hostServer) Log(ctx context.Context, r *providerpb.LogRequest) (*providerpb.EmptyReply, error) {
	return s.empty(r.GetToken(), func(c *Call) error {
		c.host.Log(ctx, slog.Level(r.GetLevel()), r.GetMessage(), r.GetAttributes())
		return nil
	})
}

func (s *hostServer) Send(stream providerpb.Host_SendServer) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	call, refused := s.calls.find(first.GetHead().GetToken())
	if refused != nil {
		return stream.Send(&providerpb.SendReply{Failure: refused})
	}
	body := append([]byte(nil), first.GetBody()...)
	for end := first.GetEnd(); !end; {
		next, err := stream.Recv()
		if err != nil {
			return err
		}
		body, end = append(body, next.GetBody()...), next.GetEnd()
	}
	req, err := requestFromWire(stream.Context(), first.GetHead(), body)
	if err != nil {
		return stream.Send(&providerpb.SendReply{Failure: failureOf(err)})
	}
	resp, err := call.host.Send(req, HTTPOptions{ClientCertificate: first.GetHead().GetClientCertificate(), MaxResponse: first.GetHead().GetMaxResponse()}) //nolint:bodyclose // sendReply closes it
	if err != nil {
		return stream.Send(&providerpb.SendReply{Failure: failureOf(err)})
	}
	return sendReply(stream, resp)
}

func requestFromWire(ctx context.Context, head *providerpb.SendHead, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, head.GetMethod(), head.GetUrl(), bytes.NewReader(body))
	if err != nil {
		return nil, Errorf(ErrInvalidRequest, "The request cannot be built: %v.", err)
	}
	req.GetBody = nil
	for _, h := range head.GetHeaders() {
		req.Header.Add(h.GetName(), h.GetValue())
	}
	return req, nil
}

func sendReply(stream providerpb.Host_SendServer, resp *http.Response) error {
	defer func() { _ = resp.Body.Close() }()
	head := &providerpb.ReplyHead{Status: int32(resp.StatusCode), ContentLength: resp.ContentLength, Headers: headersToWire(resp.Header, "", "")} //nolint:gosec // three digits
	buffer := make([]byte, providerpb.Chunk)
	for {
		n, err := resp.Body.Read(buffer)
		end := errors.Is(err, io.EOF)
		if err != nil && !end {
			return stream.Send(&providerpb.SendReply{Failure: failureOf(Errorf(ErrSentMaybe, "The reply broke off: %v.", err))})
		}
		if err := stream.Send(&providerpb.SendReply{Head: head, Body: buffer[:n], End: end}); err != nil || end {
			return err
		}
		head = nil
	}
}
