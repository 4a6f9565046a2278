// Package starter writes the beginning of a provider plugin: a copy of the small provider in
// acme, which is compiled and tested as it stands, under another name and as a module of its own.
package starter

import (
	"embed"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

//go:embed all:acme
var template embed.FS

// The names that are replaced in the template.
const (
	templateName   = "acme"
	templateTitle  = "Acme"
	templateModule = "github.com/zhanggui-pay/zhanggui/plugins/sdk/starter/acme"
)

// sdkModule is the module that holds the SDK.
const sdkModule = "github.com/zhanggui-pay/zhanggui"

// Options say what to write.
type Options struct {
	Name string // the plugin's id
	Dir  string // where to; default: a directory called Name
	SDK  string // a clone of the module with the SDK; empty: none is known
}

// CheckName says in one sentence why a name cannot be a new plugin's id, or nothing. sdk is a
// clone of the module with the SDK, whose own providers' names are taken, or empty.
func CheckName(name, sdk string) error {
	if !regexp.MustCompile(`^[a-z][a-z0-9-]{0,29}[a-z0-9]$`).MatchString(name) || strings.Contains(name, "--") {
		return fmt.Errorf("%q cannot be a plugin's name: it has 2 to 31 lower-case letters, digits and single hyphens, a letter first and no hyphen last", name)
	}
	if slices.Contains([]string{"sdk", "sim", "main", templateName}, name) {
		return fmt.Errorf("the name %q is taken: choose the provider's own", name)
	}
	if sdk == "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(sdk, "plugins", name)); err == nil {
		return fmt.Errorf("the name %q is taken: there is a provider of this name in %s", name, filepath.Join(sdk, "plugins"))
	}
	return nil
}

// CheckSDK says in one sentence why a directory is no clone of the module with the SDK, or nothing.
func CheckSDK(dir string) error {
	data, err := os.ReadFile(filepath.Join(dir, "go.mod")) //nolint:gosec // the author names it
	if err != nil || !strings.HasPrefix(string(data), "module "+sdkModule+"\n") {
		return fmt.Errorf("%s is no clone of %s: name the directory that holds its go.mod", dir, sdkModule)
	}
	return nil
}

// New writes the files and returns their names below the directory. The directory must not be
// there yet, or be empty: nothing is overwritten.
func New(o Options) ([]string, error) {
	if o.Dir == "" {
		o.Dir = o.Name
	}
	if err := CheckName(o.Name, o.SDK); err != nil {
		return nil, err
	}
	if o.SDK != "" {
		if err := CheckSDK(o.SDK); err != nil {
			return nil, err
		}
	}
	files, err := o.files()
	if err != nil {
		return nil, err
	}
	if there, err := os.ReadDir(o.Dir); err == nil && len(there) > 0 {
		return nil, fmt.Errorf("the directory %s is not empty; nothing was written", o.Dir)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the directory %s cannot be used: %w", o.Dir, err)
	}
	names := make([]string, 0, len(files))
	for _, f := range files {
		to := filepath.Join(o.Dir, filepath.FromSlash(f.name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil { //nolint:gosec // source code is for everybody to read
			return nil, fmt.Errorf("a directory cannot be made: %w", err)
		}
		if err := os.WriteFile(to, f.data, 0o644); err != nil { //nolint:gosec // likewise
			return nil, fmt.Errorf("a file cannot be written: %w", err)
		}
		names = append(names, f.name)
	}
	return names, nil
}

// file is one to be written, its name with slashes.
type file struct {
	name string
	data []byte
}

func (o Options) files() ([]file, error) {
	rename := o.renames()
	var out []file
	err := fs.WalkDir(template, templateName, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := template.ReadFile(name)
		if err != nil {
			return err
		}
		text := rename.Replace(string(data))
		if path.Ext(name) == ".go" {
			// The names' lengths move what gofmt aligns.
			formatted, err := format.Source([]byte(text))
			if err != nil {
				return fmt.Errorf("starter: %s: %w", name, err)
			}
			text = string(formatted)
		}
		out = append(out, file{rename.Replace(strings.TrimPrefix(name, templateName+"/")), []byte(text)})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return o.module(out)
}

// renames replace the template's names, the longest first.
func (o Options) renames() *strings.Replacer {
	word := strings.ReplaceAll(o.Name, "-", "")
	title := strings.ToUpper(word[:1]) + word[1:]
	return strings.NewReplacer(
		templateModule, "example.com/"+o.Name,
		`ID: "`+templateName+`"`, `ID: "`+o.Name+`"`,
		"Command "+templateName+" ", "Command "+o.Name+" ",
		templateTitle, title, templateName, word,
	)
}

// needed are the modules that the SDK and its conformance suite need, and what those need.
func needed() []string {
	return []string{
		"github.com/fatih/color", "github.com/golang/protobuf", "github.com/hashicorp/go-hclog", "github.com/hashicorp/go-plugin",
		"github.com/hashicorp/yamux", "github.com/mattn/go-colorable", "github.com/mattn/go-isatty", "github.com/oklog/run",
		"github.com/santhosh-tekuri/jsonschema/v6", "golang.org/x/net", "golang.org/x/sys", "golang.org/x/text",
		"google.golang.org/genproto/googleapis/rpc", "google.golang.org/grpc", "google.golang.org/protobuf",
	}
}

// module adds the module's own files, with the SDK's own versions and checksums: it builds at once,
// also without a network.
func (o Options) module(out []file) ([]file, error) {
	mod := "module example.com/" + o.Name + "\n\ngo 1.26.0\n\nrequire " + sdkModule + " v0.0.0\n"
	if o.SDK == "" {
		return append(out, file{"go.mod", []byte(mod)}), nil
	}
	sdk, err := filepath.Abs(o.SDK)
	if err != nil {
		return nil, fmt.Errorf("starter: %w", err)
	}
	its, err := os.ReadFile(filepath.Join(sdk, "go.mod")) //nolint:gosec // the author names it
	if err != nil {
		return nil, fmt.Errorf("the SDK's module cannot be read: %w", err)
	}
	sums, err := os.ReadFile(filepath.Join(sdk, "go.sum")) //nolint:gosec // the author names it
	if err != nil {
		return nil, fmt.Errorf("the SDK's checksums cannot be read: %w", err)
	}
	mod += "\nrequire (\n"
	for _, line := range strings.Split(string(its), "\n") {
		if fields := strings.Fields(line); strings.HasPrefix(line, "\t") && len(fields) > 1 && slices.Contains(needed(), fields[0]) {
			mod += "\t" + fields[0] + " " + fields[1] + " // indirect\n"
		}
	}
	mod += ")\n\n// The SDK is in a clone on this machine: it is not published.\nreplace " + sdkModule + " => " + quoted(sdk) + "\n"
	return append(out, file{"go.mod", []byte(mod)}, file{"go.sum", sums}), nil
}

// quoted is a path as go.mod takes it.
func quoted(path string) string {
	if strings.ContainsAny(path, " \t\"'`,()[]") {
		return fmt.Sprintf("%q", path)
	}
	return path
}
