//go:build e2e

package host_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

func noResend(context.Context, time.Duration) bool { return false }

// mmspWay is one way to pay by scan and what the payer does then.
type mmspWay struct {
	method, channel, action string
	fields                  map[string]any
	pushed                  bool // the platform notifies its success
}

func mmspWays() []mmspWay {
	back := map[string]any{"return_url": mmspShopPage, "client_ip": "203.0.113.7"}
	payer := map[string]any{"payer_id": "o-1234567890"}
	return []mmspWay{
		{"qr", "wechat", "show_qr", nil, true},
		{"qr", "alipay", "show_qr", nil, true},
		{"qr", "qq", "show_qr", nil, true},
		{"qr", "jd", "show_qr", nil, true},
		{"qr", "unionpay", "show_qr", nil, true},
		{"jsapi", "wechat", "redirect", payer, true},
		{"jsapi", "alipay", "redirect", payer, true},
		{"jsapi", "qq", "redirect", nil, true},
		{"mini_program", "wechat", "invoke_wallet", payer, true},
		{"h5", "wechat", "redirect", back, false},
		{"h5", "alipay", "redirect", back, false},
		{"static_code", "alipay", "show_qr", nil, true},
		{"dynamic_code", "alipay", "show_qr", nil, true},
	}
}

// TestMMSPScanWays: every method with every wallet is placed, paid by the payer and found
// paid, once (SC1 to SC12, SC14, SC19).
func TestMMSPScanWays(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, mmsp.Options{}, nil)
	var placed []map[string]any
	pushed := 0
	for i, way := range mmspWays() {
		fields := map[string]any{"channel": way.channel}
		for name, value := range way.fields {
			fields[name] = value
		}
		p := m.take(way.method, int64(100+i), fields)
		action := m.action(p, way.action)
		if text(action, "qr_content")+text(action, "url") == "" && action["fields"] == nil {
			t.Errorf("%s with %s gives the payer nothing: %v", way.method, way.channel, action)
		}
		m.ledger(p, 0)
		m.payerPays(p)
		placed = append(placed, p)
		if way.pushed {
			pushed++
		}
	}
	for i, code := range []string{digitsOf("13", 1, 18, ""), digitsOf("28", 2, 18, ""), digitsOf("91", 3, 18, "")} {
		p := m.take("barcode", int64(200+i), map[string]any{"payer_code": code})
		if text(p, "state") != "succeeded" {
			t.Errorf("the code %s…: %v %v", code[:2], p["state"], p["provider_message"])
		}
		placed = append(placed, p)
	}
	for _, p := range placed {
		m.paidOnce(m.payment(text(p, "id"), "succeeded"))
	}
	eventually(t, "every push is dealt with", func() error {
		if got := len(m.list("/v1/callbacks?limit=100&effect=applied&effect=repeated")); got != pushed {
			return fmt.Errorf("%d of %d", got, pushed)
		}
		return nil
	})
	m.noViolations()
}

// TestMMSPScanRawPayInfo: an account that is answered with raw data hands it to the wallet (SC1, SC4).
func TestMMSPScanRawPayInfo(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, quiet(), map[string]any{
		"raw_pay_info": true, "settlement": "T0", "no_credit_cards": true, "official_account_appid": "wx1", "mini_program_appid": "wx2",
	})
	for _, channel := range []string{"wechat", "alipay"} {
		p := m.take("jsapi", 300, map[string]any{"channel": channel, "payer_id": "o-1234567890"})
		if fields, ok := m.action(p, "invoke_wallet")["fields"].(map[string]any); !ok || len(fields) == 0 {
			t.Errorf("%s: the wallet is given nothing: %v", channel, p["next_action"])
		}
		m.payerPays(p)
		m.paidOnce(m.payment(text(p, "id"), "succeeded"))
	}
	m.noViolations()
}

