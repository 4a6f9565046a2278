package pluginhost

import (
	"os"
	"testing"
	"time"
)

func TestWhatAKilledHostLeftIsSwept(t *testing.T) {
	t.Parallel()
	living, err := newRunDir()
	if err != nil {
		t.Fatal(err)
	}
	defer living.remove()
	dead, err := newRunDir()
	if err != nil {
		t.Fatal(err)
	}
	if err := dead.lock.Close(); err != nil { // as the kernel does for a killed process
		t.Fatal(err)
	}
	sweepRunDirs(time.Now())
	if _, err := os.Stat(dead.path); err != nil {
		t.Error("a directory that may just have been made was swept")
	}
	age(t, dead.path, living.path)
	if !sweptSoon(dead.path) {
		t.Error("the dead host's directory is still there")
	}
	if _, err := os.Stat(living.path); err != nil {
		t.Error("a living host's directory was swept")
	}
}

// age ages only the test's own directories: other tests' hosts are living here.
func age(t *testing.T, paths ...string) {
	t.Helper()
	old := time.Now().Add(-2 * sweepAge)
	for _, p := range paths {
		if err := os.Chtimes(p, old, old); err != nil {
			t.Fatal(err)
		}
	}
}

// sweptSoon sweeps until the directory is gone. A child that another test is just starting
// shares the closed lock until its exec, and another host's sweep may hold it for a moment.
func sweptSoon(path string) bool {
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		sweepRunDirs(time.Now())
		if _, err := os.Stat(path); os.IsNotExist(err) {
			return true
		}
	}
	return false
}
