//go:build e2e

package host_test

import (
	"crypto/rsa"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/metro"
)

const metroMerchant = "MCH0001"

// metroWorld is the simulated provider and a shop with an account there.
func metroWorld(t *testing.T) (*metro.Simulator, *shop) {
	t.Helper()
	clock := &movedClock{}
	sim, c := metroCounterAt(t, clock)
	x := newShop(t, clock, c)
	introduceMetro(sim, x)
	return sim, x
}

func metroMerchantOf(x *shop) metro.Merchant {
	m := metro.Merchant{
		MchID: metroMerchant, PublicKey: metro.PublicKey{PublicKey: &rsaKeys()[0].PublicKey}, StoreIDs: []string{"SZTX001"},
		PhoneKey: []byte("0123456789abcdef"), PhoneIV: []byte("fedcba9876543210"),
	}
	if x != nil {
		at := x.callback["metro"]
		m.OpenURL, m.UnbindURL, m.PhoneURL = at+"o", at+"c", at+"m"
	}
	return m
}

// introduceMetro tells the provider the shop's three addresses.
func introduceMetro(sim *metro.Simulator, x *shop) { sim.AddMerchant(metroMerchantOf(x)) }

// metroCounterAt is the simulated provider with a merchant that it knows.
func metroCounterAt(t *testing.T, clock *movedClock) (*metro.Simulator, counter) {
	t.Helper()
	key, provider := rsaKeys()[0], rsaKeys()[1]
	sim := metro.New(metro.Options{
		Merchants: []metro.Merchant{metroMerchantOf(nil)}, ProviderKey: metro.PrivateKey{PrivateKey: provider}, Now: clock.now, Sleep: func(time.Duration) {},
		ForgerKey: metro.PrivateKey{PrivateKey: rsaKeys()[2]},
	})
	t.Cleanup(func() { _ = sim.Close() })
	return sim, metroCounter(t, sim, key, provider)
}

func metroCounter(t *testing.T, sim *metro.Simulator, key, provider *rsa.PrivateKey) counter {
	t.Helper()
	return counter{
		name: "metro", handler: sim, settings: `{"store_id":"SZTX001"}`,
		credentials: []core.CredentialInput{
			number("mch_id", metroMerchant),
			{Name: "private_key", Type: core.CredRSAPrivate, Data: privatePEM(t, key)},
			{Name: "provider_public_key", Type: core.CredRSAPublic, Data: publicPEM(t, provider)},
			{Name: "phone_key", Type: core.CredAESKey, Data: core.SecretString("0123456789abcdef")},
			{Name: "phone_iv", Type: core.CredIV, Data: core.SecretString("fedcba9876543210")},
		},
	}
}

func (x *shop) metroCode(sim *metro.Simulator, uid string) map[string]any {
	x.t.Helper()
	code, err := sim.Code(uid, "")
	x.w.must(err)
	return map[string]any{"payer_code": code}
}

// TestMetroTakesMoney: a code charged, told who it is, asked about while paying, refunded, and
// reversed until the provider says that it is final (ME3 to ME8).
func TestMetroTakesMoney(t *testing.T) {
	t.Parallel()
	sim, x := metroWorld(t)
	const uid = "100000000001"

	status, who := x.post("/v1/payers/resolve", map[string]any{"code": x.metroCode(sim, uid)["payer_code"]})
	if status != 200 || text(who, "payer_id") != uid {
		t.Errorf("the payer is %d %v", status, who)
	}
	paid := x.payment(text(x.pay("metro", "barcode", 1234, x.metroCode(sim, uid)), "id"), "succeeded")
	x.refund(text(paid, "id"), 234, "succeeded")

	x.metroFault(sim, metro.Fault{Operation: "applypay", Kind: metro.FaultPending, Queries: 2, Times: 1})
	slow := x.pay("metro", "barcode", 500, x.metroCode(sim, uid))
	if text(slow, "state") != "processing" {
		t.Errorf("a payer who is paying: %v", slow["state"])
	}
	x.payment(text(slow, "id"), "succeeded")

	// Nobody pays: the host reverses, again and again while the provider wants it, and believes
	// only the query.
	x.metroFault(sim, metro.Fault{Operation: "applypay", Kind: metro.FaultPending, Queries: 1000, Then: metro.ThenNever, Times: 1})
	x.metroFault(sim, metro.Fault{Operation: "reverse", Kind: metro.FaultPending, Queries: 2, Times: 1})
	never := x.pay("metro", "barcode", 700, x.metroCode(sim, uid))
	ended := x.payment(text(never, "id"), "closed", "canceled")
	if n := sim.Calls("reverse"); n != 4 {
		t.Errorf("%d reverses for recall Y, Y, Y, N", n)
	}
	for _, o := range []map[string]any{paid, slow, ended} {
		s := sim.Ledger().Order(metro.Key(metroMerchant, text(o, "order_no")))
		if want := map[string]int64{text(paid, "order_no"): 1000, text(slow, "order_no"): 500}[text(o, "order_no")]; s.Net != want || s.Pays > 1 {
			t.Errorf("order %s: the provider's ledger says %+v, want net %d", text(o, "order_no"), s, want)
		}
	}
	x.metroBill(paid, slow)
	if v := sim.Violations(); len(v) > 0 {
		t.Errorf("the provider complains: %+v", v[0])
	}
}

func (x *shop) metroFault(sim *metro.Simulator, f metro.Fault) {
	x.t.Helper()
	_, err := sim.AddFault(f)
	x.w.must(err)
}

