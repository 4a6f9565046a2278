package core

import "context"

// Topic names a kind of things by the word that their addresses in the API begin with:
// payments, payout-batches. What consoles keep of them goes by the same word.
type Topic string

// The topics. What changes too often to be told, or is shown nowhere, has none.
const (
	TopicPayments          Topic = "payments"
	TopicRefunds           Topic = "refunds"
	TopicPayouts           Topic = "payouts"
	TopicPayoutBatches     Topic = "payout-batches"
	TopicCases             Topic = "cases"
	TopicApprovals         Topic = "approvals"
	TopicApprovalTiers     Topic = "approval-tiers"
	TopicAlerts            Topic = "alerts"
	TopicAlertChannels     Topic = "alert-channels"
	TopicCallbacks         Topic = "callbacks"
	TopicExports           Topic = "exports"
	TopicDays              Topic = "reconciliation-days"
	TopicDifferences       Topic = "differences"
	TopicBillImports       Topic = "bill-imports"
	TopicBillMappings      Topic = "bill-mappings"
	TopicBalances          Topic = "balances"
	TopicSettlement        Topic = "settlement"
	TopicWebhooks          Topic = "webhooks"
	TopicWebhookDeliveries Topic = "webhook-deliveries"
	TopicTenants           Topic = "tenants"
	TopicStores            Topic = "stores"
	TopicTerminals         Topic = "terminals"
	TopicAccounts          Topic = "accounts"
	TopicCards             Topic = "cards"
	TopicMembers           Topic = "members"
	TopicUsers             Topic = "users"
	TopicAPIKeys           Topic = "api-keys"
	TopicLimits            Topic = "limits"
	TopicFreezes           Topic = "freezes"
	TopicFeeRates          Topic = "fee-rates"
	TopicPlugins           Topic = "plugins"
	TopicPluginUploads     Topic = "plugin-uploads"
	TopicCalendar          Topic = "calendar"
	// TopicSession says that the roles of the listener may have changed. Everybody hears it.
	TopicSession Topic = "session"
)

// Change says that things of a topic changed at a merchant, never which or how: who listens
// reads them again by the API, as allowed.
type Change struct {
	// TenantID is zero for what is the platform's own.
	TenantID ID
	Topic    Topic
}

// Live tells the signed-in that what they look at changed.
type Live interface {
	// Follow begins to listen at the caller's merchant, or at all of them for a platform caller
	// who named none. Errors: CodeForbidden for an API key, CodeRateLimited when the caller or
	// the node follows too much already, CodeShuttingDown.
	Follow(ctx context.Context) (Following, error)
}

// Following is one listener. It is used by one goroutine.
type Following interface {
	// Next waits for the next changes and gives their topics, those that the caller may read at
	// that moment. An empty list is a sign of life, after the session was found in order.
	// Errors: CodeUnauthenticated when the session has ended, CodeNotFound when the caller has
	// no role there any more, CodeShuttingDown, or ctx's; every error is the end.
	Next(ctx context.Context) ([]Topic, error)
	// Close ends it. It may be called twice.
	Close()
}
