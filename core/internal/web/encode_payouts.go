package web

import (
	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// payoutOf shows a payout. The payee is masked: nothing opens what is sealed but the send.
func payoutOf(p core.Payout) api.Payout {
	return api.Payout{
		ID: id(core.PrefixPayout, p.ID), TenantID: id(core.PrefixTenant, p.TenantID), PayoutNo: p.PayoutNo, MerchantPayoutNo: p.MerchantPayoutNo,
		AccountID: id(core.PrefixAccount, p.AccountID), Provider: p.Provider, BatchID: id(core.PrefixPayoutBatch, p.BatchID), BatchRow: int64(p.BatchRow),
		Amount: p.Amount.Minor, Currency: string(p.Amount.Currency), Fee: p.Fee, ProviderFee: fenOf(p.ProviderFee), Source: p.Source, Channel: p.Channel, Purpose: p.Purpose,
		PayeeType: p.PayeeType, PayeeName: p.PayeeName, PayeeNumber: p.PayeeNumber, BankName: p.BankName,
		State: api.PayoutState(p.State), WaitReason: p.WaitReason, Unknown: !p.UnknownSince.IsZero(), UnknownSince: utc(p.UnknownSince), UnknownReason: p.UnknownReason,
		ProviderPayoutNo: p.ProviderPayoutNo, ProviderCode: p.Provided.Code, ProviderMessage: p.Provided.Message, FailureCode: p.FailureCode,
		ApprovedBy: p.ApprovedBy, NextCheckAt: utc(p.NextCheckAt), Checks: int64(p.Checks), CreatedBy: p.CreatedBy, CreatedAt: utc(p.CreatedAt),
		UpdatedAt: utc(p.UpdatedAt), SentAt: utc(p.SentAt), PaidAt: utc(p.PaidAt), FinishedAt: utc(p.FinishedAt),
		ResolutionID: id(core.PrefixResolution, p.ResolutionID), Version: int64(p.Version),
	}
}

func payoutBatchOf(b core.PayoutBatch) api.PayoutBatch {
	return api.PayoutBatch{
		ID: id(core.PrefixPayoutBatch, b.ID), TenantID: id(core.PrefixTenant, b.TenantID), AccountID: id(core.PrefixAccount, b.AccountID), Provider: b.Provider,
		FileName: b.FileName, Encoding: b.Encoding, Rows: int64(b.Rows), Amount: b.Amount.Minor, Currency: string(b.Amount.Currency),
		State: api.PayoutBatchState(b.State), ErrorCount: int64(b.ErrorCount), FailureCode: b.FailureCode, ApprovedBy: b.ApprovedBy,
		CreatedBy: b.CreatedBy, CreatedAt: utc(b.CreatedAt), UpdatedAt: utc(b.UpdatedAt), Version: int64(b.Version),
	}
}

func rowErrorOf(e core.PayoutRowError) api.PayoutRowError {
	return api.PayoutRowError{Row: int64(e.Row), Column: e.Column, MerchantPayoutNo: e.Number, Code: e.Code, Message: textOf(e.Message)}
}

// payoutTotalsOf lists the states that occur, in the order of a payout's life.
func payoutTotalsOf(t core.PayoutTotals) []api.PayoutTotal {
	out := []api.PayoutTotal{}
	for _, state := range []core.PayoutState{
		core.PayoutPendingApproval, core.PayoutProcessing, core.PayoutInReview, core.PayoutSucceeded, core.PayoutFailed, core.PayoutReturned, core.PayoutRejected,
	} {
		if n := t.Count[state]; n > 0 {
			out = append(out, api.PayoutTotal{State: api.PayoutState(state), Count: int64(n), Amount: t.Sum[state]})
		}
	}
	return out
}

// payoutSpecOf is empty where a product pays nothing out.
func payoutSpecOf(s *core.PayoutSpec) api.PayoutSpec {
	if s == nil {
		return api.PayoutSpec{}
	}
	return api.PayoutSpec{
		Sources: each(s.Sources, channelOf), PayeeTypes: each(s.PayeeTypes, channelOf), Needs: list(s.Needs), Extra: each(s.Extra, inputFieldOf), Maximum: s.Maximum.Minor,
	}
}
