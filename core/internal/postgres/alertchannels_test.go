package postgres

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func (m *merchant) channel(t *testing.T, edit func(c *core.AlertChannel)) core.AlertChannel {
	t.Helper()
	c := core.AlertChannel{
		TenantID: m.tenant, ID: core.NewID(noon()), Name: "值班群", Type: core.ChannelFeishu, Recipients: []string{"a@example.com"}, Display: "open.feishu.cn/…1234",
		Signed: true, Sealed: []byte("sealed"), Kinds: []core.AlertKind{core.AlertUnknownOld}, Least: core.SeverityWarning, Language: "zh", CreatedAt: noon(), UpdatedAt: noon(),
	}
	if edit != nil {
		edit(&c)
	}
	return c
}

func TestChannelsComeBack(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m, other := newMerchant(t, db), newMerchant(t, db)
	c := m.channel(t, nil)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertAlertChannel(ctx, c) }))
	changed := c
	changed.Name, changed.Recipients, changed.Display, changed.Signed, changed.Sealed = "B", []string{}, "x", false, []byte("other")
	changed.Kinds, changed.Least, changed.Language, changed.Disabled, changed.UpdatedAt = nil, core.SeverityCritical, "en", true, noon().Add(time.Second)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		got, err := tx.AlertChannel(ctx, c.ID)
		must(t, err)
		same(t, got, c)
		return firstError(tx.UpdateAlertChannel(ctx, changed, c.UpdatedAt), tx.NoteAlertTest(ctx, c.ID, noon()))
	}))
	changed.TestedAt = noon()
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		got, err := tx.AlertChannels(ctx)
		must(t, err)
		same(t, got, []core.AlertChannel{changed})
		return nil
	}))
	wantCode(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.UpdateAlertChannel(ctx, c, c.UpdatedAt) }), core.CodeConflict)
	for name, fn := range map[string]func(ctx context.Context, tx core.AlertTx) error{
		"read":   func(ctx context.Context, tx core.AlertTx) error { _, err := tx.AlertChannel(ctx, c.ID); return err },
		"delete": func(ctx context.Context, tx core.AlertTx) error { return tx.DeleteAlertChannel(ctx, c.ID) },
		"test":   func(ctx context.Context, tx core.AlertTx) error { return tx.NoteAlertTest(ctx, c.ID, noon()) },
		"finish": func(ctx context.Context, tx core.AlertTx) error {
			return tx.FinishAlertMessage(ctx, c.ID, core.AlertMessage{})
		},
	} {
		if err := other.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return fn(ctx, tx) }); core.CodeOf(err) != core.CodeNotFound {
			t.Errorf("another merchant may %s: %v", name, err)
		}
		if err := inDirectory(t, db, func(ctx context.Context, tx core.DirectoryTx) error { return fn(ctx, tx) }); core.CodeOf(err) != core.CodeNotFound {
			t.Errorf("the platform may %s a merchant's as its own: %v", name, err)
		}
	}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.DeleteAlertChannel(ctx, c.ID) }))
}

// told is what each channel, by its name, has to tell of the alert.
func told(t *testing.T, db *DB, m merchant) map[string]string {
	t.Helper()
	out := map[string]string{}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		channels, err := tx.AlertChannels(ctx)
		must(t, err)
		for _, c := range channels {
			notices, _, err := tx.AlertNotices(ctx, c.ID, 10)
			must(t, err)
			for _, n := range notices {
				out[c.Name] += string(n.What) + " "
			}
		}
		return nil
	}))
	return out
}

