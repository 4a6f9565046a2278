package service

import (
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// says sets the provider's next answer to a question about balances.
func (d *desk) balance(available, pending int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = nil
	d.balances = core.BalanceResult{
		Outcome: core.OutcomeSucceeded, Payable: core.Fen(available + 300), Total: core.Fen(available + pending + 300),
		Balances: []core.Balance{
			{
				Channel: "C1", Available: core.Fen(available), Pending: core.Fen(pending), Advance: core.Fen(0), Clears: "T1", ClearsAt: 16,
				Opens: "09:00:00", Closes: "21:00:00", Holidays: "none", Figures: map[string]string{"BALANCEPAY": "x\x00y"},
			},
			{Channel: "C2", Available: core.Fen(200), Advance: core.Fen(100), Clears: "D1", ClearsAt: 2},
		},
	}
}

func (d *desk) silent() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.balances = core.BalanceResult{Outcome: core.OutcomeUnknown, Provider: core.ProviderText{Code: "9", Message: "busy"}}
}

func (d *desk) asked() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.numbers)
}

// one gives the account's present balances.
func (x *till) one(t *testing.T) core.AccountBalances {
	t.Helper()
	list, err := x.ListBalances(x.key(t), core.BalanceFilter{})
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v %v", list, err)
	}
	return list[0]
}

// sweep does what is due.
func (x *till) sweep(t *testing.T) {
	t.Helper()
	due, err := x.Database.ClaimDue(t.Context(), x.clock.Now(), 10, time.Minute)
	x.must(t, err)
	for _, d := range due {
		x.must(t, x.CheckDue(t.Context(), d))
	}
}

func watchedTill(t *testing.T) *till {
	t.Helper()
	x := newTill(t)
	x.BalanceSchedule = BalanceSchedule{Every: 15 * time.Minute, Night: time.Hour, From: 8, To: 22}
	as := x.adminIn(t, x.tenant.ID)
	for _, status := range []core.AccountStatus{core.AccountDisabled, core.AccountLive} {
		_, err := x.SetAccountStatus(as, x.account, status)
		x.must(t, err)
	}
	return x
}

// TestBalancesAreAskedForByThemselves: on the schedule, with a number of its own each time, later
// after failures, and not any more when the account is taken out of use.
func TestBalancesAreAskedForByThemselves(t *testing.T) {
	t.Parallel()
	x := watchedTill(t)
	x.desk.balance(1000, 500)
	x.sweep(t) // at once when the account goes live
	x.clock.Move(15*time.Minute - time.Second)
	x.sweep(t)
	b := x.one(t)
	if x.desk.asked() != 1 || len(b.Channels) != 2 || b.Watch.Payable != core.Fen(1300) || b.Watch.Total != core.Fen(1800) {
		t.Fatalf("%d questions: %+v", x.desk.asked(), b)
	}
	if got := b.Channels[0].Snapshot.Balance; got.Available != core.Fen(1000) || got.Frozen.Currency != "" || got.Figures["BALANCEPAY"] != "xy" || got.ClearsAt != 16 {
		t.Errorf("the snapshot is %+v", got)
	}
	x.clock.Move(time.Second)
	x.desk.silent()
	x.sweep(t)
	for failures, wait := range []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, time.Hour} {
		now := x.clock.Now()
		if next := x.one(t).Watch.NextCheckAt; !next.Equal(now.Add(wait)) {
			t.Errorf("after %d failures it waits %v, want %v", failures+1, next.Sub(now), wait)
		}
		x.clock.Move(wait)
		x.sweep(t)
	}
	b = x.one(t)
	if b.Watch.Failures != 5 || b.Watch.Provided.Message != "busy" || b.Channels[0].Snapshot.Balance.Available != core.Fen(1000) {
		t.Errorf("after failures: %+v", b)
	}
	numbers := map[string]bool{}
	for _, n := range x.desk.numbers {
		numbers[n] = true
	}
	if len(numbers) != 6 {
		t.Errorf("the questions had the numbers %v", x.desk.numbers)
	}
	x.must(t, x.Database.InTenant(t.Context(), x.tenant.ID, func(tx core.TenantTx) error {
		a, err := tx.Account(t.Context(), x.account)
		if err != nil {
			return err
		}
		a.Status = core.AccountDisabled
		return tx.UpdateAccount(t.Context(), a)
	}))
	x.clock.Move(time.Hour)
	x.sweep(t)
	if x.desk.asked() != 6 || !x.one(t).Watch.NextCheckAt.IsZero() {
		t.Errorf("an account out of use is asked: %d, next %v", x.desk.asked(), x.one(t).Watch.NextCheckAt)
	}
}

