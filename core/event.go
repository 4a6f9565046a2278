package core

import "strings"

// EventObjectPrefix says which kind of object an event is about, by the first word of its type.
func EventObjectPrefix(kind string) string {
	word, _, _ := strings.Cut(kind, ".")
	switch word {
	case "refund":
		return PrefixRefund
	case "payout":
		return PrefixPayout
	case "export":
		return PrefixExport
	case "payout_batch":
		return PrefixPayoutBatch
	case "member":
		return PrefixMember
	case "card":
		return PrefixCard
	case "account", "provider_account":
		return PrefixAccount
	case "tenant":
		return PrefixTenant
	case "store":
		return PrefixStore
	case "terminal":
		return PrefixTerminal
	case "user":
		return PrefixUser
	case "api_key":
		return PrefixAPIKey
	case "case":
		return PrefixCase
	case "alert":
		return PrefixAlert
	case "approval":
		return PrefixApproval
	case "webhook":
		return PrefixWebhook
	case "difference":
		return PrefixDifference
	case "reconciliation":
		return PrefixReconciliation
	case "freeze":
		return PrefixFreeze
	default:
		return PrefixPayment
	}
}
