//go:build e2e

package main

import (
	"os"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/check"
)

// shortSeed is fixed: what the short form finds belongs to the change that is tested. The full run draws its own.
const shortSeed = 20261127

// testOptions are the short form's, with the programs that `make build` made.
func testOptions(t *testing.T) options {
	t.Helper()
	o := short()
	if o.bin = os.Getenv("ZHANGGUI_BIN"); o.bin == "" {
		t.Fatal("ZHANGGUI_BIN is not set: the folder that `make build` fills")
	}
	o.seed, o.name = shortSeed, "chaos-"+strings.ToLower(t.Name())
	return o
}

// lines writes what a run says into the test's log.
type lines struct{ t *testing.T }

func (l lines) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSuffix(string(p), "\n"))
	return len(p), nil
}

// TestShortForm is the short form of `make chaos`: every kind of fault under load, and all invariants hold.
func TestShortForm(t *testing.T) {
	t.Parallel()
	verdicts, err := judge(t.Context(), testOptions(t), lines{t})
	if err != nil {
		t.Fatal(err)
	}
	if violated := check.Violated(verdicts); violated != nil {
		t.Errorf("violated: %v", violated)
	}
	if len(verdicts) != 10 {
		t.Errorf("%d verdicts", len(verdicts))
	}
}
