package main

import (
	"context"
	"errors"
	"net"
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
	delete(s.host.Credentials, credPublicKey)
	delete(s.host.Credentials, credPublicKeyID)
	if len(keys.Certificates) != 1 {
		t.Fatalf("the provider has %d certificates", len(keys.Certificates))
	}
	s.host.Credentials[credCertificate] = keys.Certificates[0].PEM
	return s
}

// overHTTP sends for real, on a new connection each time so that nothing is sent twice.
func overHTTP(t *testing.T) *testHost {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	return newHost(t, func(req *http.Request) (*http.Response, error) {
		resp, err := transport.RoundTrip(req)
		var dial *net.OpError
		switch {
		case errors.As(err, &dial) && dial.Op == "dial":
			return nil, sdk.Errorf(sdk.ErrNotSent, "No connection.")
		case err != nil:
			return nil, sdk.Errorf(sdk.ErrSentMaybe, "The exchange broke.")
		}
		return resp, nil
	})
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

// modes are the ways in which WeChat Pay may sign for a merchant.
var modes = []sim.Mode{sim.ModeCertificate, sim.ModeSwitching, sim.ModePublicKey}

// TestSimPayAndQuery: an order is placed, followed by the payer, and found paid.
func TestSimPayAndQuery(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			s := openShop(t, mode, sim.Options{})
			want(t, "before", s.query(t).outcome, notFound)
			r := s.order(t, sdk.MethodQR)
			want(t, "order", r.outcome, inProgress)
			if r.payment.NextAction == nil || r.payment.NextAction.Type != sdk.ActionShowQR {
				t.Fatalf("no code: %+v", r.payment)
			}
			want(t, "waiting", s.query(t).outcome, inProgress)
			if err := s.wechat.PayLink(r.payment.NextAction.QRContent); err != nil {
				t.Fatal(err)
			}
			q := s.query(t)
			want(t, "paid", q.outcome, succeeded)
			want(t, "amount", q.payment.Amount, sdk.Fen(100))
			want(t, "paid at", q.payment.PaidAt.Equal(testNow), true)
			want(t, "number", q.payment.ProviderOrderNo, s.ref().ProviderOrderNo)
			s.books(t, 100, 0)
			s.clean(t)
		})
	}
}
