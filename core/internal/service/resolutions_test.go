package service

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// teller is a till whose provider leaves refunds in doubt and tells of them as the test says.
type teller struct {
	*till

	oracle *oracle
	ann    core.SessionReply
	bob    core.SessionReply
}

type oracle struct {
	*desk

	oracleKind

	mu         sync.Mutex
	sent, told core.Outcome
}

// oracleKind is what the provider can be asked about refunds.
type oracleKind struct {
	mute  bool // there is no question
	vague bool // no answer decides
}

func (o *oracle) Manifest(provider string) (core.Manifest, error) {
	m, err := o.desk.Manifest(provider)
	m.Refund = core.RefundRule{Conclusive: !o.vague && !o.mute, SettledBy: core.Text{ZH: "账单", EN: "The bill."}}
	if !o.mute {
		m.Products[0].Capabilities = append(m.Products[0].Capabilities, core.CapQueryRefund)
		m.Grants[core.CapQueryRefund] = core.Grant{Sends: 1}
	}
	return m, err
}

func (o *oracle) says(sent, told core.Outcome) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent, o.told = sent, told
}

func (o *oracle) CreateRefund(context.Context, core.ProviderCall, core.RefundRequest) (core.RefundResult, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return core.RefundResult{Outcome: o.sent, Exchange: core.Exchange{Sent: core.SentMaybe}}, nil
}

func (o *oracle) QueryRefund(context.Context, core.ProviderCall, core.RefundRequest) (core.RefundResult, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return core.RefundResult{Outcome: o.told, Exchange: core.Exchange{Sent: core.SentMaybe}}, nil
}

func newTeller(t *testing.T, kind oracleKind) *teller {
	t.Helper()
	x := &teller{till: newTill(t), oracle: &oracle{oracleKind: kind}}
	x.oracle.desk = x.desk
	x.Providers = x.oracle
	x.ann = x.person(t, x.tenant.ID, "ann@a.example", core.RoleTenantFinance)
	x.bob = x.person(t, x.tenant.ID, "bob@a.example", core.RoleTenantFinance)
	return x
}

// by is a request of the person at the merchant.
func (x *teller) by(t *testing.T, who core.SessionReply) context.Context {
	t.Helper()
	return x.as(t, who, x.tenant.ID)
}

// doubtful makes a payment of ¥10 with a refund whose outcome is in doubt, and gives its case.
func (x *teller) doubtful(t *testing.T, amount int64) (core.Payment, core.Refund, core.Case) {
	t.Helper()
	p, err := x.pay(t, core.MethodQR, 1000)
	x.must(t, err)
	x.oracle.says(core.OutcomeUnknown, core.OutcomeUnknown)
	return p, x.refund(t, p.ID, amount), x.caseOf(t, core.CaseUnknownRefund)
}

func (x *teller) refund(t *testing.T, payment core.ID, amount int64) core.Refund {
	t.Helper()
	reply, err := x.CreateRefund(x.key(t), core.CreateRefundInput{PaymentID: payment, Amount: core.Fen(amount)})
	x.must(t, err)
	return reply.Refund
}

// caseOf gives the one open case of a kind.
func (x *teller) caseOf(t *testing.T, kind core.CaseKind) core.Case {
	t.Helper()
	list, err := x.ListCases(x.by(t, x.ann), core.CaseFilter{Kinds: []core.CaseKind{kind}, Open: true})
	x.must(t, err)
	if len(list) != 1 {
		t.Fatalf("%d open cases of %s", len(list), kind)
	}
	return list[0]
}

// decide has ann decide and bob agree.
func (x *teller) decide(t *testing.T, c core.Case, outcome core.ResolutionOutcome) core.Resolution {
	t.Helper()
	r, a, err := x.ResolveCase(x.by(t, x.ann), c.ID, core.ResolveInput{Outcome: outcome, EvidenceNo: "B-17", Note: "the bill"})
	x.must(t, err)
	_, err = x.DecideApproval(x.by(t, x.bob), a.ID, true, "seen")
	x.must(t, err)
	return r
}

// asks has the sweeper ask about the refund.
func (x *teller) asks(t *testing.T, r core.Refund) core.Refund {
	t.Helper()
	x.must(t, x.CheckDue(t.Context(), core.Due{Kind: core.DueRefund, TenantID: x.tenant.ID, ID: r.ID}))
	return x.now(t, r)
}

func (x *teller) now(t *testing.T, r core.Refund) core.Refund {
	t.Helper()
	d, err := x.Refund(x.key(t), r.ID)
	x.must(t, err)
	return d.Refund
}

