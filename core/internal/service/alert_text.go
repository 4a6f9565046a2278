package service

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/zhanggui-pay/zhanggui/core"
)

// alertLetter is one message, whatever the channel.
type alertLetter struct {
	id      core.ID
	at      time.Time
	subject string
	lines   []string // one for each notice
	more    string   // with %d: how many are not named
	end     string   // where to look
	notices []core.AlertNotice
}

// namedAlerts is how many alerts a message names at most.
const namedAlerts = 20

// alertSentences say what an alert means, by kind and, where it matters, by its cause.
var alertSentences = map[string]core.Text{
	"unknown_old":          {ZH: "订单 {object} 自 {since} 起结果未知", EN: "The outcome of order {object} has been unknown since {since}"},
	"unknown_old.many":     {ZH: "账户“{object}”有 {count} 笔订单长时间结果未知", EN: "{count} orders of the account “{object}” have had an unknown outcome for long"},
	"correction":           {ZH: "订单 {object} 的最终状态被渠道更正:{from} → {to}", EN: "The provider corrected the final state of order {object}: {from} → {to}"},
	"breaker_open":         {ZH: "渠道 {object} 暂时不可用", EN: "The provider {object} is out of service"},
	"breaker_open.connect": {ZH: "渠道 {object} 的地址无法连接:{address}", EN: "The address of the provider {object} cannot be connected to: {address}"},
	"breaker_open.crash":   {ZH: "渠道插件 {object} 连续崩溃 {crashes} 次,正在重启", EN: "The plugin {object} has crashed {crashes} times in a row and is being started again"},
	"callback_unverified":  {ZH: "账户“{object}”的回调地址在 {minutes} 分钟内收到至少 {count} 个未通过验证的请求", EN: "The callback address of the account “{object}” got {count} or more requests within {minutes} minutes that are not authentic"},
	"balance_low":          {ZH: "账户“{object}”余额低于设定值", EN: "The balance of the account “{object}” is below its mark"},
	"balance_stale":        {ZH: "账户“{object}”的余额长时间未能更新", EN: "No balance of the account “{object}” could be read for long"},
	"keys_not_renewed":     {ZH: "账户“{object}”的渠道密钥或证书长时间未能更新", EN: "The provider's keys of the account “{object}” could not be renewed for long"},
	"vault_closing":        {ZH: "自 {since} 起无法读取密钥;缓存的密钥最多再用几分钟,之后收付款将停止", EN: "Keys cannot be read since {since}; those in memory last for a few minutes, then payments stop"},
	"webhook_failing":      {ZH: "Webhook 端点 {object} 持续失败一周,已停用", EN: "The webhook endpoint {object} failed for a week and was disabled"},
	"payout_returned":      {ZH: "代付 {object} 被银行退回", EN: "The bank returned the payout {object}"},
	"resolution_disputed":  {ZH: "渠道对订单 {object} 的说法与人工处理结果不一致", EN: "The provider contradicts what a person decided about the order {object}"},
	"bill_missing":         {ZH: "账户“{account}”{day} 没有可对账的渠道账单", EN: "There is no bill of {day} to compare the account “{account}” with"},
	"books_disagree":       {ZH: "账户“{account}”{day} 有 {count} 笔对账差异待处理", EN: "The account “{account}” has {count} differences of {day} that wait for a person"},
	"plugin_modified":      {ZH: "渠道插件 {object} 的文件被替换,已停止使用", EN: "The file of the plugin {object} was replaced; it is not used any more"},
	"plugin_not_upgraded":  {ZH: "渠道插件 {object} 的新版本未能接替,继续使用之前的版本:{reason}", EN: "The approved version of the plugin {object} could not take over, the one before it goes on: {reason}"},
	"plugin_denied":        {ZH: "渠道插件 {object} 的越权请求已被拒绝 {count} 次,最近一次:{what}", EN: "The plugin {object} asked {count} times for what it is not granted, and was refused; the last was {what}"},
	"plugin_stopped":       {ZH: "渠道插件 {object} 多次崩溃,已停止重启", EN: "The plugin {object} crashed too often and is not started again"},
}

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

// alertSentence is the alert in words. What a person or a provider wrote cannot become a
// mention in a chat: those begin with an angle bracket.
func alertSentence(a core.Alert, language string) string {
	variant := a.Args["cause"]
	if a.Kind == core.AlertUnknownOld && a.Args["count"] != "" {
		variant = "many"
	}
	text, ok := alertSentences[string(a.Kind)+"."+variant]
	if !ok {
		text = alertSentences[string(a.Kind)]
	}
	template := text.ZH
	if language == "en" {
		template = text.EN
	}
	harmless := strings.NewReplacer("<", "‹", ">", "›", "\r", " ", "\n", " ")
	return placeholder.ReplaceAllStringFunc(template, func(name string) string {
		name = strings.Trim(name, "{}")
		value := a.Args[name]
		if name == "object" {
			value = a.Object
		}
		if at, err := time.Parse(time.RFC3339, value); err == nil {
			value = beijingTime(at, language)
		}
		return harmless.Replace(value)
	})
}

