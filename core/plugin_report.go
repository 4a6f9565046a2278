package core

import (
	"context"
	"time"
)

// What the conformance suite found out about a plugin's binary: docs/plugin-verify.md.

// VerifyResult is what came of one check.
type VerifyResult string

// The results of a check.
const (
	VerifyPassed        VerifyResult = "passed"
	VerifyFailed        VerifyResult = "failed"
	VerifyNotApplicable VerifyResult = "not_applicable" // the plugin offers nothing that it is about, or nothing could be tried
)

// VerifyCheck is one check of the suite.
type VerifyCheck struct {
	ID     string // stable, kebab-case; docs/plugin-verify.md lists them
	Title  Text
	Result VerifyResult
	Detail Text // what was asked, what came, what to do; or why it could not be tried. Empty when it passed.
}

// VerifyReport is what came of all of them.
type VerifyReport struct {
	PluginID string
	Version  string // as its manifest calls it
	SHA256   string // hexadecimal, of the binary
	RanAt    time.Time
	Passed   bool // no check failed
	Checks   []VerifyCheck
}

// PluginVerifier runs the conformance suite against a binary of the plugin directory, launched
// and confined as any plugin. It reaches no provider and uses keys of its own making.
type PluginVerifier interface {
	// VerifyVersion tests a version of a plugin. Errors: CodeNotFound when no file on this node
	// has the hash; CodePluginRefused when it could not be run at all, with the reason.
	VerifyVersion(ctx context.Context, provider, sha256 string) (VerifyReport, error)
}

// PluginReportReader reads reports.
type PluginReportReader interface {
	// PluginReports lists the last report on each version of a plugin; an empty id means all
	// plugins'.
	PluginReports(ctx context.Context, id string) ([]VerifyReport, error)
}

// PluginReportTx keeps reports.
type PluginReportTx interface {
	PluginReportReader
	// SavePluginReport keeps a report in place of the one before on the same binary. Of versions
	// that were never approved the newest 50 reports of each plugin are kept.
	SavePluginReport(ctx context.Context, r VerifyReport) error
}

// PluginReports has plugins verified.
type PluginReports interface {
	// VerifyPlugin runs the conformance suite against a version that lies on this node, and
	// keeps the report. Errors: CodeNotFound; CodePluginRefused when it could not be run;
	// CodeLimitExceeded while others are being verified.
	VerifyPlugin(ctx context.Context, id, sha256 string) (VerifyReport, error)
}
