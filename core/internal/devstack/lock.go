package devstack

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
)

var errLocked = errors.New("locked by another process")

// fileLock is an advisory lock that the kernel drops when its process ends.
type fileLock struct {
	file *os.File
	once sync.Once
}

// lockFile takes the lock, waiting for it or returning errLocked.
func lockFile(path string, wait bool) (*fileLock, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // a file of our own in a directory of our own
	if err != nil {
		return nil, fmt.Errorf("open the lock %s: %w", path, err)
	}
	how := syscall.LOCK_EX
	if !wait {
		how |= syscall.LOCK_NB
	}
	for {
		err = syscall.Flock(int(file.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err == nil {
		return &fileLock{file: file}, nil
	}
	_ = file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errLocked
	}
	return nil, fmt.Errorf("take the lock %s: %w", path, err)
}

func (l *fileLock) release() (err error) {
	l.once.Do(func() { err = l.file.Close() })
	return err
}
