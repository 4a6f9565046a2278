//go:build e2e

package host_test

import (
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// setKey enters another MD5 key and tells whether the account then passes its test.
func (m *mmspShop) setKey(key string) core.AccountTest {
	m.t.Helper()
	as := m.w.asAdmin(m.t.Context(), m.h, m.m.id)
	_, err := m.h.Service().SetCredentials(as, m.accounts["mmsp"], []core.CredentialInput{{Name: "md5_key", Type: core.CredMD5Key, Data: core.SecretString(key)}})
	m.w.must(err)
	test, err := m.h.Service().TestAccount(as, m.accounts["mmsp"])
	m.w.must(err)
	return test
}

// TestMMSPKeyChanged: a wrong key fails the account's test with a sentence; what the platform
// still signs with the key before counts, and a question is asked with either.
func TestMMSPKeyChanged(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, mmsp.Options{}, nil)
	pushed, asked := m.take("qr", 100, map[string]any{"channel": "wechat"}), m.take("h5", 200, map[string]any{
		"channel": "alipay", "return_url": mmspShopPage, "client_ip": "203.0.113.7",
	})
	test := m.setKey("md5-key-that-is-wrong")
	last := test.Steps[len(test.Steps)-1]
	if test.OK || last.OK || last.Message.EN == "" || last.Message.ZH == "" {
		t.Errorf("a wrong key passes the test: %+v", test)
	}
	m.payerPays(pushed)
	m.becomes(pushed, "succeeded")
	m.forges(pushed)
	m.payerPays(asked)
	m.payment(text(asked, "id"), "succeeded")
	m.paidOnce(pushed)
	m.paidOnce(asked)
	if test := m.setKey(mmspKey); !test.OK {
		t.Errorf("the right key fails the test: %+v", test)
	}
}

// TestMMSPAgent: an agent's merchant signs with the agent's key and believes it alone (机构模式).
func TestMMSPAgent(t *testing.T) {
	t.Parallel()
	clock := &movedClock{}
	sim, c := mmspCounterWith(t, clock, mmsp.Options{Quick: quickOptions()}, nil)
	sim.AddMerchant(mmsp.Merchant{MerNo: mmspMerchant, TermNo: mmspTerminal, Key: mmspKey, AgentNo: "10000001", AgentKey: "md5-key-of-the-agent"})
	c.credentials = append(c.credentials, number("agent_no", "10000001"),
		core.CredentialInput{Name: "agent_key", Type: core.CredMD5Key, Data: core.SecretString("md5-key-of-the-agent")})
	m := &mmspShop{shop: newShop(t, clock, c), sim: sim, url: c.url}
	paid := m.take("barcode", 1000, map[string]any{"payer_code": digitsOf("91", 1, 18, "")})
	m.refund(text(paid, "id"), 1000, "succeeded")
	m.ledger(paid, 0)
	pushed, card := m.take("qr", 200, map[string]any{"channel": "qq"}), m.take("card", 300, map[string]any{"card": mmspCard()})
	m.forges(pushed)
	m.payerPays(pushed)
	m.confirm(card, mmspCode)
	m.carry(m.take("gateway_form", 400, map[string]any{"channel": mmspBank}))
	for _, p := range []map[string]any{pushed, card} {
		m.paidOnce(m.payment(text(p, "id"), "succeeded"))
	}
	m.noViolations()
}

// TestMMSPPayoutAlone: an account with payout's keys alone passes its test by the balances and
// pays out; what needs the other keys is refused before anything is sent.
func TestMMSPPayoutAlone(t *testing.T) {
	t.Parallel()
	clock := &movedClock{}
	sim, c := mmspCounterWith(t, clock, mmsp.Options{}, nil)
	var payoutOnly []core.CredentialInput
	for _, credential := range c.credentials {
		if strings.HasPrefix(credential.Name, "payout_") || credential.Name == "platform_public_key" {
			payoutOnly = append(payoutOnly, credential)
		}
	}
	c.credentials = payoutOnly
	m := &mmspShop{shop: newShop(t, clock, c), sim: sim, url: c.url}
	if n := sim.Calls(mmsp.OpPayoutBalance); n != 1 || m.heard() != 1 {
		t.Errorf("the account's test asked for the balances %d times, of %d messages", n, m.heard())
	}
	ref := m.paidOut(mmspPayout(10_000), core.OutcomeInProgress)
	m.asks(ref, core.OutcomeSucceeded)
	m.out(ref, 10_000)
	m.declines("no key for scan", "qr", 100, map[string]any{"channel": "wechat"}, "invalid_credential", "")
	m.declines("no key for quick pay", "card", 100, map[string]any{"card": mmspCard()}, "invalid_credential", "")
	m.noViolations()
}