// metroBill reads the day's totals by the plugin process: what was paid and refunded (ME8).
func (x *shop) metroBill(paid, slow map[string]any) {
	x.t.Helper()
	account, err := x.h.Service().Account(x.w.asAdmin(x.t.Context(), x.h, x.m.id), x.accounts["metro"])
	x.w.must(err)
	now := x.clock.now().In(core.Beijing())
	result, err := x.h.Service().Providers.FetchBill(x.t.Context(), core.ProviderCall{TenantID: x.m.id, AttemptID: core.NewID(now), Account: account, Language: "zh"},
		core.BillRequest{Day: time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, core.Beijing())})
	x.w.must(err)
	sums := map[string]int64{}
	for _, total := range result.Totals {
		sums[total.Kind] += total.Amount.Minor
	}
	if want := fen(paid, "amount") + fen(slow, "amount"); result.Outcome != core.OutcomeSucceeded || sums["payment"] != want || sums["refund"] != 234 {
		x.t.Errorf("the bill is %+v, want %d paid and 234 refunded", result, want)
	}
}

// TestMetroMembers: opened, changed, closed, each once; what is not the provider's changes
// nothing (ME1, ME2).
func TestMetroMembers(t *testing.T) {
	t.Parallel()
	sim, x := metroWorld(t)
	const uid, phone, other = "100000000002", "13800138000", "13900139000"
	member := func() map[string]any {
		list := x.list("/v1/members?uid=" + uid)
		if len(list) == 0 {
			return nil
		}
		return list[0]
	}
	tell := func(call metro.Call, phone, want string) {
		t.Helper()
		d, err := sim.NotifyOnce(t.Context(), metro.Message{MchID: metroMerchant, Call: call, UID: uid, Phone: phone})
		x.w.must(err)
		if !d.Accepted || d.VIPStatus != want {
			t.Errorf("%s is answered %+v, want %q", call, d, want)
		}
	}
	tell(metro.CallUnbind, phone, metro.VIPUnactive)
	if member() != nil {
		t.Error("a member that was never opened is there")
	}
	tell(metro.CallOpen, phone, metro.VIPActive)
	tell(metro.CallOpen, phone, metro.VIPActive)
	if m := member(); text(m, "state") != "active" || text(m, "phone") != "138****8000" {
		t.Errorf("the member is %v", m)
	}
	for _, kind := range metro.Forgeries() {
		d, err := sim.Forge(t.Context(), metro.Message{MchID: metroMerchant, Call: metro.CallUnbind, UID: uid, Phone: other}, kind)
		x.w.must(err)
		if d.Accepted && kind != metro.ForgeReplay || text(member(), "state") != "active" {
			t.Errorf("the forgery %s: %+v, member %v", kind, d, member())
		}
	}
	tell(metro.CallPhone, other, "")
	if m := member(); text(m, "phone") != "139****9000" {
		t.Errorf("the member is %v", m)
	}
	tell(metro.CallUnbind, other, metro.VIPClosed)
	tell(metro.CallUnbind, other, metro.VIPClosed)
	if m := member(); text(m, "state") != "closed" {
		t.Errorf("the member is %v", m)
	}
	tell(metro.CallOpen, phone, metro.VIPActive)
	for _, kind := range metro.Forgeries() {
		d, err := sim.Forge(t.Context(), metro.Message{MchID: metroMerchant, Call: metro.CallUnbind, UID: uid, Phone: phone}, kind)
		x.w.must(err)
		// The very same message again is a provider that did not hear our answer: it closes nothing.
		if d.Accepted && kind != metro.ForgeReplay || text(member(), "state") != "active" {
			t.Errorf("the forgery %s: %+v, member %v", kind, d, member())
		}
	}
	var events []string
	for _, e := range x.list("/v1/events?limit=100") {
		if strings.HasPrefix(text(e, "type"), "member.") {
			events = append(events, text(e, "type"))
		}
	}
	if got := strings.Join(events, " "); got != "member.opened member.closed member.phone member.opened" {
		t.Errorf("the tenant was told %s", got)
	}
	x.phonesAreSealed(phone, other)
}

// phonesAreSealed looks for the numbers in the whole database.
func (x *shop) phonesAreSealed(phones ...string) {
	x.t.Helper()
	dump, err := json.Marshal([]any{x.list("/v1/members?limit=100"), x.list("/v1/callbacks?limit=100"), x.list("/v1/events?limit=100")})
	x.w.must(err)
	for _, phone := range phones {
		if strings.Contains(string(dump), phone) {
			x.t.Errorf("the number %s… is readable", phone[:3])
		}
	}
}

// TestMetroRefusesOtherCodes: a code of another length or beginning is refused before anything is written.
func TestMetroRefusesOtherCodes(t *testing.T) {
	t.Parallel()
	sim, x := metroWorld(t)
	good, err := sim.Code("100000000003", "")
	x.w.must(err)
	for name, code := range map[string]string{"35 digits": good[:35], "37 digits": good + "1", "another beginning": "9" + good[1:]} {
		if reply := x.refused("metro", "barcode", 100, map[string]any{"payer_code": code}, "invalid_payer_code"); text(reply, "param") != "payer_code" {
			t.Errorf("%s: %v", name, errors.New(text(reply, "detail")))
		}
	}
	if n := len(x.list("/v1/payments")); n != 0 {
		t.Errorf("%d payments were written", n)
	}
}
