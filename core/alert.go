package core

import (
	"context"
	"time"
)

// Alert tells people that something needs them. One open alert for a kind and an object
// counts how often it was raised; docs/runbooks.md says of each kind what to do.
type Alert struct {
	TenantID ID // zero: of the platform
	ID       ID
	Kind     AlertKind
	Severity AlertSeverity
	// ObjectID is what it is about: an order, an account, a day of its books; zero when ObjectKind is plugin or vault.
	ObjectID   ID
	ObjectKind string
	Object     string            // its name for people: an order number, a plugin's id
	Args       map[string]string // feed the translated sentence of Kind; never a secret
	Times      int
	OpenedAt   time.Time
	LastAt     time.Time
	ResolvedAt time.Time // the cause is gone
	SeenBy     string    // the actor who said that they take care
	SeenAt     time.Time
}

// AlertKind says what an alert is about.
type AlertKind string

// The kinds of alerts.
const (
	AlertUnknownOld         AlertKind = "unknown_old"         // an order is unknown for longer than the setting
	AlertCorrection         AlertKind = "correction"          // a final state was corrected
	AlertBreakerOpen        AlertKind = "breaker_open"        // a provider is not called for now
	AlertCallbackUnverified AlertKind = "callback_unverified" // somebody sends what is not authentic
	AlertBalanceLow         AlertKind = "balance_low"         // under the account's mark
	AlertBalanceStale       AlertKind = "balance_stale"       // no balance could be read for long
	AlertKeysNotRenewed     AlertKind = "keys_not_renewed"    // the provider's new keys could not be fetched for long
	AlertVaultClosing       AlertKind = "vault_closing"       // keys can soon not be read any more
	AlertWebhookFailing     AlertKind = "webhook_failing"     // an endpoint was disabled after a week of failure
	AlertPayoutReturned     AlertKind = "payout_returned"     // the bank gave a payout back
	AlertResolutionDisputed AlertKind = "resolution_disputed" // the provider contradicts a person's decision
	AlertPluginStopped      AlertKind = "plugin_stopped"      // a plugin was given up after crashes
	AlertPluginModified     AlertKind = "plugin_modified"     // the approved file of a plugin was replaced
	AlertPluginNotUpgraded  AlertKind = "plugin_not_upgraded" // an approved version could not take over
	AlertPluginDenied       AlertKind = "plugin_denied"       // a plugin asks for what it is not granted
	AlertBillMissing        AlertKind = "bill_missing"        // a day has nothing to be compared with
	AlertBooksDisagree      AlertKind = "books_disagree"      // a day has differences that wait for a person
)

// Happened says that the alert is about something that happened and cannot go away: who
// takes it ends it. The others end when their cause is gone.
func (k AlertKind) Happened() bool {
	switch k {
	case AlertCorrection, AlertPayoutReturned, AlertResolutionDisputed:
		return true
	case AlertUnknownOld, AlertBreakerOpen, AlertCallbackUnverified, AlertBalanceLow, AlertBalanceStale, AlertKeysNotRenewed, AlertVaultClosing, AlertWebhookFailing, AlertPluginStopped,
		AlertPluginModified, AlertPluginNotUpgraded, AlertPluginDenied, AlertBillMissing, AlertBooksDisagree:
	}
	return false
}

// AlertSeverity says how soon a person is needed.
type AlertSeverity string

// The severities.
const (
	SeverityWarning  AlertSeverity = "warning"  // in working hours
	SeverityCritical AlertSeverity = "critical" // now
)

// AlertFilter narrows a list of alerts. Zero fields do not filter.
type AlertFilter struct {
	TenantID ID
	ID       ID
	ObjectID ID
	Kinds    []AlertKind
	Open     bool
	Page     Page
}

// Key is what an alert is about, in the form that tells two open alerts of a kind apart.
func (a Alert) Key() string {
	if a.ObjectID.IsZero() {
		return a.Object
	}
	return a.ObjectID.String()
}

// Ref is the API's id of what an alert is about, or empty when that has none.
func (a Alert) Ref() string {
	prefix := map[string]string{"payment": PrefixPayment, "refund": PrefixRefund, "payout": PrefixPayout, "account": PrefixAccount, "reconciliation": PrefixReconciliation}[a.ObjectKind]
	if a.ObjectID.IsZero() || prefix == "" {
		return ""
	}
	return a.ObjectID.Prefixed(prefix)
}

// AlertReader lists alerts.
type AlertReader interface {
	Alerts(ctx context.Context, f AlertFilter) ([]Alert, error)
}

// LongUnknown is an order whose outcome has been in doubt for long.
type LongUnknown struct {
	TenantID   ID
	ID         ID
	AccountID  ID
	ObjectKind string // payment, refund, payout
	Number     string // our order number
	Since      time.Time
	OfAccount  int // how many of its account there are
}

// UnknownBefore asks for orders that have been in doubt since before a time, by kind.
type UnknownBefore struct {
	Payments, Refunds, Payouts time.Time
	PerAccount                 int // at most so many of each account, the oldest
}

// UnknownReader finds what has been in doubt for long, over all tenants.
type UnknownReader interface {
	LongUnknown(ctx context.Context, b UnknownBefore) ([]LongUnknown, error)
}

// AlertWriter opens and closes the alerts of the transaction's tenant; those of the platform
// in a DirectoryTx.
type AlertWriter interface {
	// RaiseAlert opens an alert, or counts one more in that which is open for the kind and
	// what it is about. It gives the alert as it is kept and whether it was opened.
	RaiseAlert(ctx context.Context, a Alert) (kept Alert, opened bool, err error)
	// ResolveAlert ends the open alert of the kind about key (see Alert.Key), and gives it;
	// none is no error.
	ResolveAlert(ctx context.Context, kind AlertKind, key string, now time.Time) ([]Alert, error)
	// TakeAlert notes who takes care of an open alert. Errors: CodeNotFound when there is no
	// such open alert.
	TakeAlert(ctx context.Context, id ID, actor string, now time.Time) (Alert, error)
}

// Alerts shows what needs people.
type Alerts interface {
	// ListAlerts lists the tenant's alerts, newest first; a platform caller that named no
	// tenant gets all tenants' and the platform's own.
	ListAlerts(ctx context.Context, f AlertFilter) ([]Alert, error)
	// TakeAlert records that the caller takes care of it. Errors: CodeInvalidState when it is resolved.
	TakeAlert(ctx context.Context, id ID) (Alert, error)
}
