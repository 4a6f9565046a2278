package main

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestChecklist: the operations that the documents have, each once and complete.
func TestChecklist(t *testing.T) {
	t.Parallel()
	counts := map[string]int{}
	for _, op := range checklist() {
		prefix, number := op.ID[:2], op.ID[2:]
		if counts[prefix]++; number != strconv.Itoa(counts[prefix]) {
			t.Errorf("%s is not in its place", op.ID)
		}
		if op.Plugin == "" || op.Name == "" || op.Wire == "" || len(op.Capabilities) == 0 {
			t.Errorf("%s is not complete: %+v", op.ID, op)
		}
	}
	for prefix, want := range map[string]int{"ME": 8, "BP": 6, "SQ": 6, "PO": 3, "QP": 13, "SC": 20, "GW": 5} {
		if counts[prefix] != want {
			t.Errorf("%d operations %s, want %d", counts[prefix], prefix, want)
		}
	}
	if len(checklist()) != 61 {
		t.Errorf("%d operations, want 61", len(checklist()))
	}
}

// TestOperationGaps: each thing that can be missing is missed, and by its name.
func TestOperationGaps(t *testing.T) {
	t.Parallel()
	tr := newTree(t)
	cases := map[string]struct {
		edit func(r verdicts) // of MMSP
		want []string
	}{
		"nothing":  {func(verdicts) {}, nil},
		"no id":    {func(r verdicts) { delete(r.of, "TestOperations/QP10/over_the_wire") }, []string{"QP10: plugins/mmsp has no test TestOperations/QP10/over_the_wire"}},
		"failed":   {func(r verdicts) { r.of["TestOperations/QP1/in_process"] = "fail" }, []string{"QP1: plugins/mmsp fails TestOperations/QP1/in_process"}},
		"skipped":  {func(r verdicts) { r.of["TestOperations/GW5/in_process"] = "skip" }, []string{"GW5: plugins/mmsp skips TestOperations/GW5/in_process"}},
		"stranger": {func(r verdicts) { r.of["TestOperations/SC21"] = "pass" }, []string{"SC21: plugins/mmsp tests it"}},
		"other's":  {func(r verdicts) { r.of["TestOperations/ME1"] = "pass" }, []string{"ME1: plugins/mmsp tests it"}},
		"whole":    {func(r verdicts) { r.of[testName] = "fail" }, []string{"plugins/mmsp: TestOperations failed"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			results := passed()
			c.edit(results["mmsp"])
			report, err := checkOperations(tr.root, results)
			if err != nil || len(report.rows) != 61 {
				t.Fatalf("%d rows, %v", len(report.rows), err)
			}
			expectGaps(t, report.gaps, c.want...)
		})
	}
}

// TestGoldenGaps: a request and a reply for each id; SC10's are not SC1's.
func TestGoldenGaps(t *testing.T) {
	t.Parallel()
	tr := newTree(t)
	tr.remove(t, "plugins/mmsp/testdata/SC1-call.reply.golden")
	tr.remove(t, "plugins/metro/testdata/ME8-call.request.golden")
	tr.write(t, "plugins/mmsp/testdata/GW1-other.request.golden", "{}")
	report, err := checkOperations(tr.root, passed())
	if err != nil {
		t.Fatal(err)
	}
	expectGaps(t, report.gaps, "ME8: there is no file plugins/metro/testdata/ME8-*.request.golden", "SC1: there is no file plugins/mmsp/testdata/SC1-*.reply.golden")
	for _, r := range report.rows {
		if r.ID == "GW1" && (!slices.Equal(r.requests, []string{"call", "other"}) || !slices.Equal(r.replies, []string{"call"})) {
			t.Errorf("GW1 has the files %v and %v", r.requests, r.replies)
		}
	}
}

// TestReadResults: the last word of each test, and what it said.
func TestReadResults(t *testing.T) {
	t.Parallel()
	results, err := readResults(strings.NewReader(`
{"ImportPath":"example.invalid/clone/plugins/bestpay [example.invalid/clone/plugins/bestpay.test]","Action":"build-output","Output":"x_test.go:3:9: undefined: x\n"}
{"ImportPath":"example.invalid/clone/plugins/bestpay [example.invalid/clone/plugins/bestpay.test]","Action":"build-fail"}
{"Action":"run","Package":"example.invalid/clone/plugins/metro","Test":"TestOperations/ME1/in_process"}
{"Action":"output","Package":"example.invalid/clone/plugins/metro","Test":"TestOperations/ME1/in_process","Output":"=== RUN   TestOperations/ME1/in_process\n"}
{"Action":"output","Package":"example.invalid/clone/plugins/metro","Test":"TestOperations/ME1/in_process","Output":"    x_test.go:9: too much\n"}
{"Action":"output","Package":"example.invalid/clone/plugins/metro","Test":"TestOperations/ME1/in_process","Output":"2026-01-01T00:00:00.000Z [DEBUG] stdio EOF, exiting copy loop\n"}
{"Action":"output","Package":"example.invalid/clone/plugins/metro","Test":"TestOperations/ME1/in_process","Output":"--- FAIL: TestOperations/ME1/in_process (0.00s)\n"}
{"Action":"fail","Package":"example.invalid/clone/plugins/metro","Test":"TestOperations/ME1/in_process","Elapsed":0}
{"Action":"fail","Package":"example.invalid/clone/plugins/metro","Elapsed":0.1}
`))
	if err != nil {
		t.Fatal(err)
	}
	const test = "TestOperations/ME1/in_process"
	if of, said := results["metro"].of[test], results["metro"].said(test); of != "fail" || said != "\n    x_test.go:9: too much" {
		t.Errorf("%q, said %q", of, said)
	}
	if said := results["bestpay"].said(""); said != "\n    x_test.go:3:9: undefined: x" {
		t.Errorf("the compiler said %q", said)
	}
	if _, err := readResults(strings.NewReader("go: no such tool")); err == nil {
		t.Error("no error for what is not the output of go test")
	}
}
