package main

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/shouqianba/internal/wire"
)

// TestManifestOffersWhatIsThere: capabilities, grants and code agree.
func TestManifestOffersWhatIsThere(t *testing.T) {
	t.Parallel()
	m := provider{}.Manifest()
	can := sdk.Capabilities(provider{})
	slices.Sort(can)
	listed := slices.Sorted(slices.Values(m.Products[0].Capabilities))
	if !slices.Equal(can, listed) || len(m.Grants) != len(can) {
		t.Errorf("implemented %v, listed %v, %d grants", can, listed, len(m.Grants))
	}
	for op, grant := range m.Grants {
		if !slices.Contains(can, op) || grant.Sends != 1 || len(grant.Requests) == 0 || len(grant.Keys) != 1 || len(grant.Reveal) != 0 {
			t.Errorf("%s: %+v", op, grant)
		}
		if rotates := op == sdk.CapActivate || op == sdk.CapCheckIn; rotates != (len(grant.Rotate) > 0) {
			t.Errorf("%s may rotate %v", op, grant.Rotate)
		}
	}
	for _, method := range m.Products[0].Methods {
		for _, channel := range method.Channels {
			if wire.Payway(channel.ID) == "" || wire.ChannelOf(wire.Payway(channel.ID)) != channel.ID {
				t.Errorf("%s: %q has no payway", method.Method, channel.ID)
			}
		}
	}
}

// TestSchemasDescribeEveryField: the console's form has a label in both languages for
// each, and each credential has a type.
func TestSchemasDescribeEveryField(t *testing.T) {
	t.Parallel()
	m := provider{}.Manifest()
	for what, raw := range map[string][]byte{"settings": m.Settings, "credentials": m.Credentials} {
		var schema struct {
			Closed     *bool `json:"additionalProperties"`
			Properties map[string]struct {
				Type  string            `json:"x-type"`
				Label map[string]string `json:"x-label"`
			} `json:"properties"`
		}
		if err := json.Unmarshal(raw, &schema); err != nil {
			t.Fatal(err)
		}
		if schema.Closed == nil || *schema.Closed || len(schema.Properties) == 0 {
			t.Errorf("%s: not closed, or empty", what)
		}
		for name, p := range schema.Properties {
			if p.Label["zh"] == "" || p.Label["en"] == "" || (what == "credentials") != (p.Type != "") {
				t.Errorf("%s.%s: %+v", what, name, p)
			}
		}
	}
	// The settings the code reads are those of the schema.
	raw, err := json.Marshal(settings{AppID: "a", DeviceID: "b", ReflectField: "c"})
	if err != nil {
		t.Fatal(err)
	}
	var read map[string]string
	if err := json.Unmarshal(raw, &read); err != nil || len(read) != 3 {
		t.Errorf("%v, %v", read, err)
	}
}

// TestPayerCodesAreTold: each code belongs to one wallet.
func TestPayerCodesAreTold(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, code := range (provider{}).Manifest().PayerCodes {
		for _, prefix := range code.Prefixes {
			if other, twice := seen[prefix]; twice {
				t.Errorf("%s is %s and %s", prefix, other, code.Channel)
			}
			seen[prefix] = code.Channel
		}
		if slices.Max(code.Lengths) > maxCode {
			t.Errorf("%s: longer than dynamic_id", code.Channel)
		}
	}
}
