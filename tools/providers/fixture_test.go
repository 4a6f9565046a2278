package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tree is a clone in miniature, where nothing is missing: each plugin has its golden files,
// a test of its operations and one of its traps.
type tree struct{ root string }

func newTree(t *testing.T) tree {
	t.Helper()
	tr := tree{root: t.TempDir()}
	tr.write(t, "go.mod", "module example.invalid/clone\n\ngo 1.26\n")
	tr.write(t, page, "as it was")
	for _, op := range checklist() {
		tr.write(t, goldenFile(op, "request"), "{}")
		tr.write(t, goldenFile(op, "reply"), "{}")
	}
	for _, plugin := range providers() {
		tr.operations(t, plugin, idsOf(plugin)...)
		tr.traps(t, plugin, trapsOf(plugin)...)
	}
	return tr
}

func (tr tree) write(t *testing.T, file, text string) {
	t.Helper()
	path := filepath.Join(tr.root, file)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (tr tree) read(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(tr.root, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func (tr tree) remove(t *testing.T, file string) {
	t.Helper()
	if err := os.Remove(filepath.Join(tr.root, file)); err != nil {
		t.Fatal(err)
	}
}

func (tr tree) operations(t *testing.T, plugin string, ids ...string) {
	t.Helper()
	tr.write(t, "plugins/"+plugin+"/operations_test.go", fmt.Sprintf(`package main

import "testing"

func TestOperations(t *testing.T) {
	for _, id := range %#v {
		t.Run(id, func(t *testing.T) {
			t.Run("in process", func(*testing.T) {})
			t.Run("over the wire", func(*testing.T) {})
		})
	}
}
`, ids))
}

func (tr tree) traps(t *testing.T, plugin string, names ...string) {
	t.Helper()
	tr.write(t, "plugins/"+plugin+"/traps_test.go", fmt.Sprintf("package main\n\nvar traps = %#v\n", names))
}

func goldenFile(op operation, kind string) string {
	return "plugins/" + op.Plugin + "/testdata/" + op.ID + "-call." + kind + ".golden"
}

func idsOf(plugin string) []string {
	var out []string
	for _, op := range checklist() {
		if op.Plugin == plugin {
			out = append(out, op.ID)
		}
	}
	return out
}

func trapsOf(plugin string) []string {
	var out []string
	for _, g := range trapGroups() {
		for n := range g.Count {
			if g.Plugin == plugin {
				out = append(out, fmt.Sprintf("%s%d a trap", g.Prefix, n+1))
			}
		}
	}
	return out
}

// passed are the results of a run in which every operation passed.
func passed() map[string]verdicts {
	out := map[string]verdicts{}
	for _, plugin := range providers() {
		out[plugin] = verdicts{of: map[string]string{testName: "pass"}, outputs: map[string]string{}}
		for _, id := range idsOf(plugin) {
			for _, test := range []string{id, id + "/in_process", id + "/over_the_wire"} {
				out[plugin].of[testName+"/"+test] = "pass"
			}
		}
	}
	return out
}

// expectGaps holds the gaps against the beginning of each that is wanted, in order.
func expectGaps(t *testing.T, got []string, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d gaps, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
	}
	for i, gap := range got {
		if !strings.HasPrefix(gap, want[i]) {
			t.Errorf("gap %q, want %q", gap, want[i])
		}
	}
}
