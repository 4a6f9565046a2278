package service

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// issuer is a provider whose keys change with time.
type issuer struct {
	*scripted

	mu      sync.Mutex
	every   time.Duration
	outcome core.Outcome
	bring   func(call core.ProviderCall) error // what a check-in stores before it answers
	numbers []string
}

func (o *issuer) Manifest(provider string) (core.Manifest, error) {
	m, err := o.scripted.Manifest(provider)
	o.mu.Lock()
	defer o.mu.Unlock()
	m.CheckInEvery = o.every
	m.Grants[core.CapCheckIn] = core.Grant{Sends: 1, Rotate: []string{"terminal_key"}}
	return m, err
}

func (o *issuer) CheckIn(_ context.Context, call core.ProviderCall) (core.CheckResult, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.numbers = append(o.numbers, call.OrderNo)
	var err error
	if o.bring != nil {
		err = o.bring(call)
	}
	return core.CheckResult{Outcome: o.outcome}, err
}

func (o *issuer) set(every time.Duration, outcome core.Outcome) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.every, o.outcome = every, outcome
}

func (o *issuer) calls() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.numbers)
}

func openIssuer(t *testing.T, every time.Duration) (*till, *issuer) {
	t.Helper()
	x := newTill(t)
	o := &issuer{scripted: x.provider, every: every, outcome: core.OutcomeSucceeded}
	x.Providers = o
	as := x.adminIn(t, x.tenant.ID)
	for _, status := range []core.AccountStatus{core.AccountDisabled, core.AccountLive} {
		_, err := x.SetAccountStatus(as, x.account, status)
		x.must(t, err)
	}
	return x, o
}

func (x *till) checkInWatch(t *testing.T) (w core.CheckInWatch) {
	t.Helper()
	x.must(t, x.Database.InTenant(t.Context(), x.tenant.ID, func(tx core.TenantTx) (err error) {
		w, err = tx.CheckInWatch(t.Context(), x.account)
		return err
	}))
	return w
}

// TestCheckInsByThemselves: when the account goes live and then as often as the provider wants; the
// keys they bring are the account's, which stays live; none when it is taken out of use.
func TestCheckInsByThemselves(t *testing.T) {
	t.Parallel()
	x, o := openIssuer(t, 12*time.Hour)
	o.bring = func(call core.ProviderCall) error {
		held, err := x.Keyring.Get(t.Context(), call.Account.KeyPath(), 0)
		if err != nil {
			return err
		}
		held.Values["terminal_key"] = core.Credential{Type: core.CredMD5Key, Value: core.SecretString("issued-by-the-provider")}
		_, err = x.Keyring.Put(t.Context(), call.Account.KeyPath(), held.Values, held.Version)
		return err
	}
	x.sweep(t)
	x.sweep(t)
	a, err := x.readAccount(t.Context(), x.tenant.ID, x.account)
	if err != nil || o.calls() != 1 || a.KeyVersion != 2 || a.Status != core.AccountLive {
		t.Fatalf("%d check-ins, key version %d, %s, %v", o.calls(), a.KeyVersion, a.Status, err)
	}
	if w := x.checkInWatch(t); !w.NextCheckAt.Equal(x.clock.Now().Add(checkInSpread(x.account, 12*time.Hour))) || w.SucceededAt.IsZero() {
		t.Errorf("%+v", w)
	}
	o.bring = nil
	x.clock.Move(checkInSpread(x.account, 12*time.Hour) - time.Second)
	x.sweep(t)
	if o.calls() != 1 {
		t.Errorf("%d check-ins before the time", o.calls())
	}
	x.clock.Move(time.Second)
	x.sweep(t)
	if o.calls() != 2 || o.numbers[0] == o.numbers[1] {
		t.Errorf("the check-ins had the numbers %v", o.numbers)
	}
}

