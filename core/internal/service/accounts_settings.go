package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/zhanggui-pay/zhanggui/core"
)

// settingsMost bounds an account's settings, in bytes.
const settingsMost = 16 << 10

// checkSettings validates an account's settings by the manifest's JSON Schema and gives them
// in compact form. Errors: CodeInvalidRequest with Param settings.<name>.
func checkSettings(schema, settings json.RawMessage) (json.RawMessage, error) {
	if len(bytes.TrimSpace(settings)) == 0 {
		settings = json.RawMessage("{}")
	}
	if len(settings) > settingsMost {
		return nil, core.Errorf(core.CodeInvalidRequest, "The settings are larger than %d bytes.", settingsMost).At("settings")
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(settings))
	if err != nil {
		return nil, core.Wrap(err, core.CodeInvalidRequest, "The settings are not JSON.").At("settings")
	}
	if _, ok := value.(map[string]any); !ok {
		return nil, core.Errorf(core.CodeInvalidRequest, "The settings must be a JSON object.").At("settings")
	}
	compiled, err := compileSchema(schema)
	if err != nil {
		return nil, err
	}
	if err := compiled.Validate(value); err != nil {
		return nil, fieldError("settings", err)
	}
	var out bytes.Buffer
	if err := json.Compact(&out, settings); err != nil {
		return nil, fmt.Errorf("service: compact the settings: %w", err)
	}
	return out.Bytes(), nil
}

// noLoader keeps a plugin's schema from making us read files.
type noLoader struct{}

func (noLoader) Load(string) (any, error) {
	return nil, errors.New("a manifest's schema refers to nothing outside itself")
}

func compileSchema(schema json.RawMessage) (*jsonschema.Schema, error) {
	if len(schema) == 0 {
		schema = json.RawMessage(`{"type":"object","additionalProperties":false}`)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return nil, fmt.Errorf("service: the manifest's schema is not JSON: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.UseLoader(noLoader{})
	c.AssertFormat()
	if err := c.AddResource("manifest.json", document); err != nil {
		return nil, fmt.Errorf("service: read the manifest's schema: %w", err)
	}
	compiled, err := c.Compile("manifest.json")
	if err != nil {
		return nil, fmt.Errorf("service: compile the manifest's schema: %w", err)
	}
	return compiled, nil
}

// fieldError names the first field at fault, in the order of their names, and says what is
// wrong with it. It never repeats the value.
func fieldError(within string, err error) error {
	invalid, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return fmt.Errorf("service: validate %s: %w", within, err)
	}
	found := leaves(within, invalid)
	slices.SortFunc(found, func(a, b fieldFault) int { return strings.Compare(a.param, b.param) })
	first := found[0]
	out := core.Errorf(core.CodeInvalidRequest, "%s %s.", first.param, first.text).At(first.param)
	for _, other := range found[1:] {
		out = out.With(other.param, other.text)
	}
	return out
}

type fieldFault struct{ param, text string }

func leaves(within string, e *jsonschema.ValidationError) []fieldFault {
	if len(e.Causes) > 0 {
		out := make([]fieldFault, 0, len(e.Causes))
		for _, c := range e.Causes {
			out = append(out, leaves(within, c)...)
		}
		return out
	}
	at := strings.Join(append([]string{within}, e.InstanceLocation...), ".")
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		return eachField(at, k.Missing, "is missing")
	case *kind.AdditionalProperties:
		return eachField(at, k.Properties, "is not a field of this provider")
	}
	return []fieldFault{{at, faultText(e.ErrorKind)}}
}

func eachField(at string, names []string, text string) []fieldFault {
	out := make([]fieldFault, 0, len(names))
	for _, name := range names {
		out = append(out, fieldFault{at + "." + name, text})
	}
	return out
}

func faultText(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Type:
		return "must be of type " + strings.Join(k.Want, " or ")
	case *kind.MinLength:
		return fmt.Sprintf("must have at least %d characters", k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("must have at most %d characters", k.Want)
	case *kind.Pattern:
		return "does not have the form the provider asks for"
	case *kind.Format:
		return "must be a valid " + k.Want
	case *kind.Enum:
		return "must be one of " + choices(k.Want)
	case *kind.Const:
		return "must be " + choices([]any{k.Want})
	case *kind.Minimum:
		return "must be at least " + k.Want.RatString()
	case *kind.Maximum:
		return "must be at most " + k.Want.RatString()
	}
	return "does not have the form the provider asks for"
}

func choices(values []any) string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		out = append(out, fmt.Sprint(v))
	}
	return strings.Join(out, ", ")
}

// atParam names the field at fault on an expected failure that names none.
func atParam(err error, param string) error {
	if e, ok := errors.AsType[*core.Error](err); ok {
		return e.At(param)
	}
	return err
}

// checkBaseURL lets the platform alone point an account at an address, and only at a public
// one over https unless test mode is allowed.
func (s *Service) checkBaseURL(ctx context.Context, id core.Identity, current, wanted string) error {
	if wanted == current {
		return nil
	}
	if err := s.Authorizer.Authorize(ctx, id, core.Permission{Object: "accounts", Action: "base_url"}); err != nil {
		return atParam(err, "base_url")
	}
	if wanted == "" {
		return nil
	}
	return checkAddress(wanted, s.AllowTestMode)
}

func checkAddress(address string, testMode bool) error {
	bad := func(format string, args ...any) error {
		return core.Errorf(core.CodeInvalidRequest, format, args...).At("base_url")
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Opaque != "" || len(address) > 200 {
		return bad("The address must look like https://api.example.com.")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery {
		return bad("The address must hold no user name, question mark or #.")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !testMode) {
		return bad("The address must begin with https://.")
	}
	if !testMode && privateHost(u.Hostname()) {
		return bad("The address %s is not on the public network.", u.Hostname())
	}
	return nil
}

// privateHost says whether a host, as it is written, is none of the public network. What a
// public name resolves to is checked again when it is dialled.
func privateHost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if ip, err := netip.ParseAddr(host); err == nil {
		return privateAddress(ip)
	}
	labels := strings.Split(host, ".")
	last := labels[len(labels)-1]
	if strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		return true // 127.1, 2130706433 and 0x7f000001 are addresses to some resolvers
	}
	return len(labels) < 2 || slices.Contains([]string{"localhost", "local", "internal", "lan", "home", "intranet", "arpa"}, last)
}

func privateAddress(ip netip.Addr) bool {
	ip = ip.Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.Zone() != "" {
		return true
	}
	for _, block := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4", "64:ff9b::/96", "64:ff9b:1::/48", "2001:db8::/32", "2002::/16", "::/96",
	} {
		if netip.MustParsePrefix(block).Contains(ip) {
			return true
		}
	}
	return false
}
