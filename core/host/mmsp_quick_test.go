//go:build e2e

package host_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// mmspCode is the code that payers get by SMS.
const mmspCode = "583927"

func quickOptions() mmsp.QuickOptions { return mmsp.QuickOptions{SMSCode: mmspCode} }

// mmspCard is a credit card of a payer that no other text resembles.
func mmspCard() map[string]any {
	return map[string]any{
		"number": "6217714829305761", "type": "credit", "expiry": "1141", "cvn2": "937", "holder_name": "慕容阿秋",
		"id_type": "01", "id_number": "44030619870913257X", "phone": "13762048195",
	}
}

// confirm hands in the code.
func (m *mmspShop) confirm(p map[string]any, code string) map[string]any {
	m.t.Helper()
	return m.does("/v1/payments/"+text(p, "id")+"/confirm", map[string]any{"code": code})
}

// card is the one card that a payer has.
func (m *mmspShop) card(payer, state string) map[string]any {
	m.t.Helper()
	list := m.list("/v1/cards?user_ref=" + payer)
	if len(list) != 1 || text(list[0], "state") != state || text(list[0], "masked") != "621771****5761" {
		m.t.Fatalf("the cards of %s are %v, want one that is %s", payer, list, state)
	}
	return list[0]
}

// TestMMSPCard: a payment by card with a code: a wrong one, another that may not come within
// a minute, the right one; the card is kept by paying (QP3, QP10, QP4, QP7).
func TestMMSPCard(t *testing.T) {
	t.Parallel()
	opts := quiet()
	opts.Quick = quickOptions()
	m := newMMSPShop(t, opts, nil)
	p := m.take("card", 899, map[string]any{"card": mmspCard(), "user_ref": "u-1"})
	path := "/v1/payments/" + text(p, "id")
	m.action(p, "enter_code")
	m.card("u-1", "pending")

	reply := m.tells(path+"/confirm", map[string]any{"code": "000000"}, "provider_refused")
	if !strings.Contains(text(reply, "detail"), "Q1") || text(reply, "param") != "code" {
		t.Errorf("a wrong code says %v", reply)
	}
	m.action(m.now(p), "enter_code")
	m.ledger(p, 0)

	m.clock.advance(10 * time.Second)
	m.tells(path+"/resend-code", map[string]any{}, "too_early")
	if n := m.sim.Calls(mmsp.OpQuickResend); n != 0 {
		t.Errorf("%d further codes were asked for within a minute", n)
	}
	m.clock.advance(51 * time.Second)
	m.does(path+"/resend-code", map[string]any{})
	m.tells(path+"/resend-code", map[string]any{}, "too_early")
	if o, _ := m.sim.Order(mmspMerchant, text(p, "order_no")); o.Quick.SMSCount != 2 || m.sim.Calls(mmsp.OpQuickResend) != 1 {
		t.Errorf("the payer got %d codes", o.Quick.SMSCount)
	}

	if confirmed := m.confirm(p, mmspCode); text(confirmed, "state") != "succeeded" && text(confirmed, "state") != "processing" {
		t.Errorf("confirmed: %v", confirmed["state"])
	}
	m.paidOnce(m.payment(text(p, "id"), "succeeded"))
	m.card("u-1", "bound")
	m.tells(path+"/confirm", map[string]any{"code": mmspCode}, "invalid_state")
	if n := m.sim.Calls(mmsp.OpQuickConfirm); n != 2 {
		t.Errorf("%d codes were handed in, of two", n)
	}
	m.noViolations()
}

// TestMMSPCardNotification: while no question is answered, the push alone settles the
// payment, once; forgeries change nothing (QP5).
func TestMMSPCardNotification(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, mmsp.Options{Quick: quickOptions()}, nil)
	debit := mmspCard()
	debit["type"] = "debit"
	delete(debit, "expiry")
	delete(debit, "cvn2")
	p := m.take("card", 899, map[string]any{"card": debit})
	m.forges(p)
	m.fault(mmsp.Fault{Operation: mmsp.OpQuickQuery, Kind: mmsp.FaultHTTP500})
	m.confirm(p, mmspCode)
	m.becomes(p, "succeeded")
	m.callbacks("applied", 1)
	m.forges(p)
	d, err := m.sim.Notify(mmspMerchant, text(p, "order_no"))
	m.w.must(err)
	if !d.Accepted {
		t.Errorf("a duplicate is answered %+v", d)
	}
	m.paidOnce(p)
	if n := len(m.list("/v1/cards")); n != 0 {
		t.Errorf("%d cards of a payer without a name are kept", n)
	}
	m.noViolations()
}

