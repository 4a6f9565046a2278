package pluginhost

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
)

// Found is a plugin's file.
type Found struct {
	Name   string // of the file
	SHA256 string // hexadecimal
}

// Find lists the plugins' files of a directory, by name, without starting any.
func Find(dir string) ([]Found, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read the plugin directory: %w", err)
	}
	var out []Found
	for _, e := range entries {
		if !isPlugin(e) {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, e.Name())) //nolint:gosec // the directory is the operator's
		if err != nil {
			return nil, fmt.Errorf("read a plugin: %w", err)
		}
		sum := sha256.Sum256(content)
		out = append(out, Found{Name: e.Name(), SHA256: hex.EncodeToString(sum[:])})
	}
	return out, nil
}
