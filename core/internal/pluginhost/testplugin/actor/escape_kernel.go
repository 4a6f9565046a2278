package main

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

func processes(note func(string, error)) {
	note("exec a program", exec.Command("/bin/true").Run()) //nolint:noctx // it must be refused at once
	_, err := syscall.ForkExec("/bin/true", []string{"true"}, nil)
	note("fork and exec", err)
	for name, flags := range map[string]uintptr{"clone a process": uintptr(unix.SIGCHLD), "clone with the memory": unix.CLONE_VM | unix.CLONE_VFORK, "clone into namespaces": unix.CLONE_NEWUSER} {
		pid, _, errno := syscall.RawSyscall6(unix.SYS_CLONE, flags, 0, 0, 0, 0, 0)
		if errno == 0 && pid == 0 {
			_, _, _ = syscall.RawSyscall(unix.SYS_EXIT, 0, 0, 0)
		}
		note(name, asError(errno))
	}
	var args [11]uint64
	_, _, errno := syscall.RawSyscall(unix.SYS_CLONE3, uintptr(unsafe.Pointer(&args)), unsafe.Sizeof(args), 0) //nolint:gosec // the kernel's interface
	note("clone3", asError(errno))
	_, _, errno = unix.RawSyscall6(unix.SYS_EXECVEAT, 0, uintptr(unsafe.Pointer(&[]byte{0}[0])), 0, 0, unix.AT_EMPTY_PATH, 0) //nolint:gosec // the kernel's interface
	note("execveat", asError(errno))
	note("a descriptor that may be executed", unix.Dup3(0, 200, 0))
	note("trace the parent", unix.PtraceAttach(os.Getppid()))
	note("trace another", unix.PtraceSeize(1))
	note("kill the parent", unix.Kill(os.Getppid(), 0))
	note("kill process 1", unix.Kill(1, 0))
	note("kill everything", unix.Kill(-1, 0))
	note("outlive the host", unix.Prctl(unix.PR_SET_PDEATHSIG, 0, 0, 0, 0))
	_, err = unix.PidfdOpen(os.Getpid(), 0)
	note("pidfd", err)
}

// host tries what one process may do to another of the same user.
func host(s surroundings, note func(string, error)) {
	pid, err := strconv.Atoi(s.Pid)
	if err != nil {
		note("the host's process id", nil)
		return
	}
	note("trace the host", unix.PtraceAttach(pid))
	note("kill the host", unix.Kill(pid, 0))
	note("kill a thread of the host", unix.Tgkill(pid, pid, 0))
	word := make([]byte, 8)
	local := []unix.Iovec{{Base: &word[0], Len: 8}}
	_, err = unix.ProcessVMReadv(pid, local, []unix.RemoteIovec{{Base: uintptr(unsafe.Pointer(&word[0])), Len: 8}}, 0) //nolint:gosec // the kernel's interface
	note("read the host's memory", err)
	_, err = unix.ProcessVMWritev(pid, local, []unix.RemoteIovec{{Base: uintptr(unsafe.Pointer(&word[0])), Len: 8}}, 0) //nolint:gosec // the kernel's interface
	note("write the host's memory", err)
	note("read the host's limits", unix.Prlimit(pid, unix.RLIMIT_CORE, nil, &unix.Rlimit{}))
	note("set the host's limits", unix.Prlimit(pid, unix.RLIMIT_CORE, &unix.Rlimit{Cur: 0, Max: unix.RLIM_INFINITY}, nil))
	note("slow the host down", unix.Setpriority(unix.PRIO_PROCESS, pid, 1))
	note("slow the user down", unix.Setpriority(unix.PRIO_USER, os.Getuid(), 1))
	var cpus unix.CPUSet
	cpus.Set(0)
	note("choose the host's processors", unix.SchedSetaffinity(pid, &cpus))
	_, _, errno := unix.RawSyscall(unix.SYS_IOPRIO_SET, 1, uintptr(pid), 3<<13)
	note("choose the host's place in queues", asError(errno))
	_, err = unix.FcntlInt(0, unix.F_SETOWN, pid)
	note("have the host signaled", err)
	_, err = unix.FcntlInt(0, unix.F_SETSIG, int(unix.SIGKILL))
	note("choose the signal", err)
	_, err = unix.PidfdOpen(pid, 0)
	note("a handle on the host", err)
}