// TestCheckInsOfAnAccountOutOfUse: there are none.
func TestCheckInsOfAnAccountOutOfUse(t *testing.T) {
	t.Parallel()
	x, o := openIssuer(t, 12*time.Hour)
	_, err := x.SetAccountStatus(x.adminIn(t, x.tenant.ID), x.account, core.AccountDisabled)
	x.must(t, err)
	x.clock.Move(48 * time.Hour)
	x.sweep(t)
	if w := x.checkInWatch(t); o.calls() != 0 || !w.NextCheckAt.IsZero() {
		t.Errorf("%d check-ins, %+v", o.calls(), w)
	}
}

func (x *till) unrenewed(t *testing.T) int {
	t.Helper()
	list, err := x.ListAlerts(x.key(t), core.AlertFilter{Kinds: []core.AlertKind{core.AlertKeysNotRenewed}, Open: true, Page: core.Page{Limit: 10}})
	x.must(t, err)
	return len(list)
}

// TestCheckInsThatFail are tried again ten minutes later and then less often; people hear of it when
// it lasts, see why, and hear that it is over.
func TestCheckInsThatFail(t *testing.T) {
	t.Parallel()
	x, o := openIssuer(t, 12*time.Hour)
	o.set(12*time.Hour, core.OutcomeUnknown)
	x.sweep(t)
	for failures, minutes := range []time.Duration{10, 20, 40, 80, 160, 180, 180, 180, 180, 180, 180, 180} {
		w, wait := x.checkInWatch(t), minutes*time.Minute
		if w.Failures != failures+1 || !w.NextCheckAt.Equal(x.clock.Now().Add(wait)) {
			t.Errorf("after %d failures it waits %v, want %v", w.Failures, w.NextCheckAt.Sub(x.clock.Now()), wait)
		}
		if told := x.unrenewed(t) > 0; told != (x.clock.Now().Sub(w.CreatedAt) >= 24*time.Hour) {
			t.Errorf("after %d failures and %v people are told: %v", w.Failures, x.clock.Now().Sub(w.CreatedAt), told)
		}
		x.clock.Move(wait)
		x.sweep(t)
	}
	if open := x.unrenewed(t); open != 1 {
		t.Errorf("%d alerts are open", open)
	}
	if a, err := x.Account(x.key(t), x.account); err != nil || a.CheckInFailure == "" || !a.CheckedInAt.IsZero() {
		t.Errorf("the account says %q, %v, %v", a.CheckInFailure, a.CheckedInAt, err)
	}
	o.set(12*time.Hour, core.OutcomeSucceeded)
	x.clock.Move(3 * time.Hour)
	x.sweep(t)
	if w := x.checkInWatch(t); w.Failures != 0 || x.unrenewed(t) != 0 {
		t.Errorf("after a success: %+v, %d alerts", w, x.unrenewed(t))
	}
	list, err := x.ListAccounts(x.key(t))
	if err != nil || list[0].CheckInFailure != "" || !list[0].CheckedInAt.Equal(x.clock.Now()) {
		t.Errorf("the account says %+v, %v", list, err)
	}
}

// TestAPersonsCheckInCountsForTheClock: it ends the alert, and the next is due an interval later.
func TestAPersonsCheckInCountsForTheClock(t *testing.T) {
	t.Parallel()
	x, o := openIssuer(t, time.Hour)
	o.set(time.Hour, core.OutcomeRefused)
	person, err := core.IdentityFrom(x.adminIn(t, x.tenant.ID))
	x.must(t, err)
	for range 12 {
		x.sweep(t)
		x.clock.Move(15 * time.Minute)
	}
	if x.unrenewed(t) != 1 {
		t.Fatalf("%d alerts after %+v", x.unrenewed(t), x.checkInWatch(t))
	}
	o.set(time.Hour, core.OutcomeSucceeded)
	person.StepUpAt = x.clock.Now()
	_, err = x.CheckInAccount(core.WithIdentity(t.Context(), person), x.account)
	x.must(t, err)
	w := x.checkInWatch(t)
	if x.unrenewed(t) != 0 || w.Failures != 0 || w.Failure != "" || !w.NextCheckAt.Equal(x.clock.Now().Add(checkInSpread(x.account, time.Hour))) {
		t.Errorf("%d alerts, %+v", x.unrenewed(t), w)
	}
	asked := o.calls()
	if x.sweep(t); o.calls() != asked {
		t.Error("asked again at once")
	}
}

