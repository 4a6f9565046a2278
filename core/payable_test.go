package core_test

import (
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestPayables: what can be paid out now, by the notes 3, 5, 6, 13 and 14 of seed 003, 5.3.
func TestPayables(t *testing.T) {
	t.Parallel()
	const noon, sunday, night = "2026-10-09 12:00:00", "2026-10-11 12:00:00", "2026-10-09 23:00:00"
	good := core.Balance{
		Available: core.Fen(10_000), Advance: core.Fen(30_000), Minimum: core.Fen(100), Maximum: core.Fen(20_000),
		Opens: "09:00:00", Closes: "21:00:00", Holidays: "both",
	}
	rate := core.FeeRate{PerPayout: 500}
	type figures struct {
		amount, single, fee int64
		reason              core.PayableReason
	}
	none := func(r core.PayableReason) figures { return figures{reason: r} }
	balance, advance := figures{9_500, 9_500, 500, ""}, figures{29_500, 20_000, 500, ""}
	for _, c := range []struct {
		name             string
		at               string
		edit             func(*core.Balance)
		balance, advance figures
	}{
		{"the notes' example", noon, nil, balance, advance},
		{"at the first second", "2026-10-09 09:00:00", nil, balance, advance},
		{"at the last second", "2026-10-09 21:00:00", nil, balance, advance},
		{"too early", "2026-10-09 08:59:59", nil, none(core.PayableOutsideHours), none(core.PayableOutsideHours)},
		{"too late", night, nil, none(core.PayableOutsideHours), none(core.PayableOutsideHours)},
		{"hours over midnight", night, func(b *core.Balance) { b.Opens, b.Closes = "22:00:00", "02:00:00" }, balance, advance},
		{"outside hours over midnight", noon, func(b *core.Balance) { b.Opens, b.Closes = "22:00:00", "02:00:00" }, none(core.PayableOutsideHours), none(core.PayableOutsideHours)},
		{"all day", night, func(b *core.Balance) { b.Closes = b.Opens }, balance, advance},
		{"hours not stated", night, func(b *core.Balance) { b.Closes = "" }, balance, advance},
		{"suspended", noon, func(b *core.Balance) { b.Suspended = true }, none(core.PayableSuspended), none(core.PayableSuspended)},
		{"a holiday, both", sunday, nil, balance, advance},
		{"a holiday, none", sunday, func(b *core.Balance) { b.Holidays = "none" }, none(core.PayableHoliday), none(core.PayableHoliday)},
		{"a holiday, the advance only", sunday, func(b *core.Balance) { b.Holidays = "advance" }, none(core.PayableHoliday), advance},
		{"a holiday, the balance only", sunday, func(b *core.Balance) { b.Holidays = "balance" }, balance, none(core.PayableHoliday)},
		{"a holiday, not stated", sunday, func(b *core.Balance) { b.Holidays = "" }, balance, advance},
		{"a Sunday that is worked", "2026-10-10 12:00:00", func(b *core.Balance) { b.Holidays = "none" }, balance, advance},
		{"no advance (T1)", noon, func(b *core.Balance) { b.Advance = core.Fen(0) }, balance, none(core.PayableNothing)},
		{"not stated", noon, func(b *core.Balance) { b.Available = core.Money{} }, none(core.PayableNotStated), advance},
		{"overdrawn", noon, func(b *core.Balance) { b.Available = core.Fen(-1) }, none(core.PayableNothing), advance},
		{"the fee takes all", noon, func(b *core.Balance) { b.Available = core.Fen(500) }, none(core.PayableNothing), advance},
		{"under the least payout", noon, func(b *core.Balance) { b.Available = core.Fen(599) }, none(core.PayableBelowMinimum), advance},
		{"the least payout", noon, func(b *core.Balance) { b.Available = core.Fen(600) }, figures{100, 100, 500, ""}, advance},
		{"no limits stated", noon, func(b *core.Balance) { b.Minimum, b.Maximum = core.Money{}, core.Money{} }, balance, figures{29_500, 29_500, 500, ""}},
	} {
		b := good
		if c.edit != nil {
			c.edit(&b)
		}
		got := b.Payables(rate, goldenWeek(), beijing(c.at).UTC())
		for i, want := range []figures{c.balance, c.advance} {
			source := []string{core.SourceBalance, core.SourceAdvance}[i]
			if have := (figures{got[i].Amount, got[i].Single, got[i].Fee, got[i].Reason}); have != want || got[i].Source != source {
				t.Errorf("%s: from %s %+v, want %+v", c.name, got[i].Source, have, want)
			}
		}
	}
}
