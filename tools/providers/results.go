package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
)

// testName is the test of a plugin that has a subtest for each operation: TestOperations/<id>/in_process
// and TestOperations/<id>/over_the_wire.
const testName = "TestOperations"

// verdicts are the last words of `go test` on the tests of one plugin, by name: pass, fail or skip.
type verdicts struct {
	of      map[string]string
	outputs map[string]string // what a test printed; of the empty name, what the compiler said
}

// said is what a test printed, indented below a gap, without the lines of go test itself and
// of the library that connects a plugin.
func (v verdicts) said(test string) string {
	var out strings.Builder
	for line := range strings.Lines(v.outputs[test]) {
		text := strings.TrimSpace(line)
		if text == "" || strings.HasPrefix(text, "=== ") || strings.HasPrefix(text, "--- ") || strings.Contains(text, "[DEBUG]") {
			continue
		}
		out.WriteString("\n    " + text)
	}
	return out.String()
}

// runTests runs the operations' tests of every plugin on the checklist. A test that fails is a
// result, not an error.
func runTests(ctx context.Context, root string) (map[string]verdicts, error) {
	args := slices.Concat([]string{"test", "-json", "-run", "^" + testName + "$"}, packages())
	cmd := exec.CommandContext(ctx, "go", args...) //nolint:gosec // our own words
	cmd.Dir = root
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, fmt.Errorf("run go test: %w", err)
	}
	results, parseErr := readResults(strings.NewReader(string(out)))
	if parseErr == nil && err != nil && len(results) == 0 {
		return nil, fmt.Errorf("go test said nothing: %w: %s", err, exit.Stderr)
	}
	return results, parseErr
}

// packages are the plugins of the checklist as the go command names them.
func packages() []string {
	names := providers()
	for i, name := range names {
		names[i] = "./plugins/" + name
	}
	return names
}

// readResults reads the events of `go test -json`, by plugin.
func readResults(events io.Reader) (map[string]verdicts, error) {
	results := map[string]verdicts{}
	lines := json.NewDecoder(events)
	for {
		var e struct{ Action, Package, ImportPath, Test, Output string }
		err := lines.Decode(&e)
		if errors.Is(err, io.EOF) {
			return results, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the output of go test: %w", err)
		}
		plugin := pluginOf(e.Package + e.ImportPath) // an event of the compiler has the latter
		if _, there := results[plugin]; !there {
			results[plugin] = verdicts{of: map[string]string{}, outputs: map[string]string{}}
		}
		switch r := results[plugin]; e.Action {
		case "pass", "fail", "skip":
			r.of[e.Test] = e.Action
		case "output", "build-output":
			r.outputs[e.Test] += e.Output
		}
	}
}

// pluginOf is the plugin of a package path, which may be followed by the name of a test binary.
func pluginOf(path string) string {
	path, _, _ = strings.Cut(path, " ")
	_, plugin, _ := strings.Cut(path, "/plugins/")
	return plugin
}
