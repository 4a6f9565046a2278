package service

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestSignatures: DingTalk's and Feishu's were computed with OpenSSL by the words of their
// documents; the third is the test vector that the Standard Webhooks specification publishes.
func TestSignatures(t *testing.T) {
	t.Parallel()
	if got, want := dingTalkSignature("this is secret", time.UnixMilli(1577262236757)), "&timestamp=1577262236757&sign=hmPWwU%2B7lVdm3ZZz0r9tSfx0L4Q26jWOZr9%2BGs6EZQM%3D"; got != want {
		t.Errorf("DingTalk: %s", got)
	}
	if got := dingTalkSignature("", time.Now()); got != "" {
		t.Errorf("a robot without a secret: %s", got)
	}
	if got := feishuSignature("demo", "1599360473"); got != "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=" {
		t.Errorf("Feishu: %s", got)
	}
	headers, err := core.WebhookHeaders([]core.Secret{core.SecretString("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")}, "msg_p5jXN8AQM9LWM0D4loKWxJek",
		time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if got := headers["webhook-signature"]; err != nil || got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("Standard Webhooks: %s %v", got, err)
	}
}

func TestWhatReceiversAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		channel core.AlertChannelType
		status  int
		body    string
		taken   bool
	}{
		{core.ChannelWeCom, 200, `{"errcode":0,"errmsg":"ok"}`, true},
		{core.ChannelWeCom, 200, `{"errcode":93000,"errmsg":"invalid webhook url"}`, false},
		{core.ChannelWeCom, 200, `{"errcode":45009,"errmsg":"api freq out of limit"}`, false},
		{core.ChannelWeCom, 200, `{}`, false},
		{core.ChannelWeCom, 200, `{"code":0}`, false},
		{core.ChannelWeCom, 502, `{"errcode":0}`, false},
		{core.ChannelDingTalk, 200, `{"errcode":0,"errmsg":"ok"}`, true},
		{core.ChannelDingTalk, 200, `{"errcode":310000,"errmsg":"sign not match"}`, false},
		{core.ChannelFeishu, 200, `{"code":0,"msg":"success","data":{}}`, true},
		{core.ChannelFeishu, 200, `{"StatusCode":0,"StatusMessage":"success","Extra":null}`, true},
		{core.ChannelFeishu, 200, `{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}`, true},
		{core.ChannelFeishu, 200, `{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time","data":{}}`, false},
		{core.ChannelFeishu, 200, `{"errcode":0}`, false},
		{core.ChannelFeishu, 200, `<html>`, false},
		{core.ChannelFeishu, 200, ``, false},
		{core.ChannelWebhook, 204, ``, true},
		{core.ChannelWebhook, 302, ``, false},
		{core.ChannelWebhook, 500, `{"errcode":0}`, false},
	} {
		err := alertVerdict(c.channel, core.OutboundReply{Status: c.status, Body: []byte(c.body)})
		if (err == nil) != c.taken || err != nil && core.CodeOf(err) != core.CodeDeliveryFailed {
			t.Errorf("%s %d %s: %v", c.channel, c.status, c.body, err)
		}
	}
}

func TestAMessageFitsAndMentionsNobody(t *testing.T) {
	t.Parallel()
	notices := make([]core.AlertNotice, 1000)
	for i := range notices {
		notices[i] = core.AlertNotice{What: core.NewsOpened, Alert: core.Alert{
			Kind: core.AlertCallbackUnverified, Severity: core.SeverityWarning, Object: `<at user_id="all">所有人</at>` + "\n" + strings.Repeat("长", 30), Args: map[string]string{"minutes": "10", "count": "5"},
		}}
	}
	for _, language := range []string{"zh", "en"} {
		l := alertLetterOf(core.AlertChannel{Language: language}, "茶馆<@all>", "https://pay.example.com", notices, time.Now())
		for limit, least := range map[int]int{robotText: 5, mailText: namedAlerts} {
			text := l.text(limit)
			lines := strings.Split(text, "\n")
			if len(text) > limit || strings.ContainsAny(text, "<>") || len(lines) < least || lines[len(lines)-1] != "https://pay.example.com" {
				t.Errorf("%d bytes: %s", len(text), text)
			}
			if more := lines[len(lines)-2]; !strings.Contains(more, "9") {
				t.Errorf("the rest is not counted: %s", more)
			}
		}
	}
}

