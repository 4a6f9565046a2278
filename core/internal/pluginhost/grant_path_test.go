package pluginhost

import (
	"encoding/json"
	"net/url"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestPathsWithTheCallsNumbers: a segment in braces is this call's own number and no other.
func TestPathsWithTheCallsNumbers(t *testing.T) {
	t.Parallel()
	g := newGrant(core.Grant{Sends: 1, Requests: []core.GrantRequest{
		{Method: "GET", Path: "/pay/{order_no}"},
		{Method: "POST", Path: "/pay/{order_no}/close"},
		{Method: "GET", Path: "/m/{mch_id}/refunds/{refund_no}"},
		{Method: "GET", Path: "/trades/{provider_order_no}"},
		{Method: "GET", Path: "/plain"},
	}}, nil)
	merchants := func() map[string]string { return map[string]string{"mch_id": "1900 01"} }
	cases := []struct {
		method, path string
		numbers      pathNumbers
		want         bool
	}{
		{"GET", "/pay/2601", pathNumbers{order: "2601"}, true},
		{"POST", "/pay/2601/close", pathNumbers{order: "2601"}, true},
		{"POST", "/pay/2601", pathNumbers{order: "2601"}, false},
		{"GET", "/pay/2602", pathNumbers{order: "2601"}, false},
		{"GET", "/pay/", pathNumbers{}, false},
		{"GET", "/pay/{order_no}", pathNumbers{order: "2601"}, false},
		{"GET", "/pay/2601/../../plain", pathNumbers{order: "2601"}, false},
		{"GET", "/pay/..", pathNumbers{order: ".."}, false},
		{"GET", "/m/1900%2001/refunds/R1", pathNumbers{order: "2601", refund: "R1"}, true},
		{"GET", "/m/1900%2002/refunds/R1", pathNumbers{refund: "R1"}, false},
		{"GET", "/m/1900%2001/refunds/", pathNumbers{}, false},
		{"GET", "/trades/a%2Fb", pathNumbers{providerOrder: "a/b"}, true},
		{"GET", "/trades/a/b", pathNumbers{providerOrder: "a/b"}, false},
		{"GET", "/plain", pathNumbers{}, true},
	}
	for _, c := range cases {
		u, err := url.Parse("https://provider.example" + c.path)
		if err != nil {
			t.Fatal(err)
		}
		if got := g.of(nil, c.numbers, merchants).allowsRequest(c.method, u, nil); got != c.want {
			t.Errorf("%s %s with %+v: allowed is %v", c.method, c.path, c.numbers, got)
		}
	}
	if len(g.requests) != 1 {
		t.Errorf("a call's paths stayed in the grant: %v", g.requests)
	}
}

// TestPathsAManifestMayName: only names that the host knows stand in braces.
func TestPathsAManifestMayName(t *testing.T) {
	t.Parallel()
	credentials := json.RawMessage(`{"properties":{"mch_id":{"x-type":"merchant_number"},"key":{"x-type":"secret"}}}`)
	for path, good := range map[string]bool{
		"/pay/{order_no}/close": true, "/m/{mch_id}": true, "/r/{refund_no}": true, "/t/{provider_order_no}": true,
		"/pay/{anything}": false, "/m/{key}": false, "/pay/no-{order_no}": false, "/pay/{order_no": false, "/pay/{}": false,
	} {
		sentence := checkManifest("p", core.Manifest{
			ID: "p", ReplyAuthentication: "signature", Settings: json.RawMessage(`{}`), Credentials: credentials,
			Grants: map[core.Capability]core.Grant{core.CapQueryPayment: {Requests: []core.GrantRequest{{Method: "GET", Path: path}}}},
		})
		if (sentence == core.Text{}) != good {
			t.Errorf("%s: %q", path, sentence.EN)
		}
	}
}
