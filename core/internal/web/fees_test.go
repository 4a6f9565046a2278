package web

import (
	"reflect"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestFeeRatesOverHTTP(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	account := num(3).Prefixed("acc")
	got := r.do("POST", "/v1/fee-rates", `{"account_id":"`+account+`","method":"qr","basis_points":38,"minimum":1,"valid_from":"2026-12-01T00:00:00+08:00"}`, byCookie())
	want := []core.FeeRateInput{{AccountID: num(3), Method: core.MethodQR, BasisPoints: 38, Minimum: 1, ValidFrom: time.Date(2026, 11, 30, 16, 0, 0, 0, time.UTC)}}
	if got.status != 201 || len(r.rates) != 1 || !r.rates[0].ValidFrom.Equal(want[0].ValidFrom) {
		t.Fatalf("%d %s: %+v", got.status, got.body, r.rates)
	}
	r.rates[0].ValidFrom = want[0].ValidFrom
	if !reflect.DeepEqual(r.rates, want) {
		t.Errorf("%+v", r.rates)
	}
	for body, param := range map[string]string{
		`{"account_id":"` + account + `","method":"qr","basis_points":0.38}`:             "basis_points",
		`{"account_id":"` + account + `","method":"qr","basis_points":10001}`:            "basis_points",
		`{"account_id":"` + account + `","method":"qr","basis_points":1,"minimum":-1}`:   "minimum",
		`{"account_id":"` + account + `","method":"QR","basis_points":1}`:                "method",
		`{"account_id":"` + account + `","basis_points":1}`:                              "method",
		`{"account_id":"` + account + `","method":"qr","valid_from":"2026-12-01","a":1}`: "valid_from",
	} {
		if got := r.do("POST", "/v1/fee-rates", body, byCookie()); got.status != 400 || got.problem(t).Param != param {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
	if got := r.do("GET", "/v1/fee-rates?account_id="+account, "", byKey()); got.status != 200 {
		t.Errorf("%d %s", got.status, got.body)
	}
}
