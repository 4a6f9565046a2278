package service

import (
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// differenceWords and differenceStateWords are the kinds and states as the console names them.
func differenceWords() map[string]core.Text {
	return map[string]core.Text{
		string(core.DifferSurplus):    {ZH: "长款", EN: "surplus"},
		string(core.DifferShortage):   {ZH: "短款", EN: "shortage"},
		string(core.DifferAmount):     {ZH: "金额不符", EN: "amount"},
		string(core.DifferState):      {ZH: "状态不符", EN: "state"},
		string(core.DifferFee):        {ZH: "手续费不符", EN: "fee"},
		string(core.DifferDay):        {ZH: "日期不符", EN: "day"},
		string(core.DifferDuplicate):  {ZH: "重复", EN: "duplicate"},
		string(core.DifferTotal):      {ZH: "汇总不符", EN: "total"},
		string(core.DifferUnanswered): {ZH: "渠道未答复", EN: "unanswered"},
	}
}

func differenceStateWords() map[string]core.Text {
	return map[string]core.Text{
		string(core.DifferenceOpen):       {ZH: "待处理", EN: "open"},
		string(core.DifferenceCorrecting): {ZH: "待审批更正", EN: "awaiting approval"},
		string(core.DifferenceAccepted):   {ZH: "已说明", EN: "accepted"},
		string(core.DifferenceLinked):     {ZH: "已关联", EN: "linked"},
		string(core.DifferenceCorrected):  {ZH: "已更正", EN: "corrected"},
		string(core.DifferenceGone):       {ZH: "已消失", EN: "gone"},
	}
}

func exportDifferences() exportKind {
	kinds, states := differenceWords(), differenceStateWords()
	return listExport[core.DifferenceFilter, core.Difference]{
		permission: "reconciliation", name: core.Text{ZH: "对账差异", EN: "Differences"},
		narrow: func(id core.Identity, f core.DifferenceFilter, before time.Time) (core.DifferenceFilter, error) {
			f.FoundBefore = earlier(f.FoundBefore, before)
			return f, wholeTenant(id)
		},
		counted: exportReader.CountDifferencesFound, paged: exportReader.DifferencePage,
		from: func(f core.DifferenceFilter, page core.Page) core.DifferenceFilter { f.Page = page; return f },
		key:  func(d core.Difference) (time.Time, core.ID) { return d.FoundAt, d.ID },
		fields: []exportField[core.Difference]{
			{"day", "日期（北京时间）", "Day (Beijing time, UTC+8)", func(_ exportWords, d core.Difference) core.ExportCell { return textCell(string(d.Day)) }},
			{"merchant", "商户", "Merchant", func(w exportWords, d core.Difference) core.ExportCell { return textCell(w.merchants[d.TenantID]) }},
			{"provider", "支付渠道", "Provider", func(_ exportWords, d core.Difference) core.ExportCell { return textCell(d.Provider) }},
			{"account", "渠道账户", "Provider account", func(w exportWords, d core.Difference) core.ExportCell { return textCell(w.accounts[d.AccountID]) }},
			{"kind", "差异类型", "Kind", func(w exportWords, d core.Difference) core.ExportCell {
				return w.state(string(d.Kind), time.Time{}, kinds)
			}},
			{"movement", "资金变动", "Movement", func(_ exportWords, d core.Difference) core.ExportCell { return textCell(string(d.Movement)) }},
			{"number", "平台单号", "Our number", func(_ exportWords, d core.Difference) core.ExportCell { return textCell(d.Number) }},
			{"provider_number", "渠道单号", "Provider's number", func(_ exportWords, d core.Difference) core.ExportCell { return textCell(d.ProviderNumber) }},
			{"ours_state", "我方状态", "Our state", func(_ exportWords, d core.Difference) core.ExportCell { return textCell(d.Ours.State) }},
			{"ours_amount", "我方金额（元）", "Our amount (yuan)", func(_ exportWords, d core.Difference) core.ExportCell { return statedCell(d.Ours.Amount) }},
			{"ours_fee", "我方手续费（元）", "Our fee (yuan)", func(_ exportWords, d core.Difference) core.ExportCell { return statedCell(d.Ours.Fee) }},
			{"theirs_state", "渠道状态", "Provider's state", func(_ exportWords, d core.Difference) core.ExportCell { return textCell(d.Theirs.State) }},
			{"theirs_amount", "渠道金额（元）", "Provider's amount (yuan)", func(_ exportWords, d core.Difference) core.ExportCell { return statedCell(d.Theirs.Amount) }},
			{"theirs_fee", "渠道手续费（元）", "Provider's fee (yuan)", func(_ exportWords, d core.Difference) core.ExportCell { return statedCell(d.Theirs.Fee) }},
			{"state", "处理状态", "State", func(w exportWords, d core.Difference) core.ExportCell {
				return w.state(string(d.State), time.Time{}, states)
			}},
			{"owner", "负责人", "Owner", func(_ exportWords, d core.Difference) core.ExportCell { return textCell(d.Owner) }},
			{"remark", "说明", "Remark", func(_ exportWords, d core.Difference) core.ExportCell { return textCell(d.Remark) }},
			{"found_at", "发现时间（北京时间）", "Found (Beijing time, UTC+8)", func(_ exportWords, d core.Difference) core.ExportCell { return timeCell(d.FoundAt) }},
			{"resolved_at", "处理时间（北京时间）", "Resolved (Beijing time, UTC+8)", func(_ exportWords, d core.Difference) core.ExportCell { return timeCell(d.ResolvedAt) }},
			{"resolved_by", "处理人", "Resolved by", func(_ exportWords, d core.Difference) core.ExportCell { return textCell(d.ResolvedBy) }},
			{"difference_id", "差异编号", "Difference id", func(_ exportWords, d core.Difference) core.ExportCell { return idCell(core.PrefixDifference, d.ID) }},
			{"account_id", "账户编号", "Account id", func(_ exportWords, d core.Difference) core.ExportCell { return idCell(core.PrefixAccount, d.AccountID) }},
			{"merchant_id", "商户编号", "Merchant id", func(_ exportWords, d core.Difference) core.ExportCell { return idCell(core.PrefixTenant, d.TenantID) }},
		},
	}
}

// statedCell is empty for an amount that is not stated.
func statedCell(m core.Money) core.ExportCell {
	if m.Currency == "" {
		return core.ExportCell{}
	}
	return amountCell(m.Minor)
}
