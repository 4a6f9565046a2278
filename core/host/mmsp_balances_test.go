//go:build e2e

package host_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// put sends JSON with the merchant's API key and wants 200.
func (x *shop) put(path string, body map[string]any) map[string]any {
	x.t.Helper()
	raw, err := json.Marshal(body)
	x.w.must(err)
	req, err := http.NewRequestWithContext(x.t.Context(), http.MethodPut, "http://"+x.h.Address()+path, bytes.NewReader(raw))
	x.w.must(err)
	req.Header.Set("Content-Type", "application/json")
	status, reply := x.m.do(req)
	if status != http.StatusOK {
		x.t.Fatalf("PUT %s: %d %v", path, status, reply)
	}
	return reply
}

// today makes today and tomorrow days that are worked, or holidays.
func (m *mmspShop) today(worked bool) {
	m.t.Helper()
	now := m.clock.now().In(core.Beijing())
	var days []core.CalendarDay
	for _, day := range []time.Time{now, now.AddDate(0, 0, 1)} {
		if core.WorkingDays(nil).Working(day) != worked && day.Year() == now.Year() {
			days = append(days, core.CalendarDay{Day: day.Format(time.DateOnly), Working: worked})
		}
	}
	if len(days) == 0 { // it is so anyway, and a calendar has a day
		days = append(days, core.CalendarDay{Day: now.Format("2006") + "-05-01"})
	}
	_, err := m.h.Service().SetCalendar(m.w.asAdmin(m.t.Context(), m.h, core.ID{}), now.Year(), days)
	m.w.must(err)
}

// asked asks the platform for the balances, and gives the answer with its channels by number.
func (m *mmspShop) asked() (reply map[string]any, channels map[string]map[string]any) {
	m.t.Helper()
	m.clock.advance(11 * time.Second)
	status, reply := m.post(m.balancePath(), map[string]any{})
	if status != http.StatusOK {
		m.t.Fatalf("the balances: %d %v", status, reply)
	}
	return reply, channelsOf(reply)
}

func (m *mmspShop) balancePath() string {
	return "/v1/accounts/" + m.accounts["mmsp"].Prefixed(core.PrefixAccount) + "/balances"
}

func channelsOf(reply map[string]any) map[string]map[string]any {
	out := map[string]map[string]any{}
	list, _ := reply["channels"].([]any)
	for _, one := range list {
		channel, _ := one.(map[string]any)
		out[text(object(channel, "figures"), "channel")] = channel
	}
	return out
}

// payableNow is what can be paid out of a source of a channel, and why not.
func payableNow(channel map[string]any, source string) (amount int64, reason string) {
	list, _ := channel["payable_now"].([]any)
	for _, one := range list {
		if p, _ := one.(map[string]any); text(p, "source") == source {
			return fen(p, "available_to_pay_out"), text(p, "reason")
		}
	}
	return 0, "no such source"
}

// TestMMSPBalances: the figures of the platform's channels, what can be paid out of them now with
// the fee, the history, and the alert for a low balance.
func TestMMSPBalances(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, mmsp.Options{}, nil)
	as := m.w.asAdmin(t.Context(), m.h, m.m.id)
	_, err := m.h.Service().AddFeeRate(as, core.FeeRateInput{AccountID: m.accounts["mmsp"], Method: core.MethodPayout, PerPayout: 200})
	m.w.must(err)
	m.today(true)
	reply, channels := m.asked()
	if fen(reply, "provider_payable") != 5_340_000 || fen(reply, "provider_total") != 5_341_070 || len(channels) != 2 || text(reply, "taken_at") == "" {
		t.Errorf("the sums are %v", reply)
	}
	for number, want := range map[string]map[string]int64{
		"C1": {"pending": 1000, "available": 5_000_000, "advance": 0, "frozen": 0},
		"C2": {"pending": 70, "available": 40_000, "advance": 300_000, "frozen": 9},
	} {
		figures := object(channels[number], "figures")
		for name, amount := range want {
			if value, stated := figures[name]; !stated || fen(figures, name) != amount {
				t.Errorf("%s of %s is %v, want %d", name, number, value, amount)
			}
		}
		if text(object(figures, "provider_figures"), "CHLNO") != number || text(channels[number], "expected_clear_at") == "" {
			t.Errorf("%s: %v", number, channels[number])
		}
	}
	for _, c := range []struct {
		channel, source string
		amount          int64
		reason          string
	}{
		{"C1", "balance", 4_999_800, ""}, {"C1", "advance", 0, "nothing"}, {"C2", "balance", 39_800, ""}, {"C2", "advance", 299_800, ""},
	} {
		if amount, reason := payableNow(channels[c.channel], c.source); amount != c.amount || reason != c.reason {
			t.Errorf("%s of %s: %d %s, want %d %s", c.source, c.channel, amount, reason, c.amount, c.reason)
		}
	}
	if status, again := m.post(m.balancePath(), map[string]any{}); status != http.StatusTooManyRequests || text(again, "code") != "too_early" {
		t.Errorf("asked again at once: %d %v", status, again)
	}
	m.lowBalance()
	worked := channelsOf(m.list("/v1/balances")[0])["C1"]
	m.today(false)
	holiday := channelsOf(m.list("/v1/balances")[0])["C1"]
	if before, after := text(worked, "expected_clear_at"), text(holiday, "expected_clear_at"); before == "" || after <= before {
		t.Errorf("T1 clears by %s when tomorrow is worked, by %s when it is a holiday", before, after)
	}
	var available []int64
	for _, s := range m.list(m.balancePath() + "?channel=C1") {
		available = append(available, fen(object(s, "figures"), "available"))
	}
	if len(available) != 2 || available[0] != 4_989_800 || available[1] != 5_000_000 {
		t.Errorf("the history is %v", available)
	}
	m.noViolations()
}

// lowBalance pays out until the balance is under its mark, and takes the mark away again.
func (m *mmspShop) lowBalance() {
	m.t.Helper()
	mark := strings.TrimSuffix(m.balancePath(), "s") + "-mark"
	if reply := m.put(mark, map[string]any{"channel": "C1", "amount": 4_990_000}); text(reply, "low_since") != "" {
		m.t.Errorf("low before it is: %v", reply)
	}
	m.asks(m.paidOut(mmspPayout(10_000), core.OutcomeInProgress), core.OutcomeSucceeded)
	if reply, _ := m.asked(); text(reply, "low_since") == "" {
		m.t.Errorf("not low: %v", reply)
	}
	low := m.list("/v1/alerts?kind=balance_low&open=true")
	if len(low) != 1 || text(low[0], "object_id") != m.accounts["mmsp"].Prefixed(core.PrefixAccount) || text(object(low[0], "args"), "available") != "¥49,898.00" {
		m.t.Errorf("the alerts are %v", low)
	}
	m.put(mark, map[string]any{"channel": "C1"})
	if low := m.list("/v1/alerts?kind=balance_low&open=true"); len(low) != 0 {
		m.t.Errorf("still open: %v", low)
	}
}
