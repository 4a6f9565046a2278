package service

import (
	"encoding/json"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// paymentWords, refundWords and payoutWords are the states as the console names them.
func paymentWords() map[string]core.Text {
	return map[string]core.Text{
		string(core.PaymentRequiresAction): {ZH: "等待付款", EN: "waiting for payer"},
		string(core.PaymentProcessing):     {ZH: "处理中", EN: "processing"},
		string(core.PaymentSucceeded):      {ZH: "已支付", EN: "paid"},
		string(core.PaymentFailed):         {ZH: "支付失败", EN: "failed"},
		string(core.PaymentCanceled):       {ZH: "已撤销", EN: "canceled"},
		string(core.PaymentClosed):         {ZH: "已关闭", EN: "closed"},
		string(core.PaymentExpired):        {ZH: "已过期", EN: "expired"},
	}
}

func refundWords() map[string]core.Text {
	return map[string]core.Text{
		string(core.RefundPendingApproval): {ZH: "待审批", EN: "waiting for approval"},
		string(core.RefundProcessing):      {ZH: "退款中", EN: "processing"},
		string(core.RefundSucceeded):       {ZH: "已退款", EN: "refunded"},
		string(core.RefundFailed):          {ZH: "退款失败", EN: "failed"},
		string(core.RefundRejected):        {ZH: "已驳回", EN: "rejected"},
	}
}

func payoutWords() map[string]core.Text {
	return map[string]core.Text{
		string(core.PayoutPendingApproval): {ZH: "待审批", EN: "waiting for approval"},
		string(core.PayoutProcessing):      {ZH: "付款中", EN: "processing"},
		string(core.PayoutInReview):        {ZH: "渠道审核中", EN: "in review"},
		string(core.PayoutSucceeded):       {ZH: "已付款", EN: "paid"},
		string(core.PayoutFailed):          {ZH: "付款失败", EN: "failed"},
		string(core.PayoutReturned):        {ZH: "已退回", EN: "returned"},
		string(core.PayoutRejected):        {ZH: "已驳回", EN: "rejected"},
	}
}

func exportPayments() exportKind {
	states := paymentWords()
	return listExport[core.PaymentFilter, core.Payment]{
		permission: "payments", name: core.Text{ZH: "支付订单", EN: "Payments"},
		narrow: func(id core.Identity, f core.PaymentFilter, before time.Time) (_ core.PaymentFilter, err error) {
			f.To = earlier(f.To, before)
			f.StoreIDs, err = boundStores(id, f.StoreIDs)
			return f, err
		},
		counted: exportReader.CountPayments, paged: exportReader.PaymentPage,
		from: func(f core.PaymentFilter, page core.Page) core.PaymentFilter { f.Page = page; return f },
		key:  func(p core.Payment) (time.Time, core.ID) { return p.CreatedAt, p.ID },
		fields: []exportField[core.Payment]{
			{"order_no", "平台订单号", "Order number", func(_ exportWords, p core.Payment) core.ExportCell { return textCell(p.OrderNo) }},
			{"merchant_order_no", "商户订单号", "Merchant's order number", func(_ exportWords, p core.Payment) core.ExportCell { return textCell(p.MerchantOrderNo) }},
			{"merchant", "商户", "Merchant", func(w exportWords, p core.Payment) core.ExportCell { return textCell(w.merchants[p.TenantID]) }},
			{"store", "门店", "Store", func(w exportWords, p core.Payment) core.ExportCell { return textCell(w.stores[p.StoreID]) }},
			{"provider", "支付渠道", "Provider", func(_ exportWords, p core.Payment) core.ExportCell { return textCell(p.Provider) }},
			{"account", "渠道账户", "Provider account", func(w exportWords, p core.Payment) core.ExportCell { return textCell(w.accounts[p.AccountID]) }},
			{"method", "支付方式", "Method", func(_ exportWords, p core.Payment) core.ExportCell { return textCell(string(p.Method)) }},
			{"channel", "支付通道", "Channel", func(_ exportWords, p core.Payment) core.ExportCell { return textCell(p.Channel) }},
			{"state", "状态", "State", func(w exportWords, p core.Payment) core.ExportCell {
				return w.state(string(p.State), p.UnknownSince, states)
			}},
			{"amount", "金额（元）", "Amount (yuan)", func(_ exportWords, p core.Payment) core.ExportCell { return amountCell(p.Amount.Minor) }},
			{"refunded", "已退金额（元）", "Refunded (yuan)", func(_ exportWords, p core.Payment) core.ExportCell { return amountCell(p.Refunded) }},
			{"fee", "手续费（元）", "Fee (yuan)", func(_ exportWords, p core.Payment) core.ExportCell { return amountCell(p.Fee) }},
			{"subject", "商品", "Subject", func(_ exportWords, p core.Payment) core.ExportCell { return textCell(p.Subject) }},
			{"description", "说明", "Description", func(_ exportWords, p core.Payment) core.ExportCell { return textCell(p.Description) }},
			{"provider_order_no", "渠道订单号", "Provider's order number", func(_ exportWords, p core.Payment) core.ExportCell { return textCell(p.ProviderOrderNo) }},
			{"channel_trade_no", "通道流水号", "Channel's number", func(_ exportWords, p core.Payment) core.ExportCell { return textCell(p.ChannelTradeNo) }},
			{"failure_code", "失败代码", "Failure code", func(_ exportWords, p core.Payment) core.ExportCell { return textCell(p.FailureCode) }},
			{"provider_message", "渠道说明", "Provider's message", func(_ exportWords, p core.Payment) core.ExportCell { return textCell(p.Provided.Message) }},
			{"created_at", "创建时间（北京时间）", "Created (Beijing time, UTC+8)", func(_ exportWords, p core.Payment) core.ExportCell { return timeCell(p.CreatedAt) }},
			{"succeeded_at", "支付时间（北京时间）", "Paid (Beijing time, UTC+8)", func(_ exportWords, p core.Payment) core.ExportCell { return timeCell(p.SucceededAt) }},
			{"created_by", "操作人", "Created by", func(_ exportWords, p core.Payment) core.ExportCell { return textCell(p.CreatedBy) }},
			{"payment_id", "支付编号", "Payment id", func(_ exportWords, p core.Payment) core.ExportCell { return idCell(core.PrefixPayment, p.ID) }},
			{"store_id", "门店编号", "Store id", func(_ exportWords, p core.Payment) core.ExportCell { return idCell(core.PrefixStore, p.StoreID) }},
			{"account_id", "账户编号", "Account id", func(_ exportWords, p core.Payment) core.ExportCell { return idCell(core.PrefixAccount, p.AccountID) }},
			{"merchant_id", "商户编号", "Merchant id", func(_ exportWords, p core.Payment) core.ExportCell { return idCell(core.PrefixTenant, p.TenantID) }},
		},
	}
}

func exportRefunds() exportKind {
	states := refundWords()
	return listExport[core.RefundFilter, core.Refund]{
		permission: "refunds", name: core.Text{ZH: "退款", EN: "Refunds"},
		narrow: func(id core.Identity, f core.RefundFilter, before time.Time) (_ core.RefundFilter, err error) {
			f.To = earlier(f.To, before)
			f.StoreIDs, err = boundStores(id, f.StoreIDs)
			return f, err
		},
		counted: exportReader.CountRefunds, paged: exportReader.RefundPage,
		from: func(f core.RefundFilter, page core.Page) core.RefundFilter { f.Page = page; return f },
		key:  func(r core.Refund) (time.Time, core.ID) { return r.CreatedAt, r.ID },
		fields: []exportField[core.Refund]{
			{"refund_no", "平台退款单号", "Refund number", func(_ exportWords, r core.Refund) core.ExportCell { return textCell(r.RefundNo) }},
			{"merchant_refund_no", "商户退款单号", "Merchant's refund number", func(_ exportWords, r core.Refund) core.ExportCell { return textCell(r.MerchantRefundNo) }},
			{"payment_id", "支付编号", "Payment id", func(_ exportWords, r core.Refund) core.ExportCell { return idCell(core.PrefixPayment, r.PaymentID) }},
			{"merchant", "商户", "Merchant", func(w exportWords, r core.Refund) core.ExportCell { return textCell(w.merchants[r.TenantID]) }},
			{"provider", "支付渠道", "Provider", func(_ exportWords, r core.Refund) core.ExportCell { return textCell(r.Provider) }},
			{"account", "渠道账户", "Provider account", func(w exportWords, r core.Refund) core.ExportCell { return textCell(w.accounts[r.AccountID]) }},
			{"state", "状态", "State", func(w exportWords, r core.Refund) core.ExportCell {
				return w.state(string(r.State), r.UnknownSince, states)
			}},
			{"amount", "退款金额（元）", "Amount (yuan)", func(_ exportWords, r core.Refund) core.ExportCell { return amountCell(r.Amount.Minor) }},
			{"reason", "退款原因", "Reason", func(_ exportWords, r core.Refund) core.ExportCell { return textCell(r.Reason) }},
			{"provider_refund_no", "渠道退款单号", "Provider's refund number", func(_ exportWords, r core.Refund) core.ExportCell { return textCell(r.ProviderRefundNo) }},
			{"failure_code", "失败代码", "Failure code", func(_ exportWords, r core.Refund) core.ExportCell { return textCell(r.FailureCode) }},
			{"provider_message", "渠道说明", "Provider's message", func(_ exportWords, r core.Refund) core.ExportCell { return textCell(r.Provided.Message) }},
			{"created_at", "创建时间（北京时间）", "Created (Beijing time, UTC+8)", func(_ exportWords, r core.Refund) core.ExportCell { return timeCell(r.CreatedAt) }},
			{"succeeded_at", "退款时间（北京时间）", "Refunded (Beijing time, UTC+8)", func(_ exportWords, r core.Refund) core.ExportCell { return timeCell(r.SucceededAt) }},
			{"created_by", "操作人", "Created by", func(_ exportWords, r core.Refund) core.ExportCell { return textCell(r.CreatedBy) }},
			{"refund_id", "退款编号", "Refund id", func(_ exportWords, r core.Refund) core.ExportCell { return idCell(core.PrefixRefund, r.ID) }},
			{"account_id", "账户编号", "Account id", func(_ exportWords, r core.Refund) core.ExportCell { return idCell(core.PrefixAccount, r.AccountID) }},
			{"merchant_id", "商户编号", "Merchant id", func(_ exportWords, r core.Refund) core.ExportCell { return idCell(core.PrefixTenant, r.TenantID) }},
		},
	}
}

// exportPayouts shows payees masked, as the list does.
func exportPayouts() exportKind {
	states := payoutWords()
	return listExport[core.PayoutFilter, core.Payout]{
		permission: "payouts", name: core.Text{ZH: "付款", EN: "Payouts"},
		narrow: func(id core.Identity, f core.PayoutFilter, before time.Time) (core.PayoutFilter, error) {
			f.To = earlier(f.To, before)
			return f, wholeTenant(id)
		},
		counted: exportReader.CountPayouts, paged: exportReader.PayoutPage,
		from: func(f core.PayoutFilter, page core.Page) core.PayoutFilter { f.Page = page; return f },
		key:  func(p core.Payout) (time.Time, core.ID) { return p.CreatedAt, p.ID },
		fields: []exportField[core.Payout]{
			{"payout_no", "平台付款单号", "Payout number", func(_ exportWords, p core.Payout) core.ExportCell { return textCell(p.PayoutNo) }},
			{"merchant_payout_no", "商户付款单号", "Merchant's payout number", func(_ exportWords, p core.Payout) core.ExportCell { return textCell(p.MerchantPayoutNo) }},
			{"merchant", "商户", "Merchant", func(w exportWords, p core.Payout) core.ExportCell { return textCell(w.merchants[p.TenantID]) }},
			{"provider", "支付渠道", "Provider", func(_ exportWords, p core.Payout) core.ExportCell { return textCell(p.Provider) }},
			{"account", "渠道账户", "Provider account", func(w exportWords, p core.Payout) core.ExportCell { return textCell(w.accounts[p.AccountID]) }},
			{"source", "出款方式", "Source", func(_ exportWords, p core.Payout) core.ExportCell { return textCell(p.Source) }},
			{"payee_name", "收款人", "Payee", func(_ exportWords, p core.Payout) core.ExportCell { return textCell(p.PayeeName) }},
			{"payee_number", "收款账号", "Payee account", func(_ exportWords, p core.Payout) core.ExportCell { return textCell(p.PayeeNumber) }},
			{"bank_name", "开户银行", "Bank", func(_ exportWords, p core.Payout) core.ExportCell { return textCell(p.BankName) }},
			{"state", "状态", "State", func(w exportWords, p core.Payout) core.ExportCell {
				return w.state(string(p.State), p.UnknownSince, states)
			}},
			{"amount", "付款金额（元）", "Amount (yuan)", func(_ exportWords, p core.Payout) core.ExportCell { return amountCell(p.Amount.Minor) }},
			{"fee", "手续费（元）", "Fee (yuan)", func(_ exportWords, p core.Payout) core.ExportCell { return amountCell(p.Fee) }},
			{"purpose", "用途", "Purpose", func(_ exportWords, p core.Payout) core.ExportCell { return textCell(p.Purpose) }},
			{"provider_payout_no", "渠道付款单号", "Provider's payout number", func(_ exportWords, p core.Payout) core.ExportCell { return textCell(p.ProviderPayoutNo) }},
			{"failure_code", "失败代码", "Failure code", func(_ exportWords, p core.Payout) core.ExportCell { return textCell(p.FailureCode) }},
			{"provider_message", "渠道说明", "Provider's message", func(_ exportWords, p core.Payout) core.ExportCell { return textCell(p.Provided.Message) }},
			{"created_at", "创建时间（北京时间）", "Created (Beijing time, UTC+8)", func(_ exportWords, p core.Payout) core.ExportCell { return timeCell(p.CreatedAt) }},
			{"paid_at", "付款时间（北京时间）", "Paid (Beijing time, UTC+8)", func(_ exportWords, p core.Payout) core.ExportCell { return timeCell(p.PaidAt) }},
			{"created_by", "经办人", "Created by", func(_ exportWords, p core.Payout) core.ExportCell { return textCell(p.CreatedBy) }},
			{"approved_by", "复核人", "Approved by", func(_ exportWords, p core.Payout) core.ExportCell { return textCell(p.ApprovedBy) }},
			{"payout_id", "付款编号", "Payout id", func(_ exportWords, p core.Payout) core.ExportCell { return idCell(core.PrefixPayout, p.ID) }},
			{"batch_id", "批次编号", "Batch id", func(_ exportWords, p core.Payout) core.ExportCell { return idCell(core.PrefixPayoutBatch, p.BatchID) }},
			{"account_id", "账户编号", "Account id", func(_ exportWords, p core.Payout) core.ExportCell { return idCell(core.PrefixAccount, p.AccountID) }},
			{"merchant_id", "商户编号", "Merchant id", func(_ exportWords, p core.Payout) core.ExportCell { return idCell(core.PrefixTenant, p.TenantID) }},
		},
	}
}

func exportAudit() exportKind {
	return listExport[core.AuditFilter, core.AuditEntry]{
		permission: "audit", name: core.Text{ZH: "操作日志", EN: "Audit log"},
		narrow: func(id core.Identity, f core.AuditFilter, before time.Time) (core.AuditFilter, error) {
			f.To = earlier(f.To, before)
			return f, wholeTenant(id)
		},
		counted: exportReader.CountAudit, paged: exportReader.AuditPage,
		from: func(f core.AuditFilter, page core.Page) core.AuditFilter { f.Page = page; return f },
		key:  func(a core.AuditEntry) (time.Time, core.ID) { return a.CreatedAt, a.ID },
		fields: []exportField[core.AuditEntry]{
			{"created_at", "时间（北京时间）", "Time (Beijing time, UTC+8)", func(_ exportWords, a core.AuditEntry) core.ExportCell { return timeCell(a.CreatedAt) }},
			{"merchant", "商户", "Merchant", func(w exportWords, a core.AuditEntry) core.ExportCell { return textCell(w.merchants[a.TenantID]) }},
			{"actor", "操作人", "Actor", func(_ exportWords, a core.AuditEntry) core.ExportCell { return textCell(a.Actor) }},
			{"action", "操作", "Action", func(_ exportWords, a core.AuditEntry) core.ExportCell { return textCell(a.Action) }},
			{"object", "对象", "Object", func(_ exportWords, a core.AuditEntry) core.ExportCell { return textCell(a.Object) }},
			{"before", "变更前", "Before", func(_ exportWords, a core.AuditEntry) core.ExportCell { return jsonCell(a.Before) }},
			{"after", "变更后", "After", func(_ exportWords, a core.AuditEntry) core.ExportCell { return jsonCell(a.After) }},
			{"ip", "IP 地址", "IP address", func(_ exportWords, a core.AuditEntry) core.ExportCell { return textCell(a.IP) }},
			{"request_id", "请求编号", "Request id", func(_ exportWords, a core.AuditEntry) core.ExportCell { return textCell(a.RequestID) }},
			{"audit_id", "记录编号", "Record id", func(_ exportWords, a core.AuditEntry) core.ExportCell { return idCell(core.PrefixAudit, a.ID) }},
			{"chain_index", "链序号", "Place in the chain", func(_ exportWords, a core.AuditEntry) core.ExportCell {
				return core.ExportCell{Kind: core.CellCount, Number: a.ChainIndex}
			}},
			{"merchant_id", "商户编号", "Merchant id", func(_ exportWords, a core.AuditEntry) core.ExportCell { return idCell(core.PrefixTenant, a.TenantID) }},
		},
	}
}

func jsonCell(raw json.RawMessage) core.ExportCell { return textCell(string(raw)) }
