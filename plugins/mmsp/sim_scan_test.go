package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	sim "github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

func (s *shop) cancel(t *testing.T, ref sdk.OrderRef) sdk.PaymentResult {
	t.Helper()
	r, err := testPlugin().CancelPayment(t.Context(), s.call(t, sdk.CapCancelPayment), ref)
	must(t, err)
	return r
}

func (s *shop) end(t *testing.T, ref sdk.OrderRef) sdk.PaymentResult {
	t.Helper()
	r, err := testPlugin().ClosePayment(t.Context(), s.call(t, sdk.CapClosePayment), ref)
	must(t, err)
	return r
}

func (s *shop) refund(t *testing.T, req sdk.RefundRequest) sdk.RefundResult {
	t.Helper()
	r, err := testPlugin().CreateRefund(t.Context(), s.call(t, sdk.CapCreateRefund), req)
	must(t, err)
	return r
}

func (s *shop) refunded(t *testing.T, req sdk.RefundRequest) sdk.RefundResult {
	t.Helper()
	r, err := testPlugin().QueryRefund(t.Context(), s.call(t, sdk.CapQueryRefund), req)
	must(t, err)
	return r
}

// scanRefOf names a request's order.
func scanRefOf(req sdk.PaymentRequest) sdk.OrderRef {
	return sdk.OrderRef{OrderNo: req.OrderNo, Method: req.Method, Channel: req.Channel, Amount: req.Amount, CreatedAt: testNow}
}

// scanRequests are the orders that wait for their payer, by their ids in the document.
func scanRequests() map[string]sdk.PaymentRequest {
	wechat, alipay, qq := channelWeChat, channelAlipay, channelQQ
	return map[string]sdk.PaymentRequest{
		"SC1 qr": scanRequest(sdk.MethodQR, wechat), "SC1 jsapi": insideRequest(sdk.MethodJSAPI, wechat, "o-1"),
		"SC1 mini": insideRequest(sdk.MethodMiniProgram, wechat, "o-1"), "SC3": h5Request(wechat), "SC4 qr": scanRequest(sdk.MethodQR, alipay),
		"SC4 window": insideRequest(sdk.MethodJSAPI, alipay, "2088000000000001"), "SC6": scanRequest(sdk.MethodStaticCode, alipay),
		"SC7": scanRequest(sdk.MethodDynamicCode, ""), "SC8": h5Request(alipay), "SC9 qr": scanRequest(sdk.MethodQR, qq),
		"SC9 window": insideRequest(sdk.MethodJSAPI, qq, ""), "SC11": scanRequest(sdk.MethodQR, channelJD), "SC12": scanRequest(sdk.MethodQR, channelUnionPay),
	}
}

func barcodeRequests() map[string]sdk.PaymentRequest {
	return map[string]sdk.PaymentRequest{
		"SC2": barcodeRequest(channelWeChat, "130000000000000001"), "SC5": barcodeRequest("", "280000000000000001"),
		"SC10": barcodeRequest(channelQQ, "910000000000000001"),
	}
}

// TestSimScanOrders: placed, waiting, paid by the payer, found, notified where the document
// says so.
func TestSimScanOrders(t *testing.T) {
	t.Parallel()
	for _, settings := range []string{"", `{"raw_pay_info":true,"settlement":"T0","no_credit_cards":true,"official_account_appid":"wx1","mini_program_appid":"wx2"}`} {
		for id, req := range scanRequests() {
			t.Run(id, func(t *testing.T) {
				t.Parallel()
				s := openShop(t, sim.Options{})
				s.settings = merged(settings)
				placed := s.create(t, req)
				want(t, "placed", placed.Outcome, inProgress)
				if placed.NextAction == nil || placed.NextAction.URL+placed.NextAction.QRContent == "" && len(placed.NextAction.Fields) == 0 {
					t.Fatalf("placed: %+v", placed)
				}
				ref := scanRefOf(req)
				want(t, "waiting", s.query(t, ref).Outcome, inProgress)
				want(t, "ledger before", s.paid(t, req.OrderNo), 0)
				must(t, s.platform.PayOrder(testMerchant, req.OrderNo))
				found := s.query(t, ref)
				want(t, "paid", found.Outcome, succeeded)
				want(t, "amount", found.Amount, req.Amount)
				want(t, "number", found.ProviderOrderNo, placed.ProviderOrderNo)
				want(t, "ledger", s.paid(t, req.OrderNo), req.Amount.Minor)
				s.clean(t)
			})
		}
	}
}

