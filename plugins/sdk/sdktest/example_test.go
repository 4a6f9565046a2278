package sdktest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

// bare is a provider that has not been filled in.
type bare struct{}

func (bare) Manifest() sdk.Manifest {
	return sdk.Manifest{
		ID: "bare", Version: "1.0.0", ProtocolVersion: sdk.ProtocolVersion, ReplyAuthentication: sdk.ReplySigned,
		Credentials: []byte(`{"properties":{"merchant_id":{"x-type":"merchant_number"}}}`),
		Grants: map[sdk.Capability]sdk.Grant{
			sdk.CapQueryPayment: {Sends: 1, Requests: []sdk.GrantRequest{{Method: "GET", Path: "/orders/{order_no}"}}},
		},
	}
}

// CheckManifest says what is missing, a sentence each.
func ExampleCheckManifest() {
	wrong := sdktest.CheckManifest(bare{})
	fmt.Println(len(wrong) > 5, wrong[0])
	// Output: true the provider needs a label in Chinese and in English
}

// A Host needs no process. It holds each call to the manifest's grant, as the real one does, and
// OverHTTP sends for real, to a simulator.
func ExampleHost() {
	simulator := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprint(w, "hello "+r.URL.Path)
	}))
	defer simulator.Close()
	host := &sdktest.Host{
		Manifest: bare{}.Manifest(), Credentials: map[string]string{"merchant_id": "10000001"}, Clock: time.Now,
		Answer: sdktest.OverHTTP(&http.Transport{DisableKeepAlives: true}),
	}
	call := host.Call(context.Background(), sdk.CapQueryPayment, simulator.URL, `{}`)
	for _, path := range []string{"/orders/1", "/orders/1", "/refunds/1"} {
		req, _ := http.NewRequestWithContext(context.Background(), http.MethodGet, call.BaseURL+path, http.NoBody)
		resp, err := call.HTTP().Do(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		fmt.Println(path, err == nil, errors.Is(err, &sdk.Error{Code: sdk.ErrDenied}))
	}
	fmt.Println(call.Merchant("merchant_id"), host.Sends())
	// Output:
	// /orders/1 true false
	// /orders/1 false true
	// /refunds/1 false true
	// 10000001 1
}

// What did not leave is not sent.
func ExampleOverHTTP() {
	send := sdktest.OverHTTP(&http.Transport{DisableKeepAlives: true})
	nobody := httptest.NewServer(http.NotFoundHandler())
	nobody.Close()
	req, _ := http.NewRequestWithContext(context.Background(), http.MethodGet, nobody.URL, http.NoBody)
	resp, err := send(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	fmt.Println(errors.Is(err, &sdk.Error{Code: sdk.ErrNotSent}))
	// Output: true
}

// Run is one call in a plugin's own test. Give a sample for each capability, and good replies,
// signed by Headers where the provider signs in a header.
func ExampleRun() {
	_ = func(t *testing.T) {
		t.Helper()
		sdktest.Run(t, sdktest.Case{
			Provider:    bare{},
			Credentials: map[string]string{"merchant_id": "10000001"},
			Order:       sdk.OrderRef{OrderNo: "26010100010000000001", Amount: sdk.Fen(1230)},
			Replies:     map[sdk.Capability][]string{sdk.CapQueryPayment: {`{"status":"PAID"}`}},
			Headers:     func(_ int, _ []byte) http.Header { return http.Header{"Signature": {"…"}} },
		})
	}
}
