package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	sim "github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

func (s *shop) create(t *testing.T, req sdk.PaymentRequest) sdk.PaymentResult {
	t.Helper()
	r, err := testPlugin().CreatePayment(t.Context(), s.call(t, sdk.CapCreatePayment), req)
	must(t, err)
	return r
}

func (s *shop) confirm(t *testing.T, req sdk.ConfirmRequest) sdk.PaymentResult {
	t.Helper()
	r, err := testPlugin().ConfirmPayment(t.Context(), s.call(t, sdk.CapConfirmPayment), req)
	must(t, err)
	return r
}

func (s *shop) query(t *testing.T, ref sdk.OrderRef) sdk.PaymentResult {
	t.Helper()
	r, err := testPlugin().QueryPayment(t.Context(), s.call(t, sdk.CapQueryPayment), ref)
	must(t, err)
	return r
}

// simRef names the test's order with the number that the platform gave it.
func simRef(method sdk.Method, placed sdk.PaymentResult) sdk.OrderRef {
	ref := quickRef(method)
	ref.ProviderOrderNo, ref.CreatedAt = placed.ProviderOrderNo, testNow
	return ref
}

func simConfirm(method sdk.Method, placed sdk.PaymentResult, code string) sdk.ConfirmRequest {
	req := confirmation(method)
	req.Payment, req.Code = simRef(method, placed), sdk.SecretString(code)
	return req
}

func (s *shop) paid(t *testing.T, orderNo string) int64 {
	t.Helper()
	return s.platform.Ledger().Net(sim.Key(testMerchant, orderNo))
}

// TestSimCard: flow A, with a wrong code, a second one, and the card bound by paying.
func TestSimCard(t *testing.T) {
	t.Parallel()
	for _, card := range []*sdk.Card{testCard(), creditCard()} {
		s := openShop(t, sim.Options{})
		req := cardPayment()
		req.Card = card
		placed := s.create(t, req)
		want(t, "placed", placed.Outcome, inProgress)
		if placed.NextAction == nil || placed.NextAction.Type != sdk.ActionEnterCode || placed.BoundCard == nil || placed.BoundCard.BindID == "" {
			t.Fatalf("placed: %+v", placed)
		}
		ref := simRef(sdk.MethodCard, placed)
		want(t, "waiting", s.query(t, ref).Outcome, inProgress)
		want(t, "a wrong code", s.confirm(t, simConfirm(sdk.MethodCard, placed, "000000")).Outcome, refusedIt)
		want(t, "paid after a wrong code", s.paid(t, testOrder), 0)

		s.wait(resendAfter)
		resent, err := testPlugin().ResendCode(t.Context(), s.call(t, sdk.CapResendCode), ref)
		must(t, err)
		want(t, "resent", resent.Outcome, inProgress)
		want(t, "confirmed", s.confirm(t, simConfirm(sdk.MethodCard, placed, "123456")).Outcome, inProgress)

		result := s.query(t, ref)
		want(t, "paid", result.Outcome, succeeded)
		want(t, "amount", result.Amount, sdk.Fen(899))
		want(t, "number", result.ProviderOrderNo, placed.ProviderOrderNo)
		want(t, "paid at", result.PaidAt.Equal(testNow.Add(resendAfter)), true)
		want(t, "ledger", s.paid(t, testOrder), 899)
		if result.BoundCard == nil || result.BoundCard.BindID != placed.BoundCard.BindID {
			t.Errorf("bound: %+v", result.BoundCard)
		}
		s.clean(t)
	}
}

// TestSimQuickNotification: what is pushed is applied, what is forged is not.
func TestSimQuickNotification(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	placed := s.create(t, cardPayment())
	want(t, "confirmed", s.confirm(t, simConfirm(sdk.MethodCard, placed, "123456")).Outcome, inProgress)
	delivery, err := s.platform.Notify(testMerchant, testOrder)
	must(t, err)
	want(t, "accepted", delivery.Accepted, true)
	got := s.lastNotice(t)
	if !got.Verified || len(got.Events) != 1 || got.Events[0].Payment.Outcome != succeeded || got.Events[0].Payment.OrderNo != testOrder || got.Events[0].Payment.Amount != sdk.Fen(899) {
		t.Errorf("notified: %+v", got)
	}
	for kind, verified := range map[string]bool{
		sim.ForgeBadSignature: false, sim.ForgeUnsigned: false, sim.ForgeOtherKey: false, sim.ForgeTampered: false,
		sim.ForgeWrongAmount: true, sim.ForgeWrongOrder: true, sim.ForgeWrongStatus: true,
	} {
		delivery, err := s.platform.Forge(testMerchant, testOrder, kind)
		must(t, err)
		want(t, kind+" arrived", delivery.Error, "")
		got := s.lastNotice(t)
		if got.Verified != verified || !verified && (delivery.Accepted || len(got.Events)+len(got.Ask) != 0) {
			t.Errorf("%s: %+v, %+v", kind, delivery, got)
		}
		// What is signed rightly and still wrong carries what the host compares, or makes it ask.
		if verified && len(got.Ask) == 0 && got.Events[0].Payment.Amount == sdk.Fen(899) && got.Events[0].Payment.OrderNo == testOrder {
			t.Errorf("%s reads as our payment: %+v", kind, got)
		}
	}
	s.clean(t)
}

