package service

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	maxChannels   = 20
	maxRecipients = 10
	// testsApart keeps the test from being a way to send mails.
	testsApart = 30 * time.Second
	// shownOfAddress is how much of a robot's key is shown.
	shownOfAddress = 4
)

// robots are the addresses of the group robots: there is nowhere else that they could be.
func robots(t core.AlertChannelType) (begin string, signs bool) {
	switch t {
	case core.ChannelWeCom:
		return "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=", false
	case core.ChannelDingTalk:
		return "https://oapi.dingtalk.com/robot/send?access_token=", true
	case core.ChannelFeishu:
		return "https://open.feishu.cn/open-apis/bot/v2/hook/", true
	case core.ChannelMail, core.ChannelWebhook:
	}
	return "", false
}

// channelSecrets is what is sealed of a channel.
type channelSecrets struct {
	URL    string `json:"url"`
	Secret string `json:"secret,omitempty"`
}

// alertOwner authorizes and gives whose channels it is about: the tenant's, or the
// platform's own (zero).
func (s *Service) alertOwner(ctx context.Context, action string) (core.Identity, core.ID, error) {
	caller, tenant, err := s.allowAnywhere(ctx, "alert_channels", action)
	if err != nil {
		return caller, tenant, err
	}
	if err := wholeTenant(caller); err != nil || action == "read" {
		return caller, tenant, err
	}
	return caller, tenant, s.stepUp(caller)
}

// inAlerts runs fn in a transaction of the tenant, or of the directory for the platform's own.
// audit, when it is not empty, is recorded in it.
func (s *Service) inAlerts(ctx context.Context, tenant core.ID, audit *core.AuditEntry, fn func(tx core.AlertTx) error) error {
	if tenant.IsZero() {
		return s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
			if err := fn(tx); err != nil || audit == nil {
				return err
			}
			return tx.AppendPlatformAudit(ctx, *audit)
		})
	}
	return s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if err := fn(tx); err != nil || audit == nil {
			return err
		}
		return tx.AppendAudit(ctx, *audit)
	})
}

// ListAlertChannels implements core.AlertChannels.
func (s *Service) ListAlertChannels(ctx context.Context) (list []core.AlertChannel, err error) {
	_, tenant, err := s.alertOwner(ctx, "read")
	if err != nil {
		return nil, err
	}
	err = s.inAlerts(ctx, tenant, nil, func(tx core.AlertTx) error {
		list, err = tx.AlertChannels(ctx)
		return err
	})
	return list, err
}

// CreateAlertChannel implements core.AlertChannels.
func (s *Service) CreateAlertChannel(ctx context.Context, in core.AlertChannelInput) (reply core.AlertChannelReply, err error) {
	caller, tenant, err := s.alertOwner(ctx, "manage")
	if err != nil {
		return reply, err
	}
	now := s.Clock()
	c := core.AlertChannel{TenantID: tenant, ID: core.NewID(now), Type: in.Type, CreatedAt: now}
	if in.Type != core.ChannelMail && in.URL.Empty() {
		return reply, core.Errorf(core.CodeInvalidRequest, "The address is missing.").At("url")
	}
	if in.Type == core.ChannelWebhook {
		reply.Secret = core.NewWebhookSecret()
		in.Secret = reply.Secret
	}
	if err := s.fillChannel(ctx, &c, in); err != nil {
		return reply, err
	}
	entry, err := s.audit(caller, tenant, "alert_channel.create", c.ID.Prefixed(core.PrefixChannel), nil, channelRecord(c))
	if err != nil {
		return reply, err
	}
	reply.Channel = c
	return reply, s.inAlerts(ctx, tenant, &entry, func(tx core.AlertTx) error {
		all, err := tx.AlertChannels(ctx)
		if err != nil {
			return err
		}
		if len(all) >= maxChannels {
			return core.Errorf(core.CodeInvalidRequest, "There are %d channels already; remove one first.", maxChannels)
		}
		return tx.InsertAlertChannel(ctx, c)
	})
}

