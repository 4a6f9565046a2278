package web

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

func sampleBalance() core.Balance {
	return core.Balance{
		Channel: "C1", ChannelMerchant: "M1", Name: "channel", Pending: core.Fen(7), Available: core.Fen(0), Advance: core.Money{}, Frozen: core.Fen(-1),
		Minimum: core.Fen(100), Maximum: core.Fen(5000), Opens: "09:00:00", Closes: "21:00:00", Holidays: "both", Clears: "T1", ClearsAt: 0,
		Figures: map[string]string{"BALANCE": "7"},
	}
}

func sampleBalances() core.AccountBalances {
	snapshot := core.BalanceSnapshot{TenantID: num(1), ID: num(32), AccountID: num(3), TakenAt: at(), AsOf: at(), Balance: sampleBalance()}
	return core.AccountBalances{
		Watch: core.BalanceWatch{
			TenantID: num(1), AccountID: num(3), NextCheckAt: at(), AskedAt: at(), TakenAt: at(), AsOf: at(), Payable: core.Fen(0), Failures: 2,
			Provided: core.ProviderText{Code: "C", Message: "M"}, LowSince: at(), StaleSince: at(), CreatedAt: at(),
		},
		Provider: "demo", Name: "Main", Mark: 100,
		Channels: []core.ChannelBalance{{
			Snapshot: snapshot, Mark: 50, NextClearAt: at(), ClearedBy: at(),
			Payables: []core.Payable{{Source: core.SourceBalance, Amount: 10, Single: 9, Fee: 1}, {Source: core.SourceAdvance, Reason: core.PayableNotStated}},
		}},
	}
}

func (f *fake) ListBalances(ctx context.Context, _ core.BalanceFilter) ([]core.AccountBalances, error) {
	return []core.AccountBalances{sampleBalances()}, f.called(ctx, "ListBalances")
}

func (f *fake) RefreshBalances(ctx context.Context, _ core.ID) (core.AccountBalances, error) {
	return sampleBalances(), f.called(ctx, "RefreshBalances")
}

func (f *fake) BalanceHistory(ctx context.Context, _ core.BalanceHistoryFilter) ([]core.BalanceSnapshot, error) {
	return []core.BalanceSnapshot{sampleBalances().Channels[0].Snapshot}, f.called(ctx, "BalanceHistory")
}

func (f *fake) SetBalanceMark(ctx context.Context, _ core.BalanceMarkInput) (core.AccountBalances, error) {
	return sampleBalances(), f.called(ctx, "SetBalanceMark")
}

func (f *fake) Calendar(ctx context.Context, year int) (core.Calendar, error) {
	return core.Calendar{Year: year}, f.called(ctx, "Calendar")
}

func (f *fake) SetCalendar(ctx context.Context, year int, days []core.CalendarDay) (core.Calendar, error) {
	f.mu.Lock()
	f.days = append(f.days, days...)
	f.mu.Unlock()
	return core.Calendar{Year: year, Days: days, UploadedBy: "user:x", UploadedAt: at()}, f.called(ctx, "SetCalendar")
}
