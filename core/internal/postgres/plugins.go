package postgres

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	wordSelect = "SELECT id, sha256, state, approved_by, approved_at, version FROM plugins WHERE state <> 'pending'"
	wordInsert = `INSERT INTO plugins (id, sha256, state, approved_by, approved_at, seen_at) VALUES ($1, $2, $3, $4, $5, $5)
		ON CONFLICT (id) DO NOTHING`
	wordUpdate = `UPDATE plugins SET sha256 = $2, state = $3, approved_by = $4, approved_at = $5, seen_at = $5, version = version + 1
		WHERE id = $1 AND version = $6`
	versionSelect = "SELECT plugin_id, sha256, version, approved_by, approved_at, live_at FROM plugin_versions WHERE plugin_id = $1 OR $1 = '' ORDER BY plugin_id, live_at DESC"
	versionSave   = `INSERT INTO plugin_versions (plugin_id, sha256, version, approved_by, approved_at, live_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (plugin_id, sha256) DO UPDATE SET version = CASE WHEN EXCLUDED.version = '' THEN plugin_versions.version ELSE EXCLUDED.version END,
			live_at = EXCLUDED.live_at`
	uploadSelect = "SELECT id, file_name, sha256, bytes, ready, uploaded_by, uploaded_at FROM plugin_uploads"
	uploadInsert = "INSERT INTO plugin_uploads (id, file_name, sha256, bytes, uploaded_by, uploaded_at) VALUES ($1, $2, $3, $4, $5, $6)"
	uploadReady  = "UPDATE plugin_uploads SET ready = true WHERE id = $1 AND NOT ready"
	uploadDelete = "DELETE FROM plugin_uploads WHERE id = $1"

	// channelPlugins tells that the word about a plugin changed, or that a file is ready.
	channelPlugins = "zhanggui_plugins"
)

type wordRow struct {
	ID      string `db:"id"`
	SHA256  []byte `db:"sha256"`
	State   string `db:"state"`
	By      string `db:"approved_by"`
	At      stamp  `db:"approved_at"`
	Version int    `db:"version"`
}

func (r wordRow) word() core.PluginWord {
	return core.PluginWord{ID: r.ID, SHA256: hex.EncodeToString(r.SHA256), Disabled: r.State == "disabled", By: r.By, At: r.At.Time, Version: r.Version}
}

// PluginWords implements core.PluginReader.
func (d *directoryTx) PluginWords(ctx context.Context) ([]core.PluginWord, error) {
	var rows []wordRow
	if err := d.s.list(ctx, &rows, wordSelect+" ORDER BY id"); err != nil {
		return nil, err
	}
	out := make([]core.PluginWord, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.word())
	}
	return out, nil
}

// PluginWord implements core.PluginReader.
func (d *directoryTx) PluginWord(ctx context.Context, id string) (core.PluginWord, error) {
	var row wordRow
	err := d.s.get(ctx, &row, core.NotFound("plugin"), wordSelect+" AND id = $1", id)
	return row.word(), err
}

// SavePluginWord implements core.PluginTx.
func (d *directoryTx) SavePluginWord(ctx context.Context, w core.PluginWord) error {
	sum, err := hashOf(w.SHA256)
	if err != nil {
		return err
	}
	state := "approved"
	if w.Disabled {
		state = "disabled"
	}
	var changed int64
	if w.Version == 0 {
		changed, err = d.s.change(ctx, wordInsert, w.ID, sum, state, w.By, stamp{w.At})
	} else {
		changed, err = d.s.change(ctx, wordUpdate, w.ID, sum, state, w.By, stamp{w.At}, w.Version)
	}
	if err == nil && changed == 0 {
		return core.Errorf(core.CodeConflict, "Somebody else has just decided about this plugin: look again.")
	}
	return err
}

func hashOf(sha256 string) ([]byte, error) {
	sum, err := hex.DecodeString(sha256)
	if err != nil {
		return nil, fmt.Errorf("postgres: a plugin's hash: %w", err)
	}
	return sum, nil
}

