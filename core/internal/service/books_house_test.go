package service

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// clearing is a provider that answers every call as it was told last.
type clearing struct {
	core.Providers

	mu      sync.Mutex
	outcome core.Outcome
	at      time.Time // when the money moved, by its word; zero: not stated
	back    bool      // a payout that failed was given back by the bank
}

func (c *clearing) says(outcome core.Outcome, at time.Time, back bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.outcome, c.at, c.back = outcome, at, back
}

func (c *clearing) Manifest(string) (core.Manifest, error) {
	m, spec := testManifest(), payoutTestSpec()
	m.Refund = core.RefundRule{Conclusive: true}
	m.Products = []core.Product{
		{
			ID: "scan", Methods: []core.MethodSpec{{Method: core.MethodQR}, {Method: "h5"}},
			Capabilities: []core.Capability{core.CapCreatePayment, core.CapQueryPayment, core.CapCreateRefund, core.CapQueryRefund},
		},
		{ID: "payout", Payout: &spec, Capabilities: []core.Capability{core.CapCreatePayout, core.CapQueryPayout, core.CapListBalances}},
	}
	return m, nil
}

func (c *clearing) payment() (core.PaymentResult, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return core.PaymentResult{Outcome: c.outcome, PaidAt: c.at, Exchange: core.Exchange{Sent: core.SentMaybe}}, nil
}

func (c *clearing) refund() (core.RefundResult, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return core.RefundResult{Outcome: c.outcome, RefundedAt: c.at, Exchange: core.Exchange{Sent: core.SentMaybe}}, nil
}

func (c *clearing) payout() (core.PayoutResult, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return core.PayoutResult{Outcome: c.outcome, PaidAt: c.at, Returned: c.back, Exchange: core.Exchange{Sent: core.SentMaybe}}, nil
}

func (c *clearing) CreatePayment(context.Context, core.ProviderCall, core.PaymentRequest) (core.PaymentResult, error) {
	return c.payment()
}

func (c *clearing) QueryPayment(context.Context, core.ProviderCall, core.OrderRef) (core.PaymentResult, error) {
	return c.payment()
}

func (c *clearing) CreateRefund(context.Context, core.ProviderCall, core.RefundRequest) (core.RefundResult, error) {
	return c.refund()
}

func (c *clearing) QueryRefund(context.Context, core.ProviderCall, core.RefundRequest) (core.RefundResult, error) {
	return c.refund()
}

func (c *clearing) CreatePayout(context.Context, core.ProviderCall, core.PayoutRequest) (core.PayoutResult, error) {
	return c.payout()
}

func (c *clearing) QueryPayout(context.Context, core.ProviderCall, core.PayoutRef) (core.PayoutResult, error) {
	return c.payout()
}

func (c *clearing) ListBalances(context.Context, core.ProviderCall) (core.BalanceResult, error) {
	return core.BalanceResult{Outcome: core.OutcomeSucceeded, Balances: []core.Balance{{Channel: "C1", Available: core.Fen(100_000_000)}}}, nil
}

// ledger is a merchant with two stores and two accounts of different rates, whose books are
// watched while a history happens.
type ledger struct {
	*house

	clearing *clearing
	tenant   core.ID
	stores   []core.ID // and none
	accounts []core.ID
	maker    core.Identity
	second   core.Identity
	orders   int
	payments []core.ID
	refunds  []core.ID
	payouts  []core.ID
	frozen   map[core.Day]string // what a day held when it was settled
}

// newLedgers gives merchants of one house, each with the clock at the same time.
func newLedgers(t *testing.T) func(ctx context.Context) (*ledger, error) {
	t.Helper()
	h := newHouse(t)
	c := &clearing{}
	h.Providers = c
	start := h.clock.Now()
	people := [2]core.Identity{}
	for i, email := range []string{"maker@a.example", "second@a.example"} {
		home := h.tenant(t, "A").ID
		id, err := core.IdentityFrom(h.as(t, h.person(t, home, email, core.RoleTenantOwner), home))
		if err != nil {
			t.Fatal(err)
		}
		people[i] = id
	}
	return func(ctx context.Context) (*ledger, error) {
		h.clock.Move(start.Sub(h.clock.Now()))
		x := &ledger{house: h, clearing: c, tenant: core.NewID(start), frozen: map[core.Day]string{}}
		if err := x.open(ctx, start); err != nil {
			return nil, err
		}
		x.maker, x.second = people[0], people[1]
		for _, person := range []*core.Identity{&x.maker, &x.second} {
			person.TenantID, person.Subject = x.tenant, string(core.RoleTenantOwner)
			err := x.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
				return tx.BindRole(ctx, person.UserID, core.RoleBinding{TenantID: x.tenant, Role: core.RoleTenantOwner})
			})
			if err != nil {
				return nil, err
			}
		}
		return x, nil
	}
}

