package web

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

const eventStream = "text/event-stream"

// FollowChanges tells that something changed, for as long as both sides want.
func (o *operations) FollowChanges(ctx context.Context, _ api.FollowChangesRequestObject) (api.FollowChangesResponseObject, error) {
	following, err := o.opt.Live.Follow(ctx)
	if err != nil {
		return nil, err
	}
	// The request's deadline ends with its handler; the stream goes on after it.
	return stream{ctx: context.WithoutCancel(ctx), following: following, writing: o.opt.Limits.WriteTimeout}, nil
}

// stream is a reply that ends when one side wants no more.
type stream struct {
	ctx       context.Context //nolint:containedctx // the reply is written after the handler
	following core.Following
	writing   time.Duration
}

// VisitFollowChangesResponse implements api.FollowChangesResponseObject.
func (s stream) VisitFollowChangesResponse(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, eventStream)
	c.Set("X-Accel-Buffering", "no") // proxies hold nothing back
	if c.Method() == http.MethodHead {
		s.following.Close()
		return nil
	}
	// Nothing follows on this connection: what is read from it is its end.
	c.Context().SetConnectionClose()
	conn := c.Context().Conn()
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) { s.write(w, conn) })
	return nil
}

func (s stream) write(w *bufio.Writer, conn net.Conn) {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	defer s.following.Close()
	go func() {
		defer cancel()
		_ = conn.SetReadDeadline(time.Time{})
		var one [1]byte
		_, _ = conn.Read(one[:]) // until the browser leaves, or we do
	}()
	if s.send(w, conn, ": here\n\n") != nil {
		return
	}
	for {
		topics, err := s.following.Next(ctx)
		if err != nil {
			_ = s.send(w, conn, event("end", struct {
				Code core.Code `json:"code"`
			}{core.CodeOf(err)}))
			return
		}
		text := ": here\n\n"
		if len(topics) > 0 {
			text = event("changed", struct {
				Topics []core.Topic `json:"topics"`
			}{topics})
		}
		if s.send(w, conn, text) != nil {
			return
		}
	}
}

// send gives every message the time that a whole reply has.
func (s stream) send(w *bufio.Writer, conn net.Conn, text string) error {
	if err := conn.SetWriteDeadline(time.Now().Add(s.writing)); err != nil {
		return err
	}
	if _, err := w.WriteString(text); err != nil {
		return err
	}
	return w.Flush()
}

func event(name string, data any) string {
	body, err := json.Marshal(data)
	if err != nil {
		return ""
	}
	return "event: " + name + "\ndata: " + string(body) + "\n\n"
}
