package service

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// bank is a provider that pays out, and counts what it was told to do.
type bank struct {
	core.Providers

	mu      sync.Mutex
	sent    map[string]int // CreatePayout calls by number
	asked   int
	answer  core.Outcome // of CreatePayout
	settles core.Outcome // of QueryPayout
	balance core.Balance
	blind   bool // the balance cannot be read
}

func newBank() *bank {
	return &bank{
		sent: map[string]int{}, answer: core.OutcomeInProgress, settles: core.OutcomeSucceeded,
		balance: core.Balance{Channel: "C1", Available: core.Fen(1_000_000), Advance: core.Fen(0)},
	}
}

func (b *bank) Manifest(string) (core.Manifest, error) {
	m, spec := testManifest(), payoutTestSpec()
	m.Grants[core.CapListBalances] = core.Grant{}
	m.Products = []core.Product{{
		ID: "payout", Payout: &spec, Capabilities: []core.Capability{core.CapCreatePayout, core.CapQueryPayout, core.CapListBalances},
	}}
	return m, nil
}

func (b *bank) CreatePayout(_ context.Context, call core.ProviderCall, req core.PayoutRequest) (core.PayoutResult, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent[req.OrderNo]++
	if call.OrderNo != req.OrderNo || string(req.PayeeName.Reveal()) != "欧阳测试" {
		return core.PayoutResult{}, errors.New("another payee arrived")
	}
	return core.PayoutResult{Outcome: b.answer, Exchange: core.Exchange{Sent: core.SentMaybe}}, nil
}

func (b *bank) QueryPayout(context.Context, core.ProviderCall, core.PayoutRef) (core.PayoutResult, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked++
	return core.PayoutResult{Outcome: b.settles, Exchange: core.Exchange{Sent: core.SentMaybe}}, nil
}

func (b *bank) ListBalances(context.Context, core.ProviderCall) (core.BalanceResult, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.blind {
		return core.BalanceResult{Outcome: core.OutcomeUnknown}, nil
	}
	return core.BalanceResult{Outcome: core.OutcomeSucceeded, Balances: []core.Balance{b.balance}}, nil
}

func (b *bank) change(fn func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	fn()
}

// total is how many payouts were sent, and whether any was sent twice.
func (b *bank) total(t *testing.T) (n int) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for number, times := range b.sent {
		if n += times; times > 1 {
			t.Errorf("payout %s was sent %d times", number, times)
		}
	}
	return n
}

// counting is a house with a merchant that pays out at the bank.
type counting struct {
	*house

	bank   *bank
	tenant core.ID
	maker  context.Context //nolint:containedctx // a person, as the use cases see one
	second context.Context //nolint:containedctx // the same
}

