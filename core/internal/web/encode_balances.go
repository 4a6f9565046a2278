package web

import (
	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// fenOf is an amount, or nothing for one that is not stated: zero is an amount too.
func fenOf(m core.Money) *int64 {
	if m.Currency == "" {
		return nil
	}
	return &m.Minor
}

func balancesOf(b core.AccountBalances) api.AccountBalances {
	w := b.Watch
	return api.AccountBalances{
		AccountID: id(core.PrefixAccount, w.AccountID), TenantID: id(core.PrefixTenant, w.TenantID), Provider: b.Provider, Name: b.Name,
		TakenAt: utc(w.TakenAt), AsOf: utc(w.AsOf), AskedAt: utc(w.AskedAt), NextCheckAt: utc(w.NextCheckAt), Failures: int64(w.Failures),
		ProviderCode: w.Provided.Code, ProviderMessage: w.Provided.Message, LowSince: utc(w.LowSince), StaleSince: utc(w.StaleSince),
		ProviderPayable: fenOf(w.Payable), ProviderTotal: fenOf(w.Total), Mark: b.Mark, Channels: each(b.Channels, channelBalanceOf),
	}
}

func channelBalanceOf(c core.ChannelBalance) api.ChannelBalance {
	return api.ChannelBalance{
		Figures: figuresOf(c.Snapshot.Balance), PayableNow: each(c.Payables, payableOf), NextClearAt: utc(c.NextClearAt), ExpectedClearAt: utc(c.ClearedBy), Mark: c.Mark,
	}
}

func payableOf(p core.Payable) api.PayableNow {
	return api.PayableNow{Source: api.PayoutSource(p.Source), AvailableToPayOut: p.Amount, LargestSingle: p.Single, Fee: p.Fee, Reason: api.PayableReason(p.Reason)}
}

func snapshotOf(s core.BalanceSnapshot) api.BalanceSnapshot {
	return api.BalanceSnapshot{TakenAt: utc(s.TakenAt), AsOf: utc(s.AsOf), Figures: figuresOf(s.Balance)}
}

func figuresOf(b core.Balance) api.BalanceFigures {
	out := api.BalanceFigures{
		Channel: b.Channel, ChannelMerchant: b.ChannelMerchant, Name: b.Name, Suspended: b.Suspended, Pending: fenOf(b.Pending), Available: fenOf(b.Available),
		Advance: fenOf(b.Advance), Frozen: fenOf(b.Frozen), Minimum: fenOf(b.Minimum), Maximum: fenOf(b.Maximum), Opens: b.Opens, Closes: b.Closes,
		Holidays: b.Holidays, Clears: b.Clears, ProviderFigures: b.Figures,
	}
	if b.ClearsAt >= 0 {
		hour := int32(b.ClearsAt) //nolint:gosec // 0 to 23
		out.ClearsAt = &hour
	}
	if out.ProviderFigures == nil {
		out.ProviderFigures = map[string]string{}
	}
	return out
}

func calendarOf(c core.Calendar) api.Calendar {
	return api.Calendar{
		Year: int32(c.Year), //nolint:gosec // 2000 to 2100
		Days: each(c.Days, func(d core.CalendarDay) api.CalendarDay {
			kind := api.CalendarKindHoliday
			if d.Working {
				kind = api.CalendarKindWorkday
			}
			return api.CalendarDay{Day: d.Day, Kind: kind, Name: d.Name}
		}),
		UploadedBy: c.UploadedBy, UploadedAt: utc(c.UploadedAt),
	}
}