// TestCheckInsWait: a plugin that people have stopped, and a keyring that could not take what the provider
// issues, are no failures; the provider is not asked, and it goes on when they are back.
func TestCheckInsWait(t *testing.T) {
	t.Parallel()
	x, o := openIssuer(t, time.Hour)
	keys := &lockedKeys{Keyring: x.Keyring, closed: true}
	x.Keyring = keys
	x.sweep(t)
	if w := x.checkInWatch(t); o.calls() != 0 || w.Failures != 0 || w.Failure == "" || !w.NextCheckAt.Equal(x.clock.Now().Add(checkInWait)) {
		t.Errorf("with a closed keyring: %d check-ins, %+v", o.calls(), w)
	}
	_, err := x.CheckInAccount(x.adminIn(t, x.tenant.ID), x.account)
	if core.CodeOf(err) != core.CodeKeysUnavailable || o.calls() != 0 {
		t.Errorf("a person with a closed keyring: %d check-ins, %v", o.calls(), err)
	}
	keys.closed = false
	stopped := core.Errorf(core.CodePluginPending, "The plugin was disabled.")
	o.bring = func(core.ProviderCall) error { return stopped }
	for range 100 {
		x.clock.Move(checkInWait)
		x.sweep(t)
	}
	if w := x.checkInWatch(t); w.Failures != 0 || w.Failure != stopped.Message || x.unrenewed(t) != 0 {
		t.Errorf("with a plugin that was disabled: %+v, %d alerts", w, x.unrenewed(t))
	}
	o.bring = nil
	x.clock.Move(checkInWait)
	x.sweep(t)
	if w := x.checkInWatch(t); w.Failure != "" || !w.SucceededAt.Equal(x.clock.Now()) {
		t.Errorf("afterwards: %+v", w)
	}
}

// TestCheckInsAreSpread over the last eighth of the interval, and are claimed once.
func TestCheckInsAreSpread(t *testing.T) {
	t.Parallel()
	seen := map[time.Duration]bool{}
	for range 100 {
		every := checkInSpread(core.NewID(time.Unix(1, 0)), 24*time.Hour)
		if every > 24*time.Hour || every <= 21*time.Hour {
			t.Fatalf("an interval of %v", every)
		}
		seen[every] = true
	}
	if len(seen) < 50 {
		t.Errorf("100 accounts have %d intervals", len(seen))
	}
	x, _ := openIssuer(t, 12*time.Hour)
	for i, want := range []int{1, 0} {
		due, err := x.Database.ClaimDue(t.Context(), x.clock.Now(), 10, time.Minute)
		x.must(t, err)
		due = slices.DeleteFunc(due, func(d core.Due) bool { return d.Kind != core.DueCheckIn })
		if len(due) != want {
			t.Errorf("claim %d got %v", i+1, due)
		}
	}
}

// TestCheckInsNobodyWants: a provider without them is looked at once a day, as a new version of its
// plugin may want them.
func TestCheckInsNobodyWants(t *testing.T) {
	t.Parallel()
	x, o := openIssuer(t, 0)
	x.clock.Move(checkInLook)
	x.sweep(t)
	if w := x.checkInWatch(t); o.calls() != 0 || !w.NextCheckAt.Equal(x.clock.Now().Add(checkInLook)) {
		t.Errorf("%d check-ins, %+v", o.calls(), w)
	}
	o.set(time.Minute, core.OutcomeSucceeded) // more often than anybody may
	x.clock.Move(checkInLook)
	x.sweep(t)
	if w := x.checkInWatch(t); o.calls() != 1 || !w.NextCheckAt.Equal(x.clock.Now().Add(checkInSpread(x.account, time.Hour))) {
		t.Errorf("%d check-ins, %+v", o.calls(), w)
	}
}