// open writes the merchant, whose rates differ by account and method.
func (x *ledger) open(ctx context.Context, now time.Time) error {
	err := x.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		return tx.InsertTenant(ctx, core.Tenant{ID: x.tenant, Name: "茶馆", Status: core.TenantLive, Live: true, CreatedAt: now, UpdatedAt: now})
	})
	if err != nil {
		return err
	}
	x.stores = append(x.stores, core.ID{})
	return x.Database.InTenant(ctx, x.tenant, func(tx core.TenantTx) error {
		for i := range 2 {
			store := core.Store{TenantID: x.tenant, ID: core.NewID(now), Name: "S", Code: strconv.Itoa(i), CreatedAt: now}
			account := core.ProviderAccount{TenantID: x.tenant, ID: core.NewID(now), Provider: "sample", Name: "A", Status: core.AccountLive, CreatedAt: now, UpdatedAt: now}
			version, err := x.keys.Put(ctx, account.KeyPath(), map[string]core.Credential{"key": {Type: core.CredSecret, Value: core.SecretString("k")}}, 0)
			if err != nil {
				return err
			}
			account.KeyVersion = version
			if err := tx.InsertStore(ctx, store); err != nil {
				return err
			}
			if err := tx.InsertAccount(ctx, account); err != nil {
				return err
			}
			x.stores, x.accounts = append(x.stores, store.ID), append(x.accounts, account.ID)
			for j, method := range []core.Method{core.MethodQR, "h5", core.MethodPayout} {
				rate := core.FeeRate{
					TenantID: x.tenant, ID: core.NewID(now), AccountID: account.ID, Method: method, BasisPoints: int64(25 + 38*i + j), Minimum: int64(j),
					ValidFrom: now.AddDate(0, 0, -30),
				}
				if method == core.MethodPayout {
					rate.PerPayout = 100
				}
				if err := tx.InsertFeeRate(ctx, rate); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// by is a request of one of the two, who has confirmed just now.
func (x *ledger) by(ctx context.Context, who core.Identity) context.Context {
	who.StepUpAt = x.clock.Now()
	return core.WithIdentity(ctx, who)
}

func (x *ledger) pay(ctx context.Context, store, account int, method core.Method, amount int64) error {
	x.orders++
	reply, err := x.CreatePayment(x.by(ctx, x.maker), core.CreatePaymentInput{
		IdempotencyKey: "k-" + strconv.Itoa(x.orders), Method: method, Amount: core.Fen(amount), Subject: "Tea", StoreID: x.stores[store], AccountID: x.accounts[account],
	})
	if err == nil {
		x.payments = append(x.payments, reply.Payment.ID)
	}
	return err
}

func (x *ledger) askPayment(ctx context.Context, payment core.ID) error {
	_, err := x.SyncPayment(x.by(ctx, x.maker), payment)
	return err
}

// giveBack refunds a part, in percent of what is left.
func (x *ledger) giveBack(ctx context.Context, payment core.ID, percent int64) error {
	p, err := x.readPayment(ctx, x.tenant, payment)
	if err != nil || p.Refundable() == 0 {
		return err
	}
	reply, err := x.CreateRefund(x.by(ctx, x.maker), core.CreateRefundInput{PaymentID: payment, Amount: core.Fen(max(1, p.Refundable()*percent/100))})
	if err == nil {
		x.refunds = append(x.refunds, reply.Refund.ID)
	}
	return err
}

func (x *ledger) askRefund(ctx context.Context, refund core.ID) error {
	_, err := x.SyncRefund(x.by(ctx, x.maker), refund)
	return err
}

// payOut asks for a payout; the second person agrees, and it is sent.
func (x *ledger) payOut(ctx context.Context, account int, amount int64) error {
	in := payoutInput(amount)
	in.AccountID = x.accounts[account]
	reply, err := x.CreatePayout(x.by(ctx, x.maker), in)
	if err != nil {
		return err
	}
	x.payouts = append(x.payouts, reply.Payout.ID)
	list, err := x.ListApprovals(x.by(ctx, x.second), core.ApprovalFilter{ObjectID: reply.Payout.ID})
	if err != nil || len(list) != 1 {
		return fmt.Errorf("%d approvals: %w", len(list), err)
	}
	_, err = x.DecideApproval(x.by(ctx, x.second), list[0].ID, true, "")
	return err
}

func (x *ledger) askPayout(ctx context.Context, payout core.ID) error {
	p, err := x.readPayout(ctx, x.tenant, payout)
	if err != nil || p.SentAt.IsZero() {
		return err
	}
	_, err = x.SyncPayout(x.by(ctx, x.maker), payout)
	return err
}

// decide has the two settle the nth order in doubt.
func (x *ledger) decide(ctx context.Context, n int, outcome core.ResolutionOutcome) error {
	cases, err := x.doubts(ctx)
	if err != nil || len(cases) == 0 {
		return err
	}
	return x.settleCase(ctx, cases[n%len(cases)].ID, outcome)
}

// decideOn has them settle this one, if it is in doubt.
func (x *ledger) decideOn(ctx context.Context, object core.ID, outcome core.ResolutionOutcome) error {
	cases, err := x.doubts(ctx)
	for _, c := range cases {
		if c.ObjectID == object {
			return x.settleCase(ctx, c.ID, outcome)
		}
	}
	return err
}

func (x *ledger) doubts(ctx context.Context) ([]core.Case, error) {
	return x.ListCases(x.by(ctx, x.maker), core.CaseFilter{Kinds: []core.CaseKind{core.CaseUnknownPayment, core.CaseUnknownRefund, core.CaseUnknownPayout}, Open: true})
}

func (x *ledger) settleCase(ctx context.Context, id core.ID, outcome core.ResolutionOutcome) error {
	_, a, err := x.ResolveCase(x.by(ctx, x.maker), id, core.ResolveInput{Outcome: outcome, EvidenceNo: "B-17", Note: "the bill"})
	if err != nil {
		return err
	}
	_, err = x.DecideApproval(x.by(ctx, x.second), a.ID, true, "")
	return err
}
