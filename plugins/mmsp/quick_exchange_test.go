package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The orders of the tests of quick pay, and one function for each operation that gives what
// the plugin makes of a reply.

const (
	testCardNumber = "6227000013830237349"
	testUser       = "payer-7"
	testBindID     = "100003"
	testListID     = "100000004985"
)

func testCard() *sdk.Card {
	return &sdk.Card{
		UserID: testUser, Type: sdk.CardDebit, Number: sdk.SecretString(testCardNumber), HolderName: sdk.SecretString("张安"),
		IDNumber: sdk.SecretString("23210219820916601X"), Phone: sdk.SecretString("18826570890"),
	}
}

func creditCard() *sdk.Card {
	c := testCard()
	c.Type, c.Expiry, c.CVN2 = sdk.CardCredit, sdk.SecretString("0127"), sdk.SecretString("344")
	return c
}

func handle() *sdk.Card {
	return &sdk.Card{BindID: testBindID, UserID: testUser, Phone: sdk.SecretString("18826570890")}
}

func cardPayment() sdk.PaymentRequest {
	return sdk.PaymentRequest{OrderNo: testOrder, Method: sdk.MethodCard, Amount: sdk.Fen(899), Subject: "咖啡", Card: testCard()}
}

func boundPaymentRequest() sdk.PaymentRequest {
	r := cardPayment()
	r.Method, r.Card = sdk.MethodBoundCard, handle()
	return r
}

func unionPayRequest() sdk.PaymentRequest {
	r := cardPayment()
	r.Method, r.Card, r.ReturnURL = sdk.MethodUnionPay, nil, "https://shop.example/done?id=1&a=/b"
	return r
}

func quickRef(method sdk.Method) sdk.OrderRef {
	return sdk.OrderRef{OrderNo: testOrder, ProviderOrderNo: testListID, Method: method, Amount: sdk.Fen(899), CreatedAt: testNow.Add(-resendAfter)}
}

func confirmation(method sdk.Method) sdk.ConfirmRequest {
	req := sdk.ConfirmRequest{Payment: quickRef(method), Code: sdk.SecretString("123456")}
	if method == sdk.MethodBoundCard {
		req.Card = handle()
	}
	return req
}

func binding(code string) sdk.BindCardRequest {
	req := sdk.BindCardRequest{OrderNo: testOrder, Card: *creditCard()}
	if code != "" {
		req.Code = sdk.SecretString(code)
	}
	return req
}

// fields is a Body.
type fields map[string]any

// with overrides fields; nil leaves one out.
func (f fields) with(more fields) fields {
	out := fields{}
	for _, part := range []fields{f, more} {
		for name, value := range part {
			if out[name] = value; value == nil {
				delete(out, name)
			}
		}
	}
	return out
}

// json is the Body as it is signed, but for its slashes.
func (f fields) json() string { return encodeJSON(f) }

func encodeJSON(v any) string {
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSpace(out.String())
}

// plugin is what the plugin itself and the plugin behind a connection both are.
type plugin interface {
	sdk.Provider
	sdk.PaymentCreator
	sdk.PaymentConfirmer
	sdk.CodeResender
	sdk.PaymentQuerier
	sdk.CardBinder
	sdk.CardUnbinder
	sdk.CardQuerier
}

// quickAnswer is what an operation gives, in the parts that the tests look at.
type quickAnswer struct {
	outcome  sdk.Outcome
	provider sdk.ProviderText
	payment  sdk.PaymentResult
	card     sdk.CardResult
}

func ofPayment(r sdk.PaymentResult, err error) (quickAnswer, error) {
	return quickAnswer{outcome: r.Outcome, provider: r.Provider, payment: r}, err
}

func ofCheck(r sdk.CheckResult, err error) (quickAnswer, error) {
	return quickAnswer{outcome: r.Outcome, provider: r.Provider}, err
}

func ofCard(r sdk.CardResult, err error) (quickAnswer, error) {
	return quickAnswer{outcome: r.Outcome, provider: r.Provider, card: r}, err
}

// quickCase is an operation of quick pay: its command, a good reply's Body, and how to ask.
type quickCase struct {
	capability sdk.Capability
	command    int
	body       fields
	ask        func(t *testing.T, p plugin, call *sdk.Call) (quickAnswer, error)
}

