//go:build e2e

package host_test

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"slices"
	"testing"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/bestpay"
)

const (
	bestpayInstitution = "3178000000000001"
	bestpayMerchant    = "3178000000000002"
)

// bestpayCounter is the simulated provider with a merchant that it knows.
func bestpayCounter(t *testing.T, clock *movedClock) (*bestpay.Simulator, counter) {
	t.Helper()
	merchantKey, platformKey := rsaKeys()[0], rsaKeys()[1]
	sim := bestpay.New(bestpay.Options{
		Key: platformKey, Now: clock.now,
		Merchants: []bestpay.Merchant{{InstitutionCode: bestpayInstitution, MerchantNo: bestpayMerchant, PublicKey: &merchantKey.PublicKey}},
	})
	t.Cleanup(func() { _ = sim.Close() })
	platform, err := bestpay.SelfSigned(platformKey, clock.now())
	if err != nil {
		t.Fatal(err)
	}
	own, err := bestpay.SelfSigned(merchantKey, clock.now())
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(own))
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	file, err := pkcs12.Modern.WithRand(rand.Reader).Encode(merchantKey, leaf, nil, "p12 password")
	if err != nil {
		t.Fatal(err)
	}
	return sim, counter{
		name: "bestpay", handler: sim, settings: `{"order_not_found_codes":"ORDER_NOT_EXIST"}`,
		credentials: []core.CredentialInput{
			number("institution_code", bestpayInstitution), number("merchant_no", bestpayMerchant),
			{Name: "merchant_key", Type: core.CredPKCS12, Data: core.NewSecret(file), Password: core.SecretString("p12 password")},
			{Name: "platform_certificate", Type: core.CredCertificate, Data: core.SecretString(platform)},
		},
	}
}

// TestBestPayEndToEnd: every method to its final state, its refund, and both callbacks,
// through the public API and the real plugin process (BP1 to BP6).
func TestBestPayEndToEnd(t *testing.T) {
	t.Parallel()
	clock := &movedClock{}
	sim, c := bestpayCounter(t, clock)
	x := newShop(t, clock, c)
	paid := map[string]int64{}
	remember := func(p map[string]any) string {
		paid[text(p, "order_no")] = fen(p, "amount")
		return text(p, "id")
	}

	barcode := x.pay("bestpay", "barcode", 1234, map[string]any{"payer_code": digitsOf("51", 1, 18, "")})
	id := remember(x.payment(text(barcode, "id"), "succeeded"))

	for _, m := range []struct {
		method, channel, action string
		fields                  map[string]any
	}{
		{"qr", "ALIPAY", "show_qr", nil},
		{"h5", "BESTPAY", "redirect", map[string]any{"return_url": "https://shop.example/back"}},
		{"jsapi", "TENPAY", "redirect", map[string]any{"payer_id": "o-1234567890", "return_url": "https://shop.example/back"}},
	} {
		fields := map[string]any{"channel": m.channel}
		for name, value := range m.fields {
			fields[name] = value
		}
		p := x.pay("bestpay", m.method, 100, fields)
		x.action(p, m.action)
		x.w.must(sim.PayOrder(bestpayMerchant, text(p, "order_no")))
		remember(x.payment(text(p, "id"), "succeeded"))
	}
	x.callbacks("applied", 3)

	for _, amount := range []int64{234, 1000} {
		r := x.refund(id, amount, "succeeded")
		if r["amount"] != float64(amount) {
			t.Errorf("refunded %v", r["amount"])
		}
	}
	status, reply := x.post("/v1/refunds", map[string]any{"payment_id": id, "amount": 1, "reason": "too much"})
	if status != 422 || text(reply, "code") != "refund_exceeds_remaining" {
		t.Errorf("one fen too much: %d %v", status, reply)
	}
	for orderNo, amount := range paid {
		s := sim.Ledger().Order(bestpay.Key(bestpayMerchant, orderNo))
		if s.Paid != amount || s.Pays != 1 {
			t.Errorf("order %s: the provider's ledger says %+v, we say %d", orderNo, s, amount)
		}
	}
	if v := sim.Violations(); len(v) > 0 {
		t.Errorf("the provider complains: %+v", v[0])
	}
}

// TestBestPayForgeries: what the provider did not sign, or what contradicts us, changes
// nothing, is kept, and opens a case. The genuine callback afterwards still counts.
func TestBestPayForgeries(t *testing.T) {
	t.Parallel()
	clock := &movedClock{}
	sim, c := bestpayCounter(t, clock)
	x := newShop(t, clock, c)
	p := x.pay("bestpay", "qr", 500, map[string]any{"channel": "ALIPAY"})
	orderNo, id := text(p, "order_no"), text(p, "id")
	for _, kind := range bestpay.Forgeries() {
		if kind == "replay" {
			continue // there is nothing yet that could be replayed
		}
		d, err := sim.Forge(t.Context(), bestpayMerchant, orderNo, kind, bestpay.Notice{Status: "SUCCESS"})
		x.w.must(err)
		if d.Accepted && (kind == "signature" || kind == "unsigned" || kind == "key" || kind == "algorithm" || kind == "tampered") {
			t.Errorf("the forgery %s was accepted: %d %s", kind, d.Status, d.Answer)
		}
		if now := object(x.get("/v1/payments/"+id), "payment"); text(now, "state") != "requires_action" {
			t.Fatalf("the forgery %s made the payment %v", kind, now["state"])
		}
	}
	cases := x.list("/v1/cases?open=true")
	if len(cases) < 2 || !slices.ContainsFunc(cases, func(c map[string]any) bool { return text(c, "kind") == string(core.CaseCallbackStranger) }) {
		t.Errorf("cases: %v", cases)
	}
	x.w.must(sim.PayOrder(bestpayMerchant, orderNo))
	x.payment(id, "succeeded")
	eventually(t, "the callback was accepted", func() error {
		for _, d := range sim.Deliveries() {
			if d.Accepted && d.Attempt > 0 {
				return nil
			}
		}
		return errors.New("not yet")
	})
	d, err := sim.Notify(t.Context(), bestpayMerchant, orderNo, bestpay.Notice{})
	x.w.must(err)
	if !d.Accepted {
		t.Errorf("a duplicate is answered %d %s", d.Status, d.Answer)
	}
	x.callbacks("repeated", 1)
}
