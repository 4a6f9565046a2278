package core

import (
	"context"
	"encoding/json"
	"time"
)

// Alert tells people that something needs them. One open alert for a kind and an object
// counts how often it was raised; docs/runbooks.md says of each kind what to do.
type Alert struct {
	TenantID ID // zero: of the platform
	ID       ID
	Kind     AlertKind
	Severity AlertSeverity
	// ObjectID is what it is about: an order, an account; zero when ObjectKind is plugin or vault.
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
	AlertVaultClosing       AlertKind = "vault_closing"       // keys can soon not be read any more
	AlertWebhookFailing     AlertKind = "webhook_failing"     // an endpoint was disabled after a week of failure
	AlertPayoutReturned     AlertKind = "payout_returned"     // the bank gave a payout back
	AlertResolutionDisputed AlertKind = "resolution_disputed" // the provider contradicts a person's decision
	AlertPluginStopped      AlertKind = "plugin_stopped"      // a plugin was given up after crashes
)

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
	Kinds    []AlertKind
	Open     bool
	Page     Page
}

// AlertChannel is where alerts are told, beside the console. Its address and secrets are sealed.
type AlertChannel struct {
	TenantID  ID // zero: of the platform
	ID        ID
	Name      string
	Type      AlertChannelType
	Config    json.RawMessage // what may be shown: masked address, recipients
	Sealed    []byte          `json:"-"`
	Kinds     []AlertKind     // empty: all
	Least     AlertSeverity   // told from this severity on
	Disabled  bool
	LastAt    time.Time
	LastError string
	CreatedAt time.Time
	UpdatedAt time.Time
}

// AlertChannelType is a way to tell people.
type AlertChannelType string

// The types of channels.
const (
	ChannelMail     AlertChannelType = "mail"     // SMTP
	ChannelWebhook  AlertChannelType = "webhook"  // signed as the tenant's webhooks are
	ChannelWeCom    AlertChannelType = "wecom"    // a group robot of WeCom (企业微信)
	ChannelDingTalk AlertChannelType = "dingtalk" // a group robot of DingTalk (钉钉)
	ChannelFeishu   AlertChannelType = "feishu"   // a group robot of Feishu (飞书)
)

// Alerts shows what needs people, and where they are told.
type Alerts interface {
	ListAlerts(ctx context.Context, f AlertFilter) ([]Alert, error)
	// TakeAlert records that the caller takes care of it.
	TakeAlert(ctx context.Context, id ID) (Alert, error)
	ListAlertChannels(ctx context.Context) ([]AlertChannel, error)
	SaveAlertChannel(ctx context.Context, c AlertChannel, secrets map[string]Secret) (AlertChannel, error)
	RemoveAlertChannel(ctx context.Context, id ID) error
	// TestAlertChannel sends a test alert now and says what came back.
	TestAlertChannel(ctx context.Context, id ID) error
}
