package core

import (
	"context"
	"encoding/json"
	"time"
)

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

// AlertChannels says where alerts are told.
type AlertChannels interface {
	ListAlertChannels(ctx context.Context) ([]AlertChannel, error)
	SaveAlertChannel(ctx context.Context, c AlertChannel, secrets map[string]Secret) (AlertChannel, error)
	RemoveAlertChannel(ctx context.Context, id ID) error
	// TestAlertChannel sends a test alert now and says what came back.
	TestAlertChannel(ctx context.Context, id ID) error
}
