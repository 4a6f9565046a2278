package pluginhost

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Install puts a plugin's file into the directory under a name, whole or not at all, and gives
// the name it has. A file of that name that is another is left alone: the new one gets the
// beginning of its hash added, so that an upgrade never touches what runs. Errors:
// CodePluginRefused with the reason when it is not the file of that hash or no plugin here.
func Install(dir, name, sha string, from io.Reader) (string, error) {
	data, err := io.ReadAll(io.LimitReader(from, maxImage+1))
	if err != nil {
		return "", core.Wrap(err, core.CodePluginRefused, "The file cannot be read.")
	}
	if len(data) > maxImage {
		return "", core.Errorf(core.CodePluginRefused, "The file is larger than %d MiB.", maxImage>>20)
	}
	sum := sha256.Sum256(data)
	got := hex.EncodeToString(sum[:])
	if !strings.EqualFold(got, sha) {
		return "", core.Errorf(core.CodePluginRefused, "The file has the SHA-256 %s, not %s: nothing was installed.", got, sha)
	}
	if err := noPlugin(data); err != nil {
		return "", err
	}
	if name != filepath.Base(name) || strings.HasPrefix(name, ".") {
		return "", core.Errorf(core.CodePluginRefused, "The name %s is no name of a file that is not hidden.", quote(name))
	}
	for _, try := range names(name, sha) {
		switch there, err := readImage(filepath.Join(dir, try)); {
		case errors.Is(err, os.ErrNotExist):
			return try, place(filepath.Join(dir, try), data)
		case err == nil && there.sha256 == got:
			return try, nil
		}
	}
	return "", core.Errorf(core.CodePluginRefused, "There is another file called %s already.", quote(name))
}

// names are what a file may be called in the directory, the best first.
func names(name, sha string) []string {
	return []string{name, name + "-" + strings.ToLower(sha)[:12]}
}

// Has says whether a file with a hash was found in the directory.
func (h *Host) Has(sha256 string) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, f := range h.files {
		if f.release != nil && f.release.sha256 == sha256 {
			return true
		}
	}
	return false
}

// CheckBinary says why a file cannot be a plugin here. Errors: CodePluginRefused.
func (h *Host) CheckBinary(data []byte) error { return noPlugin(data) }

// noPlugin is why a file cannot be a plugin here, in both languages, or nil.
func noPlugin(data []byte) error {
	if wrong := checkExecutable(data); wrong != (core.Text{}) {
		return core.Errorf(core.CodePluginRefused, "%s", wrong.EN).With("zh", wrong.ZH)
	}
	return nil
}

// place writes a file that appears whole: nobody sees a part of it.
func place(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".install-*")
	if err != nil {
		return fmt.Errorf("write into the plugin directory: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone after the link below
	_, err = io.Copy(f, bytes.NewReader(data))
	err = errors.Join(err, f.Chmod(0o755), f.Sync(), f.Close())
	if err == nil {
		err = os.Link(f.Name(), path) // fails where a rename would replace
	}
	if err != nil {
		return fmt.Errorf("write into the plugin directory: %w", err)
	}
	return nil
}

// Description is what a binary says of itself.
type Description struct {
	SHA256      string
	Bytes       int64
	Machine     string // the architecture it is built for
	Manifest    core.Manifest
	Confinement []core.ConfinementLayer // that held it
}

// Describe asks a file of the directory what it is, in a confined process that is granted
// nothing. Of the options only the directory, the time-out and confinement count. Errors:
// CodePluginRefused with the reason.
func Describe(ctx context.Context, o Options, file string) (Description, error) {
	img, err := readPlugin(filepath.Join(o.Dir, file))
	if err != nil {
		return Description{}, err
	}
	h, end, err := bare(ctx, o)
	if err != nil {
		return Description{}, err
	}
	defer end()
	l, held, err := h.describe(h.ctx, file, img)
	if err != nil {
		return Description{}, core.Errorf(core.CodePluginRefused, "%v", err)
	}
	return Description{
		SHA256: img.sha256, Bytes: int64(len(img.bytes)), Machine: runtime.GOARCH, Manifest: l.manifest, Confinement: held,
	}, nil
}

// readPlugin reads a file that can be a plugin here. Errors: CodePluginRefused with the reason.
func readPlugin(path string) (*image, error) {
	img, err := readImage(path)
	if err != nil {
		return nil, core.Errorf(core.CodePluginRefused, "The plugin's file cannot be read: %s.", fileError(err))
	}
	if err := noPlugin(img.bytes); err != nil {
		return nil, err
	}
	return img, nil
}

// bare is a host that only starts what it is told to, until end is called.
func bare(ctx context.Context, o Options) (h *Host, end func(), err error) {
	o = o.withDefaults()
	run, err := newRunDir()
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	h = &Host{options: o, log: o.Logger, starter: newStarter(), run: run, ctx: ctx, cancel: cancel}
	return h, func() {
		close(h.starter.done)
		cancel()
		run.remove()
	}, nil
}
