//go:build e2e

package host_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// mmspPayout pays out to a card.
func mmspPayout(amount int64) core.PayoutRequest {
	return core.PayoutRequest{
		Amount: core.Fen(amount), Source: "balance", PayeeType: "personal", PayeeName: core.SecretString("欧阳测试"),
		PayeeNumber: core.SecretString("6217715555555555"), Phone: core.SecretString("13900139000"), IDNumber: core.SecretString("23210219820916601X"),
		BankName: "招商银行", BranchCode: "104581006015", Province: "广东省", City: "深圳市", Purpose: `工资 <1/2> & "补"`,
	}
}

// payOut pays out under a number of its own; a request that has a number keeps it.
func (m *mmspShop) payOut(req core.PayoutRequest) (core.PayoutResult, core.PayoutRef, error) {
	m.t.Helper()
	call := m.providerCall()
	if req.OrderNo == "" {
		req.OrderNo = call.OrderNo
	}
	call.OrderNo, req.CreatedAt = req.OrderNo, m.clock.now()
	r, err := m.h.Service().Providers.CreatePayout(m.t.Context(), call, req)
	m.hides(r.Exchange.Evidence, req)
	return r, core.PayoutRef{OrderNo: req.OrderNo, Channel: req.Channel, Amount: req.Amount, CreatedAt: req.CreatedAt}, err
}

// hides wants evidence of a payout without its payee.
func (m *mmspShop) hides(evidence []byte, req core.PayoutRequest) {
	m.t.Helper()
	for _, secret := range []core.Secret{req.PayeeName, req.PayeeNumber, req.Phone, req.IDNumber} {
		if secret.Empty() {
			continue
		}
		if form := findCanary(string(evidence), string(secret.Reveal())); form != "" {
			m.t.Errorf("the payout's evidence has %s %s", secret.Reveal(), form)
		}
	}
}

// paidOut pays out and wants an outcome.
func (m *mmspShop) paidOut(req core.PayoutRequest, want core.Outcome) core.PayoutRef {
	m.t.Helper()
	r, ref, err := m.payOut(req)
	if err != nil || r.Outcome != want {
		m.t.Fatalf("the payout is %+v, %v, want %s", r, err, want)
	}
	return ref
}

// asks wants what became of a payout.
func (m *mmspShop) asks(ref core.PayoutRef, want core.Outcome) core.PayoutResult {
	m.t.Helper()
	call := m.providerCall()
	call.OrderNo = ref.OrderNo
	r, err := m.h.Service().Providers.QueryPayout(m.t.Context(), call, ref)
	if err != nil || r.Outcome != want {
		m.t.Fatalf("the payout %s is %+v, %v, want %s", ref.OrderNo, r, err, want)
	}
	return r
}

// out compares how much the platform's own book says was paid out.
func (m *mmspShop) out(ref core.PayoutRef, net int64) {
	m.t.Helper()
	if s := m.sim.Ledger().Order(mmsp.Key(mmspMerchant, ref.OrderNo)); s.Net != -net || s.Payouts > 1 {
		m.t.Errorf("payout %s: the platform's ledger says %+v, want %d", ref.OrderNo, s, net)
	}
}

// TestMMSPPayout: to a card from the balance, to a company from the advance, and what is left (PO1 to PO3).
func TestMMSPPayout(t *testing.T) {
	t.Parallel()
	for _, options := range []mmsp.PayoutOptions{{}, {Bare: true, AccountText: true}} {
		m := newMMSPShop(t, mmsp.Options{Payout: options}, nil)
		before := m.balances()
		card := m.paidOut(mmspPayout(10_000), core.OutcomeInProgress)
		paid := m.asks(card, core.OutcomeSucceeded)
		if paid.OrderNo != card.OrderNo || paid.Amount != card.Amount || paid.ProviderOrderNo == "" || paid.InReview || paid.Returned {
			t.Errorf("paid: %+v", paid)
		}
		m.out(card, 10_000)

		req := mmspPayout(20_000)
		req.PayeeType, req.Source, req.BranchName, req.Channel = "business", "advance", "招商银行深圳分行", "C2"
		req.Extra = map[string]string{"business_type": "004", "channel_merchant": "M2"}
		company := m.paidOut(req, core.OutcomeInProgress)
		m.asks(company, core.OutcomeSucceeded)
		m.out(company, 20_000)

		after := m.balances()
		if left := before["C1"].Available.Minor - after["C1"].Available.Minor; left != 10_200 { // and the fee
			t.Errorf("the balance fell by %d", left)
		}
		if left := before["C2"].Advance.Minor - after["C2"].Advance.Minor; left != 20_000 {
			t.Errorf("the advance fell by %d", left)
		}
		m.noViolations()
	}
}

