package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// row is an operation with what was found of it.
type row struct {
	operation
	inProcess, overTheWire string   // passed, failed, skipped, missing
	requests, replies      []string // what golden files are called between the id and their kind
}

type operationsReport struct {
	rows []row
	gaps []string
}

// checkOperations holds the checklist against the results of the tests and the golden files.
func checkOperations(root string, results map[string]verdicts) (operationsReport, error) {
	var report operationsReport
	for _, op := range checklist() {
		r := row{operation: op}
		r.inProcess = report.verdict(op, results[op.Plugin], "in_process")
		r.overTheWire = report.verdict(op, results[op.Plugin], "over_the_wire")
		var err error
		if r.requests, err = report.golden(root, op, "request"); err != nil {
			return report, err
		}
		if r.replies, err = report.golden(root, op, "reply"); err != nil {
			return report, err
		}
		report.rows = append(report.rows, r)
	}
	for _, plugin := range providers() {
		report.whole(plugin, results[plugin])
		report.strangers(plugin, results[plugin])
	}
	return report, nil
}

func (r *operationsReport) gap(format string, args ...any) {
	r.gaps = append(r.gaps, fmt.Sprintf(format, args...))
}

// verdict is how an operation's subtest ended.
func (r *operationsReport) verdict(op operation, v verdicts, where string) string {
	test := testName + "/" + op.ID + "/" + where
	switch v.of[test] {
	case "pass":
		return "passed"
	case "fail":
		r.gap("%s: plugins/%s fails %s%s", op.ID, op.Plugin, test, v.said(test))
		return "failed"
	case "skip":
		r.gap("%s: plugins/%s skips %s", op.ID, op.Plugin, test)
		return "skipped"
	}
	r.gap("%s: plugins/%s has no test %s", op.ID, op.Plugin, test)
	return "missing"
}

// golden names an operation's golden files of one kind.
func (r *operationsReport) golden(root string, op operation, kind string) ([]string, error) {
	before, after := op.ID+"-", "."+kind+".golden"
	pattern := filepath.Join("plugins", op.Plugin, "testdata", before+"*"+after)
	files, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil {
		return nil, fmt.Errorf("look for %s: %w", pattern, err)
	}
	if len(files) == 0 {
		r.gap("%s: there is no file %s", op.ID, pattern)
	}
	names := make([]string, 0, len(files))
	for _, file := range files {
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), before), after))
	}
	return names, nil
}

// whole looks at a plugin's test as a whole: it may not compile, or fail beside its operations.
func (r *operationsReport) whole(plugin string, v verdicts) {
	switch v.of[testName] {
	case "":
		r.gap("plugins/%s: %s did not run%s", plugin, testName, v.said(""))
	case "fail":
		r.gap("plugins/%s: %s failed%s", plugin, testName, v.said(testName))
	}
}

// strangers are operations that a plugin tests and the checklist does not know: most likely
// a slip of the pen.
func (r *operationsReport) strangers(plugin string, v verdicts) {
	for _, test := range slices.Sorted(maps.Keys(v.of)) {
		id, isSubtest := strings.CutPrefix(test, testName+"/")
		if !isSubtest || strings.Contains(id, "/") {
			continue
		}
		if !slices.ContainsFunc(checklist(), func(op operation) bool { return op.ID == id && op.Plugin == plugin }) {
			r.gap("%s: plugins/%s tests it, and it is not on the checklist (tools/providers/checklist.go)", id, plugin)
		}
	}
}
