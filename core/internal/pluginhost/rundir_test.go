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
	sweepAsIfOld(t, dead.path, living.path)
	if _, err := os.Stat(dead.path); !os.IsNotExist(err) {
		t.Error("the dead host's directory is still there")
	}
	if _, err := os.Stat(living.path); err != nil {
		t.Error("a living host's directory was swept")
	}
}

// sweepAsIfOld ages only the test's own directories: other tests' hosts are living here.
func sweepAsIfOld(t *testing.T, paths ...string) {
	t.Helper()
	old := time.Now().Add(-2 * sweepAge)
	for _, p := range paths {
		if err := os.Chtimes(p, old, old); err != nil {
			t.Fatal(err)
		}
	}
	sweepRunDirs(time.Now())
}
