package devstack

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// attributes switch a command to the server's account, with no supplementary groups.
func (a account) attributes() *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{}
	if a.switched {
		attributes.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)} //nolint:gosec // ids from the user database
	}
	return attributes
}

// endWithParent makes the kernel ask the server for a fast shutdown when we die.
func endWithParent(attributes *syscall.SysProcAttr) {
	attributes.Setpgid = true // a Ctrl-C in the terminal is ours to handle, in order
	attributes.Pdeathsig = fastShutdown
}

// processesIn lists the processes whose working directory is dir. Every process of a PostgreSQL
// server works in its data directory, which makes this surer than the number in postmaster.pid:
// numbers are given again.
func processesIn(dir string) []int {
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		return nil
	}
	var found []int
	for _, link := range links {
		if target, err := os.Readlink(link); err != nil || target != dir {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link))); err == nil {
			found = append(found, pid)
		}
	}
	return found
}

// waitGone waits until no process works in dir, and returns those that still do.
func waitGone(ctx context.Context, dir string, atMost time.Duration) ([]int, error) {
	deadline := time.NewTimer(atMost)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		left := processesIn(dir)
		if len(left) == 0 {
			return nil, nil
		}
		select {
		case <-ctx.Done():
			return left, ctx.Err()
		case <-deadline.C:
			return left, nil
		case <-tick.C:
		}
	}
}

func signalAll(pids []int, signal os.Signal) {
	for _, pid := range pids {
		if process, err := os.FindProcess(pid); err == nil {
			_ = process.Signal(signal) // one that has just ended needs none
		}
	}
}

// worksIn says whether a process is alive and has dir as its working directory.
func worksIn(pid int, dir string) bool {
	target, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/cwd")
	return err == nil && target == dir
}