// TestSimBarcodes: an immediate success moves the money and is not notified (trap C5).
func TestSimBarcodes(t *testing.T) {
	t.Parallel()
	for id, req := range barcodeRequests() {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, sim.Options{})
			paid := s.create(t, req)
			want(t, "paid", paid.Outcome, succeeded)
			want(t, "ledger", s.paid(t, req.OrderNo), req.Amount.Minor)
			want(t, "notified", len(s.platform.Deliveries()), 0)
			found := s.query(t, scanRefOf(req))
			want(t, "found", found.Outcome, succeeded)
			want(t, "wallet", found.Channel, paid.Channel)
			s.clean(t)
		})
	}
}

// TestSimCancel: not within 15 s, then also of what was paid; an order once canceled is found
// closed.
func TestSimCancel(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	req := barcodeRequests()["SC2"]
	ref := scanRefOf(req)
	want(t, "paid", s.create(t, req).Outcome, succeeded)
	if _, err := testPlugin().CancelPayment(t.Context(), s.call(t, sdk.CapCancelPayment), ref); err == nil {
		t.Error("canceled at once")
	}
	s.wait(cancelNotBefore)
	canceled := s.cancel(t, ref)
	want(t, "canceled", canceled.Outcome, succeeded)
	want(t, "ledger", s.paid(t, req.OrderNo), 0)
	want(t, "found", s.query(t, ref).Outcome, closed)
	want(t, "again", s.cancel(t, ref).Outcome, refusedIt)
	unknownRef := ref
	unknownRef.OrderNo = "26010100010000000777"
	want(t, "of no order", s.cancel(t, unknownRef).Outcome, refusedIt)
	s.clean(t)
}

// TestSimClose: an unpaid order ends; a paid one stays as it is.
func TestSimClose(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	req := scanRequests()["SC12"]
	ref := scanRefOf(req)
	s.create(t, req)
	want(t, "closed", s.end(t, ref).Outcome, succeeded)
	want(t, "found", s.query(t, ref).Outcome, closed)
	if err := s.platform.PayOrder(testMerchant, req.OrderNo); err == nil {
		t.Error("a closed order was paid")
	}
	s.clean(t)

	s = openShop(t, sim.Options{})
	s.create(t, req)
	must(t, s.platform.PayOrder(testMerchant, req.OrderNo))
	want(t, "close of a paid order", s.end(t, ref).Outcome, refusedIt)
	want(t, "still paid", s.query(t, ref).Outcome, succeeded)
	want(t, "ledger", s.paid(t, req.OrderNo), req.Amount.Minor)
	s.clean(t)
}

// TestSimExpiry: an order that nobody pays is over after its time.
func TestSimExpiry(t *testing.T) {
	t.Parallel()
	for id, req := range scanRequests() {
		s := openShop(t, sim.Options{})
		req.ExpiresAt = testNow.Add(90 * time.Second)
		s.create(t, req)
		s.wait(89 * time.Second)
		want(t, id+" just before", s.query(t, scanRefOf(req)).Outcome, inProgress)
		s.wait(2 * time.Second)
		want(t, id+" after", s.query(t, scanRefOf(req)).Outcome, closed)
		s.clean(t)
	}
}

