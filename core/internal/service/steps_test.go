package service

import (
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// stepsManifest has a product with codes by SMS and repeated cancels, and one that the
// payer's browser pays at.
func stepsManifest() core.Manifest {
	m := testManifest()
	m.Cancel.Repeat = 5 * time.Second
	m.Cancel.ByClose = []core.Method{core.MethodQR}
	capabilities := []core.Capability{core.CapCreatePayment, core.CapQueryPayment, core.CapCancelPayment, core.CapConfirmPayment}
	m.Products = []core.Product{
		{ID: "quick", Capabilities: capabilities, Methods: []core.MethodSpec{{Method: "card"}}},
		{ID: "scan", Capabilities: append([]core.Capability{core.CapCreateRefund}, capabilities...), Methods: []core.MethodSpec{{Method: core.MethodQR}, {Method: core.MethodBarcode}}},
		{ID: "gateway", Capabilities: capabilities[:2], Methods: []core.MethodSpec{{Method: "gateway_form", Browser: true}}},
	}
	return m
}

// TestJudgeStepsOfAPayment is what answers do to payments that take more than one step.
func TestJudgeStepsOfAPayment(t *testing.T) {
	t.Parallel()
	created := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	sent, unsent := core.Exchange{Sent: core.SentMaybe}, core.Exchange{Sent: core.SentNo}
	code, form := &core.NextAction{Type: core.ActionEnterCode}, &core.NextAction{Type: core.ActionFormPost}
	confirmed := func(p *core.Payment) { p.NextAction, p.ConfirmSentAt = code, created }
	doubted := func(p *core.Payment) { confirmed(p); p.UnknownSince = created }
	tests := []struct {
		name    string
		op      core.Capability
		method  core.Method
		state   core.PaymentState
		edit    func(*core.Payment)
		result  core.PaymentResult
		after   time.Duration
		want    core.PaymentState
		reason  string
		confirm bool
		action  bool
	}{
		{name: "a code was sent to the payer", op: core.CapCreatePayment, result: core.PaymentResult{Outcome: core.OutcomeInProgress, NextAction: code, Exchange: sent}, want: core.PaymentRequiresAction, action: true},
		{name: "the code was taken", op: core.CapConfirmPayment, edit: confirmed, result: core.PaymentResult{Outcome: core.OutcomeInProgress, Exchange: sent}, want: core.PaymentProcessing},
		{name: "the code was not taken: another may be entered", op: core.CapConfirmPayment, edit: confirmed, result: core.PaymentResult{Outcome: core.OutcomeRefused, Exchange: sent}, want: core.PaymentRequiresAction, confirm: true, action: true},
		{name: "the code did not leave", op: core.CapConfirmPayment, edit: confirmed, result: core.PaymentResult{Outcome: core.OutcomeUnknown, Exchange: unsent}, want: core.PaymentRequiresAction, action: true},
		{name: "silence after the code is doubt, not failure", op: core.CapConfirmPayment, edit: confirmed, result: core.PaymentResult{Outcome: core.OutcomeUnknown, Exchange: sent}, want: core.PaymentProcessing, reason: doubtAnswer, action: true},
		{name: "the doubt over and not paid: another code may be entered", op: core.CapQueryPayment, edit: doubted, after: time.Minute, result: core.PaymentResult{Outcome: core.OutcomeInProgress, Exchange: sent}, want: core.PaymentRequiresAction, action: true},
		{name: "no answer came and an earlier question ended the doubt: another code may be entered", op: core.CapQueryPayment, edit: confirmed, after: time.Minute, result: core.PaymentResult{Outcome: core.OutcomeInProgress, Exchange: sent}, want: core.PaymentRequiresAction, action: true},
		{name: "asked while the code may still be on its way", op: core.CapQueryPayment, edit: doubted, after: time.Second, result: core.PaymentResult{Outcome: core.OutcomeInProgress, Exchange: sent}, want: core.PaymentProcessing, action: true},
		{name: "the browser carries the order", op: core.CapCreatePayment, method: "gateway_form", result: core.PaymentResult{Outcome: core.OutcomeInProgress, NextAction: form, Exchange: unsent}, want: core.PaymentRequiresAction, action: true},
		{name: "only where the manifest says so", op: core.CapCreatePayment, method: "card", result: core.PaymentResult{Outcome: core.OutcomeInProgress, NextAction: form, Exchange: unsent}, want: core.PaymentFailed},
		{name: "a cancel that is to be repeated", op: core.CapCancelPayment, result: core.PaymentResult{Outcome: core.OutcomeInProgress, Exchange: sent}, want: core.PaymentProcessing, reason: doubtCancelUnfinished},
		{name: "closed", op: core.CapClosePayment, method: core.MethodQR, result: core.PaymentResult{Outcome: core.OutcomeSucceeded, Exchange: sent}, want: core.PaymentClosed},
		{name: "a close in doubt", op: core.CapClosePayment, method: core.MethodQR, result: core.PaymentResult{Outcome: core.OutcomeUnknown, Exchange: sent}, want: core.PaymentProcessing, reason: doubtCancel},
		{name: "a callback corrects", op: core.CapInbound, state: core.PaymentClosed, result: core.PaymentResult{Outcome: core.OutcomeSucceeded, Exchange: sent}, want: core.PaymentSucceeded},
		{name: "a callback does not un-pay", op: core.CapInbound, state: core.PaymentSucceeded, result: core.PaymentResult{Outcome: core.OutcomeFailed, Exchange: sent}, want: core.PaymentSucceeded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := core.Payment{OrderNo: "26112300010000000001", Method: "card", Amount: core.Fen(100), State: core.PaymentProcessing, CreatedAt: created}
			if tt.method != "" {
				p.Method = tt.method
			}
			if tt.state != "" {
				p.State = tt.state
			}
			if tt.edit != nil {
				tt.edit(&p)
			}
			c := testTables().judgePayment(p, paymentAnswer{
				operation: tt.op, started: created.Add(tt.after), now: created.Add(tt.after), result: tt.result, manifest: stepsManifest(), callLimit: 30 * time.Second,
			})
			got := c.payment
			if got.State != tt.want || got.UnknownReason != tt.reason || c.confirm != tt.confirm || (got.NextAction != nil) != tt.action {
				t.Errorf("state %s, reason %q, confirm %v, next action %v", got.State, got.UnknownReason, c.confirm, got.NextAction)
			}
		})
	}
}

