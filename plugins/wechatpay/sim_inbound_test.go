package main

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"

	sim "github.com/zhanggui-pay/zhanggui/plugins/sim/wechatpay"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

// letterbox is where notifications arrive: it hands each to the plugin, as the host does.
type letterbox struct {
	t  *testing.T
	mu sync.Mutex
	s  *shop
	// got are the results of what was verified, refused of what was not.
	got, refused []sdk.InboundResult
}

// RoundTrip takes a notification on its way out of the simulator.
func (l *letterbox) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	inbound := sdk.InboundRequest{
		Kind: req.URL.Path[len(req.URL.Path)-1:], Method: req.Method, Path: req.URL.Path, Query: req.URL.RawQuery,
		Headers: map[string]string{}, Body: body,
	}
	for name := range req.Header {
		inbound.Headers[name] = req.Header.Get(name)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	host := &sdktest.Host{Manifest: l.s.host.Manifest, Credentials: l.s.host.Credentials, Clock: l.s.host.Clock}
	r, err := l.s.plugin.HandleInbound(req.Context(), host.Call(req.Context(), sdk.CapInbound, l.s.url, l.s.settings), inbound)
	if err != nil {
		l.t.Error(err)
	}
	answer := r.Answer
	if r.Verified && len(r.Events) > 0 {
		l.got = append(l.got, r)
		if !ours(r.Events[0]) && r.Unknown != nil {
			answer = *r.Unknown
		}
	} else {
		l.refused = append(l.refused, r)
	}
	return &http.Response{StatusCode: answer.Status, Body: io.NopCloser(bytes.NewReader(answer.Body)), Header: http.Header{"Content-Type": {answer.Headers["Content-Type"]}}, Request: req}, nil
}

// ours says whether the host knows what an event is about.
func ours(e sdk.InboundEvent) bool {
	if e.Refund != nil {
		return e.Refund.RefundNo == testRefund && e.Refund.OrderNo == testOrder
	}
	return e.Payment != nil && e.Payment.OrderNo == testOrder
}

func (l *letterbox) counts() (got, refused int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.got), len(l.refused)
}

func (l *letterbox) last(t *testing.T) sdk.InboundEvent {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.got) == 0 {
		t.Fatal("nothing arrived")
	}
	return l.got[len(l.got)-1].Events[0]
}

// notifiedShop is a shop that is notified when the test asks for it.
func notifiedShop(t *testing.T, mode sim.Mode) (*shop, *letterbox) {
	t.Helper()
	box := &letterbox{t: t}
	s := openShop(t, mode, sim.Options{Notices: sim.Notices{Off: true, Client: &http.Client{Transport: box}}})
	box.s = s
	return s, box
}

// TestSimNotices: what ends is notified, and says what a query says.
func TestSimNotices(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			s, box := notifiedShop(t, mode)
			want(t, "order", s.order(t, sdk.MethodQR).outcome, inProgress)
			if err := s.wechat.PayOrder(testMerchant, testOrder); err != nil {
				t.Fatal(err)
			}
			// Several, since a merchant that switches is sent both kinds of signatures.
			for range 3 {
				notify(t, s, "")
			}
			e := box.last(t)
			want(t, "type", e.Type, sdk.EventPayment)
			asked := s.query(t).payment
			asked.Provider.Message, e.Payment.Provider.Message = "", ""
			want(t, "payment", *e.Payment, asked)
			s.fault(t, sim.Fault{Operation: sim.OpRefund, Kind: sim.FaultPending, Queries: 99, Then: sim.ThenNever, Times: 1})
			want(t, "refund", s.refund(t, testRefund, 30, 0).outcome, inProgress)
			for _, c := range []struct {
				state string
				want  sdk.Outcome
			}{{"ABNORMAL", unknown}, {"SUCCESS", succeeded}} {
				if err := s.wechat.FinishRefund(testMerchant, testOrder, testRefund, c.state); err != nil {
					t.Fatal(err)
				}
				notify(t, s, testRefund)
				e := box.last(t)
				want(t, "type", e.Type, sdk.EventRefund)
				want(t, c.state, e.Refund.Outcome, c.want)
				want(t, "refund", *e.Refund, s.refundQuery(t, testRefund, 30, 0).refund)
			}
			if _, refused := box.counts(); refused > 0 {
				t.Errorf("%d notifications were refused", refused)
			}
			s.clean(t)
		})
	}
}

func notify(t *testing.T, s *shop, refund string) {
	t.Helper()
	d, err := s.wechat.Notify(t.Context(), testMerchant, testOrder, refund)
	if err != nil || !d.Accepted {
		t.Fatalf("%+v, %v", d, err)
	}
}

// TestSimForgeries: whatever WeChat Pay has not said is refused. What it has said of another
// amount or order is handed up as it is, for the host to compare; what comes again says the
// same again.
func TestSimForgeries(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		for _, refund := range []string{"", testRefund} {
			t.Run(string(mode)+" "+refund, func(t *testing.T) {
				t.Parallel()
				s, box := notifiedShop(t, mode)
				s.retireUnlessKeyed(t, mode)
				s.order(t, sdk.MethodQR)
				if err := s.wechat.PayOrder(testMerchant, testOrder); err != nil {
					t.Fatal(err)
				}
				s.refund(t, testRefund, 30, 0)
				want(t, "refund", s.refundQuery(t, testRefund, 30, 0).outcome, succeeded)
				notify(t, s, refund)
				for _, kind := range sim.Forgeries() {
					before, _ := box.counts()
					d, err := s.wechat.Forge(t.Context(), testMerchant, testOrder, refund, kind)
					if err != nil {
						t.Fatal(err)
					}
					got, _ := box.counts()
					through := slices.Contains([]sim.Forgery{sim.ForgeAmount, sim.ForgeOrder, sim.ForgeReplay}, kind)
					if through != (got > before) {
						t.Errorf("%s: handed up %t, %+v", kind, got > before, d)
					}
					if d.Accepted && kind != sim.ForgeReplay && kind != sim.ForgeAmount {
						t.Errorf("%s was accepted: %+v", kind, d)
					}
					if kind == sim.ForgeAmount {
						checkForgedAmount(t, box.last(t))
					}
				}
			})
		}
	}
}

// retireUnlessKeyed retires a certificate where certificates still sign: the notifications
// of the new one are good, the retired one's are not.
func (s *shop) retireUnlessKeyed(t *testing.T, mode sim.Mode) {
	t.Helper()
	key, id := s.host.Credentials[credPublicKey], s.host.Credentials[credPublicKeyID]
	s.retire(t)
	if mode == sim.ModePublicKey {
		delete(s.host.Credentials, credCertificate)
		s.host.Credentials[credPublicKey], s.host.Credentials[credPublicKeyID] = key, id
	}
}

func checkForgedAmount(t *testing.T, e sdk.InboundEvent) {
	t.Helper()
	if e.Refund != nil {
		want(t, "forged amount", e.Refund.Amount, sdk.Fen(31))
		return
	}
	want(t, "forged amount", e.Payment.Amount, sdk.Fen(101))
}
