package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestFiguresCountWhatShouldNotStay(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m, other := newMerchant(t, db), newMerchant(t, db)
	doubt := func(m merchant, age time.Duration) core.Payment {
		p := m.payment()
		p.UnknownSince, p.UnknownReason = noon().Add(-age), "no_clear_answer"
		return p
	}
	m.write(t, db, doubt(m, time.Minute), doubt(m, 2*time.Hour), m.payment())
	other.write(t, db, doubt(other, 3*time.Hour))
	paid := m.paid(t, db)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		_, err := tx.OpenCase(ctx, core.Case{
			TenantID: m.tenant, ID: core.NewID(noon()), Kind: core.CaseProviderDisagrees, ObjectID: paid.ID, ObjectKind: "payment", AccountID: m.account,
			Reason: "x", OpenedAt: noon(), LastAt: noon(), Times: 1,
		})
		_, errDay := tx.OpenDay(ctx, m.account, core.DayOf(noon()).Next(-1), noon(), noon())
		return firstError(err, errDay, tx.InsertApproval(ctx, m.approval(paid.ID)))
	}))
	list, err := db.Figures(t.Context(), noon().Add(time.Hour))
	must(t, err)
	got := map[core.Figure]bool{}
	for _, f := range list {
		got[f] = true
	}
	for _, want := range []core.Figure{
		{Of: core.FigureUnknown, Kind: "payment", Detail: core.AgeDay, Count: 3, Oldest: noon().Add(-3 * time.Hour)},
		{Of: core.FigureUnknown, Kind: "payment", Detail: core.AgeHour},
		{Of: core.FigureUnknown, Kind: "payout", Detail: core.AgeOld},
		{Of: core.FigureDue, Kind: "payment", Count: 4, Oldest: noon().Add(time.Minute)},
		{Of: core.FigureDue, Kind: "refund"},
		{Of: core.FigureCases, Kind: string(core.CaseProviderDisagrees), Count: 1, Oldest: noon()},
		{Of: core.FigureApprovals, Kind: string(core.ApproveRefund), Count: 1, Oldest: noon()},
		{Of: core.FigureDays, Kind: string(core.DayWaiting), Count: 1, Oldest: noon()},
		{Of: core.FigureUnchained, Count: 5, Oldest: noon()},
	} {
		if !got[want] {
			t.Errorf("%+v is not among %+v", want, list)
		}
	}
}
