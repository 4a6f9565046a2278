package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	sim "github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

func (s *shop) payOut(t *testing.T, req sdk.PayoutRequest) sdk.PayoutResult {
	t.Helper()
	r, err := testPlugin().CreatePayout(t.Context(), s.call(t, sdk.CapCreatePayout), req)
	must(t, err)
	return r
}

func (s *shop) payout(t *testing.T, ref sdk.PayoutRef) sdk.PayoutResult {
	t.Helper()
	r, err := testPlugin().QueryPayout(t.Context(), s.call(t, sdk.CapQueryPayout), ref)
	must(t, err)
	return r
}

func (s *shop) balances(t *testing.T) sdk.BalanceResult {
	t.Helper()
	r, err := testPlugin().ListBalances(t.Context(), s.call(t, sdk.CapListBalances))
	must(t, err)
	return r
}

// TestSimPayout: from the balance to a card, and from the advance to a company.
func TestSimPayout(t *testing.T) {
	t.Parallel()
	for _, options := range []sim.PayoutOptions{{}, {Bare: true, AccountText: true}, {PaidAtOnce: true}} {
		s := openShop(t, sim.Options{Payout: options})
		before := s.balances(t)
		r := s.payOut(t, payoutRequest())
		if options.PaidAtOnce {
			want(t, "paid at once", r.Outcome, succeeded)
		} else {
			want(t, "paying", r.Outcome, inProgress)
		}
		want(t, "number", r.OrderNo, testOrder)
		paid := s.payout(t, payoutRef())
		want(t, "paid", paid.Outcome, succeeded)
		want(t, "amount", paid.Amount, sdk.Fen(10_000))
		want(t, "platform's number", paid.ProviderOrderNo, r.ProviderOrderNo)
		want(t, "ledger", s.paid(t, testOrder), -10_000)

		advance := corporatePayout()
		advance.OrderNo, advance.Channel, advance.Extra = "26010100010000000002", "C2", map[string]string{extraBusinessType: "004", extraChannelMerchant: "M2"}
		s.payOut(t, advance)
		ref := payoutRef()
		ref.OrderNo = advance.OrderNo
		want(t, "paid from the advance", s.payout(t, ref).Outcome, succeeded)
		held, _ := s.platform.Payout(testMerchant, advance.OrderNo)
		want(t, "PAYTYPE", held.PayType, "3")

		after := s.balances(t)
		if len(before.Balances) != 2 || len(after.Balances) != 2 {
			t.Fatalf("balances: %+v, then %+v", before, after)
		}
		want(t, "balance left", before.Balances[0].Available.Minor-after.Balances[0].Available.Minor, 10_200) // the fee on top
		want(t, "advance left", before.Balances[1].Advance.Minor-after.Balances[1].Advance.Minor, 10_000)
		s.clean(t)
	}
}

// TestSimBalances: every figure of the rows, and the sums of the notes 11 and 12.
func TestSimBalances(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	r := s.balances(t)
	want(t, "balances", r.Outcome, succeeded)
	want(t, "as of", r.AsOf.Equal(testNow), true)
	want(t, "payable", r.Payable, sdk.Fen(5_000_000+40_000+300_000))
	want(t, "total", r.Total, sdk.Fen(5_000_000+1000+40_000+70+300_000))
	if len(r.Balances) != 2 {
		t.Fatalf("balances: %+v", r)
	}
	first, second := r.Balances[0], r.Balances[1]
	if len(first.Figures) < 15 {
		t.Errorf("figures: %v", first.Figures)
	}
	first.Figures, second.Figures = nil, nil
	for i, row := range []sdk.Balance{first, second} {
		wanted := []sdk.Balance{
			{
				Channel: "C1", ChannelMerchant: "M1", Pending: sdk.Fen(1000), Available: sdk.Fen(5_000_000), Advance: sdk.Fen(0), Frozen: sdk.Fen(0), Minimum: sdk.Fen(1),
				Maximum: sdk.Fen(5_000_000), Opens: "08:00:00", Closes: "22:00:00", Holidays: "balance", Clears: "T1", ClearsAt: 16,
			},
			{
				Channel: "C2", ChannelMerchant: "M2", Pending: sdk.Fen(70), Available: sdk.Fen(40_000), Advance: sdk.Fen(300_000), Frozen: sdk.Fen(9), Minimum: sdk.Fen(1),
				Maximum: row.Maximum, Opens: "00:00:00", Closes: "23:59:59", Holidays: "both", Clears: "D1", ClearsAt: 0,
			},
		}[i]
		if encodeJSON(row) != encodeJSON(wanted) {
			t.Errorf("row %d: %+v\nwant %+v", i, row, wanted)
		}
	}
	s.clean(t)
}

