package web

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func (f *fake) ListSettlement(ctx context.Context, filter core.SettlementFilter) ([]core.SettlementLine, error) {
	f.mu.Lock()
	f.settled = filter
	f.mu.Unlock()
	line := core.SettlementLine{
		TenantID: num(1), Day: "2026-11-22", StoreID: num(4), AccountID: num(3), Payments: 2, Paid: 1000, Refunds: 1, Refunded: 300, Payouts: 1, PaidOut: 200,
		Fees: 5, Corrections: -7, Net: 495,
	}
	today := line
	today.Day, today.StoreID, today.AccountID = core.DayOf(at()), core.ID{}, core.ID{}
	return []core.SettlementLine{line, today}, f.called(ctx, "ListSettlement")
}

func (f *fake) ListEntries(ctx context.Context, filter core.EntryFilter) ([]core.Entry, error) {
	f.mu.Lock()
	f.entries = filter
	f.mu.Unlock()
	list := []core.Entry{}
	for i := range byte(2) {
		list = append(list, core.Entry{
			TenantID: num(1), ID: num(90 - i), Day: "2026-11-22", At: at(), StoreID: num(4), AccountID: num(3), Kind: core.EntryRefund, ObjectID: num(6), N: 1,
			Amount: -300, Corrects: "2026-11-21", Number: "26112300000000000006", MerchantNumber: "R-1", Provider: "demo",
		})
	}
	return list, f.called(ctx, "ListEntries")
}

func (f *fake) ShiftOf(ctx context.Context, actor string, from, to time.Time) (core.Shift, error) {
	f.mu.Lock()
	f.shift = core.Shift{Actor: actor, From: from, To: to}
	f.mu.Unlock()
	return core.Shift{
		Actor: "user:usr_1", From: from, To: to, Succeeded: 2, Taken: 1000, Refunded: 100, Open: 2, Unknown: 1, Pending: 700,
		Lines: []core.ShiftLine{{StoreID: num(4), AccountID: num(3), Provider: "demo", Method: core.MethodQR, Channel: "wechat", Count: 2, Amount: 1000, Refunded: 100}},
	}, f.called(ctx, "ShiftOf")
}
