package conformance

import (
	"fmt"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The checks of the suite. Their names are stable: docs/plugin-verify.md lists them.
const (
	CheckOfManifest    = "manifest"
	CheckCalls         = "calls"
	CheckBadAnswers    = "bad-answers"
	CheckCutReplies    = "cut-replies"
	CheckUnproven      = "unproven-replies"
	CheckRequests      = "requests"
	CheckGrants        = "grants"
	CheckUnused        = "unused-grants"
	CheckOrderNumbers  = "order-numbers"
	CheckAmounts       = "amounts"
	CheckCallbacks     = "callbacks"
	CheckHostileInputs = "hostile-inputs"
	CheckSecrets       = "secrets"
	CheckCrashes       = "crashes"
	CheckDeadlines     = "deadlines"
	CheckCancel        = "cancel"
	CheckMessages      = "message-size"
	CheckOutput        = "output"
	CheckMemory        = "memory"
)

// The results of a check.
const (
	Passed        = "passed"
	Failed        = "failed"
	NotApplicable = "not_applicable"
)

// Check is what came of one check.
type Check struct {
	ID     string
	Title  sdk.Text
	Result string
	Detail sdk.Text
}

// titles are the checks in the order of a report.
func titles() []Check {
	return []Check{
		{ID: CheckOfManifest, Title: sdk.Text{ZH: "自述完整且一致", EN: "The manifest is complete and consistent"}},
		{ID: CheckCalls, Title: sdk.Text{ZH: "自述中的每项能力都能调用", EN: "Every capability of the manifest can be called"}},
		{ID: CheckBadAnswers, Title: sdk.Text{ZH: "不能证明结果的应答不产生最终结果", EN: "An answer that proves nothing leads to nothing final"}},
		{ID: CheckCutReplies, Title: sdk.Text{ZH: "被截断的应答不产生最终结果", EN: "A reply that is cut leads to nothing final"}},
		{ID: CheckUnproven, Title: sdk.Text{ZH: "未验签的应答不产生最终结果", EN: "A reply whose signature was not verified leads to nothing final"}},
		{ID: CheckRequests, Title: sdk.Text{ZH: "请求次数不超过授权，资金操作只发一次", EN: "No more requests than granted, and one where money moves"}},
		{ID: CheckGrants, Title: sdk.Text{ZH: "不索取授权之外的东西", EN: "It asks the host for nothing outside its grants"}},
		{ID: CheckUnused, Title: sdk.Text{ZH: "不要求用不到的密钥", EN: "It asks for no key that it does not use"}},
		{ID: CheckOrderNumbers, Title: sdk.Text{ZH: "同一操作使用同一编号", EN: "One operation has one number at the provider"}},
		{ID: CheckAmounts, Title: sdk.Text{ZH: "金额和币种与请求一致", EN: "Amount and currency are as asked"}},
		{ID: CheckCallbacks, Title: sdk.Text{ZH: "伪造的回调被拒绝", EN: "A forged callback is refused"}},
		{ID: CheckHostileInputs, Title: sdk.Text{ZH: "恶意输入不改变请求", EN: "Hostile inputs change nothing about a request"}},
		{ID: CheckSecrets, Title: sdk.Text{ZH: "密钥和付款人信息不外泄", EN: "No secret in errors, results, log lines or output"}},
		{ID: CheckCrashes, Title: sdk.Text{ZH: "不崩溃", EN: "It does not crash"}},
		{ID: CheckDeadlines, Title: sdk.Text{ZH: "遵守期限", EN: "It answers within the deadline"}},
		{ID: CheckCancel, Title: sdk.Text{ZH: "调用取消后停止请求", EN: "A call that is canceled ends its request"}},
		{ID: CheckMessages, Title: sdk.Text{ZH: "应答不超过消息大小", EN: "Its answers fit into a message"}},
		{ID: CheckOutput, Title: sdk.Text{ZH: "不大量输出", EN: "It does not flood its output"}},
		{ID: CheckMemory, Title: sdk.Text{ZH: "内存有界", EN: "Its memory is bounded"}},
	}
}

// findings are what was found, by check.
type findings struct {
	wrong map[string][]sdk.Text
	tried map[string]bool
	why   map[string]sdk.Text // a check was not tried
	order []string            // of what is wrong, in English, as it was found
}

func newFindings() *findings {
	return &findings{wrong: map[string][]sdk.Text{}, tried: map[string]bool{}, why: map[string]sdk.Text{}}
}

// try says that a check is being made.
func (f *findings) try(check string) { f.tried[check] = true }

// skip says why a check could not be made.
func (f *findings) skip(check string, why sdk.Text) { f.why[check] = why }

// fail notes what is wrong, once for each sentence.
func (f *findings) fail(check string, what sdk.Text) {
	f.tried[check] = true
	for _, said := range f.wrong[check] {
		if said == what {
			return
		}
	}
	f.wrong[check] = append(f.wrong[check], what)
	f.order = append(f.order, what.EN)
}

// text is a sentence in both languages with the same values in the same order.
func text(zh, en string, args ...any) sdk.Text {
	return sdk.Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}
}

// maxDetail bounds the sentences of one check, in bytes.
const maxDetail = 600

// checks are the results in the order of a report.
func (f *findings) checks() []Check {
	out := titles()
	for i := range out {
		c := &out[i]
		switch wrong := f.wrong[c.ID]; {
		case len(wrong) > 0:
			c.Result, c.Detail = Failed, sdk.Text{ZH: shown(wrong[0].ZH), EN: shown(wrong[0].EN)}
			if more := len(wrong) - 1; more > 0 {
				c.Detail.ZH += fmt.Sprintf("（另有 %d 处）", more)
				c.Detail.EN += fmt.Sprintf(" (And %d more.)", more)
			}
		case f.tried[c.ID]:
			c.Result = Passed
		default:
			c.Result, c.Detail = NotApplicable, f.why[c.ID]
		}
	}
	return out
}

// shown is a sentence without what a terminal or a database would choke on.
func shown(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if r := []rune(s); len(r) > maxDetail {
		return string(r[:maxDetail]) + "…"
	}
	return s
}
