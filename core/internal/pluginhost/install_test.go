package pluginhost

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

func hexSum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func TestInstall(t *testing.T) {
	t.Parallel()
	good, err := os.ReadFile(actorPath)
	if err != nil {
		t.Fatal(err)
	}
	other := append(append([]byte(nil), good...), "other"...)
	dynamic, err := os.ReadFile("/bin/true")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, c := range []struct {
		what, name, sum string
		data            []byte
		want            string // its name, or empty when it is refused
		reason          string
	}{
		{"a plugin", "actor", hexSum(good), good, "actor", ""},
		{"again", "actor", strings.ToUpper(hexSum(good)), good, "actor", ""},
		{"another under its name", "actor", hexSum(other), other, "actor-" + hexSum(other)[:12], ""},
		{"that again", "actor", hexSum(other), other, "actor-" + hexSum(other)[:12], ""},
		{"other bytes", "new", hexSum(other), good, "", "nothing was installed"},
		{"a text", "new", hexSum([]byte("text")), []byte("text"), "", "no Linux executable"},
		{"a dynamic binary", "new", hexSum(dynamic), dynamic, "", "shared libraries"},
		{"a path", "../new", hexSum(good), good, "", "no name of a file"},
		{"hidden", ".new", hexSum(good), good, "", "no name of a file"},
	} {
		got, err := Install(dir, c.name, c.sum, bytes.NewReader(c.data))
		if got != c.want || (c.want == "") != (core.CodeOf(err) == core.CodePluginRefused) || err != nil && !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %q %v", c.what, got, err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("the directory holds %v %v", entries, err)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "actor")); err != nil || !bytes.Equal(data, good) {
		t.Error("the first file was touched")
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	good, err := os.ReadFile(actorPath)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"actor@3.1.0+more", "actor@1+newer", "actor@1+dying"} {
		if err := os.WriteFile(filepath.Join(dir, name), good, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d, err := Describe(t.Context(), Options{Dir: dir}, "actor@3.1.0+more")
	if err != nil || d.SHA256 != hexSum(good) || d.Manifest.ID != "actor" || d.Manifest.Version != "3.1.0" || len(d.Manifest.Hosts) != 1 {
		t.Errorf("%+v %v", d, err)
	}
	for name, reason := range map[string]string{"actor@1+newer": "speaks version 2", "actor@1+dying": "start the plugin", "nothing": "it is gone"} {
		if _, err := Describe(t.Context(), Options{Dir: dir}, name); core.CodeOf(err) != core.CodePluginRefused || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
