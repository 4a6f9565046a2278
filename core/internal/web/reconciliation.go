package web

import (
	"context"
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// ListReconciliationDays lists the days that were compared.
func (o *operations) ListReconciliationDays(ctx context.Context, r api.ListReconciliationDaysRequestObject) (api.ListReconciliationDaysResponseObject, error) {
	p := r.Params
	page, limit, err := pageOf(p.Limit, p.Cursor)
	if err != nil {
		return nil, err
	}
	f := core.ReconciliationFilter{States: states[core.ReconciliationState](p.State), Page: page}
	if f.AccountID, err = fieldID(core.PrefixAccount, p.AccountID, "account_id"); err != nil {
		return nil, err
	}
	if f.From, f.To, err = daysOf(p.From, p.To); err != nil {
		return nil, err
	}
	rows, err := o.opt.Reconciliation.ListReconciliation(ctx, f)
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, limit, func(d core.ReconciliationDay) (time.Time, core.ID) { return d.Day.Start(), d.ID })
	return api.ListReconciliationDays200JSONResponse{Items: each(rows, reconciliationDayOf), NextCursor: next}, nil
}

// GetReconciliationDay reads a day with its bills.
func (o *operations) GetReconciliationDay(ctx context.Context, r api.GetReconciliationDayRequestObject) (api.GetReconciliationDayResponseObject, error) {
	day, err := pathID(core.PrefixReconciliation, r.ReconciliationID)
	if err != nil {
		return nil, err
	}
	d, err := o.opt.Reconciliation.ReconciliationDay(ctx, day)
	if err != nil {
		return nil, err
	}
	counts := make(map[string]int64, len(d.ByKind))
	for kind, n := range d.ByKind {
		counts[string(kind)] = n
	}
	return api.GetReconciliationDay200JSONResponse{
		Day: reconciliationDayOf(d.Day), Account: accountOf(d.Account), Bills: each(d.Bills, billOf), ByKind: counts,
	}, nil
}

// RunReconciliation has a day fetched and compared again.
func (o *operations) RunReconciliation(ctx context.Context, r api.RunReconciliationRequestObject) (api.RunReconciliationResponseObject, error) {
	account, err := fieldID(core.PrefixAccount, r.Body.AccountID, "account_id")
	if err != nil {
		return nil, err
	}
	day, err := dayOf(r.Body.Day, "day")
	if err != nil {
		return nil, err
	}
	d, err := o.opt.Reconciliation.RunReconciliation(ctx, account, day)
	if err != nil {
		return nil, err
	}
	return api.RunReconciliation202JSONResponse(reconciliationDayOf(d)), nil
}

// ListBillLines reads a bill in its own order.
func (o *operations) ListBillLines(ctx context.Context, r api.ListBillLinesRequestObject) (api.ListBillLinesResponseObject, error) {
	bill, err := pathID(core.PrefixBill, r.BillID)
	if err != nil {
		return nil, err
	}
	limit := int(r.Params.Limit)
	if limit == 0 {
		limit = defaultLimit
	}
	var after uint64
	if r.Params.Cursor != "" {
		if after, err = strconv.ParseUint(r.Params.Cursor, 10, 63); err != nil {
			return nil, core.Errorf(core.CodeInvalidRequest, "The cursor is not one of ours: send next_cursor of the page before, unchanged.").At("cursor")
		}
	}
	lines, err := o.opt.Reconciliation.BillLines(ctx, bill, int64(after), limit+1)
	if err != nil {
		return nil, err
	}
	next := ""
	if len(lines) > limit {
		lines = lines[:limit]
		next = strconv.FormatInt(lines[limit-1].N, 10)
	}
	return api.ListBillLines200JSONResponse{Items: each(lines, billLineOf), NextCursor: next}, nil
}

// dayOf reads a day; empty gives none.
func dayOf(text, field string) (core.Day, error) {
	if text == "" {
		return "", nil
	}
	day, err := core.ParseDay(text)
	if err != nil {
		return "", core.Errorf(core.CodeInvalidRequest, "%q is no day; write it as 2026-11-28.", text).At(field)
	}
	return day, nil
}

func daysOf(from, to string) (first, last core.Day, err error) {
	if first, err = dayOf(from, "from"); err != nil {
		return first, last, err
	}
	last, err = dayOf(to, "to")
	return first, last, err
}

func reconciliationDayOf(d core.ReconciliationDay) api.ReconciliationDay {
	return api.ReconciliationDay{
		ID: id(core.PrefixReconciliation, d.ID), TenantID: id(core.PrefixTenant, d.TenantID), AccountID: id(core.PrefixAccount, d.AccountID), Provider: d.Provider,
		Day: string(d.Day), State: api.ReconciliationState(d.State), Reason: d.Reason, Run: int64(d.Run), NextCheckAt: utc(d.NextCheckAt), Attempts: int64(d.Attempts),
		ProviderCode: d.Provided.Code, ProviderMessage: d.Provided.Message, Ours: each(d.Ours, movementTotalOf), Theirs: each(d.Theirs, movementTotalOf),
		Matched: d.Matched, Carried: d.Carried, Unasked: d.Unasked, Open: d.Open, Resolved: d.Resolved,
		CreatedAt: utc(d.CreatedAt), StartedAt: utc(d.StartedAt), FinishedAt: utc(d.FinishedAt), Version: int64(d.Version),
	}
}

func movementTotalOf(t core.MovementTotal) api.MovementTotal {
	return api.MovementTotal{Kind: api.MovementKind(t.Kind), Method: t.Method, Count: t.Count, Amount: t.Amount, Fee: t.Fee}
}

func billOf(b core.Bill) api.Bill {
	return api.Bill{
		ID: id(core.PrefixBill, b.ID), TenantID: id(core.PrefixTenant, b.TenantID), AccountID: id(core.PrefixAccount, b.AccountID), Provider: b.Provider,
		Day: string(b.Day), Scope: b.Scope, Source: api.BillSource(b.Source), State: api.BillState(b.State), Lines: b.Lines, Asked: b.Asked, Unanswered: b.Unanswered,
		ImportID: id(core.PrefixBillImport, b.ImportID), ProviderCode: b.Provided.Code, ProviderMessage: b.Provided.Message,
		CreatedAt: utc(b.CreatedAt), ReadyAt: utc(b.ReadyAt), SupersededAt: utc(b.SupersededAt),
	}
}

func billLineOf(l core.StoredLine) api.BillLine {
	return api.BillLine{
		Line: l.N, Kind: api.MovementKind(l.Kind), Number: l.Number, ProviderNumber: l.ProviderNumber, Outcome: string(l.Outcome),
		Amount: l.Amount.Minor, Currency: string(l.Amount.Currency), Fee: stated(l.Fee), At: utc(l.At), Method: l.Method, Status: l.Status,
	}
}

// stated gives the fen of an amount, and nothing for one that was not stated.
func stated(m core.Money) *int64 {
	if m.Currency == "" {
		return nil
	}
	return &m.Minor
}
