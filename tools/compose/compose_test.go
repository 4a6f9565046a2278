// Package compose checks what docker-compose.yml and the Dockerfile promise: no default passwords, no
// privileges, a health check for each service.
package compose

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

type service struct {
	Image       string         `yaml:"image"`
	Restart     string         `yaml:"restart"`
	ReadOnly    bool           `yaml:"read_only"`
	Privileged  bool           `yaml:"privileged"`
	CapDrop     []string       `yaml:"cap_drop"`
	CapAdd      []string       `yaml:"cap_add"`
	SecurityOpt []string       `yaml:"security_opt"`
	Networks    []string       `yaml:"networks"`
	Ports       []string       `yaml:"ports"`
	Healthcheck map[string]any `yaml:"healthcheck"`
	Environment map[string]any `yaml:"environment"`
	Volumes     []string       `yaml:"volumes"`
	DependsOn   map[string]any `yaml:"depends_on"`
}

type file struct {
	Services map[string]service        `yaml:"services"`
	Networks map[string]map[string]any `yaml:"networks"`
	Volumes  map[string]any            `yaml:"volumes"`
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func parse(t *testing.T) file {
	t.Helper()
	var parsed file
	if err := yaml.Unmarshal([]byte(read(t, "../../docker-compose.yml")), &parsed); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"postgres", "vault", "migrate", "zhanggui"} {
		if _, ok := parsed.Services[name]; !ok {
			t.Fatalf("there is no service %s", name)
		}
	}
	return parsed
}

func TestServicesHaveNoPrivileges(t *testing.T) {
	t.Parallel()
	for name, s := range parse(t).Services {
		if !s.ReadOnly || s.Privileged || len(s.CapAdd) > 0 ||
			!slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s can do more than it must: %+v", name, s)
		}
	}
}

func TestServicesAreWatchedAndJobsAreNot(t *testing.T) {
	t.Parallel()
	for name, s := range parse(t).Services {
		if (s.Restart != "") != (s.Healthcheck["test"] != nil) {
			t.Errorf("%s: what restarts needs a health check, and a job needs neither", name)
		}
	}
}

// secretName matches the variables that must never have a value in the file.
var secretName = regexp.MustCompile(`PASSWORD|SECRET|TOKEN|DATABASE_URL|_KEY|ROLE_ID`)

func TestThereAreNoDefaultPasswords(t *testing.T) {
	t.Parallel()
	// ${NAME:?a sentence} is required; ${NAME:-} is empty unless a person gives it.
	required := regexp.MustCompile(`\$\{[A-Z_]+(:\?[a-z][^}]{20,}|:-)\}`)
	checked := 0
	for name, s := range parse(t).Services {
		for variable, value := range s.Environment {
			if strings.HasSuffix(variable, "_FILE") { // where a secret is, not the secret
				continue
			}
			if text, ok := value.(string); secretName.MatchString(variable) && (!ok || !required.MatchString(text)) {
				t.Errorf("%s: %s has the value %v instead of asking for one in a sentence", name, variable, value)
			} else if ok && secretName.MatchString(variable) {
				checked++
			}
		}
	}
	if checked < 5 {
		t.Errorf("only %d secrets were found: the names have changed and this test checks nothing", checked)
	}
}

func TestOnlyTheHostIsReachableAndOnlyFromThisMachine(t *testing.T) {
	t.Parallel()
	parsed := parse(t)
	if parsed.Networks["inside"]["internal"] != true {
		t.Error("the inside network has a way out")
	}
	for name, s := range parsed.Services {
		if name != "zhanggui" && (len(s.Ports) > 0 || !slices.Equal(s.Networks, []string{"inside"})) {
			t.Errorf("%s can be reached: ports %v, networks %v", name, s.Ports, s.Networks)
		}
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s listens on %s", name, port)
			}
		}
	}
}

func TestReferencesExist(t *testing.T) {
	t.Parallel()
	parsed := parse(t)
	for name, s := range parsed.Services {
		for other := range s.DependsOn {
			if _, ok := parsed.Services[other]; !ok {
				t.Errorf("%s waits for %s, which does not exist", name, other)
			}
		}
		for _, volume := range s.Volumes {
			source, _, _ := strings.Cut(volume, ":")
			if strings.HasPrefix(source, "./") {
				if _, err := os.Stat("../../" + source); err != nil {
					t.Errorf("%s mounts %s: %v", name, source, err)
				}
			} else if _, ok := parsed.Volumes[source]; !ok {
				t.Errorf("%s uses the volume %s, which does not exist", name, source)
			}
		}
		if strings.HasSuffix(s.Image, ":latest") || strings.Contains(strings.Split(s.Image, "/")[0], ".") {
			t.Errorf("%s: the image %s floats or names a registry's host", name, s.Image)
		}
	}
}

func TestTheImageIsStaticAndUnprivileged(t *testing.T) {
	t.Parallel()
	stages := strings.Split(read(t, "../../Dockerfile"), "\nFROM ")
	last := stages[len(stages)-1]
	if !regexp.MustCompile(`(?m)^USER [1-9][0-9]*:[1-9][0-9]*$`).MatchString(last) {
		t.Error("the last stage does not say which unprivileged user it runs as")
	}
	if strings.Contains(last, "\nRUN ") {
		t.Error("the last stage runs something: there is no shell in it")
	}
	if !strings.Contains(strings.Join(stages, ""), "CGO_ENABLED=0") {
		t.Error("the programs are not built static")
	}
}
