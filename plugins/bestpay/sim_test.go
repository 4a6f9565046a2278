package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	sim "github.com/zhanggui-pay/zhanggui/plugins/sim/bestpay"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// shop is a merchant at the simulated platform. The platform was written from the document
// by others: it checks every field and signature, and its ledger says what really moved.
type shop struct {
	gateway  *sim.Simulator
	host     *testHost
	url      string
	settings string
	events   chan sdk.InboundEvent
}

func openShop(t *testing.T, opts sim.Options) *shop {
	t.Helper()
	opts.Merchants = append(opts.Merchants, sim.Merchant{
		InstitutionCode: testInstitution, MerchantNo: testMerchant, PublicKey: &merchantKey().PublicKey,
	})
	opts.Key, opts.ExactDates = platformKey(), true
	if opts.Now == nil {
		opts.Now = testNow
	}
	gateway := sim.New(opts)
	server := httptest.NewServer(gateway)
	s := &shop{gateway: gateway, host: overHTTP(t), url: server.URL, settings: "{}", events: make(chan sdk.InboundEvent, 100)}
	ours := httptest.NewServer(s.inbound(t))
	s.host.callback = ours.URL + "/in/0123456789"
	t.Cleanup(func() {
		if err := gateway.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
		ours.Close()
	})
	return s
}

// quiet calls nothing back by itself.
func quiet() sim.Options { return sim.Options{Callback: sim.Callback{Off: true}} }

// inbound is our end of the callbacks: what the host does with them.
func (s *shop) inbound(t *testing.T) http.Handler {
	t.Helper()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		req := noticeRequest(r.URL.Path[len(r.URL.Path)-1:], string(body))
		req.Method = r.Method
		result, err := provider{}.HandleInbound(r.Context(), s.call(t, sdk.CapInbound), req)
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		answer := result.Answer
		for _, e := range result.Events {
			if !s.knows(e) && result.Unknown != nil {
				answer = *result.Unknown
				continue
			}
			s.events <- e
		}
		for name, value := range answer.Headers {
			w.Header().Set(name, value)
		}
		w.WriteHeader(answer.Status)
		_, _ = w.Write(answer.Body)
	})
}

// knows plays the host, which has one order and one refund.
func (*shop) knows(e sdk.InboundEvent) bool {
	if e.Payment != nil {
		return e.Payment.OrderNo == testOrder
	}
	return e.Refund.OrderNo == testOrder || e.Refund.RefundNo == testRefund
}

func (s *shop) call(t *testing.T, op sdk.Capability) *sdk.Call {
	t.Helper()
	return s.host.call(t, op, s.url, s.settings)
}

