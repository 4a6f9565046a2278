package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// CheckManifest lists what is wrong with a plugin's manifest, a sentence each.
func CheckManifest(p sdk.Provider) []string {
	m := p.Manifest()
	c := &checker{m: m}
	c.identity()
	c.products(p)
	c.schema("settings", m.Settings, false)
	types := c.schema("credentials", m.Credentials, true)
	c.grants(types)
	c.rules()
	return c.wrong
}

type checker struct {
	m     sdk.Manifest
	wrong []string
}

func (c *checker) is(ok bool, format string, args ...any) {
	if !ok {
		c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
	}
}

func (c *checker) text(what string, t sdk.Text) {
	c.is(strings.TrimSpace(t.ZH) != "" && strings.TrimSpace(t.EN) != "", "%s needs a label in Chinese and in English", what)
}

func (c *checker) identity() {
	name := regexp.MustCompile(`^[a-z][a-z0-9_-]{1,31}$`)
	c.is(name.MatchString(c.m.ID), "the id %q must be 2 to 32 lower-case letters, digits, - or _", c.m.ID)
	c.is(c.m.Version != "", "the manifest needs a version")
	c.is(c.m.ProtocolVersion == sdk.ProtocolVersion, "the protocol version must be sdk.ProtocolVersion")
	c.text("the provider", c.m.Name)
	c.is(c.m.ReplyAuthentication == sdk.ReplySigned || c.m.ReplyAuthentication == sdk.ReplyTLSOnly, "the reply authentication must be %q or %q", sdk.ReplySigned, sdk.ReplyTLSOnly)
	c.is(len(c.m.Hosts) > 0, "the manifest names no host")
	for _, h := range c.m.Hosts {
		c.is(h != "" && !strings.ContainsAny(h, "/*@ ") && h == strings.ToLower(h), "the host %q must be a plain lower-case host or host:port", h)
	}
}

func (c *checker) products(p sdk.Provider) {
	c.is(len(c.m.Products) > 0, "the manifest has no product")
	offered := c.offered()
	able := sdk.Capabilities(p)
	if _, ok := p.(*sdk.Remote); ok {
		able = offered // a connection does not tell: calls will
	}
	for _, capability := range offered {
		c.is(slices.Contains(able, capability), "%s is offered and not implemented", capability)
	}
	for _, capability := range able {
		c.is(slices.Contains(offered, capability), "%s is implemented and in no product", capability)
	}
	for _, product := range c.m.Products {
		c.is(product.ID != "", "a product has no id")
		c.text("the product "+product.ID, product.Name)
		for _, method := range product.Methods {
			c.is(method.Method != "", "the product %s has a method without a name", product.ID)
			c.text("the method "+string(method.Method), method.Name)
			c.is(!method.ChannelRequired || len(method.Channels) > 0, "the method %s requires a channel and lists none", method.Method)
			for _, channel := range method.Channels {
				c.is(channel.ID != "", "a channel of %s has no id", method.Method)
				c.text("the channel "+channel.ID, channel.Name)
			}
		}
	}
}

func (c *checker) offered() []sdk.Capability {
	var out []sdk.Capability
	for _, product := range c.m.Products {
		out = append(out, product.Capabilities...)
	}
	return out
}

