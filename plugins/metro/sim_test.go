package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	sim "github.com/zhanggui-pay/zhanggui/plugins/sim/metro"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

// simUID is a payer of the simulator, whose uids have 12 digits.
const simUID = "880000000042"

// shop is a merchant of the simulated provider. That one was written from the document by
// others: it checks every field, and its ledger says what really moved.
type shop struct {
	metro    *sim.Simulator
	host     *testHost
	plugin   able
	url      string
	settings string
}

func openShop(t *testing.T, opts sim.Options) *shop {
	t.Helper()
	opts.Merchants = append(opts.Merchants, sim.Merchant{
		MchID: testMerchant, PublicKey: sim.PublicKey{PublicKey: &rsaKey(t, "merchant.pem").PublicKey}, StoreIDs: []string{testStore},
		PhoneKey: []byte(testPhoneKey), PhoneIV: []byte(testPhoneIV), ProviderKey: sim.PrivateKey{PrivateKey: rsaKey(t, "provider.pem")},
	})
	opts.Now = func() time.Time { return testNow }
	opts.Sleep = func(time.Duration) {}
	if err := opts.Check(); err != nil {
		t.Fatal(err)
	}
	metro := sim.New(opts)
	server := httptest.NewServer(metro)
	t.Cleanup(func() {
		if err := metro.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return &shop{metro: metro, host: overHTTP(t), plugin: provider{}, url: server.URL, settings: testSettings}
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

// code is a fresh code of the payer.
func (s *shop) code(t *testing.T, wallet string) sdk.Secret {
	t.Helper()
	code, err := s.metro.Code(simUID, wallet)
	if err != nil {
		t.Fatal(err)
	}
	return sdk.SecretString(code)
}

func (s *shop) charge(t *testing.T) result {
	t.Helper()
	req := paymentRequest()
	req.PayerCode = s.code(t, sim.PayTypeWechat)
	return s.do(t, paymentExchange(req))
}

// ref names the test's order as the host does: with the provider's number once it is known.
func (s *shop) ref() sdk.OrderRef {
	ref := orderRef()
	order, _ := s.metro.Order(testMerchant, testOrder)
	ref.ProviderOrderNo = order.TradeNo
	return ref
}

func (s *shop) query(t *testing.T) result {
	t.Helper()
	return s.do(t, queryExchange(s.ref()))
}

func (s *shop) reverse(t *testing.T) result {
	t.Helper()
	return s.do(t, cancelExchange(s.ref()))
}

func (s *shop) refund(t *testing.T, number string, amount, before int64) result {
	t.Helper()
	return s.do(t, refundExchange(sdk.RefundRequest{
		Payment: s.ref(), RefundNo: number, Amount: sdk.Fen(amount), RefundedBefore: sdk.Fen(before),
	}))
}

func (s *shop) fault(t *testing.T, f sim.Fault) {
	t.Helper()
	if _, err := s.metro.AddFault(f); err != nil {
		t.Fatal(err)
	}
}

// books compares the provider's own ledger of the order, in fen.
func (s *shop) books(t *testing.T, paid, refunded, reversed int64) {
	t.Helper()
	sum := s.metro.Ledger().Order(sim.Key(testMerchant, testOrder))
	if sum.Paid != paid || sum.Refunded != refunded || sum.Reversed != reversed {
		t.Errorf("ledger: paid %d refunded %d reversed %d, want %d %d %d", sum.Paid, sum.Refunded, sum.Reversed, paid, refunded, reversed)
	}
}

// clean checks that the provider found nothing against the document.
func (s *shop) clean(t *testing.T) {
	t.Helper()
	for _, v := range s.metro.Violations() {
		t.Errorf("violation: %+v", v)
	}
}

func want[T comparable](t *testing.T, what string, got, expected T) {
	t.Helper()
	if got != expected {
		t.Errorf("%s: %v, want %v", what, got, expected)
	}
}

// TestSimChargeAndQuery: ME3, ME4 and ME5 with each wallet, with a coupon, and with the
// fields that have no value left out or empty.
func TestSimChargeAndQuery(t *testing.T) {
	t.Parallel()
	for _, wallet := range []string{sim.PayTypeWechat, sim.PayTypeAlipay, sim.PayTypeUnion} {
		for _, empty := range []bool{false, true} {
			s := openShop(t, sim.Options{SendEmptyFields: empty})
			s.fault(t, sim.Fault{Operation: "applypay", Kind: sim.FaultCoupon, Amount: 10})
			req := paymentRequest()
			req.PayerCode = s.code(t, wallet)
			who := s.do(t, payerExchange(sdk.PayerRequest{Code: req.PayerCode}))
			want(t, "payer", who.payer.PayerID, simUID)
			r := s.do(t, paymentExchange(req))
			want(t, "outcome", r.outcome, succeeded)
			want(t, "amount", r.payment.Amount, sdk.Fen(100))
			want(t, "channel", r.payment.Channel, wallet)
			want(t, "payer", r.payment.PayerID, simUID)
			want(t, "paid at", r.payment.PaidAt.Equal(testNow), true)
			order, _ := s.metro.Order(testMerchant, testOrder)
			want(t, "number", r.payment.ProviderOrderNo, order.TradeNo)
			want(t, "body", order.Body, req.Subject)
			want(t, "remark", order.ExtraData, req.Description)
			want(t, "coupon", order.Coupon, 10)
			if r.payment.ChannelTradeNo == "" {
				t.Error("no number of the wallet's")
			}
			q := s.query(t)
			want(t, "query", q.outcome, succeeded)
			want(t, "query's number", q.payment.ChannelTradeNo, r.payment.ChannelTradeNo)
			s.books(t, 100, 0, 0)
			s.clean(t)
		}
	}
}

// TestSimSlowPayer: in progress until the payer has paid, failed or gone.
func TestSimSlowPayer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end  func(*sim.Simulator) error
		want sdk.Outcome
		paid int64
	}{
		"paid":      {func(m *sim.Simulator) error { return m.PayOrder(testMerchant, testOrder) }, succeeded, 100},
		"failed":    {func(m *sim.Simulator) error { return m.FailOrder(testMerchant, testOrder) }, failed, 0},
		"abandoned": {func(m *sim.Simulator) error { return m.AbandonOrder(testMerchant, testOrder) }, closed, 0},
	} {
		for _, empty := range []bool{false, true} {
			s := openShop(t, sim.Options{SendEmptyFields: empty})
			s.fault(t, sim.Fault{Operation: "applypay", Kind: sim.FaultPending, Queries: 9, Then: sim.ThenNever})
			want(t, name, s.charge(t).outcome, inProgress)
			want(t, name+", query", s.query(t).outcome, inProgress)
			if err := c.end(s.metro); err != nil {
				t.Fatal(err)
			}
			want(t, name+", then", s.query(t).outcome, c.want)
			s.books(t, c.paid, 0, 0)
			s.clean(t)
		}
	}
}

// TestSimReverse: ME6 of an order that is waiting, paid, or was never there. It is never
// believed by itself: ME5 says what became of the order.
func TestSimReverse(t *testing.T) {
	t.Parallel()
	t.Run("waiting", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, sim.Options{})
		s.fault(t, sim.Fault{Operation: "applypay", Kind: sim.FaultPending, Queries: 9})
		want(t, "charge", s.charge(t).outcome, inProgress)
		want(t, "reverse", s.reverse(t).outcome, unknown)
		want(t, "query", s.query(t).outcome, closed)
		s.books(t, 0, 0, 0)
		s.clean(t)
	})
	t.Run("paid", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, sim.Options{})
		want(t, "charge", s.charge(t).outcome, succeeded)
		want(t, "reverse", s.reverse(t).outcome, unknown)
		want(t, "query", s.query(t).outcome, closed)
		s.books(t, 100, 0, 100)
		s.clean(t)
	})
	t.Run("again and again", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, sim.Options{})
		want(t, "charge", s.charge(t).outcome, succeeded)
		s.fault(t, sim.Fault{Operation: "reverse", Kind: sim.FaultPending, Queries: 2, Times: 1})
		want(t, "first", s.reverse(t).outcome, inProgress)
		want(t, "query", s.query(t).outcome, succeeded)
		calls := 1
		for r := s.reverse(t); ; r = s.reverse(t) {
			calls++
			if r.outcome != inProgress || calls > 9 {
				want(t, "last", r.payment.Provider.Code, "recall N")
				break
			}
		}
		want(t, "calls", calls, 4) // the first and two more answered Y
		want(t, "query", s.query(t).outcome, closed)
		s.books(t, 100, 0, 100)
		s.clean(t)
	})
	t.Run("no such order", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, sim.Options{})
		want(t, "query", s.query(t).outcome, refused)
		want(t, "reverse", s.reverse(t).outcome, unknown)
		s.clean(t)
	})
}