// TestSimPayoutAgain: the same number twice moves the money once, and is no failure.
func TestSimPayoutAgain(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	s.payOut(t, payoutRequest())
	again := s.payOut(t, payoutRequest())
	want(t, "again", again.Outcome, unknown)
	want(t, "again", again.Provider.Code, "1008")
	want(t, "paid", s.payout(t, payoutRef()).Outcome, succeeded)
	want(t, "ledger", s.paid(t, testOrder), -10_000)
	nothing := payoutRef()
	nothing.OrderNo = "26010100010000000009"
	want(t, "no such payout", s.payout(t, nothing).Outcome, notFound)
}

// TestSimPayoutRefused: a refusal leaves no payout behind, and the provider's words are shown.
func TestSimPayoutRefused(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	req := payoutRequest()
	req.Amount = sdk.Fen(4_999_900) // with the fee it is more than there is
	r := s.payOut(t, req)
	want(t, "too much", r.Outcome, refusedIt)
	want(t, "too much", r.Provider.Code, "1031")
	want(t, "asked", s.payout(t, payoutRef()).Outcome, notFound)
	want(t, "money", s.platform.Ledger().Len(), 0)

	s.host.Credentials[credPayoutKey] = testFile("payout-platform.key.pem") // another merchant's
	r = s.payOut(t, payoutRequest())
	want(t, "a wrong signature", r.Outcome, refusedIt)
	want(t, "a wrong signature", r.KeyRefused, true)
}

// TestSimPayoutReturned: a bank refuses, and one gives back what was paid.
func TestSimPayoutReturned(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	s.arm(t, sim.Fault{Operation: sim.OpPayout, Kind: sim.FaultPending, Queries: 99, Then: sim.ThenNever, Times: 1})
	want(t, "waiting", s.payOut(t, payoutRequest()).Outcome, inProgress)
	want(t, "still waiting", s.payout(t, payoutRef()).Outcome, inProgress)
	must(t, s.platform.FailPayout(testMerchant, testOrder))
	gone := s.payout(t, payoutRef())
	want(t, "the bank refused", gone.Outcome, failed)
	want(t, "the bank refused", gone.Returned, false)
	want(t, "ledger", s.paid(t, testOrder), 0)

	req, ref := payoutRequest(), payoutRef()
	req.OrderNo, ref.OrderNo = "26010100010000000002", "26010100010000000002"
	s.payOut(t, req)
	want(t, "paid", s.payout(t, ref).Outcome, succeeded)
	must(t, s.platform.ReturnPayout(testMerchant, ref.OrderNo))
	back := s.payout(t, ref)
	want(t, "given back", back.Outcome, failed)
	want(t, "given back", back.Returned, true)
	want(t, "ledger", s.paid(t, ref.OrderNo), 0)
	s.clean(t)
}

// TestSimPayoutTexts: any name and purpose reaches the platform as it was given.
func TestSimPayoutTexts(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	text := rapid.OneOf(rapid.StringN(1, 20, -1), rapid.SampledFrom([]string{`"\/<>&'`, "张三·阿依古丽", "☕😀", "a/b\\c"}))
	number := 0
	rapid.Check(t, func(r *rapid.T) {
		name, purpose := strings.ToValidUTF8(text.Draw(r, "name"), "?"), strings.ToValidUTF8(text.Draw(r, "purpose"), "?")
		if strings.TrimSpace(name) == "" || strings.TrimSpace(purpose) == "" {
			r.Skip("the platform wants a text")
		}
		number++
		req := payoutRequest()
		req.OrderNo, req.Amount = fmt.Sprintf("26010100010000%06d", number), sdk.Fen(1)
		req.PayeeName, req.Purpose = sdk.SecretString(name), purpose
		if got := s.payOut(t, req); got.Outcome != inProgress {
			r.Fatalf("%q, %q: %+v", name, purpose, got)
		}
		held, _ := s.platform.Payout(testMerchant, req.OrderNo)
		if held.Fields["ACCNAME"] != name || held.Fields["MEMO"] != purpose {
			r.Fatalf("%q, %q arrived as %v", name, purpose, held.Fields)
		}
	})
	s.clean(t)
}

// TestSimPayoutCheckIn: an account for payouts alone proves its keys by asking for balances,
// under a number of the plugin's own: a check-in has none.
func TestSimPayoutCheckIn(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	for _, name := range []string{credMerchantNo, credTerminalNo, credMD5Key} {
		delete(s.host.Credentials, name)
	}
	checkIn := func() sdk.CheckResult {
		call := s.call(t, sdk.CapCheckIn)
		call.OrderNo = ""
		r, err := provider{}.CheckIn(t.Context(), call)
		must(t, err)
		return r
	}
	want(t, "the right keys", checkIn().Outcome, succeeded)
	s.wait(time.Second)
	want(t, "once more", checkIn().Outcome, succeeded)
	s.clean(t)
	s.host.Credentials[credPayoutKey] = testFile("payout-platform.key.pem")
	r := checkIn()
	want(t, "another's key", r.Outcome, refusedIt)
	want(t, "another's key", r.Provider.Code, "1006")
}