// schema checks a form's schema and returns the types of its credentials.
func (c *checker) schema(what string, raw json.RawMessage, credentials bool) map[string]string {
	types := map[string]string{}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		c.is(false, "the schema of the %s is no JSON: %v", what, err)
		return types
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	if err := compiler.AddResource("memory:///schema.json", doc); err != nil {
		c.is(false, "the schema of the %s: %v", what, err)
		return types
	}
	if _, err := compiler.Compile("memory:///schema.json"); err != nil {
		c.is(false, "the schema of the %s does not compile: %v", what, err)
	}
	var form struct {
		AdditionalProperties *bool `json:"additionalProperties"`
		Properties           map[string]struct {
			Label sdk.Text `json:"x-label"`
			Type  string   `json:"x-type"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(raw, &form); err != nil {
		c.is(false, "the schema of the %s is no form: %v", what, err)
		return types
	}
	c.is(form.AdditionalProperties != nil && !*form.AdditionalProperties, "the schema of the %s must refuse unknown properties", what)
	known := []string{"merchant_number", "rsa_private", "rsa_public", "certificate", "pkcs12", "md5_key", "aes_key", "iv", "secret"}
	for name, property := range form.Properties {
		c.text("the property "+name+" of the "+what, property.Label)
		if credentials {
			c.is(slices.Contains(known, property.Type), "the credential %s has the unknown x-type %q", name, property.Type)
			types[name] = property.Type
		}
	}
	return types
}

func (c *checker) grants(types map[string]string) {
	offered := c.offered()
	for _, capability := range offered {
		_, ok := c.m.Grants[capability]
		c.is(ok, "%s has no grant", capability)
	}
	operations := []string{sdk.OpSign, sdk.OpVerify, sdk.OpEncrypt, sdk.OpDecrypt, sdk.OpSeal, sdk.OpOpen, sdk.OpDigest, sdk.OpConnect}
	for capability, g := range c.m.Grants {
		c.is(slices.Contains(offered, capability), "there is a grant for %s, which is not offered", capability)
		c.is(g.Sends >= 0 && g.Sends <= 1, "the grant of %s asks for %d requests; one call is at most one exchange", capability, g.Sends)
		c.is((len(g.Requests) > 0) == (g.Sends > 0), "the grant of %s must name paths if and only if it sends", capability)
		for _, r := range g.Requests {
			path := filledPath(settingPath(c.m.Settings, nil, r.Path), types)
			c.is(r.Method != "" && r.Method == strings.ToUpper(r.Method) && strings.HasPrefix(path, "/") && !strings.ContainsAny(path, "?#*{}"),
				"the grant of %s names %q %q; a method and an exact path are wanted, where {order_no}, {provider_order_no}, {refund_no} and merchant numbers may be segments, or a setting with a default", capability, r.Method, r.Path)
		}
		for _, k := range g.Keys {
			c.is(types[k.Name] != "", "the grant of %s names the unknown credential %q", capability, k.Name)
			for _, op := range k.Operations {
				c.is(slices.Contains(operations, op), "the grant of %s names the unknown operation %q", capability, op)
			}
		}
		for _, name := range append(append([]string(nil), g.Reveal...), g.Rotate...) {
			c.is(types[name] != "", "the grant of %s reveals or rotates the unknown credential %q", capability, name)
		}
		for _, name := range g.Rotate {
			c.is(types[name] == "merchant_number" || slices.ContainsFunc(c.m.Redact, func(r string) bool { return strings.EqualFold(r, name) }),
				"the credential %s travels when it is rotated: list its wire name in Redact (this check wants %q)", name, name)
		}
	}
}

// filledPath takes the names out of the segments of a path that the host fills in.
func filledPath(path string, types map[string]string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		name, ok := strings.CutPrefix(segment, "{")
		name, closed := strings.CutSuffix(name, "}")
		if ok && closed && (slices.Contains([]string{"order_no", "provider_order_no", "refund_no"}, name) || types[name] == "merchant_number") {
			segments[i] = name
		}
	}
	return strings.Join(segments, "/")
}

func (c *checker) rules() {
	m := c.m
	c.is(m.OrderNumber.MaxLength >= 20, "our order numbers have 20 digits and the provider takes %d", m.OrderNumber.MaxLength)
	letter := regexp.MustCompile(`^[a-z]$`)
	for _, kind := range m.Inbound {
		c.is(letter.MatchString(kind.Kind), "the inbound kind %q must be one lower-case letter", kind.Kind)
		c.text("the inbound kind "+kind.Kind, kind.Name)
	}
	offered := c.offered()
	c.is(slices.Contains(offered, sdk.CapInbound) == (len(m.Inbound) > 0), "inbound is offered if and only if its kinds are listed")
	if slices.Contains(offered, sdk.CapQueryPayment) || slices.Contains(offered, sdk.CapQueryPayout) {
		c.is(len(m.Poll.Fast) > 0 && len(m.Poll.Tail) > 0 && m.Poll.Window > 0 && m.Poll.Horizon > 0, "the poll schedule needs Fast, Window, Tail and Horizon")
	}
	if slices.Contains(offered, sdk.CapCreateRefund) && !m.Refund.Conclusive {
		c.text("what settles a refund", m.Refund.SettledBy)
	}
	c.is(m.CheckInEvery == 0 || m.CheckInEvery >= time.Hour && m.CheckInEvery <= 30*24*time.Hour && slices.Contains(offered, sdk.CapCheckIn),
		"CheckInEvery is %s: it wants check_in, and an hour to 30 days", m.CheckInEvery)
	for _, code := range m.PayerCodes {
		c.is(len(code.Prefixes) > 0 && len(code.Lengths) > 0, "a payer code without prefixes or lengths fits everything")
		c.is(slices.ContainsFunc(m.Products, func(p sdk.Product) bool {
			return slices.ContainsFunc(p.Methods, func(s sdk.MethodSpec) bool { return s.Method == code.Method })
		}), "a payer code names the method %s, which no product has", code.Method)
	}
	c.is(len(m.Redact) > 0, "nothing is redacted: name the wire fields of payer codes, keys and card data")
}
