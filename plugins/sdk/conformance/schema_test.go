package conformance

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestPatternsAreMatched(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern string
		least   int
	}{
		{"^[0-9]+$", 1},
		{"^[0-9A-Za-z]{1,15}$", 1},
		{"^[0-9A-Za-z]{1,15}$", 12},
		{"^PUB_KEY_ID_[0-9A-Za-z]+$", 20},
		{"^/[A-Za-z0-9._~/-]*$", 1},
		{"^(https?://[^?#]+)?$", 1},
		{"^(wx|gh_)[0-9a-f]{16}$", 1},
		{"^[^a]$", 1},
		{"SZ.{3}", 5},
	} {
		got, ok := matching(c.pattern, c.least)
		if !ok || !regexp.MustCompile(c.pattern).MatchString(got) || len(got) < c.least {
			t.Errorf("%s: %q, %v", c.pattern, got, ok)
		}
	}
	for _, pattern := range []string{"[", "^a$b", `^\bx`} {
		if got, ok := matching(pattern, 1); ok && !regexp.MustCompile(pattern).MatchString(got) {
			t.Errorf("%s: %q", pattern, got)
		}
	}
}

func TestFormsAreFilledIn(t *testing.T) {
	t.Parallel()
	form := json.RawMessage(`{"type":"object","additionalProperties":false,"required":["id"],"properties":{
		"id":{"type":"string","minLength":4,"maxLength":6},"mode":{"type":"string","enum":["a","b"]},"on":{"type":"boolean","default":true},
		"n":{"type":"integer","minimum":7},"known":{"type":"string","pattern":"^x$","examples":["x"]}}}`)
	got, err := sampleSettings(form, map[string]any{"mode": "b"})
	if want := `{"id":"zg00","known":"x","mode":"b","n":7,"on":true}`; err != nil || got != want {
		t.Errorf("%s %v, want %s", got, err, want)
	}
	// Where all fields together are refused, the required ones are enough.
	either := json.RawMessage(`{"type":"object","additionalProperties":false,"required":["a"],"properties":{"a":{"type":"string"},"b":{"type":"string"}},"not":{"required":["b"]}}`)
	if got, err := sampleSettings(either, nil); err != nil || got != `{"a":"zg"}` {
		t.Errorf("%s %v", got, err)
	}
	if _, err := sampleSettings(json.RawMessage(`{"type":"object","required":["x"]}`), nil); err == nil {
		t.Error("a form that cannot be filled in was")
	}
}

func TestCredentialsAreMadeUpByTheirTypes(t *testing.T) {
	t.Parallel()
	form := json.RawMessage(`{"type":"object","properties":{"k":{"type":"string","x-type":"rsa_private"},"p":{"type":"string","x-type":"rsa_public"},
		"c":{"type":"string","x-type":"certificate"},"a":{"type":"string","x-type":"aes_key","maxLength":16},"i":{"type":"string","x-type":"iv"},
		"n":{"type":"string","x-type":"merchant_number","pattern":"^[0-9]{8}$"},"m":{"type":"string","x-type":"md5_key","minLength":20}}}`)
	got, err := sampleCredentials(form, map[string]string{"i": "0123456789abcdef"})
	if err != nil || len(got["a"]) != 16 || got["i"] != "0123456789abcdef" || len(got["n"]) != 8 || len(got["m"]) < 20 {
		t.Fatalf("%v %v", got, err)
	}
	if _, err := privateKey(got["k"]); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"p", "c"} {
		if _, err := publicKey(got[name]); err != nil {
			t.Error(name, err)
		}
	}
}

func TestACaseWithASlipIsRefused(t *testing.T) {
	t.Parallel()
	if g, err := ReadGiven(strings.NewReader(`{"settings":{"a":1},"replies":{"query_payment":["{}"]}}`)); err != nil || len(g.Replies) != 1 {
		t.Errorf("%+v %v", g, err)
	}
	for _, bad := range []string{`{"setings":{}}`, `[]`, `{"settings":`} {
		if _, err := ReadGiven(strings.NewReader(bad)); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}

func TestAmountsAreFoundAsNumbersOfTheirOwn(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]bool{
		`{"amount":73519}`: true, `amount=735.19&x=1`: true, "TXAMT 000000073519": true, `"735.190"`: true, "735.19": true,
		"1735190": false, "735.191": false, "73519.5": false, "173519": false, "": false,
	} {
		if got := states(sent, sampleAmount); got != want {
			t.Errorf("%q: %v", sent, got)
		}
	}
}

func TestEveryCheckIsDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../../docs/plugin-verify.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "\n| id |")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|").FindAllStringSubmatch(table, -1)
	checks := titles()
	if len(rows) != len(checks) {
		t.Fatalf("%d checks are documented and there are %d", len(rows), len(checks))
	}
	for i, c := range checks {
		if rows[i][1] != c.ID || c.Title.ZH == "" || c.Title.EN == "" {
			t.Errorf("the page says %s where the report has %s", rows[i][1], c.ID)
		}
	}
}