// TestSimUnionPay: flow C, as an address and as a page.
func TestSimUnionPay(t *testing.T) {
	t.Parallel()
	for mode, kind := range map[string]string{unionPayURL: sdk.ActionRedirect, unionPayHTML: sdk.ActionHTML} {
		s := openShop(t, sim.Options{Quick: sim.QuickOptions{RequireCard: mode == unionPayHTML}})
		s.settings = merged(`{"unionpay_trade_mode":"` + mode + `","unionpay_card_number":` + map[string]string{unionPayURL: "false", unionPayHTML: "true"}[mode] + `}`)
		req := unionPayRequest()
		req.Card = testCard()
		placed := s.create(t, req)
		want(t, mode+" placed", placed.Outcome, inProgress)
		if placed.NextAction == nil || placed.NextAction.Type != kind || placed.NextAction.URL+placed.NextAction.HTML == "" {
			t.Errorf("%s: %+v", mode, placed.NextAction)
		}
		ref := simRef(sdk.MethodUnionPay, placed)
		want(t, mode+" waiting", s.query(t, ref).Outcome, inProgress)
		must(t, s.platform.PayOrder(testMerchant, testOrder))
		want(t, mode+" paid", s.query(t, ref).Outcome, succeeded)
		want(t, mode+" ledger", s.paid(t, testOrder), 899)

		must(t, s.platform.RefundOutside(testMerchant, testOrder))
		back := s.query(t, ref)
		want(t, mode+" refunded outside", back.Outcome, succeeded)
		want(t, mode+" refunded outside", back.Refunded, true)
		s.clean(t)
	}
	s := openShop(t, sim.Options{})
	placed := s.create(t, unionPayRequest())
	must(t, s.platform.AbandonOrder(testMerchant, testOrder))
	gone := s.query(t, simRef(sdk.MethodUnionPay, placed)).Outcome
	want(t, "abandoned", gone == failed || gone == closed, true)
	s.clean(t)
}

