package pluginhost

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zhanggui-pay/zhanggui/core"
)

// maxImage bounds a plugin's file, in bytes.
const maxImage = 256 << 20

// image is a plugin's file as it was read, once: what was hashed is what is executed.
type image struct {
	sha256 string
	bytes  []byte
	stamp  stamp
}

// stamp tells cheaply whether a file may have changed since.
type stamp struct {
	device, inode uint64
	size          int64
	modified      time.Time
	changed       syscall.Timespec
}

func stampOf(info os.FileInfo) stamp {
	s := stamp{size: info.Size(), modified: info.ModTime()}
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		s.device, s.inode, s.changed = sys.Dev, sys.Ino, sys.Ctim
	}
	return s
}

// readImage reads the file once, through one descriptor.
func readImage(path string) (*image, error) {
	f, err := os.Open(path) //nolint:gosec // the directory is the operator's
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", filepath.Base(path))
	}
	data, err := io.ReadAll(io.LimitReader(f, maxImage+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxImage {
		return nil, fmt.Errorf("%s is larger than %d MiB", filepath.Base(path), maxImage>>20)
	}
	sum := sha256.Sum256(data)
	return &image{sha256: hex.EncodeToString(sum[:]), bytes: data, stamp: stampOf(info)}, nil
}

// machines are the names of this program's architecture in an executable's header.
func machine() elf.Machine {
	switch runtime.GOARCH {
	case "amd64":
		return elf.EM_X86_64
	case "arm64":
		return elf.EM_AARCH64
	default:
		return elf.EM_NONE
	}
}

// checkExecutable says in one sentence why the bytes cannot be a plugin here, or nothing.
func checkExecutable(data []byte) core.Text {
	f, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return both("The file is no Linux executable. Build the plugin with CGO_ENABLED=0 go build.", "该文件不是 Linux 可执行文件。请用 CGO_ENABLED=0 go build 构建插件。")
	}
	defer func() { _ = f.Close() }()
	if f.Machine != machine() {
		return both("The file is built for %s, this machine is %s. Build the plugin with GOARCH=%s.", "该文件为 %s 架构构建，本机为 %s。请用 GOARCH=%s 构建插件。",
			strings.TrimPrefix(f.Machine.String(), "EM_"), strings.TrimPrefix(machine().String(), "EM_"), runtime.GOARCH)
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			return both("The file needs shared libraries, which a confined plugin cannot load. Build it with CGO_ENABLED=0.", "该文件依赖动态库，受限运行的插件无法加载。请用 CGO_ENABLED=0 构建。")
		}
	}
	return core.Text{}
}

// sealed copies the image into anonymous memory that can be executed and no longer changed.
func (i *image) sealed(name string) (*os.File, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING|unix.MFD_EXEC)
	if errors.Is(err, unix.EINVAL) { // kernels before 6.3 do not know MFD_EXEC
		fd, err = unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	}
	if err != nil {
		return nil, fmt.Errorf("create memory for the plugin: %w", err)
	}
	f := os.NewFile(uintptr(fd), name)
	if _, err := f.Write(i.bytes); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("fill memory for the plugin: %w", err)
	}
	const seals = unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE
	if _, err := unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, seals); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("seal memory of the plugin: %w", err)
	}
	return f, nil
}
