package keyring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Embedded is the keyring for `dev`: files in one directory, encrypted with AES-256-GCM
// under a master key that lies beside them. It keeps secrets out of a copied or printed
// file, not from whoever can read the directory: production uses Vault.
type Embedded struct {
	dir    string
	master *fileBox
	mu     sync.Mutex
	seen   map[core.KeyPath]decodedFile
}

var _ core.Keyring = (*Embedded)(nil)

// history is all versions of one path, as encrypted into its file.
type history struct {
	Current  int              `json:"current"`
	Versions map[int]document `json:"versions"` // without the retired ones
}

// decodedFile spares decryption while the file is the one that was read last.
type decodedFile struct {
	file os.FileInfo
	history
}

// OpenEmbedded opens or creates the store in dir. Errors say what to do: the master key's
// file may be readable by others, or not be the one the store was made with.
func OpenEmbedded(dir string) (*Embedded, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create the keyring's directory: %w", err)
	}
	unlock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	defer unlock()
	master, err := openMaster(dir)
	if err != nil {
		return nil, err
	}
	return &Embedded{dir: dir, master: master, seen: map[core.KeyPath]decodedFile{}}, nil
}

// Close forgets what was decrypted.
func (e *Embedded) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	clear(e.seen)
	return nil
}

// Put implements core.Keyring.
func (e *Embedded) Put(ctx context.Context, path core.KeyPath, values map[string]core.Credential, expect int) (int, error) {
	if err := checkPut(values, expect); err != nil {
		return 0, err
	}
	version := expect + 1
	err := e.change(ctx, path, func(h *history) error {
		if kept, ok := h.Versions[version]; ok {
			if values2, err := kept.values(); err == nil && sameValues(values2, values) {
				return errUnchanged
			}
		}
		if h.Current != expect {
			return conflict()
		}
		h.Current = version
		h.Versions[version] = newDocument(values)
		delete(h.Versions, version-MaxVersions)
		return nil
	})
	if err != nil {
		return 0, err
	}
	return version, nil
}

// Get implements core.Keyring.
func (e *Embedded) Get(ctx context.Context, path core.KeyPath, version int) (core.KeySet, error) {
	if err := ctx.Err(); err != nil {
		return core.KeySet{}, core.Wrap(err, core.CodeKeysUnavailable, "%s", sayDisk)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	h, err := e.load(path)
	if err != nil {
		return core.KeySet{}, err
	}
	if version == 0 {
		version = h.Current
	}
	doc, ok := h.Versions[version]
	if !ok {
		return core.KeySet{}, notFound()
	}
	values, err := doc.values()
	return core.KeySet{Version: version, Values: values}, err
}

// Retire implements core.Keyring.
func (e *Embedded) Retire(ctx context.Context, path core.KeyPath, version int) error {
	if err := checkRetire(path, version); err != nil {
		return err
	}
	return e.change(ctx, path, func(h *history) error {
		if _, ok := h.Versions[version]; !ok {
			return notFound()
		}
		delete(h.Versions, version)
		return nil
	})
}

// Health implements core.Keyring.
func (e *Embedded) Health(context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.reachable()
}

// errUnchanged ends a change without writing: these very values stand already, because
// the answer to an earlier attempt was lost.
var errUnchanged = errors.New("unchanged")

// change rewrites one path's file under a lock that other processes respect as well.
func (e *Embedded) change(ctx context.Context, path core.KeyPath, edit func(*history) error) error {
	if err := ctx.Err(); err != nil {
		return core.Wrap(err, core.CodeKeysUnavailable, "%s", sayDisk)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.reachable(); err != nil {
		return err
	}
	unlock, err := lockDir(e.dir)
	if err != nil {
		return core.Wrap(err, core.CodeKeysUnavailable, "%s", sayDisk)
	}
	defer unlock()
	delete(e.seen, path)
	h, err := e.load(path)
	if err != nil && core.CodeOf(err) != core.CodeNotFound {
		return err
	}
	delete(e.seen, path) // edit works on the maps it holds
	if h.Versions == nil {
		h.Versions = map[int]document{}
	}
	if err := edit(&h); err != nil {
		if errors.Is(err, errUnchanged) {
			return nil
		}
		return err
	}
	return e.store(path, h)
}

func (e *Embedded) file(path core.KeyPath) string {
	return filepath.Join(e.dir, filepath.FromSlash(pathOf(path))+".sealed")
}

// load is called with the lock held.
func (e *Embedded) load(path core.KeyPath) (history, error) {
	file, err := os.Stat(e.file(path))
	if errors.Is(err, fs.ErrNotExist) {
		if err := e.reachable(); err != nil {
			return history{}, err
		}
		return history{}, notFound()
	}
	if err != nil {
		return history{}, core.Wrap(err, core.CodeKeysUnavailable, "%s", sayDisk)
	}
	if seen, ok := e.seen[path]; ok && os.SameFile(seen.file, file) && seen.file.ModTime().Equal(file.ModTime()) {
		return seen.history, nil
	}
	sealed, err := os.ReadFile(e.file(path))
	if err != nil {
		return history{}, core.Wrap(err, core.CodeKeysUnavailable, "%s", sayDisk)
	}
	plain, err := e.master.open(sealed, pathOf(path))
	if err != nil {
		return history{}, fmt.Errorf("the keyring's file %s was changed or damaged: %w", pathOf(path), err)
	}
	var h history
	if err := json.Unmarshal(plain, &h); err != nil || h.Versions == nil {
		return history{}, fmt.Errorf("the keyring's file %s: %w", pathOf(path), errForm)
	}
	if time.Since(file.ModTime()) > time.Second { // within one tick of the file system a second change may look like the first
		e.seen[path] = decodedFile{file: file, history: h}
	}
	return h, nil
}

func (e *Embedded) store(path core.KeyPath, h history) error {
	plain, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("encode keys: %w", err)
	}
	defer clear(plain)
	if err := writeDurably(e.file(path), e.master.seal(plain, pathOf(path))); err != nil {
		return core.Wrap(err, core.CodeKeysUnavailable, "%s", sayDisk)
	}
	return nil
}

// reachable tells a path that was never written from a directory that is gone.
func (e *Embedded) reachable() error {
	if _, err := os.Stat(filepath.Join(e.dir, masterFile)); err != nil {
		return core.Wrap(err, core.CodeKeysUnavailable, "%s", sayDisk)
	}
	return nil
}
