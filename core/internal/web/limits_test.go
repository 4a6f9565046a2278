package web

import (
	"reflect"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestLimitsOverHTTP(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got := r.do("PUT", "/v1/limits", `{"account_id":"`+num(3).Prefixed("acc")+`","method":"qr","spending":"payment","daily":900}`, byCookie())
	want := []core.LimitInput{{Scope: core.Scope{AccountID: num(3), Method: core.MethodQR}, Spending: core.SpendPayment, Daily: 900}}
	if got.status != 200 || !reflect.DeepEqual(r.limits, want) {
		t.Fatalf("%d %s: %+v", got.status, got.body, r.limits)
	}
	// Nothing left is a number, not an absence.
	if body := string(got.body); !strings.Contains(body, `"left_today":0`) || strings.Count(body, "left_today") != 1 {
		t.Errorf("%s", body)
	}
	for body, param := range map[string]string{
		`{"spending":"payment","daily":0}`:           "daily",
		`{"spending":"payment","daily":1.5}`:         "daily",
		`{"spending":"payment","single":-1}`:         "single",
		`{"spending":"payment","single":"100"}`:      "single",
		`{"spending":"refund","single":1}`:           "spending",
		`{"single":1}`:                               "spending",
		`{"spending":"payout","account_id":"pay_1"}`: "account_id",
	} {
		if got := r.do("PUT", "/v1/limits", body, byCookie()); got.status != 400 || got.problem(t).Param != param {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
	for _, body := range []string{`{}`, `{"reason":""}`, `{"reason":"   "}`, `{"reason":"` + strings.Repeat("长", 201) + `"}`} {
		if got := r.do("POST", "/v1/freezes", body, byCookie()); got.status != 400 || got.problem(t).Param != "reason" {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
	if got := r.do("POST", "/v1/freezes/frz_x/lift", `{"reason":"over"}`, byCookie()); got.status != 404 {
		t.Errorf("a freeze that cannot exist: %d", got.status)
	}
}
