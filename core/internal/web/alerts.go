package web

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// ListAlerts lists what needs people.
func (o *operations) ListAlerts(ctx context.Context, r api.ListAlertsRequestObject) (api.ListAlertsResponseObject, error) {
	page, limit, err := pageOf(r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	object, err := objectID(r.Params.ObjectID)
	if err != nil {
		return nil, err
	}
	rows, err := o.opt.Alerts.ListAlerts(ctx, core.AlertFilter{ObjectID: object, Kinds: states[core.AlertKind](r.Params.Kind), Open: r.Params.Open, Page: page})
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, limit, func(a core.Alert) (time.Time, core.ID) { return a.OpenedAt, a.ID })
	return api.ListAlerts200JSONResponse{Items: each(rows, alertOf), NextCursor: next}, nil
}

// TakeAlert notes that the caller takes care of an alert.
func (o *operations) TakeAlert(ctx context.Context, r api.TakeAlertRequestObject) (api.TakeAlertResponseObject, error) {
	id, err := pathID(core.PrefixAlert, r.AlertID)
	if err != nil {
		return nil, err
	}
	a, err := o.opt.Alerts.TakeAlert(ctx, id)
	if err != nil {
		return nil, err
	}
	return api.TakeAlert200JSONResponse(alertOf(a)), nil
}

func alertOf(a core.Alert) api.Alert {
	if a.Args == nil {
		a.Args = map[string]string{}
	}
	return api.Alert{
		ID: id(core.PrefixAlert, a.ID), TenantID: id(core.PrefixTenant, a.TenantID), Kind: string(a.Kind), Severity: api.AlertSeverity(a.Severity),
		ObjectKind: a.ObjectKind, ObjectID: a.Ref(), Object: a.Object, Args: a.Args, Times: int64(a.Times),
		OpenedAt: utc(a.OpenedAt), LastAt: utc(a.LastAt), ResolvedAt: utc(a.ResolvedAt), SeenBy: a.SeenBy, SeenAt: utc(a.SeenAt),
	}
}