// TestMMSPCardDoubt: a confirmation whose answer is lost is asked about, never sent again.
func TestMMSPCardDoubt(t *testing.T) {
	t.Parallel()
	for kind, paid := range map[mmsp.FaultKind]bool{mmsp.FaultLostAfter: true, mmsp.FaultLostBefore: false, mmsp.FaultBadSignature: true} {
		opts := quiet()
		opts.Quick = quickOptions()
		m := newMMSPShop(t, opts, nil)
		p := m.take("card", 899, map[string]any{"card": mmspCard()})
		m.fault(mmsp.Fault{Operation: mmsp.OpQuickConfirm, Kind: kind, Times: 1})
		m.confirm(p, mmspCode)
		if paid {
			m.paidOnce(m.payment(text(p, "id"), "succeeded"))
		} else {
			m.action(m.payment(text(p, "id"), "requires_action"), "enter_code")
			m.ledger(p, 0)
			m.confirm(p, mmspCode)
			m.paidOnce(m.payment(text(p, "id"), "succeeded"))
		}
		m.noViolations()
	}
}

// TestMMSPUnionPay: UnionPay's page by its address, or shown by us in a sandbox, once; money
// given back by the platform's people is told (QP13).
func TestMMSPUnionPay(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, quiet(), nil)
	p := m.take("unionpay", 400, map[string]any{"return_url": mmspShopPage})
	pay := text(m.action(p, "redirect"), "url")
	if status, location, _ := m.browse(pay + "&outcome=paid"); status >= 400 || location != "" && !strings.HasPrefix(location, mmspShopPage) {
		t.Errorf("UnionPay's page: %d %s", status, location)
	}
	m.paidOnce(m.payment(text(p, "id"), "succeeded"))

	given := m.take("unionpay", 500, map[string]any{"return_url": mmspShopPage})
	m.payerPays(given)
	m.w.must(m.sim.RefundOutside(mmspMerchant, text(given, "order_no")))
	m.payment(text(given, "id"), "succeeded")
	if m.cases("refunded_outside") != 1 {
		t.Errorf("nobody is told that the money went back: %v", m.list("/v1/cases?limit=100"))
	}
	m.noViolations()
}

// TestMMSPUnionPayPage: the platform's own page is shown by us, in a sandbox, once (QP13).
func TestMMSPUnionPayPage(t *testing.T) {
	t.Parallel()
	opts := quiet()
	opts.Quick.RequireCard = true
	m := newMMSPShop(t, opts, map[string]any{"unionpay_trade_mode": "html", "unionpay_card_number": true})
	m.declines("no card", "unionpay", 400, map[string]any{"return_url": mmspShopPage}, "invalid_request", "card")
	p := m.take("unionpay", 400, map[string]any{"return_url": mmspShopPage, "card": mmspCard()})
	page := text(m.action(p, "html"), "url")
	if !strings.HasPrefix(page, m.h.PublicURL()+"/pay/") {
		t.Fatalf("the page is at %s", page)
	}
	m.shut("a changed token", changed(page, m.h.PublicURL()+"/pay/"))
	resp, body := m.send(http.MethodGet, page, nil, "")
	policy := resp.Header.Get("Content-Security-Policy")
	if resp.StatusCode != http.StatusOK || !strings.Contains(body, "cashier") || !strings.HasPrefix(policy, "sandbox ") || strings.Contains(policy, "allow-same-origin") {
		t.Errorf("the page: %d %q %.300s", resp.StatusCode, policy, body)
	}
	if status, _, again := m.browse(page); status != http.StatusGone || strings.Contains(again, "cashier") {
		t.Errorf("a second time: %d %.300s", status, again)
	}
	m.payerPays(p)
	m.paidOnce(m.payment(text(p, "id"), "succeeded"))
	m.noViolations()
}
