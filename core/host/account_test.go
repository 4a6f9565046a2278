//go:build e2e

package host_test

import (
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/shouqianba"
)

// TestAnAccountWithOrdersKeepsItsNumber: under another terminal the provider would not know
// the account's orders, and a paid one would seem never to have arrived.
func TestAnAccountWithOrdersKeepsItsNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	h, stop := w.startNode()
	defer stop()
	m := w.tenants[0]
	ctx := w.asAdmin(t.Context(), h, m.id)
	number := func(value string) []core.CredentialInput {
		return []core.CredentialInput{{Name: "terminal_sn", Type: core.CredMerchantNumber, Data: core.SecretString(value)}}
	}
	if status, reply := m.post(h.Address(), "/v1/payments", "k", m.barcode(100, "01")); status != 201 {
		t.Fatalf("payment: %d %v", status, reply)
	}
	if _, err := h.Service().SetCredentials(ctx, m.account, number("199999999999")); core.CodeOf(err) != core.CodeInvalidState {
		t.Errorf("another number: %v", err)
	}
	if _, err := h.Service().ActivateAccount(ctx, m.account, map[string]core.Secret{"code": core.SecretString("1")}); core.CodeOf(err) != core.CodeInvalidState {
		t.Errorf("another activation: %v", err)
	}
	if _, err := h.Service().SetCredentials(ctx, m.account, number(m.terminal)); err != nil {
		t.Errorf("the same number: %v", err)
	}
}

// TestCheckInRenewsTheKey: the provider issues a new key, which is stored as a new version
// and used; a reply that was lost locks nobody out.
func TestCheckInRenewsTheKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	h, stop := w.startNode()
	defer stop()
	m := w.tenants[0]
	ctx := w.asAdmin(t.Context(), h, m.id)
	before := w.sim.TerminalKey(m.terminal)
	account, err := h.Service().CheckInAccount(ctx, m.account)
	if err != nil || account.KeyVersion != 2 || w.sim.TerminalKey(m.terminal) == before {
		t.Fatalf("check-in: version %d, %v", account.KeyVersion, err)
	}
	if status, reply := m.post(h.Address(), "/v1/payments", "with-the-new-key", m.barcode(100, "01")); status != 201 || reply["state"] != "succeeded" {
		t.Fatalf("with the new key: %d %v", status, reply)
	}
	if _, err := w.sim.AddFault(shouqianba.Fault{Operation: "checkin", Kind: shouqianba.FaultLostAfter, Times: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Service().CheckInAccount(ctx, m.account); core.CodeOf(err) != core.CodeOutcomeUnknown {
		t.Fatalf("a check-in whose reply was lost: %v", err)
	}
	if status, reply := m.post(h.Address(), "/v1/payments", "with-the-old-key", m.barcode(100, "01")); status != 201 || reply["state"] != "succeeded" {
		t.Fatalf("after the lost reply: %d %v", status, reply)
	}
}