func TestWhichChannelHearsWhat(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	a := m.alert(t)
	a.Severity = core.SeverityWarning
	spread := func() {
		t.Helper()
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			list, err := tx.Alerts(ctx, core.AlertFilter{})
			must(t, err)
			return tx.SpreadAlert(ctx, list[0].ID, noon(), noon(), time.Minute)
		}))
	}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		_, _, err := tx.RaiseAlert(ctx, a)
		return firstError(err,
			tx.InsertAlertChannel(ctx, m.channel(t, func(c *core.AlertChannel) { c.Name, c.Kinds = "all", nil })),
			tx.InsertAlertChannel(ctx, m.channel(t, func(c *core.AlertChannel) { c.Name = "the kind" })),
			tx.InsertAlertChannel(ctx, m.channel(t, func(c *core.AlertChannel) {
				c.Name, c.Kinds = "other kinds", []core.AlertKind{core.AlertCorrection}
			})),
			tx.InsertAlertChannel(ctx, m.channel(t, func(c *core.AlertChannel) { c.Name, c.Least = "what presses", core.SeverityCritical })),
			tx.InsertAlertChannel(ctx, m.channel(t, func(c *core.AlertChannel) { c.Name, c.Disabled = "off", true })))
	}))
	steps := []struct {
		name string
		do   func(ctx context.Context, tx core.TenantTx) error
		want map[string]string
	}{
		{"it was raised", func(context.Context, core.TenantTx) error { return nil }, map[string]string{"all": "opened ", "the kind": "opened "}},
		{"it presses", func(ctx context.Context, tx core.TenantTx) error {
			again := a
			again.ID, again.Severity = core.NewID(noon()), core.SeverityCritical
			_, _, err := tx.RaiseAlert(ctx, again)
			return err
		}, map[string]string{"all": "opened pressing ", "the kind": "opened pressing ", "what presses": "opened "}},
		{"it is over", func(ctx context.Context, tx core.TenantTx) error {
			_, err := tx.ResolveAlert(ctx, a.Kind, a.Key(), noon())
			return err
		}, map[string]string{"all": "opened pressing resolved ", "the kind": "opened pressing resolved ", "what presses": "opened resolved "}},
	}
	for _, s := range steps {
		must(t, m.in(t, db, s.do))
		due, err := db.ClaimDue(t.Context(), noon().Add(time.Hour), 10, time.Minute)
		must(t, err)
		alerts := 0
		for _, d := range due {
			if d.Kind == core.DueAlert {
				alerts++
			}
		}
		if alerts != 1 {
			t.Errorf("%s: %+v is due, want the alert", s.name, due)
		}
		spread()
		if got := told(t, db, m); fmt.Sprint(got) != fmt.Sprint(s.want) {
			t.Errorf("%s: %v, want %v", s.name, got, s.want)
		}
	}
	spread()
	if got := told(t, db, m); fmt.Sprint(got) != fmt.Sprint(steps[2].want) {
		t.Errorf("spread again: %v", got)
	}
}

// What is raised and over before anybody was told is told to nobody.
func TestWhatIsOverBeforeItWasToldIsNotTold(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	a := m.alert(t)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		must(t, tx.InsertAlertChannel(ctx, m.channel(t, nil)))
		_, _, err := tx.RaiseAlert(ctx, a)
		must(t, err)
		_, err = tx.ResolveAlert(ctx, a.Kind, a.Key(), noon())
		return firstError(err, tx.SpreadAlert(ctx, a.ID, noon(), noon(), time.Minute))
	}))
	if got := told(t, db, m); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

