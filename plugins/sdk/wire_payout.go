package sdk

import providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"

func payoutRequestToWire(r PayoutRequest) *providerpb.PayoutRequest {
	return &providerpb.PayoutRequest{
		OrderNo: r.OrderNo, Amount: moneyToWire(r.Amount), Channel: r.Channel, Source: r.Source, PayeeName: secretToWire(r.PayeeName),
		PayeeNumber: secretToWire(r.PayeeNumber), PayeeType: r.PayeeType, BankCode: r.BankCode, BankName: r.BankName, BranchCode: r.BranchCode,
		BranchName: r.BranchName, Province: r.Province, City: r.City,
		Phone: secretToWire(r.Phone), IdNumber: secretToWire(r.IDNumber), Purpose: r.Purpose, CreatedAt: timeToWire(r.CreatedAt), Extra: stringsMap(r.Extra),
	}
}

func payoutRequestFromWire(r *providerpb.PayoutRequest) PayoutRequest {
	return PayoutRequest{
		OrderNo: r.GetOrderNo(), Amount: moneyFromWire(r.GetAmount()), Channel: r.GetChannel(), Source: r.GetSource(), PayeeName: secretFromWire(r.GetPayeeName()),
		PayeeNumber: secretFromWire(r.GetPayeeNumber()), PayeeType: r.GetPayeeType(), BankCode: r.GetBankCode(), BankName: r.GetBankName(), BranchCode: r.GetBranchCode(),
		BranchName: r.GetBranchName(), Province: r.GetProvince(), City: r.GetCity(),
		Phone: secretFromWire(r.GetPhone()), IDNumber: secretFromWire(r.GetIdNumber()), Purpose: r.GetPurpose(), CreatedAt: timeFromWire(r.GetCreatedAt()), Extra: stringsMap(r.GetExtra()),
	}
}

func payoutRefToWire(r PayoutRef) *providerpb.PayoutRef {
	return &providerpb.PayoutRef{
		OrderNo: r.OrderNo, ProviderOrderNo: r.ProviderOrderNo, Channel: r.Channel, Amount: moneyToWire(r.Amount), CreatedAt: timeToWire(r.CreatedAt),
	}
}

func payoutRefFromWire(r *providerpb.PayoutRef) PayoutRef {
	return PayoutRef{
		OrderNo: r.GetOrderNo(), ProviderOrderNo: r.GetProviderOrderNo(), Channel: r.GetChannel(), Amount: moneyFromWire(r.GetAmount()), CreatedAt: timeFromWire(r.GetCreatedAt()),
	}
}

func payoutResultToWire(r PayoutResult) *providerpb.PayoutResult {
	return &providerpb.PayoutResult{
		Outcome: string(r.Outcome), OrderNo: valid(r.OrderNo), Amount: moneyToWire(r.Amount), Fee: moneyToWire(r.Fee), ProviderOrderNo: valid(r.ProviderOrderNo),
		InReview: r.InReview, Returned: r.Returned, PaidAt: timeToWire(r.PaidAt), Provider: providerToWire(r.Provider), KeyRefused: r.KeyRefused,
	}
}

func payoutResultFromWire(r *providerpb.PayoutResult) PayoutResult {
	return PayoutResult{
		Outcome: Outcome(r.GetOutcome()), OrderNo: r.GetOrderNo(), Amount: moneyFromWire(r.GetAmount()), Fee: moneyFromWire(r.GetFee()), ProviderOrderNo: r.GetProviderOrderNo(),
		InReview: r.GetInReview(), Returned: r.GetReturned(), PaidAt: timeFromWire(r.GetPaidAt()), Provider: providerFromWire(r.GetProvider()), KeyRefused: r.GetKeyRefused(),
	}
}

func balanceResultToWire(r BalanceResult) *providerpb.BalanceResult {
	return &providerpb.BalanceResult{
		Outcome: string(r.Outcome), Balances: list(r.Balances, balanceToWire), Payable: moneyToWire(r.Payable), Total: moneyToWire(r.Total),
		AsOf: timeToWire(r.AsOf), Provider: providerToWire(r.Provider),
	}
}