// balances are the rows by channel; every figure that the platform states must be there.
func (m *mmspShop) balances() map[string]core.Balance {
	m.t.Helper()
	r, err := m.h.Service().Providers.ListBalances(m.t.Context(), m.providerCall())
	m.w.must(err)
	out := map[string]core.Balance{}
	var payable int64
	for _, row := range r.Balances {
		out[row.Channel] = row
		payable += row.Available.Minor + row.Advance.Minor
		if row.ChannelMerchant == "" || row.Pending.Currency != core.CNY || row.Frozen.Currency != core.CNY || row.Minimum.Currency != core.CNY ||
			row.Opens == "" || row.Closes == "" || len(row.Figures) < 15 {
			m.t.Errorf("a row is %+v", row)
		}
	}
	if r.Outcome != core.OutcomeSucceeded || len(out) != 2 || r.Payable.Minor != payable || r.AsOf.IsZero() {
		m.t.Fatalf("the balances are %+v", r)
	}
	return out
}

// TestMMSPPayoutDoubt: 0001 and silence are doubt, whatever they go with; the same number
// again moves nothing; only a query settles.
func TestMMSPPayoutDoubt(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, mmsp.Options{}, nil)
	for what, tt := range map[string]struct {
		fault mmsp.Fault
		then  core.Outcome
		paid  int64
	}{
		"0001, and it moved":      {mmsp.Fault{Kind: mmsp.FaultUncertain, Moved: true, Queries: 1, Result: "3"}, core.OutcomeSucceeded, 5000},
		"0001, and it did not":    {mmsp.Fault{Kind: mmsp.FaultUncertain, Queries: 1, Result: "1"}, core.OutcomeFailed, 0},
		"silence, and it moved":   {mmsp.Fault{Kind: mmsp.FaultLostAfter}, core.OutcomeSucceeded, 5000},
		"silence, and it did not": {mmsp.Fault{Kind: mmsp.FaultLostBefore}, core.OutcomeNotFound, 0},
		"a reply for others":      {mmsp.Fault{Kind: mmsp.FaultBadSignature}, core.OutcomeSucceeded, 5000},
		"another payout's reply":  {mmsp.Fault{Kind: mmsp.FaultWrongOrder}, core.OutcomeSucceeded, 5000},
		"another amount's reply":  {mmsp.Fault{Kind: mmsp.FaultWrongAmount}, core.OutcomeSucceeded, 5000},
	} {
		tt.fault.Operation, tt.fault.Times = mmsp.OpPayout, 1
		m.fault(tt.fault)
		req := mmspPayout(5000)
		r, ref, err := m.payOut(req)
		if err != nil || r.Outcome != core.OutcomeUnknown || r.Exchange.Sent != core.SentMaybe {
			t.Fatalf("%s: %+v, %v", what, r, err)
		}
		if tt.fault.Kind == mmsp.FaultUncertain {
			m.asks(ref, core.OutcomeUnknown)
		}
		m.asks(ref, tt.then)
		m.out(ref, tt.paid)
		if tt.paid == 0 {
			continue
		}
		req.OrderNo = ref.OrderNo
		if again, _, err := m.payOut(req); err != nil || again.Outcome != core.OutcomeUnknown {
			t.Errorf("%s, and once more: %+v, %v", what, again, err)
		}
		m.out(ref, tt.paid)
	}
	m.noViolations()
}