func TestTheLifeOfAMessage(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	c := m.channel(t, nil)
	alerts := []core.Alert{m.alert(t), m.alert(t)}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		must(t, tx.InsertAlertChannel(ctx, c))
		_, _, err := tx.RaiseAlert(ctx, alerts[0])
		return firstError(err, tx.SpreadAlert(ctx, alerts[0].ID, noon(), noon().Add(5*time.Second), time.Minute))
	}))
	due := func(at time.Time) bool {
		t.Helper()
		list, err := db.ClaimDue(t.Context(), at, 10, time.Second)
		must(t, err)
		for _, d := range list {
			must(t, db.ReleaseDue(t.Context(), d))
		}
		return len(list) == 1 && list[0].Kind == core.DueAlertChannel && list[0].ID == c.ID
	}
	finish := func(failure string, at, next time.Time, fails int) {
		t.Helper()
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			notices, failures, err := tx.AlertNotices(ctx, c.ID, 10)
			must(t, err)
			if failures != fails {
				t.Errorf("%d failures, want %d", failures, fails)
			}
			// Another alert comes while the message is on its way.
			if fails == 0 {
				_, _, err := tx.RaiseAlert(ctx, alerts[1])
				must(t, firstError(err, tx.SpreadAlert(ctx, alerts[1].ID, at, at, time.Minute)))
			}
			return tx.FinishAlertMessage(ctx, c.ID, core.AlertMessage{Notices: notices, Failure: failure, At: at, NextAt: next, GiveUpBefore: at.Add(-24 * time.Hour)})
		}))
	}
	if due(noon()) || !due(noon().Add(5*time.Second)) {
		t.Error("it is not due when the first alerts have gathered")
	}
	first := noon().Add(10 * time.Second)
	finish("refused", first, first.Add(time.Minute), 0)
	if due(first) || !due(first.Add(time.Minute)) {
		t.Error("it is not due again a minute after the failure")
	}
	second := first.Add(time.Minute)
	finish("", second, second.Add(time.Minute), 1)
	if due(second.Add(time.Hour)) {
		t.Error("it is due with nothing left to tell")
	}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		got, err := tx.AlertChannel(ctx, c.ID)
		if !got.LastAt.Equal(second) || got.LastError != "" {
			t.Errorf("%+v", got)
		}
		must(t, err)
		// The next is kept apart from the last.
		_, err = tx.ResolveAlert(ctx, alerts[0].Kind, alerts[0].Key(), second)
		return firstError(err, tx.SpreadAlert(ctx, alerts[0].ID, second, second.Add(5*time.Second), time.Minute))
	}))
	if due(second.Add(59*time.Second)) || !due(second.Add(time.Minute)) {
		t.Error("two messages are not a minute apart")
	}
	last := second.Add(25 * time.Hour)
	finish("refused", last, last.Add(time.Hour), 0)
	if due(last.Add(48 * time.Hour)) {
		t.Error("what has waited for a day is not given up")
	}
}

// TestNoNoticeIsLeftBehind: a notice comes while a message ends. Either the message's end waits
// and finds it, or the notice makes the channel due.
func TestNoNoticeIsLeftBehind(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	c := m.channel(t, nil)
	first, second := m.alert(t), m.alert(t)
	raise := func(ctx context.Context, tx core.TenantTx, a core.Alert) error {
		_, _, err := tx.RaiseAlert(ctx, a)
		return firstError(err, tx.SpreadAlert(ctx, a.ID, noon(), noon(), 0))
	}
	var notices []core.AlertNotice
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) (err error) {
		must(t, firstError(tx.InsertAlertChannel(ctx, c), raise(ctx, tx, first)))
		notices, _, err = tx.AlertNotices(ctx, c.ID, 10)
		return err
	}))
	ended := make(chan error, 1)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		must(t, raise(ctx, tx, second))
		go func() {
			ended <- db.InTenant(ctx, m.tenant, func(tx core.TenantTx) error {
				return tx.FinishAlertMessage(ctx, c.ID, core.AlertMessage{Notices: notices, At: noon(), NextAt: noon()})
			})
		}()
		for waiting := 0; waiting == 0 && len(ended) == 0; {
			must(t, db.platform.Get(&waiting, "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.datname = current_database()"))
		}
		return nil
	}))
	must(t, <-ended)
	if got := told(t, db, m); got[c.Name] != "opened " {
		t.Errorf("what is left to tell: %v", got)
	}
	due, err := db.ClaimDue(t.Context(), noon(), 10, time.Minute)
	if err != nil || len(due) != 1 || due[0].Kind != core.DueAlertChannel {
		t.Errorf("due: %+v %v", due, err)
	}
}
