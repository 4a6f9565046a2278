package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// form is a schema's properties with their defaults.
func form(t *testing.T, schema []byte) map[string]struct{ Default any } {
	t.Helper()
	var f struct {
		Properties map[string]struct{ Default any }
	}
	if err := json.Unmarshal(schema, &f); err != nil {
		t.Fatal(err)
	}
	return f.Properties
}

// TestSettingsAreTheSchemas: the code reads what the form offers, with the form's defaults.
func TestSettingsAreTheSchemas(t *testing.T) {
	t.Parallel()
	call := answering(http.StatusOK, "").Call(t.Context(), sdk.CapCheckIn, testBase, "{}")
	set, err := settingsOf(call)
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
	offered := form(t, settingsSchema)
	if got, want := slices.Sorted(maps.Keys(read)), slices.Sorted(maps.Keys(offered)); !slices.Equal(got, want) {
		t.Errorf("read %v, offered %v", got, want)
	}
	for name, property := range offered {
		if value := read[name]; property.Default != nil && value != property.Default {
			t.Errorf("%s is %v by default, and the form says %v", name, value, property.Default)
		}
	}
	bad := answering(http.StatusOK, "").Call(t.Context(), sdk.CapCheckIn, testBase, `{"raw_pay_info":"yes"}`)
	if _, err := settingsOf(bad); err == nil {
		t.Error("a text was read as a switch")
	}
}

// TestGrantsNameSettings: the paths of the grants are settings of the account, and the keys
// are its credentials.
func TestGrantsNameSettings(t *testing.T) {
	t.Parallel()
	offered, credentials := form(t, settingsSchema), form(t, credentialsSchema)
	for capability, grant := range (provider{}).Manifest().Grants {
		for _, request := range grant.Requests {
			if name := strings.Trim(request.Path, "{}"); offered[name].Default != "/" {
				t.Errorf("%s: %s is no path of the account", capability, request.Path)
			}
		}
		for _, key := range grant.Keys {
			if _, ok := credentials[key.Name]; !ok {
				t.Errorf("%s: there is no credential %s", capability, key.Name)
			}
		}
		if len(grant.Reveal)+len(grant.Rotate) != 0 {
			t.Errorf("%s reveals or stores a key", capability)
		}
	}
}

// TestRulesOfTheHost: what the manifest asks the host to keep.
func TestRulesOfTheHost(t *testing.T) {
	t.Parallel()
	m := provider{}.Manifest()
	for _, product := range m.Products {
		for _, spec := range product.Methods {
			after, ends := m.Cancel.After[spec.Method]
			if scan := product.ID == productScan; ends != scan || scan && after < m.Cancel.NotBefore {
				t.Errorf("%s ends after %s", spec.Method, after)
			}
			if closed := slices.Contains(m.Cancel.ByClose, spec.Method); closed != (product.ID == productScan && spec.Method != sdk.MethodBarcode) {
				t.Errorf("%s ends by close: %v", spec.Method, closed)
			}
			if productOf(spec.Method) != product.ID {
				t.Errorf("%s belongs to %s, the code says %s", spec.Method, product.ID, productOf(spec.Method))
			}
		}
	}
	if m.OrderNumber.MaxLength != 20 || m.ResendAfter.Seconds() != 60 || m.Cancel.NotBefore.Seconds() != 15 || m.ReplyAuthentication != sdk.ReplyTLSOnly {
		t.Errorf("%+v", m)
	}
	seen := map[string]bool{}
	for _, code := range m.PayerCodes {
		for _, prefix := range code.Prefixes {
			if seen[prefix] {
				t.Errorf("%s is two wallets'", prefix)
			}
			seen[prefix] = true
		}
	}
}
