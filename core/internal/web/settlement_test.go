package web

import (
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestSettlementOverHTTP(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.Clock = at }) // 16:00 of 2026-11-23 in Beijing
	got := r.do("GET", "/v1/settlement", "", byKey())
	body := string(got.body)
	if got.status != 200 || r.settled.From != "2026-11-17" || r.settled.To != "2026-11-23" || r.settled.ByAccount ||
		!strings.Contains(body, `"total":{"corrections":-14,"fees":10,"net":990,"paid":2000,"paid_out":400,"payments":4,"payouts":2,"refunded":600,"refunds":2}`) ||
		!strings.Contains(body, `"day":"2026-11-22"`) || strings.Count(body, `"settled":true`) != 1 || strings.Count(body, `"settled":false`) != 1 {
		t.Errorf("%d %s\n%+v", got.status, body, r.settled)
	}
	store := num(4).Prefixed("sto")
	r.do("GET", "/v1/settlement?from=2026-11-01&to=2026-11-30&by=account&store_id="+store+"&account_id="+num(3).Prefixed("acc"), "", byKey())
	if f := r.settled; f.From != "2026-11-01" || f.To != "2026-11-30" || !f.ByAccount || len(f.StoreIDs) != 1 || f.StoreIDs[0] != num(4) || f.AccountID != num(3) {
		t.Errorf("%+v", f)
	}
	for query, param := range map[string]string{
		"from=2026-11-31": "from", "to=2026-13-01": "to", "from=11-01": "from", "by=store": "by", "store_id=x": "store_id", "until=2026-11-01": "until",
	} {
		if got := r.do("GET", "/v1/settlement?"+query, "", byKey()); got.status != 400 || got.problem(t).Param != param {
			t.Errorf("%s: %d %s", query, got.status, got.body)
		}
	}
}

func TestEntriesOverHTTP(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got := r.do("GET", "/v1/settlement/entries?limit=1&from=2026-11-01&object_id="+num(6).Prefixed("ref"), "", byKey())
	body := string(got.body)
	if got.status != 200 || r.entries.From != "2026-11-01" || r.entries.To != "" || r.entries.ObjectID != num(6) || !strings.Contains(body, `"net":-300`) ||
		!strings.Contains(body, `"object_id":"`+num(6).Prefixed("ref")) || !strings.Contains(body, `"corrects":"2026-11-21"`) {
		t.Errorf("%d %s", got.status, body)
	}
	_, cursor, _ := strings.Cut(body, `"next_cursor":"`)
	cursor, _, _ = strings.Cut(cursor, `"`)
	r.do("GET", "/v1/settlement/entries?cursor="+cursor, "", byKey())
	if p := r.entries.Page; core.DayOf(p.BeforeTime) != "2026-11-22" || p.BeforeID != num(90) {
		t.Errorf("%+v", p)
	}
}

func TestShiftOverHTTP(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.Clock = at })
	got := r.do("GET", "/v1/shifts", "", byKey())
	if got.status != 200 || r.shift.Actor != "" || !r.shift.From.Equal(core.Day("2026-11-23").Start()) || !r.shift.To.Equal(at()) ||
		!strings.Contains(string(got.body), `"open":2,"pending":700,"refunded":100,"succeeded":2,"taken":1000`) {
		t.Errorf("%d %s\n%+v", got.status, got.body, r.shift)
	}
	r.do("GET", "/v1/shifts?actor=user:usr_1&from=2026-11-22T22:00:00Z&to=2026-11-23T06:00:00Z", "", byKey())
	if r.shift.Actor != "user:usr_1" || r.shift.To.Sub(r.shift.From) != 8*time.Hour {
		t.Errorf("%+v", r.shift)
	}
}
