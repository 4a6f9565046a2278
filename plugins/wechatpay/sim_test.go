package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	sim "github.com/zhanggui-pay/zhanggui/plugins/sim/wechatpay"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

// shop is a merchant of the simulated provider. That one was written from the public
// documentation by others: it checks every field, and its ledger says what really moved.
type shop struct {
	wechat   *sim.Simulator
	host     *testHost
	plugin   able
	url      string
	settings string
	rotated  int // credentials that the last check-in stored
}

// openShop opens a shop whose replies are signed by a mode, with the keys that the merchant
// of that mode has.
func openShop(t *testing.T, mode sim.Mode, opts sim.Options) *shop {
	t.Helper()
	opts.CertificateKey, opts.PublicKeyKey, opts.PublicKeyID = rsaKey(t, "platform.key.pem"), rsaKey(t, "public.key.pem"), testKeyID
	opts.Merchants = append(opts.Merchants, sim.Merchant{
		MchID: testMerchant, AppIDs: []string{testAppID}, PublicKey: &rsaKey(t, "merchant.key.pem").PublicKey, Serial: testSerial,
		APIv3Key: testSecret, Mode: mode, Share: 50,
	})
	if opts.Now == nil {
		opts.Now = func() time.Time { return testNow }
	}
	opts.Sleep = func(time.Duration) {}
	opts.Notices.Off = opts.Notices.Client == nil
	wechat := sim.New(opts)
	server := httptest.NewServer(wechat)
	t.Cleanup(func() {
		if err := wechat.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	s := &shop{wechat: wechat, host: overHTTP(t), plugin: provider{}, url: server.URL, settings: testSettings}
	keys, err := wechat.PlatformKeys()
	if err != nil {
		t.Fatal(err)
	}
	s.host.Clock = opts.Now
	delete(s.host.Credentials, credCertificate)
	if mode == sim.ModePublicKey {
		s.host.Credentials[credPublicKey] = keys.PublicKey
		return s
	}
	if mode == sim.ModeSwitching {
		s.host.Credentials[credPublicKey] = keys.PublicKey
	} else {
		delete(s.host.Credentials, credPublicKey)
		delete(s.host.Credentials, credPublicKeyID)
	}
	if len(keys.Certificates) != 1 {
		t.Fatalf("the provider has %d certificates", len(keys.Certificates))
	}
	s.host.Credentials[credCertificate] = keys.Certificates[0].PEM
	return s
}

// overHTTP sends for real, on a new connection each time so that nothing is sent twice.
func overHTTP(t *testing.T) *testHost {
	t.Helper()
	return newHost(t, sdktest.OverHTTP(&http.Transport{DisableKeepAlives: true}))
}

// try runs one exchange; each is a call of its own, with a grant of one request.
func (s *shop) try(ctx context.Context, t *testing.T, x exchange) (result, error) {
	t.Helper()
	host := &sdktest.Host{Manifest: s.host.Manifest, Credentials: s.host.Credentials, Clock: s.host.Clock, Answer: s.host.Answer}
	return x.run(ctx, s.plugin, host.Call(ctx, x.capability, s.url, s.settings))
}

func (s *shop) do(t *testing.T, x exchange) result {
	t.Helper()
	r, err := s.try(t.Context(), t, x)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (s *shop) order(t *testing.T, method sdk.Method) result {
	t.Helper()
	return s.do(t, paymentExchange(paymentRequest(method)))
}

// ref names the test's order as the host does: with the provider's number once it is known.
func (s *shop) ref() sdk.OrderRef {
	ref := orderRef()
	order, _ := s.wechat.Order(testMerchant, testOrder)
	ref.ProviderOrderNo = order.TransactionID
	return ref
}

func (s *shop) query(t *testing.T) result {
	t.Helper()
	return s.do(t, queryExchange(s.ref()))
}

func (s *shop) fault(t *testing.T, f sim.Fault) {
	t.Helper()
	if _, err := s.wechat.AddFault(f); err != nil {
		t.Fatal(err)
	}
}

// books compares the provider's own ledger of the order, in fen.
func (s *shop) books(t *testing.T, paid, refunded int64) {
	t.Helper()
	sum := s.wechat.Ledger().Order(sim.Key(testMerchant, testOrder))
	if sum.Paid != paid || sum.Refunded != refunded {
		t.Errorf("ledger: paid %d refunded %d, want %d %d", sum.Paid, sum.Refunded, paid, refunded)
	}
}

// clean checks that the provider found nothing against the documentation.
func (s *shop) clean(t *testing.T) {
	t.Helper()
	for _, v := range s.wechat.Violations() {
		t.Errorf("violation: %+v", v)
	}
}

// closing, refund and refundQuery call about the test's order.
func (s *shop) closing(t *testing.T) result {
	t.Helper()
	return s.do(t, closeExchange(s.ref()))
}

func (s *shop) refundOf(number string, amount, before int64) sdk.RefundRequest {
	return sdk.RefundRequest{Payment: s.ref(), RefundNo: number, Amount: sdk.Fen(amount), RefundedBefore: sdk.Fen(before), Reason: "七天无理由退货", CreatedAt: testNow}
}

func (s *shop) refund(t *testing.T, number string, amount, before int64) result {
	t.Helper()
	return s.do(t, refundExchange(s.refundOf(number, amount, before)))
}

func (s *shop) refundQuery(t *testing.T, number string, amount, before int64) result {
	t.Helper()
	return s.do(t, refundQueryExchange(s.refundOf(number, amount, before)))
}

// paid is a shop whose order was paid.
func paid(t *testing.T, mode sim.Mode, opts sim.Options) *shop {
	t.Helper()
	s := openShop(t, mode, opts)
	want(t, "order", s.order(t, sdk.MethodQR).outcome, inProgress)
	if err := s.wechat.PayOrder(testMerchant, testOrder); err != nil {
		t.Fatal(err)
	}
	return s
}

// modes are the ways in which WeChat Pay may sign for a merchant.
var modes = []sim.Mode{sim.ModeCertificate, sim.ModeSwitching, sim.ModePublicKey}

// follow is the payer, who does what the next action says.
func (s *shop) follow(t *testing.T, action *sdk.NextAction) {
	t.Helper()
	if action == nil {
		t.Fatal("there is nothing to follow")
	}
	var err error
	switch action.Type {
	case sdk.ActionShowQR:
		err = s.wechat.PayLink(action.QRContent)
	case sdk.ActionRedirect:
		err = s.wechat.PayLink(action.URL)
	case sdk.ActionInvokeWallet:
		f := action.Fields
		err = s.wechat.Invoke(sim.Invocation{
			AppID: f["appId"], TimeStamp: f["timeStamp"], NonceStr: f["nonceStr"], Package: f["package"], SignType: f["signType"], PaySign: f["paySign"],
		})
	default:
		t.Fatalf("nobody follows %s", action.Type)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestSimPayAndRefund: with each kind of keys and each method an order is placed, followed by
// the payer, found paid, and given back in two parts.
func TestSimPayAndRefund(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		for _, method := range []sdk.Method{sdk.MethodQR, sdk.MethodJSAPI, sdk.MethodH5} {
			t.Run(string(mode)+" "+string(method), func(t *testing.T) {
				t.Parallel()
				s := openShop(t, mode, sim.Options{})
				want(t, "before", s.query(t).outcome, notFound)
				r := s.order(t, method)
				want(t, "order", r.outcome, inProgress)
				want(t, "waiting", s.query(t).outcome, inProgress)
				s.follow(t, r.payment.NextAction)
				q := s.query(t)
				want(t, "paid", q.outcome, succeeded)
				want(t, "amount", q.payment.Amount, sdk.Fen(100))
				want(t, "paid at", q.payment.PaidAt.Equal(testNow), true)
				order, _ := s.wechat.Order(testMerchant, testOrder)
				want(t, "number", q.payment.ProviderOrderNo, order.TransactionID)
				want(t, "payer", q.payment.PayerID, order.OpenID)
				want(t, "expires", order.Expires.Equal(testNow.Add(30*time.Minute)), true)
				want(t, "description", order.Description, `拿铁 <大> & "热" 1/2 ☕`)

				want(t, "no refund", s.refundQuery(t, testRefund, 30, 0).outcome, notFound)
				want(t, "refund", s.refund(t, testRefund, 30, 0).outcome, inProgress)
				done := s.refundQuery(t, testRefund, 30, 0)
				want(t, "refunded", done.outcome, succeeded)
				want(t, "refund's amount", done.refund.Amount, sdk.Fen(30))
				want(t, "then", s.query(t).outcome, succeeded)
				want(t, "the rest", s.refund(t, "26010100010000000003", 70, 30).outcome, inProgress)
				want(t, "the rest, done", s.refundQuery(t, "26010100010000000003", 70, 30).outcome, succeeded)
				s.books(t, 100, 100)
				s.clean(t)
			})
		}
	}
}

// TestSimOverTheWire: the same over a real connection between host and plugin.
func TestSimOverTheWire(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.ModeCertificate, sim.Options{})
	s.plugin = sdktest.OverTheWire(t, provider{})
	s.follow(t, s.order(t, sdk.MethodJSAPI).payment.NextAction)
	want(t, "paid", s.query(t).outcome, succeeded)
	want(t, "refund", s.refund(t, testRefund, 30, 0).outcome, inProgress)
	want(t, "refunded", s.refundQuery(t, testRefund, 30, 0).outcome, succeeded)
	s.step(t, sim.StepIssue)
	want(t, "check-in", s.checkIn(t).outcome, succeeded)
	want(t, "certificates", s.serials(t), "12")
	want(t, "too late to close", s.closing(t).outcome, refused)
	s.books(t, 100, 30)
	s.clean(t)
}

// TestSimClose: a waiting order is closed and cannot be paid any more; one that was paid is
// not closed; one that is closed is closed.
func TestSimClose(t *testing.T) {
	t.Parallel()
	for _, again := range []bool{false, true} {
		s := openShop(t, sim.ModePublicKey, sim.Options{RefuseClosedAgain: again})
		want(t, "nothing to close", s.closing(t).outcome, notFound)
		r := s.order(t, sdk.MethodQR)
		want(t, "close", s.closing(t).outcome, succeeded)
		want(t, "closed", s.query(t).outcome, closed)
		want(t, "again", s.closing(t).outcome, succeeded)
		if err := s.wechat.PayLink(r.payment.NextAction.QRContent); err == nil {
			t.Error("a closed order was paid")
		}
		s.books(t, 0, 0)
		s.clean(t)
	}
	s := paid(t, sim.ModeCertificate, sim.Options{})
	want(t, "a paid one", s.closing(t).outcome, refused)
	want(t, "it is paid", s.query(t).outcome, succeeded)
	s = openShop(t, sim.ModeCertificate, sim.Options{})
	s.order(t, sdk.MethodQR)
	if err := s.wechat.StartPaying(testMerchant, testOrder); err != nil {
		t.Fatal(err)
	}
	want(t, "one that is being paid", s.closing(t).outcome, refused)
	want(t, "it is being paid", s.query(t).outcome, inProgress)
}

// TestSimEnds: however an order ends, a query says so; one whose payment failed can be paid
// until it is closed.
func TestSimEnds(t *testing.T) {
	t.Parallel()
	for state, outcome := range map[string]sdk.Outcome{"CLOSED": closed, "REVOKED": canceled, "PAYERROR": inProgress} {
		s := openShop(t, sim.ModeCertificate, sim.Options{})
		s.order(t, sdk.MethodQR)
		if err := s.wechat.EndOrder(testMerchant, testOrder, state); err != nil {
			t.Fatal(err)
		}
		want(t, state, s.query(t).outcome, outcome)
		s.books(t, 0, 0)
		s.clean(t)
	}
}

// TestSimRefundEnds: a refund that closes gives its amount free again; one that the bank did
// not take waits for somebody and can still succeed.
func TestSimRefundEnds(t *testing.T) {
	t.Parallel()
	s := paid(t, sim.ModeCertificate, sim.Options{})
	s.fault(t, sim.Fault{Operation: sim.OpRefund, Kind: sim.FaultPending, Queries: 99, Then: sim.ThenNever, Times: 2})
	want(t, "refund", s.refund(t, testRefund, 100, 0).outcome, inProgress)
	want(t, "under way", s.refundQuery(t, testRefund, 100, 0).outcome, inProgress)
	finish := func(number, state string) {
		t.Helper()
		if err := s.wechat.FinishRefund(testMerchant, testOrder, number, state); err != nil {
			t.Fatal(err)
		}
	}
	finish(testRefund, "CLOSED")
	want(t, "closed", s.refundQuery(t, testRefund, 100, 0).outcome, failed)
	s.books(t, 100, 0)
	const second = "26010100010000000003"
	want(t, "a second", s.refund(t, second, 100, 0).outcome, inProgress)
	finish(second, "ABNORMAL")
	want(t, "abnormal", s.refundQuery(t, second, 100, 0).outcome, unknown)
	finish(second, "SUCCESS")
	want(t, "after all", s.refundQuery(t, second, 100, 0).outcome, succeeded)
	s.books(t, 100, 100)
	s.clean(t)
}

// TestSimRefundRefused: what is more than the order, or of an order that nobody paid, is
// refused, and there is no such refund.
func TestSimRefundRefused(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.ModeCertificate, sim.Options{})
	want(t, "no order", s.refund(t, testRefund, 30, 0).outcome, refused)
	s.order(t, sdk.MethodQR)
	want(t, "not paid", s.refund(t, testRefund, 30, 0).outcome, refused)
	if err := s.wechat.PayOrder(testMerchant, testOrder); err != nil {
		t.Fatal(err)
	}
	want(t, "most of it", s.refund(t, testRefund, 80, 0).outcome, inProgress)
	want(t, "too much", s.refund(t, "26010100010000000003", 30, 0).outcome, refused)
	want(t, "none", s.refundQuery(t, "26010100010000000003", 30, 0).outcome, notFound)
	want(t, "done", s.refundQuery(t, testRefund, 80, 0).outcome, succeeded)
	s.books(t, 100, 80)
	s.clean(t)
}

// TestSimCoupon: a coupon is between the payer and whoever gave it; the order's amount counts.
func TestSimCoupon(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.ModeCertificate, sim.Options{})
	s.fault(t, sim.Fault{Operation: sim.OpNative, Kind: sim.FaultCoupon, Amount: 10})
	s.order(t, sdk.MethodQR)
	if err := s.wechat.PayOrder(testMerchant, testOrder); err != nil {
		t.Fatal(err)
	}
	q := s.query(t)
	want(t, "paid", q.outcome, succeeded)
	want(t, "amount", q.payment.Amount, sdk.Fen(100))
	want(t, "refund", s.refund(t, testRefund, 100, 0).outcome, inProgress)
	want(t, "refunded", s.refundQuery(t, testRefund, 100, 0).outcome, succeeded)
	s.books(t, 100, 100)
	s.clean(t)
}
