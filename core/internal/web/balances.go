package web

import (
	"context"
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// ListBalances lists the present balances of accounts.
func (o *operations) ListBalances(ctx context.Context, r api.ListBalancesRequestObject) (api.ListBalancesResponseObject, error) {
	page, limit, err := pageOf(r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	f := core.BalanceFilter{Page: page}
	if f.AccountID, err = fieldID(core.PrefixAccount, r.Params.AccountID, "account_id"); err != nil {
		return nil, err
	}
	rows, err := o.opt.Balances.ListBalances(ctx, f)
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, limit, func(b core.AccountBalances) (time.Time, core.ID) { return b.Watch.CreatedAt, b.Watch.AccountID })
	return api.ListBalances200JSONResponse{Items: each(rows, balancesOf), NextCursor: next}, nil
}

// RefreshBalances asks the provider now.
func (o *operations) RefreshBalances(ctx context.Context, r api.RefreshBalancesRequestObject) (api.RefreshBalancesResponseObject, error) {
	account, err := pathID(core.PrefixAccount, r.AccountID)
	if err != nil {
		return nil, err
	}
	b, err := o.opt.Balances.RefreshBalances(ctx, account)
	if err != nil {
		return nil, err
	}
	return api.RefreshBalances200JSONResponse(balancesOf(b)), nil
}

// ListBalanceHistory lists an account's snapshots.
func (o *operations) ListBalanceHistory(ctx context.Context, r api.ListBalanceHistoryRequestObject) (api.ListBalanceHistoryResponseObject, error) {
	account, err := pathID(core.PrefixAccount, r.AccountID)
	if err != nil {
		return nil, err
	}
	page, limit, err := pageOf(r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	rows, err := o.opt.Balances.BalanceHistory(ctx, core.BalanceHistoryFilter{
		AccountID: account, Channel: r.Params.Channel, From: r.Params.From, To: r.Params.To, Page: page,
	})
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, limit, func(s core.BalanceSnapshot) (time.Time, core.ID) { return s.TakenAt, s.ID })
	return api.ListBalanceHistory200JSONResponse{Items: each(rows, snapshotOf), NextCursor: next}, nil
}

// SetBalanceMark sets the amount under which people are told.
func (o *operations) SetBalanceMark(ctx context.Context, r api.SetBalanceMarkRequestObject) (api.SetBalanceMarkResponseObject, error) {
	account, err := pathID(core.PrefixAccount, r.AccountID)
	if err != nil {
		return nil, err
	}
	b, err := o.opt.Balances.SetBalanceMark(ctx, core.BalanceMarkInput{AccountID: account, Channel: r.Body.Channel, Amount: r.Body.Amount})
	if err != nil {
		return nil, err
	}
	return api.SetBalanceMark200JSONResponse(balancesOf(b)), nil
}

// GetCalendar reads a year's working days.
func (o *operations) GetCalendar(ctx context.Context, r api.GetCalendarRequestObject) (api.GetCalendarResponseObject, error) {
	year, err := pathYear(r.Year)
	if err != nil {
		return nil, err
	}
	c, err := o.opt.Balances.Calendar(ctx, year)
	if err != nil {
		return nil, err
	}
	return api.GetCalendar200JSONResponse(calendarOf(c)), nil
}

// SetCalendar replaces a year's working days.
func (o *operations) SetCalendar(ctx context.Context, r api.SetCalendarRequestObject) (api.SetCalendarResponseObject, error) {
	year, err := pathYear(r.Year)
	if err != nil {
		return nil, err
	}
	var days []core.CalendarDay
	switch {
	case len(r.Body.Days) > 0 && r.Body.Csv != "" || len(r.Body.Days) == 0 && r.Body.Csv == "":
		return nil, core.Errorf(core.CodeInvalidRequest, "Send either days or csv.").At("days")
	case r.Body.Csv != "":
		if days, err = core.ParseCalendar(year, r.Body.Csv); err != nil {
			return nil, err
		}
	default:
		days = each(r.Body.Days, func(d api.CalendarDayRequest) core.CalendarDay {
			return core.CalendarDay{Day: d.Day, Working: d.Kind == api.CalendarKindWorkday, Name: d.Name}
		})
	}
	c, err := o.opt.Balances.SetCalendar(ctx, year, days)
	if err != nil {
		return nil, err
	}
	return api.SetCalendar200JSONResponse(calendarOf(c)), nil
}

// pathYear reads a year of four digits.
func pathYear(text string) (int, error) {
	year, err := strconv.Atoi(text)
	if err != nil || len(text) != 4 {
		return 0, core.NotFound("calendar")
	}
	return year, nil
}
