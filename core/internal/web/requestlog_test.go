package web

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

// notebook keeps what was recorded.
type notebook struct {
	mu   sync.Mutex
	list []core.RequestEntry
}

func (n *notebook) Record(e core.RequestEntry) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list = append(n.list, e)
}

func (n *notebook) take() []core.RequestEntry {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := n.list
	n.list = nil
	return list
}

// TestRequestsOfProgramsAreRecorded: what a program asked is recorded by the pattern of its address,
// with what it made or asked about and the sentence it was told; nothing of anybody else is.
func TestRequestsOfProgramsAreRecorded(t *testing.T) {
	t.Parallel()
	book := &notebook{}
	r := newRig(t, func(o *Options) { o.Recorder = book })
	byKey := http.Header{"Authorization": {"Bearer " + goodKey}, "X-Request-Id": {"caller-1"}}
	payment := num(2).Prefixed("pay")

	r.do("GET", "/v1/payments/"+payment+"?x=secret", "", byKey)
	r.do("GET", "/v1/payments/"+payment, "", byKey)
	r.pay(goodPayment)
	r.do("GET", "/v1/payments?limit=1", "", byKey)
	r.do("GET", "/v1/payments", "", byCookie())                                      // a person
	r.do("GET", "/v1/payments", "", http.Header{"Authorization": {"Bearer zgk_00"}}) // nobody knows whose
	r.do("GET", "/v1/version", "", nil)

	want := []struct {
		method, route string
		status        int
		code          core.Code
		object        core.ID
	}{
		{"GET", "/v1/payments/{payment_id}", 400, core.CodeInvalidRequest, num(2)},
		{"GET", "/v1/payments/{payment_id}", 200, "", num(2)},
		{"POST", "/v1/payments", 201, "", num(2)},
		{"GET", "/v1/payments", 200, "", core.ID{}},
	}
	list := book.take()
	if len(list) != len(want) {
		t.Fatalf("%d recorded: %+v", len(list), list)
	}
	for i, w := range want {
		e := list[i]
		if e.Method != w.method || e.Route != w.route || e.Status != w.status || e.Code != w.code || e.ObjectID != w.object || (e.ObjectKind == "pay") != !w.object.IsZero() {
			t.Errorf("%d: %+v", i, e)
		}
		if e.TenantID != num(1) || e.APIKeyID != num(12) || e.IP != "127.0.0.1" || e.Duration <= 0 || e.CreatedAt.IsZero() || e.RequestID == "" {
			t.Errorf("%d: %+v", i, e)
		}
		if (e.Message == "") != (w.code == "") || strings.Contains(e.Message, "secret") {
			t.Errorf("%d: the sentence %q", i, e.Message)
		}
	}
	if list[0].RequestID != "caller-1" || list[0].Param != "x" {
		t.Errorf("%+v", list[0])
	}
}

func TestSecretsInSentencesAreNotKept(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"The order 20260101123400000001 is there.":  "The order 20260101123400000001 is there.",
		"6228480402564890018 is no card.":           "… is no card.",
		"“134567890123456789” is no code":           "“…” is no code",
		"zgk_abcdefgh234567 and whsec_QUJDREVGRw==": "… and …",
		"Refund at most 12345 fen.":                 "Refund at most 12345 fen.",
	} {
		if got := masked(in); got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
}
