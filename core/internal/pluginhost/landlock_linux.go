package pluginhost

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The file rights of Landlock's first version; later versions add to them.
const landlockFiles = unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_READ_FILE |
	unix.LANDLOCK_ACCESS_FS_READ_DIR | unix.LANDLOCK_ACCESS_FS_REMOVE_DIR | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE |
	unix.LANDLOCK_ACCESS_FS_MAKE_CHAR | unix.LANDLOCK_ACCESS_FS_MAKE_DIR | unix.LANDLOCK_ACCESS_FS_MAKE_REG |
	unix.LANDLOCK_ACCESS_FS_MAKE_SOCK | unix.LANDLOCK_ACCESS_FS_MAKE_FIFO | unix.LANDLOCK_ACCESS_FS_MAKE_BLOCK |
	unix.LANDLOCK_ACCESS_FS_MAKE_SYM

// landlockDirectory is what the plugin may do in its private directory: go-plugin makes a
// file to find a free name, removes it, and puts its socket there.
const landlockDirectory = unix.LANDLOCK_ACCESS_FS_MAKE_SOCK | unix.LANDLOCK_ACCESS_FS_MAKE_REG |
	unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE

// landlock takes every right to files, TCP, abstract sockets and signals outside from this
// thread, as far as the kernel offers it, and says what is in force.
func landlock(dir string) []layer {
	abi, reason := landlockABI()
	if reason != "" {
		return landlockLayers(0, reason)
	}
	attr := landlockAttributes(abi)
	size := unsafe.Sizeof(attr)                                                                             // fields newer than the kernel are zero, which it accepts
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), size, 0) //nolint:gosec // the kernel's interface
	if errno != 0 {
		return landlockLayers(0, fmt.Sprintf("create a ruleset: %v", errno))
	}
	ruleset := int(fd)
	defer func() { _ = unix.Close(ruleset) }()
	if err := allowDirectory(ruleset, dir, attr.Handled_access_fs); err != nil {
		return landlockLayers(0, err.Error())
	}
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0); errno != 0 {
		return landlockLayers(0, fmt.Sprintf("restrict: %v", errno))
	}
	return landlockLayers(abi, "")
}

func landlockABI() (version int, reason string) {
	v, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return 0, fmt.Sprintf("this kernel does not offer Landlock (%v)", errno)
	}
	return int(v), ""
}

func landlockAttributes(abi int) unix.LandlockRulesetAttr {
	attr := unix.LandlockRulesetAttr{Handled_access_fs: landlockFiles}
	if abi >= 2 {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if abi >= 3 {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if abi >= 4 {
		attr.Handled_access_net = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
	}
	if abi >= 5 {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	if abi >= 6 {
		attr.Scoped = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL
	}
	return attr
}

func allowDirectory(ruleset int, dir string, handled uint64) error {
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_CLOEXEC|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return fmt.Errorf("open the private directory: %w", err)
	}
	defer func() { _ = unix.Close(fd) }()
	rule := unix.LandlockPathBeneathAttr{Allowed_access: landlockDirectory & handled, Parent_fd: int32(fd)} //nolint:gosec // a descriptor
	_, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(ruleset), unix.LANDLOCK_RULE_PATH_BENEATH,
		uintptr(unsafe.Pointer(&rule)), 0, 0, 0) //nolint:gosec // the kernel's interface
	if errno != 0 {
		return fmt.Errorf("allow the private directory: %w", errno)
	}
	return nil
}

// landlockLayers reports per kind of right; abi zero means nothing is in force.
func landlockLayers(abi int, reason string) []layer {
	at := func(name string, since int) layer {
		if abi >= since {
			return layer{Name: name, Active: true}
		}
		if reason != "" {
			return layer{Name: name, Reason: reason}
		}
		return layer{Name: name, Reason: fmt.Sprintf("this kernel's Landlock is version %d and version %d is needed", abi, since)}
	}
	return []layer{at("landlock-files", 1), at("landlock-tcp", 4), at("landlock-scopes", 6)}
}
