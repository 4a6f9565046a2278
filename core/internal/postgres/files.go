package postgres

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	chunkPut = `INSERT INTO file_chunks (tenant_id, file_id, n, data) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tenant_id, file_id, n) DO UPDATE SET data = EXCLUDED.data`
	chunkSelect = "SELECT data FROM file_chunks WHERE tenant_id = $1 AND file_id = $2 AND n = $3"
	// chunkSize reads no data: its length stands in the row.
	chunkSize   = "SELECT count(*) AS chunks, coalesce(sum(octet_length(data)), 0)::bigint AS bytes FROM file_chunks WHERE tenant_id = $1 AND file_id = $2"
	chunkRemove = `DELETE FROM file_chunks WHERE tenant_id = $1 AND file_id = $2 AND n IN (
		SELECT n FROM file_chunks WHERE tenant_id = $1 AND file_id = $2 ORDER BY n LIMIT $3)`
)

// fileRoom keeps the files of one tenant, or with the zero tenant those of the platform.
type fileRoom struct {
	session *session
	tenant  core.ID
}

// PutChunk implements core.FileTx.
func (r fileRoom) PutChunk(ctx context.Context, file core.ID, n int, data []byte) error {
	if len(data) == 0 || len(data) > core.ChunkBytes {
		return core.Errorf(core.CodeInvalidRequest, "A chunk has 1 to %d bytes.", core.ChunkBytes)
	}
	_, err := r.session.change(ctx, chunkPut, uid(r.tenant), file, n, data)
	return err
}

// RemoveChunks implements core.FileTx.
func (r fileRoom) RemoveChunks(ctx context.Context, file core.ID, limit int) (int, error) {
	n, err := r.session.change(ctx, chunkRemove, uid(r.tenant), file, limit)
	return int(n), err
}

// Chunk implements core.FileReader.
func (r fileRoom) Chunk(ctx context.Context, file core.ID, n int) ([]byte, error) {
	var data []byte
	err := r.session.get(ctx, &data, core.NotFound("chunk"), chunkSelect, uid(r.tenant), file, n)
	return data, err
}

// FileSize implements core.FileReader.
func (r fileRoom) FileSize(ctx context.Context, file core.ID) (chunks int, bytes int64, err error) {
	var size struct {
		Chunks int   `db:"chunks"`
		Bytes  int64 `db:"bytes"`
	}
	err = r.session.get(ctx, &size, core.NotFound("file"), chunkSize, uid(r.tenant), file)
	return size.Chunks, size.Bytes, err
}