// do makes an exchange that must not fail before it is sent.
func (s *shop) do(t *testing.T, e exchange) result {
	t.Helper()
	r, err := e.run(t.Context(), provider{}, s.call(t, e.capability))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// outcome is do with an expectation.
func (s *shop) outcome(t *testing.T, e exchange, want sdk.Outcome) result {
	t.Helper()
	r := s.do(t, e)
	if r.outcome != want {
		t.Errorf("%s: %s, want %s (%+v%+v)", e.capability, r.outcome, want, r.payment.Provider, r.refund.Provider)
	}
	return r
}

// event is the next one, or a failure after a while.
func (s *shop) event(t *testing.T) sdk.InboundEvent {
	t.Helper()
	select {
	case e := <-s.events:
		return e
	case <-time.After(time.Minute):
		t.Fatal("no callback came")
		return sdk.InboundEvent{}
	}
}

// books compares the platform's own ledger of the order, in fen.
func (s *shop) books(t *testing.T, paid, refunded int64) {
	t.Helper()
	sum := s.gateway.Ledger().Order(sim.Key(testMerchant, testOrder))
	if sum.Paid != paid || sum.Refunded != refunded || sum.Pays > 1 {
		t.Errorf("ledger: paid %d in %d, refunded %d; want %d, %d", sum.Paid, sum.Pays, sum.Refunded, paid, refunded)
	}
}

// clean checks that the platform found nothing against the document.
func (s *shop) clean(t *testing.T) {
	t.Helper()
	for _, v := range s.gateway.Violations() {
		t.Errorf("violation: %+v", v)
	}
}

func (s *shop) fault(t *testing.T, f sim.Fault) {
	t.Helper()
	if _, err := s.gateway.AddFault(f); err != nil {
		t.Fatal(err)
	}
}

// TestPayByCode: BP1 with the codes of all three apps, BP3 afterwards.
func TestPayByCode(t *testing.T) {
	t.Parallel()
	for _, code := range []string{testCode, "280000000000000001", "130000000000000001"} {
		s := openShop(t, quiet())
		req := barcodeRequest()
		req.PayerCode = sdk.SecretString(code)
		p := s.outcome(t, create(req), succeeded).payment
		same(t, "amount", p.Amount, sdk.Fen(100))
		q := s.outcome(t, query(orderRef()), succeeded).payment
		same(t, "a query names no number", q.OrderNo+q.ProviderOrderNo, "")
		order, _ := s.gateway.Order(testMerchant, testOrder)
		same(t, "BestPay's number", p.ProviderOrderNo, order.TradeNo)
		s.books(t, 100, 0)
		s.clean(t)
	}
}

// TestPlaceAndPay: BP2 for every app and method; the payer pays, or does not.
func TestPlaceAndPay(t *testing.T) {
	t.Parallel()
	for _, req := range []sdk.PaymentRequest{qrRequest(), h5Request(), jsapiRequest()} {
		s := openShop(t, quiet())
		p := s.outcome(t, create(req), inProgress).payment
		order, _ := s.gateway.Order(testMerchant, testOrder)
		if p.NextAction == nil || p.NextAction.QRContent+p.NextAction.URL != order.PaymentURL || order.TradeType != req.Channel {
			t.Errorf("%s: %+v, want %s for %s", req.Method, p.NextAction, order.PaymentURL, order.TradeType)
		}
		s.outcome(t, query(orderRef()), inProgress)
		s.books(t, 0, 0)
		if err := s.gateway.PayOrder(testMerchant, testOrder); err != nil {
			t.Fatal(err)
		}
		s.outcome(t, query(orderRef()), succeeded)
		s.books(t, 100, 0)
		s.clean(t)
	}
	for want, end := range map[sdk.Outcome]func(*sim.Simulator) error{
		failed: func(g *sim.Simulator) error { return g.AbandonOrder(testMerchant, testOrder) },
		closed: func(g *sim.Simulator) error { return g.ExpireOrder(testMerchant, testOrder) },
	} {
		s := openShop(t, quiet())
		s.outcome(t, create(qrRequest()), inProgress)
		if err := end(s.gateway); err != nil {
			t.Fatal(err)
		}
		s.outcome(t, query(orderRef()), want)
		s.books(t, 0, 0)
		s.clean(t)
	}
}

// TestRefundsOfAnOrder: BP5 and BP6, several refunds, and one too many.
func TestRefundsOfAnOrder(t *testing.T) {
	t.Parallel()
	for _, asString := range []bool{false, true} {
		opts := quiet()
		opts.ResultAsString = asString
		s := openShop(t, opts)
		s.outcome(t, create(barcodeRequest()), succeeded)
		first, second, third := refundRequest(), refundRequest(), refundRequest()
		second.RefundNo, second.Amount = "26010100010000000003", sdk.Fen(70)
		third.RefundNo, third.Amount = "26010100010000000004", sdk.Fen(1)
		s.outcome(t, refund(first), succeeded)
		s.books(t, 100, 30)
		r := s.outcome(t, queryRefund(first), succeeded).refund
		same(t, "order", r.OrderNo, testOrder)
		same(t, "refund", r.RefundNo, testRefund)
		s.outcome(t, refund(second), succeeded)
		s.outcome(t, queryRefund(second), succeeded)
		s.outcome(t, refund(third), unknown)
		s.outcome(t, queryRefund(third), refused)
		s.outcome(t, query(orderRef()), succeeded)
		s.books(t, 100, 100)
		s.clean(t)
	}
}

// TestRefundInProgress: WAITFORPAY on a refund is "being processed", whichever way it ends.
func TestRefundInProgress(t *testing.T) {
	t.Parallel()
	for made, want := range map[bool]sdk.Outcome{true: succeeded, false: failed} {
		s := openShop(t, quiet())
		s.outcome(t, create(barcodeRequest()), succeeded)
		s.fault(t, sim.Fault{Operation: sim.OpRefund, Kind: sim.FaultPending, Then: sim.ThenNever})
		s.outcome(t, refund(refundRequest()), inProgress)
		s.outcome(t, queryRefund(refundRequest()), inProgress)
		s.books(t, 100, 0)
		if err := s.gateway.FinishRefund(testMerchant, testOrder, testRefund, made); err != nil {
			t.Fatal(err)
		}
		s.outcome(t, queryRefund(refundRequest()), want)
		s.books(t, 100, map[bool]int64{true: 30}[made])
		s.clean(t)
	}
}

// TestCallbacks: BP4 as the platform sends it by itself, in all the ways that the document
// leaves open, and answered so that it is not sent again.
func TestCallbacks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]sim.Callback{
		"plain": {}, "the refund's number": {RefundNumber: true}, "no type": {WithoutType: true}, "no nulls": {WithoutNulls: true},
		"REAL_TIM": {PaymentType: "REAL_TIM"}, "REAL_TIME": {PaymentType: "REAL_TIME"}, "CNY": {Currency: "CNY"}, "RMB": {Currency: "RMB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, sim.Options{Callback: c})
			s.outcome(t, create(barcodeRequest()), succeeded)
			e := s.event(t)
			if e.Type != sdk.EventPayment || e.Payment.Outcome != succeeded || e.Payment.OrderNo != testOrder || e.Payment.Amount != sdk.Fen(100) || e.Payment.PaidAt.IsZero() {
				t.Errorf("%s %+v", e.Type, e.Payment)
			}
			deliveries := 1
			if c.PaymentType == "" { // only REAL_TIME_PRO can be refunded (4.2)
				s.outcome(t, refund(refundRequest()), succeeded)
				number := testOrder
				if c.RefundNumber {
					number = testRefund
				}
				e, deliveries = s.event(t), 2
				if e.Type != sdk.EventRefund || e.Refund.Outcome != succeeded || e.Refund.OrderNo != number || e.Refund.RefundNo != number || e.Refund.Amount != sdk.Fen(30) {
					t.Errorf("%s %+v", e.Type, e.Refund)
				}
			}
			s.accepted(t, deliveries)
			s.clean(t)
		})
	}
}

