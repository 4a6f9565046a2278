package main

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	sim "github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// post is the payer's browser: it posts the form that the plugin made.
func (s *shop) post(t *testing.T, form *sdk.NextAction) string {
	t.Helper()
	values := url.Values{}
	for name, value := range form.Fields {
		values.Set(name, value)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, form.URL, strings.NewReader(values.Encode()))
	must(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := (&http.Client{}).Do(req)
	must(t, err)
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	must(t, err)
	return string(raw)
}

// TestSimGateway: nothing is there before the browser has brought the form; then the bank's
// page, the payment, the notification and the browser's return.
func TestSimGateway(t *testing.T) {
	t.Parallel()
	for _, command := range []int{0, sim.GatewayNotifyTable} {
		s := openShop(t, sim.Options{Gateway: sim.GatewayOptions{NotifyCommand: command, TestChannels: true}})
		form := s.create(t, gatewayRequest())
		want(t, "placed", form.Outcome, inProgress)
		want(t, "sent from here", s.platform.Calls(sim.OpGatewayPay), 0)
		want(t, "before the browser", s.query(t, gatewayRef()).Outcome, notFound)
		if page := s.post(t, form.NextAction); !strings.Contains(page, "<") || strings.Contains(page, "消息结构体错误") {
			t.Fatalf("the platform's page: %s", page)
		}
		want(t, "waiting", s.query(t, gatewayRef()).Outcome, inProgress)
		must(t, s.platform.PayOrder(testMerchant, testOrder))
		s.delivered(t, 1)
		got := s.lastNotice(t)
		if !got.Verified || len(got.Events) != 1 || got.Events[0].Payment.Outcome != succeeded || got.Events[0].Payment.Amount != sdk.Fen(666) ||
			got.Events[0].Payment.Channel != "YLBILL-NET-B2C" {
			t.Errorf("notified: %+v", got)
		}
		found := s.query(t, gatewayRef())
		want(t, "paid", found.Outcome, succeeded)
		want(t, "paid at", found.PaidAt.Equal(testNow), true)
		want(t, "ledger", s.paid(t, testOrder), 666)

		back, err := s.platform.ReturnURL(testMerchant, testOrder)
		must(t, err)
		u, err := url.Parse(back)
		must(t, err)
		returned := inbound(t, sdk.InboundRequest{Kind: u.Path[len(u.Path)-1:], Method: http.MethodGet, Path: u.Path, Query: u.RawQuery})
		if returned.Verified || len(returned.Events) != 0 || len(returned.Ask) != 1 || returned.Ask[0] != testOrder {
			t.Errorf("the browser's return: %+v", returned)
		}
		must(t, s.platform.RefundOutside(testMerchant, testOrder))
		given := s.query(t, gatewayRef())
		want(t, "given back outside", given.Outcome, succeeded)
		want(t, "given back outside", given.Refunded, true)
		s.clean(t)
	}
}

// TestSimGatewayAbandoned: a payer who walks away, and forged notifications.
func TestSimGatewayAbandoned(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	s.post(t, s.create(t, gatewayRequest()).NextAction)
	for _, kind := range []string{sim.ForgeUnpaid, sim.ForgeBadSignature, sim.ForgeUnsigned, sim.ForgeOtherKey, sim.ForgeTampered} {
		_, err := s.platform.Forge(testMerchant, testOrder, kind)
		must(t, err)
		if got := s.lastNotice(t); got.Verified != (kind == sim.ForgeUnpaid) || !got.Verified && len(got.Events)+len(got.Ask) != 0 {
			t.Errorf("%s: %+v", kind, got)
		}
	}
	must(t, s.platform.AbandonOrder(testMerchant, testOrder))
	gone := s.query(t, gatewayRef()).Outcome
	want(t, "abandoned", gone == failed || gone == closed, true)
	want(t, "ledger", s.paid(t, testOrder), 0)
	s.clean(t)
}

// TestSimGatewayList: pages of what was paid, also where one row is an object.
func TestSimGatewayList(t *testing.T) {
	t.Parallel()
	for _, single := range []bool{false, true} {
		s := openShop(t, sim.Options{Gateway: sim.GatewayOptions{SingleObject: single}})
		numbers := []string{"26010100010000000011", "26010100010000000012", "26010100010000000013"}
		for _, number := range numbers {
			req := gatewayRequest()
			req.OrderNo = number
			s.post(t, s.create(t, req).NextAction)
			must(t, s.platform.PayOrder(testMerchant, number))
			s.wait(time.Minute)
		}
		req := listRequest(productGateway)
		req.Limit = 2
		var seen []string
		for page := 1; ; page++ {
			r, err := testPlugin().ListPayments(t.Context(), s.call(t, sdk.CapListPayments), req)
			must(t, err)
			want(t, "page", r.Outcome, succeeded)
			for _, payment := range r.Payments {
				want(t, "row", payment.Outcome, succeeded)
				want(t, "row's amount", payment.Amount, sdk.Fen(666))
				seen = append(seen, payment.OrderNo)
			}
			if r.Next == "" || page > 3 {
				break
			}
			req.Cursor = r.Next
		}
		want(t, "rows", strings.Join(seen, " "), strings.Join(numbers, " "))
		req.From, req.To, req.Cursor = testNow.Add(-48*time.Hour), testNow.Add(-24*time.Hour), ""
		empty, err := testPlugin().ListPayments(t.Context(), s.call(t, sdk.CapListPayments), req)
		must(t, err)
		want(t, "nothing", empty.Outcome, succeeded)
		want(t, "nothing", len(empty.Payments), 0)
		s.clean(t)
	}
}

// TestSimGatewayFaults: whatever goes wrong with a query or a list changes nothing.
func TestSimGatewayFaults(t *testing.T) {
	t.Parallel()
	paid := func(t *testing.T, s *shop) {
		t.Helper()
		s.post(t, s.create(t, gatewayRequest()).NextAction)
		must(t, s.platform.PayOrder(testMerchant, testOrder))
	}
	faultCases(t, []faultCase{
		{sim.OpGatewayQuery, func(t *testing.T, s *shop) sdk.Outcome {
			t.Helper()
			paid(t, s)
			return s.query(t, gatewayRef()).Outcome
		}, map[sim.FaultKind]sdk.Outcome{
			sim.FaultRefuse: refusedIt, sim.FaultSystemError: unknown, sim.FaultNotExist: notFound, sim.FaultWrongAmount: unknown, sim.FaultWrongOrder: unknown,
		}},
		{sim.OpGatewayBatch, func(t *testing.T, s *shop) sdk.Outcome {
			t.Helper()
			paid(t, s)
			r, err := testPlugin().ListPayments(t.Context(), s.call(t, sdk.CapListPayments), listRequest(productGateway))
			must(t, err)
			return r.Outcome
		}, map[sim.FaultKind]sdk.Outcome{sim.FaultRefuse: refusedIt, sim.FaultSystemError: unknown}},
	}, func(t *testing.T, s *shop) {
		t.Helper()
		want(t, "afterwards", s.query(t, gatewayRef()).Outcome, succeeded)
		want(t, "ledger", s.paid(t, testOrder), 666)
	})
	// What goes wrong with the form is between the browser and the platform; the query tells.
	for kind, wanted := range map[sim.FaultKind]sdk.Outcome{
		sim.FaultPending: inProgress, sim.FaultRefuse: notFound, sim.FaultLostBefore: notFound, sim.FaultSystemError: inProgress,
	} {
		s := openShop(t, sim.Options{})
		s.arm(t, sim.Fault{Operation: sim.OpGatewayPay, Kind: kind, Times: 1, Queries: 2, Then: sim.ThenNever})
		form := s.create(t, gatewayRequest())
		s.tryPost(t, form.NextAction)
		want(t, string(kind), s.query(t, gatewayRef()).Outcome, wanted)
		want(t, "ledger", s.paid(t, testOrder), 0)
		s.clean(t)
	}
}

// tryPost posts the form over a connection that may break.
func (s *shop) tryPost(t *testing.T, form *sdk.NextAction) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, form.URL, strings.NewReader(url.Values{"web_api": {form.Fields["web_api"]}}.Encode()))
	must(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req); err == nil {
		must(t, resp.Body.Close())
	}
}
