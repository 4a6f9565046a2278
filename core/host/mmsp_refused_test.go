//go:build e2e

package host_test

import (
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core/api"
	"github.com/zhanggui-pay/zhanggui/core/host"
	"github.com/zhanggui-pay/zhanggui/core/internal/keyring"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// TestMMSPRefusals: what the platform does not take is refused by us with a sentence that
// blames the field, and the platform hears nothing of it.
func TestMMSPRefusals(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, quiet(), map[string]any{"identify_url": "https://mmsp.example/openid"})
	invalid, expired, short, letters := "invalid_request", mmspCard(), mmspCard(), mmspCard()
	expired["expiry"], short["cvn2"], letters["number"] = "1125", "93", "621771482930576X"
	back := strings.Repeat("a", 101)
	for what, tt := range map[string]struct {
		method      string
		amount      int64
		fields      map[string]any
		code, param string
	}{
		"16 characters of goods":       {"qr", 1, map[string]any{"channel": "wechat", "subject": strings.Repeat("茶", 16)}, invalid, "subject"},
		"an expiry in the past":        {"card", 1, map[string]any{"card": expired}, invalid, "card.expiry"},
		"a short CVN2":                 {"card", 1, map[string]any{"card": short}, invalid, "card.cvn2"},
		"letters in a card":            {"card", 1, map[string]any{"card": letters}, invalid, "card.number"},
		"no card":                      {"card", 1, nil, invalid, "card"},
		"an unknown bank":              {"gateway_form", 1, map[string]any{"channel": "NOBANK-NET-B2C"}, invalid, "channel"},
		"no bank":                      {"gateway_form", 1, nil, invalid, "channel"},
		"an unknown wallet":            {"qr", 1, map[string]any{"channel": "applepay"}, invalid, "channel"},
		"a wallet of another method":   {"h5", 1, map[string]any{"channel": "qq", "return_url": mmspShopPage, "client_ip": "203.0.113.7"}, invalid, "channel"},
		"no payer in WeChat":           {"jsapi", 1, map[string]any{"channel": "wechat"}, invalid, "payer_id"},
		"no payer of a mini program":   {"mini_program", 1, map[string]any{"channel": "wechat"}, invalid, "payer_id"},
		"no payer in Alipay":           {"jsapi", 1, map[string]any{"channel": "alipay"}, invalid, "payer_id"},
		"33 characters of payer":       {"jsapi", 1, map[string]any{"channel": "wechat", "payer_id": strings.Repeat("o", 33)}, invalid, "payer_id"},
		"no page to return to":         {"h5", 1, map[string]any{"channel": "wechat", "client_ip": "203.0.113.7"}, invalid, "return_url"},
		"a long page to return to":     {"h5", 1, map[string]any{"channel": "wechat", "return_url": "https://s.example/" + back, "client_ip": "203.0.113.7"}, invalid, "return_url"},
		"no address of the payer":      {"h5", 1, map[string]any{"channel": "wechat", "return_url": mmspShopPage}, invalid, "client_ip"},
		"a long address of the payer":  {"h5", 1, map[string]any{"channel": "wechat", "return_url": mmspShopPage, "client_ip": "2001:db8:1111:2222:3333:4444:5555:6666"}, invalid, "client_ip"},
		"a payer's code of 17 digits":  {"barcode", 1, map[string]any{"payer_code": digitsOf("13", 1, 17, "")}, "invalid_payer_code", "payer_code"},
		"a payer's code of nobody":     {"barcode", 1, map[string]any{"payer_code": digitsOf("62", 1, 19, "")}, "invalid_payer_code", "payer_code"},
		"nothing":                      {"qr", 0, map[string]any{"channel": "wechat"}, "invalid_amount", "amount"},
		"UnionPay, no page":            {"unionpay", 1, nil, invalid, "return_url"},
		"a bound card that nobody has": {"bound_card", 1, withBound("crd_01kc5rh2s8e7zr3v9f6m4t1x0q"), "not_found", ""},
	} {
		m.declines(what, tt.method, tt.amount, tt.fields, tt.code, tt.param)
	}
	m.noViolations()
}