// accepted waits until as many deliveries are answered, and wants each believed at once.
func (s *shop) accepted(t *testing.T, deliveries int) {
	t.Helper()
	end := time.Now().Add(time.Minute)
	for len(s.gateway.Deliveries()) < deliveries && time.Now().Before(end) {
		time.Sleep(time.Millisecond) // the platform notes our answer after we gave it
	}
	if got := s.gateway.Deliveries(); len(got) != deliveries {
		t.Errorf("%d deliveries, want %d", len(got), deliveries)
	}
	for _, d := range s.gateway.Deliveries() {
		if !d.Accepted || d.Attempt > 1 {
			t.Errorf("delivery %+v", d)
		}
	}
}

// TestCallbackAnswerTypes: a platform that insists on one type of statusCode gets it.
func TestCallbackAnswerTypes(t *testing.T) {
	t.Parallel()
	for kind, settings := range map[sim.StatusCodeType]string{
		sim.StatusCodeNumber: `{}`, sim.StatusCodeString: `{"callback_status_code":"string"}`,
	} {
		opts := quiet()
		opts.StatusCode = kind
		s := openShop(t, opts)
		s.settings = settings
		s.outcome(t, create(barcodeRequest()), succeeded)
		d, err := s.gateway.Notify(t.Context(), testMerchant, testOrder, sim.Notice{})
		if err != nil || !d.Accepted {
			t.Errorf("%s: %+v, %v", kind, d, err)
		}
	}
}

// TestForgedCallbacks: none is believed. What the platform signed about another order or
// merchant is not answered as received; another amount reaches the host, which compares.
func TestForgedCallbacks(t *testing.T) {
	t.Parallel()
	for _, of := range []string{"", testRefund} {
		for _, kind := range sim.Forgeries() {
			s := openShop(t, quiet())
			s.outcome(t, create(barcodeRequest()), succeeded)
			if of != "" {
				s.outcome(t, refund(refundRequest()), succeeded)
			}
			if kind == sim.ForgeReplay {
				if _, err := s.gateway.Notify(t.Context(), testMerchant, testOrder, sim.Notice{Refund: of}); err != nil {
					t.Fatal(err)
				}
				<-s.events
			}
			d, err := s.gateway.Forge(t.Context(), testMerchant, testOrder, kind, sim.Notice{Refund: of})
			if err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			told := len(s.events) > 0
			reachesHost := kind == sim.ForgeReplay || kind == sim.ForgeAmount
			if told != reachesHost || d.Accepted != reachesHost {
				t.Errorf("%s of %q: told %t, %+v", kind, of, told, d)
			}
			if kind == sim.ForgeAmount {
				e := <-s.events
				same(t, "the forged amount is seen", e.Type == sdk.EventPayment && e.Payment.Amount == sdk.Fen(101) || e.Type == sdk.EventRefund && e.Refund.Amount == sdk.Fen(31), true)
			}
			s.clean(t)
		}
	}
}

