package pluginhost

import "golang.org/x/sys/unix"

const (
	auditArch = unix.AUDIT_ARCH_AARCH64
	x32Bit    = 0
)

// archDeniedCalls exist on this architecture only.
var archDeniedCalls []uint32

// archOpeningCalls open a file too.
var archOpeningCalls = []uint32{}
