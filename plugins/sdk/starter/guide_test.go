package starter_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestGuideIsCompiled: every piece of Go in the guide stands, line by line, in a package that is
// compiled and tested. What no compiler saw would soon be wrong.
func TestGuideIsCompiled(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../../docs/plugin-guide.md")
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string]string{}
	err = filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" && filepath.Ext(path) != ".json" {
			return err
		}
		data, err := os.ReadFile(path)
		sources[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```(?:go|json)\n(.*?)```").FindAllStringSubmatch(string(guide), -1)
	if len(blocks) < 10 {
		t.Errorf("%d pieces of code were found", len(blocks))
	}
	for _, block := range blocks {
		if in := holder(sources, block[1]); in == "" {
			t.Errorf("no file of the SDK holds this:\n%s", block[1])
		}
	}
	if in := holder(sources, "func nobodyWroteThis() {}\n"); in != "" {
		t.Errorf("%s is said to hold what nobody wrote", in)
	}
}

// holder is the file that holds a piece of code, or "".
func holder(sources map[string]string, code string) string {
	for path, source := range sources {
		if !strings.HasSuffix(path, "guide_test.go") && strings.Contains(source, code) {
			return path
		}
	}
	return ""
}
