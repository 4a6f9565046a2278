package postgres

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestFilesAreKeptInChunks(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	file := core.NewID(noon())
	full := bytes.Repeat([]byte{0, '\\', 0xff, 'x'}, core.ChunkBytes/4)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return firstError(tx.PutChunk(ctx, file, 0, []byte("first try")), tx.PutChunk(ctx, file, 0, full), tx.PutChunk(ctx, file, 1, full), tx.PutChunk(ctx, file, 2, []byte("end")))
	}))
	for name, data := range map[string][]byte{"empty": nil, "too large": append(full, 'x')} {
		err := m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.PutChunk(ctx, file, 3, data) })
		if core.CodeOf(err) != core.CodeInvalidRequest {
			t.Errorf("a chunk that is %s: %v", name, err)
		}
	}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		for n, want := range [][]byte{full, full, []byte("end")} {
			if got, err := tx.Chunk(ctx, file, n); err != nil || !bytes.Equal(got, want) {
				t.Errorf("chunk %d has %d bytes: %v", n, len(got), err)
			}
		}
		if _, err := tx.Chunk(ctx, file, 3); core.CodeOf(err) != core.CodeNotFound {
			t.Errorf("a chunk that is not there: %v", err)
		}
		chunks, size, err := tx.FileSize(ctx, file)
		if chunks != 3 || size != 2*core.ChunkBytes+3 {
			t.Errorf("%d chunks of %d bytes", chunks, size)
		}
		return err
	}))
	var removed []int
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		for range 3 {
			n, err := tx.RemoveChunks(ctx, file, 2)
			if err != nil {
				return err
			}
			removed = append(removed, n)
		}
		chunks, _, err := tx.FileSize(ctx, file)
		if removed[0] != 2 || removed[1] != 1 || removed[2] != 0 || chunks != 0 {
			t.Errorf("removed %v, left %d", removed, chunks)
		}
		return err
	}))
}

// TestAnotherTenantsFilesAreNotRead: B's file and the platform's, asked for by their own ids.
func TestAnotherTenantsFilesAreNotRead(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	a, b := newMerchant(t, db), newMerchant(t, db)
	theirs, platforms := core.NewID(noon()), core.NewID(noon())
	must(t, b.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.PutChunk(ctx, theirs, 0, []byte("b")) }))
	must(t, db.InDirectory(t.Context(), func(tx core.DirectoryTx) error { return tx.PutChunk(t.Context(), platforms, 0, []byte("p")) }))
	see := func(room core.FileTx) (seen int, err error) {
		for _, file := range []core.ID{theirs, platforms} {
			if _, err := room.Chunk(t.Context(), file, 0); err == nil {
				seen++
			}
			chunks, _, failed := room.FileSize(t.Context(), file)
			err = errors.Join(err, failed)
			seen += 10 * chunks
		}
		return seen, err
	}
	for who, want := range map[merchant]int{a: 0, b: 11} {
		must(t, who.in(t, db, func(_ context.Context, tx core.TenantTx) error {
			seen, err := see(tx)
			if seen != want {
				t.Errorf("saw %d, want %d", seen, want)
			}
			return err
		}))
	}
	must(t, db.InDirectory(t.Context(), func(tx core.DirectoryTx) error {
		seen, err := see(tx)
		if seen != 11 {
			t.Errorf("the platform saw %d, want its own file", seen)
		}
		return err
	}))
	must(t, a.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		if n, err := tx.RemoveChunks(ctx, theirs, 9); n != 0 || err != nil {
			t.Errorf("A removed %d chunks of B: %v", n, err)
		}
		return nil
	}))
}
