//go:build e2e

package host_test

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

const mmspBank = "YLBILL-NET-B2C"

var (
	formTarget = regexp.MustCompile(`<form [^>]*method="post" action="([^"]*)"`)
	formInput  = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
)

// open opens our page of a gateway payment and reads its form as a browser does.
func (m *mmspShop) open(p map[string]any) (target string, fields url.Values) {
	m.t.Helper()
	address := text(m.action(p, "form_post"), "url")
	if !strings.HasPrefix(address, m.h.PublicURL()+"/pay/") {
		m.t.Fatalf("the form is at %s", address)
	}
	resp, page := m.send(http.MethodGet, address, nil, "")
	found := formTarget.FindStringSubmatch(page)
	if resp.StatusCode != http.StatusOK || found == nil {
		m.t.Fatalf("the page is %d %.500s", resp.StatusCode, page)
	}
	if policy := resp.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action "+m.url) || !strings.Contains(policy, "frame-ancestors 'none'") {
		m.t.Errorf("the page's policy is %q", policy)
	}
	fields = url.Values{}
	for _, input := range formInput.FindAllStringSubmatch(page, -1) {
		fields.Set(html.UnescapeString(input[1]), html.UnescapeString(input[2]))
	}
	return html.UnescapeString(found[1]), fields
}

// carry is the payer's browser taking the form to the platform.
func (m *mmspShop) carry(p map[string]any) {
	m.t.Helper()
	target, fields := m.open(p)
	resp, page := m.send(http.MethodPost, target, map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, fields.Encode())
	if resp.StatusCode != http.StatusOK || !strings.Contains(page, "cashier") {
		m.t.Fatalf("the platform says %d %.500s", resp.StatusCode, page)
	}
}

// TestMMSPGateway: nothing is sent from here; the browser carries the form, once, the payer
// pays at the bank, and the push alone settles it (GW1, GW2).
func TestMMSPGateway(t *testing.T) {
	t.Parallel()
	for _, command := range []int{0, mmsp.GatewayNotifyTable} {
		m := newMMSPShop(t, mmsp.Options{Gateway: mmsp.GatewayOptions{NotifyCommand: command, TestChannels: true}}, nil)
		before := m.heard()
		p := m.take("gateway_form", 666, map[string]any{
			"channel": mmspBank, "return_url": mmspShopPage, "description": `<script>'"&`,
		})
		if n := m.heard() - before; n != 0 {
			t.Errorf("%d messages were sent from here", n)
		}
		m.carry(p)
		m.shut("our page once more", text(object(p, "next_action"), "url"))
		o, _ := m.sim.Order(mmspMerchant, text(p, "order_no"))
		if o.GoodsName != mmspSubject || o.Gateway.Remark != `<script>'"&` {
			t.Errorf("the form arrived as %q %q", o.GoodsName, o.Gateway.Remark)
		}
		m.forges(p, mmsp.ForgeWrongStatus) // a gateway's notification need not be of a success
		m.fault(mmsp.Fault{Operation: mmsp.OpGatewayQuery, Kind: mmsp.FaultHTTP500})
		m.payerPays(p)
		m.becomes(p, "succeeded")
		m.callbacks("applied", 1)
		m.forges(p)
		m.paidOnce(p)
		m.noViolations()
	}
}

// TestMMSPGatewayReturn: the browser that comes back proves nothing, whatever it says; the
// platform is asked, and the browser goes on to the shop's page (GW5, GW3).
func TestMMSPGatewayReturn(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, quiet(), nil)
	p := m.take("gateway_form", 700, map[string]any{"channel": mmspBank, "return_url": mmspShopPage + "?cart=7"})
	m.carry(p)
	lie := url.Values{
		"MERORDERID": {text(p, "order_no")}, "STATUS": {"1"}, "AMT": {"700"}, "PAYTIME": {"20260101120000"}, "ERRCODE": {"00"}, "LIST_ID": {"1000000001"},
	}
	asked := m.sim.Calls(mmsp.OpGatewayQuery)
	status, location, _ := m.browse(m.callback["mmsp"] + "b?" + lie.Encode())
	if want := mmspShopPage + "?cart=7&payment_id=" + text(p, "id"); status != http.StatusFound || location != want {
		t.Errorf("the browser goes on to %d %s, want %s", status, location, want)
	}
	if text(m.now(p), "state") != "requires_action" || m.sim.Calls(mmsp.OpGatewayQuery) == asked {
		t.Errorf("a browser made it %v; asked: %t", m.now(p)["state"], m.sim.Calls(mmsp.OpGatewayQuery) != asked)
	}
	m.payerPays(p)
	m.comesBack(p, mmspShopPage+"?cart=7&payment_id="+text(p, "id"))

	alone := m.take("gateway_form", 800, map[string]any{"channel": mmspBank})
	m.carry(alone)
	m.payerPays(alone)
	m.comesBack(alone, "")
	status, location, _ = m.browse(m.callback["mmsp"] + "b?MERORDERID=99999999999999999999&STATUS=1")
	if status != http.StatusOK || location != "" {
		t.Errorf("a browser with another's order sees %d %s", status, location)
	}
	m.callbacks("asked", 3)
	m.noViolations()
}

