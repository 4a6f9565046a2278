package web

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

const (
	localMessage = "message"
	localParam   = "param"
)

// record puts a request of a merchant's program into the request log: what was asked by the pattern
// of its address, how it ended, the sentence that was told, and what it was about. No body, query
// or path is looked at but for ids.
func (s *Server) record(c *fiber.Ctx, info *requestInfo, route string, status int, begin time.Time, took time.Duration) {
	id, ok := c.Locals(localIdentity).(core.Identity)
	if s.opt.Recorder == nil || !ok || id.APIKeyID.IsZero() {
		return
	}
	e := core.RequestEntry{
		TenantID: id.TenantID, ID: core.NewID(begin), APIKeyID: id.APIKeyID, Method: c.Method(), Route: documented(route), Status: status,
		RequestID: info.requestID, Duration: took, IP: info.ip, CreatedAt: begin,
	}
	if code, ok := c.Locals(localCode).(string); ok {
		e.Code = core.Code(code)
		e.Message, _ = c.Locals(localMessage).(string)
		e.Param, _ = c.Locals(localParam).(string)
		e.Message, e.Param = masked(e.Message), masked(shorten(e.Param))
	}
	e.ObjectKind, e.ObjectID = aboutWhat(c, status)
	s.opt.Recorder.Record(e)
}

// documented gives a route in the document's words: /v1/payments/{payment_id}.
func documented(route string) string {
	parts := strings.Split(route, "/")
	for i, part := range parts {
		if name, ok := strings.CutPrefix(part, ":"); ok {
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}

// Sentences may name what was sent. A key of ours, a secret of a webhook, and 13 to 19 digits, which
// may be a card or a payer's code, are not kept. Our order numbers have 20.
var (
	keptOut  = regexp.MustCompile(`\b(zgk_|whsec_)[A-Za-z0-9+/=]{7,}|\b[0-9]{13,19}\b`)
	asMasked = "…"
)

func masked(sentence string) string { return keptOut.ReplaceAllString(sentence, asMasked) }

// aboutWhat finds the object: the first id in the address, or what a POST made.
func aboutWhat(c *fiber.Ctx, status int) (kind string, object core.ID) {
	for _, name := range c.Route().Params {
		if kind, object := prefixed(c.Params(name)); kind != "" {
			return kind, object
		}
	}
	if c.Method() != http.MethodPost || status >= http.StatusBadRequest {
		return "", core.ID{}
	}
	var made struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(c.Response().Body(), &made) != nil {
		return "", core.ID{}
	}
	return prefixed(made.ID)
}

func prefixed(text string) (kind string, object core.ID) {
	kind, _, found := strings.Cut(text, "_")
	if !found {
		return "", core.ID{}
	}
	object, err := core.ParsePrefixed(kind, text)
	if err != nil {
		return "", core.ID{}
	}
	return kind, object
}

// ListRequests lists what the merchant's programs asked.
func (o *operations) ListRequests(ctx context.Context, r api.ListRequestsRequestObject) (api.ListRequestsResponseObject, error) {
	p := r.Params
	page, limit, err := pageOf(p.Limit, p.Cursor)
	if err != nil {
		return nil, err
	}
	f := core.RequestFilter{
		Results: states[core.RequestResult](p.Result), Methods: states[string](p.Method), Codes: states[core.Code](p.Code), Route: p.Route, RequestID: p.RequestID,
		Number: p.Number, From: p.From, To: p.To, Page: page,
	}
	if f.APIKeyID, err = fieldID(core.PrefixAPIKey, p.APIKeyID, "api_key_id"); err != nil {
		return nil, err
	}
	object, err := objectID(p.ObjectID)
	if err != nil {
		return nil, err
	}
	if !object.IsZero() {
		f.ObjectIDs = []core.ID{object}
	}
	rows, err := o.opt.RequestLog.ListRequests(ctx, f)
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, limit, func(e core.RequestEntry) (time.Time, core.ID) { return e.CreatedAt, e.ID })
	return api.ListRequests200JSONResponse{Items: each(rows, requestOf), NextCursor: next}, nil
}

// GetRequest reads one of them.
func (o *operations) GetRequest(ctx context.Context, r api.GetRequestRequestObject) (api.GetRequestResponseObject, error) {
	id, err := pathID(core.PrefixRequest, r.LogID)
	if err != nil {
		return nil, err
	}
	e, err := o.opt.RequestLog.Request(ctx, id)
	if err != nil {
		return nil, err
	}
	return api.GetRequest200JSONResponse(requestOf(e)), nil
}

func requestOf(e core.RequestEntry) api.RequestLogEntry {
	out := api.RequestLogEntry{
		ID: id(core.PrefixRequest, e.ID), CreatedAt: utc(e.CreatedAt), APIKeyID: id(core.PrefixAPIKey, e.APIKeyID), Method: e.Method, Route: e.Route, Status: int32(e.Status), //nolint:gosec // an HTTP status
		RequestID: e.RequestID, Milliseconds: float64(e.Duration) / float64(time.Millisecond), IP: e.IP, ObjectID: id(e.ObjectKind, e.ObjectID),
	}
	if e.Code != "" {
		out.Code, out.Message, out.Param, out.Docs = string(e.Code), e.Message, e.Param, docsOf(e.Code)
	}
	return out
}

// docsOf is where a code is explained.
func docsOf(code core.Code) string { return "/docs/errors#" + string(code) }