// TestSimUndoneByTheProvider: a paid order that is closed without us reads as closed; that it
// was paid before is the host's to know.
func TestSimUndoneByTheProvider(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	want(t, "charge", s.charge(t).outcome, succeeded)
	if err := s.metro.CloseOrder(testMerchant, testOrder); err != nil {
		t.Fatal(err)
	}
	want(t, "query", s.query(t).outcome, closed)
	s.books(t, 100, 0, 100)
	s.clean(t)
}

// TestSimRefund: ME7, several of one order, too much, and one number twice.
func TestSimRefund(t *testing.T) {
	t.Parallel()
	for idempotent, again := range map[bool]sdk.Outcome{true: succeeded, false: unknown} {
		s := openShop(t, sim.Options{IdempotentRefunds: idempotent})
		want(t, "charge", s.charge(t).outcome, succeeded)
		first := s.refund(t, "R1", 30, 0)
		want(t, "first", first.outcome, succeeded)
		want(t, "order", first.refund.OrderNo, testOrder)
		want(t, "number", first.refund.RefundNo, "R1")
		want(t, "amount", first.refund.Amount, sdk.Fen(30))
		want(t, "at", first.refund.RefundedAt.Equal(testNow), true)
		want(t, "second", s.refund(t, "R2", 30, 30).outcome, succeeded)
		want(t, "the same number", s.refund(t, "R2", 30, 30).outcome, again)
		want(t, "too much", s.refund(t, "R3", 41, 0).outcome, unknown) // the host holds the remainder; this one got past it
		want(t, "the rest", s.refund(t, "R4", 40, 60).outcome, succeeded)
		want(t, "payment", s.query(t).outcome, succeeded)
		s.books(t, 100, 100, 0)
		s.clean(t)
	}
}