// quickCases are the operations that send a message; QP5 comes to us, QP9 is a list.
func quickCases() map[string]quickCase {
	pay := func(req sdk.PaymentRequest) func(*testing.T, plugin, *sdk.Call) (quickAnswer, error) {
		return func(t *testing.T, p plugin, call *sdk.Call) (quickAnswer, error) {
			t.Helper()
			return ofPayment(p.CreatePayment(t.Context(), call, req))
		}
	}
	confirm := func(method sdk.Method) func(*testing.T, plugin, *sdk.Call) (quickAnswer, error) {
		return func(t *testing.T, p plugin, call *sdk.Call) (quickAnswer, error) {
			t.Helper()
			return ofPayment(p.ConfirmPayment(t.Context(), call, confirmation(method)))
		}
	}
	bind := func(code string) func(*testing.T, plugin, *sdk.Call) (quickAnswer, error) {
		return func(t *testing.T, p plugin, call *sdk.Call) (quickAnswer, error) {
			t.Helper()
			return ofCard(p.BindCard(t.Context(), call, binding(code)))
		}
	}
	return map[string]quickCase{
		"QP1":  {sdk.CapBindCard, 781, fields{"STATUS": "1", "USER_ID": testUser, "MERORDERID": testOrder, "CARDNO": testCardNumber, "LIST_ID": testListID}, bind("")},
		"QP2":  {sdk.CapBindCard, 774, fields{"STATUS": "1", "USER_ID": testUser, "MERORDERID": testOrder, "CARDNO": testCardNumber, "LIST_ID": testListID, "BIND_ID": testBindID}, bind("123456")},
		"QP3":  {sdk.CapCreatePayment, 771, quickOrderBody("0", fields{"BANK_NAME": "招商银行", "CARDNO": testCardNumber, "BIND_ID": testBindID}), pay(cardPayment())},
		"QP4":  {sdk.CapConfirmPayment, 772, fields{"STATUS": 1, "LIST_ID": testListID}, confirm(sdk.MethodCard)},
		"QP6":  {sdk.CapUnbindCard, 775, fields{"STATUS": "1"}, askUnbind},
		"QP7":  {sdk.CapQueryPayment, 773, quickOrderBody("1", fields{"CARDNO": testCardNumber, "CARDTYPE": "1", "BIND_ID": testBindID}), askQuickQuery},
		"QP8":  {sdk.CapQueryCard, 776, boundCardBody(), askCard},
		"QP10": {sdk.CapResendCode, 778, fields{"STATUS": "1", "LIST_ID": testListID}, askResend},
		"QP11": {sdk.CapConfirmPayment, 779, quickOrderBody("1", fields{"USER_ID": testUser, "BIND_ID": testBindID, "BANK_NAME": "招商银行", "CARDNO": testCardNumber}), confirm(sdk.MethodBoundCard)},
		"QP12": {sdk.CapCreatePayment, 780, fields{"STATUS": "1", "USER_ID": testUser, "LIST_ID": testListID, "MERORDERID": testOrder, "CARDNO": testCardNumber}, pay(boundPaymentRequest())},
		"QP13": {sdk.CapCreatePayment, 783, quickOrderBody("0", fields{"PAY_URL": "https://cashier.example/pay?id=1&x=2"}), pay(unionPayRequest())},
	}
}

// quickOrderBody is the Body of a reply about the test's order; a nil value leaves a field out.
func quickOrderBody(status string, more fields) fields {
	body := fields{
		"STATUS": status, "LIST_ID": testListID, "MERORDERID": testOrder, "AMT": "899", "PAY_DATE": "", "NOTIFY_DATE": "",
	}
	if status == quickDone {
		body["PAY_DATE"], body["NOTIFY_DATE"] = "20260101120001", "20260101120002"
	}
	return body.with(more)
}

func boundCardBody() fields {
	return fields{
		"STATUS": "1", "LIST_ID": testListID, "CARDNO": testCardNumber, "CARDTYPE": "2", "EXPDATE": "0127", "CVN2": "344",
		"NAME": "张安", "ID_NO": "23210219820916601X", "PHONENO": "18826570890", "BIND_ID": testBindID,
	}
}

func askQuickQuery(t *testing.T, p plugin, call *sdk.Call) (quickAnswer, error) {
	t.Helper()
	return ofPayment(p.QueryPayment(t.Context(), call, quickRef(sdk.MethodCard)))
}

func askUnbind(t *testing.T, p plugin, call *sdk.Call) (quickAnswer, error) {
	t.Helper()
	return ofCard(p.UnbindCard(t.Context(), call, sdk.CardRef{BindID: testBindID, UserID: testUser}))
}

func askCard(t *testing.T, p plugin, call *sdk.Call) (quickAnswer, error) {
	t.Helper()
	return ofCard(p.QueryCard(t.Context(), call, sdk.CardRef{BindID: testBindID, UserID: testUser}))
}

func askResend(t *testing.T, p plugin, call *sdk.Call) (quickAnswer, error) {
	t.Helper()
	return ofCheck(p.ResendCode(t.Context(), call, quickRef(sdk.MethodCard)))
}
