package postgres

import (
	"slices"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

// topicOf is the topic of what stands in a table, or nothing: what belongs to a row of another
// table that the same transaction writes is told of by that.
func topicOf(table string) core.Topic {
	switch table {
	case "payments":
		return core.TopicPayments
	case "refunds":
		return core.TopicRefunds
	case "payouts":
		return core.TopicPayouts
	case "payout_batches":
		return core.TopicPayoutBatches
	case "cases", "resolutions":
		return core.TopicCases
	case "approvals", "approval_decisions":
		return core.TopicApprovals
	case "approval_tiers":
		return core.TopicApprovalTiers
	case "alerts":
		return core.TopicAlerts
	case "alert_channels":
		return core.TopicAlertChannels
	case "callbacks":
		return core.TopicCallbacks
	case "exports":
		return core.TopicExports
	case "entries":
		return core.TopicSettlement
	case "webhook_endpoints", "webhook_secrets":
		return core.TopicWebhooks
	case "webhook_deliveries":
		return core.TopicWebhookDeliveries
	}
	return topicOfOffice(table)
}

// topicOfOffice is topicOf for the books and for what seldom changes.
func topicOfOffice(table string) core.Topic {
	switch table {
	case "reconciliation_days":
		return core.TopicDays
	case "differences":
		return core.TopicDifferences
	case "bill_imports":
		return core.TopicBillImports
	case "bill_mappings":
		return core.TopicBillMappings
	case "balance_snapshots", "balance_marks":
		return core.TopicBalances
	case "tenants":
		return core.TopicTenants
	case "stores":
		return core.TopicStores
	case "terminals":
		return core.TopicTerminals
	case "provider_accounts":
		return core.TopicAccounts
	case "bound_cards":
		return core.TopicCards
	case "members":
		return core.TopicMembers
	case "users", "role_bindings":
		return core.TopicUsers
	case "api_keys":
		return core.TopicAPIKeys
	case "spending_limits":
		return core.TopicLimits
	case "freezes":
		return core.TopicFreezes
	case "fee_rates":
		return core.TopicFeeRates
	case "plugins", "plugin_versions":
		return core.TopicPlugins
	case "plugin_uploads":
		return core.TopicPluginUploads
	case "working_calendars":
		return core.TopicCalendar
	}
	return ""
}

// note remembers that rows of a table were written, for the announcement after the commit.
func (s *session) note(table string) {
	topic := topicOf(table)
	if topic == "" {
		return
	}
	if c := (core.Change{TenantID: s.tenant, Topic: topic}); !slices.Contains(s.changed, c) {
		s.changed = append(s.changed, c)
	}
}

// noteStatement notes the tables that a statement of ours writes.
func (s *session) noteStatement(text string) {
	for _, table := range writtenTables(text) {
		s.note(table)
	}
}

// writtenTables reads the names behind INSERT INTO, UPDATE and DELETE FROM. What only takes a
// lease is no change to anybody. It knows the way we write statements, not SQL.
func writtenTables(text string) []string {
	text = strings.TrimPrefix(text, unprepared)
	if strings.HasPrefix(text, "SELECT") {
		return nil
	}
	var names []string
	for _, verb := range []string{"INSERT INTO ", "UPDATE ", "DELETE FROM "} {
		for rest := text; ; {
			_, after, found := strings.Cut(rest, verb)
			if !found {
				break
			}
			rest = after
			end := strings.IndexFunc(after, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') })
			if end > 0 && !strings.HasPrefix(after[end:], " SET lease_") {
				names = append(names, after[:end])
			}
		}
	}
	return names
}