// TestCallbacksOutOfOrder: every status that a callback may carry arrives as it was sent.
func TestCallbacksOutOfOrder(t *testing.T) {
	t.Parallel()
	s := openShop(t, quiet())
	s.outcome(t, create(barcodeRequest()), succeeded)
	for status, want := range map[string]sdk.Outcome{
		sim.StatusSuccess: succeeded, sim.StatusFail: failed, sim.StatusClose: closed, sim.StatusWaiting: inProgress,
	} {
		d, err := s.gateway.Notify(t.Context(), testMerchant, testOrder, sim.Notice{Status: status})
		if err != nil || !d.Accepted {
			t.Fatalf("%s: %+v, %v", status, d, err)
		}
		same(t, status, s.event(t).Payment.Outcome, want)
	}
}

// TestAlgorithms: both sides with the other algorithm, by the account's settings.
func TestAlgorithms(t *testing.T) {
	t.Parallel()
	opts := sim.Options{RequestAlgorithm: sim.SHA1WithRSA, ReplyAlgorithm: sim.SHA256WithRSA}
	s := openShop(t, opts)
	s.settings = `{"request_signature":"SHA1withRSA","reply_signature":"SHA256withRSA","empty_fields":"send"}`
	s.outcome(t, create(barcodeRequest()), succeeded)
	same(t, "callback", s.event(t).Payment.Outcome, succeeded)
	bare := refundRequest()
	bare.Reason = ""
	s.outcome(t, refund(bare), succeeded)
	s.outcome(t, query(orderRef()), succeeded)
	s.clean(t)
}

// TestCheckInAndAbsentOrders: an order that is not there is a query that failed; with the
// platform's code in the settings it is an answer, and proves the keys.
func TestCheckInAndAbsentOrders(t *testing.T) {
	t.Parallel()
	s := openShop(t, quiet())
	absentOrder := s.outcome(t, query(orderRef()), refused).payment.Provider.Code
	if absentOrder == "" {
		t.Fatal("the platform names no code")
	}
	s.outcome(t, checkIn(), refused)
	s.outcome(t, create(barcodeRequest()), succeeded)
	absentRefund := s.outcome(t, queryRefund(refundRequest()), refused).refund.Provider.Code
	s.settings = jsonOf(fields{"order_not_found_codes": absentOrder, "refund_not_found_codes": absentRefund})
	other := orderRef()
	other.OrderNo = "26010100010000000099"
	s.outcome(t, query(other), notFound)
	s.outcome(t, checkIn(), succeeded)
	s.outcome(t, queryRefund(refundRequest()), notFound)
	s.clean(t)
}

// TestAnyTextArrives: free text of every kind arrives at the platform as it was given.
func TestAnyTextArrives(t *testing.T) {
	t.Parallel()
	s := openShop(t, quiet())
	for i, piece := range []string{"咖啡/大=1&糖", `<b>&amp;</b> "'\`, "☕👨‍👩‍👧", "a=b&sign=x", "第一行\n第二行\t", "null", `{"a":1}`, "%20+"} {
		req := qrRequest()
		req.OrderNo = testOrder[:19] + string(rune('0'+i))
		req.Subject, req.Description, req.Operator = piece, piece+piece, piece
		req.Extra = map[string]string{extraRemark: piece}
		s.outcome(t, create(req), inProgress)
		order, _ := s.gateway.Order(testMerchant, req.OrderNo)
		if order.Subject != piece || order.GoodsInfo != piece+piece || order.Operator != piece {
			t.Errorf("%q arrived as %q, %q, %q", piece, order.Subject, order.GoodsInfo, order.Operator)
		}
	}
	s.clean(t)
}
