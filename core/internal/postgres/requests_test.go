package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func (m merchant) request(at time.Time, edit func(e *core.RequestEntry)) core.RequestEntry {
	e := core.RequestEntry{
		TenantID: m.tenant, ID: core.NewID(at), APIKeyID: core.NewID(at), Method: "POST", Route: "/v1/payments", Status: 201, RequestID: "req_" + core.NewID(at).String(),
		Duration: 12 * time.Millisecond, IP: "192.0.2.1", ObjectID: core.NewID(at), ObjectKind: core.PrefixPayment, CreatedAt: at,
	}
	edit(&e)
	return e
}

// TestRequestLog: entries of two merchants written together come back to each alone, by every filter,
// and go when they are old, a step at a time.
func TestRequestLog(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	a, b := newMerchant(t, db), newMerchant(t, db)
	made := a.request(noon(), func(*core.RequestEntry) {})
	refused := a.request(noon().Add(time.Second), func(e *core.RequestEntry) {
		e.Method, e.Route, e.Status, e.Code, e.Message, e.Param = "GET", "/v1/payments/{payment_id}", 404, core.CodeNotFound, "There is no such payment.", "x"
		e.ObjectID, e.ObjectKind = core.ID{}, ""
	})
	failed := a.request(noon().Add(2*time.Second), func(e *core.RequestEntry) { e.Status, e.Code = 503, core.CodeDatabaseUnavailable })
	other := b.request(noon(), func(*core.RequestEntry) {})
	if n, err := db.KeepRequests(t.Context(), []core.RequestEntry{made, other, refused, failed}); err != nil || n != 4 {
		t.Fatalf("%d kept: %v", n, err)
	}
	cases := map[string]struct {
		filter core.RequestFilter
		want   []core.RequestEntry
	}{
		"all":                 {core.RequestFilter{}, []core.RequestEntry{failed, refused, made}},
		"a page":              {core.RequestFilter{Page: core.Page{Limit: 1, BeforeTime: failed.CreatedAt, BeforeID: failed.ID}}, []core.RequestEntry{refused}},
		"succeeded":           {core.RequestFilter{Results: []core.RequestResult{core.RequestSucceeded}}, []core.RequestEntry{made}},
		"refused":             {core.RequestFilter{Results: []core.RequestResult{core.RequestRefused}}, []core.RequestEntry{refused}},
		"refused or failed":   {core.RequestFilter{Results: []core.RequestResult{core.RequestRefused, core.RequestFailed}}, []core.RequestEntry{failed, refused}},
		"succeeded or failed": {core.RequestFilter{Results: []core.RequestResult{core.RequestSucceeded, core.RequestFailed}}, []core.RequestEntry{failed, made}},
		"method":              {core.RequestFilter{Methods: []string{"GET"}}, []core.RequestEntry{refused}},
		"code":                {core.RequestFilter{Codes: []core.Code{core.CodeNotFound}}, []core.RequestEntry{refused}},
		"route":               {core.RequestFilter{Route: "/v1/payments"}, []core.RequestEntry{failed, made}},
		"request id":          {core.RequestFilter{RequestID: made.RequestID}, []core.RequestEntry{made}},
		"key":                 {core.RequestFilter{APIKeyID: made.APIKeyID}, []core.RequestEntry{made}},
		"object":              {core.RequestFilter{ObjectIDs: []core.ID{made.ObjectID, other.ObjectID}}, []core.RequestEntry{made}},
		"no object":           {core.RequestFilter{ObjectIDs: []core.ID{}}, nil},
		"time":                {core.RequestFilter{From: refused.CreatedAt, To: failed.CreatedAt}, []core.RequestEntry{refused}},
	}
	must(t, a.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		for name, c := range cases {
			got, err := tx.Requests(ctx, c.filter)
			must(t, err)
			if len(got) != len(c.want) {
				t.Errorf("%s: %d entries, want %d", name, len(got), len(c.want))
				continue
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("%s: %+v, want %+v", name, got[i], c.want[i])
				}
			}
		}
		_, err := tx.Request(ctx, other.ID)
		wantCode(t, err, core.CodeNotFound)
		one, err := tx.Request(ctx, refused.ID)
		must(t, err)
		if one != refused {
			t.Errorf("read %+v", one)
		}
		return nil
	}))

	left := func() (n int) {
		t.Helper()
		must(t, a.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			list, err := tx.Requests(ctx, core.RequestFilter{})
			n = len(list)
			return err
		}))
		return n
	}
	removed := 0
	for {
		done, err := db.PruneRequests(t.Context(), failed.CreatedAt, 2)
		must(t, err)
		removed += done.Rows
		if !done.More {
			break
		}
	}
	if removed != 3 || left() != 1 {
		t.Errorf("%d removed, %d left", removed, left())
	}
}