func beijingTime(at time.Time, language string) string {
	zone := "(北京时间)"
	if language == "en" {
		zone = " (Beijing)"
	}
	return at.In(core.Beijing()).Format("01-02 15:04") + zone
}

// newsLabel stands before a sentence.
func newsLabel(n core.AlertNotice, language string) string {
	labels := map[string]core.Text{
		string(core.NewsResolved):     {ZH: "【已恢复】", EN: "[resolved] "},
		string(core.SeverityCritical): {ZH: "【紧急】", EN: "[critical] "},
		string(core.SeverityWarning):  {ZH: "【警告】", EN: "[warning] "},
	}
	label := labels[string(n.Alert.Severity)]
	if n.What == core.NewsResolved {
		label = labels[string(core.NewsResolved)]
	}
	if language == "en" {
		return label.EN
	}
	return label.ZH
}

// alertLetterOf writes one message about all notices. merchant is empty for the platform's own.
func alertLetterOf(c core.AlertChannel, merchant, publicURL string, notices []core.AlertNotice, now time.Time) alertLetter {
	l := alertLetter{id: core.NewID(now), at: now, notices: notices, end: publicURL}
	whose, count := merchant, len(notices)
	if c.Language == "en" {
		if whose == "" {
			whose = "platform"
		}
		l.subject, l.more = fmt.Sprintf("Zhanggui: %d alerts (%s)", count, whose), "and %d more"
		if count == 1 {
			l.subject = fmt.Sprintf("Zhanggui: 1 alert (%s)", whose)
		}
	} else {
		if whose == "" {
			whose = "平台"
		}
		l.subject, l.more = fmt.Sprintf("掌柜:%d 条告警(%s)", count, whose), "另有 %d 条"
	}
	l.subject = cutBytes(l.subject, 200)
	for _, n := range notices {
		l.lines = append(l.lines, newsLabel(n, c.Language)+alertSentence(n.Alert, c.Language))
	}
	return l
}

// testLetter is what a test sends.
func testLetter(c core.AlertChannel, id core.ID, now time.Time) alertLetter {
	l := alertLetter{id: id, at: now, subject: "掌柜:测试消息", lines: []string{"这是一条测试消息,告警将发送到这里。"}}
	if c.Language == "en" {
		l.subject, l.lines = "Zhanggui: test", []string{"This is a test. Alerts will be told here."}
	}
	return l
}

// text is the message within so many bytes. What does not fit is counted.
func (l alertLetter) text(limit int) string {
	var b strings.Builder
	b.WriteString(strings.NewReplacer("<", "‹", ">", "›").Replace(l.subject))
	reserve := len(l.end) + len(l.more) + len(strconv.Itoa(len(l.lines))) + 2
	for i, line := range l.lines {
		if i == namedAlerts || b.Len()+len(line)+1+reserve > limit {
			fmt.Fprintf(&b, "\n"+l.more, len(l.lines)-i)
			break
		}
		b.WriteString("\n" + line)
	}
	if l.end != "" {
		b.WriteString("\n" + l.end)
	}
	return cutBytes(b.String(), limit)
}

// alertDocument is the body of a webhook's message.
type alertDocument struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      alertData `json:"data"`
}

type alertData struct {
	ChannelID string      `json:"channel_id"`
	TenantID  string      `json:"tenant_id,omitempty"`
	Text      string      `json:"text"`
	Count     int         `json:"count"`
	Alerts    []alertItem `json:"alerts"` // the first of them
}

type alertItem struct {
	ID         string            `json:"id"`
	News       string            `json:"news"`
	Kind       string            `json:"kind"`
	Severity   string            `json:"severity"`
	ObjectKind string            `json:"object_kind"`
	ObjectID   string            `json:"object_id,omitempty"`
	Object     string            `json:"object"`
	Args       map[string]string `json:"args,omitempty"`
	OpenedAt   time.Time         `json:"opened_at"`
}

func (l alertLetter) document(c core.AlertChannel) alertDocument {
	d := alertDocument{Type: "alert.notice", Timestamp: l.at.UTC(), Data: alertData{
		ChannelID: c.ID.Prefixed(core.PrefixChannel), Text: l.text(robotText), Count: len(l.notices), Alerts: []alertItem{},
	}}
	if !c.TenantID.IsZero() {
		d.Data.TenantID = c.TenantID.Prefixed(core.PrefixTenant)
	}
	for _, n := range l.notices[:min(len(l.notices), 5*namedAlerts)] {
		a := n.Alert
		d.Data.Alerts = append(d.Data.Alerts, alertItem{
			ID: a.ID.Prefixed(core.PrefixAlert), News: string(n.What), Kind: string(a.Kind), Severity: string(a.Severity), ObjectKind: a.ObjectKind,
			ObjectID: a.Ref(), Object: a.Object, Args: a.Args, OpenedAt: a.OpenedAt.UTC(),
		})
	}
	return d
}

// cutBytes shortens a text without breaking a character.
func cutBytes(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
