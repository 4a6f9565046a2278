package main

import (
	"slices"
	"testing"
)

func TestTrapGaps(t *testing.T) {
	t.Parallel()
	const metro = "plugins/metro/traps_test.go"
	all := trapsOf("metro")
	without := func(n int) []string { return slices.Delete(slices.Clone(all), n-1, n) }
	reason := func(text string) func(*testing.T, tree) {
		return func(t *testing.T, tr tree) {
			t.Helper()
			tr.traps(t, "metro", without(5)...)
			tr.write(t, "plugins/metro/README.md", "# Metro\n\n"+text+"\n")
		}
	}
	source := func(file, text string) func(*testing.T, tree) {
		return func(t *testing.T, tr tree) {
			t.Helper()
			tr.traps(t, "metro", without(5)...)
			tr.write(t, file, "package main\n\n"+text+"\n")
		}
	}
	const gap = "E1-M5: no test of plugins/metro or plugins/sim/metro is named after it"
	cases := map[string]struct {
		edit func(t *testing.T, tr tree)
		want []string
	}{
		"nothing":                {func(*testing.T, tree) {}, nil},
		"no test":                {func(t *testing.T, tr tree) { t.Helper(); tr.traps(t, "metro", without(5)...) }, []string{gap}},
		"E1-M13 is not E1-M1":    {func(t *testing.T, tr tree) { t.Helper(); tr.traps(t, "metro", without(1)...) }, []string{"E1-M1: no test"}},
		"no file":                {func(t *testing.T, tr tree) { t.Helper(); tr.remove(t, metro) }, slices.Repeat([]string{"E1-M"}, 13)},
		"a reason":               {reason("- E1-M5: no test can exist because the diagrams are lost."), nil},
		"a reason without words": {reason("E1-M5: no test can exist because "), []string{gap}},
		"a row of a table":       {reason("| E1-M5 | recall N is no success | ME5 |"), []string{gap}},
		"a subtest":              {source("plugins/metro/list_test.go", `func f(t *testing.T) { t.Run("E1-M5", nil) }`), nil},
		"a key of a table":       {source("plugins/metro/list_test.go", `var m = map[string]int{"trap E1-M5": 1}`), nil},
		"the simulator's":        {source("plugins/sim/metro/list_test.go", `var m = []string{"E1-M5"}`), nil},
		"a comment":              {source("plugins/metro/list_test.go", "// \"E1-M5\"\nvar m = \"E\""), []string{gap}},
		"a message":              {source("plugins/metro/list_test.go", `func f(t *testing.T) { t.Error("E1-M5") }`), []string{gap}},
		"not a test file":        {source("plugins/metro/list.go", `var m = []string{"E1-M5"}`), []string{gap}},
		"of another provider":    {source("plugins/bestpay/list_test.go", `var m = []string{"E1-M5"}`), []string{"E1-M5: plugins/bestpay/list_test.go names it", gap}},
		"no such trap":           {source("plugins/metro/list_test.go", `var m = []string{"E1-M5", "E1-M14"}`), []string{"E1-M14: plugins/metro/list_test.go names it"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr := newTree(t)
			c.edit(t, tr)
			report, err := checkTraps(tr.root)
			if err != nil || len(report.traps) != 122 {
				t.Fatalf("%d traps, %v", len(report.traps), err)
			}
			expectGaps(t, report.gaps, c.want...)
		})
	}
}

// TestTrapIsFound: the report says where.
func TestTrapIsFound(t *testing.T) {
	t.Parallel()
	tr := newTree(t)
	tr.traps(t, "metro", trapsOf("metro")[1:]...)
	tr.write(t, "plugins/sim/metro/wire_test.go", "package metro\n\nvar m = []string{\"E1-M2\"}\n")
	tr.write(t, "plugins/metro/README.md", "E1-M1: no test can exist because it is a matter of words.\n")
	report, err := checkTraps(tr.root)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"none can exist: plugins/metro/README.md", "plugins/metro/traps_test.go, plugins/sim/metro/wire_test.go"} {
		if got := report.traps[i].where(); got != want {
			t.Errorf("%s: %s, want %s", report.traps[i].ID, got, want)
		}
	}
}