func TestRefundedOutsideOpensACase(t *testing.T) {
	t.Parallel()
	p := core.Payment{Method: "card", Amount: core.Fen(100), State: core.PaymentProcessing}
	c := testTables().judgePayment(p, paymentAnswer{
		operation: core.CapQueryPayment, manifest: stepsManifest(), now: time.Now(),
		result: core.PaymentResult{Outcome: core.OutcomeSucceeded, Refunded: true, Exchange: core.Exchange{Sent: core.SentMaybe}},
	})
	if _, ok := c.cases[core.CaseRefundedOutside]; !ok || c.payment.State != core.PaymentSucceeded {
		t.Errorf("state %s, cases %v", c.payment.State, c.cases)
	}
}

func TestWhatAProductOffers(t *testing.T) {
	t.Parallel()
	m := stepsManifest()
	for _, tt := range []struct {
		method     core.Method
		capability core.Capability
		want       bool
	}{
		{core.MethodQR, core.CapCreateRefund, true},
		{"card", core.CapCreateRefund, false},
		{"gateway_form", core.CapCancelPayment, false},
		{"forgotten_by_a_newer_plugin", core.CapQueryPayment, true},
		{"forgotten_by_a_newer_plugin", core.CapCreatePayout, false},
	} {
		if got := offers(m, tt.method, tt.capability); got != tt.want {
			t.Errorf("%s, %s: %v", tt.method, tt.capability, got)
		}
	}
	if endingOf(m, core.MethodQR) != core.CapClosePayment || endingOf(m, core.MethodBarcode) != core.CapCancelPayment {
		t.Error("orders are ended the wrong way")
	}
}

func TestCardsAreCheckedAndNotRepeated(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 15, 59, 0, 0, time.UTC) // the last minute of November in Beijing
	good := core.Card{Type: "credit", Number: core.SecretString("6228480402564890018"), Expiry: core.SecretString("1126"), CVN2: core.SecretString("123"), Phone: core.SecretString("13800138000")}
	if err := checkCard(good, now); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*core.Card){
		"card.number": func(c *core.Card) { c.Number = core.SecretString("6228 4804 0256 4890") },
		"card.type":   func(c *core.Card) { c.Type = "gold" },
		"card.expiry": func(c *core.Card) { c.Expiry = core.SecretString("1026") },
		"card.cvn2":   func(c *core.Card) { c.CVN2 = core.SecretString("12x") },
		"card.phone":  func(c *core.Card) { c.Phone = core.SecretString("1380013800") },
	} {
		c := good
		spoil(&c)
		err := checkCard(c, now)
		known, _ := err.(*core.Error) //nolint:errorlint // it is made here
		if known == nil || known.Param != name {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, s := range c.Secrets() {
			if strings.Contains(known.Message, string(s)) {
				t.Errorf("%s is repeated in %q", name, known.Message)
			}
		}
	}
	if err := checkCard(good, now.Add(2*time.Minute)); err == nil {
		t.Error("a card of last month is taken")
	}
	for _, wrong := range []string{"1326", "0026", "126", "11/26"} {
		c := good
		c.Expiry = core.SecretString(wrong)
		if checkCard(c, now) == nil {
			t.Errorf("the expiry %s is taken", wrong)
		}
	}
}

func TestMasks(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"6228480402564890018": "622848****0018", "622848****0018": "622848****0018", "12345": ""} {
		if got := maskCard(in); got != want {
			t.Errorf("card %s: %s", in, got)
		}
	}
	for in, want := range map[string]string{"13800138000": "138****8000", "123": "****"} {
		if got := maskPhone(in); got != want {
			t.Errorf("phone %s: %s", in, got)
		}
	}
}

func TestLinksOpenOneThingForOnePurpose(t *testing.T) {
	t.Parallel()
	s := &Service{Options: Options{HashKey: core.SecretString("k")}}
	other := &Service{Options: Options{HashKey: core.SecretString("other")}}
	tenant, object := core.NewID(time.Now()), core.NewID(time.Now())
	token := s.linkToken(purposeAction, tenant, object)
	if gotTenant, gotObject, err := s.readLink(purposeAction, token); err != nil || gotTenant != tenant || gotObject != object {
		t.Fatalf("%v %v %v", gotTenant, gotObject, err)
	}
	changed := []byte(token)
	changed[3]++
	for name, c := range map[string]struct {
		s       *Service
		purpose string
		token   string
	}{
		"another purpose":      {s, purposePayer, token},
		"another installation": {other, purposeAction, token},
		"changed":              {s, purposeAction, string(changed)},
		"cut":                  {s, purposeAction, token[:len(token)-2]},
		"empty":                {s, purposeAction, ""},
	} {
		if _, _, err := c.s.readLink(c.purpose, c.token); core.CodeOf(err) != core.CodeNotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
}