// TestSimRefunds: parts, up to what was paid; accepted is not refunded, and the ledger tells.
func TestSimRefunds(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	req := barcodeRequests()["SC5"]
	s.create(t, req)
	refund := sdk.RefundRequest{Payment: scanRefOf(req), RefundNo: testRefund, Amount: sdk.Fen(30), CreatedAt: testNow}
	want(t, "accepted", s.refund(t, refund).Outcome, inProgress)
	got := s.refunded(t, refund)
	want(t, "refunded", got.Outcome, succeeded)
	want(t, "refund number", got.RefundNo, testRefund)
	want(t, "refund amount", got.Amount, sdk.Fen(30))
	want(t, "ledger", s.paid(t, req.OrderNo), 70)

	over := refund
	over.RefundNo, over.Amount = "26010100010000000003", sdk.Fen(71)
	want(t, "more than is left", s.refund(t, over).Outcome, failed)
	want(t, "and asked for", s.refunded(t, over).Outcome, failed)
	rest := refund
	rest.RefundNo, rest.Amount = "26010100010000000004", sdk.Fen(70)
	want(t, "the rest", s.refund(t, rest).Outcome, inProgress)
	want(t, "the rest, asked for", s.refunded(t, rest).Outcome, succeeded)
	want(t, "ledger", s.paid(t, req.OrderNo), 0)
	nothing := refund
	nothing.RefundNo = "26010100010000000005"
	want(t, "a refund nobody made", s.refunded(t, nothing).Outcome, notFound)
	s.clean(t)
}

// delivered waits until so many notifications were tried.
func (s *shop) delivered(t *testing.T, n int) {
	t.Helper()
	for range 400 {
		if len(s.platform.Deliveries()) >= n {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("%d notifications came, want %d", len(s.platform.Deliveries()), n)
}

// TestSimScanNotification: what is pushed is applied, what is forged is not.
func TestSimScanNotification(t *testing.T) {
	t.Parallel()
	for _, printed := range []bool{false, true} {
		s := openShop(t, sim.Options{AsPrinted: printed})
		req := scanRequests()["SC4 qr"]
		s.create(t, req)
		must(t, s.platform.PayOrder(testMerchant, req.OrderNo))
		s.delivered(t, 1)
		got := s.lastNotice(t)
		if !got.Verified || len(got.Events) != 1 || got.Events[0].Payment.Outcome != succeeded || got.Events[0].Payment.OrderNo != req.OrderNo ||
			got.Events[0].Payment.Amount != req.Amount || got.Events[0].Payment.Channel != channelAlipay {
			t.Errorf("notified: %+v", got)
		}
		for kind, verified := range map[string]bool{
			sim.ForgeBadSignature: false, sim.ForgeUnsigned: false, sim.ForgeOtherKey: false, sim.ForgeTampered: false,
			sim.ForgeWrongAmount: true, sim.ForgeWrongOrder: true, sim.ForgeWrongStatus: true,
		} {
			delivery, err := s.platform.Forge(testMerchant, req.OrderNo, kind)
			must(t, err)
			got := s.lastNotice(t)
			if got.Verified != verified || !verified && (delivery.Accepted || len(got.Events)+len(got.Ask) != 0) {
				t.Errorf("%s: %+v, %+v", kind, delivery, got)
			}
			if verified && len(got.Ask) == 0 && got.Events[0].Payment.Amount == req.Amount && got.Events[0].Payment.OrderNo == req.OrderNo {
				t.Errorf("%s reads as our payment: %+v", kind, got)
			}
		}
		s.clean(t)
	}
}

// TestSimPayers: the browser goes to the platform and comes back, as the plugin sent it.
func TestSimPayers(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	s.settings = strings.Replace(testSettings, "https://mmsp.example/openid", s.url+sim.PathIdentity, 1)
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	follow := func(address string) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		must(t, err)
		resp, err := browser.Do(req)
		must(t, err)
		must(t, resp.Body.Close())
		return resp.Header.Get("Location")
	}
	resolve := func(req sdk.PayerRequest) sdk.PayerResult {
		t.Helper()
		r, err := testPlugin().ResolvePayer(t.Context(), s.call(t, sdk.CapResolvePayer), req)
		must(t, err)
		return r
	}
	for _, channel := range []string{channelWeChat, channelAlipay} {
		const back = "https://pay.example/r?state=1/2&name=中 文"
		sent := resolve(sdk.PayerRequest{Purpose: sdk.PayerIdentify, Channel: channel, ReturnURL: back})
		location := follow(sent.NextAction.URL)
		_, query, found := strings.Cut(location, "token_id=")
		if !found || !strings.HasPrefix(location, "https://pay.example/r?state=1") {
			t.Fatalf("%s came back as %q", channel, location)
		}
		id, _, _ := strings.Cut(query, "&")
		got := resolve(sdk.PayerRequest{Purpose: sdk.PayerIdentify, Channel: channel, Query: map[string]string{"token_id": id}})
		want(t, channel, got.PayerID, id)
	}
	const shopPage = "https://shop.example/pay?a=~~>>&b=??&c=中"
	woken := resolve(sdk.PayerRequest{Purpose: sdk.PayerWake, ReturnURL: shopPage})
	if location := follow(woken.NextAction.URL); location != shopPage && !strings.HasPrefix(location, "https://shop.example/pay?a=") {
		t.Errorf("woken: %q", location)
	}
	want(t, "wake-ups", s.platform.Calls(sim.OpScanWakeUp), 1)
	s.clean(t)
}

// TestSimAgent: a merchant behind an agent is signed for with the agent's key.
func TestSimAgent(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{ErrMsg: true})
	s.platform.AddMerchant(sim.Merchant{MerNo: testMerchant, TermNo: testTerminal, Key: "the merchant's own", AgentNo: testAgent, AgentKey: testAgentKey})
	s.host.Credentials = agentCredentials()
	req := barcodeRequests()["SC10"]
	want(t, "paid", s.create(t, req).Outcome, succeeded)
	want(t, "found", s.query(t, scanRefOf(req)).Outcome, succeeded)
	s.clean(t)
}