// TestSimRefundUnderWay: it stays in progress, for there is no query (trap M4); the bill tells.
func TestSimRefundUnderWay(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	want(t, "charge", s.charge(t).outcome, succeeded)
	s.fault(t, sim.Fault{Operation: "refund", Kind: sim.FaultPending, Queries: 9, Then: sim.ThenNever, Times: 1})
	r := s.refund(t, testRefund, 30, 0)
	want(t, "refund", r.outcome, inProgress)
	want(t, "number", r.refund.RefundNo, testRefund)
	if err := s.metro.SettleRefund(testMerchant, testOrder, testRefund, true); err != nil {
		t.Fatal(err)
	}
	bill := s.do(t, billExchange(sdk.BillRequest{Day: testNow}))
	if !slices.Contains(bill.bill.Totals, sdk.BillTotal{Kind: totalRefund, Method: sim.PayTypeWechat, Count: 1, Amount: sdk.Fen(30)}) {
		t.Errorf("%+v", bill.bill.Totals)
	}
	s.books(t, 100, 30, 0)
	s.clean(t)
}

// TestSimBill: ME8, and the check-in that uses it.
func TestSimBill(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	want(t, "check-in", s.do(t, checkInExchange()).outcome, succeeded)
	none := s.do(t, billExchange(billRequest()))
	want(t, "a day without payments", none.outcome, succeeded)
	for i, wallet := range []string{sim.PayTypeAlipay, sim.PayTypeAlipay, sim.PayTypeUnion} {
		req := paymentRequest()
		req.OrderNo, req.PayerCode = testOrder[:19]+string(rune('1'+i)), s.code(t, wallet)
		want(t, "charge", s.do(t, paymentExchange(req)).outcome, succeeded)
	}
	want(t, "refund", s.refund(t, testRefund, 30, 0).outcome, succeeded)
	r := s.do(t, billExchange(sdk.BillRequest{Day: testNow}))
	want(t, "bill", r.outcome, succeeded)
	var expected []sdk.BillTotal
	for _, row := range s.metro.Bill(testMerchant, "20260101") {
		expected = append(expected,
			sdk.BillTotal{Kind: totalPayment, Method: row.PayType, Count: row.TotalCount, Amount: sdk.Fen(row.TotalAmount)},
			sdk.BillTotal{Kind: totalReversal, Method: row.PayType, Count: row.ReverseCount, Amount: sdk.Fen(row.ReverseAmount)},
			sdk.BillTotal{Kind: totalRefund, Method: row.PayType, Count: row.RefundCount, Amount: sdk.Fen(row.RefundAmount)})
	}
	if len(expected) == 0 || !slices.Equal(r.bill.Totals, expected) {
		t.Errorf("%+v, want %+v", r.bill.Totals, expected)
	}
	if !slices.Contains(expected, sdk.BillTotal{Kind: totalPayment, Method: sim.PayTypeAlipay, Count: 2, Amount: sdk.Fen(200)}) {
		t.Errorf("the provider's own bill: %+v", expected)
	}
	s.clean(t)
}

