package starter_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk/starter"
)

const clone = "../../.."

// TestNew: a whole module under the new name, and nothing left of the old one. That it builds and
// passes its tests and `plugin verify` is scripts/follow-guide's to show.
func TestNew(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	files, err := starter.New(starter.Options{Name: "best-pay2", Dir: dir, SDK: clone})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"main.go", "manifest.go", "go.mod", "go.sum", "sim_test.go", "bestpay2sim/sim.go", "bestpay2sim/cmd/bestpay2sim/main.go", "settings.schema.json"} {
		if !slices.Contains(files, name) {
			t.Errorf("%s is missing among %v", name, files)
		}
	}
	for _, name := range files {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if name != "go.sum" && strings.Contains(strings.ToLower(string(data)), "acme") {
			t.Errorf("%s still names the template", name)
		}
	}
	manifest, err := os.ReadFile(filepath.Join(dir, "manifest.go"))
	if err != nil || !strings.Contains(string(manifest), `ID: "best-pay2"`) {
		t.Errorf("the id is another: %v", err)
	}
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil || !strings.Contains(string(mod), "github.com/hashicorp/go-plugin v") || strings.Count(string(mod), "// indirect") != 15 {
		t.Errorf("%v:\n%s", err, mod)
	}
}

// TestNewWithoutAnSDK writes all the same; the author says where the SDK is.
func TestNewWithoutAnSDK(t *testing.T) {
	t.Parallel()
	files, err := starter.New(starter.Options{Name: "mypay", Dir: filepath.Join(t.TempDir(), "mypay")})
	if err != nil || !slices.Contains(files, "go.mod") || slices.Contains(files, "go.sum") {
		t.Errorf("%v, %v", files, err)
	}
}

// TestNewRefuses: each with a sentence that names what is wrong, and nothing written.
func TestNewRefuses(t *testing.T) {
	t.Parallel()
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "mine.txt"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		options starter.Options
		says    string
	}{
		{starter.Options{Name: ""}, "lower-case letters"},
		{starter.Options{Name: "Pay"}, "lower-case letters"},
		{starter.Options{Name: "../pay"}, "lower-case letters"},
		{starter.Options{Name: "pay-"}, "no hyphen last"},
		{starter.Options{Name: "p--y"}, "single hyphens"},
		{starter.Options{Name: strings.Repeat("p", 32)}, "2 to 31"},
		{starter.Options{Name: "sdk"}, "is taken"},
		{starter.Options{Name: "metro", SDK: clone}, "is taken"},
		{starter.Options{Name: "pay", SDK: full}, "is no clone"},
		{starter.Options{Name: "pay", Dir: full, SDK: clone}, "is not empty"},
		{starter.Options{Name: "pay", Dir: filepath.Join(full, "mine.txt")}, "cannot be used"},
	} {
		if c.options.Dir == "" {
			c.options.Dir = filepath.Join(t.TempDir(), "new")
		}
		if _, err := starter.New(c.options); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v", c.options, err)
		}
		if _, err := os.Stat(filepath.Join(c.options.Dir, "main.go")); err == nil {
			t.Errorf("%+v: something was written", c.options)
		}
	}
}