// TestSimScanZero: RetCode 0 under a success, as scan's sample prints it.
func TestSimScanZero(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{ScanZero: true})
	req := barcodeRequests()["SC2"]
	want(t, "by the table", s.create(t, req).Outcome, refusedIt)
	s.settings = merged(`{"scan_zero_is_taken":true}`)
	want(t, "by the setting", s.query(t, scanRefOf(req)).Outcome, succeeded)
	s.clean(t)
}

// TestSimCheckIn: good keys are proved, wrong ones are not.
func TestSimCheckIn(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	r, err := testPlugin().CheckIn(t.Context(), s.call(t, sdk.CapCheckIn))
	must(t, err)
	want(t, "good keys", r.Outcome, succeeded)
	s.clean(t)
	s.host.Credentials = credentials()
	s.host.Credentials[credMD5Key] = "a wrong key"
	r, err = testPlugin().CheckIn(t.Context(), s.call(t, sdk.CapCheckIn))
	must(t, err)
	want(t, "a wrong key", r.Outcome, refusedIt)
}

// TestSimAnyText: whatever is sold, and for whatever amount, the platform reads what was meant.
func TestSimAnyText(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	runes := []rune(`中文/\<>&"'😀 aZ0=+?%{}[]:,` + "\u2028\t")
	order := 0
	rapid.Check(t, func(r *rapid.T) {
		order++
		req := scanRequest(sdk.MethodQR, channelWeChat)
		req.OrderNo = fmt.Sprintf("2601010002%010d", order)
		req.Subject = rapid.StringOfN(rapid.SampledFrom(runes), 1, maxGoodsName, -1).Filter(func(s string) bool { return strings.TrimSpace(s) != "" }).Draw(r, "subject")
		req.Amount = sdk.Fen(rapid.Int64Range(1, maxScanAmount).Draw(r, "amount"))
		placed, err := testPlugin().CreatePayment(t.Context(), s.call(t, sdk.CapCreatePayment), req)
		if err != nil || placed.Outcome != inProgress {
			r.Fatalf("%+v, %v", placed, err)
		}
		got, ok := s.platform.Order(testMerchant, req.OrderNo)
		wanted := strings.TrimSpace(req.Subject)
		if !ok || got.Amount != req.Amount.Minor || got.GoodsName != wanted {
			r.Fatalf("the platform has %d and %q, meant %d and %q", got.Amount, got.GoodsName, req.Amount.Minor, wanted)
		}
	})
	s.clean(t)
}
