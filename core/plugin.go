package core

import (
	"context"
	"time"
)

// The life of a plugin as operators decide it: docs/plugins-lifecycle.md.

// PluginWord is an operator's word about a plugin, for all nodes.
type PluginWord struct {
	ID       string
	SHA256   string // hexadecimal, of the binary that is live, or was when it was switched off
	Disabled bool
	By       string
	At       time.Time
	Version  int // counts changes
}

// ApprovedVersion is a binary that was live, or is.
type ApprovedVersion struct {
	PluginID   string
	SHA256     string // hexadecimal
	Version    string // as its manifest calls it; may be empty
	ApprovedBy string
	ApprovedAt time.Time
	LiveAt     time.Time // when it was made live last
}

// PluginUpload is a plugin's file that comes over the API, in chunks. Each node puts it into
// its own plugin directory when it is ready; it waits there like any other.
type PluginUpload struct {
	ID         ID
	FileName   string // what it is called in the directory
	SHA256     string // hexadecimal; what arrives must have it
	Bytes      int64
	Received   int // chunks that are there
	Ready      bool
	UploadedBy string
	UploadedAt time.Time
}

// MaxPluginBytes bounds a plugin's file that is uploaded.
const MaxPluginBytes = 128 << 20

// Chunks is how many chunks the file has.
func (u PluginUpload) Chunks() int { return int((u.Bytes + ChunkBytes - 1) / ChunkBytes) }

// ChunkSize is how many bytes chunk n has.
func (u PluginUpload) ChunkSize(n int) int64 { return min(ChunkBytes, u.Bytes-int64(n)*ChunkBytes) }

// PluginReader reads what was decided about plugins.
type PluginReader interface {
	PluginWords(ctx context.Context) ([]PluginWord, error)
	PluginWord(ctx context.Context, id string) (PluginWord, error)
	// ApprovedVersions lists a plugin's, the one that was made live last first; an empty id
	// means all plugins'.
	ApprovedVersions(ctx context.Context, id string) ([]ApprovedVersion, error)
	// PluginUploads lists what was uploaded, newest first.
	PluginUploads(ctx context.Context) ([]PluginUpload, error)
	PluginUpload(ctx context.Context, id ID) (PluginUpload, error)
}

// PluginTx decides about plugins.
type PluginTx interface {
	PluginReader
	// SavePluginWord inserts the first word (Version 0) or replaces the one of that version.
	// Errors: CodeConflict when somebody else was quicker.
	SavePluginWord(ctx context.Context, w PluginWord) error
	// SaveApprovedVersion keeps that a binary was made live.
	SaveApprovedVersion(ctx context.Context, v ApprovedVersion) error
	InsertPluginUpload(ctx context.Context, u PluginUpload) error
	// PluginUploadReady says that all of it is there.
	PluginUploadReady(ctx context.Context, id ID) error
	// DeletePluginUpload forgets one; its chunks are removed apart.
	DeletePluginUpload(ctx context.Context, id ID) error
}

// Plugin is a plugin for the operator: how it runs on the node that was asked, and what was decided.
type Plugin struct {
	PluginStatus
	Word   PluginWord // its ID is empty when nothing was decided yet
	Offers []PluginOffer
}

// PluginOffer is a version an operator can decide about.
type PluginOffer struct {
	PluginVersion
	Approved *ApprovedVersion // nil when it was never live
	// Adds are what it asks for beyond the version that is live. Empty with one live: it asks
	// for no more.
	Adds []Text
	// Risks are what it could still do wrong, in plain words.
	Risks []Text
	// Report is the last one on the binary, or nil.
	Report *VerifyReport
}

// NewPluginUpload announces a file.
type NewPluginUpload struct {
	FileName string
	SHA256   string
	Bytes    int64
}

// Plugins lets operators decide about plugins. Every change needs a fresh confirmation.
type Plugins interface {
	InspectPlugins(ctx context.Context) ([]Plugin, error)
	InspectPlugin(ctx context.Context, id string) (Plugin, error)
	// ApprovePlugin makes a binary live on all nodes after it passed its self-test on this one.
	// Errors: CodeNotFound; CodePluginRefused with the reason.
	ApprovePlugin(ctx context.Context, id, sha256 string) (Plugin, error)
	// RollBackPlugin makes the version live that was so before. Errors as ApprovePlugin's;
	// CodeInvalidState when there is none.
	RollBackPlugin(ctx context.Context, id string) (Plugin, error)
	// SwitchPlugin switches a plugin off, or on again with the version it had.
	SwitchPlugin(ctx context.Context, id string, off bool) (Plugin, error)

	// CreatePluginUpload announces a file. Errors: CodeLimitExceeded.
	CreatePluginUpload(ctx context.Context, in NewPluginUpload) (PluginUpload, error)
	PutPluginChunk(ctx context.Context, id ID, n int, data []byte) (PluginUpload, error)
	// FinishPluginUpload checks the whole file and gives it to the nodes. Errors:
	// CodeInvalidState while chunks are missing; CodePluginRefused when it has another hash.
	FinishPluginUpload(ctx context.Context, id ID) (PluginUpload, error)
	// CancelPluginUpload gives an upload up. Errors: CodeInvalidState when it is finished.
	CancelPluginUpload(ctx context.Context, id ID) error
}
