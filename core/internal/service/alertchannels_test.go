package service

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	robotKey    = "3f2c9a1e-canary-7788"
	robotSecret = "SECcanary0123456789"
)

func feishuInput() core.AlertChannelInput {
	return core.AlertChannelInput{
		Name: "值班群", Type: core.ChannelFeishu, URL: core.SecretString("https://open.feishu.cn/open-apis/bot/v2/hook/" + robotKey), Secret: core.SecretString(robotSecret),
	}
}

func (s *shop) owner(t *testing.T) context.Context {
	t.Helper()
	return s.as(t, s.person(t, s.tenant, "owner@example.com", core.RoleTenantOwner), s.tenant)
}

func TestAChannelKeepsItsSecretsToItself(t *testing.T) {
	t.Parallel()
	s := newShop(t, newHouse(t))
	owner := s.owner(t)
	made, err := s.CreateAlertChannel(owner, feishuInput())
	if err != nil {
		t.Fatal(err)
	}
	c := made.Channel
	if c.Display != "open.feishu.cn/…7788" || !c.Signed || c.Language != "zh" || c.Least != core.SeverityWarning || !made.Secret.Empty() {
		t.Errorf("%+v", c)
	}
	s.clock.Move(time.Second)
	in := feishuInput()
	in.Name, in.URL, in.Secret = "新名字", core.Secret{}, core.Secret{}
	changed, err := s.UpdateAlertChannel(owner, c.ID, in)
	if err != nil || changed.Name != "新名字" || changed.Display != c.Display || !changed.Signed {
		t.Fatalf("%+v %v", changed, err)
	}
	kept, err := s.openChannel(owner, changed)
	if err != nil || kept.Secret != robotSecret || !strings.HasSuffix(kept.URL, robotKey) {
		t.Errorf("the secrets were lost: %v", err)
	}
	// Another address does not get the secret of the first.
	s.clock.Move(time.Second)
	in.URL = core.SecretString("https://open.feishu.cn/open-apis/bot/v2/hook/another-robot-0001")
	changed, err = s.UpdateAlertChannel(owner, c.ID, in)
	if err != nil || changed.Signed || changed.Display != "open.feishu.cn/…0001" {
		t.Errorf("%+v %v", changed, err)
	}
	if _, err := s.UpdateAlertChannel(owner, c.ID, core.AlertChannelInput{Name: "x", Type: core.ChannelWeCom}); core.CodeOf(err) != core.CodeInvalidRequest {
		t.Errorf("the type changed: %v", err)
	}
	if n := s.rows(t, "SELECT count(*) FROM audit_log WHERE before::text || after::text LIKE '%canary%' OR after::text LIKE '%canary%'"); n != 0 {
		t.Errorf("%d audit rows hold the secrets", n)
	}
	if n := s.rows(t, "SELECT count(*) FROM alert_channels c WHERE c::text LIKE '%canary%' OR position('canary'::bytea IN sealed) > 0"); n != 0 {
		t.Errorf("%d channels hold the secrets in the clear", n)
	}
	if err := s.RemoveAlertChannel(owner, c.ID); err != nil {
		t.Error(err)
	}
	if n := s.rows(t, "SELECT count(*) FROM audit_log WHERE action LIKE 'alert_channel.%'"); n != 4 {
		t.Errorf("%d audit rows, want 4", n)
	}
}