func (x *teller) sums(t *testing.T, payment core.ID, refunded, reserved int64) {
	t.Helper()
	d, err := x.Payment(x.key(t), payment)
	x.must(t, err)
	if d.Payment.Refunded != refunded || d.Payment.Reserved != reserved {
		t.Errorf("refunded %d, reserved %d; want %d, %d", d.Payment.Refunded, d.Payment.Reserved, refunded, reserved)
	}
}

func (x *teller) alerted(t *testing.T, kind core.AlertKind, want int) {
	t.Helper()
	if n := x.rows(t, "SELECT count(*) FROM alerts WHERE kind = $1", string(kind)); n != want {
		t.Errorf("%d alerts of %s, want %d", n, kind, want)
	}
}

func (x *teller) stands(t *testing.T, r core.Resolution, want core.ResolutionState) {
	t.Helper()
	if n := x.rows(t, "SELECT count(*) FROM resolutions WHERE id = $1 AND state = $2", r.ID, string(want)); n != 1 {
		t.Errorf("the decision is not %s", want)
	}
}

// TestPeopleSettleARefundInDoubt: with evidence, by two people, recorded; and the provider's
// later word takes its place, with the money.
func TestPeopleSettleARefundInDoubt(t *testing.T) {
	t.Parallel()
	x := newTeller(t, oracleKind{})
	p, r, c := x.doubtful(t, 400)
	x.sums(t, p.ID, 0, 400)
	in := core.ResolveInput{Outcome: core.ResolveFailed, EvidenceNo: "B-17", Note: "the bill"}
	_, _, err := x.ResolveCase(x.key(t), c.ID, in)
	wantCode(t, "decided by a program", err, core.CodeForbidden)
	_, _, err = x.ResolveCase(x.by(t, x.ann), c.ID, core.ResolveInput{Outcome: core.ResolveFailed, Note: "believe me"})
	wantCode(t, "without evidence", err, core.CodeInvalidRequest)
	_, err = x.CloseCase(x.by(t, x.ann), c.ID, "enough")
	wantCode(t, "closed by hand", err, core.CodeInvalidState)

	decision, a, err := x.ResolveCase(x.by(t, x.ann), c.ID, in)
	x.must(t, err)
	_, _, err = x.ResolveCase(x.by(t, x.bob), c.ID, in)
	wantCode(t, "decided twice at once", err, core.CodeConflict)
	_, err = x.DecideApproval(x.by(t, x.ann), a.ID, true, "")
	wantCode(t, "agreed by its maker", err, core.CodeOwnRequest)
	x.sums(t, p.ID, 0, 400)
	_, err = x.DecideApproval(x.by(t, x.bob), a.ID, true, "seen")
	x.must(t, err)
	if r = x.now(t, r); r.State != core.RefundFailed || r.FailureCode != "decided" || r.ResolutionID != decision.ID || !r.UnknownSince.IsZero() || r.NextCheckAt.IsZero() {
		t.Errorf("decided: %+v", r)
	}
	x.sums(t, p.ID, 0, 0)
	x.stands(t, decision, core.ResolutionApplied)
	d, err := x.Case(x.by(t, x.ann), c.ID)
	x.must(t, err)
	if d.Case.Closing != core.CaseSettled || d.Case.ClosedBy == "" || len(d.Resolutions) != 1 || len(d.Attempts) == 0 || !d.Askable || !d.Conclusive {
		t.Errorf("the case: %+v", d.Case)
	}
	if n := x.rows(t, "SELECT count(*) FROM audit_log WHERE action = 'refund.resolve' AND after::text LIKE '%B-17%'"); n != 1 {
		t.Errorf("%d audit rows name the evidence", n)
	}

	x.clock.Move(7 * time.Hour)
	if r = x.asks(t, r); r.State != core.RefundFailed || r.NextCheckAt.IsZero() {
		t.Errorf("no clear answer: %s, next %v", r.State, r.NextCheckAt)
	}
	x.oracle.says("", core.OutcomeSucceeded)
	x.clock.Move(7 * time.Hour)
	if r = x.asks(t, r); r.State != core.RefundSucceeded || !r.ResolutionID.IsZero() || !r.NextCheckAt.IsZero() || r.FailureCode != "" {
		t.Errorf("the provider's word: %+v", r)
	}
	x.sums(t, p.ID, 400, 0)
	x.stands(t, decision, core.ResolutionCorrected)
	x.alerted(t, core.AlertCorrection, 1)
	if n := x.rows(t, "SELECT count(*) FROM cases WHERE kind = 'decision_corrected' AND closed_at IS NULL"); n != 1 {
		t.Errorf("%d cases of the correction", n)
	}
}