// TestMMSPScanNotification: while no question is answered, the push alone settles the
// payment; a second one changes nothing (SC19).
func TestMMSPScanNotification(t *testing.T) {
	t.Parallel()
	for _, printed := range []bool{false, true} {
		m := newMMSPShop(t, mmsp.Options{AsPrinted: printed}, nil)
		m.fault(mmsp.Fault{Operation: mmsp.OpScanQuery, Kind: mmsp.FaultHTTP500})
		p := m.take("qr", 500, map[string]any{"channel": "alipay"})
		m.payerPays(p)
		m.becomes(p, "succeeded")
		m.callbacks("applied", 1)
		for range 2 {
			d, err := m.sim.Notify(mmspMerchant, text(p, "order_no"))
			m.w.must(err)
			if !d.Accepted {
				t.Errorf("a duplicate is answered %+v", d)
			}
		}
		if n := len(m.callbacks("repeated", 2)); n != 2 {
			t.Errorf("%d callbacks are repeated", n)
		}
		m.paidOnce(p)
		m.noViolations()
	}
}

// mmspForgeries are the forgeries and whether their signature gives them away. The true
// message about an order that nobody paid is not among them: signed with the merchant's own
// key, nothing tells it from the platform's word.
func mmspForgeries() map[string]bool {
	return map[string]bool{
		mmsp.ForgeBadSignature: true, mmsp.ForgeUnsigned: true, mmsp.ForgeOtherKey: true, mmsp.ForgeTampered: true,
		mmsp.ForgeWrongAmount: false, mmsp.ForgeWrongOrder: false, mmsp.ForgeWrongStatus: false,
	}
}

// forges sends every forgery of a payment: it stays as it is, and people are told. Left out is
// what a product's document has as the platform's word.
func (m *mmspShop) forges(p map[string]any, leaveOut ...string) {
	m.t.Helper()
	state, orderNo := text(m.now(p), "state"), text(p, "order_no")
	for kind, unsigned := range mmspForgeries() {
		if slices.Contains(leaveOut, kind) {
			continue
		}
		before := m.cases("callback_unverified")
		disagreed := m.cases("callback_disagrees")
		d, err := m.sim.Forge(mmspMerchant, orderNo, kind)
		m.w.must(err)
		if d.Status == 0 || d.Accepted && kind != mmsp.ForgeWrongAmount && kind != mmsp.ForgeWrongStatus {
			m.t.Errorf("the forgery %s is answered %+v", kind, d)
		}
		if now := m.now(p); text(now, "state") != state {
			m.t.Fatalf("the forgery %s made the payment %v", kind, now["state"])
		}
		if unsigned && m.cases("callback_unverified") != before+1 {
			m.t.Errorf("the forgery %s opened no case", kind)
		}
		if kind == mmsp.ForgeWrongAmount && m.cases("callback_disagrees") != disagreed+1 {
			m.t.Errorf("the forgery %s opened no case", kind)
		}
	}
}

// TestMMSPScanForgeries: before and after the payment, forged notifications change nothing;
// the genuine one still counts (SC19).
func TestMMSPScanForgeries(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, mmsp.Options{}, nil)
	p := m.take("qr", 500, map[string]any{"channel": "wechat"})
	m.forges(p)
	m.payerPays(p)
	m.becomes(p, "succeeded")
	m.forges(p)
	m.paidOnce(p)
	m.noViolations()
}

// TestMMSPScanCancel: not within 15 s of the order, and nothing is sent then; later what may
// have been paid is taken back (SC15).
func TestMMSPScanCancel(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, quiet(), nil)
	m.fault(mmsp.Fault{Operation: mmsp.OpScanWechatBarcode, Kind: mmsp.FaultPending, Queries: 1000, Then: mmsp.ThenNever, Times: 1})
	m.fault(mmsp.Fault{Operation: mmsp.OpScanAlipayBarcode, Kind: mmsp.FaultUncertain, Moved: true, Times: 1})
	waiting := m.take("barcode", 700, map[string]any{"payer_code": digitsOf("13", 1, 18, "")})
	moved := m.take("barcode", 800, map[string]any{"payer_code": digitsOf("28", 2, 18, "")})
	for _, p := range []map[string]any{waiting, moved} {
		reply := m.tells("/v1/payments/"+text(p, "id")+"/cancel", map[string]any{}, "too_early")
		if !strings.Contains(text(reply, "detail"), "seconds") {
			t.Errorf("too early says %v", reply["detail"])
		}
	}
	if n := m.sim.Calls(mmsp.OpScanCancel); n != 0 {
		t.Errorf("%d cancels were sent within 15 s", n)
	}
	m.clock.advance(15 * time.Second)
	for _, p := range []map[string]any{waiting, moved} {
		m.does("/v1/payments/"+text(p, "id")+"/cancel", map[string]any{"reason": "the payer left"})
		m.payment(text(p, "id"), "canceled", "closed")
		m.ledger(p, 0)
	}
	m.noViolations()
}

