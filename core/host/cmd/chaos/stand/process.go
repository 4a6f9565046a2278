package stand

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Process is a child of a node. Its start tells it from a later one with the same id.
type Process struct {
	PID    int
	Name   string
	parent int
	state  string
	start  string
}

// Children are the processes that a process has started, by id.
func Children(parent int) []Process {
	if parent == 0 {
		return nil
	}
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	var out []Process
	for _, file := range files {
		if p, ok := readProcess(file); ok && p.parent == parent && p.state != "Z" {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b Process) int { return a.PID - b.PID })
	return out
}

// readProcess reads "pid (name) state ppid …"; the start is field 22.
func readProcess(file string) (Process, bool) {
	raw, err := os.ReadFile(file) //nolint:gosec // a file of /proc
	if err != nil {
		return Process{}, false // it has ended
	}
	open, end := bytes.IndexByte(raw, '('), bytes.LastIndexByte(raw, ')')
	if open < 0 || end < open {
		return Process{}, false
	}
	fields := strings.Fields(string(raw[end+1:]))
	if len(fields) < 20 {
		return Process{}, false
	}
	pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
	parent, _ := strconv.Atoi(fields[1])
	return Process{PID: pid, Name: string(raw[open+1 : end]), parent: parent, state: fields[0], start: fields[19]}, true
}

// Alive says that the very process still runs.
func (p Process) Alive() bool {
	now, ok := readProcess(fmt.Sprintf("/proc/%d/stat", p.PID))
	return ok && now.start == p.start && now.state != "Z"
}

// Kill ends it with SIGKILL; one that has ended already is as well.
func (p Process) Kill() error {
	// The handle stays with the process; by the number alone another one might be hit.
	handle, err := os.FindProcess(p.PID)
	if err != nil || !p.Alive() { // it has ended
		return nil
	}
	defer func() { _ = handle.Release() }()
	if err := handle.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill the plugin %s: %w", p.Name, err)
	}
	return nil
}