// TestTheProviderTakesARefundBackFromRefunded: it was decided to have succeeded, and failed.
func TestTheProviderTakesARefundBackFromRefunded(t *testing.T) {
	t.Parallel()
	x := newTeller(t, oracleKind{})
	p, r, c := x.doubtful(t, 400)
	decision := x.decide(t, c, core.ResolveSucceeded)
	x.sums(t, p.ID, 400, 0)
	x.oracle.says("", core.OutcomeFailed)
	x.clock.Move(7 * time.Hour)
	if r = x.asks(t, r); r.State != core.RefundFailed || !r.SucceededAt.IsZero() || r.FailureCode == "" {
		t.Errorf("%+v", r)
	}
	x.sums(t, p.ID, 0, 0)
	x.stands(t, decision, core.ResolutionCorrected)
}

// TestACorrectionThatCannotHoldInventsNothing: others were refunded meanwhile.
func TestACorrectionThatCannotHoldInventsNothing(t *testing.T) {
	t.Parallel()
	x := newTeller(t, oracleKind{})
	p, first, c := x.doubtful(t, 600)
	decision := x.decide(t, c, core.ResolveFailed)
	x.oracle.says(core.OutcomeSucceeded, core.OutcomeSucceeded)
	if second := x.refund(t, p.ID, 600); second.State != core.RefundSucceeded {
		t.Fatalf("the second is %s", second.State)
	}
	x.clock.Move(7 * time.Hour)
	if first = x.asks(t, first); first.State != core.RefundFailed || !first.NextCheckAt.IsZero() {
		t.Errorf("%s, next %v", first.State, first.NextCheckAt)
	}
	x.sums(t, p.ID, 600, 0)
	x.stands(t, decision, core.ResolutionDisputed)
	x.alerted(t, core.AlertResolutionDisputed, 1)
	if n := x.rows(t, "SELECT count(*) FROM cases WHERE kind = 'decision_disputed' AND closed_at IS NULL"); n != 1 {
		t.Errorf("%d cases of the dispute", n)
	}
}

// TestAVagueProviderDoesNotOverrulePeople: its answers do not decide; people look again, and
// what a later refund may have caused is not even a dispute.
func TestAVagueProviderDoesNotOverrulePeople(t *testing.T) {
	t.Parallel()
	x := newTeller(t, oracleKind{vague: true})
	p, first, c := x.doubtful(t, 300)
	decision := x.decide(t, c, core.ResolveFailed)
	x.oracle.says("", core.OutcomeSucceeded)
	x.clock.Move(7 * time.Hour)
	if first = x.asks(t, first); first.State != core.RefundFailed {
		t.Errorf("overruled: %s", first.State)
	}
	x.sums(t, p.ID, 0, 0)
	x.stands(t, decision, core.ResolutionDisputed)
	x.alerted(t, core.AlertResolutionDisputed, 1)

	blurred := newTeller(t, oracleKind{vague: true})
	p, first, c = blurred.doubtful(t, 300)
	decision = blurred.decide(t, c, core.ResolveFailed)
	blurred.clock.Move(time.Minute)
	blurred.oracle.says(core.OutcomeSucceeded, core.OutcomeSucceeded)
	blurred.refund(t, p.ID, 300)
	blurred.clock.Move(7 * time.Hour)
	if first = blurred.asks(t, first); first.State != core.RefundFailed || !first.NextCheckAt.IsZero() {
		t.Errorf("%s, next %v", first.State, first.NextCheckAt)
	}
	blurred.stands(t, decision, core.ResolutionApplied)
	blurred.alerted(t, core.AlertResolutionDisputed, 0)
}

// TestTheProviderAnswersBeforeTheSecondPerson: the decision is overtaken.
func TestTheProviderAnswersBeforeTheSecondPerson(t *testing.T) {
	t.Parallel()
	x := newTeller(t, oracleKind{})
	p, r, c := x.doubtful(t, 400)
	decision, a, err := x.ResolveCase(x.by(t, x.ann), c.ID, core.ResolveInput{Outcome: core.ResolveFailed, EvidenceNo: "B-17", Note: "the bill"})
	x.must(t, err)
	x.oracle.says("", core.OutcomeSucceeded)
	_, err = x.SyncRefund(x.by(t, x.ann), r.ID)
	x.must(t, err)
	_, err = x.DecideApproval(x.by(t, x.bob), a.ID, true, "")
	wantCode(t, "agreed too late", err, core.CodeInvalidState)
	x.sums(t, p.ID, 400, 0)
	x.stands(t, decision, core.ResolutionOvertaken)
	if d, err := x.Case(x.by(t, x.ann), c.ID); err != nil || d.Case.Closing != core.CaseAnswered || d.Case.ClosedBy != systemActor {
		t.Errorf("the case: %+v, %v", d.Case, err)
	}
	_, _, err = x.ResolveCase(x.by(t, x.ann), c.ID, core.ResolveInput{Outcome: core.ResolveFailed, EvidenceNo: "B-17", Note: "the bill"})
	wantCode(t, "decided although answered", err, core.CodeInvalidState)
}

