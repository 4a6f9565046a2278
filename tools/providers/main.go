// Command providers says whether every operation of every provider, and every trap of their
// documents, has its tests. `make providers` runs it at the root of the clone: it prints both
// lists, ends with 1 and a sentence for each gap, and writes docs/providers.md when there is none.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
)

// page is what is written, below the root.
const page = "docs/providers.md"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, ".", os.Stdout, os.Stderr)
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "providers:", err)
		os.Exit(1)
	}
}

// run checks the tree below root. The lists go to stdout, the gaps to stderr.
func run(ctx context.Context, root string, stdout, stderr io.Writer) error {
	results, err := runTests(ctx, root)
	if err != nil {
		return err
	}
	operations, err := checkOperations(root, results)
	if err != nil {
		return err
	}
	traps, err := checkTraps(root)
	if err != nil {
		return err
	}
	if err := printReport(stdout, operations, traps); err != nil {
		return err
	}
	if gaps := slices.Concat(operations.gaps, traps.gaps); len(gaps) > 0 {
		for _, gap := range gaps {
			_, _ = fmt.Fprintln(stderr, gap)
		}
		return fmt.Errorf("%d gaps; %s is left as it was", len(gaps), page)
	}
	return os.WriteFile(filepath.Join(root, page), []byte(markdown(operations, traps)), 0o644) //nolint:gosec // a page for everybody
}