// UpdateAlertChannel implements core.AlertChannels.
func (s *Service) UpdateAlertChannel(ctx context.Context, id core.ID, in core.AlertChannelInput) (c core.AlertChannel, err error) {
	caller, tenant, err := s.alertOwner(ctx, "manage")
	if err != nil {
		return c, err
	}
	was, err := s.alertChannel(ctx, tenant, id)
	if err != nil {
		return c, err
	}
	c = was
	if in.Type != "" && in.Type != c.Type {
		return c, core.Errorf(core.CodeInvalidRequest, "The type of a channel does not change: make another channel.").At("type")
	}
	if in.Type = c.Type; in.Type == core.ChannelWebhook && !in.Secret.Empty() {
		return c, core.Errorf(core.CodeInvalidRequest, "The secret of a webhook is made here: make another channel for a new one.").At("secret")
	}
	if err := s.fillChannel(ctx, &c, in); err != nil {
		return c, err
	}
	entry, err := s.audit(caller, tenant, "alert_channel.update", id.Prefixed(core.PrefixChannel), channelRecord(was), channelRecord(c))
	if err != nil {
		return c, err
	}
	return c, s.inAlerts(ctx, tenant, &entry, func(tx core.AlertTx) error { return tx.UpdateAlertChannel(ctx, c, was.UpdatedAt) })
}

// RemoveAlertChannel implements core.AlertChannels.
func (s *Service) RemoveAlertChannel(ctx context.Context, id core.ID) error {
	caller, tenant, err := s.alertOwner(ctx, "manage")
	if err != nil {
		return err
	}
	was, err := s.alertChannel(ctx, tenant, id)
	if err != nil {
		return err
	}
	entry, err := s.audit(caller, tenant, "alert_channel.remove", id.Prefixed(core.PrefixChannel), channelRecord(was), nil)
	if err != nil {
		return err
	}
	return s.inAlerts(ctx, tenant, &entry, func(tx core.AlertTx) error { return tx.DeleteAlertChannel(ctx, id) })
}

// TestAlertChannel implements core.AlertChannels.
func (s *Service) TestAlertChannel(ctx context.Context, id core.ID) error {
	caller, tenant, err := s.alertOwner(ctx, "manage")
	if err != nil {
		return err
	}
	now := s.Clock()
	var c core.AlertChannel
	entry, err := s.audit(caller, tenant, "alert_channel.test", id.Prefixed(core.PrefixChannel), nil, nil)
	if err != nil {
		return err
	}
	err = s.inAlerts(ctx, tenant, &entry, func(tx core.AlertTx) error {
		if c, err = tx.AlertChannel(ctx, id); err != nil {
			return err
		}
		if now.Sub(c.TestedAt) < testsApart {
			return core.Errorf(core.CodeTooEarly, "The channel was tested a moment ago: wait half a minute.")
		}
		return tx.NoteAlertTest(ctx, id, now)
	})
	if err != nil {
		return err
	}
	return s.postAlerts(ctx, c, testLetter(c, core.NewID(now), now))
}

func (s *Service) alertChannel(ctx context.Context, tenant, id core.ID) (c core.AlertChannel, err error) {
	err = s.inAlerts(ctx, tenant, nil, func(tx core.AlertTx) error {
		c, err = tx.AlertChannel(ctx, id)
		return err
	})
	return c, err
}

// channelRecord is what the audit log keeps of a channel: no address that is a secret.
func channelRecord(c core.AlertChannel) map[string]any {
	return map[string]any{
		"name": c.Name, "type": string(c.Type), "recipients": c.Recipients, "address": c.Display, "signed": c.Signed,
		"kinds": c.Kinds, "least": string(c.Least), "language": c.Language, "disabled": c.Disabled,
	}
}

