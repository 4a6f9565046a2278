//go:build e2e

package host_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/host"
)

// verified runs `plugin verify --json` on a file.
func verified(t *testing.T, file, given string) (passed bool, results, details map[string]string) {
	t.Helper()
	o := host.VerifyOptions{JSON: true}
	if given != "" {
		o.Case = filepath.Join(t.TempDir(), "case.json")
		if err := os.WriteFile(o.Case, []byte(given), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	passed, err := host.VerifyPluginFile(t.Context(), host.Defaults(), file, o, &out)
	if err != nil {
		t.Fatal(err)
	}
	var report struct {
		Passed bool
		Checks []struct {
			ID, Result string
			Detail     core.Text
		}
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil || report.Passed != passed {
		t.Fatalf("%v %v\n%s", err, passed, out.String())
	}
	results, details = map[string]string{}, map[string]string{}
	for _, c := range report.Checks {
		results[c.ID], details[c.ID] = c.Result, c.Detail.EN
		if c.Result == "failed" && (c.Detail.EN == "" || c.Detail.ZH == "") {
			t.Errorf("%s failed without a reason", c.ID)
		}
	}
	return passed, results, details
}

// TestTheProvidersPassTheConformanceSuite: each of ours, as a binary, with nothing said but its manifest.
func TestTheProvidersPassTheConformanceSuite(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"bestpay", "metro", "mmsp", "shouqianba", "wechatpay"} {
		file, err := pluginBinary(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		passed, results, details := verified(t, file, "")
		if !passed {
			t.Errorf("%s: %v %v", name, results, details)
		}
		for _, check := range []string{"manifest", "calls", "bad-answers", "requests", "grants", "order-numbers", "amounts", "hostile-inputs", "secrets", "crashes", "deadlines", "cancel"} {
			if results[check] != "passed" {
				t.Errorf("%s: %s is %s: %s", name, check, results[check], details[check])
			}
		}
	}
}

// wrongPlugins are made of one binary: its placeholder names what is wrong.
func wrongPlugin(t *testing.T, binary []byte, flaw string) string {
	t.Helper()
	const placeholder = "FLAW=........................;"
	if bytes.Count(binary, []byte(placeholder)) != 1 {
		t.Fatal("the test plugin has no placeholder, or more than one")
	}
	named := "FLAW=" + flaw + strings.Repeat(".", len(placeholder)-len(flaw)-6) + ";"
	file := filepath.Join(t.TempDir(), "flawed")
	if err := os.WriteFile(file, bytes.Replace(binary, []byte(placeholder), []byte(named), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

var flawed = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "zhanggui-flawed-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	build := exec.Command("go", "build", "-trimpath", "-o", filepath.Join(dir, "flawed"), "../internal/pluginverify/testplugin/flawed")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return out, err
	}
	return os.ReadFile(filepath.Join(dir, "flawed"))
})

const cutReply = `{"replies":{"create_payment":["{\"status\":\"SUCCESS\",\"signature\":\"x\"}"]}}`

func TestWrongPluginsFailTheConformanceSuite(t *testing.T) {
	t.Parallel()
	binary, err := flawed()
	if err != nil {
		t.Fatalf("%v: %s", err, binary)
	}
	for _, c := range []struct {
		flaw   string
		checks []string // that fail; no other does
		says   string   // in the reason for the first of them
		given  string
	}{
		{flaw: ""},
		{flaw: "", given: cutReply},
		{flaw: "time-out-is-failure", checks: []string{"bad-answers"}, says: "create_payment qr, "},
		{flaw: "sends-twice", checks: []string{"requests", "grants"}, says: "tried to send more requests than the 1 granted"},
		{flaw: "asks-elsewhere", checks: []string{"grants"}, says: "POST /elsewhere is not granted"},
		{flaw: "believes-words", checks: []string{"unproven-replies"}, says: "succeeded, and nothing proves it"},
		{flaw: "reads-what-is-cut", checks: []string{"cut-replies"}, says: "cut after", given: cutReply},
		{flaw: "panics", checks: []string{"crashes"}, says: "provider.go"},
		{flaw: "exits", checks: []string{"crashes"}, says: "exit status 3"},
		{flaw: "leaks-a-secret", checks: []string{"secrets"}, says: "the value of secret stands in its error"},
		{flaw: "hangs", checks: []string{"deadlines"}, says: "did not return within"},
		{flaw: "ignores-cancel", checks: []string{"cancel"}, says: "give the request the call's ctx"},
		{flaw: "accepts-forgeries", checks: []string{"callbacks"}, says: "was taken for the provider's"},
		{flaw: "asks-for-too-much", checks: []string{"unused-grants"}, says: "reveal with secret"},
		{flaw: "no-schema-for-key", checks: []string{"manifest", "calls", "grants", "unused-grants"}, says: `unknown credential "nobody"`},
		{flaw: "offers-what-it-cannot", checks: []string{"calls"}, says: "close_payment cannot be called"},
		{flaw: "broken-schema", checks: []string{"manifest", "calls"}, says: "does not compile"},
		{flaw: "another-amount", checks: []string{"amounts", "hostile-inputs"}, says: "735.19 yuan were asked for"},
		{flaw: "any-currency", checks: []string{"amounts"}, says: "USD were asked for"},
		{flaw: "another-number", checks: []string{"order-numbers", "hostile-inputs"}, says: "is not in what was sent"},
		{flaw: "careless-json", checks: []string{"hostile-inputs"}, says: "is gone from the request"},
		{flaw: "floods", checks: []string{"output"}, says: "bytes to stdout and stderr"},
	} {
		t.Run(c.flaw, func(t *testing.T) {
			t.Parallel()
			passed, results, details := verified(t, wrongPlugin(t, binary, c.flaw), c.given)
			var failed []string
			for check, result := range results {
				if result == "failed" {
					failed = append(failed, check)
				}
			}
			slices.Sort(failed)
			want := slices.Sorted(slices.Values(c.checks))
			if passed != (len(want) == 0) || !slices.Equal(failed, want) {
				t.Errorf("failed %v, want %v: %v", failed, want, details)
			}
			if len(c.checks) > 0 && !strings.Contains(details[c.checks[0]], c.says) {
				t.Errorf("%s says %q, want %q", c.checks[0], details[c.checks[0]], c.says)
			}
		})
	}
}

// TestWhatIsNoPluginIsRefusedWithASentence: neither command says that it passed.
func TestWhatIsNoPluginIsRefusedWithASentence(t *testing.T) {
	t.Parallel()
	shell, err := os.ReadFile("/bin/sh") // needs shared libraries
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		content []byte
		says    string
	}{
		"text": {[]byte("#!/bin/sh\n"), "no Linux executable"}, "dynamic": {shell, "needs shared libraries"}, "missing": {nil, "cannot be read"},
	} {
		file := filepath.Join(t.TempDir(), name)
		if c.content != nil {
			if err := os.WriteFile(file, c.content, 0o700); err != nil {
				t.Fatal(err)
			}
		}
		_, err := host.VerifyPluginFile(t.Context(), host.Defaults(), file, host.VerifyOptions{}, new(bytes.Buffer))
		if core.CodeOf(err) != core.CodePluginRefused || !strings.Contains(err.Error(), c.says) {
			t.Errorf("verify %s: %v", name, err)
		}
		if err := host.InspectPluginFile(t.Context(), host.Defaults(), file, "en", new(bytes.Buffer)); core.CodeOf(err) != core.CodePluginRefused || !strings.Contains(err.Error(), c.says) {
			t.Errorf("inspect %s: %v", name, err)
		}
	}
}

func TestAPluginIsInspectedInTwoLanguages(t *testing.T) {
	t.Parallel()
	file, err := pluginBinary(t.Context(), "shouqianba")
	if err != nil {
		t.Fatal(err)
	}
	for lang, wants := range map[string][]string{
		"en": {"Protocol version: 1", "reach the host vsi-api.shouqianba.com", "! ", "sha256:", "Held by: "},
		"zh": {"协议版本：1", "访问主机 vsi-api.shouqianba.com", "收钱吧", "约束："},
	} {
		var out bytes.Buffer
		if err := host.InspectPluginFile(t.Context(), host.Defaults(), file, lang, &out); err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s lacks %q:\n%s", lang, want, out.String())
			}
		}
	}
}

// TestANewVersionIsVerifiedByItself: whoever decides about it finds a report.
func TestANewVersionIsVerifiedByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.verify = true
	h, stop := w.startNode()
	defer stop()
	admin := w.asAdmin(t.Context(), h, core.ID{})
	fresh := w.uploadNext(admin, h)
	report := func(sum string) *core.VerifyReport {
		p, err := h.Service().InspectPlugin(admin, "shouqianba")
		w.must(err)
		for _, o := range p.Offers {
			if o.SHA256 == sum {
				return o.Report
			}
		}
		return nil
	}
	eventually(t, "the new version has a report", truth(func() bool { return report(fresh) != nil }))
	if r := report(fresh); !r.Passed || r.PluginID != "shouqianba" || len(r.Checks) == 0 {
		t.Errorf("%+v", r)
	}
	live := running(t, h)
	if report(live) != nil {
		t.Error("the live version was verified without anybody's word")
	}
	r, err := h.Service().VerifyPlugin(admin, "shouqianba", live)
	if err != nil || !r.Passed || report(live) == nil {
		t.Errorf("%+v %v", r, err)
	}
}