// memory asks for memory that the limit of data does not count.
func memory(note func(string, error)) {
	for name, flags := range map[string]int{
		"shared memory without a name": unix.MAP_SHARED | unix.MAP_ANON, "memory that grows": unix.MAP_PRIVATE | unix.MAP_ANON | unix.MAP_GROWSDOWN,
	} {
		data, err := unix.Mmap(-1, 0, 1<<20, unix.PROT_READ|unix.PROT_WRITE, flags)
		if err == nil {
			_ = unix.Munmap(data)
		}
		note(name, err)
	}
	_, err := unix.MemfdCreate("x", 0)
	note("memory as a file", err)
	_, err = unix.MemfdSecret(0)
	note("secret memory", err)
	_, _, errno := unix.RawSyscall(unix.SYS_SHMGET, 0, 4096, unix.IPC_CREAT)
	note("System V memory", asError(errno))
	note("memory that stays", unix.Mlockall(unix.MCL_FUTURE))
}

func kernel(note func(string, error)) {
	raw := func(name string, call uintptr, args ...uintptr) {
		args = append(args, 0, 0, 0)
		_, _, errno := unix.RawSyscall(call, args[0], args[1], args[2])
		note(name, asError(errno))
	}
	raw("io_uring", unix.SYS_IO_URING_SETUP, 1)
	raw("bpf", unix.SYS_BPF)
	raw("perf", unix.SYS_PERF_EVENT_OPEN)
	raw("userfaultfd", unix.SYS_USERFAULTFD)
	raw("fanotify", unix.SYS_FANOTIFY_INIT)
	raw("message queue", unix.SYS_MQ_OPEN)
	raw("list mounts", unix.SYS_LISTMOUNT)
	raw("set the clock", unix.SYS_CLOCK_SETTIME)
	raw("load a module", unix.SYS_INIT_MODULE)
	raw("reboot", unix.SYS_REBOOT)
	raw("kernel's log", unix.SYS_SYSLOG, 3)
	raw("open by handle", unix.SYS_OPEN_BY_HANDLE_AT)
	note("mount", unix.Mount("none", "/tmp", "tmpfs", 0, ""))
	note("unmount", unix.Unmount("/proc", 0))
	note("change the root", unix.Chroot("."))
	note("name the machine", unix.Sethostname([]byte("x")))
	for name, flag := range map[string]int{"user": unix.CLONE_NEWUSER, "network": unix.CLONE_NEWNET, "mount": unix.CLONE_NEWNS} {
		note("a new "+name+" namespace", unix.Unshare(flag))
	}
	raw("enter a namespace", unix.SYS_SETNS)
	_, err := unix.KeyctlInt(unix.KEYCTL_GET_KEYRING_ID, unix.KEY_SPEC_SESSION_KEYRING, 0, 0, 0)
	note("keyctl", err)
	note("gain a capability", unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, unix.CAP_SYS_ADMIN, 0, 0))
	note("become another user", unix.Setuid(os.Getuid()+1))
	note("take back no_new_privs", unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0))
	note("raise a limit", raiseLimits())
}

func raiseLimits() error {
	for which, most := range map[int]uint64{unix.RLIMIT_NOFILE: 64, unix.RLIMIT_DATA: 256 << 20, unix.RLIMIT_FSIZE: 0, unix.RLIMIT_STACK: 8 << 20, unix.RLIMIT_CORE: 0} {
		_ = unix.Setrlimit(which, &unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY})
		var now unix.Rlimit
		if err := unix.Getrlimit(which, &now); err != nil || now.Max > most {
			return nil //nolint:nilerr // it went through
		}
	}
	return errors.New("limits stay")
}

// inherited is nil when the program was given more than its standard descriptors: what it has
// opened itself is closed on exec.
func inherited() error {
	for fd := uintptr(3); fd < 1024; fd++ {
		if flags, err := unix.FcntlInt(fd, unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			return nil
		}
	}
	return errors.New("none")
}