type versionRow struct {
	PluginID   string `db:"plugin_id"`
	SHA256     []byte `db:"sha256"`
	Version    string `db:"version"`
	ApprovedBy string `db:"approved_by"`
	ApprovedAt stamp  `db:"approved_at"`
	LiveAt     stamp  `db:"live_at"`
}

// ApprovedVersions implements core.PluginReader.
func (d *directoryTx) ApprovedVersions(ctx context.Context, id string) ([]core.ApprovedVersion, error) {
	var rows []versionRow
	if err := d.s.list(ctx, &rows, versionSelect, id); err != nil {
		return nil, err
	}
	out := make([]core.ApprovedVersion, 0, len(rows))
	for _, r := range rows {
		out = append(out, core.ApprovedVersion{
			PluginID: r.PluginID, SHA256: hex.EncodeToString(r.SHA256), Version: r.Version, ApprovedBy: r.ApprovedBy, ApprovedAt: r.ApprovedAt.Time, LiveAt: r.LiveAt.Time,
		})
	}
	return out, nil
}

// SaveApprovedVersion implements core.PluginTx.
func (d *directoryTx) SaveApprovedVersion(ctx context.Context, v core.ApprovedVersion) error {
	sum, err := hashOf(v.SHA256)
	if err != nil {
		return err
	}
	_, err = d.s.change(ctx, versionSave, v.PluginID, sum, v.Version, v.ApprovedBy, stamp{v.ApprovedAt}, stamp{v.LiveAt})
	return err
}

type uploadRow struct {
	ID         core.ID `db:"id"`
	FileName   string  `db:"file_name"`
	SHA256     []byte  `db:"sha256"`
	Bytes      int64   `db:"bytes"`
	Ready      bool    `db:"ready"`
	UploadedBy string  `db:"uploaded_by"`
	UploadedAt stamp   `db:"uploaded_at"`
}

func (r uploadRow) upload() core.PluginUpload {
	return core.PluginUpload{
		ID: r.ID, FileName: r.FileName, SHA256: hex.EncodeToString(r.SHA256), Bytes: r.Bytes, Ready: r.Ready, UploadedBy: r.UploadedBy, UploadedAt: r.UploadedAt.Time,
	}
}

// PluginUploads implements core.PluginReader.
func (d *directoryTx) PluginUploads(ctx context.Context) ([]core.PluginUpload, error) {
	var rows []uploadRow
	if err := d.s.list(ctx, &rows, uploadSelect+" ORDER BY uploaded_at DESC, id DESC"); err != nil {
		return nil, err
	}
	out := make([]core.PluginUpload, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.upload())
	}
	return out, nil
}

// PluginUpload implements core.PluginReader.
func (d *directoryTx) PluginUpload(ctx context.Context, id core.ID) (core.PluginUpload, error) {
	var row uploadRow
	if err := d.s.get(ctx, &row, core.NotFound("upload"), uploadSelect+" WHERE id = $1", id); err != nil {
		return core.PluginUpload{}, err
	}
	u := row.upload()
	var err error
	u.Received, _, err = d.FileSize(ctx, id)
	return u, err
}

// InsertPluginUpload implements core.PluginTx.
func (d *directoryTx) InsertPluginUpload(ctx context.Context, u core.PluginUpload) error {
	sum, err := hashOf(u.SHA256)
	if err != nil {
		return err
	}
	_, err = d.s.change(ctx, uploadInsert, u.ID, u.FileName, sum, u.Bytes, u.UploadedBy, stamp{u.UploadedAt})
	return err
}

// PluginUploadReady implements core.PluginTx.
func (d *directoryTx) PluginUploadReady(ctx context.Context, id core.ID) error {
	_, err := d.s.change(ctx, uploadReady, id)
	return err
}

// DeletePluginUpload implements core.PluginTx.
func (d *directoryTx) DeletePluginUpload(ctx context.Context, id core.ID) error {
	_, err := d.s.change(ctx, uploadDelete, id)
	return err
}

// ListenPlugins calls fn when the word about a plugin changed on any node or a file is ready,
// and after a lost connection, until ctx ends.
func (db *DB) ListenPlugins(ctx context.Context, fn func()) error {
	return db.listen(ctx, []string{channelPlugins}, func(*pq.Notification) { fn() })
}
