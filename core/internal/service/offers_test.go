package service

import (
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestPaymentMethodsAreThoseOfLiveAccounts: what a till may offer is what the merchant can take now.
func TestPaymentMethodsAreThoseOfLiveAccounts(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	got, err := x.PaymentMethods(x.as(t, x.owner, x.tenant.ID))
	x.must(t, err)
	var methods []core.Method
	for _, o := range got.Offers {
		if o.AccountID != x.account || o.Provider == "" || o.Cancelable {
			t.Errorf("offer %+v", o)
		}
		methods = append(methods, o.Spec.Method)
	}
	if len(methods) != 2 || methods[0] != core.MethodQR || methods[1] != "h5" || len(got.Unavailable) != 0 {
		t.Errorf("methods %v, unavailable %v", methods, got.Unavailable)
	}
	viewer := x.person(t, x.tenant.ID, "viewer@a.example", core.RoleTenantViewer)
	if _, err := x.PaymentMethods(x.as(t, viewer, x.tenant.ID)); core.CodeOf(err) != core.CodeForbidden {
		t.Errorf("a viewer: %v", err)
	}
	_, err = x.SetAccountStatus(x.adminIn(t, x.tenant.ID), x.account, core.AccountDisabled)
	x.must(t, err)
	got, err = x.PaymentMethods(x.as(t, x.owner, x.tenant.ID))
	if err != nil || len(got.Offers) != 0 {
		t.Errorf("after the account was disabled: %+v, %v", got, err)
	}
}
