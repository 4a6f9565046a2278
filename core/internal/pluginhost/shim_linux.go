package pluginhost

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// shimMode is the hidden first argument that turns the host's own executable into the
// launcher of a plugin.
const shimMode = "__confine-plugin"

// The descriptors the launcher is given besides the standard ones.
const (
	imageFD  = 3 // the sealed plugin
	reportFD = 4 // where the launcher says what is in force
	watchFD  = 5 // where it hands over the ear for refused system calls
)

// The limits of a plugin. memoryLimit is data, not address space: Go reserves far more
// than it uses.
const (
	memoryLimit = 256 << 20
	stackLimit  = 8 << 20
	fileLimit   = 64
	// execFD is above fileLimit, so the plugin can never own a descriptor of that number:
	// the system-call filter lets execveat run with this one only.
	execFD = 200
)

// shimOrder is what the host tells the launcher, as one JSON argument.
type shimOrder struct {
	Name string // of the plugin, for its process title
	Dir  string // its private directory
	Full bool   // refuse to start with a layer missing
	// Needs are layers without which it is not started either.
	Needs []string
}

// shimReport is what the launcher answers before it becomes the plugin.
type shimReport struct {
	Layers []layer
	Failed string // set when it gave up
}

// layer is a confinement layer on the wire.
type layer struct {
	Name   string
	Active bool
	Reason string
}

// RunShim becomes a confined plugin when the program was started for that, and returns at
// once otherwise. It must run before anything else: first thing in main and in TestMain.
func RunShim() {
	if len(os.Args) != 3 || os.Args[1] != shimMode {
		return
	}
	// The restrictions below hold for this thread, and the plugin inherits from the thread
	// that executes it.
	runtime.LockOSThread()
	report := shimReport{}
	err := becomePlugin(os.Args[2], &report)
	report.Failed = err.Error()
	writeReport(report)
	os.Exit(120) //nolint:forbidigo // this program has become the launcher: there is no main to return to
}

// becomePlugin only returns with an error.
func becomePlugin(argument string, report *shimReport) error {
	var order shimOrder
	if err := json.Unmarshal([]byte(argument), &order); err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	if err := unix.Dup3(imageFD, execFD, unix.O_CLOEXEC); err != nil {
		return fmt.Errorf("place the image: %w", err)
	}
	keepStandardOnly()
	if err := os.Chdir(order.Dir); err != nil {
		return fmt.Errorf("enter the private directory: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no_new_privs: %w", err)
	}
	report.Layers = append(report.Layers, dropCapabilities())
	// The signal belongs to the thread that executes; the one the fork set may be another's.
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return fmt.Errorf("die with the host: %w", err)
	}
	report.Layers = append(report.Layers, landlock(order.Dir)...)
	if err := limitResources(); err != nil {
		return err
	}
	report.Layers = append(report.Layers, layer{Name: "limits", Active: true}, filterSystemCalls(watchFD))
	for _, l := range report.Layers {
		switch {
		case l.Active:
		case order.Full:
			return fmt.Errorf("the full confinement is required and %s is missing: %s", l.Name, l.Reason)
		case slices.Contains(order.Needs, l.Name):
			return fmt.Errorf("a file that nobody has approved is not started without %s: %s", l.Name, l.Reason)
		}
	}
	writeReport(*report)
	return execute(order.Name)
}

// keepStandardOnly has every descriptor but the standard ones closed when the plugin is executed:
// whoever started the host may have left it some without the mark.
func keepStandardOnly() {
	if unix.CloseRange(imageFD, ^uint(0)>>1, unix.CLOSE_RANGE_CLOEXEC) == nil {
		return
	}
	var files unix.Rlimit
	most := uint64(oldKernelFiles)
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &files) == nil {
		most = min(files.Cur, most)
	}
	for fd := imageFD; fd < int(most); fd++ {
		unix.CloseOnExec(fd)
	}
}

// oldKernelFiles bounds the descriptors looked at one by one, before Linux 5.11.
const oldKernelFiles = 1 << 16

// dropCapabilities leaves none to a plugin started by root where user namespaces are refused.
func dropCapabilities() layer {
	for c := uintptr(0); c <= 63; c++ {
		// EINVAL is the end of the kernel's list; EPERM says that there is nothing to drop from.
		_ = unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0)
	}
	_ = unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	if err := unix.Capset(&header, &none[0]); err != nil {
		return layer{Name: "capabilities", Reason: fmt.Sprintf("capabilities cannot be dropped (%v)", err)}
	}
	return layer{Name: "capabilities", Active: true}
}

func writeReport(r shimReport) {
	data, err := json.Marshal(r)
	if err != nil {
		return
	}
	_, _ = unix.Write(reportFD, append(data, '\n'))
}

func limitResources() error {
	for _, l := range []struct {
		name  string
		which int
		limit uint64
	}{
		{"data", unix.RLIMIT_DATA, memoryLimit},
		{"file size", unix.RLIMIT_FSIZE, 0},
		{"stack", unix.RLIMIT_STACK, stackLimit},
		{"core", unix.RLIMIT_CORE, 0},
		{"locked memory", unix.RLIMIT_MEMLOCK, 0},
		{"message queues", unix.RLIMIT_MSGQUEUE, 0},
		{"open files", unix.RLIMIT_NOFILE, fileLimit},
	} {
		if err := unix.Setrlimit(l.which, &unix.Rlimit{Cur: l.limit, Max: l.limit}); err != nil {
			return fmt.Errorf("limit %s: %w", l.name, err)
		}
	}
	return nil
}

// execute replaces this program by the sealed image.
func execute(name string) error {
	argv, err := syscall.SlicePtrFromStrings([]string{name})
	if err != nil {
		return err
	}
	envv, err := syscall.SlicePtrFromStrings(os.Environ())
	if err != nil {
		return err
	}
	empty, err := syscall.BytePtrFromString("")
	if err != nil {
		return err
	}
	_, _, errno := unix.RawSyscall6(unix.SYS_EXECVEAT, execFD, uintptr(unsafe.Pointer(empty)), //nolint:gosec // the kernel's interface
		uintptr(unsafe.Pointer(&argv[0])), uintptr(unsafe.Pointer(&envv[0])), unix.AT_EMPTY_PATH, 0) //nolint:gosec // the kernel's interface
	return fmt.Errorf("execute the plugin: %w", errno)
}