func TestBalanceSchedule(t *testing.T) {
	t.Parallel()
	b := BalanceSchedule{Every: 15 * time.Minute, Night: time.Hour, From: 8, To: 22}
	for _, c := range []struct {
		now      string
		failures int
		want     string
	}{
		{"2026-05-04 08:00:00", 0, "2026-05-04 08:15:00"},
		{"2026-05-04 21:59:00", 0, "2026-05-04 22:14:00"},
		{"2026-05-04 22:00:00", 0, "2026-05-04 23:00:00"},
		{"2026-05-04 23:30:00", 0, "2026-05-05 00:30:00"},
		{"2026-05-05 07:30:00", 0, "2026-05-05 08:00:00"},
		{"2026-05-05 03:00:00", 1, "2026-05-05 03:15:00"},
		{"2026-05-05 03:00:00", 3, "2026-05-05 04:00:00"},
		{"2026-05-05 03:00:00", 99, "2026-05-05 04:00:00"},
	} {
		now, err := time.ParseInLocation(time.DateTime, c.now, core.Beijing())
		if err != nil {
			t.Fatal(err)
		}
		if got := b.next(now, c.failures).In(core.Beijing()).Format(time.DateTime); got != c.want {
			t.Errorf("%s after %d failures: %s, want %s", c.now, c.failures, got, c.want)
		}
	}
	if next := (BalanceSchedule{}).next(time.Now(), 0); !next.IsZero() {
		t.Errorf("without a schedule it asks at %v", next)
	}
}

func TestBalancesOnDemand(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.desk.balance(1000, 500)
	b, err := x.RefreshBalances(x.key(t), x.account)
	if err != nil || len(b.Channels) != 2 || !b.Watch.NextCheckAt.IsZero() {
		t.Fatalf("%+v %v", b, err)
	}
	x.clock.Move(balanceAskWait - time.Millisecond)
	_, err = x.RefreshBalances(x.key(t), x.account)
	wantCode(t, "within ten seconds", err, core.CodeTooEarly)
	x.clock.Move(time.Millisecond)
	x.desk.silent()
	_, err = x.RefreshBalances(x.key(t), x.account)
	wantCode(t, "no answer", err, core.CodeProviderRefused)
	if b := x.one(t); b.Watch.Failures != 1 || len(b.Channels) != 2 {
		t.Errorf("after a failure: %+v", b)
	}
	x.clock.Move(balanceAskWait)
	x.desk.balance(900, 500)
	x.desk.err = core.Errorf(core.CodeProviderUnavailable, "The plugin is away.")
	_, err = x.RefreshBalances(x.key(t), x.account)
	wantCode(t, "no plugin", err, core.CodeProviderUnavailable)
	x.clock.Move(balanceAskWait)
	x.desk.balance(900, 500)
	n, errs := together(6, func(int) error {
		_, err := x.RefreshBalances(x.key(t), x.account)
		return err
	})
	if n != 1 {
		t.Errorf("%d of 6 at once were asked: %v", n, errs)
	}
	history, err := x.BalanceHistory(x.key(t), core.BalanceHistoryFilter{AccountID: x.account, Channel: "C1"})
	if err != nil || len(history) != 2 || history[0].Balance.Available != core.Fen(900) || history[1].Balance.Available != core.Fen(1000) {
		t.Errorf("the history is %+v %v", history, err)
	}
	other := newTenantAccount(t, x)
	_, err = x.RefreshBalances(x.key(t), other)
	wantCode(t, "another merchant's account", err, core.CodeNotFound)
	_, err = x.BalanceHistory(x.key(t), core.BalanceHistoryFilter{AccountID: other})
	wantCode(t, "another merchant's history", err, core.CodeNotFound)
	all, err := x.ListBalances(x.adminIn(t, core.ID{}), core.BalanceFilter{})
	if err != nil || len(all) != 1 || all[0].Watch.TenantID != x.tenant.ID || len(all[0].Channels) != 2 {
		t.Errorf("the platform sees %+v %v", all, err)
	}
	cashier := x.person(t, x.tenant.ID, "c@a.example", core.RoleTenantCashier)
	_, err = x.ListBalances(x.as(t, cashier, x.tenant.ID), core.BalanceFilter{})
	wantCode(t, "a cashier", err, core.CodeForbidden)
}

// TestPayableNow: the merchant's rate, the hour, holidays and freezes decide.
func TestPayableNow(t *testing.T) {
	t.Parallel()
	x := newTill(t) // Monday 4 May 2026, 20:00 in Beijing
	x.desk.balance(1000, 500)
	_, err := x.RefreshBalances(x.key(t), x.account)
	x.must(t, err)
	x.rate(t, core.FeeRateInput{Method: core.MethodPayout, PerPayout: 50})
	payable := func(channel int, source string) core.Payable {
		t.Helper()
		for _, p := range x.one(t).Channels[channel].Payables {
			if p.Source == source {
				return p
			}
		}
		t.Fatal("no " + source)
		return core.Payable{}
	}
	if p := payable(0, core.SourceBalance); p.Amount != 950 || p.Fee != 50 || p.Reason != "" {
		t.Errorf("%+v", p)
	}
	if p := payable(0, core.SourceAdvance); p.Amount != 0 || p.Reason != core.PayableNothing {
		t.Errorf("%+v", p)
	}
	if p := payable(1, core.SourceAdvance); p.Amount != 50 {
		t.Errorf("%+v", p)
	}
	cleared := x.one(t).Channels[0].ClearedBy
	if want := time.Date(2026, 5, 5, 16, 0, 0, 0, core.Beijing()); !cleared.Equal(want) {
		t.Errorf("it clears by %v", cleared)
	}
	platform := x.adminIn(t, x.tenant.ID)
	_, err = x.SetCalendar(platform, 2026, []core.CalendarDay{{Day: "2026-05-04"}, {Day: "2026-05-05"}})
	x.must(t, err)
	if p := payable(0, core.SourceBalance); p.Reason != core.PayableHoliday {
		t.Errorf("on a holiday: %+v", p)
	}
	if got := x.one(t).Channels[0].ClearedBy; got.In(core.Beijing()).Day() != 6 {
		t.Errorf("over a holiday it clears by %v", got)
	}
	f, err := x.Freeze(platform, core.Scope{}, "review")
	x.must(t, err)
	if p := payable(1, core.SourceBalance); p.Reason != core.PayableFrozen || p.Amount != 0 {
		t.Errorf("frozen: %+v", p)
	}
	_, err = x.LiftFreeze(platform, f.ID, "done")
	x.must(t, err)
	x.clock.Move(2 * time.Hour)
	if p := payable(0, core.SourceBalance); p.Reason != core.PayableOutsideHours {
		t.Errorf("at night: %+v", p)
	}
}

