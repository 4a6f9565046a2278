package host

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/pluginhost"
	"github.com/zhanggui-pay/zhanggui/core/internal/pluginverify"
)

// aloneStart is how long a file may take to start that is looked at by a command: nobody's call waits.
const aloneStart = time.Minute

// VerifyOptions say how a plugin's file is verified and told of.
type VerifyOptions struct {
	Case string // a file with what the manifest does not say; empty: none
	JSON bool
	Lang string // zh or en
}

// VerifyPluginFile runs the conformance suite against a file, wherever it lies, and prints the
// report. It needs no installation. Errors: why it could not be run.
func VerifyPluginFile(ctx context.Context, cfg Config, path string, o VerifyOptions, out io.Writer) (passed bool, err error) {
	options := pluginverify.Options{Clock: time.Now, Launch: func(ctx context.Context) (*pluginverify.Process, error) {
		return processOf(pluginhost.OpenFile(ctx, pluginhost.Options{StartTimeout: aloneStart, RequireFullConfinement: cfg.Plugins.RequireFullConfinement}, path))
	}}
	if o.Case != "" {
		file, err := os.Open(o.Case)
		if err != nil {
			return false, core.Wrap(err, core.CodeInvalidFile, "The case %s cannot be read.", o.Case)
		}
		defer func() { _ = file.Close() }()
		options.Case = file
	}
	report, err := pluginverify.Verify(ctx, options)
	if err != nil {
		return false, err
	}
	if o.JSON {
		return report.Passed, printReportJSON(report, out)
	}
	printReport(report, o.Lang, out)
	return report.Passed, nil
}

func printReport(r core.VerifyReport, lang string, out io.Writer) {
	words := map[core.VerifyResult]string{core.VerifyPassed: "pass", core.VerifyFailed: "FAIL", core.VerifyNotApplicable: "-"}
	last := "passed: no check failed."
	failed := 0
	for _, c := range r.Checks {
		say(out, "%-4s  %-17s %s", words[c.Result], c.ID, in(lang, c.Title))
		if detail := in(lang, c.Detail); detail != "" {
			say(out, "        %s", detail)
		}
		if c.Result == core.VerifyFailed {
			failed++
		}
	}
	if failed > 0 {
		last = "FAILED: docs/plugin-verify.md says what each check means and what to do."
	}
	say(out, "%s %s, sha256:%s", r.PluginID, r.Version, r.SHA256)
	say(out, "%s", last)
}

// in is a text in one of the console's languages.
func in(lang string, t core.Text) string {
	if strings.HasPrefix(lang, "zh") {
		return t.ZH
	}
	return t.EN
}

// printReportJSON prints the report as the API gives it.
func printReportJSON(r core.VerifyReport, out io.Writer) error {
	type check struct {
		ID     string            `json:"id"`
		Title  core.Text         `json:"title"`
		Result core.VerifyResult `json:"result"`
		Detail core.Text         `json:"detail"`
	}
	told := struct {
		PluginID string    `json:"plugin_id"`
		Version  string    `json:"version"`
		SHA256   string    `json:"sha256"`
		RanAt    time.Time `json:"ran_at"`
		Passed   bool      `json:"passed"`
		Checks   []check   `json:"checks"`
	}{r.PluginID, r.Version, r.SHA256, r.RanAt.UTC(), r.Passed, nil}
	for _, c := range r.Checks {
		told.Checks = append(told.Checks, check(c))
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(told)
}