// TestSimOpenSettings: every form of signature and envelope that the document leaves open.
func TestSimOpenSettings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		opts     sim.Options
		settings string
	}{
		{sim.Options{SignForm: sim.SignValues}, `{"store_id":"SZTX001","sign_form":"values"}`},
		{sim.Options{SignEncoding: sim.EncodingHex}, `{"store_id":"SZTX001","sign_encoding":"hex"}`},
		{sim.Options{SignForm: sim.SignValues, SignEncoding: sim.EncodingHex}, `{"store_id":"SZTX001","sign_form":"values","sign_encoding":"hex"}`},
		{sim.Options{Envelope: sim.Envelope{Success: []byte(`"0"`)}}, testSettings},
		{
			sim.Options{Envelope: sim.Envelope{Code: "ret", Message: "errmsg", Data: "result", Success: []byte(`"SUCCESS"`)}},
			`{"store_id":"SZTX001","code_field":"ret","message_field":"errmsg","data_field":"result","success_code":"SUCCESS"}`,
		},
		{sim.Options{Envelope: sim.Envelope{Success: []byte(`200`)}}, `{"store_id":"SZTX001","success_code":"200"}`},
	} {
		s := openShop(t, c.opts)
		s.settings = c.settings
		want(t, c.settings+" charge", s.charge(t).outcome, succeeded)
		want(t, c.settings+" query", s.query(t).outcome, succeeded)
		want(t, c.settings+" refund", s.refund(t, testRefund, 30, 0).outcome, succeeded)
		s.clean(t)
	}
	// What is set wrongly does no harm: the message is refused or the reply unknown.
	s := openShop(t, sim.Options{SignForm: sim.SignValues})
	want(t, "charge", s.charge(t).outcome, unknown)
	want(t, "check-in", s.do(t, checkInExchange()).outcome, refused)
	s.books(t, 0, 0, 0)
}

// TestSimOverTheWire: the same flow through a connection, and what fails before it is sent.
func TestSimOverTheWire(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	s.plugin = sdktest.OverTheWire(t, provider{})
	want(t, "check-in", s.do(t, checkInExchange()).outcome, succeeded)
	r := s.charge(t)
	want(t, "charge", r.outcome, succeeded)
	want(t, "paid at", r.payment.PaidAt.Equal(testNow), true)
	want(t, "query", s.query(t).outcome, succeeded)
	want(t, "refund", s.refund(t, testRefund, 30, 0).outcome, succeeded)
	want(t, "payer", s.do(t, payerExchange(sdk.PayerRequest{Code: s.code(t, "")})).payer.PayerID, simUID)
	want(t, "bill", len(s.do(t, billExchange(sdk.BillRequest{Day: testNow})).bill.Totals) > 0, true)
	s.books(t, 100, 30, 0)
	s.clean(t)
	s.url = "http://127.0.0.1:1"
	if _, err := s.try(t.Context(), t, queryExchange(orderRef())); !errors.Is(err, &sdk.Error{Code: sdk.ErrNotSent}) {
		t.Errorf("provider away: %v", err)
	}
	_, err := s.try(t.Context(), t, refundExchange(sdk.RefundRequest{Payment: orderRef(), Amount: sdk.Fen(1)}))
	var known *sdk.Error
	if !errors.As(err, &known) || known.Param != "refund_no" || !strings.HasSuffix(known.Message, ".") {
		t.Errorf("no refund number: %v", err)
	}
}
