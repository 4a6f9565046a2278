//go:build e2e

package host_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// identify asks who a payer is and gives the address at the platform to which the payer's
// browser must go.
func (m *mmspShop) identify(channel, state string) string {
	m.t.Helper()
	reply := m.does("/v1/payers/resolve", map[string]any{"channel": channel, "return_url": mmspShopPage + "?cart=7", "state": state})
	action, _ := reply["next_action"].(map[string]any)
	if text(action, "type") != "redirect" || !strings.HasPrefix(text(action, "url"), m.url+mmsp.PathIdentity) {
		m.t.Fatalf("who the payer is, is found by %v", reply)
	}
	return text(action, "url")
}

// ours is where the platform sends the browser from there: our page, with what it found.
func (m *mmspShop) ours(address string) string {
	m.t.Helper()
	status, ours, _ := m.browse(address)
	if status != http.StatusFound || !strings.HasPrefix(ours, m.h.PublicURL()+"/payer/") {
		m.t.Fatalf("the platform sends the browser to %d %s", status, ours)
	}
	return ours
}

// shut wants a link of ours to lead nowhere, with a page for people.
func (m *mmspShop) shut(what, address string) {
	m.t.Helper()
	if status, location, page := m.browse(address); status < 400 || status > 499 || location != "" || !strings.Contains(page, "此页面无法打开") {
		m.t.Errorf("%s: %d %q %.200s", what, status, location, page)
	}
}

// TestMMSPPayers: the browser goes to the platform, comes back to us and on to the shop with
// the payer's id, once; the id pays (SC13).
func TestMMSPPayers(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, quiet(), nil)
	for _, channel := range []string{"wechat", "alipay"} {
		ours := m.ours(m.identify(channel, "s & 状态=1"))
		m.shut("a changed token", changed(ours, m.h.PublicURL()+"/payer/"))
		status, back, _ := m.browse(ours)
		page, err := url.Parse(back)
		m.w.must(err)
		payer := page.Query().Get("payer_id")
		if status != http.StatusFound || !strings.HasPrefix(back, mmspShopPage) || payer == "" || page.Query().Get("state") != "s & 状态=1" || page.Query().Get("cart") != "7" {
			t.Fatalf("the browser goes on to %d %s", status, back)
		}
		m.shut("a second use", ours)
		p := m.take("jsapi", 100, map[string]any{"channel": channel, "payer_id": payer})
		m.payerPays(p)
		m.paidOnce(m.payment(text(p, "id"), "succeeded"))
	}
	late := m.ours(m.identify("wechat", "late"))
	m.clock.advance(16 * time.Minute)
	m.shut("after it has expired", late)
	m.noViolations()
}

// changed is a link with another token: each character but the last, which does not count
// in full, is bound.
func changed(link, prefix string) string {
	token, query, _ := strings.Cut(strings.TrimPrefix(link, prefix), "?")
	other := "A"
	if token[len(token)/2] == 'A' {
		other = "B"
	}
	return prefix + token[:len(token)/2] + other + token[len(token)/2+1:] + "?" + query
}

// TestMMSPPayerNotIdentified: a payer whom the platform does not name comes to the shop all
// the same, which is told so.
func TestMMSPPayerNotIdentified(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, quiet(), nil)
	m.fault(mmsp.Fault{Operation: mmsp.OpScanIdentity, Kind: mmsp.FaultFail, Times: 1})
	status, back, _ := m.browse(m.ours(m.identify("wechat", "s1")))
	page, err := url.Parse(back)
	m.w.must(err)
	if q := page.Query(); status != http.StatusFound || q.Get("error") != "payer_not_identified" || q.Get("state") != "s1" || q.Has("payer_id") {
		t.Errorf("the browser goes on to %d %s", status, back)
	}
	before := m.heard()
	for what, body := range map[string]map[string]any{
		"another wallet": {"channel": "qq", "return_url": mmspShopPage}, "no wallet": {"return_url": mmspShopPage},
		"waking another wallet": {"purpose": "wake", "channel": "alipay", "return_url": mmspShopPage},
	} {
		if reply := m.tells("/v1/payers/resolve", body, "invalid_request"); text(reply, "param") != "channel" {
			t.Errorf("%s: %v", what, reply)
		}
	}
	m.tells("/v1/payers/resolve", map[string]any{"channel": "wechat"}, "invalid_request")
	if after := m.heard(); after != before {
		t.Errorf("the platform heard of it %d times", after-before)
	}
}

// TestMMSPWake: the page that opens WeChat leads to the shop (SC20).
func TestMMSPWake(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, quiet(), nil)
	back := mmspShopPage + "?a=1&b=>>>???" // its Base64 has + and /
	if raw := base64.StdEncoding.EncodeToString([]byte(back)); !strings.ContainsAny(raw, "+/") {
		t.Fatalf("%s needs no escaping", raw)
	}
	reply := m.does("/v1/payers/resolve", map[string]any{"purpose": "wake", "channel": "wechat", "return_url": back})
	action, _ := reply["next_action"].(map[string]any)
	if text(action, "type") != "redirect" || !strings.HasPrefix(text(action, "url"), m.url+mmsp.PathWakeUp) {
		t.Fatalf("WeChat is woken by %v", reply)
	}
	status, location, page := m.browse(text(action, "url"))
	if status != http.StatusFound || location != back {
		t.Errorf("the page leads to %d %s %.200s", status, location, page)
	}
	m.noViolations()
}
