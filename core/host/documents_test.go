package host

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/zhanggui-pay/zhanggui/core/internal/metrics"
	"github.com/zhanggui-pay/zhanggui/core/internal/web"
)

func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// registered are the names of our metrics, with or without samples.
func registered(t *testing.T) []string {
	t.Helper()
	r := prometheus.NewRegistry()
	if _, err := metrics.NewCounters(r); err != nil {
		t.Fatal(err)
	}
	if err := metrics.NewCollector(r, metrics.Sources{Clock: time.Now, Logger: slog.New(slog.DiscardHandler), Keys: func(context.Context) error { return nil }}); err != nil {
		t.Fatal(err)
	}
	descriptions := make(chan *prometheus.Desc)
	go func() { r.Describe(descriptions); close(descriptions) }()
	names := []string{web.RequestsMetric}
	for d := range descriptions {
		names = append(names, regexp.MustCompile(`fqName: "([^"]+)"`).FindStringSubmatch(d.String())[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// TestEveryMetricIsDocumented compares docs/metrics.md with what is registered, both ways, and
// looks for what the example alarms and the runbooks name.
func TestEveryMetricIsDocumented(t *testing.T) {
	t.Parallel()
	have := registered(t)
	told := submatches(document(t, "metrics.md"), "(?m)^\\| `(zhanggui_[a-z_]+)` \\|")
	if missing, invented := difference(have, told), difference(told, have); len(missing)+len(invented) > 0 {
		t.Errorf("docs/metrics.md lacks %v and has %v, which do not exist", missing, invented)
	}
	for _, page := range []string{"prometheus-rules.yaml", "runbooks.md"} {
		for _, name := range submatches(document(t, page), `\b(zhanggui_[a-z_]+)`) {
			if !slices.Contains(have, strings.TrimSuffix(name, "_count")) {
				t.Errorf("docs/%s names %s, which does not exist", page, name)
			}
		}
	}
}

func submatches(text, pattern string) (out []string) {
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

func difference(a, b []string) (out []string) {
	for _, x := range a {
		if !slices.Contains(b, x) {
			out = append(out, x)
		}
	}
	return out
}

// anchors are the headings of a page as links name them.
func anchors(text string) (out []string) {
	for _, heading := range submatches(text, `(?m)^#+ (.+)$`) {
		slug := strings.ReplaceAll(strings.ToLower(strings.ReplaceAll(heading, "`", "")), " ", "-")
		out = append(out, regexp.MustCompile(`[^a-z0-9_-]`).ReplaceAllString(slug, ""))
	}
	return out
}

// alertKinds reads the constants of the type core.AlertKind.
func alertKinds(t *testing.T) (kinds []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "alert.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		of, typed := spec.Type.(*ast.Ident)
		value, literal := spec.Values[0].(*ast.BasicLit)
		if typed && literal && of.Name == "AlertKind" {
			text, err := strconv.Unquote(value.Value)
			if err != nil {
				t.Fatal(err)
			}
			kinds = append(kinds, text)
		}
		return true
	})
	return kinds
}

// TestEveryAlertHasARunbook holds the kinds of alerts and the sections of docs/runbooks.md equal.
func TestEveryAlertHasARunbook(t *testing.T) {
	t.Parallel()
	page := document(t, "runbooks.md")
	alerts, events, split := strings.Cut(page, "\n# Events")
	sections, kinds := submatches(alerts, "(?m)^## `([a-z_]+)`$"), alertKinds(t)
	if missing, invented := difference(kinds, sections), difference(sections, kinds); len(missing)+len(invented) > 0 || len(kinds) < 11 {
		t.Errorf("docs/runbooks.md lacks %v and has %v, which are no kinds of alerts; there are %d", missing, invented, len(kinds))
	}
	if n := strings.Count(events, "\n## "); !split || n < 7 {
		t.Errorf("%d events have a section", n)
	}
	for _, section := range regexp.MustCompile(`(?m)^## `).Split(page, -1)[1:] {
		title, body, _ := strings.Cut(section, "\n")
		for _, want := range []string{"**What it means.**", "**What is safe.**", "**What to do.**", "**It is over when**"} {
			if !strings.Contains(body, want) {
				t.Errorf("the section %s lacks %q", title, want)
			}
		}
	}
	have := anchors(page)
	for _, anchor := range submatches(document(t, "prometheus-rules.yaml"), `docs/runbooks\.md#([a-z0-9_-]+)`) {
		if !slices.Contains(have, anchor) {
			t.Errorf("docs/prometheus-rules.yaml leads to #%s, which docs/runbooks.md does not have", anchor)
		}
	}
	for _, path := range submatches(page, `(?:\$API|POST |GET )(/v1/[a-z-]+)`) {
		if !strings.Contains(contract(t), "\n  "+path) {
			t.Errorf("docs/runbooks.md names %s, which the API does not have", path)
		}
	}
}

func contract(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "api", "openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
