//go:build e2e

package host_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

const (
	mmspMerchant = "001440353999855"
	mmspTerminal = "84970003"
	mmspKey      = "md5-key-of-the-merchant"
	mmspShopPage = "https://shop.example/back"
	// mmspSubject has what breaks naive forms and signatures, and 15 characters.
	mmspSubject = `茶 <&'"/\> 龙井 12`
)

// mmspShop is a shop with an account at the simulated platform, for all four products.
type mmspShop struct {
	*shop
	sim *mmsp.Simulator
	url string // of the platform
}

// mmspCounter is the simulated platform with a merchant that it knows.
func mmspCounter(t *testing.T, clock *movedClock) (*mmsp.Simulator, counter) {
	t.Helper()
	return mmspCounterWith(t, clock, mmsp.Options{}, nil)
}

// mmspCounterWith is mmspCounter with options of the platform and further settings of the account.
func mmspCounterWith(t *testing.T, clock *movedClock, opts mmsp.Options, settings map[string]any) (*mmsp.Simulator, counter) {
	t.Helper()
	key, platform := rsaKeys()[0], rsaKeys()[1]
	opts.Now, opts.PlatformKey = clock.now, mmsp.PrivateKey{PrivateKey: platform}
	opts.Merchants = append(opts.Merchants,
		mmsp.Merchant{MerNo: mmspMerchant, TermNo: mmspTerminal, Key: mmspKey, Payout: &mmsp.PayoutAccount{
			Key: mmsp.PublicKey{PublicKey: &key.PublicKey}, Channels: mmspChannels(),
		}},
		mmsp.Merchant{MerNo: "001440353999856", TermNo: "84970004", Key: "md5-key-of-another"})
	sim := mmsp.New(opts)
	server := httptest.NewServer(sim)
	t.Cleanup(func() {
		_ = sim.Close()
		server.Close()
	})
	set := map[string]any{
		"scan_path": mmsp.PathScan, "quick_path": mmsp.PathQuick, "gateway_path": mmsp.PathGateway, "payout_path": mmsp.PathPayout,
		"identify_url": server.URL + mmsp.PathIdentity,
	}
	maps.Copy(set, settings)
	raw, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	return sim, counter{
		name: "mmsp", url: server.URL, settings: string(raw),
		credentials: []core.CredentialInput{
			number("merchant_no", mmspMerchant), number("terminal_no", mmspTerminal),
			{Name: "md5_key", Type: core.CredMD5Key, Data: core.SecretString(mmspKey)},
			number("payout_merchant_no", mmspMerchant),
			{Name: "payout_private_key", Type: core.CredRSAPrivate, Data: privatePEM(t, key)},
			{Name: "platform_public_key", Type: core.CredRSAPublic, Data: publicPEM(t, platform)},
		},
	}
}

// newMMSPShop opens a shop at the platform alone.
func newMMSPShop(t *testing.T, opts mmsp.Options, settings map[string]any) *mmspShop {
	t.Helper()
	clock := &movedClock{}
	sim, c := mmspCounterWith(t, clock, opts, settings)
	return &mmspShop{shop: newShop(t, clock, c), sim: sim, url: c.url}
}

// mmspChannels is the merchant's money: a T1 channel and a D0 channel.
func mmspChannels() []mmsp.Channel {
	return []mmsp.Channel{
		{No: "C1", MerchantNo: "M1", Pending: 1000, Available: 5_000_000, Fee: 200, RequirePlace: true, HolidayType: 3},
		{No: "C2", MerchantNo: "M2", Pending: 70, Available: 40_000, Advance: 300_000, Held: 9, D0: true, HolidayType: 3},
	}
}

// take asks for money, as pay does.
func (m *mmspShop) take(method string, amount int64, fields map[string]any) map[string]any {
	m.t.Helper()
	all := map[string]any{"subject": mmspSubject}
	maps.Copy(all, fields)
	return m.pay("mmsp", method, amount, all)
}

// declines expects that a payment is refused with a sentence that blames a field, and that
// the platform hears nothing of it.
func (m *mmspShop) declines(what, method string, amount int64, fields map[string]any, code, param string) {
	m.t.Helper()
	before := m.heard()
	reply := m.refused("mmsp", method, amount, fields, code)
	if param != "" && text(reply, "param") != param {
		m.t.Errorf("%s: %v is blamed, want %s", what, reply, param)
	}
	if after := m.heard(); after != before {
		m.t.Errorf("%s: the platform heard of it %d times", what, after-before)
	}
}

