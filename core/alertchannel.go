package core

import (
	"context"
	"time"
)

// AlertChannel is where alerts are told, beside the console. Its address and secrets are sealed.
type AlertChannel struct {
	TenantID   ID // zero: of the platform
	ID         ID
	Name       string
	Type       AlertChannelType
	Recipients []string // of mail
	Display    string   // the address, masked: of what is not mail it is a secret in itself
	Signed     bool     // messages are signed with a secret
	Sealed     []byte   `json:"-"` // address and secret; purpose AlertChannelPurpose
	Kinds      []AlertKind
	Least      AlertSeverity // told from this severity on
	Language   string        // zh or en
	Disabled   bool
	LastAt     time.Time // a message was taken
	LastError  string    // of the last message, when it was not taken; never a secret
	TestedAt   time.Time
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// AlertChannelPurpose binds a channel's sealed address and secret to its row.
func AlertChannelPurpose(id ID) string { return "alert_channels.sealed/" + id.String() }

// AlertChannelType is a way to tell people.
type AlertChannelType string

// The types of channels.
const (
	ChannelMail     AlertChannelType = "mail"     // over the installation's SMTP server
	ChannelWebhook  AlertChannelType = "webhook"  // signed by the Standard Webhooks specification
	ChannelWeCom    AlertChannelType = "wecom"    // a group robot of WeCom (企业微信)
	ChannelDingTalk AlertChannelType = "dingtalk" // a group robot of DingTalk (钉钉)
	ChannelFeishu   AlertChannelType = "feishu"   // a group robot of Feishu (飞书)
)

// AlertChannelInput is what a person enters of a channel. The type of a channel does not
// change; an empty address or secret leaves what is kept.
type AlertChannelInput struct {
	Name       string
	Type       AlertChannelType
	Recipients []string
	URL        Secret // of all but mail
	Secret     Secret // of DingTalk's and Feishu's robots, when they check signatures
	Kinds      []AlertKind
	Least      AlertSeverity
	Language   string
	Disabled   bool
}

// AlertChannelReply is a new channel. Secret signs a webhook's messages and is shown once.
type AlertChannelReply struct {
	Channel AlertChannel
	Secret  Secret
}

// AlertChannels says where alerts are told: the tenant's, or the platform's own for a
// platform caller that named no tenant.
type AlertChannels interface {
	ListAlertChannels(ctx context.Context) ([]AlertChannel, error)
	// CreateAlertChannel and the methods that change one need a fresh confirmation. Errors:
	// CodeStepUpRequired; CodeInvalidURL.
	CreateAlertChannel(ctx context.Context, in AlertChannelInput) (AlertChannelReply, error)
	UpdateAlertChannel(ctx context.Context, id ID, in AlertChannelInput) (AlertChannel, error)
	RemoveAlertChannel(ctx context.Context, id ID) error
	// TestAlertChannel sends a test message now. Errors: CodeDeliveryFailed with what came
	// back; CodeTooEarly soon after another test.
	TestAlertChannel(ctx context.Context, id ID) error
}

// AlertNotice is one thing that a channel is to be told: an alert and what became of it.
type AlertNotice struct {
	Alert Alert
	What  AlertNews
}

// AlertNews is what became of an alert.
type AlertNews string

// The news of an alert.
const (
	NewsOpened   AlertNews = "opened"
	NewsPressing AlertNews = "pressing" // it has become critical
	NewsResolved AlertNews = "resolved"
)

// AlertMessage is what became of one message to a channel.
type AlertMessage struct {
	Notices []AlertNotice // what was in it
	Failure string        // why it was not taken, or empty; never a secret
	At      time.Time
	// NextAt is when the rest, or the same again after a failure, may be sent.
	NextAt time.Time
	// GiveUpBefore gives up what has waited since before it.
	GiveUpBefore time.Time
}

// AlertChannelStore keeps channels and what they are to be told, within the transaction's
// tenant; those of the platform in a DirectoryTx.
type AlertChannelStore interface {
	AlertChannels(ctx context.Context) ([]AlertChannel, error)
	AlertChannel(ctx context.Context, id ID) (AlertChannel, error)
	InsertAlertChannel(ctx context.Context, c AlertChannel) error
	// UpdateAlertChannel writes c where it was last updated at was. Errors: CodeConflict.
	UpdateAlertChannel(ctx context.Context, c AlertChannel, was time.Time) error
	DeleteAlertChannel(ctx context.Context, id ID) error
	// NoteAlertTest notes when a channel was tested.
	NoteAlertTest(ctx context.Context, id ID, now time.Time) error

	// SpreadAlert notes for every channel that wants it what is new of an alert, and makes the
	// channels due: at from, and not sooner than apart after the last message. The alert is
	// then no longer due.
	SpreadAlert(ctx context.Context, id ID, now, from time.Time, apart time.Duration) error
	// AlertNotices gives what a channel is to be told, oldest first, and how many times its
	// message has failed.
	AlertNotices(ctx context.Context, channel ID, limit int) (notices []AlertNotice, failures int, err error)
	// FinishAlertMessage records a message's fate and when the channel is due again. It ends
	// the lease.
	FinishAlertMessage(ctx context.Context, channel ID, m AlertMessage) error
}

// AlertTx is what a transaction can do about alerts.
type AlertTx interface {
	AlertReader
	AlertWriter
	AlertChannelStore
}
