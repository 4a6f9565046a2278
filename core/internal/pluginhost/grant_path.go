package pluginhost

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

// chosenPath is a path that stands in an account setting.
type chosenPath struct{ method, setting, fallback string }

// filledPath is a path in which some segments are names in braces.
type filledPath struct {
	method   string
	segments []string
}

// pathNumbers are what a call is about, as far as it stands in a path.
type pathNumbers struct{ order, providerOrder, refund string }

// The names in braces that mean a number of the call; any other is a merchant number's.
const (
	nameOrder         = "order_no"
	nameProviderOrder = "provider_order_no"
	nameRefund        = "refund_no"
)

// with puts the numbers in. Without one of them there is no such path.
func (f filledPath) with(numbers pathNumbers, merchants map[string]string) (string, bool) {
	out := slices.Clone(f.segments)
	for i, segment := range out {
		name, ok := settingName(segment)
		if !ok {
			continue
		}
		value := merchants[name]
		switch name {
		case nameOrder:
			value = numbers.order
		case nameProviderOrder:
			value = numbers.providerOrder
		case nameRefund:
			value = numbers.refund
		}
		if value == "" || value == "." || value == ".." {
			return "", false
		}
		out[i] = url.PathEscape(value)
	}
	return strings.Join(out, "/"), true
}

// checkPath says what is wrong with the path of a grant, or nothing.
func checkPath(c core.Capability, path string, m core.Manifest) core.Text {
	if name, ok := settingName(path); ok {
		if settingDefaults(m.Settings)[name] == "" {
			return both("The grant of %s takes a path from the setting %s, which is not there or has no default.", "%s 的授权引用设置 %s 作为路径，但该设置不存在或没有默认值。", c, quote(name))
		}
		return core.Text{}
	}
	for _, segment := range strings.Split(path, "/") {
		name, ok := settingName(segment)
		known := name == nameOrder || name == nameProviderOrder || name == nameRefund || credentialTypes(m.Credentials)[name] == core.CredMerchantNumber
		if ok && !known || !ok && strings.ContainsAny(segment, "{}") {
			return both("The grant of %s names the path %s: in braces stands order_no, provider_order_no, refund_no or a merchant number, as a whole segment.",
				"%s 的授权路径 %s 不正确：花括号中只能是 order_no、provider_order_no、refund_no 或某个商户号，并占据整个路径段。", c, quote(path))
		}
	}
	return core.Text{}
}

// settingName is the name in a path that is a setting in braces.
func settingName(path string) (string, bool) {
	name, ok := strings.CutPrefix(path, "{")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(name, "}")
}

// settingDefaults reads the default texts out of the manifest's schema of settings.
func settingDefaults(schema json.RawMessage) map[string]string {
	var s struct {
		Properties map[string]struct {
			Default any `json:"default"`
		} `json:"properties"`
	}
	out := map[string]string{}
	if len(schema) == 0 || json.Unmarshal(schema, &s) != nil {
		return out
	}
	for name, p := range s.Properties {
		if text, ok := p.Default.(string); ok {
			out[name] = text
		}
	}
	return out
}

// of is the grant as an account's settings and the call's own numbers complete it.
func (g *grant) of(settings json.RawMessage, numbers pathNumbers, merchants func() map[string]string) *grant {
	if len(g.chosen) == 0 && len(g.filled) == 0 {
		return g
	}
	var set map[string]any
	if len(settings) > 0 && json.Unmarshal(settings, &set) != nil {
		set = nil
	}
	out := *g
	out.requests = maps.Clone(g.requests)
	for _, c := range g.chosen {
		path, ok := set[c.setting].(string)
		if !ok || path == "" {
			path = c.fallback
		}
		if strings.HasPrefix(path, "/") {
			out.requests[[2]string{c.method, path}] = true
		}
	}
	for _, f := range g.filled {
		if path, ok := f.with(numbers, merchants()); ok {
			out.requests[[2]string{f.method, path}] = true
		}
	}
	return &out
}
