package web

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// ListEvents lists events.
func (o *operations) ListEvents(ctx context.Context, r api.ListEventsRequestObject) (api.ListEventsResponseObject, error) {
	page, limit, err := pageOf(r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	object, err := objectID(r.Params.ObjectID)
	if err != nil {
		return nil, err
	}
	rows, err := o.opt.Records.ListEvents(ctx, core.EventFilter{ObjectID: object, Types: r.Params.Type, Page: page})
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, limit, func(e core.Event) (time.Time, core.ID) { return e.CreatedAt, e.ID })
	return api.ListEvents200JSONResponse{Items: each(rows, eventOf), NextCursor: next}, nil
}

// ListAudit reads the audit log.
func (o *operations) ListAudit(ctx context.Context, r api.ListAuditRequestObject) (api.ListAuditResponseObject, error) {
	p := r.Params
	page, limit, err := pageOf(p.Limit, p.Cursor)
	if err != nil {
		return nil, err
	}
	f := auditFilter(p)
	f.Page = page
	rows, err := o.opt.Records.ListAudit(ctx, f)
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, limit, func(a core.AuditEntry) (time.Time, core.ID) { return a.CreatedAt, a.ID })
	return api.ListAudit200JSONResponse{Items: each(rows, auditOf), NextCursor: next}, nil
}

// auditFilter reads the query of the audit log, or the filter of an export of it.
func auditFilter(p api.ListAuditParams) core.AuditFilter {
	return core.AuditFilter{Actor: p.Actor, Action: p.Action, Object: p.Object, From: p.From, To: p.To}
}

// VerifyAudit walks the hash chain.
func (o *operations) VerifyAudit(ctx context.Context, _ api.VerifyAuditRequestObject) (api.VerifyAuditResponseObject, error) {
	v, err := o.opt.Records.VerifyAudit(ctx)
	if err != nil {
		return nil, err
	}
	return api.VerifyAudit200JSONResponse(verdictOf(v)), nil
}

// Search finds what a number belongs to.
func (o *operations) Search(ctx context.Context, r api.SearchRequestObject) (api.SearchResponseObject, error) {
	found, err := o.opt.Records.Search(ctx, r.Params.Number)
	if err != nil {
		return nil, err
	}
	return api.Search200JSONResponse{Payments: each(found.Payments, o.paymentOf), Refunds: each(found.Refunds, refundOf), Payouts: each(found.Payouts, payoutOf), Others: each(found.Others, foundOf)}, nil
}

func foundOf(f core.FoundRecord) api.FoundRecord {
	kind := map[string]api.FoundRecordKind{
		core.PrefixPayoutBatch: api.FoundRecordKindPayoutBatch, core.PrefixCase: api.FoundRecordKindCase, core.PrefixApproval: api.FoundRecordKindApproval,
		core.PrefixCallback: api.FoundRecordKindCallback, core.PrefixDelivery: api.FoundRecordKindWebhookDelivery, core.PrefixDifference: api.FoundRecordKindDifference,
	}[f.Kind]
	return api.FoundRecord{Kind: kind, ID: f.ID.Prefixed(f.Kind), TenantID: f.TenantID.Prefixed(core.PrefixTenant), Label: f.Label}
}

// GetHealth says what this node can reach.
func (o *operations) GetHealth(ctx context.Context, _ api.GetHealthRequestObject) (api.GetHealthResponseObject, error) {
	return api.GetHealth200JSONResponse(o.health(ctx)), nil
}

// GetVersion says what runs here.
func (o *operations) GetVersion(context.Context, api.GetVersionRequestObject) (api.GetVersionResponseObject, error) {
	return api.GetVersion200JSONResponse(o.opt.Version), nil
}
