// Package migrations holds the schema as goose SQL files. They run as the role
// zhanggui_owner with search_path zhanggui; core/internal/postgres creates both before it runs them.
package migrations

import "embed"

// Files are the migrations, in the root of the file system.
//
//go:embed *.sql
var Files embed.FS
