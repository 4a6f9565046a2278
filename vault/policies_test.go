package vault

import (
	"regexp"
	"strings"
	"testing"
)

var rule = regexp.MustCompile(`(?s)path "([^"]+)" \{\s*capabilities = \[([^\]]*)\]`)

// The policies name the mount the code uses, and no path of keys can be listed, deleted
// or, by the bootstrap, read.
func TestPoliciesAreNarrow(t *testing.T) {
	t.Parallel()
	for _, name := range []string{HostPolicy, BootstrapPolicy} {
		text, err := Policy(name)
		if err != nil {
			t.Fatal(err)
		}
		rules := rule.FindAllStringSubmatch(text, -1)
		if len(rules) != strings.Count(text, "\npath \"") || len(rules) < 5 {
			t.Fatalf("%s: %d rules were understood", name, len(rules))
		}
		for _, found := range rules {
			path, may := found[1], found[2]
			if strings.Contains(may, "list") || strings.Contains(may, "delete") || strings.Contains(path, "*") {
				t.Errorf("%s: %s allows %s", name, path, may)
			}
			if keys := strings.HasPrefix(path, Mount+"/data/"); keys && name == BootstrapPolicy {
				t.Errorf("the bootstrap reaches keys: %s", path)
			}
			if name == HostPolicy && !strings.HasPrefix(path, Mount+"/") && !strings.HasPrefix(path, "auth/token/") {
				t.Errorf("a host reaches %s", path)
			}
		}
	}
	if _, err := Policy("none"); err == nil {
		t.Error("a policy that is not there")
	}
}
