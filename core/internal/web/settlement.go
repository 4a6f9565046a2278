package web

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// ListSettlement sums what moved.
func (o *operations) ListSettlement(ctx context.Context, r api.ListSettlementRequestObject) (api.ListSettlementResponseObject, error) {
	now := o.opt.Clock()
	f, err := settlementFilter(r.Params)
	if err != nil {
		return nil, err
	}
	f = f.Within(now)
	rows, err := o.opt.Settlement.ListSettlement(ctx, f)
	if err != nil {
		return nil, err
	}
	var total core.SettlementLine
	for _, l := range rows {
		total = total.Add(l)
	}
	return api.ListSettlement200JSONResponse{
		From: string(f.From), To: string(f.To), Total: settlementSumOf(total),
		Items: each(rows, func(l core.SettlementLine) api.SettlementLine { return settlementLineOf(l, now) }),
	}, nil
}

// ListEntries lists what is summed.
func (o *operations) ListEntries(ctx context.Context, r api.ListEntriesRequestObject) (api.ListEntriesResponseObject, error) {
	page, limit, err := pageOf(r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	f, err := entryFilter(r.Params)
	if err != nil {
		return nil, err
	}
	f.Page = page
	rows, err := o.opt.Settlement.ListEntries(ctx, f)
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, limit, func(e core.Entry) (time.Time, core.ID) { return e.Day.Start(), e.ID })
	return api.ListEntries200JSONResponse{Items: each(rows, entryOf), NextCursor: next}, nil
}

// GetShift sums a cashier's payments, by default of the present Beijing day.
func (o *operations) GetShift(ctx context.Context, r api.GetShiftRequestObject) (api.GetShiftResponseObject, error) {
	from, to := r.Params.From, r.Params.To
	if to.IsZero() {
		to = o.opt.Clock()
	}
	if from.IsZero() {
		from = core.DayOf(to.Add(-1)).Start()
	}
	shift, err := o.opt.Settlement.ShiftOf(ctx, r.Params.Actor, from, to)
	if err != nil {
		return nil, err
	}
	return api.GetShift200JSONResponse{
		Actor: shift.Actor, From: utc(from), To: utc(to), Items: each(shift.Lines, shiftLineOf), Succeeded: shift.Succeeded, Taken: shift.Taken,
		Refunded: shift.Refunded, Open: shift.Open, Unknown: shift.Unknown, Pending: shift.Pending,
	}, nil
}

// settlementFilter reads what is summed, but for the days that are left out.
func settlementFilter(p api.ListSettlementParams) (f core.SettlementFilter, err error) {
	f.ByAccount = p.By == api.ListSettlementParamsByAccount
	if f.From, f.To, err = daysOf(p.From, p.To); err != nil {
		return f, err
	}
	if f.TenantID, err = fieldID(core.PrefixTenant, p.TenantID, "tenant_id"); err != nil {
		return f, err
	}
	f.AccountID, f.StoreIDs, err = whereMoved(p.AccountID, p.StoreID)
	return f, err
}

// entryFilter reads which entries are listed.
func entryFilter(p api.ListEntriesParams) (f core.EntryFilter, err error) {
	if f.From, f.To, err = daysOf(p.From, p.To); err != nil {
		return f, err
	}
	if f.AccountID, f.StoreIDs, err = whereMoved(p.AccountID, p.StoreID); err != nil {
		return f, err
	}
	f.ObjectID, err = objectID(p.ObjectID)
	return f, err
}

// whereMoved reads the account and the stores that a query narrows settlement to.
func whereMoved(account string, stores []string) (core.ID, []core.ID, error) {
	of, err := fieldID(core.PrefixAccount, account, "account_id")
	if err != nil {
		return of, nil, err
	}
	in, err := storeIDs(stores, "store_id")
	return of, in, err
}

func settlementSumOf(l core.SettlementLine) api.SettlementSum {
	return api.SettlementSum{
		Payments: l.Payments, Paid: l.Paid, Refunds: l.Refunds, Refunded: l.Refunded, Payouts: l.Payouts, PaidOut: l.PaidOut, Fees: l.Fees,
		Corrections: l.Corrections, Net: l.Net,
	}
}

func settlementLineOf(l core.SettlementLine, now time.Time) api.SettlementLine {
	return api.SettlementLine{
		TenantID: id(core.PrefixTenant, l.TenantID), Day: string(l.Day), StoreID: id(core.PrefixStore, l.StoreID), AccountID: id(core.PrefixAccount, l.AccountID),
		Settled: l.Day.Settled(now), Payments: l.Payments, Paid: l.Paid, Refunds: l.Refunds, Refunded: l.Refunded, Payouts: l.Payouts, PaidOut: l.PaidOut,
		Fees: l.Fees, Corrections: l.Corrections, Net: l.Net,
	}
}

func entryOf(e core.Entry) api.Entry {
	return api.Entry{
		ID: id(core.PrefixEntry, e.ID), Day: string(e.Day), At: utc(e.At), StoreID: id(core.PrefixStore, e.StoreID), AccountID: id(core.PrefixAccount, e.AccountID),
		Provider: e.Provider, Kind: api.EntryKind(e.Kind), ObjectID: id(core.EventObjectPrefix(string(e.Kind)), e.ObjectID), Number: e.Number,
		MerchantNumber: e.MerchantNumber, Amount: e.Amount, Fee: e.Fee, Net: e.Net(), Corrects: string(e.Corrects),
	}
}

func shiftLineOf(l core.ShiftLine) api.ShiftLine {
	return api.ShiftLine{
		StoreID: id(core.PrefixStore, l.StoreID), AccountID: id(core.PrefixAccount, l.AccountID), Provider: l.Provider, Method: string(l.Method),
		Channel: l.Channel, Count: l.Count, Amount: l.Amount, Refunded: l.Refunded,
	}
}
