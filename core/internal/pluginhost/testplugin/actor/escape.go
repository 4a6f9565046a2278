package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// escape tries every way out that confinement must close, and notes what each came to.
func escape(o orders, note func(string, error)) {
	sockets(note)
	_, err := net.Dial("unix", o.Path) //nolint:noctx // it must be refused at once
	note("connect to a Unix socket by path", err)
	_, err = net.Dial("tcp", o.Host) //nolint:noctx // it must be refused at once
	note("connect over TCP", err)
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it must be refused at once
	note("listen on TCP", err)
	if err == nil {
		_ = listener.Close()
	}
	files(note)
	processes(note)
	kernel(note)
}

func sockets(note func(string, error)) {
	for name, family := range map[string]int{
		"inet": unix.AF_INET, "inet6": unix.AF_INET6, "netlink": unix.AF_NETLINK, "packet": unix.AF_PACKET, "vsock": unix.AF_VSOCK,
		"alg": unix.AF_ALG, "xdp": unix.AF_XDP, "bluetooth": unix.AF_BLUETOOTH, "can": unix.AF_CAN,
	} {
		for kind, t := range map[string]int{"stream": unix.SOCK_STREAM, "datagram": unix.SOCK_DGRAM, "raw": unix.SOCK_RAW} {
			fd, err := unix.Socket(family, t, 0)
			if err == nil {
				_ = unix.Close(fd)
			}
			note("socket "+name+" "+kind, err)
		}
	}
	_, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	note("socket unix datagram", err)
	_, err = unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	note("socketpair datagram", err)
}

func files(note func(string, error)) {
	for _, path := range []string{"/etc/passwd", "/proc/self/environ", "/proc/self/mem", "/dev/null", "/", "/proc/1/environ", "/usr/share/zoneinfo/Asia/Shanghai"} {
		f, err := os.Open(path) //nolint:gosec // it must be refused
		if err == nil {
			_ = f.Close()
		}
		note("open "+path, err)
	}
	note("write in /tmp", os.WriteFile("/tmp/zhanggui-escape", []byte("x"), 0o600)) //nolint:gosec // it must be refused
	note("make a directory", os.Mkdir("sub", 0o700))
	note("link", os.Symlink("/etc/passwd", "link"))
	note("fill a file", fill())
}

// fill writes into the private directory, where a file may be made but nothing written.
func fill() error {
	f, err := os.Create("file")
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	_, err = f.WriteString("x")
	return err
}

func processes(note func(string, error)) {
	note("exec a program", exec.Command("/bin/true").Run()) //nolint:noctx // it must be refused at once
	_, err := syscall.ForkExec("/bin/true", []string{"true"}, nil)
	note("fork and exec", err)
	pid, _, errno := syscall.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if errno == 0 && pid == 0 {
		_, _, _ = syscall.RawSyscall(unix.SYS_EXIT, 0, 0, 0)
	}
	note("clone a process", asError(errno))
	_, _, errno = unix.RawSyscall6(unix.SYS_EXECVEAT, 0, uintptr(unsafe.Pointer(&[]byte{0}[0])), 0, 0, unix.AT_EMPTY_PATH, 0) //nolint:gosec // the kernel's interface
	note("execveat", asError(errno))
	note("trace the parent", unix.PtraceAttach(os.Getppid()))
	note("trace another", unix.PtraceSeize(1))
	note("kill the parent", unix.Kill(os.Getppid(), 0))
	note("kill process 1", unix.Kill(1, 0))
	note("outlive the host", unix.Prctl(unix.PR_SET_PDEATHSIG, 0, 0, 0, 0))
	_, err = unix.PidfdOpen(os.Getpid(), 0)
	note("pidfd", err)
}

func kernel(note func(string, error)) {
	_, err := unix.MemfdCreate("x", 0)
	note("memfd", err)
	_, _, errno := unix.RawSyscall(unix.SYS_IO_URING_SETUP, 1, 0, 0)
	note("io_uring", asError(errno))
	_, _, errno = unix.RawSyscall(unix.SYS_BPF, 0, 0, 0)
	note("bpf", asError(errno))
	note("mount", unix.Mount("none", "/tmp", "tmpfs", 0, ""))
	note("unshare", unix.Unshare(unix.CLONE_NEWUSER))
	_, _, errno = unix.RawSyscall(unix.SYS_SHMGET, 0, 4096, unix.IPC_CREAT)
	note("shared memory", asError(errno))
	_, err = unix.KeyctlInt(unix.KEYCTL_GET_KEYRING_ID, unix.KEY_SPEC_SESSION_KEYRING, 0, 0, 0)
	note("keyctl", err)
	var limit unix.Rlimit
	err = unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 4096, Max: 4096})
	if err == nil {
		_ = unix.Getrlimit(unix.RLIMIT_NOFILE, &limit)
		if limit.Max <= 64 {
			err = fmt.Errorf("still %d", limit.Max)
		}
	}
	note("raise a limit", err)
}

func asError(errno syscall.Errno) error {
	if errno == 0 {
		return nil
	}
	return errors.New(errno.Error())
}
