package pluginhost

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The filter is a denial list in classic BPF: what is not named is allowed, what is named
// answers EPERM. Landlock and namespaces take away files and networks; the filter takes
// away what they leave: path-named Unix sockets, programs, forks, tracing, new kernels' doors.

// Offsets in the kernel's seccomp_data.
const (
	offNumber = 0
	offArch   = 4
	offArgs   = 16
)

const (
	retAllow  = unix.SECCOMP_RET_ALLOW
	retKill   = unix.SECCOMP_RET_KILL_PROCESS
	retDenied = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	retTold   = unix.SECCOMP_RET_USER_NOTIF
	retNoSys  = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
)

// deniedCalls are refused whatever their arguments.
func deniedCalls() []uint32 {
	return append([]uint32{
		unix.SYS_CONNECT, unix.SYS_EXECVE,
		unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PROCESS_MADVISE, unix.SYS_KCMP,
		unix.SYS_KILL, unix.SYS_TKILL, unix.SYS_RT_SIGQUEUEINFO, unix.SYS_RT_TGSIGQUEUEINFO,
		unix.SYS_PIDFD_OPEN, unix.SYS_PIDFD_GETFD, unix.SYS_PIDFD_SEND_SIGNAL,
		unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER,
		unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT, unix.SYS_MOVE_MOUNT, unix.SYS_OPEN_TREE,
		unix.SYS_FSOPEN, unix.SYS_FSCONFIG, unix.SYS_FSMOUNT, unix.SYS_FSPICK, unix.SYS_MOUNT_SETATTR,
		unix.SYS_NAME_TO_HANDLE_AT, unix.SYS_OPEN_BY_HANDLE_AT,
		unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_USERFAULTFD, unix.SYS_FANOTIFY_INIT,
		unix.SYS_UNSHARE, unix.SYS_SETNS,
		unix.SYS_KEYCTL, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY,
		unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE, unix.SYS_KEXEC_LOAD, unix.SYS_REBOOT,
		unix.SYS_SWAPON, unix.SYS_SWAPOFF, unix.SYS_ACCT, unix.SYS_QUOTACTL, unix.SYS_SYSLOG,
		unix.SYS_SETTIMEOFDAY, unix.SYS_CLOCK_SETTIME, unix.SYS_ADJTIMEX, unix.SYS_CLOCK_ADJTIME,
		unix.SYS_MEMFD_CREATE, unix.SYS_MEMFD_SECRET,
		unix.SYS_SHMGET, unix.SYS_SHMAT, unix.SYS_MSGGET, unix.SYS_SEMGET, unix.SYS_MQ_OPEN,
		unix.SYS_SENDMMSG, unix.SYS_PERSONALITY,
		// Landlock does not cover what belongs to a file beside its content, and a plugin has the
		// host's user: it could lock the host out of its own files.
		unix.SYS_FCHMOD, unix.SYS_FCHMODAT, unix.SYS_FCHMODAT2, unix.SYS_FCHOWN, unix.SYS_FCHOWNAT, unix.SYS_UTIMENSAT,
		unix.SYS_SETXATTR, unix.SYS_LSETXATTR, unix.SYS_FSETXATTR, unix.SYS_SETXATTRAT,
		unix.SYS_REMOVEXATTR, unix.SYS_LREMOVEXATTR, unix.SYS_FREMOVEXATTR, unix.SYS_REMOVEXATTRAT,
		unix.SYS_INOTIFY_INIT1, unix.SYS_STATMOUNT, unix.SYS_LISTMOUNT, unix.SYS_OPEN_TREE_ATTR,
		// Nor what one process may do to another of the same user without tracing it.
		unix.SYS_SETPRIORITY, unix.SYS_IOPRIO_SET, unix.SYS_SCHED_SETSCHEDULER, unix.SYS_SCHED_SETPARAM, unix.SYS_SCHED_SETATTR,
		unix.SYS_SCHED_SETAFFINITY, unix.SYS_MIGRATE_PAGES, unix.SYS_MOVE_PAGES, unix.SYS_PROCESS_MRELEASE,
		unix.SYS_SETHOSTNAME, unix.SYS_SETDOMAINNAME, unix.SYS_VHANGUP, unix.SYS_KEXEC_FILE_LOAD, unix.SYS_QUOTACTL_FD, unix.SYS_IO_SETUP,
	}, archDeniedCalls...)
}

// uncounted are kinds of memory that the limit of data does not cover: shared, and growing downwards.
const uncounted = unix.MAP_SHARED | unix.MAP_GROWSDOWN

// signaling are fcntl's commands, and terminal are ioctl's requests, that have another process
// signaled or its terminal written to.
func signaling() []uint32 {
	return []uint32{unix.F_SETOWN, unix.F_SETSIG, unix.F_SETOWN_EX, unix.F_NOTIFY}
}

func terminal() []uint32 { return []uint32{fioSetOwn, unix.SIOCSPGRP, unix.TIOCSTI, unix.TIOCLINUX} }

const fioSetOwn = 0x8901 // FIOSETOWN