// TestMMSPPayoutStates: refused by the bank, returned by it (PAYSTATE 4), in review (5), and
// the platform's refusals in its own words.
func TestMMSPPayoutStates(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, mmsp.Options{}, nil)
	m.fault(mmsp.Fault{Operation: mmsp.OpPayout, Kind: mmsp.FaultPending, Queries: 1, Then: mmsp.ThenPaid, Result: "5", Times: 1})
	review := m.paidOut(mmspPayout(100), core.OutcomeInProgress)
	if r := m.asks(review, core.OutcomeInProgress); !r.InReview {
		t.Errorf("in review: %+v", r)
	}
	m.asks(review, core.OutcomeSucceeded)
	m.w.must(m.sim.ReturnPayout(mmspMerchant, review.OrderNo))
	if r := m.asks(review, core.OutcomeFailed); !r.Returned {
		t.Errorf("returned: %+v", r)
	}
	m.out(review, 0)

	m.fault(mmsp.Fault{Operation: mmsp.OpPayout, Kind: mmsp.FaultFail, Message: "账户已冻结", Times: 1})
	r, ref, err := m.payOut(mmspPayout(200))
	if err != nil || r.Outcome != core.OutcomeFailed || !strings.Contains(r.Provider.Message, "账户已冻结") {
		t.Errorf("refused by the bank: %+v, %v", r, err)
	}
	m.asks(ref, core.OutcomeFailed)

	m.fault(mmsp.Fault{Operation: mmsp.OpPayout, Kind: mmsp.FaultRefuse, Code: "1031", Message: "余额不足", Times: 1})
	r, ref, err = m.payOut(mmspPayout(300))
	if err != nil || r.Outcome != core.OutcomeRefused || r.Provider.Code != "1031" {
		t.Errorf("refused by the platform: %+v, %v", r, err)
	}
	m.asks(ref, core.OutcomeNotFound)
	m.noViolations()
}

// TestMMSPPayoutRefusals: what the platform does not take is refused here with a sentence,
// and the platform hears nothing of it.
func TestMMSPPayoutRefusals(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, mmsp.Options{}, nil)
	before := m.heard()
	for what, tt := range map[string]struct {
		change func(*core.PayoutRequest)
		param  string
	}{
		"more than ten million":    {func(r *core.PayoutRequest) { r.Amount = core.Fen(1_000_000_001) }, "amount"},
		"nothing":                  {func(r *core.PayoutRequest) { r.Amount = core.Fen(0) }, "amount"},
		"letters in the number":    {func(r *core.PayoutRequest) { r.OrderNo = "PO26112700000000001A" }, "order_no"},
		"letters in the card":      {func(r *core.PayoutRequest) { r.PayeeNumber = core.SecretString("62177155555555AB") }, "payee_number"},
		"both purses":              {func(r *core.PayoutRequest) { r.Source = "balance,advance" }, "source"},
		"a credit card":            {func(r *core.PayoutRequest) { r.PayeeType = "credit" }, "payee_type"},
		"no name":                  {func(r *core.PayoutRequest) { r.PayeeName = core.Secret{} }, "payee_name"},
		"no province":              {func(r *core.PayoutRequest) { r.Province = "" }, "province"},
		"a company's branch":       {func(r *core.PayoutRequest) { r.PayeeType, r.BranchCode = "business", "1234567890" }, "branch_code"},
		"an unknown business type": {func(r *core.PayoutRequest) { r.Extra = map[string]string{"business_type": "006"} }, "extra.business_type"},
	} {
		req := mmspPayout(100)
		tt.change(&req)
		r, _, err := m.payOut(req)
		var refused *core.Error
		if !errors.As(err, &refused) || refused.Code != core.CodeInvalidRequest || refused.Param != tt.param || r.Exchange.Sent != core.SentNo {
			t.Errorf("%s: %+v, %v", what, r, err)
		}
	}
	if after := m.heard(); after != before {
		t.Errorf("the platform heard of it %d times", after-before)
	}
}
