package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/check"
	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/stand"
	"github.com/zhanggui-pay/zhanggui/core/internal/devstack"
)

// searchSecrets looks for the canaries in logs and in a dump of the whole database.
func searchSecrets(ctx context.Context, s *stand.Stand, secrets []secret, e *check.Evidence) error {
	for _, file := range s.LogFiles() {
		log, err := os.Open(file) //nolint:gosec // our own log
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("search %s: %w", filepath.Base(file), err)
		}
		seek(secrets, filepath.Base(file), log, e)
		_ = log.Close()
	}
	return searchDump(ctx, s, secrets, e)
}

func searchDump(ctx context.Context, s *stand.Stand, secrets []secret, e *check.Evidence) error {
	bin, err := devstack.FindPostgres()
	if err != nil {
		return err
	}
	dump := exec.CommandContext(ctx, filepath.Join(bin, "pg_dump"), "--dbname", s.Cluster.SuperuserURL()) //nolint:gosec // PostgreSQL's own program
	out, err := dump.StdoutPipe()
	if err != nil {
		return fmt.Errorf("dump the database: %w", err)
	}
	if err := dump.Start(); err != nil {
		return fmt.Errorf("dump the database: %w", err)
	}
	seek(secrets, "the database", out, e)
	if err := dump.Wait(); err != nil {
		return fmt.Errorf("dump the database: %w", err)
	}
	return nil
}

// overlap is more than the longest secret has: one may stand across two pieces.
const overlap = 1 << 10

// seek notes each secret once.
func seek(secrets []secret, where string, in io.Reader, e *check.Evidence) {
	found, buffer, kept := map[string]bool{}, make([]byte, 1<<20), 0
	var size int64
	for {
		n, err := io.ReadFull(in, buffer[kept:])
		text := buffer[:kept+n]
		size += int64(n)
		for _, s := range secrets {
			if !found[s.name] && s.in(text) {
				found[s.name] = true
				e.Leaks = append(e.Leaks, check.Leak{Secret: s.name, Where: where})
			}
		}
		if err != nil {
			break
		}
		kept = copy(buffer, text[len(text)-overlap:])
	}
	if size > 0 {
		e.Searched = append(e.Searched, check.Searched{Where: where, Bytes: size})
	}
}
