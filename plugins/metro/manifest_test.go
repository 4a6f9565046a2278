package main

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// TestManifestOffersWhatIsThere: capabilities, grants and code agree, and no grant asks for
// more than its call needs.
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
		if len(grant.Reveal) > 0 || len(grant.Rotate) > 0 {
			t.Errorf("%s: %+v", op, grant)
		}
		if op == sdk.CapInbound {
			if grant.Sends != 0 || len(grant.Requests) > 0 {
				t.Errorf("%s may send: %+v", op, grant)
			}
			continue
		}
		want := []sdk.GrantKey{{Name: credPrivateKey, Operations: []string{sdk.OpSign}}}
		if grant.Sends != 1 || len(grant.Requests) != 1 || !reflect.DeepEqual(grant.Keys, want) {
			t.Errorf("%s: %+v", op, grant)
		}
	}
	for _, name := range []string{"qrcode", "phone", "uid", "Authorization"} {
		if !slices.Contains(m.Redact, name) {
			t.Errorf("%s is not redacted", name)
		}
	}
}

// TestSettingsAreThoseOfTheSchema: name by name, with the same defaults.
func TestSettingsAreThoseOfTheSchema(t *testing.T) {
	t.Parallel()
	var schema struct {
		Properties map[string]struct {
			Default any      `json:"default"`
			Label   sdk.Text `json:"x-label"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(settingsSchema, &schema); err != nil {
		t.Fatal(err)
	}
	h := newHost(t, nil)
	set, err := settingsOf(h.Call(t.Context(), sdk.CapQueryPayment, testURL, testSettings))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	var read map[string]any
	if err := json.Unmarshal(raw, &read); err != nil {
		t.Fatal(err)
	}
	if len(read) != len(schema.Properties) {
		t.Errorf("read %v, schema %v", read, schema.Properties)
	}
	for name, property := range schema.Properties {
		if got, there := read[name]; !there || (name != "store_id" && got != property.Default) {
			t.Errorf("%s: %v, the schema says %v", name, got, property.Default)
		}
	}
}

// TestSchemas: what a form may hold.
func TestSchemas(t *testing.T) {
	t.Parallel()
	const keys = `"mch_id":"1","private_key":"x"`
	for _, c := range []struct {
		schema []byte
		value  string
		good   bool
	}{
		{settingsSchema, `{"store_id":"SZTX001"}`, true},
		{settingsSchema, `{}`, false},
		{settingsSchema, `{"store_id":""}`, false},
		{settingsSchema, `{"store_id":"S","sign_form":"none"}`, false},
		{settingsSchema, `{"store_id":"S","inbound_window_seconds":0}`, false},
		{settingsSchema, `{"store_id":"S","other":1}`, false},
		{settingsSchema, `{"store_id":"S","sign_form":"values","sign_encoding":"hex","not_found_code":"404","inbound_window_seconds":60}`, true},
		{credentialsSchema, `{` + keys + `}`, true},
		{credentialsSchema, `{"mch_id":"1"}`, false},
		{credentialsSchema, `{` + keys + `,"provider_public_key":"x","phone_key":"x","phone_iv":"x"}`, true},
		{credentialsSchema, `{` + keys + `,"provider_public_key":"x"}`, false},
		{credentialsSchema, `{` + keys + `,"phone_key":"x","phone_iv":"x"}`, false},
	} {
		if err := validate(t, c.schema, c.value); (err == nil) != c.good {
			t.Errorf("%s: %v", c.value, err)
		}
	}
}

func validate(t *testing.T, schema []byte, value string) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(value)))
	if err != nil {
		t.Fatal(err)
	}
	return compiled.Validate(instance)
}
