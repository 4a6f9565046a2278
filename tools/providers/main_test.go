package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestRun runs the program with the real go command on a tree without a gap, and on the same
// tree when an operation's test is gone.
func TestRun(t *testing.T) {
	t.Parallel()
	tr := newTree(t)
	var stdout, stderr bytes.Buffer
	if err := run(t.Context(), tr.root, &stdout, &stderr); err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	if !strings.Contains(stdout.String(), "61 operations, 122 traps, 0 gaps") {
		t.Errorf("printed:\n%s", stdout.String())
	}
	written := tr.read(t, page)
	for _, row := range []string{
		"| SQ3 | `shouqianba` | query | /upay/v2/query | query_payment, query_refund | passed | passed | call | call |\n",
		"| BP2 | `bestpay` | QR order: BestPay, Alipay, WeChat | /mapi/o2o/aggregatePayment/platform/orderMixQrcode | create_payment (qr, h5, jsapi) | passed |",
		"| E5-Q28 | MMSP envelope and quick pay | plugins/mmsp/traps_test.go |\n",
	} {
		if !strings.Contains(written, row) {
			t.Errorf("the page lacks %q:\n%s", row, written)
		}
	}

	tr.operations(t, "shouqianba", "SQ1", "SQ2", "SQ4", "SQ5", "SQ6")
	tr.write(t, page, "as it was")
	stderr.Reset()
	err := run(t.Context(), tr.root, &stdout, &stderr)
	if err == nil || !strings.Contains(stderr.String(), "SQ3: plugins/shouqianba has no test TestOperations/SQ3/in_process\n") {
		t.Errorf("without SQ3: %v\n%s", err, stderr.String())
	}
	if tr.read(t, page) != "as it was" {
		t.Error("the page was written although there are gaps")
	}

	tr.write(t, "plugins/shouqianba/operations_test.go", "package main\n\nvar x = undefined\n")
	stderr.Reset()
	err = run(t.Context(), tr.root, &stdout, &stderr)
	if err == nil || !strings.Contains(stderr.String(), "plugins/shouqianba: TestOperations did not run\n") || !strings.Contains(stderr.String(), "undefined: undefined") {
		t.Errorf("not compiling: %v\n%s", err, stderr.String())
	}
}

// TestNoTree: without plugins the go command's own words are the error.
func TestNoTree(t *testing.T) {
	t.Parallel()
	if err := run(t.Context(), t.TempDir(), &bytes.Buffer{}, &bytes.Buffer{}); err == nil {
		t.Error("no error without plugins")
	}
}
