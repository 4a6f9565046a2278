package main

import (
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// quickPays refuses an order for a field.
func quickPays(t *testing.T, settings, param string, req sdk.PaymentRequest) {
	t.Helper()
	quickRefused(t, sdk.CapCreatePayment, settings, param, func(call *sdk.Call) error {
		_, err := testPlugin().CreatePayment(t.Context(), call, req)
		return err
	})
}

// TestQuickOrdersRefused: what the platform would refuse is refused before it is sent.
func TestQuickOrdersRefused(t *testing.T) {
	t.Parallel()
	orders := map[string]func() sdk.PaymentRequest{"card": cardPayment, "bound card": boundPaymentRequest, "unionpay": unionPayRequest}
	for _, order := range orders {
		for _, number := range []string{"", strings.Repeat("1", 33), "订单1", "a-1", "a 1"} {
			req := order()
			req.OrderNo = number
			quickPays(t, "", "order_no", req)
		}
		for _, amount := range []sdk.Money{{}, sdk.Fen(0), sdk.Fen(-1), sdk.Fen(1_000_000_000_000), {Minor: 1, Currency: "USD"}} {
			req := order()
			req.Amount = amount
			quickPays(t, "", "amount", req)
		}
		req := order()
		req.ExpiresAt = testNow.Add(-time.Second)
		quickPays(t, "", "expires_at", req)
	}
	for _, order := range []func() sdk.PaymentRequest{cardPayment, boundPaymentRequest} {
		req := order()
		req.Card = nil
		quickPays(t, "", "card", req)
	}
	for _, page := range []string{"", "shop.example", "javascript:alert(1)", "ftp://shop.example/", "https://", "https://shop.example/" + strings.Repeat("a", 235)} {
		req := unionPayRequest()
		req.ReturnURL = page
		quickPays(t, "", "return_url", req)
	}
}

// cardFlaws are what is wrong with a card, by the field at fault.
var cardFlaws = []struct {
	param string
	spoil func(*sdk.Card)
}{
	{"card.number", func(c *sdk.Card) { c.Number = sdk.Secret{} }},
	{"card.number", func(c *sdk.Card) { c.Number = sdk.SecretString("6227 0000") }},
	{"card.number", func(c *sdk.Card) { c.Number = sdk.SecretString(strings.Repeat("6", 21)) }},
	{"card.phone", func(c *sdk.Card) { c.Phone = sdk.Secret{} }},
	{"card.phone", func(c *sdk.Card) { c.Phone = sdk.SecretString("+8618826570890") }},
	{"card.phone", func(c *sdk.Card) { c.Phone = sdk.SecretString("1882657089") }},
	{"card", func(c *sdk.Card) { c.HolderName = sdk.Secret{} }},
	{"card", func(c *sdk.Card) { c.IDNumber = sdk.Secret{} }},
	{"card.holder_name", func(c *sdk.Card) { c.HolderName = sdk.SecretString(strings.Repeat("张", 33)) }},
	{"card.id_number", func(c *sdk.Card) { c.IDNumber = sdk.SecretString(strings.Repeat("1", 33)) }},
	{"card.user_id", func(c *sdk.Card) { c.UserID = strings.Repeat("u", 33) }},
	{"card.type", func(c *sdk.Card) { c.Type = "" }},
	{"card.type", func(c *sdk.Card) { c.Type = "prepaid" }},
	{"card.cvn2", func(c *sdk.Card) { c.CVN2 = sdk.Secret{} }},
	{"card.cvn2", func(c *sdk.Card) { c.CVN2 = sdk.SecretString("3444") }},
	{"card.cvn2", func(c *sdk.Card) { c.CVN2 = sdk.SecretString("34x") }},
	{"card.expiry", func(c *sdk.Card) { c.Expiry = sdk.Secret{} }},
}

func TestCardsRefused(t *testing.T) {
	t.Parallel()
	for _, flaw := range cardFlaws {
		req := cardPayment()
		req.Card = creditCard()
		flaw.spoil(req.Card)
		quickPays(t, "", flaw.param, req)

		bind := binding("123456")
		flaw.spoil(&bind.Card)
		quickRefused(t, sdk.CapBindCard, "", flaw.param, func(call *sdk.Call) error {
			_, err := testPlugin().BindCard(t.Context(), call, bind)
			return err
		})
	}
	// 32 Chinese characters are 32, not 96.
	req := cardPayment()
	req.Card.HolderName = sdk.SecretString(strings.Repeat("张", 32))
	h := answering(200, quickReply("QP3", nil))
	if r, err := testPlugin().CreatePayment(t.Context(), h.call(t.Context(), sdk.CapCreatePayment, ""), req); err != nil || r.Outcome != inProgress {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestBindingRefused(t *testing.T) {
	t.Parallel()
	bind := func(param string, spoil func(*sdk.BindCardRequest)) {
		for _, code := range []string{"", "123456"} {
			req := binding(code)
			spoil(&req)
			quickRefused(t, sdk.CapBindCard, "", param, func(call *sdk.Call) error {
				_, err := testPlugin().BindCard(t.Context(), call, req)
				return err
			})
		}
	}
	bind("order_no", func(r *sdk.BindCardRequest) { r.OrderNo = "" })
	bind("card.user_id", func(r *sdk.BindCardRequest) { r.Card.UserID = "" })
	bind("card.user_id", func(r *sdk.BindCardRequest) { r.Card.UserID = strings.Repeat("u", 33) })
	bind("card.number", func(r *sdk.BindCardRequest) { r.Card.Number = sdk.Secret{} })
	bind("card.phone", func(r *sdk.BindCardRequest) { r.Card.Phone = sdk.Secret{} })
	bind("code", func(r *sdk.BindCardRequest) { r.Code = sdk.SecretString("12345六") })
	for _, bindID := range []string{"", strings.Repeat("1", 33)} {
		for capability, ask := range map[sdk.Capability]func(*sdk.Call) error{
			sdk.CapUnbindCard: func(call *sdk.Call) error {
				_, err := testPlugin().UnbindCard(t.Context(), call, sdk.CardRef{BindID: bindID})
				return err
			},
			sdk.CapQueryCard: func(call *sdk.Call) error {
				_, err := testPlugin().QueryCard(t.Context(), call, sdk.CardRef{BindID: bindID})
				return err
			},
		} {
			quickRefused(t, capability, "", "card.bind_id", ask)
		}
	}
}

func TestConfirmationsRefused(t *testing.T) {
	t.Parallel()
	confirm := func(method sdk.Method, param string, spoil func(*sdk.ConfirmRequest)) {
		req := confirmation(method)
		spoil(&req)
		quickRefused(t, sdk.CapConfirmPayment, "", param, func(call *sdk.Call) error {
			_, err := testPlugin().ConfirmPayment(t.Context(), call, req)
			return err
		})
	}
	for _, method := range []sdk.Method{sdk.MethodCard, sdk.MethodBoundCard} {
		for _, code := range []string{"", "1234567", "12 456", "一二三四"} {
			confirm(method, "code", func(r *sdk.ConfirmRequest) { r.Code = sdk.SecretString(code) })
		}
	}
	confirm(sdk.MethodCard, "provider_order_no", func(r *sdk.ConfirmRequest) { r.Payment.ProviderOrderNo = strings.Repeat("1", 33) })
	bound := sdk.MethodBoundCard
	confirm(bound, "card", func(r *sdk.ConfirmRequest) { r.Card = nil })
	confirm(bound, "card.bind_id", func(r *sdk.ConfirmRequest) { r.Card.BindID = "" })
	confirm(bound, "card.user_id", func(r *sdk.ConfirmRequest) { r.Card.UserID = "" })
	confirm(bound, "order_no", func(r *sdk.ConfirmRequest) { r.Payment.OrderNo = "" })
	confirm(bound, "amount", func(r *sdk.ConfirmRequest) { r.Payment.Amount = sdk.Money{} })
	for param, spoil := range map[string]func(*sdk.PaymentRequest){
		"card.bind_id": func(r *sdk.PaymentRequest) { r.Card.BindID = "" },
		"card.user_id": func(r *sdk.PaymentRequest) { r.Card.UserID = "" },
		"card.phone":   func(r *sdk.PaymentRequest) { r.Card.Phone = sdk.Secret{} },
	} {
		req := boundPaymentRequest()
		spoil(&req)
		quickPays(t, "", param, req)
	}
}

// TestCodesComeAMinuteApart: the first code was sent with the order.
func TestCodesComeAMinuteApart(t *testing.T) {
	t.Parallel()
	if after := (provider{}).Manifest().ResendAfter; after != time.Minute {
		t.Errorf("the manifest says %s", after)
	}
	for age, want := range map[time.Duration]bool{0: false, 59 * time.Second: false, time.Minute: true, time.Hour: true} {
		ref := quickRef(sdk.MethodCard)
		ref.CreatedAt = testNow.Add(-age)
		resent := func(call *sdk.Call) error {
			_, err := testPlugin().ResendCode(t.Context(), call, ref)
			return err
		}
		if !want {
			quickRefused(t, sdk.CapResendCode, "", "created_at", resent)
			continue
		}
		h := answering(200, quickReply("QP10", nil))
		if err := resent(h.call(t.Context(), sdk.CapResendCode, "")); err != nil || h.Sends() != 1 {
			t.Errorf("after %s: %v, %d sent", age, err, h.Sends())
		}
	}
	ref := quickRef(sdk.MethodCard)
	ref.ProviderOrderNo = ""
	quickRefused(t, sdk.CapResendCode, "", "provider_order_no", func(call *sdk.Call) error {
		_, err := testPlugin().ResendCode(t.Context(), call, ref)
		return err
	})
}

// TestNotificationsNeedAnAddress: none, or one that NOTIFY_URL has no room for.
func TestNotificationsNeedAnAddress(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "https://pay.example/" + strings.Repeat("a", 235)} {
		for capability, ask := range map[sdk.Capability]func(*sdk.Call) error{
			sdk.CapCreatePayment: func(call *sdk.Call) error {
				_, err := testPlugin().CreatePayment(t.Context(), call, cardPayment())
				return err
			},
			sdk.CapConfirmPayment: func(call *sdk.Call) error {
				_, err := testPlugin().ConfirmPayment(t.Context(), call, confirmation(sdk.MethodBoundCard))
				return err
			},
		} {
			quickRefused(t, capability, "", "callback_url", func(call *sdk.Call) error {
				call.CallbackURL = address
				return ask(call)
			})
		}
	}
}
