package web

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestBalancesOverHTTP: a figure that is zero is a number, one that is not stated is absent.
func TestBalancesOverHTTP(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got := r.do("GET", "/v1/balances", "", byKey())
	if got.status != 200 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	for _, want := range []string{`"available":0`, `"frozen":-1`, `"clears_at":0`, `"provider_payable":0`, `"available_to_pay_out":0`, `"reason":"not_stated"`, `"BALANCE":"7"`} {
		if !strings.Contains(string(got.body), want) {
			t.Errorf("no %s in %s", want, got.body)
		}
	}
	if strings.Contains(string(got.body), `"advance":`) || strings.Contains(string(got.body), "provider_total") {
		t.Errorf("what is not stated is there: %s", got.body)
	}
	account := num(3).Prefixed("acc")
	for body, status := range map[string]int{`{}`: 200, `{"channel":"C1","amount":100}`: 200, `{"amount":0}`: 400, `{"amount":1.5}`: 400, `{"mark":1}`: 400} {
		if got := r.do("PUT", "/v1/accounts/"+account+"/balance-mark", body, byCookie()); got.status != status {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
}

func TestCalendarOverHTTP(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	csv, err := json.Marshal(map[string]string{"csv": "day,kind,name\n2026-10-01,holiday,国庆节\n2026-10-10,workday\n"})
	if err != nil {
		t.Fatal(err)
	}
	got := r.do("PUT", "/v1/calendar/2026", string(csv), byCookie())
	want := []core.CalendarDay{{Day: "2026-10-01", Name: "国庆节"}, {Day: "2026-10-10", Working: true}}
	if got.status != 200 || !reflect.DeepEqual(r.days, want) {
		t.Fatalf("%d %s: %+v", got.status, got.body, r.days)
	}
	r.days = nil
	got = r.do("PUT", "/v1/calendar/2026", `{"days":[{"day":"2026-10-01","kind":"holiday","name":"国庆节"},{"day":"2026-10-10","kind":"workday"}]}`, byCookie())
	if got.status != 200 || !reflect.DeepEqual(r.days, want) {
		t.Errorf("%d %s: %+v", got.status, got.body, r.days)
	}
	for body, want := range map[string]struct {
		code core.Code
		text string
	}{
		`{}`: {core.CodeInvalidRequest, "days or csv"},
		`{"csv":"2026-10-01,holiday","days":[{"day":"2026-10-01","kind":"holiday"}]}`: {core.CodeInvalidRequest, "days or csv"},
		`{"csv":"2026-10-01,holiday\n2026-13-01,holiday"}`:                            {core.CodeInvalidFile, "Row 2"},
		`{"days":[{"day":"2026-10-01","kind":"other"}]}`:                              {core.CodeInvalidRequest, "kind"},
	} {
		got := r.do("PUT", "/v1/calendar/2026", body, byCookie())
		if p := got.problem(t); p.Code != string(want.code) || !strings.Contains(p.Detail, want.text) {
			t.Errorf("%s: %s", body, got.body)
		}
	}
	for _, year := range []string{"26", "abcd", "20260"} {
		if got := r.do("GET", "/v1/calendar/"+year, "", byKey()); got.status != 404 {
			t.Errorf("%s: %d", year, got.status)
		}
	}
}
