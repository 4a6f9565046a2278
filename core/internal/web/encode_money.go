package web

import (
	"sort"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

func (s *Server) paymentOf(p core.Payment) api.Payment {
	return api.Payment{
		ID: id(core.PrefixPayment, p.ID), TenantID: id(core.PrefixTenant, p.TenantID),
		OrderNo: p.OrderNo, MerchantOrderNo: p.MerchantOrderNo,
		AccountID: id(core.PrefixAccount, p.AccountID), Provider: p.Provider,
		StoreID: id(core.PrefixStore, p.StoreID), TerminalID: id(core.PrefixTerminal, p.TerminalID),
		Method: string(p.Method), Channel: p.Channel,
		Amount: p.Amount.Minor, Currency: string(p.Amount.Currency), Subject: p.Subject, Description: p.Description,
		State: api.PaymentState(p.State), Unknown: !p.UnknownSince.IsZero(), UnknownSince: utc(p.UnknownSince), UnknownReason: p.UnknownReason,
		NextAction:      nextActionOf(p.NextAction, s.opt.Payments.ActionLink(p)),
		ProviderOrderNo: p.ProviderOrderNo, ChannelTradeNo: p.ChannelTradeNo, PayerID: p.PayerID,
		UserRef: p.UserRef, BoundCardID: id(core.PrefixCard, p.BoundCardID), CodeSentAt: utc(p.CodeSentAt),
		ProviderCode: p.Provided.Code, ProviderMessage: p.Provided.Message, FailureCode: p.FailureCode,
		Refunded: p.Refunded, Reserved: p.Reserved, Refundable: p.Refundable(), Fee: p.Fee,
		NextCheckAt: utc(p.NextCheckAt), Checks: int64(p.Checks), CancelAt: utc(p.CancelAt),
		CreatedBy: p.CreatedBy, CreatedAt: utc(p.CreatedAt), UpdatedAt: utc(p.UpdatedAt), SucceededAt: utc(p.SucceededAt),
		ResolutionID: id(core.PrefixResolution, p.ResolutionID), Version: int64(p.Version),
	}
}

// nextActionOf leaves out what only our own page may show: there the link stands for it.
func nextActionOf(a *core.NextAction, link string) api.NextAction {
	if a == nil {
		return api.NextAction{}
	}
	if link != "" {
		return api.NextAction{Type: a.Type, URL: link, ExpiresAt: utc(a.ExpiresAt)}
	}
	return api.NextAction{Type: a.Type, URL: a.URL, QrContent: a.QRContent, Fields: a.Fields, ExpiresAt: utc(a.ExpiresAt)}
}

func refundOf(r core.Refund) api.Refund {
	return api.Refund{
		ID: id(core.PrefixRefund, r.ID), TenantID: id(core.PrefixTenant, r.TenantID), PaymentID: id(core.PrefixPayment, r.PaymentID),
		RefundNo: r.RefundNo, MerchantRefundNo: r.MerchantRefundNo,
		AccountID: id(core.PrefixAccount, r.AccountID), Provider: r.Provider,
		Amount: r.Amount.Minor, Currency: string(r.Amount.Currency), Reason: r.Reason,
		State: api.RefundState(r.State), Unknown: !r.UnknownSince.IsZero(), UnknownSince: utc(r.UnknownSince), UnknownReason: r.UnknownReason,
		ProviderRefundNo: r.ProviderRefundNo, ProviderCode: r.Provided.Code, ProviderMessage: r.Provided.Message, FailureCode: r.FailureCode,
		NextCheckAt: utc(r.NextCheckAt), Checks: int64(r.Checks),
		CreatedBy: r.CreatedBy, CreatedAt: utc(r.CreatedAt), ApprovedAt: utc(r.ApprovedAt), SentAt: utc(r.SentAt),
		UpdatedAt: utc(r.UpdatedAt), SucceededAt: utc(r.SucceededAt), ResolutionID: id(core.PrefixResolution, r.ResolutionID), Version: int64(r.Version),
	}
}

func attemptOf(a core.Attempt) api.Attempt {
	uses := make(map[string]int64, len(a.KeyUses))
	for k, n := range a.KeyUses {
		uses[k] = int64(n)
	}
	return api.Attempt{
		ID: id(core.PrefixAttempt, a.ID), PaymentID: id(core.PrefixPayment, a.PaymentID), RefundID: id(core.PrefixRefund, a.RefundID), PayoutID: id(core.PrefixPayout, a.PayoutID),
		AccountID: id(core.PrefixAccount, a.AccountID), Operation: string(a.Operation), Outcome: string(a.Outcome), Sent: string(a.Sent),
		ProviderCode: a.Provided.Code, ProviderMessage: a.Provided.Message, Evidence: a.Evidence,
		KeyUses: uses, KeyVersion: int64(a.KeyVersion), Plugin: a.Plugin,
		StartedAt: utc(a.StartedAt), FinishedAt: utc(a.FinishedAt), DurationMillis: a.Duration.Milliseconds(),
	}
}

func eventOf(e core.Event) api.Event {
	return api.Event{
		ID: id(core.PrefixEvent, e.ID), TenantID: id(core.PrefixTenant, e.TenantID), Type: e.Type,
		ObjectID: id(core.EventObjectPrefix(e.Type), e.ObjectID), Sequence: e.Sequence, Data: object(e.Data), CreatedAt: utc(e.CreatedAt),
	}
}

// timelineOf puts calls and events into the order in which they happened. The call that is made
// for a new object begins at the moment of the object's making, and comes after it.
func timelineOf(attempts []core.Attempt, events []core.Event) []api.TimelineEntry {
	out := make([]api.TimelineEntry, 0, len(attempts)+len(events))
	for _, a := range attempts {
		out = append(out, api.TimelineEntry{At: utc(a.StartedAt), Kind: api.TimelineEntryKindAttempt, ID: id(core.PrefixAttempt, a.ID), Title: string(a.Operation), Outcome: string(a.Outcome)})
	}
	for _, e := range events {
		out = append(out, api.TimelineEntry{At: utc(e.CreatedAt), Kind: api.TimelineEntryKindEvent, ID: id(core.PrefixEvent, e.ID), Title: e.Type})
	}
	made := func(e api.TimelineEntry) bool {
		return e.Kind == api.TimelineEntryKindEvent && strings.HasSuffix(e.Title, ".created")
	}
	sort.SliceStable(out, func(i, j int) bool {
		if out[i].At.Equal(out[j].At) {
			return made(out[i]) && !made(out[j])
		}
		return out[i].At.Before(out[j].At)
	})
	return out
}

func (s *Server) detailOf(d core.PaymentDetail) api.PaymentDetail {
	out := api.PaymentDetail{
		Payment: s.paymentOf(d.Payment), Refunds: each(d.Refunds, refundOf), Attempts: each(d.Attempts, attemptOf), Events: each(d.Events, eventOf),
		Timeline: timelineOf(d.Attempts, d.Events), Cancelable: d.Cancelable, Syncable: d.Syncable, CanRefund: d.Refundable,
	}
	if !d.Tenant.ID.IsZero() {
		out.Tenant = tenantOf(d.Tenant)
	}
	if !d.Account.ID.IsZero() {
		out.Account = accountOf(d.Account)
	}
	return out
}