func TestEveryKindHasASentence(t *testing.T) {
	t.Parallel()
	for _, kind := range []core.AlertKind{
		core.AlertUnknownOld, core.AlertCorrection, core.AlertBreakerOpen, core.AlertCallbackUnverified, core.AlertBalanceLow, core.AlertBalanceStale,
		core.AlertVaultClosing, core.AlertWebhookFailing, core.AlertPayoutReturned, core.AlertResolutionDisputed, core.AlertPluginStopped,
		core.AlertPluginModified, core.AlertPluginNotUpgraded, core.AlertPluginDenied,
		core.AlertBillMissing, core.AlertBooksDisagree,
	} {
		if text := alertSentences[string(kind)]; text.ZH == "" || text.EN == "" {
			t.Errorf("%s has no sentence", kind)
		}
	}
	for _, c := range []struct {
		alert  core.Alert
		zh, en string
	}{
		{
			core.Alert{Kind: core.AlertUnknownOld, Object: "2611", Args: map[string]string{"since": "2026-11-23T04:00:00Z"}},
			"订单 2611 自 11-23 12:00(北京时间) 起结果未知", "The outcome of order 2611 has been unknown since 11-23 12:00 (Beijing)",
		},
		{core.Alert{Kind: core.AlertUnknownOld, Object: "主账户", Args: map[string]string{"count": "31"}}, "账户“主账户”有 31 笔订单长时间结果未知", "31 orders of the account “主账户” have had an unknown outcome for long"},
		{core.Alert{Kind: core.AlertBreakerOpen, Object: "demo", Args: map[string]string{"cause": "crash", "crashes": "3"}}, "渠道插件 demo 连续崩溃 3 次,正在重启", "The plugin demo has crashed 3 times in a row and is being started again"},
	} {
		if zh, en := alertSentence(c.alert, "zh"), alertSentence(c.alert, "en"); zh != c.zh || en != c.en {
			t.Errorf("%s\n%s", zh, en)
		}
	}
}

func TestRobotsMessages(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1577262236757)
	letter := alertLetter{at: at, subject: "掌柜:测试消息", lines: []string{"一"}}
	for _, c := range []struct {
		channel      core.AlertChannelType
		url, address string
		body         string
	}{
		{core.ChannelWeCom, "https://w/send?key=k", "https://w/send?key=k", `{"msgtype":"text","text":{"content":"掌柜:测试消息\n一"}}`},
		{core.ChannelDingTalk, "https://d/send?access_token=k", "https://d/send?access_token=k&timestamp=1577262236757&sign=hmPWwU%2B7lVdm3ZZz0r9tSfx0L4Q26jWOZr9%2BGs6EZQM%3D", `{"msgtype":"text","text":{"content":"掌柜:测试消息\n一"}}`},
		{core.ChannelFeishu, "https://f/hook/k", "https://f/hook/k", `{"content":{"text":"掌柜:测试消息\n一"},"msg_type":"text","sign":"` + feishuSignature("this is secret", "1577262236") + `","timestamp":"1577262236"}`},
	} {
		req, err := alertRequest(core.AlertChannel{Type: c.channel}, channelSecrets{URL: c.url, Secret: "this is secret"}, letter)
		if err != nil || req.URL != c.address || string(req.Body) != c.body {
			t.Errorf("%s: %s %s %v", c.channel, req.URL, req.Body, err)
		}
		if !json.Valid(req.Body) || req.Headers["Content-Type"] != "application/json; charset=utf-8" {
			t.Errorf("%s: %v", c.channel, req.Headers)
		}
	}
}
