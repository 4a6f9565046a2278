package service

import (
	"context"
	"strconv"
	"sync"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

// till is a house with a live merchant, whose provider answers new payments and questions
// about balances as told.
type till struct {
	*house

	desk    *desk
	tenant  core.Tenant
	account core.ID
	owner   core.SessionReply
	orders  int
}

// desk is the provider of a till.
type desk struct {
	*scripted

	mu       sync.Mutex
	outcome  core.Outcome
	balances core.BalanceResult
	err      error
	numbers  []string // of balance queries
}

func (d *desk) Manifest(provider string) (core.Manifest, error) {
	m, err := d.scripted.Manifest(provider)
	m.Products = []core.Product{
		{ID: "scan", Methods: []core.MethodSpec{{Method: core.MethodQR}, {Method: "h5"}}, Capabilities: []core.Capability{core.CapCreatePayment, core.CapQueryPayment, core.CapCreateRefund}},
		{ID: "payout", Capabilities: []core.Capability{core.CapListBalances}},
	}
	m.Poll = testManifest().Poll
	m.Grants[core.CapListBalances] = core.Grant{Sends: 1}
	return m, err
}

func (d *desk) CreatePayment(context.Context, core.ProviderCall, core.PaymentRequest) (core.PaymentResult, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return core.PaymentResult{Outcome: d.outcome, Exchange: core.Exchange{Sent: core.SentMaybe}}, nil
}

func (d *desk) CreateRefund(context.Context, core.ProviderCall, core.RefundRequest) (core.RefundResult, error) {
	return core.RefundResult{Outcome: core.OutcomeSucceeded, Exchange: core.Exchange{Sent: core.SentMaybe}}, nil
}

func (d *desk) ListBalances(_ context.Context, call core.ProviderCall) (core.BalanceResult, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.numbers = append(d.numbers, call.OrderNo)
	return d.balances, d.err
}

func (d *desk) answers(o core.Outcome) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.outcome = o
}

func newTill(t *testing.T) *till {
	t.Helper()
	x := &till{house: newHouse(t), desk: &desk{outcome: core.OutcomeSucceeded}}
	x.desk.scripted = x.provider
	x.Providers = x.desk
	x.tenant = x.house.tenant(t, "A")
	x.owner = x.person(t, x.tenant.ID, "owner@a.example", core.RoleTenantOwner)
	as := x.adminIn(t, x.tenant.ID)
	account, err := x.CreateAccount(as, sampleAccount())
	x.must(t, err)
	x.account = account.ID
	_, err = x.SetCredentials(as, account.ID, []core.CredentialInput{credential("terminal_sn", "100000000001"), credential("terminal_key", canaryKey)})
	x.must(t, err)
	x.provider.says(core.OutcomeNotFound, nil)
	_, err = x.TestAccount(as, account.ID)
	x.must(t, err)
	_, err = x.SetAccountStatus(as, account.ID, core.AccountLive)
	x.must(t, err)
	x.tenant, err = x.SetTenantStatus(as, x.tenant.ID, core.TenantLive, "")
	x.must(t, err)
	return x
}

func (x *till) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// key is a program of the merchant's; its key does not expire while the clock moves.
func (x *till) key(t *testing.T) context.Context {
	t.Helper()
	return core.WithIdentity(t.Context(), core.Identity{Actor: "key:key_1", APIKeyID: x.account, Subject: string(core.RoleTenantOwner), TenantID: x.tenant.ID})
}

// pay takes a payment.
func (x *till) pay(t *testing.T, method core.Method, amount int64) (core.Payment, error) {
	t.Helper()
	x.orders++
	reply, err := x.CreatePayment(x.key(t), core.CreatePaymentInput{
		IdempotencyKey: "k-" + strconv.Itoa(x.orders), Method: method, Amount: core.Fen(amount), Subject: "Tea",
	})
	return reply.Payment, err
}
