package service

import (
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func (x *till) rate(t *testing.T, in core.FeeRateInput) core.FeeRate {
	t.Helper()
	if in.AccountID.IsZero() {
		in.AccountID = x.account
	}
	rate, err := x.AddFeeRate(x.adminIn(t, x.tenant.ID), in)
	x.must(t, err)
	return rate
}

// TestFeesOfPayments: the rate that was valid when the order was created counts, once.
func TestFeesOfPayments(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	before, err := x.pay(t, core.MethodQR, 10_000)
	if err != nil || before.Fee != 0 {
		t.Errorf("without a rate: %d %v", before.Fee, err)
	}
	first := x.rate(t, core.FeeRateInput{Method: core.MethodQR, BasisPoints: 38})
	charged, err := x.pay(t, core.MethodQR, 10_000)
	if err != nil || charged.Fee != 38 {
		t.Errorf("answered at once: %d %v", charged.Fee, err)
	}
	other, err := x.pay(t, "h5", 10_000)
	if err != nil || other.Fee != 0 {
		t.Errorf("another method: %d %v", other.Fee, err)
	}
	x.desk.answers(core.OutcomeFailed)
	failed, err := x.pay(t, core.MethodQR, 10_000)
	if err != nil || failed.Fee != 0 {
		t.Errorf("a failure costs %d %v", failed.Fee, err)
	}
	x.desk.answers(core.OutcomeUnknown)
	open, err := x.pay(t, core.MethodQR, 10_000)
	x.must(t, err)
	x.clock.Move(time.Minute)
	_, err = x.EndFeeRate(x.adminIn(t, x.tenant.ID), first.ID, time.Time{})
	x.must(t, err)
	x.rate(t, core.FeeRateInput{Method: core.MethodQR, BasisPoints: 100})
	x.provider.says(core.OutcomeSucceeded, nil)
	paid, err := x.SyncPayment(x.key(t), open.ID)
	if err != nil || paid.State != core.PaymentSucceeded || paid.Fee != 38 {
		t.Errorf("created under the first rate: %s %d %v", paid.State, paid.Fee, err)
	}
	x.desk.answers(core.OutcomeSucceeded)
	now, err := x.pay(t, core.MethodQR, 10_000)
	if err != nil || now.Fee != 100 {
		t.Errorf("under the second rate: %d %v", now.Fee, err)
	}
	if n := x.rows(t, "SELECT sum(fee) FROM payments"); n != 38+38+100 {
		t.Errorf("the stored fees sum up to %d", n)
	}
}

func TestFeeRatesAreEndedNotEdited(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	now, ctx := x.clock.Now(), x.adminIn(t, x.tenant.ID)
	first := x.rate(t, core.FeeRateInput{Method: core.MethodPayout, PerPayout: 200})
	add := func(in core.FeeRateInput) error {
		if in.AccountID.IsZero() {
			in.AccountID = x.account
		}
		_, err := x.AddFeeRate(ctx, in)
		return err
	}
	other := newTenantAccount(t, x)
	for name, c := range map[string]struct {
		in    core.FeeRateInput
		want  core.Code
		param string
	}{
		"overlaps":                   {core.FeeRateInput{Method: core.MethodPayout, PerPayout: 1}, core.CodeConflict, "valid_from"},
		"overlaps later":             {core.FeeRateInput{Method: core.MethodPayout, ValidFrom: now.Add(time.Hour), ValidTo: now.Add(2 * time.Hour)}, core.CodeConflict, "valid_from"},
		"begins in the past":         {core.FeeRateInput{Method: "h5", ValidFrom: now.Add(-time.Second)}, core.CodeInvalidRequest, "valid_from"},
		"ends before it begins":      {core.FeeRateInput{Method: "h5", ValidTo: now}, core.CodeInvalidRequest, "valid_to"},
		"more than all":              {core.FeeRateInput{Method: "h5", BasisPoints: 10_001}, core.CodeInvalidRequest, "basis_points"},
		"largest below least":        {core.FeeRateInput{Method: "h5", Minimum: 10, Maximum: 9}, core.CodeInvalidAmount, "maximum"},
		"per payout of a payment":    {core.FeeRateInput{Method: "h5", PerPayout: 1}, core.CodeInvalidRequest, "per_payout"},
		"no method":                  {core.FeeRateInput{}, core.CodeInvalidRequest, "method"},
		"a method there is not":      {core.FeeRateInput{Method: "cash"}, core.CodeInvalidRequest, "method"},
		"another merchant's account": {core.FeeRateInput{AccountID: other, Method: "h5"}, core.CodeNotFound, "account_id"},
	} {
		if err := add(c.in); core.CodeOf(err) != c.want || paramOf(err) != c.param {
			t.Errorf("%s: %v at %q", name, err, paramOf(err))
		}
	}
	_, err := x.EndFeeRate(ctx, first.ID, now.Add(-time.Second))
	wantCode(t, "ended in the past", err, core.CodeInvalidRequest)
	ended, err := x.EndFeeRate(ctx, first.ID, now.Add(time.Hour))
	if err != nil || !ended.ValidTo.Equal(now.Add(time.Hour)) {
		t.Fatal(ended, err)
	}
	_, err = x.EndFeeRate(ctx, first.ID, now.Add(2*time.Hour))
	wantCode(t, "an end put off", err, core.CodeInvalidState)
	// A rate that has not begun is withdrawn, and stands in nobody's way.
	next := x.rate(t, core.FeeRateInput{Method: core.MethodPayout, PerPayout: 300, ValidFrom: now.Add(time.Hour)})
	withdrawn, err := x.EndFeeRate(ctx, next.ID, time.Time{})
	if err != nil || !withdrawn.ValidTo.Equal(withdrawn.ValidFrom) {
		t.Fatal(withdrawn, err)
	}
	x.rate(t, core.FeeRateInput{Method: core.MethodPayout, PerPayout: 400, ValidFrom: now.Add(time.Hour)})
	list, err := x.ListFeeRates(x.key(t), x.account)
	if err != nil || len(list) != 3 {
		t.Errorf("%d rates are listed: %v", len(list), err)
	}
	if n := x.rows(t, "SELECT count(*) FROM audit_log WHERE action LIKE 'fee_rate.%'"); n != 5 {
		t.Errorf("%d audit rows", n)
	}
	_, err = x.AddFeeRate(x.as(t, x.owner, x.tenant.ID), core.FeeRateInput{AccountID: x.account, Method: "h5"})
	wantCode(t, "by the merchant", err, core.CodeForbidden)
	x.clock.Move(stepUpLife)
	_, err = x.AddFeeRate(x.adminIn(t, x.tenant.ID), core.FeeRateInput{AccountID: x.account, Method: "h5"})
	wantCode(t, "without a fresh confirmation", err, core.CodeStepUpRequired)
}

// TestRatesAddedAtOnceDoNotOverlap: of many that add a rate for the same time one succeeds.
func TestRatesAddedAtOnceDoNotOverlap(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	ctx := x.adminIn(t, x.tenant.ID)
	n, errs := together(8, func(i int) error {
		_, err := x.AddFeeRate(ctx, core.FeeRateInput{AccountID: x.account, Method: core.MethodQR, BasisPoints: int64(i)})
		return err
	})
	if n != 1 {
		t.Errorf("%d rates are valid at once", n)
	}
	for _, err := range errs {
		wantCode(t, "the others", err, core.CodeConflict)
	}
}