func TestWhatAChannelTakes(t *testing.T) {
	t.Parallel()
	s := newShop(t, newHouse(t))
	owner := s.owner(t)
	robot := func(kind core.AlertChannelType, url, secret string) core.AlertChannelInput {
		return core.AlertChannelInput{Name: "x", Type: kind, URL: core.SecretString(url), Secret: core.SecretString(secret)}
	}
	mail := func(to ...string) core.AlertChannelInput {
		return core.AlertChannelInput{Name: "x", Type: core.ChannelMail, Recipients: to}
	}
	for name, c := range map[string]struct {
		in    core.AlertChannelInput
		code  core.Code
		param string
	}{
		"WeCom":                        {in: robot(core.ChannelWeCom, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key="+robotKey, "")},
		"DingTalk":                     {in: robot(core.ChannelDingTalk, "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef", robotSecret)},
		"DingTalk without a signature": {in: robot(core.ChannelDingTalk, "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef", "")},
		"Feishu":                       {in: feishuInput()},
		"webhook":                      {in: robot(core.ChannelWebhook, "https://hooks.example.com/x", "")},
		"mail":                         {in: mail("Duty@Example.com", "duty@example.com")},
		"a secret for WeCom":           {robot(core.ChannelWeCom, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key="+robotKey, "x"), core.CodeInvalidRequest, "secret"},
		"a robot elsewhere":            {robot(core.ChannelWeCom, "https://evil.example/cgi-bin/webhook/send?key="+robotKey, ""), core.CodeInvalidURL, "url"},
		"a robot's host in the name":   {robot(core.ChannelFeishu, "https://open.feishu.cn@evil.example/open-apis/bot/v2/hook/x", ""), core.CodeInvalidURL, "url"},
		"more parameters for a robot":  {robot(core.ChannelDingTalk, "https://oapi.dingtalk.com/robot/send?access_token=x&sign=y", ""), core.CodeInvalidURL, "url"},
		"a robot of another kind":      {robot(core.ChannelFeishu, "https://oapi.dingtalk.com/robot/send?access_token=x", ""), core.CodeInvalidURL, "url"},
		"a webhook over plain http":    {robot(core.ChannelWebhook, "http://hooks.example.com/x", ""), core.CodeInvalidURL, "url"},
		"a webhook without address":    {robot(core.ChannelWebhook, "", ""), core.CodeInvalidRequest, "url"},
		"mail to nobody":               {mail(), core.CodeInvalidRequest, "recipients"},
		"mail to a name":               {mail("duty"), core.CodeInvalidRequest, "recipients"},
		"mail with a header":           {mail("a@example.com\r\nBcc: b@example.com"), core.CodeInvalidRequest, "recipients"},
		"mail to very many":            {mail(strings.Split(strings.Repeat("a@example.com ", 11), " ")[:11]...), core.CodeInvalidRequest, "recipients"},
		"recipients of a robot":        {core.AlertChannelInput{Name: "x", Type: core.ChannelFeishu, URL: feishuInput().URL, Recipients: []string{"a@example.com"}}, core.CodeInvalidRequest, "recipients"},
		"a channel without a name":     {core.AlertChannelInput{Type: core.ChannelMail, Recipients: []string{"a@example.com"}}, core.CodeInvalidRequest, "name"},
	} {
		_, err := s.CreateAlertChannel(owner, c.in)
		if core.CodeOf(err) != c.code || c.param != "" && paramOf(err) != c.param {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhoManagesChannels(t *testing.T) {
	t.Parallel()
	s := newShop(t, newHouse(t))
	owner := s.owner(t)
	finance := s.as(t, s.person(t, s.tenant, "finance@example.com", core.RoleTenantFinance), s.tenant)
	platform := s.adminIn(t, core.ID{})
	made, err := s.CreateAlertChannel(owner, feishuInput())
	if err != nil {
		t.Fatal(err)
	}
	own, err := s.CreateAlertChannel(platform, feishuInput())
	if err != nil || !own.Channel.TenantID.IsZero() {
		t.Fatalf("%+v %v", own.Channel, err)
	}
	_, err = s.CreateAlertChannel(finance, feishuInput())
	wantCode(t, "finance makes a channel", err, core.CodeForbidden)
	for caller, want := range map[context.Context]core.ID{owner: made.Channel.ID, platform: own.Channel.ID, s.adminIn(t, s.tenant): made.Channel.ID} {
		list, err := s.ListAlertChannels(caller)
		if err != nil || len(list) != 1 || list[0].ID != want {
			t.Errorf("%+v %v", list, err)
		}
	}
	wantCode(t, "the owner removes the platform's", s.RemoveAlertChannel(owner, own.Channel.ID), core.CodeNotFound)
	wantCode(t, "the platform removes a merchant's as its own", s.RemoveAlertChannel(platform, made.Channel.ID), core.CodeNotFound)
	s.clock.Move(stepUpLife)
	for name, err := range map[string]error{
		"create": second(s.CreateAlertChannel(owner, feishuInput())), "update": second(s.UpdateAlertChannel(owner, made.Channel.ID, feishuInput())),
		"remove": s.RemoveAlertChannel(owner, made.Channel.ID), "test": s.TestAlertChannel(owner, made.Channel.ID),
	} {
		wantCode(t, name+" without a fresh confirmation", err, core.CodeStepUpRequired)
	}
}

func second[T any](_ T, err error) error { return err }

func TestTestingAChannel(t *testing.T) {
	t.Parallel()
	s := newShop(t, newHouse(t))
	owner := s.owner(t)
	made, err := s.CreateAlertChannel(owner, feishuInput())
	if err != nil {
		t.Fatal(err)
	}
	s.postbox.answer = func(core.OutboundRequest) (core.OutboundReply, error) {
		return core.OutboundReply{Status: 200, Body: []byte(`{"code":9499,"msg":"no robot ` + robotKey + ` for ` + robotSecret + `"}`)}, nil
	}
	err = s.TestAlertChannel(owner, made.Channel.ID)
	wantCode(t, "a robot that refuses", err, core.CodeDeliveryFailed)
	if strings.Contains(err.Error(), "canary") || !strings.Contains(err.Error(), "9499") {
		t.Errorf("it says %v", err)
	}
	wantCode(t, "again at once", s.TestAlertChannel(owner, made.Channel.ID), core.CodeTooEarly)
	s.clock.Move(testsApart)
	s.postbox.answer = func(core.OutboundRequest) (core.OutboundReply, error) {
		return core.OutboundReply{Status: 200, Body: []byte(`{"code":0}`)}, nil
	}
	if err := s.TestAlertChannel(owner, made.Channel.ID); err != nil || len(s.postbox.posts) != 2 {
		t.Errorf("%d posts, %v", len(s.postbox.posts), err)
	}
}

// sweep does what is due, as the sweeper does.
func (s *shop) sweep(t *testing.T) {
	t.Helper()
	for {
		due, err := s.Database.ClaimDue(t.Context(), s.clock.Now(), 100, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if len(due) == 0 {
			return
		}
		for _, d := range due {
			if err := s.CheckDue(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestAThousandAlertsAreOneMessage(t *testing.T) {
	t.Parallel()
	s := newShop(t, newHouse(t))
	owner := s.owner(t)
	if _, err := s.CreateAlertChannel(owner, core.AlertChannelInput{Name: "m", Type: core.ChannelMail, Recipients: []string{"duty@example.com"}}); err != nil {
		t.Fatal(err)
	}
	raise := func(n int) {
		t.Helper()
		s.write(t, func(ctx context.Context, tx core.TenantTx) error {
			for i := range n {
				err := s.raise(ctx, tx, core.Alert{TenantID: s.tenant, Kind: core.AlertCorrection, Severity: core.SeverityCritical, ObjectID: core.NewID(s.clock.Now()), ObjectKind: kindPayment, Object: fmt.Sprint(i)})
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	raise(400)
	s.sweep(t)
	if n := len(s.postbox.mails); n != 0 {
		t.Errorf("%d mails before the first alerts have gathered", n)
	}
	s.clock.Move(alertsGather)
	s.sweep(t)
	raise(3)
	s.clock.Move(alertsApart - time.Second)
	s.sweep(t)
	if n := len(s.postbox.mails); n != 1 {
		t.Fatalf("%d mails within a minute, want 1", n)
	}
	s.clock.Move(alertsGather + time.Second)
	s.sweep(t)
	s.clock.Move(time.Hour)
	s.sweep(t)
	mails := s.postbox.mails
	if len(mails) != 2 || mails[0].Subject != "掌柜:400 条告警(茶馆)" || mails[1].Subject != "掌柜:3 条告警(茶馆)" {
		t.Fatalf("%d mails: %+v", len(mails), mails)
	}
	if !strings.Contains(mails[0].Text, "另有 380 条") || !strings.Contains(mails[1].Text, "【紧急】订单 2 的最终状态被渠道更正") {
		t.Errorf("%s\n%s", mails[0].Text, mails[1].Text)
	}
}

func TestWhatIsNotTakenIsSentAgainForADay(t *testing.T) {
	t.Parallel()
	s := newShop(t, newHouse(t))
	owner := s.owner(t)
	made, err := s.CreateAlertChannel(owner, core.AlertChannelInput{Name: "w", Type: core.ChannelWebhook, URL: core.SecretString("https://hooks.example.com/canary-path")})
	if err != nil || !strings.HasPrefix(string(made.Secret.Reveal()), "whsec_") {
		t.Fatal(err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(string(made.Secret.Reveal()), "whsec_"))
	if err != nil || len(key) < 24 || made.Channel.Display != "hooks.example.com/…" {
		t.Errorf("%d bytes, %s, %v", len(key), made.Channel.Display, err)
	}
	down := true
	s.postbox.answer = func(core.OutboundRequest) (core.OutboundReply, error) {
		if down {
			return core.OutboundReply{}, core.Errorf(core.CodeDeliveryFailed, "hooks.example.com could not be reached.")
		}
		return core.OutboundReply{Status: 204}, nil
	}
	p := s.doubted(t)
	s.clock.Move(time.Hour)
	if err := s.Inspect(t.Context()); err != nil {
		t.Fatal(err)
	}
	hours := func(n int) {
		t.Helper()
		for range n * 60 {
			s.sweep(t)
			s.clock.Move(time.Minute)
		}
	}
	hours(1)
	posts := len(s.postbox.posts)
	failing, err := s.alertChannel(t.Context(), s.tenant, made.Channel.ID)
	if err != nil || posts < 5 || posts > 8 || failing.LastError != "hooks.example.com could not be reached." || !failing.LastAt.IsZero() {
		t.Errorf("%d posts in an hour; %+v %v", posts, failing, err)
	}
	down = false
	s.settled(t, p)
	if err := s.Inspect(t.Context()); err != nil {
		t.Fatal(err)
	}
	hours(2)
	if n := len(s.postbox.posts) - posts; n != 1 {
		t.Errorf("%d posts after the receiver came back, want 1 with both news", n)
	}
	last := s.postbox.posts[len(s.postbox.posts)-1]
	if body := string(last.Body); !strings.Contains(body, `"news":"opened"`) || !strings.Contains(body, `"news":"resolved"`) || !strings.Contains(body, p.OrderNo) || strings.Contains(body, "canary") {
		t.Errorf("%s", body)
	}
	at, err := time.Parse(time.RFC3339, "2026-05-04T12:00:00Z")
	if err != nil {
		t.Fatal(err)
	}
	var sent int64
	if _, err := fmt.Sscan(last.Headers["webhook-timestamp"], &sent); err != nil || sent < at.Unix() {
		t.Errorf("timestamp %q", last.Headers["webhook-timestamp"])
	}
	want, err := core.WebhookHeaders([]core.Secret{made.Secret}, last.Headers["webhook-id"], time.Unix(sent, 0), last.Body)
	if err != nil || last.Headers["webhook-signature"] != want["webhook-signature"] {
		t.Errorf("signature %q, want %q", last.Headers["webhook-signature"], want["webhook-signature"])
	}
}

func TestThePlatformIsToldThatKeysCannotBeRead(t *testing.T) {
	t.Parallel()
	s := newShop(t, newHouse(t))
	if _, err := s.CreateAlertChannel(s.adminIn(t, core.ID{}), feishuInput()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CreateAlertChannel(s.owner(t), feishuInput()); err != nil {
		t.Fatal(err)
	}
	s.postbox.answer = func(core.OutboundRequest) (core.OutboundReply, error) {
		return core.OutboundReply{Status: 200, Body: []byte(`{"code":0}`)}, nil
	}
	keys, sealer := &lockedKeys{Keyring: s.keys}, &lockedSealer{Sealer: s.Sealer}
	s.Keyring, s.Sealer = keys, sealer
	s.wantAlerts(t, 0)
	keys.closed, sealer.closed = true, true
	s.wantAlerts(t, keysOut, "vault_closing vault warning ×1")
	s.sweep(t)
	s.clock.Move(alertsGather)
	s.sweep(t)
	if n := len(s.postbox.posts); n != 1 || !strings.Contains(string(s.postbox.posts[0].Body), "无法读取密钥") {
		t.Errorf("%d messages", n)
	}
	s.clock.Move(channelKept)
	if _, ok := s.channels.get(core.AlertChannel{ID: s.onlyKept(t)}, s.clock.Now()); ok {
		t.Error("secrets are used for longer than keys are")
	}
}

func (s *shop) onlyKept(t *testing.T) core.ID {
	t.Helper()
	if len(s.channels.kept) != 1 {
		t.Fatalf("%d channels are kept open, want the platform's one", len(s.channels.kept))
	}
	for id := range s.channels.kept {
		return id
	}
	return core.ID{}
}

type lockedSealer struct {
	core.Sealer
	closed bool
}

func (l *lockedSealer) Open(ctx context.Context, tenant core.ID, purpose string, sealed []byte) ([]byte, error) {
	if l.closed {
		return nil, core.Errorf(core.CodeKeysUnavailable, "Vault is sealed.")
	}
	return l.Sealer.Open(ctx, tenant, purpose, sealed)
}
