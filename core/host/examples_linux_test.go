package host

import (
	"os/exec"
	"syscall"
	"time"
)

// ends has a program and what it started end together: go run starts another one.
func ends(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.WaitDelay = 10 * time.Second
}
