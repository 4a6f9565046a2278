package metrics

import "github.com/prometheus/client_golang/prometheus"

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("zhanggui_"+name, help, labels, nil)
}

var (
	descBuild            = describe("build_info", "1, with the program's version.", "version")
	descFiguresUp        = describe("figures_up", "Whether the database could be asked for the figures that follow; they are left out otherwise.")
	descFiguresTook      = describe("figures_duration_seconds", "How long that took.")
	descUnknown          = describe("unknown_orders", "Orders whose outcome is in doubt, by kind and age.", "kind", "age")
	descUnknownOldest    = describe("unknown_oldest_seconds", "Age of the oldest order in doubt.", "kind")
	descDue              = describe("due", "Things whose time has come, those being worked on included.", "kind")
	descDueOldest        = describe("due_oldest_seconds", "How long the oldest due thing has waited.", "kind")
	descCases            = describe("cases_open", "Cases that wait for a person.", "kind")
	descCasesOldest      = describe("cases_oldest_seconds", "Age of the oldest open case.", "kind")
	descApprovals        = describe("approvals_pending", "What waits for a second person.", "kind")
	descApprovalsOldest  = describe("approvals_oldest_seconds", "How long the oldest has waited for a second person.", "kind")
	descAlerts           = describe("alerts_open", "Alerts that are not resolved.", "kind", "severity")
	descCallbacks        = describe("callbacks_recent", "Callbacks received in the last 15 minutes, by effect.", "effect")
	descBalances         = describe("balances_watched", "Accounts whose balances are read on a schedule.", "provider")
	descBalancesOldest   = describe("balances_oldest_seconds", "Age of the oldest of their newest balances.", "provider")
	descDays             = describe("reconciliation_days", "Days of reconciliation that are not clean.", "state")
	descDaysOldest       = describe("reconciliation_oldest_seconds", "Age of the oldest day of reconciliation that is not clean.", "state")
	descDeliveries       = describe("deliveries_pending", "Webhook deliveries that are neither delivered nor given up.")
	descDeliveriesOldest = describe("deliveries_oldest_seconds", "Age of the oldest webhook delivery that is still to be made.")
	descUnchained        = describe("audit_unchained", "Audit rows that are not chained yet.")
	descUnchainedOldest  = describe("audit_unchained_oldest_seconds", "Age of the oldest audit row that is not chained yet.")

	descKeysUp          = describe("keys_up", "Whether keys can be read: Vault answers and is unsealed.")
	descKeysUnreachable = describe("keys_unreachable_seconds", "Since when keys cannot be read; 0 when they can.")

	descPluginUp         = describe("plugin_up", "Whether the plugin runs and takes calls.", "plugin")
	descPluginRestarts   = describe("plugin_restarts_total", "Starts of the plugin after its first.", "plugin")
	descPluginViolations = describe("plugin_violations_total", "Requests of the plugin outside its grants; all were refused.", "plugin")
	descCircuits         = describe("plugin_circuits_open", "Addresses of the provider that are not tried for a moment because they could not be reached.", "plugin")

	descConnections = describe("db_connections", "Database connections of this node, by pool: busy, idle, and the most there may be.", "pool", "state")
	descWaits       = describe("db_waits_total", "How often something waited for a connection.", "pool")
	descWaited      = describe("db_wait_seconds_total", "How long things waited for a connection.", "pool")
)

func descriptions() []*prometheus.Desc {
	return []*prometheus.Desc{
		descBuild, descFiguresUp, descFiguresTook, descUnknown, descUnknownOldest, descDue, descDueOldest, descCases, descCasesOldest,
		descApprovals, descApprovalsOldest, descAlerts, descCallbacks, descBalances, descBalancesOldest, descDays, descDaysOldest, descDeliveries, descDeliveriesOldest, descUnchained, descUnchainedOldest, descKeysUp, descKeysUnreachable,
		descPluginUp, descPluginRestarts, descPluginViolations, descCircuits, descConnections, descWaits, descWaited,
	}
}
