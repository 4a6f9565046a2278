package service

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	uploadsUnderWay = 5
	uploadsKept     = 20
	// uploadAbandoned is how long an upload may take.
	uploadAbandoned = 24 * time.Hour
)

// CreatePluginUpload announces a plugin's file.
func (s *Service) CreatePluginUpload(ctx context.Context, in core.NewPluginUpload) (u core.PluginUpload, err error) {
	who, err := s.pluginDecider(ctx, "upload")
	if err != nil {
		return u, err
	}
	if err := checkPluginUpload(in); err != nil {
		return u, err
	}
	u = core.PluginUpload{
		ID: core.NewID(s.Clock()), FileName: in.FileName, SHA256: in.SHA256, Bytes: in.Bytes, UploadedBy: who.Actor, UploadedAt: s.Clock(),
	}
	entry, err := s.audit(who, core.ID{}, "plugin.upload", u.ID.Prefixed(core.PrefixPluginUpload), nil, struct {
		FileName string `json:"file_name"`
		SHA256   string `json:"sha256"`
	}{u.FileName, u.SHA256})
	if err != nil {
		return u, err
	}
	return u, s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		if err := s.makeRoom(ctx, tx); err != nil {
			return err
		}
		if err := tx.InsertPluginUpload(ctx, u); err != nil {
			return err
		}
		return tx.AppendPlatformAudit(ctx, entry)
	})
}

func checkPluginUpload(in core.NewPluginUpload) error {
	if !regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$`).MatchString(in.FileName) {
		return core.Errorf(core.CodeInvalidRequest, "A plugin's file name has 1 to 60 letters, digits, dots, - and _, and begins with a letter or digit.").At("file_name")
	}
	if sum, err := hex.DecodeString(in.SHA256); err != nil || len(sum) != sha256.Size || hex.EncodeToString(sum) != in.SHA256 {
		return core.Errorf(core.CodeInvalidRequest, "The SHA-256 has 64 hexadecimal digits, the letters small.").At("sha256")
	}
	if in.Bytes < 1 || in.Bytes > core.MaxPluginBytes {
		return core.Errorf(core.CodeInvalidRequest, "A plugin's file has 1 to %d bytes.", core.MaxPluginBytes).At("bytes")
	}
	return nil
}

// makeRoom forgets uploads that were given up, and the oldest of those that nobody approved.
func (s *Service) makeRoom(ctx context.Context, tx core.DirectoryTx) error {
	if err := tx.Lock(ctx, "plugin uploads"); err != nil {
		return err
	}
	uploads, err := tx.PluginUploads(ctx)
	if err != nil {
		return err
	}
	approved, err := tx.ApprovedVersions(ctx, "")
	if err != nil {
		return err
	}
	underWay, ready := 0, 0
	for _, u := range uploads {
		wanted := slices.ContainsFunc(approved, func(v core.ApprovedVersion) bool { return v.SHA256 == u.SHA256 })
		switch {
		case !u.Ready && s.Clock().Sub(u.UploadedAt) < uploadAbandoned:
			underWay++
			continue
		case u.Ready && wanted:
			continue
		case u.Ready:
			if ready++; ready < uploadsKept {
				continue
			}
		}
		if err := removeUpload(ctx, tx, u.ID); err != nil {
			return err
		}
	}
	if underWay >= uploadsUnderWay {
		return core.Errorf(core.CodeLimitExceeded, "%d plugins are being uploaded: finish them first.", underWay)
	}
	return nil
}

func removeUpload(ctx context.Context, tx core.DirectoryTx, id core.ID) error {
	for {
		n, err := tx.RemoveChunks(ctx, id, chunksAtOnce)
		if err != nil {
			return err
		}
		if n < chunksAtOnce {
			return tx.DeletePluginUpload(ctx, id)
		}
	}
}

// PutPluginChunk takes a part of the file, in any order, again as well.
func (s *Service) PutPluginChunk(ctx context.Context, id core.ID, n int, data []byte) (u core.PluginUpload, err error) {
	if _, err := s.pluginDecider(ctx, "upload"); err != nil {
		return u, err
	}
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		if u, err = tx.PluginUpload(ctx, id); err != nil {
			return err
		}
		if u.Ready {
			return core.Errorf(core.CodeInvalidState, "The upload is finished: its file does not change any more.")
		}
		if n < 0 || n >= u.Chunks() {
			return core.Errorf(core.CodeInvalidRequest, "A file of %d bytes has the chunks 0 to %d.", u.Bytes, u.Chunks()-1).At("n")
		}
		if want := u.ChunkSize(n); int64(len(data)) != want {
			return core.Errorf(core.CodeInvalidRequest, "Chunk %d of a file of %d bytes has %d bytes, not %d.", n, u.Bytes, want, len(data))
		}
		if err := tx.PutChunk(ctx, id, n, data); err != nil {
			return err
		}
		u, err = tx.PluginUpload(ctx, id)
		return err
	})
	return u, err
}

// FinishPluginUpload checks the whole file and gives it to the nodes.
func (s *Service) FinishPluginUpload(ctx context.Context, id core.ID) (u core.PluginUpload, err error) {
	if _, err := s.pluginDecider(ctx, "upload"); err != nil {
		return u, err
	}
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		if u, err = tx.PluginUpload(ctx, id); err != nil || u.Ready {
			return err
		}
		if u.Received != u.Chunks() {
			return core.Errorf(core.CodeInvalidState, "%d of %d chunks are there: send the others first.", u.Received, u.Chunks())
		}
		var file bytes.Buffer
		for n := range u.Chunks() {
			data, err := tx.Chunk(ctx, id, n)
			if err != nil {
				return err
			}
			_, _ = file.Write(data)
		}
		if sum := sha256.Sum256(file.Bytes()); hex.EncodeToString(sum[:]) != u.SHA256 {
			return core.Errorf(core.CodePluginRefused, "What arrived has the SHA-256 %x and was announced with %s: nothing was installed.", sum, u.SHA256)
		}
		if err := s.Providers.CheckBinary(file.Bytes()); err != nil {
			return err
		}
		if err := tx.PluginUploadReady(ctx, id); err != nil {
			return err
		}
		u.Ready = true
		return nil
	})
	return u, err
}

// CancelPluginUpload forgets a file that is not wanted any more, before the nodes have it.
func (s *Service) CancelPluginUpload(ctx context.Context, id core.ID) error {
	if _, err := s.pluginDecider(ctx, "upload"); err != nil {
		return err
	}
	return s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		u, err := tx.PluginUpload(ctx, id)
		if err != nil {
			return err
		}
		if u.Ready {
			return core.Errorf(core.CodeInvalidState, "The upload is finished: the nodes have its file.")
		}
		return removeUpload(ctx, tx, id)
	})
}