func newCounting(t *testing.T) *counting {
	t.Helper()
	h := newHouse(t)
	c := &counting{house: h, bank: newBank(), tenant: h.tenant(t, "工资代付").ID}
	h.Providers = c.bank
	account := core.ProviderAccount{
		TenantID: c.tenant, ID: core.NewID(h.clock.Now()), Provider: "bank", Name: "Bank", Status: core.AccountLive, CreatedAt: h.clock.Now(), UpdatedAt: h.clock.Now(),
	}
	version, err := h.keys.Put(t.Context(), account.KeyPath(), map[string]core.Credential{"key": {Type: core.CredSecret, Value: core.SecretString("k")}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	account.KeyVersion = version
	if err := h.Database.InTenant(t.Context(), c.tenant, func(tx core.TenantTx) error { return tx.InsertAccount(t.Context(), account) }); err != nil {
		t.Fatal(err)
	}
	c.maker = h.as(t, h.person(t, c.tenant, "finance@example.com", core.RoleTenantFinance), c.tenant)
	c.second = h.as(t, h.person(t, c.tenant, "owner@example.com", core.RoleTenantOwner), c.tenant)
	return c
}

func payoutInput(amount int64) core.CreatePayoutInput {
	return core.CreatePayoutInput{Amount: core.Fen(amount), Payee: core.Payee{
		Type: core.PayeePersonal, Name: core.SecretString("欧阳测试"), Number: core.SecretString("6217715555555555"), Phone: core.SecretString("13900139000"),
	}}
}

// waits makes a payout that waits for the second person.
func (c *counting) waits(t *testing.T, amount int64) (core.Payout, core.Approval) {
	t.Helper()
	reply, err := c.CreatePayout(c.maker, payoutInput(amount))
	if err != nil {
		t.Fatal(err)
	}
	list, err := c.ListApprovals(c.second, core.ApprovalFilter{ObjectID: reply.Payout.ID})
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	return reply.Payout, list[0]
}

func (c *counting) stored(t *testing.T, id core.ID) core.Payout {
	t.Helper()
	p, err := c.readPayout(t.Context(), c.tenant, id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// sweeps is many nodes that find the payout due at the same moment.
func (c *counting) sweeps(t *testing.T, p core.Payout, nodes int) {
	t.Helper()
	_, errs := together(nodes, func(int) error {
		return c.CheckDue(t.Context(), core.Due{Kind: core.DuePayout, TenantID: c.tenant, ID: p.ID})
	})
	for _, err := range errs {
		t.Error(err)
	}
}

// approveUnsent agrees while the node dies right after the commit: nothing is sent yet.
func (c *counting) approveUnsent(t *testing.T, a core.Approval) {
	t.Helper()
	id, err := core.IdentityFrom(c.second)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.decide(c.second, id, a, true, ""); err != nil {
		t.Fatal(err)
	}
}

// TestManyNodesSendAPayoutOnce: the node that heard the last yes died, and eight others find
// the payout due at the same instant.
func TestManyNodesSendAPayoutOnce(t *testing.T) {
	t.Parallel()
	c := newCounting(t)
	for range 5 {
		p, a := c.waits(t, 100)
		c.sweeps(t, p, 2) // nothing is due before somebody agreed
		if got := c.stored(t, p.ID); got.State != core.PayoutPendingApproval || !got.SentAt.IsZero() {
			t.Fatalf("%s, sent at %v", got.State, got.SentAt)
		}
		c.approveUnsent(t, a)
		c.sweeps(t, p, 8)
		if got := c.stored(t, p.ID); got.SentAt.IsZero() {
			t.Errorf("%s (%s)", got.State, got.WaitReason)
		}
	}
	if n := c.bank.total(t); n != 5 {
		t.Errorf("%d payouts were sent, want 5", n)
	}
}

// TestALostCommitSendsNothing: whether the begin of the call was written is not known, so
// nothing is sent from there. It was: everybody who comes later asks.
func TestALostCommitSendsNothing(t *testing.T) {
	t.Parallel()
	c := newCounting(t)
	p, a := c.waits(t, 100)
	c.approveUnsent(t, a)
	lost := &losing{Database: c.Database}
	c.Database = lost
	c.Hook = func(point string) { lost.next.Store(point == "before_intent") }
	c.sweeps(t, p, 1)
	if got := c.stored(t, p.ID); got.SentAt.IsZero() || c.bank.total(t) != 0 {
		t.Fatalf("begun at %v, %d sent", got.SentAt, c.bank.total(t))
	}
	c.bank.change(func() { c.bank.settles = core.OutcomeNotFound })
	for range 3 {
		c.clock.Move(5 * time.Minute)
		c.sweeps(t, p, 1)
	}
	got := c.stored(t, p.ID)
	if got.State != core.PayoutFailed || got.FailureCode != failureNotReceived || c.bank.total(t) != 0 {
		t.Errorf("%s %s after %d questions, %d sent", got.State, got.FailureCode, c.bank.asked, c.bank.total(t))
	}
}

// losing loses the answer to one COMMIT.
type losing struct {
	core.Database

	next atomic.Bool
}

func (l *losing) InTenant(ctx context.Context, tenant core.ID, fn func(tx core.TenantTx) error) error {
	err := l.Database.InTenant(ctx, tenant, fn)
	if l.next.Swap(false) && err == nil {
		return core.Errorf(core.CodeOutcomeUnknown, "The answer was lost.")
	}
	return err
}

// TestAnApprovedPayoutWaitsForItsHour: what cannot be sent now is not sent, says why, and
// goes out when it can; what will not fit ends without anything sent.
func TestAnApprovedPayoutWaitsForItsHour(t *testing.T) {
	t.Parallel()
	c := newCounting(t)
	type waiting struct {
		payout   core.Payout
		approval core.Approval
	}
	var made [3]waiting // the clock runs past the maker's confirmation
	for i := range made {
		made[i].payout, made[i].approval = c.waits(t, 100)
		c.approveUnsent(t, made[i].approval)
	}
	for i, tt := range []struct {
		what        string
		hold, allow func()
		reason      string
	}{
		{"the balance cannot be read", func() { c.bank.blind = true }, func() { c.bank.blind = false }, waitBalance},
		{"outside the channel's hours", func() { c.bank.balance.Opens, c.bank.balance.Closes = "09:00:00", "17:30:00" }, func() { c.bank.balance.Opens = "" }, "outside_hours"},
	} {
		p := made[i].payout
		c.bank.change(tt.hold)
		before := c.bank.total(t)
		c.sweeps(t, p, 1)
		held := c.stored(t, p.ID)
		if held.State != core.PayoutProcessing || held.WaitReason != tt.reason || !held.NextCheckAt.After(c.clock.Now()) || c.bank.total(t) != before {
			t.Fatalf("%s: %s (%s), due %v", tt.what, held.State, held.WaitReason, held.NextCheckAt)
		}
		c.bank.change(tt.allow)
		c.sweeps(t, p, 1) // not due yet
		if c.bank.total(t) != before {
			t.Errorf("%s: sent before its time", tt.what)
		}
		c.clock.Move(held.NextCheckAt.Sub(c.clock.Now()))
		c.sweeps(t, p, 1)
		if got := c.stored(t, p.ID); got.SentAt.IsZero() || got.WaitReason != "" || c.bank.total(t) != before+1 {
			t.Errorf("%s: %s (%s), %d sent", tt.what, got.State, got.WaitReason, c.bank.total(t)-before)
		}
	}
	p := made[2].payout
	c.bank.change(func() { c.bank.balance.Available = core.Fen(99) })
	before := c.bank.total(t)
	c.sweeps(t, p, 1)
	if got := c.stored(t, p.ID); got.State != core.PayoutFailed || got.FailureCode != "insufficient_balance" || !got.SentAt.IsZero() || c.bank.total(t) != before {
		t.Errorf("too little: %s %s, sent at %v", got.State, got.FailureCode, got.SentAt)
	}
}

// TestNobodyAgreesToWhatCannotBeSent: the hours have closed since it was asked for. The
// decision is refused and nothing changes.
func TestNobodyAgreesToWhatCannotBeSent(t *testing.T) {
	t.Parallel()
	c := newCounting(t)
	p, a := c.waits(t, 100)
	c.bank.change(func() { c.bank.balance.Opens, c.bank.balance.Closes = "09:00:00", "17:30:00" })
	_, err := c.DecideApproval(c.second, a.ID, true, "")
	wantCode(t, "outside the hours", err, core.CodeOutsideHours)
	c.bank.change(func() { c.bank.balance.Opens, c.bank.balance.Available = "", core.Fen(99) })
	_, err = c.DecideApproval(c.second, a.ID, true, "")
	wantCode(t, "too little", err, core.CodeInsufficientBalance)
	if got := c.stored(t, p.ID); got.State != core.PayoutPendingApproval || c.bank.total(t) != 0 {
		t.Errorf("%s, %d sent", got.State, c.bank.total(t))
	}
	// A refusal needs no balance.
	if _, err := c.DecideApproval(c.second, a.ID, false, "not this one"); err != nil {
		t.Error(err)
	}
	if got := c.stored(t, p.ID); got.State != core.PayoutRejected || got.FailureCode != failureRejected {
		t.Errorf("%s %s", got.State, got.FailureCode)
	}
}

// TestTheTemplateIsReadAndItsExamplePaysNobody: a row that was forgotten in the file.
func TestTheTemplateIsReadAndItsExamplePaysNobody(t *testing.T) {
	t.Parallel()
	c := newCounting(t)
	template, err := c.PayoutTemplate(c.maker)
	if err != nil {
		t.Fatal(err)
	}
	reply, err := c.CreatePayoutBatch(c.maker, core.CreatePayoutBatchInput{FileName: "template.csv", File: template})
	wantCode(t, "the template as it is", err, core.CodeInvalidFile)
	if e := reply.Batch.Errors; len(e) != 1 || e[0].Row != 2 || e[0].Column != "payee.number" || e[0].Code != faultNumber {
		t.Errorf("%+v", e)
	}
	// The same again, under another key, is again refused and not taken for known.
	_, err = c.CreatePayoutBatch(c.maker, core.CreatePayoutBatchInput{FileName: "template.csv", File: template})
	wantCode(t, "once more", err, core.CodeInvalidFile)
}

// TestAFileIsCheckedAndNothingOfItKept: what it comes to, or what is wrong with it; without a
// fresh confirmation, for nothing can come of it.
func TestAFileIsCheckedAndNothingOfItKept(t *testing.T) {
	t.Parallel()
	c := newCounting(t)
	template, err := c.PayoutTemplate(c.maker)
	if err != nil {
		t.Fatal(err)
	}
	c.clock.Move(stepUpLife)
	check := func(file string) core.PayoutBatchCheck {
		got, err := c.CheckPayoutBatch(c.maker, core.CreatePayoutBatchInput{FileName: "x.csv", File: []byte(file)})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	bad := check(string(template))
	if bad.ErrorCount != 1 || len(bad.Errors) != 1 || bad.Errors[0].Column != "payee.number" || bad.Amount.Minor != 0 || bad.Rows != 1 {
		t.Errorf("the template: %+v", bad)
	}
	good := strings.Replace(string(template), "6217710000000001", "6217715555555555", 1)
	for range 2 { // checking a file does not make it known
		if got := check(good); got.ErrorCount != 0 || got.Amount != core.Fen(123450) || got.Rows != 1 || got.Needed != 1 || got.Encoding == "" {
			t.Errorf("a good file: %+v", got)
		}
	}
	batches, err := c.ListPayoutBatches(c.second, core.PayoutBatchFilter{})
	if err != nil || len(batches) != 0 {
		t.Errorf("%d batches were kept, %v", len(batches), err)
	}
	payouts, err := c.ListPayouts(c.second, core.PayoutFilter{})
	if err != nil || len(payouts) != 0 {
		t.Errorf("%d payouts were made, %v", len(payouts), err)
	}
}

// TestAskingForAPayoutNeedsAFreshConfirmation of a person, and nobody's who is bound to stores.
func TestAskingForAPayoutNeedsAFreshConfirmation(t *testing.T) {
	t.Parallel()
	c := newCounting(t)
	c.clock.Move(stepUpLife)
	_, err := c.CreatePayout(c.maker, payoutInput(100))
	wantCode(t, "an old confirmation", err, core.CodeStepUpRequired)
	_, err = c.CreatePayoutBatch(c.maker, core.CreatePayoutBatchInput{File: []byte("x")})
	wantCode(t, "a file on an old confirmation", err, core.CodeStepUpRequired)
	id, err := core.IdentityFrom(c.maker)
	if err != nil {
		t.Fatal(err)
	}
	id.StepUpAt, id.StoreIDs = c.clock.Now(), []core.ID{core.NewID(c.clock.Now())}
	_, err = c.CreatePayout(core.WithIdentity(t.Context(), id), payoutInput(100))
	wantCode(t, "bound to stores", err, core.CodeForbidden)
	list, err := c.ListPayouts(c.second, core.PayoutFilter{})
	if err != nil || len(list) != 0 {
		t.Errorf("%d payouts, %v", len(list), err)
	}
}
