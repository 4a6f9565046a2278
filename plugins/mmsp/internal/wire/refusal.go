package wire

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// Effect is what a message was to do, which decides what its refusal means.
type Effect int

// The effects.
const (
	Asks       Effect = iota // a query
	Changes                  // a cancel, a close, a code: a refusal leaves the order as it was
	MovesMoney               // a payment or refund: an unsigned refusal proves nothing
)

// Taken says whether the provider took the message, so that the Body counts. Otherwise the
// outcome is what its refusal means for the effect.
func (r Reply) Taken(effect Effect) (sdk.Outcome, bool) {
	switch {
	case r.Body != nil:
		return "", true
	case r.retCode == retCodeTaken || r.retCode == retCodeSample:
		return sdk.OutcomeUnknown, false // a general refusal that says it was taken; trap Q3
	case r.noSuchOrder() && effect == Asks:
		return sdk.OutcomeNotFound, false
	case r.general && effect == MovesMoney && !r.wrongAmount():
		return sdk.OutcomeUnknown, false
	}
	return sdk.OutcomeRefused, false
}

// bracketed is the code at the beginning of a refusal's text (trap Q2): 「[-2002] 没有该订单」.
var bracketed = regexp.MustCompile(`^\s*\[(-?\d+)\]\s*[:：]?\s*`)

// The codes that the document prints in brackets: no such order (quick 3.1), the amount does
// not fit (FAQ).
const (
	codeNoOrder     = "-2002"
	codeWrongAmount = "-3005"
)

func (r Reply) bracketedCode() string {
	if found := bracketed.FindStringSubmatch(r.errorText); found != nil {
		return found[1]
	}
	return ""
}

func (r Reply) noSuchOrder() bool { return r.bracketedCode() == codeNoOrder }

func (r Reply) wrongAmount() bool { return r.bracketedCode() == codeWrongAmount }

// NoSuchOrder says that the provider took the message as ours and knows no such order.
func (r Reply) NoSuchOrder() bool {
	return r.Body == nil && r.retCode != retCodeTaken && r.noSuchOrder()
}

// KeyRefused says that a refusal speaks of the signature (签名). The document prints no code
// for it.
func (r Reply) KeyRefused() bool { return r.Body == nil && strings.Contains(r.errorText, "签名") }

// maxText bounds a sentence of the provider in bytes.
const maxText = 500

// Text is the provider's code and sentence: the Body's, or those of the refusal.
func (r Reply) Text() sdk.ProviderText {
	p := r.command.product
	if r.Body != nil {
		return sdk.ProviderText{Code: clip(r.Body.Text(p.errorCode)), Message: clip(r.Body.Text(p.errorText))}
	}
	t := sdk.ProviderText{Code: r.bracketedCode(), Message: clip(bracketed.ReplaceAllString(r.errorText, ""))}
	if t.Code == "" {
		t.Code = clip(r.retCode)
	}
	return t
}

func clip(text string) string {
	if len(text) <= maxText {
		return text
	}
	n := maxText
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
