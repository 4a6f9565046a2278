package pluginhost

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// refusedCall is a system call that a plugin was refused.
type refusedCall struct {
	what string
	open bool // of a file: what every program tries when it starts
}

// notice and noticeAnswer are the kernel's seccomp_notif and seccomp_notif_resp.
type notice struct {
	id        uint64
	pid       uint32
	_         uint32
	number    int32
	_         uint32
	_         uint64
	arguments [6]uint64
}

type noticeAnswer struct {
	id    uint64
	_     int64
	error int32
	flags uint32
}

// noticeIDValid asks whether who waits for an answer still does (SECCOMP_IOCTL_NOTIF_ID_VALID).
const noticeIDValid = 0x40082102

// listen hears of the system calls the plugin is refused and answers them until it has ended. What
// it does not answer the kernel refuses itself.
func (p *process) listen(from *os.File, exited <-chan struct{}) {
	ear := receiveEar(from)
	_ = from.Close()
	if ear == nil {
		return
	}
	defer func() { _ = ear.Close() }()
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-exited:
			_ = ear.Close()
		case <-done:
		}
	}()
	conn, err := ear.SyscallConn()
	if err != nil {
		return
	}
	pace := throttle{burst: 1000, perSecond: 1000}
	for {
		over := false
		err := conn.Read(func(fd uintptr) bool {
			asked := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}} //nolint:gosec // a descriptor
			_, _ = unix.Poll(asked, 0)
			over = asked[0].Revents&(unix.POLLHUP|unix.POLLERR|unix.POLLNVAL) != 0
			return over || asked[0].Revents&unix.POLLIN != 0
		})
		if err != nil || over {
			return
		}
		if ok, _ := pace.pass(time.Now(), 1); !ok {
			time.Sleep(time.Millisecond) // who asks without end waits for its answers
		}
		_ = conn.Control(p.answer)
	}
}

// receiveEar takes the descriptor the launcher sends, or nil when it ends without.
func receiveEar(from *os.File) *os.File {
	conn, err := from.SyscallConn()
	if err != nil {
		return nil
	}
	var ear *os.File
	_ = conn.Read(func(fd uintptr) bool {
		data, control := make([]byte, 1), make([]byte, unix.CmsgSpace(4))
		_, n, _, _, err := unix.Recvmsg(int(fd), data, control, unix.MSG_CMSG_CLOEXEC)
		if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR) {
			return false
		}
		messages, err := unix.ParseSocketControlMessage(control[:max(n, 0)])
		if err != nil || len(messages) != 1 {
			return true
		}
		if fds, err := unix.ParseUnixRights(&messages[0]); err == nil && len(fds) == 1 {
			_ = unix.SetNonblock(fds[0], true)
			ear = os.NewFile(uintptr(fds[0]), "refused system calls")
		}
		return true
	})
	return ear
}

// answer takes one call, has it refused, or decided by Landlock where it opens a file, and tells of it.
func (p *process) answer(fd uintptr) {
	var n notice
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, fd, unix.SECCOMP_IOCTL_NOTIF_RECV, uintptr(unsafe.Pointer(&n))); errno != 0 { //nolint:gosec // the kernel's interface
		return // it has died meanwhile
	}
	call, reply := refusedCall{what: nameOf(n.number)}, noticeAnswer{id: n.id, error: -int32(unix.EPERM)}
	if path, ok := opened(n); ok {
		call, reply.error, reply.flags = refusedCall{what: "opening " + path, open: true}, 0, unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE
		if _, _, errno := unix.Syscall(unix.SYS_IOCTL, fd, noticeIDValid, uintptr(unsafe.Pointer(&n.id))); errno != 0 { //nolint:gosec // the kernel's interface
			call.what = "opening a file" // what was read may be another process's
		}
	}
	if p.refused != nil {
		p.refused(call)
	}
	_, _, _ = unix.Syscall(unix.SYS_IOCTL, fd, unix.SECCOMP_IOCTL_NOTIF_SEND, uintptr(unsafe.Pointer(&reply))) //nolint:gosec // the kernel's interface
}

// opened says which file a call opens, as far as its name can be read.
func opened(n notice) (string, bool) {
	number, at := uint32(n.number), uint64(0) //nolint:gosec // a number as the filter compares it
	for _, call := range openingCalls() {
		if call == number {
			at = n.arguments[1]
			if call != unix.SYS_OPENAT && call != unix.SYS_OPENAT2 {
				at = n.arguments[0]
			}
		}
	}
	if at == 0 {
		return "", false
	}
	name := make([]byte, 128)
	got, err := unix.ProcessVMReadv(int(n.pid), []unix.Iovec{{Base: &name[0], Len: uint64(len(name))}}, []unix.RemoteIovec{{Base: uintptr(at), Len: len(name)}}, 0)
	if err != nil {
		return "a file", true
	}
	name, _, _ = bytes.Cut(name[:got], []byte{0})
	return quote(string(name)), true
}

// nameOf names the system calls that tell an operator most.
func nameOf(number int32) string {
	for name, n := range map[string]uint32{
		"socket": unix.SYS_SOCKET, "socketpair": unix.SYS_SOCKETPAIR, "connect": unix.SYS_CONNECT, "sendmmsg": unix.SYS_SENDMMSG,
		"execve": unix.SYS_EXECVE, "execveat": unix.SYS_EXECVEAT, "clone": unix.SYS_CLONE, "kill": unix.SYS_KILL, "tgkill": unix.SYS_TGKILL,
		"ptrace": unix.SYS_PTRACE, "process_vm_readv": unix.SYS_PROCESS_VM_READV, "process_vm_writev": unix.SYS_PROCESS_VM_WRITEV, "pidfd_open": unix.SYS_PIDFD_OPEN,
		"io_uring_setup": unix.SYS_IO_URING_SETUP, "bpf": unix.SYS_BPF, "perf_event_open": unix.SYS_PERF_EVENT_OPEN, "userfaultfd": unix.SYS_USERFAULTFD,
		"mount": unix.SYS_MOUNT, "unshare": unix.SYS_UNSHARE, "setns": unix.SYS_SETNS, "chroot": unix.SYS_CHROOT, "keyctl": unix.SYS_KEYCTL,
		"fchmod": unix.SYS_FCHMOD, "fchmodat": unix.SYS_FCHMODAT, "fchownat": unix.SYS_FCHOWNAT, "utimensat": unix.SYS_UTIMENSAT, "setxattr": unix.SYS_SETXATTR,
		"prlimit64": unix.SYS_PRLIMIT64, "setpriority": unix.SYS_SETPRIORITY, "prctl": unix.SYS_PRCTL, "fcntl": unix.SYS_FCNTL, "ioctl": unix.SYS_IOCTL,
		"mmap": unix.SYS_MMAP, "memfd_create": unix.SYS_MEMFD_CREATE, "shmget": unix.SYS_SHMGET, "inotify_init1": unix.SYS_INOTIFY_INIT1,
	} {
		if n == uint32(number) { //nolint:gosec // a number as the filter compares it
			return "the system call " + name
		}
	}
	return fmt.Sprintf("the system call number %d", number)
}
