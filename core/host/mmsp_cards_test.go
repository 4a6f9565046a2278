//go:build e2e

package host_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// remove sends a DELETE.
func (m *mmspShop) remove(path string) (int, map[string]any) {
	m.t.Helper()
	req, err := http.NewRequestWithContext(m.t.Context(), http.MethodDelete, "http://"+m.h.Address()+path, nil)
	m.w.must(err)
	return m.m.do(req)
}

// TestMMSPCardsSwitchedOff: what the platform has switched off is asked for, and its own
// words are shown; what a card paid with keeps can then not be used (QP1, QP6, QP8, QP12).
func TestMMSPCardsSwitchedOff(t *testing.T) {
	t.Parallel()
	opts := quiet()
	opts.Quick = quickOptions()
	m := newMMSPShop(t, opts, nil)
	says := func(what string, reply map[string]any) {
		t.Helper()
		if !strings.Contains(text(reply, "detail"), "-1001") {
			t.Errorf("%s: the platform's words are lost: %v", what, reply)
		}
	}
	says("bind", m.tells("/v1/cards", map[string]any{"user_ref": "u-0", "card": mmspCard()}, "provider_refused"))
	m.card("u-0", "failed")

	p := m.take("card", 100, map[string]any{"card": mmspCard(), "user_ref": "u-1"})
	m.confirm(p, mmspCode)
	m.payment(text(p, "id"), "succeeded")
	card := text(m.card("u-1", "bound"), "id")
	says("query", m.tells("/v1/cards/"+card+"/sync", map[string]any{}, "provider_refused"))
	status, reply := m.remove("/v1/cards/" + card)
	if status < 400 || text(reply, "code") != "provider_refused" {
		t.Errorf("unbind: %d %v", status, reply)
	}
	says("unbind", reply)
	m.card("u-1", "bound")

	bound := m.payment(text(m.take("bound_card", 200, withBound(card)), "id"), "failed")
	refused := false
	for _, attempt := range m.attempts(bound) {
		refused = refused || text(attempt, "provider_code") == "-1001"
	}
	if !refused || text(bound, "failure_code") != "provider_refused" {
		t.Errorf("a bound card fails with %v, %v %v", bound["failure_code"], bound["provider_code"], bound["provider_message"])
	}
	m.ledger(bound, 0)
	m.noViolations()
}

// TestMMSPBoundCard: where the platform has it switched on, a card is bound, asked about, paid
// with by a code, and forgotten (QP1, QP2, QP8, QP12, QP11, QP6).
func TestMMSPBoundCard(t *testing.T) {
	t.Parallel()
	for _, numbers := range []string{"same", "own"} {
		opts := quiet()
		opts.Quick, opts.Opened = quickOptions(), []string{
			mmsp.OpQuickBindSMS, mmsp.OpQuickBind, mmsp.OpQuickBindQuery, mmsp.OpQuickUnbind, mmsp.OpQuickBoundSMS, mmsp.OpQuickBoundPay,
		}
		m := newMMSPShop(t, opts, map[string]any{"bound_code_number": numbers})
		path := "/v1/cards/" + text(m.does("/v1/cards", map[string]any{"user_ref": "u-7", "card": mmspCard()}), "id")
		id := strings.TrimPrefix(path, "/v1/cards/")
		m.card("u-7", "pending")
		other := mmspCard()
		other["number"] = "6217714829305762"
		m.tells(path+"/confirm", map[string]any{"code": mmspCode, "card": other}, "invalid_request")
		m.refused("mmsp", "bound_card", 300, withBound(id), "invalid_request")
		m.tells(path+"/confirm", map[string]any{"code": "000000", "card": mmspCard()}, "provider_refused")
		m.card("u-7", "pending") // a wrong code is no end
		m.tells(path+"/sync", map[string]any{}, "invalid_state")
		m.does(path+"/confirm", map[string]any{"code": mmspCode, "card": mmspCard()})
		m.card("u-7", "bound")
		m.does(path+"/sync", map[string]any{})
		m.payBound(id)

		if status, reply := m.remove(path); status != http.StatusOK || text(reply, "state") != "unbound" {
			t.Errorf("unbind: %d %v", status, reply)
		}
		m.refused("mmsp", "bound_card", 300, withBound(id), "invalid_request")
		m.noViolations()
	}
}

// TestMMSPCardDropped: a binding whose code nobody hands in is dropped, without asking the platform.
func TestMMSPCardDropped(t *testing.T) {
	t.Parallel()
	opts := quiet()
	opts.Quick, opts.Opened = quickOptions(), []string{mmsp.OpQuickBindSMS, mmsp.OpQuickBind}
	m := newMMSPShop(t, opts, nil)
	made := m.does("/v1/cards", map[string]any{"user_ref": "u-8", "card": mmspCard()})
	path := "/v1/cards/" + text(made, "id")
	if made["awaits_code"] != true {
		t.Errorf("after the code was sent: %v", made)
	}
	status, reply := m.remove(path)
	if status != http.StatusOK || text(reply, "state") != "unbound" || reply["awaits_code"] != false {
		t.Errorf("dropped: %d %v", status, reply)
	}
	m.tells(path+"/confirm", map[string]any{"code": mmspCode, "card": mmspCard()}, "invalid_state")
	m.noViolations()
}

// withBound pays with a bound card; its payer's phone was not kept.
func withBound(card string) map[string]any {
	return map[string]any{"bound_card_id": card, "extra": map[string]any{"phone": mmspCard()["phone"]}}
}

// payBound pays with a bound card and its code, which cannot be sent again.
func (m *mmspShop) payBound(card string) {
	m.t.Helper()
	m.clock.advance(time.Minute) // after the code of the binding
	p := m.take("bound_card", 300, withBound(card))
	m.action(p, "enter_code")
	m.clock.advance(time.Minute)
	m.tells("/v1/payments/"+text(p, "id")+"/resend-code", map[string]any{}, "not_supported")
	m.ledger(p, 0)
	m.confirm(p, mmspCode)
	m.paidOnce(m.payment(text(p, "id"), "succeeded"))
}
