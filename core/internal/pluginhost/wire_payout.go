package pluginhost

import (
	"github.com/zhanggui-pay/zhanggui/core"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

func payoutRequestToWire(r core.PayoutRequest) *providerpb.PayoutRequest {
	return &providerpb.PayoutRequest{
		OrderNo: r.OrderNo, Amount: moneyToWire(r.Amount), Channel: r.Channel, Source: r.Source,
		PayeeName: r.PayeeName.Reveal(), PayeeNumber: r.PayeeNumber.Reveal(), PayeeType: r.PayeeType,
		BankCode: r.BankCode, BankName: valid(r.BankName), BranchCode: r.BranchCode, BranchName: valid(r.BranchName),
		Province: valid(r.Province), City: valid(r.City), Phone: r.Phone.Reveal(), IdNumber: r.IDNumber.Reveal(),
		Purpose: valid(r.Purpose), CreatedAt: timeToWire(r.CreatedAt), Extra: dictionary[string](r.Extra, valid),
	}
}

func payoutRefToWire(r core.PayoutRef) *providerpb.PayoutRef {
	return &providerpb.PayoutRef{
		OrderNo: r.OrderNo, ProviderOrderNo: r.ProviderOrderNo, Channel: r.Channel, Amount: moneyToWire(r.Amount), CreatedAt: timeToWire(r.CreatedAt),
	}
}

func payoutResultFromWire(r *providerpb.PayoutResult) core.PayoutResult {
	return core.PayoutResult{
		Outcome: outcome(r.GetOutcome()), OrderNo: r.GetOrderNo(), Amount: moneyFromWire(r.GetAmount()), Fee: moneyFromWire(r.GetFee()),
		ProviderOrderNo: r.GetProviderOrderNo(), InReview: r.GetInReview(), Returned: r.GetReturned(), PaidAt: timeFromWire(r.GetPaidAt()),
		Provider: providerFromWire(r.GetProvider()),
	}
}

func balanceResultFromWire(r *providerpb.BalanceResult) core.BalanceResult {
	return core.BalanceResult{
		Outcome: outcome(r.GetOutcome()), Balances: list(r.GetBalances(), balanceFromWire), Payable: moneyFromWire(r.GetPayable()),
		Total: moneyFromWire(r.GetTotal()), AsOf: timeFromWire(r.GetAsOf()), Provider: providerFromWire(r.GetProvider()),
	}
}

func balanceFromWire(b *providerpb.Balance) core.Balance {
	return core.Balance{
		Channel: b.GetChannel(), ChannelMerchant: b.GetChannelMerchant(), Name: b.GetName(), Suspended: b.GetSuspended(),
		Pending: moneyFromWire(b.GetPending()), Available: moneyFromWire(b.GetAvailable()), Advance: moneyFromWire(b.GetAdvance()),
		Frozen: moneyFromWire(b.GetFrozen()), Minimum: moneyFromWire(b.GetMinimum()), Maximum: moneyFromWire(b.GetMaximum()),
		Opens: b.GetOpens(), Closes: b.GetCloses(), Holidays: b.GetHolidays(), Clears: b.GetClears(), ClearsAt: int(b.GetClearsAt()),
		Figures: dictionary[string](b.GetFigures(), same),
	}
}

func billResultFromWire(r *providerpb.BillResult) core.BillResult {
	return core.BillResult{
		Outcome: outcome(r.GetOutcome()), Totals: list(r.GetTotals(), billTotalFromWire), Lines: list(r.GetLines(), billLineFromWire),
		Next: r.GetNext(), Provider: providerFromWire(r.GetProvider()),
	}
}

func billTotalFromWire(t *providerpb.BillTotal) core.BillTotal {
	return core.BillTotal{Kind: t.GetKind(), Method: t.GetMethod(), Count: t.GetCount(), Amount: moneyFromWire(t.GetAmount())}
}

func billLineFromWire(l *providerpb.BillLine) core.BillLine {
	return core.BillLine{
		Kind: l.GetKind(), OrderNo: l.GetOrderNo(), RefundNo: l.GetRefundNo(), ProviderOrderNo: l.GetProviderOrderNo(),
		Amount: moneyFromWire(l.GetAmount()), Fee: moneyFromWire(l.GetFee()), At: timeFromWire(l.GetAt()), Status: l.GetStatus(),
	}
}

func listResultFromWire(r *providerpb.ListResult) core.ListResult {
	return core.ListResult{
		Outcome: outcome(r.GetOutcome()), Payments: list(r.GetPayments(), paymentResultFromWire), Next: r.GetNext(), Provider: providerFromWire(r.GetProvider()),
	}
}