func balanceResultFromWire(r *providerpb.BalanceResult) BalanceResult {
	return BalanceResult{
		Outcome: Outcome(r.GetOutcome()), Balances: list(r.GetBalances(), balanceFromWire), Payable: moneyFromWire(r.GetPayable()), Total: moneyFromWire(r.GetTotal()),
		AsOf: timeFromWire(r.GetAsOf()), Provider: providerFromWire(r.GetProvider()),
	}
}

func balanceToWire(b Balance) *providerpb.Balance {
	return &providerpb.Balance{
		Channel: valid(b.Channel), ChannelMerchant: valid(b.ChannelMerchant), Name: valid(b.Name), Suspended: b.Suspended,
		Pending: moneyToWire(b.Pending), Available: moneyToWire(b.Available), Advance: moneyToWire(b.Advance), Frozen: moneyToWire(b.Frozen),
		Minimum: moneyToWire(b.Minimum), Maximum: moneyToWire(b.Maximum), Opens: valid(b.Opens), Closes: valid(b.Closes), Holidays: b.Holidays,
		Clears: b.Clears, ClearsAt: int32(b.ClearsAt), Figures: validMap(b.Figures), //nolint:gosec // an hour of the day
	}
}

func balanceFromWire(b *providerpb.Balance) Balance {
	return Balance{
		Channel: b.GetChannel(), ChannelMerchant: b.GetChannelMerchant(), Name: b.GetName(), Suspended: b.GetSuspended(),
		Pending: moneyFromWire(b.GetPending()), Available: moneyFromWire(b.GetAvailable()), Advance: moneyFromWire(b.GetAdvance()), Frozen: moneyFromWire(b.GetFrozen()),
		Minimum: moneyFromWire(b.GetMinimum()), Maximum: moneyFromWire(b.GetMaximum()), Opens: b.GetOpens(), Closes: b.GetCloses(), Holidays: b.GetHolidays(),
		Clears: b.GetClears(), ClearsAt: int(b.GetClearsAt()), Figures: stringsMap(b.GetFigures()),
	}
}

func billRequestToWire(r BillRequest) *providerpb.BillRequest {
	return &providerpb.BillRequest{Day: timeToWire(r.Day), Kind: r.Kind, Cursor: r.Cursor}
}

func billRequestFromWire(r *providerpb.BillRequest) BillRequest {
	return BillRequest{Day: timeFromWire(r.GetDay()), Kind: r.GetKind(), Cursor: r.GetCursor()}
}

func billResultToWire(r BillResult) *providerpb.BillResult {
	return &providerpb.BillResult{
		Outcome: string(r.Outcome), Totals: list(r.Totals, billTotalToWire), Lines: list(r.Lines, billLineToWire), Next: valid(r.Next), Provider: providerToWire(r.Provider),
	}
}

func billResultFromWire(r *providerpb.BillResult) BillResult {
	return BillResult{
		Outcome: Outcome(r.GetOutcome()), Totals: list(r.GetTotals(), billTotalFromWire), Lines: list(r.GetLines(), billLineFromWire), Next: r.GetNext(), Provider: providerFromWire(r.GetProvider()),
	}
}

func billTotalToWire(t BillTotal) *providerpb.BillTotal {
	return &providerpb.BillTotal{Kind: t.Kind, Method: valid(t.Method), Count: t.Count, Amount: moneyToWire(t.Amount)}
}

func billTotalFromWire(t *providerpb.BillTotal) BillTotal {
	return BillTotal{Kind: t.GetKind(), Method: t.GetMethod(), Count: t.GetCount(), Amount: moneyFromWire(t.GetAmount())}
}

func billLineToWire(l BillLine) *providerpb.BillLine {
	return &providerpb.BillLine{
		Kind: l.Kind, OrderNo: valid(l.OrderNo), RefundNo: valid(l.RefundNo), ProviderOrderNo: valid(l.ProviderOrderNo),
		Amount: moneyToWire(l.Amount), Fee: moneyToWire(l.Fee), At: timeToWire(l.At), Status: valid(l.Status),
	}
}

func billLineFromWire(l *providerpb.BillLine) BillLine {
	return BillLine{
		Kind: l.GetKind(), OrderNo: l.GetOrderNo(), RefundNo: l.GetRefundNo(), ProviderOrderNo: l.GetProviderOrderNo(),
		Amount: moneyFromWire(l.GetAmount()), Fee: moneyFromWire(l.GetFee()), At: timeFromWire(l.GetAt()), Status: l.GetStatus(),
	}
}