// TestLowBalances: people are told once when it falls under the mark and once when it is over it.
func TestLowBalances(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	ask := func(available int64) {
		t.Helper()
		x.clock.Move(balanceAskWait)
		x.desk.balance(available, 0)
		_, err := x.RefreshBalances(x.key(t), x.account)
		x.must(t, err)
	}
	mark := func(channel string, amount int64) {
		t.Helper()
		_, err := x.SetBalanceMark(x.key(t), core.BalanceMarkInput{AccountID: x.account, Channel: channel, Amount: amount})
		x.must(t, err)
	}
	open := func(want int) {
		t.Helper()
		list, err := x.ListAlerts(x.key(t), core.AlertFilter{Kinds: []core.AlertKind{core.AlertBalanceLow}, Open: true})
		if err != nil || len(list) != want {
			t.Errorf("%d alerts are open, want %d: %v", len(list), want, err)
			return
		}
		if want == 1 && (list[0].ObjectID != x.account || list[0].Times != 1 || list[0].Args["mark"] == "") {
			t.Errorf("the alert is %+v", list[0])
		}
	}
	ask(1000)
	mark("C1", 1000)
	open(0)
	ask(999)
	open(1)
	ask(998)
	open(1)
	if x.one(t).Watch.LowSince.IsZero() {
		t.Error("it is not shown as low")
	}
	ask(1000)
	open(0)
	mark("", 1201) // C1 and C2 together have 1200
	open(1)
	mark("", 1200)
	open(0)
	mark("C1", 0)
	ask(1000)
	open(0)
	if n := x.rows(t, "SELECT count(*) FROM audit_log WHERE action = 'balance.mark'"); n != 4 {
		t.Errorf("%d audit rows", n)
	}
}

// TestStaleBalances: after three hours without an answer people are told, until there is one.
func TestStaleBalances(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	ask := func(after time.Duration, alerts int) {
		t.Helper()
		x.clock.Move(after)
		_, _ = x.RefreshBalances(x.key(t), x.account)
		list, err := x.ListAlerts(x.key(t), core.AlertFilter{Kinds: []core.AlertKind{core.AlertBalanceStale}, Open: true})
		if err != nil || len(list) != alerts {
			t.Errorf("%d alerts are open, want %d: %v", len(list), alerts, err)
		}
	}
	x.desk.balance(1, 1)
	ask(0, 0)
	x.desk.silent()
	ask(balanceStale-time.Second, 0)
	ask(balanceAskWait, 1)
	ask(time.Hour, 1)
	x.desk.balance(1, 1)
	ask(time.Hour, 0)
}

func TestWhoMayUploadTheCalendar(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	days := []core.CalendarDay{{Day: "2026-10-01", Name: "国庆节"}, {Day: "2026-10-10", Working: true}}
	_, err := x.SetCalendar(x.as(t, x.owner, x.tenant.ID), 2026, days)
	wantCode(t, "by a merchant", err, core.CodeForbidden)
	c, err := x.Calendar(x.key(t), 2026)
	if err != nil || len(c.Days) != 0 || !c.UploadedAt.IsZero() {
		t.Errorf("before an upload: %+v %v", c, err)
	}
	platform := x.adminIn(t, core.ID{})
	_, err = x.SetCalendar(platform, 2026, days)
	x.must(t, err)
	_, err = x.SetCalendar(platform, 2026, append(days, core.CalendarDay{Day: "2026-10-01"}))
	wantCode(t, "a day twice", err, core.CodeInvalidFile)
	_, err = x.SetCalendar(platform, 1999, days)
	wantCode(t, "a year of the past", err, core.CodeInvalidRequest)
	c, err = x.Calendar(x.key(t), 2026)
	if err != nil || len(c.Days) != 2 || c.Days[0] != days[0] || c.Days[1] != days[1] || c.UploadedBy == "" {
		t.Errorf("%+v %v", c, err)
	}
}
