package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// trapGroup are the numbered traps of one part of a document: places that mislead whoever
// implements it. The plugin's README.md says what each is.
type trapGroup struct {
	Prefix, Plugin, Part string
	Count                int
}

func trapGroups() []trapGroup {
	return []trapGroup{
		{"E1-M", "metro", "Metro consumption code", 13},
		{"E2-B", "bestpay", "BestPay aggregate acquiring", 18},
		{"E3-S", "shouqianba", "Shouqianba payment gateway", 22},
		{"E4-P", "mmsp", "MMSP payout", 17},
		{"E5-Q", "mmsp", "MMSP envelope and quick pay", 28},
		{"E6-C", "mmsp", "MMSP scan and gateway", 24},
	}
}

var (
	trapID = regexp.MustCompile(`\bE[1-6]-[A-Z][0-9]+\b`)
	// noTest is a line of a README.md that says why a trap cannot be tested.
	noTest = regexp.MustCompile(`(?m)^\W*(E[1-6]-[A-Z][0-9]+): no test can exist because \S`)
)

// trap is a trap and the files whose tests, or whose reason, name it.
type trap struct {
	trapGroup
	ID             string
	Tests, Reasons []string
}

type trapsReport struct {
	traps []trap
	gaps  []string
}

// checkTraps looks through the tests and README.md files of the plugins and simulators.
func checkTraps(root string) (trapsReport, error) {
	var report trapsReport
	for _, g := range trapGroups() {
		for n := range g.Count {
			report.traps = append(report.traps, trap{trapGroup: g, ID: g.Prefix + strconv.Itoa(n+1)})
		}
	}
	tree := os.DirFS(root)
	err := fs.WalkDir(tree, "plugins", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		tested, reasoned, err := trapsIn(tree, file)
		for _, id := range tested {
			report.note(id, file, func(t *trap) { t.Tests = appendNew(t.Tests, file) })
		}
		for _, id := range reasoned {
			report.note(id, file, func(t *trap) { t.Reasons = appendNew(t.Reasons, file) })
		}
		return err
	})
	if err != nil {
		return report, fmt.Errorf("look for traps: %w", err)
	}
	for _, t := range report.traps {
		if len(t.Tests)+len(t.Reasons) == 0 {
			report.gaps = append(report.gaps, fmt.Sprintf(
				"%s: no test of plugins/%s or plugins/sim/%s is named after it, and no README.md there says \"%s: no test can exist because …\"",
				t.ID, t.Plugin, t.Plugin, t.ID))
		}
	}
	return report, nil
}

// note does something to a trap that a file of its provider names.
func (r *trapsReport) note(id, file string, do func(*trap)) {
	i := slices.IndexFunc(r.traps, func(t trap) bool { return t.ID == id && strings.Contains(file, "/"+t.Plugin+"/") })
	if i < 0 {
		r.gaps = append(r.gaps, fmt.Sprintf("%s: %s names it, and it is no trap of that provider", id, file))
		return
	}
	do(&r.traps[i])
}

func appendNew(files []string, file string) []string {
	if slices.Contains(files, file) {
		return files
	}
	return append(files, file)
}

// trapsIn gives the traps that a file tests, or gives a reason for not testing.
func trapsIn(tree fs.FS, file string) (tested, reasoned []string, err error) {
	switch {
	case strings.HasSuffix(file, "_test.go"):
		source, err := fs.ReadFile(tree, file)
		if err != nil {
			return nil, nil, err
		}
		tested, err = testedTraps(file, source)
		return tested, nil, err
	case path.Base(file) == "README.md":
		text, err := fs.ReadFile(tree, file)
		if err != nil {
			return nil, nil, err
		}
		for _, found := range noTest.FindAllSubmatch(text, -1) {
			reasoned = append(reasoned, string(found[1]))
		}
	}
	return nil, reasoned, nil
}

// testedTraps are the traps in the names of a file's subtests: texts that are handed to Run,
// or stand in a table. A comment and a message are no test.
func testedTraps(file string, source []byte) ([]string, error) {
	if !trapID.Match(source) {
		return nil, nil
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var out []string
	names := func(exprs ...ast.Expr) {
		for _, e := range exprs {
			if text, ok := e.(*ast.BasicLit); ok && text.Kind == token.STRING {
				out = append(out, trapID.FindAllString(text.Value, -1)...)
			}
		}
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			names(n.Elts...)
		case *ast.KeyValueExpr:
			names(n.Key, n.Value)
		case *ast.CallExpr:
			if called, ok := n.Fun.(*ast.SelectorExpr); ok && called.Sel.Name == "Run" {
				names(n.Args...)
			}
		}
		return true
	})
	return out, nil
}
