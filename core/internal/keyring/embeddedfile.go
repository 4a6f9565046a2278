package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	masterFile = "master.key"
	checkFile  = "master.check"
	checkText  = "zhanggui keyring 1"
	sayDisk    = "The development keyring's directory cannot be read or written: nothing was sent. Check that it is there and belongs to this user."
)

// fileBox seals whole files under one AES-256 key, bound to the path they belong to.
type fileBox struct{ aead cipher.AEAD }

func newBox(key []byte) (*fileBox, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("key of %d bytes: %w", len(key), err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("set up AES-GCM: %w", err)
	}
	return &fileBox{aead}, nil
}

func (b *fileBox) seal(plain []byte, context string) []byte {
	return b.aead.Seal(nil, nil, plain, []byte(context)) //nolint:gosec // no nonce is given: this AEAD draws its own
}

func (b *fileBox) open(sealed []byte, context string) ([]byte, error) {
	plain, err := b.aead.Open(nil, nil, sealed, []byte(context))
	if err != nil {
		return nil, errors.New("it does not open")
	}
	return plain, nil
}

// openMaster reads the master key or makes one, and checks that it is the store's.
func openMaster(dir string) (*fileBox, error) {
	path := filepath.Join(dir, masterFile)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return createMaster(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("look at the master key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("the master key %s can be read by others (mode %04o): set it to 0600", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path) //nolint:gosec // our own file in our own directory
	if err != nil {
		return nil, fmt.Errorf("read the master key: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("the master key %s is damaged: restore it, or remove the whole directory to begin anew", path)
	}
	box, err := newBox(key)
	if err != nil {
		return nil, err
	}
	return box, checkMaster(dir, box)
}

func checkMaster(dir string, box *fileBox) error {
	sealed, err := os.ReadFile(filepath.Join(dir, checkFile)) //nolint:gosec // our own file in our own directory
	if err != nil {
		return fmt.Errorf("read the keyring's check file: %w", err)
	}
	if _, err := box.open(sealed, checkText); err != nil {
		return fmt.Errorf("the master key in %s is not the one this keyring was made with: restore it, or remove the whole directory to begin anew", dir)
	}
	return nil
}

// createMaster refuses where there are sealed files already: their key was lost. The
// check file is written first, so that a crash in between leaves nothing half made.
func createMaster(dir string) (*fileBox, error) {
	for _, sub := range []string{"tenants", "platform"} {
		if _, err := os.Stat(filepath.Join(dir, sub)); err == nil {
			return nil, fmt.Errorf("the keyring in %s has lost its %s: restore it, or remove the whole directory to begin anew", dir, masterFile)
		}
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	box, err := newBox(key)
	if err != nil {
		return nil, err
	}
	if err := writeDurably(filepath.Join(dir, checkFile), box.seal([]byte(checkText), checkText)); err != nil {
		return nil, err
	}
	text := base64.StdEncoding.EncodeToString(key) + "\n"
	if err := writeDurably(filepath.Join(dir, masterFile), []byte(text)); err != nil {
		return nil, err
	}
	return box, nil
}

// writeDurably replaces a file as a whole and returns when it is on the disk.
func writeDurably(path string, content []byte) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create %s: %w", dir, err)
	}
	draft, err := os.CreateTemp(dir, ".draft-*") // mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(draft.Name())
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	_, err = draft.Write(content)
	err = errors.Join(err, draft.Sync(), draft.Close())
	if err == nil {
		err = os.Rename(draft.Name(), path)
	}
	if err == nil {
		err = syncDir(dir)
	}
	return err
}

func syncDir(dir string) error {
	handle, err := os.Open(dir) //nolint:gosec // our own directory
	if err != nil {
		return fmt.Errorf("open %s: %w", dir, err)
	}
	return errors.Join(handle.Sync(), handle.Close())
}

// lockDir holds the directory against other processes until unlock.
func lockDir(dir string) (unlock func(), err error) {
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // our own directory
	if err != nil {
		return nil, fmt.Errorf("lock the keyring: %w", err)
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("lock the keyring: %w", err)
	}
	return func() { _ = file.Close() }, nil
}
