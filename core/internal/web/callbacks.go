package web

import (
	"context"
	"encoding/base64"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// ListCallbacks lists what providers sent us.
func (o *operations) ListCallbacks(ctx context.Context, r api.ListCallbacksRequestObject) (api.ListCallbacksResponseObject, error) {
	p := r.Params
	page, limit, err := pageOf(p.Limit, p.Cursor)
	if err != nil {
		return nil, err
	}
	f := core.CallbackFilter{Effects: states[core.CallbackEffect](p.Effect), From: p.From, To: p.To, Page: page}
	if f.AccountID, err = fieldID(core.PrefixAccount, p.AccountID, "account_id"); err != nil {
		return nil, err
	}
	if f.ObjectID, err = objectID(p.ObjectID); err != nil {
		return nil, err
	}
	rows, err := o.opt.Inbound.ListCallbacks(ctx, f)
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, limit, func(c core.Callback) (time.Time, core.ID) { return c.ReceivedAt, c.ID })
	return api.ListCallbacks200JSONResponse{Items: each(rows, callbackOf), NextCursor: next}, nil
}

// RerunCallback reads a callback again.
func (o *operations) RerunCallback(ctx context.Context, r api.RerunCallbackRequestObject) (api.RerunCallbackResponseObject, error) {
	id, err := pathID(core.PrefixCallback, r.CallbackID)
	if err != nil {
		return nil, err
	}
	c, err := o.opt.Inbound.RerunCallback(ctx, id)
	if err != nil {
		return nil, err
	}
	return api.RerunCallback200JSONResponse(callbackOf(c)), nil
}

// GetCallback reads what is known of a callback.
func (o *operations) GetCallback(ctx context.Context, r api.GetCallbackRequestObject) (api.GetCallbackResponseObject, error) {
	id, err := pathID(core.PrefixCallback, r.CallbackID)
	if err != nil {
		return nil, err
	}
	c, err := o.opt.Inbound.Callback(ctx, id)
	if err != nil {
		return nil, err
	}
	return api.GetCallback200JSONResponse(callbackOf(c)), nil
}

// RevealCallback shows a callback as it came.
func (o *operations) RevealCallback(ctx context.Context, r api.RevealCallbackRequestObject) (api.RevealCallbackResponseObject, error) {
	id, err := pathID(core.PrefixCallback, r.CallbackID)
	if err != nil {
		return nil, err
	}
	raw, err := o.opt.Inbound.RevealCallback(ctx, id)
	if err != nil {
		return nil, err
	}
	out := api.RawCallback{
		Method: raw.Method, Path: raw.Path, Query: raw.Query, Headers: map[string]string{}, BodyBase64: base64.StdEncoding.EncodeToString(raw.Body),
	}
	if utf8.Valid(raw.Body) {
		out.BodyText = string(raw.Body)
	}
	for name, value := range raw.Headers {
		if credentialHeader(name) {
			value = "[redacted]"
		}
		out.Headers[name] = value
	}
	return api.RevealCallback200JSONResponse(out), nil
}

// credentialHeader says that the header may hold what lets somebody in.
func credentialHeader(name string) bool {
	switch strings.ToLower(name) {
	case "authorization", "proxy-authorization", "cookie":
		return true
	}
	return false
}

// RerunCallbacks reads a range of callbacks again.
func (o *operations) RerunCallbacks(ctx context.Context, r api.RerunCallbacksRequestObject) (api.RerunCallbacksResponseObject, error) {
	account, err := fieldID(core.PrefixAccount, r.Body.AccountID, "account_id")
	if err != nil {
		return nil, err
	}
	rows, more, err := o.opt.Inbound.RerunCallbacks(ctx, core.CallbackFilter{
		AccountID: account, Effects: states[core.CallbackEffect](r.Body.Effects), From: r.Body.From, To: r.Body.To,
	})
	if err != nil {
		return nil, err
	}
	return api.RerunCallbacks200JSONResponse{More: more, Items: each(rows, func(c core.CallbackRerun) api.RerunRow {
		return api.RerunRow{
			CallbackID: id(core.PrefixCallback, c.ID), ReceivedAt: utc(c.ReceivedAt), Before: api.CallbackEffect(c.Before), After: api.CallbackEffect(c.After),
			Code: string(c.Code),
		}
	})}, nil
}

// prefixOfKind is the prefix of ids of a kind of object.
func prefixOfKind(kind string) string {
	switch kind {
	case "payment":
		return core.PrefixPayment
	case "account":
		return core.PrefixAccount
	default:
		return core.EventObjectPrefix(kind + ".")
	}
}

func callbackOf(c core.Callback) api.Callback {
	return api.Callback{
		ID: id(core.PrefixCallback, c.ID), TenantID: id(core.PrefixTenant, c.TenantID), AccountID: id(core.PrefixAccount, c.AccountID),
		Kind: c.Kind, IP: c.IP, Verified: c.Verified, Effect: api.CallbackEffect(c.Effect), Reason: c.Reason,
		ObjectID: id(prefixOfKind(c.ObjectKind), c.ObjectID), ProviderCode: c.Provided.Code, ProviderMessage: c.Provided.Message,
		AnswerStatus: int32(c.Answer), Plugin: c.Plugin, ReceivedAt: utc(c.ReceivedAt), FinishedAt: utc(c.FinishedAt), //nolint:gosec // an HTTP status
	}
}