// TestMMSPScanClose: an unpaid order is closed by us, or by itself in the end; one that was
// paid meanwhile is paid (SC16).
func TestMMSPScanClose(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, quiet(), nil)
	asked, paid := m.take("qr", 100, map[string]any{"channel": "jd"}), m.take("qr", 200, map[string]any{"channel": "unionpay"})
	m.does("/v1/payments/"+text(asked, "id")+"/cancel", map[string]any{})
	m.payment(text(asked, "id"), "closed")
	if err := m.sim.PayOrder(mmspMerchant, text(asked, "order_no")); err == nil {
		t.Error("the platform took money for a closed order")
	}
	m.payerPays(paid)
	m.does("/v1/payments/"+text(paid, "id")+"/cancel", map[string]any{})
	m.paidOnce(m.payment(text(paid, "id"), "succeeded"))
	forgotten := m.take("static_code", 300, nil)
	m.clock.advance(5 * time.Minute)
	m.payment(text(forgotten, "id"), "closed", "canceled")
	m.ledger(forgotten, 0)
	m.noViolations()
}

// TestMMSPScanRefund: in parts, up to what was paid, one at a time; accepted is asked about (SC17, SC18).
func TestMMSPScanRefund(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, quiet(), nil)
	p := m.take("barcode", 1000, map[string]any{"payer_code": digitsOf("13", 1, 18, "")})
	id := text(p, "id")
	m.refund(id, 300, "succeeded")
	m.ledger(p, 700)
	m.fault(mmsp.Fault{Operation: mmsp.OpScanRefund, Kind: mmsp.FaultFail, Times: 1})
	m.refund(id, 100, "failed")
	m.ledger(p, 700)
	m.fault(mmsp.Fault{Operation: mmsp.OpScanRefund, Kind: mmsp.FaultLostAfter, Times: 1})
	m.refund(id, 200, "succeeded")
	m.ledger(p, 500)
	m.tells("/v1/refunds", map[string]any{"payment_id": id, "amount": 501, "reason": "too much"}, "refund_exceeds_remaining")
	m.oneRefundAtATime(id)
	m.refund(id, 500, "succeeded")
	m.ledger(p, 0)
	if now := m.now(p); now["refunded"] != float64(1000) || now["refundable"] != float64(0) {
		t.Errorf("refunded %v, refundable %v", now["refunded"], now["refundable"])
	}
	m.noViolations()
}

// oneRefundAtATime: while one is in doubt, another is refused by us; it fails for certain in
// the end, and what it held is free again.
func (m *mmspShop) oneRefundAtATime(payment string) {
	m.t.Helper()
	m.fault(mmsp.Fault{Operation: mmsp.OpScanRefund, Kind: mmsp.FaultLostBefore, Times: 1})
	m.fault(mmsp.Fault{Operation: mmsp.OpScanRefundQuery, Kind: mmsp.FaultHTTP500})
	first := m.does("/v1/refunds", map[string]any{"payment_id": payment, "amount": 100, "reason": "first"})
	if text(first, "state") != "processing" {
		m.t.Errorf("a refund without a reply is %v", first)
	}
	before := m.sim.Calls(mmsp.OpScanRefund)
	m.tells("/v1/refunds", map[string]any{"payment_id": payment, "amount": 100, "reason": "second"}, "refund_in_flight")
	if after := m.sim.Calls(mmsp.OpScanRefund); after != before {
		m.t.Errorf("%d refunds were sent while one was in doubt", after-before)
	}
	m.sim.ClearFaults()
	m.clock.advance(2 * time.Hour) // "no such refund" is not signed, and is believed late
	m.settles("/v1/refunds/"+text(first, "id"), "failed")
}