// TestMMSPLongAddress: pre-orders take a callback address of 50 characters, so at a node with
// a long name they are refused before anything is sent; what takes longer ones still works.
func TestMMSPLongAddress(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, quiet(), nil)
	keys, err := keyring.OpenEmbedded(m.w.keys)
	m.w.must(err)
	cfg := testConfig(m.w.database, m.w.plugins, m.w.call)
	cfg.PublicURL = "https://payments.a-shop-with-a-long-name.example.com"
	h, err := host.Start(t.Context(), cfg, host.Parts{
		Keyring: keys, Clock: m.clock.now, TestMode: true, Version: api.Version{Version: "test"},
		Logger: slog.New(slog.NewJSONHandler(io.Discard, nil)),
	})
	m.w.must(err)
	t.Cleanup(func() {
		m.w.must(h.Stop())
		m.w.must(keys.Close())
	})
	m.h = h
	m.declines("a long callback address", "qr", 1, map[string]any{"channel": "wechat"}, "invalid_request", "")
	m.declines("a long callback address", "static_code", 1, nil, "invalid_request", "")
	p := m.take("h5", 100, map[string]any{"channel": "wechat", "return_url": mmspShopPage, "client_ip": "203.0.113.7"})
	if o, _ := m.sim.Order(mmspMerchant, text(p, "order_no")); !strings.HasPrefix(o.NotifyURL, cfg.PublicURL+"/in/") || !strings.HasSuffix(o.NotifyURL, "s") {
		t.Errorf("the platform is to notify %q", o.NotifyURL)
	}
	m.noViolations()
}

// TestMMSPReplies: a reply that cannot be read or believed is doubt, never failure; it is kept
// as evidence, and the question settles the payment.
func TestMMSPReplies(t *testing.T) {
	t.Parallel()
	for _, kind := range []mmsp.FaultKind{
		mmsp.FaultGarbage, mmsp.FaultTruncated, mmsp.FaultHTTP500, mmsp.FaultBadSignature, mmsp.FaultWrongOrder, mmsp.FaultSystemError, mmsp.FaultLostAfter,
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			m := newMMSPShop(t, quiet(), nil)
			m.fault(mmsp.Fault{Operation: mmsp.OpScanWechatBarcode, Kind: kind, Times: 1})
			m.fault(mmsp.Fault{Operation: mmsp.OpQuickUnionPay, Kind: kind, Times: 1})
			barcode := m.take("barcode", 700, map[string]any{"payer_code": digitsOf("13", 1, 18, "")})
			page := m.take("unionpay", 800, map[string]any{"return_url": mmspShopPage})
			for _, p := range []map[string]any{barcode, page} {
				m.doubted(p, kind)
			}
			m.payerPays(page)
			for _, p := range []map[string]any{barcode, page} {
				m.paidOnce(m.payment(text(p, "id"), "succeeded"))
			}
			m.questions(kind)
			m.noViolations()
		})
	}
}

// doubted wants the payment's first call to be in doubt, with what was sent and came as evidence.
func (m *mmspShop) doubted(p map[string]any, kind mmsp.FaultKind) {
	m.t.Helper()
	if text(p, "state") != "processing" || p["unknown"] != true {
		m.t.Errorf("%s makes the %v payment %v, in doubt %v", kind, p["method"], p["state"], p["unknown"])
	}
	first := m.attempts(p)[0]
	evidence, _ := first["evidence"].(map[string]any)
	if text(first, "operation") != "create_payment" || text(first, "outcome") != "unknown" || text(first, "sent") != "maybe" || evidence["request"] == nil ||
		evidence["response"] == nil && kind != mmsp.FaultLostAfter {
		m.t.Errorf("%s leaves the attempt %v", kind, first)
	}
}

// questions: a question whose answer cannot be believed changes nothing, and another is asked.
func (m *mmspShop) questions(kind mmsp.FaultKind) {
	m.t.Helper()
	p := m.take("qr", 900, map[string]any{"channel": "alipay"})
	for _, what := range []mmsp.FaultKind{kind, mmsp.FaultWrongAmount} {
		m.fault(mmsp.Fault{Operation: mmsp.OpScanQuery, Kind: what, Times: 1})
		m.payerPaysOnce(p)
		m.does("/v1/payments/"+text(p, "id")+"/sync", map[string]any{})
		if now := m.now(p); text(now, "state") != "requires_action" || now["unknown"] != true {
			m.t.Errorf("%s to a question makes the payment %v, in doubt %v", what, now["state"], now["unknown"])
		}
	}
	m.clock.advance(time.Second)
	m.paidOnce(m.payment(text(p, "id"), "succeeded"))
}

// payerPaysOnce pays unless it is paid.
func (m *mmspShop) payerPaysOnce(p map[string]any) {
	m.t.Helper()
	if o, _ := m.sim.Order(mmspMerchant, text(p, "order_no")); o.State == mmsp.StateWaiting {
		m.payerPays(p)
	}
}
