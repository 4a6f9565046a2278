package core

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestEventTypesAreDocumented holds the list and the table of docs/webhooks.md equal.
func TestEventTypesAreDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "docs", "webhooks.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "\n## Types of events")
	if !found {
		t.Fatal("the table is not there")
	}
	var told []string
	for _, m := range regexp.MustCompile("`([a-z_]+\\.[a-z_]+)`").FindAllStringSubmatch(table, -1) {
		told = append(told, m[1])
	}
	var have []string
	for _, e := range EventTypes() {
		have = append(have, e.Type)
		if e.Description.ZH == "" || e.Description.EN == "" {
			t.Errorf("%s has no sentence", e.Type)
		}
	}
	slices.Sort(told)
	slices.Sort(have)
	if !slices.Equal(have, told) {
		t.Errorf("the list has\n%v\nand docs/webhooks.md\n%v", have, told)
	}
}
