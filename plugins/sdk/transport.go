package sdk

import (
	"context"
	"log/slog"
	"net/http"
)

// transport is the http.RoundTripper whose other end is the host.
type transport struct {
	call    *Call
	options HTTPOptions
}

func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.options.Timeout <= 0 {
		return t.call.host.Send(req, t.options)
	}
	// The context must outlive this function: the body is read after it returns.
	ctx, cancel := context.WithTimeout(req.Context(), t.options.Timeout)
	resp, err := t.call.host.Send(req.WithContext(ctx), t.options)
	if err != nil {
		cancel()
		return nil, err
	}
	resp.Body = cancelOnClose{resp.Body, cancel}
	return resp, nil
}

type cancelOnClose struct {
	readCloser
	cancel context.CancelFunc
}

func (c cancelOnClose) Close() error {
	defer c.cancel()
	return c.readCloser.Close()
}

type readCloser interface {
	Read(p []byte) (int, error)
	Close() error
}

// logHandler sends slog records to the host.
type logHandler struct {
	call  *Call
	attrs []slog.Attr
	group string
}

func (h logHandler) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }

func (h logHandler) Handle(_ context.Context, r slog.Record) error {
	attributes := make(map[string]string, len(h.attrs)+r.NumAttrs())
	put := func(a slog.Attr) bool {
		attributes[h.group+a.Key] = a.Value.Resolve().String()
		return true
	}
	for _, a := range h.attrs {
		attributes[a.Key] = a.Value.Resolve().String()
	}
	r.Attrs(put)
	h.call.host.Log(h.call.ctx, r.Level, r.Message, attributes)
	return nil
}

func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	all := append([]slog.Attr(nil), h.attrs...)
	for _, a := range attrs {
		all = append(all, slog.Attr{Key: h.group + a.Key, Value: a.Value})
	}
	h.attrs = all
	return h
}

func (h logHandler) WithGroup(name string) slog.Handler {
	h.group += name + "."
	return h
}