// heard counts the requests of all operations and pages.
func (m *mmspShop) heard() (n int64) {
	for _, name := range []string{
		mmsp.OpScanWechatPreorder, mmsp.OpScanWechatBarcode, mmsp.OpScanWechatH5, mmsp.OpScanAlipayPreorder, mmsp.OpScanAlipayBarcode,
		mmsp.OpScanAlipayStatic, mmsp.OpScanAlipayDynamic, mmsp.OpScanAlipayH5, mmsp.OpScanQQPreorder, mmsp.OpScanQQBarcode,
		mmsp.OpScanJDPreorder, mmsp.OpScanUnionPayPreorder, mmsp.OpScanWakeUp, mmsp.OpScanIdentity, mmsp.OpScanQuery, mmsp.OpScanCancel,
		mmsp.OpScanClose, mmsp.OpScanRefund, mmsp.OpScanRefundQuery, mmsp.OpQuickBindSMS, mmsp.OpQuickBind, mmsp.OpQuickPay,
		mmsp.OpQuickConfirm, mmsp.OpQuickUnbind, mmsp.OpQuickQuery, mmsp.OpQuickBindQuery, mmsp.OpQuickBatch, mmsp.OpQuickResend,
		mmsp.OpQuickBoundPay, mmsp.OpQuickBoundSMS, mmsp.OpQuickUnionPay, mmsp.OpGatewayPay, mmsp.OpGatewayQuery, mmsp.OpGatewayBatch,
		mmsp.OpPayout, mmsp.OpPayoutQuery, mmsp.OpPayoutBalance,
	} {
		n += m.sim.Calls(name)
	}
	return n
}

func (m *mmspShop) fault(f mmsp.Fault) {
	m.t.Helper()
	_, err := m.sim.AddFault(f)
	m.w.must(err)
}

// payerPays is the payer paying a payment that waits.
func (m *mmspShop) payerPays(payment map[string]any) {
	m.t.Helper()
	m.w.must(m.sim.PayOrder(mmspMerchant, text(payment, "order_no")))
}

// now is the payment as it stands, without waiting for anything.
func (m *mmspShop) now(payment map[string]any) map[string]any {
	m.t.Helper()
	return object(m.get("/v1/payments/"+text(payment, "id")), "payment")
}

// attempts are the calls made for a payment, the first one first.
func (m *mmspShop) attempts(payment map[string]any) (out []map[string]any) {
	m.t.Helper()
	list, _ := m.get("/v1/payments/" + text(payment, "id"))["attempts"].([]any)
	for _, attempt := range list {
		call, _ := attempt.(map[string]any)
		out = append(out, call)
	}
	if len(out) == 0 {
		m.t.Fatalf("no calls were made for %v", payment)
	}
	return out
}

// becomes waits for a state while the clock goes on by itself.
func (m *mmspShop) becomes(payment map[string]any, state string) map[string]any {
	m.t.Helper()
	var now map[string]any
	eventually(m.t, "the payment is "+state, func() error {
		if now = m.now(payment); text(now, "state") != state {
			return fmt.Errorf("it is %v", now["state"])
		}
		return nil
	})
	return now
}

// ledger compares what the platform's own book says of a payment.
func (m *mmspShop) ledger(payment map[string]any, net int64) {
	m.t.Helper()
	if s := m.sim.Ledger().Order(mmsp.Key(mmspMerchant, text(payment, "order_no"))); s.Net != net || s.Pays > 1 {
		m.t.Errorf("%v payment %s: the platform's ledger says %+v, want net %d", payment["method"], text(payment, "order_no"), s, net)
	}
}

// paidOnce wants the payment to be recorded as paid, by one event, as the platform's ledger has it.
func (m *mmspShop) paidOnce(payment map[string]any) {
	m.t.Helper()
	detail := m.get("/v1/payments/" + text(payment, "id"))
	raw, err := json.Marshal(detail["events"])
	m.w.must(err)
	if n := strings.Count(string(raw), `"type":"payment.succeeded"`); n != 1 || text(object(detail, "payment"), "state") != "succeeded" {
		m.t.Errorf("%v payment is %v with %d events of its success", payment["method"], object(detail, "payment")["state"], n)
	}
	m.ledger(payment, fen(payment, "amount"))
}

// noViolations: nothing that was sent broke the platform's document.
func (m *mmspShop) noViolations() {
	m.t.Helper()
	for _, v := range m.sim.Violations() {
		m.t.Errorf("the platform complains: %+v", v)
	}
}

// tells posts and wants a refusal with a code.
func (m *mmspShop) tells(path string, body map[string]any, code string) map[string]any {
	m.t.Helper()
	status, reply := m.post(path, body)
	if status < 400 || status >= 500 || text(reply, "code") != code || text(reply, "detail") == "" {
		m.t.Errorf("POST %s: %d %v, want %s", path, status, reply, code)
	}
	return reply
}

// does posts and wants it to be done.
func (m *mmspShop) does(path string, body map[string]any) map[string]any {
	m.t.Helper()
	status, reply := m.post(path, body)
	if status < 200 || status > 299 {
		m.t.Fatalf("POST %s: %d %v", path, status, reply)
	}
	return reply
}

// browse opens a page as a payer's browser does, without following where it leads.
func (m *mmspShop) browse(address string) (status int, location, page string) {
	m.t.Helper()
	resp, body := m.send(http.MethodGet, address, nil, "")
	return resp.StatusCode, resp.Header.Get("Location"), body
}

// cases counts the open cases of a kind.
func (m *mmspShop) cases(kind string) (n int) {
	m.t.Helper()
	for _, c := range m.list("/v1/cases?open=true&limit=100&kind=" + kind) {
		n += int(fen(c, "times"))
	}
	return n
}

// quiet is a platform that sends no notifications of its own accord.
func quiet() mmsp.Options { return mmsp.Options{Resend: noResend} }