// TestNobodyAgreesToADecision: the order stays in doubt, and another decision can be asked for.
func TestNobodyAgreesToADecision(t *testing.T) {
	t.Parallel()
	x := newTeller(t, oracleKind{mute: true})
	p, r, c := x.doubtful(t, 400)
	in := core.ResolveInput{Outcome: core.ResolveSucceeded, EvidenceNo: "B-17", Note: "the bill"}
	decision, a, err := x.ResolveCase(x.by(t, x.ann), c.ID, in)
	x.must(t, err)
	_, err = x.DecideApproval(x.by(t, x.bob), a.ID, false, "another order")
	x.must(t, err)
	x.stands(t, decision, core.ResolutionRefused)
	x.sums(t, p.ID, 0, 400)
	if r = x.now(t, r); r.UnknownSince.IsZero() || x.caseOf(t, core.CaseUnknownRefund).ID != c.ID {
		t.Error("the doubt is gone")
	}
	x.decide(t, c, core.ResolveSucceeded)
	x.sums(t, p.ID, 400, 0)
}

// TestDoubtIsNeverClosedByAClock: a month later the order is as much in doubt as at first, its
// case is open, and it is asked where it can be.
func TestDoubtIsNeverClosedByAClock(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]oracleKind{"asked in vain": {}, "cannot be asked": {mute: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newTeller(t, o)
			p, r, c := x.doubtful(t, 400)
			for range 30 {
				x.clock.Move(24 * time.Hour)
				due, err := x.Database.ClaimDue(t.Context(), x.clock.Now(), 10, time.Minute)
				x.must(t, err)
				asked := false
				for _, d := range due {
					x.must(t, x.CheckDue(t.Context(), d))
					asked = asked || d.Kind == core.DuePayment || d.Kind == core.DueRefund
				}
				if asked == o.mute {
					t.Fatalf("asked: %v", asked)
				}
			}
			if got := x.rows(t, "SELECT count(*) FROM refunds WHERE id = $1 AND state = 'processing' AND unknown_since IS NOT NULL", r.ID); got != 1 {
				t.Error("the doubt ended by itself")
			}
			if got := x.rows(t, "SELECT count(*) FROM cases WHERE id = $1 AND closed_at IS NULL", c.ID); got != 1 {
				t.Error("the case ended by itself")
			}
			if got := x.rows(t, "SELECT count(*) FROM payments WHERE id = $1 AND reserved = 400 AND refunded = 0", p.ID); got != 1 {
				t.Error("the reservation ended by itself")
			}
		})
	}
}

// TestCasesHaveOwners: who can see the case can be given it; the queue shows whose is whose.
func TestCasesHaveOwners(t *testing.T) {
	t.Parallel()
	x := newTeller(t, oracleKind{mute: true})
	_, _, c := x.doubtful(t, 400)
	cashier := x.person(t, x.tenant.ID, "cashier@a.example", core.RoleTenantCashier)
	_, err := x.AssignCase(x.by(t, x.ann), c.ID, cashier.Me.User.ID)
	wantCode(t, "given to who may not see it", err, core.CodeInvalidRequest)
	bob, err := core.IdentityFrom(x.by(t, x.bob))
	x.must(t, err)
	c, err = x.AssignCase(x.by(t, x.ann), c.ID, bob.UserID)
	x.must(t, err)
	for owner, want := range map[string]int{bob.Actor: 1, x.owner.Me.User.Email: 0} {
		list, err := x.ListCases(x.by(t, x.ann), core.CaseFilter{Owner: owner, Open: true})
		x.must(t, err)
		if len(list) != want {
			t.Errorf("%s has %d cases", owner, len(list))
		}
	}
	d, err := x.Case(x.adminIn(t, core.ID{}), c.ID) // the platform finds the merchant by itself
	x.must(t, err)
	if d.Askable || d.Conclusive || d.SettledBy.EN != "The bill." || d.Case.Owner != bob.Actor {
		t.Errorf("%+v", d)
	}
	_, err = x.AskCase(x.by(t, x.ann), c.ID)
	wantCode(t, "asked although there is no question", err, core.CodeNotSupported)
	if _, err := x.AssignCase(x.by(t, x.bob), c.ID, core.ID{}); err != nil {
		t.Error(err)
	}
}
