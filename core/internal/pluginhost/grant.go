package pluginhost

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

// grant is a manifest's grant made ready to be asked thousands of times a second.
type grant struct {
	requests map[[2]string]bool // method and path
	chosen   []chosenPath       // paths that an account's settings choose
	filled   []filledPath       // paths with the call's own numbers in them
	keys     map[[2]string]bool // name and operation
	sends    int
	reveal   map[string]bool
	rotate   map[string]bool
}

// license is everything a manifest allows, prepared once per start of a plugin.
type license struct {
	manifest core.Manifest
	hosts    map[string]bool
	grants   map[core.Capability]*grant
	types    map[string]core.CredentialType
	redact   map[string]bool // lower case
	offered  map[core.Capability]bool
	tlsOnly  bool
}

func newLicense(m core.Manifest) *license {
	l := &license{
		manifest: m, hosts: map[string]bool{}, grants: map[core.Capability]*grant{}, types: credentialTypes(m.Credentials),
		redact: map[string]bool{}, offered: map[core.Capability]bool{}, tlsOnly: m.ReplyAuthentication != "signature",
	}
	for _, h := range m.Hosts {
		l.hosts[strings.ToLower(h)] = true
	}
	for _, name := range m.Redact {
		l.redact[strings.ToLower(name)] = true
	}
	defaults := settingDefaults(m.Settings)
	for c, g := range m.Grants {
		l.grants[c] = newGrant(g, defaults)
	}
	for _, p := range m.Products {
		for _, c := range p.Capabilities {
			l.offered[c] = true
		}
	}
	return l
}

func newGrant(g core.Grant, defaults map[string]string) *grant {
	out := &grant{requests: map[[2]string]bool{}, keys: map[[2]string]bool{}, sends: g.Sends, reveal: map[string]bool{}, rotate: map[string]bool{}}
	for _, r := range g.Requests {
		if name, ok := settingName(r.Path); ok {
			out.chosen = append(out.chosen, chosenPath{r.Method, name, defaults[name]})
			continue
		}
		if strings.Contains(r.Path, "{") {
			out.filled = append(out.filled, filledPath{r.Method, strings.Split(r.Path, "/")})
			continue
		}
		out.requests[[2]string{r.Method, r.Path}] = true
	}
	for _, k := range g.Keys {
		for _, op := range k.Operations {
			out.keys[[2]string{k.Name, op}] = true
		}
	}
	for _, name := range g.Reveal {
		out.reveal[name] = true
	}
	for _, name := range g.Rotate {
		out.rotate[name] = true
	}
	return out
}

// allowsRequest checks method and path. base is the account's own address: a path under
// the base's path is the same request. The path is compared as it stands on the wire, so
// no encoding of it slips through.
func (g *grant) allowsRequest(method string, u, base *url.URL) bool {
	path := u.EscapedPath()
	if g.requests[[2]string{method, path}] {
		return true
	}
	if base == nil || !strings.EqualFold(base.Host, u.Host) {
		return false
	}
	prefix := strings.TrimSuffix(base.EscapedPath(), "/")
	rest, ok := strings.CutPrefix(path, prefix)
	return ok && prefix != "" && g.requests[[2]string{method, rest}]
}

// allowsHost checks the manifest's list and the account's own address.
func (l *license) allowsHost(u, base *url.URL) bool {
	if base != nil && strings.EqualFold(base.Host, u.Host) && strings.EqualFold(base.Scheme, u.Scheme) {
		return true
	}
	return l.hosts[strings.ToLower(u.Host)] || u.Port() == "443" && u.Scheme == "https" && l.hosts[strings.ToLower(u.Hostname())]
}

// credentialTypes reads each credential's x-type out of the manifest's schema.
func credentialTypes(schema json.RawMessage) map[string]core.CredentialType {
	var s struct {
		Properties map[string]struct {
			Type core.CredentialType `json:"x-type"`
		} `json:"properties"`
	}
	out := map[string]core.CredentialType{}
	if len(schema) == 0 || json.Unmarshal(schema, &s) != nil {
		return out
	}
	for name, p := range s.Properties {
		out[name] = p.Type
	}
	return out
}

// opConnect shows a certificate to the provider when a connection is made.
const opConnect = "connect"

// operationsKnown are the key operations a manifest may ask for.
func operationsKnown() []string {
	return []string{"sign", "verify", "encrypt", "decrypt", "seal", "open", "digest", opConnect}
}

// checkManifest says in one sentence what is wrong with a manifest, or nothing. id is the
// plugin it has to be, or empty.
func checkManifest(id string, m core.Manifest) core.Text {
	switch {
	case !validID(m.ID):
		return both("The plugin calls itself %s. An id has up to 40 small letters, digits, - and _, and begins with a letter.",
			"插件自称 %s。标识最多 40 个字符，只能包含小写字母、数字、- 和 _，并以字母开头。", quote(m.ID))
	case id != "" && m.ID != id:
		return both("The plugin calls itself %s and was approved as %s.", "插件自称 %s，而批准的是 %s。", quote(m.ID), quote(id))
	case m.ReplyAuthentication != "signature" && m.ReplyAuthentication != "tls-only":
		return both("The manifest's reply authentication must be signature or tls-only.", "插件自述中的应答认证方式必须是 signature 或 tls-only。")
	case !json.Valid(m.Settings) || !json.Valid(m.Credentials):
		return both("The manifest's schemas for settings and credentials must be JSON.", "插件自述中的设置与密钥表单必须是 JSON。")
	}
	for c, g := range m.Grants {
		if wrong := checkGrant(c, g, m); wrong != (core.Text{}) {
			return wrong
		}
	}
	return core.Text{}
}

func checkGrant(c core.Capability, g core.Grant, m core.Manifest) core.Text {
	if g.Sends < 0 || g.Sends > 1 && moves(c) {
		return both("The grant of %s asks for more than one request; a call that moves money sends once.", "%s 的授权要求多次请求；涉及资金的调用只能发送一次。", c)
	}
	for _, r := range g.Requests {
		if wrong := checkPath(c, r.Path, m); wrong != (core.Text{}) {
			return wrong
		}
	}
	for _, k := range g.Keys {
		for _, op := range k.Operations {
			if !slices.Contains(operationsKnown(), op) {
				return both("The grant of %s asks for the unknown key operation %s.", "%s 的授权要求未知的密钥操作 %s。", c, quote(op))
			}
		}
	}
	return core.Text{}
}

// moves says whether an operation moves money or ends an order.
func moves(c core.Capability) bool {
	switch c {
	case core.CapCreatePayment, core.CapConfirmPayment, core.CapCancelPayment, core.CapClosePayment, core.CapCreateRefund, core.CapCreatePayout:
		return true
	default:
		return false
	}
}

func quote(s string) string {
	if len(s) > 64 {
		s = s[:64]
	}
	b, _ := json.Marshal(s)
	return string(b)
}
