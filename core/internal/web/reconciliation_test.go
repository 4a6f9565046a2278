package web

import (
	"encoding/json"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestDifferencesAreFilteredAsAsked(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	user := num(10).Prefixed("usr")
	path := "/v1/differences?kind=surplus&kind=state&state=open&from=2026-11-01&to=2026-11-30&number=N1&owner=" + user +
		"&account_id=" + num(3).Prefixed("acc") + "&reconciliation_id=" + num(50).Prefixed("rec")
	if got := r.do("GET", path, "", byCookie()); got.status != 200 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	f := r.differences
	if len(f.Kinds) != 2 || f.Kinds[1] != core.DifferState || len(f.States) != 1 || f.From != "2026-11-01" || f.To != "2026-11-30" || f.AnyNumber != "N1" ||
		f.Owner != "user:"+user || f.Unowned || f.AccountID != num(3) || f.DayID != num(50) {
		t.Errorf("%+v", f)
	}
	if got := r.do("GET", "/v1/differences?owner=none", "", byCookie()); got.status != 200 || !r.differences.Unowned || r.differences.Owner != "" {
		t.Errorf("%d, %+v", got.status, r.differences)
	}
	if got := r.do("GET", "/v1/reconciliation-days?state=open&state=incomplete&from=2026-11-22&to=2026-11-22&account_id="+num(3).Prefixed("acc"), "", byCookie()); got.status != 200 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if d := r.booksDays; len(d.States) != 2 || d.From != "2026-11-22" || d.To != "2026-11-22" || d.AccountID != num(3) {
		t.Errorf("%+v", d)
	}
	for _, path := range []string{
		"/v1/differences?from=2026-02-30", "/v1/differences?to=yesterday", "/v1/reconciliation-days?from=20261122", "/v1/differences?kind=other",
		"/v1/bills/" + num(51).Prefixed("bil") + "/lines?cursor=x", "/v1/bills/" + num(51).Prefixed("bil") + "/lines?cursor=-1",
	} {
		if got := r.do("GET", path, "", byCookie()); got.status != 400 || got.problem(t).Code != "invalid_request" {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

// TestABillIsReadPageByPage: in its own order, each line once.
func TestABillIsReadPageByPage(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var lines []int64
	cursor := ""
	for range 5 {
		got := r.do("GET", "/v1/bills/"+num(51).Prefixed("bil")+"/lines?limit=2"+cursor, "", byCookie())
		var page struct {
			Items []struct {
				Line int64
				Fee  *int64
			}
			NextCursor string `json:"next_cursor"`
		}
		if err := json.Unmarshal(got.body, &page); err != nil {
			t.Fatal(err, string(got.body))
		}
		for _, l := range page.Items {
			lines = append(lines, l.Line)
			if l.Fee == nil || *l.Fee != 0 {
				t.Error("a fee of nothing was stated and is not shown")
			}
		}
		if page.NextCursor == "" {
			break
		}
		cursor = "&cursor=" + page.NextCursor
	}
	if len(lines) != 3 || lines[0] != 1 || lines[2] != 3 {
		t.Errorf("lines %v", lines)
	}
}
