// Package adminui holds the built console, so that the one binary serves it.
package adminui

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
)

// dist is made by `npm run build`. A clean checkout holds a placeholder only, so that
// the Go code builds without Node.
//
//go:embed all:dist
var dist embed.FS

// ErrNotBuilt says that this binary was built without the console.
var ErrNotBuilt = errors.New("the console was not built into this binary: run `make build`, or `npm ci && npm run build` in admin-ui, and build again")

// FS gives the console's files with index.html at the root. File names under assets/
// carry a hash of their content and may be cached for ever; index.html may not.
// Errors: ErrNotBuilt.
func FS() (fs.FS, error) {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, fmt.Errorf("open the console's files: %w", err)
	}
	if _, err := fs.Stat(sub, "index.html"); err != nil {
		return nil, ErrNotBuilt
	}
	return sub, nil
}
