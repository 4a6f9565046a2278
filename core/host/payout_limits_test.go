//go:build e2e

package host_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// payoutRefused wants a payout that is not even kept.
func (m *mmspShop) payoutRefused(what string, amount int64, code, sentence string) {
	m.t.Helper()
	status, reply := m.post("/v1/payouts", payoutBody(amount, nil))
	if status < 400 || status >= 500 || text(reply, "code") != code || !strings.Contains(text(reply, "detail"), sentence) {
		m.t.Errorf("%s: %d %v, want %s", what, status, reply, code)
	}
}

// usedToday is what the day's payouts of the account have used of its limit.
func (m *mmspShop) usedToday(want int64) {
	m.t.Helper()
	for _, l := range m.list("/v1/limits") {
		if text(l, "spending") == "payout" && fen(l, "daily") > 0 {
			if fen(l, "used_today") != want {
				m.t.Errorf("today has used %v, want %d", l, want)
			}
			return
		}
	}
	m.t.Error("there is no daily limit of payouts")
}

func (m *mmspShop) decides(payout map[string]any, agree bool) error {
	m.t.Helper()
	_, err := m.h.Service().DecideApproval(m.person(""), m.approval(m.idOf(core.PrefixPayout, payout)).ID, agree, "")
	return err
}

// TestPayoutLimitsAndFees: limits count what waits and what is sent, and give back what was
// rejected or failed; a freeze stops also what was asked for before; the fee must fit in, and
// stands on the payout when it has succeeded.
func TestPayoutLimitsAndFees(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, mmsp.Options{}, nil)
	s := m.h.Service()
	account := core.Scope{AccountID: m.accounts["mmsp"]}
	_, err := s.AddFeeRate(m.person(""), core.FeeRateInput{AccountID: account.AccountID, Method: core.MethodPayout, BasisPoints: 10, Minimum: 5, PerPayout: 200})
	m.w.must(err)
	m.payoutRefused("the fee does not fit in", 5_000_000, "insufficient_balance", "¥50,052.00")

	_, err = s.SetLimit(m.person(""), core.LimitInput{Scope: account, Spending: core.SpendPayout, Single: 10_000, Daily: 25_000})
	m.w.must(err)
	m.payoutRefused("over the single limit", 10_001, "limit_exceeded", "¥100.00")
	paid := m.asksFor(10_000, nil)
	m.w.must(m.decides(paid, true))
	if got := m.payout(paid, "succeeded"); fen(got, "fee") != 210 {
		t.Errorf("the fee of a payout is %v", got["fee"])
	}
	m.moved(paid, 10_000, 1)
	rejected := m.asksFor(10_000, nil)
	m.usedToday(20_000)
	m.payoutRefused("over the daily limit", 5_001, "limit_exceeded", "¥50.00 is left")
	m.w.must(m.decides(rejected, false))
	m.usedToday(10_000)
	m.fault(mmsp.Fault{Operation: mmsp.OpPayout, Kind: mmsp.FaultFail, Message: "账户已冻结", Times: 1})
	failed := m.asksFor(9_000, nil)
	m.usedToday(19_000)
	m.w.must(m.decides(failed, true))
	if got := m.payout(failed, "failed"); fen(got, "fee") != 0 {
		t.Errorf("a failure costs %v", got["fee"])
	}
	m.usedToday(10_000)
	m.batchWithinLimits()

	waiting := m.asksFor(1_000, nil)
	freeze, err := s.Freeze(m.person(""), core.Scope{}, "under review")
	m.w.must(err)
	m.payoutRefused("while frozen", 100, "frozen", "under review")
	if err := m.decides(waiting, true); core.CodeOf(err) != core.CodeFrozen {
		t.Errorf("agreed to while frozen: %v", err)
	}
	m.moved(waiting, 0, 0)
	_, err = s.LiftFreeze(m.person(""), freeze.ID, "cleared")
	m.w.must(err)
	m.w.must(m.decides(waiting, true))
	m.payout(waiting, "succeeded")
	m.moved(waiting, 1_000, 1)
	m.noViolations()
}

// batchWithinLimits: a file counts with its sum, and gives it back when it is rejected.
func (m *mmspShop) batchWithinLimits() {
	m.t.Helper()
	file := func(name, amount string) map[string]any {
		rows := batchHeading + batchRow(name+"1", amount, drillName) + batchRow(name+"2", amount, drillName)
		return map[string]any{"file_name": "工资.csv", "file_base64": gb18030(m.t, rows)}
	}
	if status, reply := m.post("/v1/payout-batches", file("L", "80")); status != http.StatusUnprocessableEntity && status != http.StatusConflict || text(reply, "code") != "limit_exceeded" {
		m.t.Errorf("a file over the daily limit: %d %v", status, reply)
	}
	status, batch := m.post("/v1/payout-batches", file("M", "70"))
	if status != http.StatusAccepted {
		m.t.Fatalf("a file within the limits: %d %v", status, batch)
	}
	m.usedToday(24_000)
	m.clock.advance(time.Second)
	_, err := m.h.Service().DecideApproval(m.person(""), m.approval(m.idOf(core.PrefixPayoutBatch, batch)).ID, false, "")
	m.w.must(err)
	m.usedToday(10_000)
}