// TestSimSwitchedOff: what the document calls switched off is asked, and its refusal shown.
func TestSimSwitchedOff(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	ref := sdk.CardRef{BindID: testBindID, UserID: testUser}
	for name, ask := range map[string]func() (sdk.CardResult, error){
		"bind code": func() (sdk.CardResult, error) {
			return testPlugin().BindCard(t.Context(), s.call(t, sdk.CapBindCard), binding(""))
		},
		"bind": func() (sdk.CardResult, error) {
			return testPlugin().BindCard(t.Context(), s.call(t, sdk.CapBindCard), binding("123456"))
		},
		"unbind": func() (sdk.CardResult, error) {
			return testPlugin().UnbindCard(t.Context(), s.call(t, sdk.CapUnbindCard), ref)
		},
		"query": func() (sdk.CardResult, error) {
			return testPlugin().QueryCard(t.Context(), s.call(t, sdk.CapQueryCard), ref)
		},
	} {
		r, err := ask()
		if err != nil || r.Outcome != refusedIt || r.Provider.Message == "" {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	code := s.create(t, boundPaymentRequest())
	want(t, "bound code", code.Outcome, refusedIt)
	want(t, "bound code says why", code.Provider.Message != "", true)
	paid := s.confirm(t, simConfirm(sdk.MethodBoundCard, code, "123456"))
	want(t, "bound payment", paid.Outcome, unknown) // unsigned, and it moves money: a query tells
	want(t, "bound payment says why", paid.Provider.Message != "", true)
	want(t, "and the query", s.query(t, quickRef(sdk.MethodBoundCard)).Outcome, notFound)
	want(t, "money", s.platform.Ledger().Len(), 0)
}

// TestSimBoundCard: the whole life of a bound card, where the platform has it switched on.
func TestSimBoundCard(t *testing.T) {
	t.Parallel()
	opened := []string{
		sim.OpQuickBindSMS, sim.OpQuickBind, sim.OpQuickBindQuery, sim.OpQuickUnbind, sim.OpQuickBoundSMS, sim.OpQuickBoundPay,
	}
	for _, own := range []string{boundCodeSame, boundCodeOwn} {
		s := openShop(t, sim.Options{Opened: opened})
		s.settings = merged(`{"bound_code_number":"` + own + `"}`)
		bind := binding("")
		bind.OrderNo = "26010100010000000005"
		r, err := testPlugin().BindCard(t.Context(), s.call(t, sdk.CapBindCard), bind)
		must(t, err)
		want(t, "code for binding", r.Outcome, inProgress)
		bind.Code = sdk.SecretString("123456")
		r, err = testPlugin().BindCard(t.Context(), s.call(t, sdk.CapBindCard), bind)
		must(t, err)
		if r.Outcome != succeeded || len(r.Cards) != 1 || r.Cards[0].BindID == "" {
			t.Fatalf("%s: bound: %+v, %+v", own, r, s.platform.Violations())
		}
		ref := sdk.CardRef{BindID: r.Cards[0].BindID, UserID: testUser}
		asked, err := testPlugin().QueryCard(t.Context(), s.call(t, sdk.CapQueryCard), ref)
		must(t, err)
		want(t, "asked", asked.Outcome, succeeded)

		req := boundPaymentRequest()
		req.Card.BindID = ref.BindID
		placed := s.create(t, req)
		want(t, own+": code for paying", placed.Outcome, inProgress)
		confirm := simConfirm(sdk.MethodBoundCard, placed, "123456")
		confirm.Card.BindID = ref.BindID
		want(t, own+": confirmed", s.confirm(t, confirm).Outcome, inProgress)
		want(t, own+": paid", s.query(t, quickRef(sdk.MethodBoundCard)).Outcome, succeeded)
		want(t, own+": ledger", s.paid(t, testOrder), 899)

		gone, err := testPlugin().UnbindCard(t.Context(), s.call(t, sdk.CapUnbindCard), ref)
		must(t, err)
		want(t, "unbound", gone.Outcome, succeeded)
		s.clean(t)
	}
}

// TestSimQuickList pages through what was paid.
func TestSimQuickList(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	orders := []string{"26010100010000000001", "26010100010000000002", "26010100010000000003"}
	for _, number := range orders {
		req := cardPayment()
		req.OrderNo = number
		confirm := simConfirm(sdk.MethodCard, s.create(t, req), "123456")
		confirm.Payment.OrderNo = number
		want(t, "confirmed", s.confirm(t, confirm).Outcome, inProgress)
		s.wait(2 * time.Minute)
	}
	list, found := listRequest(productQuick), map[string]int64{}
	list.Limit = 2
	for range 3 {
		r, err := testPlugin().ListPayments(t.Context(), s.call(t, sdk.CapListPayments), list)
		must(t, err)
		want(t, "page", r.Outcome, succeeded)
		for _, p := range r.Payments {
			want(t, p.OrderNo, p.Outcome, succeeded)
			found[p.OrderNo] += p.Amount.Minor
		}
		if list.Cursor = r.Next; r.Next == "" {
			break
		}
	}
	for _, number := range orders {
		want(t, "listed "+number, found[number], s.paid(t, number))
	}
	list.Cursor, list.From, list.To = "", testNow.AddDate(0, -1, 0), testNow.AddDate(0, -1, 1)
	r, err := testPlugin().ListPayments(t.Context(), s.call(t, sdk.CapListPayments), list)
	must(t, err)
	want(t, "an empty period", r.Outcome, succeeded)
	want(t, "an empty period", len(r.Payments), 0)
	s.clean(t)
}

// TestSimQuickTexts: any name and payer, and any amount, is signed as the platform signs it.
func TestSimQuickTexts(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	text := rapid.OneOf(rapid.StringN(1, 32, -1), rapid.SampledFrom([]string{`"\/<>&'`, "阿依古丽·买买提", "☕😀", "a/b\\c", "\u2028"}))
	number := 0
	rapid.Check(t, func(r *rapid.T) {
		name := strings.ToValidUTF8(text.Draw(r, "name"), "?")
		if strings.TrimSpace(name) == "" {
			r.Skip("the platform wants a name")
		}
		number++
		req := cardPayment()
		req.OrderNo, req.Amount = fmt.Sprintf("26010100010000%06d", number), sdk.Fen(rapid.Int64Range(1, maxLongAmount).Draw(r, "amount"))
		req.Card.HolderName, req.ReturnURL = sdk.SecretString(name), ""
		placed := s.create(t, req)
		held, _ := s.platform.Order(testMerchant, req.OrderNo)
		if placed.Outcome != inProgress || placed.Amount != req.Amount || held.Quick == nil || held.Quick.Name != name || held.Amount != req.Amount.Minor {
			r.Fatalf("%q, %d: %+v, %+v", name, req.Amount.Minor, placed, held)
		}
	})
	s.clean(t)
}

// TestSimQuickRepliesInTheirSpellings: the platform's other spellings, and an agent's key.
func TestSimQuickRepliesInTheirSpellings(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{ErrMsg: true, AsPrinted: true, Merchants: []sim.Merchant{{
		MerNo: "001440353999855", TermNo: testTerminal, Key: testKey, AgentNo: testAgent, AgentKey: testAgentKey,
	}}})
	got := s.query(t, quickRef(sdk.MethodCard))
	want(t, "nothing yet", got.Outcome, notFound)
	want(t, "its text", got.Provider.Message != "", true)
	s.host.Credentials = agentCredentials()
	s.host.Credentials[credMerchantNo] = "001440353999855"
	want(t, "placed by an agent", s.create(t, cardPayment()).Outcome, inProgress)
	want(t, "asked by an agent", s.query(t, quickRef(sdk.MethodCard)).Outcome, inProgress)
	s.clean(t)
}
