package service

import (
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func (x *till) limit(t *testing.T, who core.SessionReply, in core.LimitInput) error {
	t.Helper()
	if in.Spending == "" {
		in.Spending = core.SpendPayment
	}
	_, err := x.SetLimit(x.as(t, who, x.tenant.ID), in)
	return err
}

// uses wants what today has used of the daily limit in a scope.
func (x *till) uses(t *testing.T, scope core.Scope, want int64) {
	t.Helper()
	list, err := x.ListLimits(x.key(t))
	x.must(t, err)
	for _, l := range list {
		if l.Scope == scope && l.Daily > 0 {
			if l.UsedToday != want {
				t.Errorf("%v has used %d, want %d", scope, l.UsedToday, want)
			}
			return
		}
	}
	t.Errorf("no daily limit in %v among %+v", scope, list)
}

func TestSingleLimits(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	method := core.Scope{AccountID: x.account, Method: core.MethodQR}
	x.must(t, x.limit(t, x.admin, core.LimitInput{Single: 1000}))
	x.must(t, x.limit(t, x.owner, core.LimitInput{Scope: method, Single: 500}))
	for _, c := range []struct {
		method core.Method
		amount int64
		want   core.Code
	}{{core.MethodQR, 500, ""}, {core.MethodQR, 501, core.CodeLimitExceeded}, {"h5", 1000, ""}, {"h5", 1001, core.CodeLimitExceeded}} {
		_, err := x.pay(t, c.method, c.amount)
		wantCode(t, string(c.method), err, c.want)
	}
	_, err := x.pay(t, "h5", 1001)
	if !strings.Contains(err.Error(), "¥10.00") || paramOf(err) != "amount" {
		t.Errorf("the sentence names no limit: %v at %q", err, paramOf(err))
	}
	if n := x.rows(t, "SELECT count(*) FROM payments"); n != 2 {
		t.Errorf("%d payments are written", n)
	}
	if n := x.rows(t, "SELECT count(*) FROM spending_days"); n != 0 {
		t.Errorf("%d counters without a daily limit", n)
	}
	x.must(t, x.limit(t, x.admin, core.LimitInput{}))
	_, err = x.pay(t, "h5", 5000)
	wantCode(t, "after the limit was removed", err, "")
}

// TestTheDaysLimit: what is open, in doubt or paid counts; what failed gives its part back; a
// new day begins at midnight in Beijing.
func TestTheDaysLimit(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	_, err := x.pay(t, core.MethodQR, 300) // before there is a limit
	x.must(t, err)
	account := core.Scope{AccountID: x.account}
	x.must(t, x.limit(t, x.admin, core.LimitInput{Scope: account, Daily: 1000}))
	x.uses(t, account, 300)
	x.desk.answers(core.OutcomeUnknown)
	doubt, err := x.pay(t, core.MethodQR, 400)
	x.must(t, err)
	x.uses(t, account, 700)
	_, err = x.pay(t, core.MethodQR, 301)
	wantCode(t, "over the day's limit", err, core.CodeLimitExceeded)
	if !strings.Contains(err.Error(), "¥3.00 is left") {
		t.Errorf("the sentence does not say what is left: %v", err)
	}
	x.uses(t, account, 700) // a refusal counts nothing
	x.desk.answers(core.OutcomeFailed)
	failed, err := x.pay(t, "h5", 300)
	if err != nil || failed.State != core.PaymentFailed {
		t.Fatal(failed.State, err)
	}
	x.uses(t, account, 700)
	x.provider.says(core.OutcomeFailed, nil)
	_, err = x.SyncPayment(x.as(t, x.owner, x.tenant.ID), doubt.ID)
	x.must(t, err)
	x.uses(t, account, 300)
	// The provider says otherwise later: it has moved, and counts whatever the limit says.
	x.must(t, x.limit(t, x.admin, core.LimitInput{Scope: account, Daily: 350}))
	x.provider.says(core.OutcomeSucceeded, nil)
	paid, err := x.SyncPayment(x.as(t, x.owner, x.tenant.ID), doubt.ID)
	if err != nil || paid.State != core.PaymentSucceeded {
		t.Fatal(paid.State, err)
	}
	x.uses(t, account, 700)
	x.desk.answers(core.OutcomeSucceeded)
	_, err = x.pay(t, core.MethodQR, 1)
	wantCode(t, "a full day", err, core.CodeLimitExceeded)
	x.clock.Move(3*time.Hour + 59*time.Minute) // it was 20:00 in Beijing
	_, err = x.pay(t, core.MethodQR, 1)
	wantCode(t, "a minute before midnight", err, core.CodeLimitExceeded)
	x.clock.Move(time.Minute)
	_, err = x.pay(t, core.MethodQR, 350)
	wantCode(t, "a new day", err, "")
	x.uses(t, account, 350)
}

func TestFreezing(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	ctx, platform := x.as(t, x.owner, x.tenant.ID), x.adminIn(t, x.tenant.ID)
	paid, err := x.pay(t, core.MethodQR, 300)
	x.must(t, err)
	method := core.Scope{AccountID: x.account, Method: core.MethodQR}
	own, err := x.Freeze(ctx, method, "stock-taking")
	x.must(t, err)
	_, err = x.pay(t, core.MethodQR, 1)
	wantCode(t, "a frozen method", err, core.CodeFrozen)
	if !strings.Contains(err.Error(), "stock-taking") {
		t.Errorf("the reason is not told: %v", err)
	}
	_, err = x.pay(t, "h5", 1)
	wantCode(t, "another method", err, "")
	_, err = x.Freeze(ctx, method, "again")
	wantCode(t, "frozen twice", err, core.CodeConflict)
	theirs, err := x.Freeze(platform, core.Scope{}, "under review")
	x.must(t, err)
	_, err = x.pay(t, "h5", 1)
	wantCode(t, "a frozen merchant", err, core.CodeFrozen)
	_, err = x.LiftFreeze(ctx, theirs.ID, "please")
	wantCode(t, "the merchant lifts the platform's", err, core.CodeForbidden)
	refund, err := x.CreateRefund(ctx, core.CreateRefundInput{IdempotencyKey: "r", PaymentID: paid.ID, Amount: core.Fen(100)})
	if err != nil || refund.Refund.State != core.RefundSucceeded {
		t.Errorf("a refund while frozen: %+v %v", refund, err)
	}
	_, err = x.SyncPayment(ctx, paid.ID)
	wantCode(t, "a question while frozen", err, "")
	lifted, err := x.LiftFreeze(platform, theirs.ID, "cleared")
	if err != nil || lifted.LiftedAt.IsZero() || lifted.LiftReason != "cleared" {
		t.Errorf("%+v %v", lifted, err)
	}
	_, err = x.LiftFreeze(platform, theirs.ID, "cleared")
	wantCode(t, "lifted twice", err, core.CodeInvalidState)
	_, err = x.LiftFreeze(ctx, own.ID, "done")
	x.must(t, err)
	_, err = x.pay(t, core.MethodQR, 1)
	wantCode(t, "nothing is frozen any more", err, "")
	for action, want := range map[string]int{"freeze.create": 2, "freeze.lift": 2} {
		if n := x.rows(t, "SELECT count(*) FROM audit_log WHERE action = $1", action); n != want {
			t.Errorf("%d audit rows of %s, want %d", n, action, want)
		}
	}
}

func TestWhoMaySetLimitsAndFreeze(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	other := newTenantAccount(t, x)
	x.must(t, x.limit(t, x.admin, core.LimitInput{Single: 1000, Daily: 5000}))
	cashier := x.person(t, x.tenant.ID, "c@a.example", core.RoleTenantCashier)
	finance := x.person(t, x.tenant.ID, "f@a.example", core.RoleTenantFinance)
	for name, c := range map[string]struct {
		who   core.SessionReply
		in    core.LimitInput
		want  core.Code
		param string
	}{
		"tighter":                          {x.owner, core.LimitInput{Single: 900, Daily: 5000}, "", ""},
		"wider single":                     {x.owner, core.LimitInput{Single: 1001}, core.CodeInvalidRequest, "single"},
		"wider daily":                      {x.owner, core.LimitInput{Daily: 5001}, core.CodeInvalidRequest, "daily"},
		"single over daily":                {x.admin, core.LimitInput{Single: 2, Daily: 1}, core.CodeInvalidRequest, "single"},
		"a payout's method":                {x.admin, core.LimitInput{Spending: core.SpendPayout, Scope: core.Scope{AccountID: x.account, Method: "h5"}, Single: 2}, core.CodeInvalidRequest, "method"},
		"a method there is not":            {x.admin, core.LimitInput{Scope: core.Scope{AccountID: x.account, Method: "cash"}, Single: 2}, core.CodeInvalidRequest, "method"},
		"a method without its account":     {x.admin, core.LimitInput{Scope: core.Scope{Method: "h5"}, Single: 2}, core.CodeInvalidRequest, "account_id"},
		"another merchant's account":       {x.admin, core.LimitInput{Scope: core.Scope{AccountID: other}, Single: 2}, core.CodeNotFound, "account_id"},
		"by a cashier":                     {cashier, core.LimitInput{Single: 2}, core.CodeForbidden, ""},
		"by finance":                       {finance, core.LimitInput{Single: 2}, core.CodeForbidden, ""},
		"payouts, of which nothing is set": {x.owner, core.LimitInput{Spending: core.SpendPayout, Single: 9000}, "", ""},
	} {
		err := x.limit(t, c.who, c.in)
		if core.CodeOf(err) != c.want || paramOf(err) != c.param {
			t.Errorf("%s: %v at %q", name, err, paramOf(err))
		}
	}
	_, err := x.Freeze(x.as(t, finance, x.tenant.ID), core.Scope{}, "x")
	wantCode(t, "finance freezes", err, core.CodeForbidden)
	_, err = x.Freeze(x.adminIn(t, x.tenant.ID), core.Scope{AccountID: other}, "x")
	wantCode(t, "another merchant's account", err, core.CodeNotFound)
	_, err = x.Freeze(x.adminIn(t, x.tenant.ID), core.Scope{}, "a\x00b")
	wantCode(t, "a control character", err, core.CodeInvalidRequest)
	x.clock.Move(stepUpLife)
	wantCode(t, "a limit without a fresh confirmation", x.limit(t, x.admin, core.LimitInput{Single: 2}), core.CodeStepUpRequired)
	_, err = x.Freeze(x.adminIn(t, x.tenant.ID), core.Scope{}, "x")
	wantCode(t, "a freeze without a fresh confirmation", err, core.CodeStepUpRequired)
}

// newTenantAccount is an account of another merchant.
func newTenantAccount(t *testing.T, x *till) core.ID {
	t.Helper()
	other := x.house.tenant(t, "B")
	account, err := x.CreateAccount(x.adminIn(t, other.ID), sampleAccount())
	x.must(t, err)
	return account.ID
}
