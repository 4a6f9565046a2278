package service

import (
	"context"
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
	if w := x.checkInWatch(t); !w.NextCheckAt.Equal(x.clock.Now().Add(12*time.Hour)) || w.SucceededAt.IsZero() {
		t.Errorf("%+v", w)
	}
	o.bring = nil
	x.clock.Move(12*time.Hour - time.Second)
	x.sweep(t)
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

// TestCheckInsThatFail are tried again ten minutes later and then less often; people hear of it when
// it lasts, and that it is over.
func TestCheckInsThatFail(t *testing.T) {
	t.Parallel()
	x, o := openIssuer(t, 12*time.Hour)
	o.set(12*time.Hour, core.OutcomeUnknown)
	x.sweep(t)
	alerts := func() int {
		list, err := x.ListAlerts(x.key(t), core.AlertFilter{Kinds: []core.AlertKind{core.AlertKeysNotRenewed}, Open: true, Page: core.Page{Limit: 10}})
		x.must(t, err)
		return len(list)
	}
	for failures, wait := range []time.Duration{10 * time.Minute, 20 * time.Minute, 40 * time.Minute, 80 * time.Minute, 160 * time.Minute, 320 * time.Minute, 640 * time.Minute} {
		w := x.checkInWatch(t)
		if w.Failures != failures+1 || !w.NextCheckAt.Equal(x.clock.Now().Add(wait)) {
			t.Errorf("after %d failures it waits %v, want %v", w.Failures, w.NextCheckAt.Sub(x.clock.Now()), wait)
		}
		if told := alerts() > 0; told != (x.clock.Now().Sub(w.CreatedAt) >= checkInTellFrom) {
			t.Errorf("after %d failures people are told: %v", w.Failures, told)
		}
		x.clock.Move(wait)
		x.sweep(t)
	}
	o.set(12*time.Hour, core.OutcomeSucceeded)
	x.clock.Move(12 * time.Hour)
	x.sweep(t)
	if w := x.checkInWatch(t); w.Failures != 0 || alerts() != 0 {
		t.Errorf("after a success: %+v, %d alerts", w, alerts())
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
	if w := x.checkInWatch(t); o.calls() != 1 || !w.NextCheckAt.Equal(x.clock.Now().Add(time.Hour)) {
		t.Errorf("%d check-ins, %+v", o.calls(), w)
	}
}
