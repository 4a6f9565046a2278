//go:build e2e

package host_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/shouqianba"
)

// caseOf waits for the one open case of a kind.
func (x *till) caseOf(ctx context.Context, kind core.CaseKind) core.Case {
	x.t.Helper()
	var list []core.Case
	eventually(x.t, "a case of "+string(kind)+" is open", func() error {
		if list = x.openCases(ctx, kind); len(list) != 1 {
			return fmt.Errorf("%d are", len(list))
		}
		return nil
	})
	return list[0]
}

// settles has two people decide the case.
func (x *till) settles(first, second context.Context, c core.Case, outcome core.ResolutionOutcome) {
	x.t.Helper()
	s := x.h.Service()
	_, a, err := s.ResolveCase(first, c.ID, core.ResolveInput{Outcome: outcome, EvidenceNo: "BILL-1", Note: "the provider's bill"})
	x.w.must(err)
	if _, err := s.DecideApproval(first, a.ID, true, ""); core.CodeOf(err) != core.CodeOwnRequest {
		x.t.Errorf("its maker agreed: %v", err)
	}
	_, err = s.DecideApproval(second, a.ID, true, "seen")
	x.w.must(err)
}

// TestPeopleSettleAndTheProviderContradicts: a payment that people decided to have failed is
// paid after all, and corrected; a refund at a provider whose answers do not decide stays as
// people decided, and they are told.
func TestPeopleSettleAndTheProviderContradicts(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	ctx := t.Context()
	ann := x.w.hire(ctx, x.h, x.m.id, "ann", core.RoleTenantFinance).as(ctx, x.h, x.m.id)
	bob := x.w.hire(ctx, x.h, x.m.id, "bob", core.RoleTenantFinance).as(ctx, x.h, x.m.id)

	x.fault(shouqianba.Fault{Operation: "pay", PayerSuffix: "71", Kind: shouqianba.FaultUncertain, Moved: true, Then: shouqianba.ThenPaid, Queries: 12})
	x.fault(shouqianba.Fault{Operation: "refund", Kind: shouqianba.FaultUncertain, Moved: true, Queries: 12, Times: 1})
	_, reply := x.post("/v1/payments", x.m.barcode(100, "71"))
	payment, refunded := text(reply, "id"), x.paid(100)
	status, reply := x.post("/v1/refunds", map[string]any{"payment_id": refunded, "amount": 40})
	if status != 202 {
		t.Fatalf("refund: %d %v", status, reply)
	}
	d, err := x.h.Service().Case(ann, x.caseOf(ctx, core.CaseUnknownRefund).ID)
	x.w.must(err)
	if !d.Askable || d.Conclusive || d.SettledBy.ZH == "" || len(d.Attempts) == 0 || len(d.Attempts[0].Evidence) == 0 {
		t.Errorf("the case says askable %v, conclusive %v, settled by %q, %d calls", d.Askable, d.Conclusive, d.SettledBy.ZH, len(d.Attempts))
	}
	x.settles(ann, bob, x.caseOf(ctx, core.CaseUnknownPayment), core.ResolveFailed)
	x.settles(ann, bob, d.Case, core.ResolveFailed)
	x.sums(refunded, 0, 0, 0)
	if p := x.payment(payment); p.State != core.PaymentFailed || p.ResolutionID.IsZero() || p.NextCheckAt.IsZero() {
		t.Fatalf("decided: %s, asked again at %v", p.State, p.NextCheckAt)
	}
	eventually(t, "the provider's word comes", func() error {
		p, disputes := x.payment(payment), len(x.openCases(ctx, core.CaseDecisionDisputed))
		if p.State != core.PaymentSucceeded || !p.ResolutionID.IsZero() || disputes != 1 {
			x.clock.advance(7 * time.Hour)
			return fmt.Errorf("the payment is %s after %d questions, %d disputes", p.State, p.Checks, disputes)
		}
		return nil
	})
	x.charged(x.payment(payment), 1)
	x.caseOf(ctx, core.CaseDecisionCorrected)
	x.becomesRefund(text(reply, "id"), core.RefundFailed)
	x.sums(refunded, 0, 0, 0)
}

func (x *till) openCases(ctx context.Context, kind core.CaseKind) []core.Case {
	x.t.Helper()
	list, err := x.h.Service().ListCases(core.WithIdentity(ctx, core.Identity{Actor: "system", Subject: string(core.RoleTenantOwner), TenantID: x.m.id}), core.CaseFilter{Kinds: []core.CaseKind{kind}, Open: true})
	x.w.must(err)
	return list
}