// fillChannel checks what a person entered and writes it into c, sealing what is secret.
func (s *Service) fillChannel(ctx context.Context, c *core.AlertChannel, in core.AlertChannelInput) error {
	if err := checkText("name", in.Name, 1, 60); err != nil {
		return err
	}
	if in.Least == "" {
		in.Least = core.SeverityWarning
	}
	if in.Language == "" {
		in.Language = "zh"
	}
	c.Name, c.Kinds, c.Least, c.Language, c.Disabled, c.UpdatedAt = in.Name, in.Kinds, in.Least, in.Language, in.Disabled, s.Clock()
	if in.Type == core.ChannelMail {
		return fillMail(c, in)
	}
	if len(in.Recipients) > 0 {
		return core.Errorf(core.CodeInvalidRequest, "Only mail has recipients.").At("recipients")
	}
	if in.URL.Empty() && in.Secret.Empty() {
		return nil
	}
	secrets := channelSecrets{URL: string(in.URL.Reveal()), Secret: string(in.Secret.Reveal())}
	if err := s.keepSecrets(ctx, *c, &secrets); err != nil {
		return err
	}
	if err := s.checkAddress(ctx, in.Type, secrets); err != nil {
		return err
	}
	c.Display, c.Signed = maskedAddress(in.Type, secrets.URL), secrets.Secret != ""
	plain, err := json.Marshal(secrets) //nolint:gosec // it is sealed in the next lines
	if err != nil {
		return err
	}
	c.Sealed, err = s.Sealer.Seal(ctx, c.TenantID, core.AlertChannelPurpose(c.ID), plain)
	return err
}

// keepSecrets fills in what was left empty because it stays. An address that moves to another
// host does not take the secret along: it belongs to the receiver it was made for.
func (s *Service) keepSecrets(ctx context.Context, c core.AlertChannel, secrets *channelSecrets) error {
	if len(c.Sealed) == 0 || secrets.URL != "" && secrets.Secret != "" {
		return nil
	}
	kept, err := s.openChannel(ctx, c)
	if err != nil {
		return err
	}
	if secrets.URL == "" {
		secrets.URL = kept.URL
	}
	if secrets.Secret == "" && (c.Type == core.ChannelWebhook || secrets.URL == kept.URL) {
		secrets.Secret = kept.Secret
	}
	return nil
}

func fillMail(c *core.AlertChannel, in core.AlertChannelInput) error {
	if !in.URL.Empty() || !in.Secret.Empty() {
		return core.Errorf(core.CodeInvalidRequest, "Mail has recipients and no address or secret of its own.").At("url")
	}
	if len(in.Recipients) == 0 || len(in.Recipients) > maxRecipients {
		return core.Errorf(core.CodeInvalidRequest, "A channel by mail has 1 to %d recipients.", maxRecipients).At("recipients")
	}
	c.Recipients = nil
	for _, r := range in.Recipients {
		email, err := checkEmail(r)
		if err != nil {
			return atParam(err, "recipients")
		}
		if !slices.Contains(c.Recipients, email) {
			c.Recipients = append(c.Recipients, email)
		}
	}
	c.Display = strings.Join(c.Recipients, ", ")
	return nil
}

// checkAddress refuses an address that is not the robot's, or that we do not send to.
func (s *Service) checkAddress(ctx context.Context, t core.AlertChannelType, secrets channelSecrets) error {
	begin, signs := robots(t)
	if secrets.Secret != "" && !signs && t != core.ChannelWebhook {
		return core.Errorf(core.CodeInvalidRequest, "This robot's messages are not signed: leave the secret out.").At("secret")
	}
	if begin != "" && !s.AllowTestMode {
		key, ok := strings.CutPrefix(secrets.URL, begin)
		if !ok || key == "" || strings.Trim(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
			return core.Errorf(core.CodeInvalidURL, "This is not the address of such a robot: it begins with %s and ends with the robot's own key.", begin).At("url")
		}
	}
	return s.Outbound.CheckURL(ctx, secrets.URL)
}

// maskedAddress shows where messages go and not the key that lets anybody send them there.
func maskedAddress(t core.AlertChannelType, address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	if begin, _ := robots(t); begin == "" || len(address) <= len(begin)+2*shownOfAddress {
		return u.Host + "/…"
	}
	return u.Host + "/…" + address[len(address)-shownOfAddress:]
}