// comesBack is the bank sending the browser to us after a payment: we ask, and send it on to
// the shop's page or, where there is none, show one that promises nothing.
func (m *mmspShop) comesBack(p map[string]any, want string) {
	m.t.Helper()
	back, err := m.sim.ReturnURL(mmspMerchant, text(p, "order_no"))
	m.w.must(err)
	status, location, page := m.browse(back)
	if location != want || want == "" && (status != http.StatusOK || strings.Contains(page, "成功")) || want != "" && status != http.StatusFound {
		m.t.Errorf("the browser goes from %s to %d %q %.200s, want %q", back, status, location, page, want)
	}
	if !strings.HasPrefix(back, m.callback["mmsp"]+"b?") {
		m.t.Errorf("the bank sends the browser to %s, not to us", back)
	}
	m.becomes(p, "succeeded")
}

// TestMMSPGatewayGivenUp: a payer who gives up at the bank, and one who never opens the page,
// and money that the platform's people gave back (GW3).
func TestMMSPGatewayGivenUp(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, quiet(), nil)
	left := m.take("gateway_form", 100, map[string]any{"channel": "ICBC-NET-B2C"})
	m.carry(left)
	m.w.must(m.sim.AbandonOrder(mmspMerchant, text(left, "order_no")))
	m.payment(text(left, "id"), "failed", "closed")
	m.ledger(left, 0)

	given := m.take("gateway_form", 200, map[string]any{"channel": mmspBank})
	m.carry(given)
	m.payerPays(given)
	m.w.must(m.sim.RefundOutside(mmspMerchant, text(given, "order_no")))
	m.payment(text(given, "id"), "succeeded")
	if m.cases("refunded_outside") != 1 {
		t.Errorf("nobody is told that the money went back: %v", m.list("/v1/cases?limit=100"))
	}

	never := m.take("gateway_form", 300, map[string]any{"channel": mmspBank})
	m.clock.advance(121 * time.Minute)
	m.shut("after two hours", text(object(never, "next_action"), "url"))
	m.payment(text(never, "id"), "failed", "closed")
	m.noViolations()
}

// providerCall is a call on behalf of the shop, past the use cases.
func (m *mmspShop) providerCall() core.ProviderCall {
	m.t.Helper()
	account, err := m.h.Service().Account(m.w.asAdmin(m.t.Context(), m.h, m.m.id), m.accounts["mmsp"])
	m.w.must(err)
	number, err := m.h.Service().Database.NextOrderNo(m.t.Context(), m.clock.now())
	m.w.must(err)
	return core.ProviderCall{TenantID: m.m.id, AttemptID: core.NewID(m.clock.now()), Account: account, OrderNo: number, Language: "zh"}
}

// listed reads all pages of a product's list, two rows at a time.
func (m *mmspShop) listed(product string) map[string]core.PaymentResult {
	m.t.Helper()
	now := m.clock.now()
	req := core.ListRequest{Product: product, From: now.Add(-24 * time.Hour), To: now.Add(24 * time.Hour), Limit: 2}
	out, pages := map[string]core.PaymentResult{}, 0
	for {
		r, err := m.h.Service().Providers.ListPayments(m.t.Context(), m.providerCall(), req)
		m.w.must(err)
		if pages++; r.Outcome != core.OutcomeSucceeded || len(r.Payments) > 2 || pages > 5 {
			m.t.Fatalf("page %d of %s is %+v", pages, product, r)
		}
		for _, p := range r.Payments {
			out[p.OrderNo] = p
		}
		if req.Cursor = r.Next; req.Cursor == "" {
			return out
		}
	}
}

// TestMMSPLists: what was paid is listed, page by page, with what was given back (QP9, GW4);
// what the platform does not take is refused here.
func TestMMSPLists(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, mmsp.Options{Quick: quickOptions()}, nil)
	want := map[string]map[string]map[string]any{"gateway": {}, "quick": {}}
	for i := range 3 {
		g := m.take("gateway_form", int64(100+i), map[string]any{"channel": mmspBank})
		m.carry(g)
		m.payerPays(g)
		q := m.take("card", int64(200+i), map[string]any{"card": mmspCard(), "user_ref": "u-1"})
		m.confirm(q, mmspCode)
		for product, p := range map[string]map[string]any{"gateway": g, "quick": q} {
			want[product][text(p, "order_no")] = m.payment(text(p, "id"), "succeeded")
		}
	}
	for product, paid := range want {
		listed := m.listed(product)
		for number, p := range paid {
			if got := listed[number]; got.Outcome != core.OutcomeSucceeded || float64(got.Amount.Minor) != p["amount"] || got.Refunded {
				t.Errorf("%s lists %s as %+v", product, number, got)
			}
		}
		if len(listed) != len(paid) {
			raw, _ := json.Marshal(listed)
			t.Errorf("%s lists %s", product, raw)
		}
	}
	m.refusesLists()
	m.noViolations()
}

// refusesLists: a page of 1001, a range of more than three months, an unknown product.
func (m *mmspShop) refusesLists() {
	m.t.Helper()
	now, before := m.clock.now(), m.heard()
	for what, req := range map[string]core.ListRequest{
		"limit":   {Product: "gateway", From: now.Add(-time.Hour), To: now, Limit: 1001},
		"from":    {Product: "quick", From: now.Add(-93 * 24 * time.Hour), To: now, Limit: 10},
		"product": {Product: "scan", From: now.Add(-time.Hour), To: now, Limit: 10},
	} {
		r, err := m.h.Service().Providers.ListPayments(m.t.Context(), m.providerCall(), req)
		if core.CodeOf(err) != core.CodeInvalidRequest || r.Exchange.Sent != core.SentNo || !strings.Contains(err.Error(), "MMSP") {
			m.t.Errorf("a wrong %s: %+v, %v", what, r, err)
		}
	}
	if after := m.heard(); after != before {
		m.t.Errorf("the platform heard of it %d times", after-before)
	}
}
