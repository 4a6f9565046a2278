package sdk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

// Send streams one request to the host and the reply back.
func (h *hostClient) Send(req *http.Request, o HTTPOptions) (*http.Response, error) {
	ctx, cancel := context.WithCancel(req.Context())
	stream, err := h.remote.Send(ctx)
	if err != nil {
		cancel()
		return nil, Errorf(ErrSentMaybe, "The host did not take the request: %v.", err)
	}
	head := &providerpb.SendHead{
		Token: h.token, Method: req.Method, Url: req.URL.String(), Headers: headersToWire(req.Header, req.Host, req.URL.Host),
		ClientCertificate: o.ClientCertificate, MaxResponse: o.MaxResponse, ContentLength: req.ContentLength,
	}
	if req.Body == nil || req.Body == http.NoBody {
		head.ContentLength = 0
	}
	if err := sendBody(stream, head, req.Body); err != nil {
		cancel()
		return nil, err
	}
	first, err := receive(stream)
	if err != nil {
		cancel()
		return nil, err
	}
	return responseFromWire(req, first, &replyBody{stream: stream, cancel: cancel, rest: first.GetBody(), end: first.GetEnd()}), nil
}

func headersToWire(in http.Header, host, urlHost string) []*providerpb.Header {
	out := make([]*providerpb.Header, 0, len(in)+1)
	for name, values := range in {
		for _, v := range values {
			out = append(out, &providerpb.Header{Name: name, Value: v})
		}
	}
	if host != "" && host != urlHost {
		out = append(out, &providerpb.Header{Name: "Host", Value: host})
	}
	return out
}

type sendStream interface {
	Send(*providerpb.SendRequest) error
	Recv() (*providerpb.SendReply, error)
	CloseSend() error
}

// sendBody sends the head with the first piece of the body, then the rest.
func sendBody(stream sendStream, head *providerpb.SendHead, body io.ReadCloser) error {
	if body == nil {
		body = http.NoBody
	}
	defer func() { _ = body.Close() }()
	buffer := make([]byte, bodyChunk(head.GetContentLength()))
	for {
		n, err := io.ReadFull(body, buffer)
		end := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !end {
			return Errorf(ErrSentMaybe, "The request's body cannot be read: %v.", err)
		}
		// A message is handed over before Send returns, so the buffer can be used again.
		if err := stream.Send(&providerpb.SendRequest{Head: head, Body: buffer[:n], End: end}); err != nil {
			if errors.Is(err, io.EOF) { // the host has answered already: its reply says why
				return nil
			}
			return Errorf(ErrSentMaybe, "The host went away: %v.", err)
		}
		if end {
			return nil
		}
		head = nil
	}
}

// bodyChunk is one byte more than a short body, so that its end is seen with it.
func bodyChunk(length int64) int {
	if length >= 0 && length < providerpb.Chunk {
		return int(length) + 1
	}
	return providerpb.Chunk
}

func receive(stream sendStream) (*providerpb.SendReply, error) {
	reply, err := stream.Recv()
	if err != nil {
		return nil, Errorf(ErrSentMaybe, "The host went away: %v.", err)
	}
	if f := reply.GetFailure(); f != nil {
		return nil, failureFromWire(f)
	}
	return reply, nil
}

func responseFromWire(req *http.Request, first *providerpb.SendReply, body io.ReadCloser) *http.Response {
	head := first.GetHead()
	header := make(http.Header, len(head.GetHeaders()))
	for _, f := range head.GetHeaders() {
		header.Add(f.GetName(), f.GetValue())
	}
	status := int(head.GetStatus())
	return &http.Response{
		Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: body, ContentLength: head.GetContentLength(), Request: req,
	}
}

// replyBody reads the pieces of a reply as they come.
type replyBody struct {
	stream sendStream
	cancel context.CancelFunc
	rest   []byte
	end    bool
	failed error
}

func (b *replyBody) Read(p []byte) (int, error) {
	for len(b.rest) == 0 {
		if b.failed != nil {
			return 0, b.failed
		}
		if b.end {
			return 0, io.EOF
		}
		next, err := receive(b.stream)
		if err != nil {
			b.failed = err
			return 0, err
		}
		b.rest, b.end = next.GetBody(), next.GetEnd()
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

// Close lets the host go, also in the middle of a body.
func (b *replyBody) Close() error {
	b.cancel()
	return nil
}