// filterSystemCalls puts the filter on this thread. Where the kernel offers it, what is refused
// is told to the host over the socket watch, which answers for the kernel.
func filterSystemCalls(watch int) layer {
	pid := uint32(os.Getpid()) //nolint:gosec // a process id
	if listener, errno := installFilter(seccompProgram(pid, retTold), unix.SECCOMP_FILTER_FLAG_NEW_LISTENER); errno == 0 {
		// When the host does not get it the descriptor closes with this program, and the kernel refuses by itself.
		_ = unix.Sendmsg(watch, []byte{0}, unix.UnixRights(listener), nil, 0)
		return layer{Name: "seccomp", Active: true}
	}
	if _, errno := installFilter(seccompProgram(pid, retDenied), 0); errno != 0 {
		return layer{Name: "seccomp", Reason: fmt.Sprintf("the kernel refuses a system-call filter (%v)", errno)}
	}
	return layer{Name: "seccomp", Active: true}
}

func installFilter(program []unix.SockFilter, flags uintptr) (int, unix.Errno) {
	fprog := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}                                              //nolint:gosec // some hundred instructions
	fd, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&fprog))) //nolint:gosec // the kernel's interface
	return int(fd), errno
}

// seccompProgram builds the filter for the process pid; refuse is what happens to a call that is not allowed.
func seccompProgram(pid, refuse uint32) []unix.SockFilter {
	p := []unix.SockFilter{
		load(offArch), jumpEqual(auditArch, 1, 0), answer(retKill),
		load(offNumber),
	}
	if x32Bit != 0 { // the second ABI of amd64 would pass under other numbers
		p = append(p, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K, Jt: 0, Jf: 1, K: x32Bit}, answer(retDenied))
	}
	for _, call := range deniedCalls() {
		p = append(p, jumpEqual(call, 0, 1), answer(retDenied))
	}
	// Go starts threads with clone when clone3 is not there, and clone's flags can be read.
	p = append(p, jumpEqual(unix.SYS_CLONE3, 0, 1), answer(retNoSys))
	p = when(p, unix.SYS_CLONE, loadArg(0), unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K, Jt: 0, Jf: 1, K: unix.CLONE_THREAD}, answer(retAllow), answer(retDenied))
	p = when(p, unix.SYS_SOCKET, streamOnly()...)
	p = when(p, unix.SYS_SOCKETPAIR, streamOnly()...)
	p = when(p, unix.SYS_EXECVEAT, loadArg(0), jumpEqual(execFD, 0, 1), answer(retAllow), answer(retDenied))
	p = when(p, unix.SYS_TGKILL, loadArg(0), jumpEqual(pid, 0, 1), answer(retAllow), answer(retDenied))
	p = when(p, unix.SYS_PRLIMIT64, loadArg(0), jumpEqual(0, 1, 0), jumpEqual(pid, 0, 1), answer(retAllow), answer(retDenied))
	p = when(p, unix.SYS_MMAP, loadArg(3), unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K, Jt: 0, Jf: 1, K: uncounted}, answer(retDenied), answer(retAllow))
	p = when(p, unix.SYS_FCNTL, noneOf(1, signaling())...)
	p = when(p, unix.SYS_IOCTL, noneOf(1, terminal())...)
	// A plugin must not outlive a killed host.
	p = when(p, unix.SYS_PRCTL, loadArg(0), jumpEqual(unix.PR_SET_PDEATHSIG, 0, 1), answer(retDenied), answer(retAllow))
	if refuse == retTold {
		for _, call := range openingCalls() {
			p = append(p, jumpEqual(call, 0, 1), answer(retTold))
		}
	}
	p = append(p, answer(retAllow))
	for i := range p {
		if p[i].Code == unix.BPF_RET|unix.BPF_K && p[i].K == retDenied {
			p[i].K = refuse
		}
	}
	return p
}

// openingCalls open a file: Landlock decides about them, the host only hears of it.
func openingCalls() []uint32 {
	return append([]uint32{unix.SYS_OPENAT, unix.SYS_OPENAT2}, archOpeningCalls...)
}

// noneOf refuses some values of an argument.
func noneOf(arg uint32, refused []uint32) []unix.SockFilter {
	out := []unix.SockFilter{loadArg(arg)}
	for _, v := range refused {
		out = append(out, jumpEqual(v, 0, 1), answer(retDenied))
	}
	return append(out, answer(retAllow))
}

// streamOnly allows Unix stream sockets: a datagram socket can be sent to by path without connecting.
func streamOnly() []unix.SockFilter {
	const typeMask = 0xf
	return []unix.SockFilter{
		loadArg(0), jumpEqual(unix.AF_UNIX, 1, 0), answer(retDenied),
		loadArg(1),
		{Code: unix.BPF_ALU | unix.BPF_AND | unix.BPF_K, K: typeMask},
		jumpEqual(unix.SOCK_STREAM, 0, 1), answer(retAllow), answer(retDenied),
	}
}

// when runs steps for one system call; each path through steps must end in an answer.
func when(p []unix.SockFilter, call uint32, steps ...unix.SockFilter) []unix.SockFilter {
	p = append(p, jumpEqual(call, 0, uint8(len(steps)))) //nolint:gosec // a handful
	return append(p, steps...)
}

func load(offset uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
}

// loadArg loads the lower half of an argument; both architectures are little-endian.
func loadArg(n uint32) unix.SockFilter { return load(offArgs + 8*n) }

func jumpEqual(k uint32, yes, no uint8) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jt: yes, Jf: no, K: k}
}

func answer(what uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: what}
}
