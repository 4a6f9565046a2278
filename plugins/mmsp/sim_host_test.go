package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	sim "github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

// shop is a merchant at the simulated platform. The platform was written from the document by
// others: it checks every field, and its ledger says what really moved.
type shop struct {
	platform *sim.Simulator
	host     *sdktest.Host
	url      string
	settings string

	mu      sync.Mutex
	now     time.Time
	calls   int
	notices []sdk.InboundResult
}

func openShop(t *testing.T, opts sim.Options) *shop {
	t.Helper()
	s := &shop{now: testNow, settings: testSettings}
	opts.Merchants = append(opts.Merchants, sim.Merchant{MerNo: testMerchant, TermNo: testTerminal, Key: testKey, Payout: &sim.PayoutAccount{
		Key: sim.PublicKey{PublicKey: &testRSA("payout-merchant.key.pem").PublicKey}, Channels: testChannels(),
	}}, sim.Merchant{MerNo: "001440353999854", TermNo: "84970002", Key: "another merchant's key"})
	opts.PlatformKey = sim.PrivateKey{PrivateKey: testRSA("payout-platform.key.pem")}
	opts.Now, opts.Sleep = s.clock, func(time.Duration) {}
	opts.Client = &http.Client{Transport: inbox{t, s}}
	s.platform = sim.New(opts)
	server := httptest.NewServer(s.platform)
	t.Cleanup(func() {
		if err := s.platform.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	s.url, s.host = server.URL, &sdktest.Host{Manifest: provider{}.Manifest(), Credentials: credentials(), Clock: s.clock, Answer: overHTTP()}
	return s
}

// testChannels is what the merchant has: a T1 channel and a D0 channel.
func testChannels() []sim.Channel {
	return []sim.Channel{
		{No: "C1", MerchantNo: "M1", Pending: 1000, Available: 5_000_000, Fee: 200, Max: 5_000_000, Begin: "08:00:00", End: "22:00:00", HolidayType: 2, SettleAt: 16, RequirePlace: true},
		{No: "C2", MerchantNo: "M2", Pending: 70, Available: 40_000, Advance: 300_000, Held: 9, D0: true, SettleD1: true, HolidayType: 3},
	}
}

// overHTTP sends for real, on a new connection each time so that nothing is sent twice.
func overHTTP() func(*http.Request) (*http.Response, error) {
	return sdktest.OverHTTP(&http.Transport{DisableKeepAlives: true})
}

func (s *shop) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *shop) wait(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// call is one call, with a grant of its own and, as the host gives it, a fresh number.
func (s *shop) call(t *testing.T, capability sdk.Capability) *sdk.Call {
	t.Helper()
	host := &sdktest.Host{Manifest: s.host.Manifest, Credentials: s.host.Credentials, Clock: s.host.Clock, Answer: s.host.Answer}
	call := host.Call(t.Context(), capability, s.url, s.settings)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	call.OrderNo = fmt.Sprintf("26010100090000%06d", s.calls)
	return call
}

// inbox is where the platform's notifications arrive: the plugin answers them.
type inbox struct {
	t *testing.T
	s *shop
}

func (i inbox) RoundTrip(req *http.Request) (*http.Response, error) {
	raw, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	headers := map[string]string{}
	for name := range req.Header {
		headers[name] = req.Header.Get(name)
	}
	path := req.URL.Path
	r, err := testPlugin().HandleInbound(i.t.Context(), i.s.call(i.t, sdk.CapInbound), sdk.InboundRequest{
		Kind: path[len(path)-1:], Method: req.Method, Path: path, Query: req.URL.RawQuery, Headers: headers, Body: raw,
	})
	if err != nil {
		return nil, err
	}
	i.s.mu.Lock()
	i.s.notices = append(i.s.notices, r)
	i.s.mu.Unlock()
	return &http.Response{StatusCode: r.Answer.Status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(r.Answer.Body))), Request: req}, nil
}

// lastNotice is what the plugin made of the newest notification.
func (s *shop) lastNotice(t *testing.T) sdk.InboundResult {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.notices) == 0 {
		t.Fatal("no notification came")
	}
	return s.notices[len(s.notices)-1]
}

// clean: the plugin broke nothing of the document.
func (s *shop) clean(t *testing.T) {
	t.Helper()
	for _, v := range s.platform.Violations() {
		t.Errorf("a violation: %+v", v)
	}
}

// arm arms a fault.
func (s *shop) arm(t *testing.T, fault sim.Fault) {
	t.Helper()
	if _, err := s.platform.AddFault(fault); err != nil {
		t.Fatal(err)
	}
}

// must stops the test at an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// want compares a value.
func want[T comparable](t *testing.T, what string, got, wanted T) {
	t.Helper()
	if got != wanted {
		t.Errorf("%s: %v, want %v", what, got, wanted)
	}
}
