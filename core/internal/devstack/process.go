package devstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	fastShutdown      = syscall.SIGINT
	immediateShutdown = syscall.SIGQUIT
)

// ownership says what happens to the server when the process that started it ends.
type ownership int

const (
	// ownedChild ends with its parent.
	ownedChild ownership = iota
	// detached lives on in a session of its own, holding none of our files.
	detached
)

// serverProcess is the postmaster.
type serverProcess struct {
	cmd  *exec.Cmd
	done chan struct{}
	// logFile is read for error texts; tail holds the end of the log when it goes to a writer.
	logFile string
	tail    *tailBuffer
}

func startServer(plan layout, arguments []string, log io.Writer, kind ownership) (*serverProcess, error) {
	cmd := exec.Command(filepath.Join(plan.bindir, "postgres"), arguments...) //nolint:gosec,noctx // found by FindPostgres; it outlives the context that started it
	plan.dress(cmd, plan.data)
	cmd.WaitDelay = 5 * time.Second
	server := &serverProcess{cmd: cmd, done: make(chan struct{})}
	closeLog, err := server.openLog(plan, log)
	if err != nil {
		return nil, err
	}
	if kind == detached {
		cmd.SysProcAttr.Setsid = true
	} else {
		endWithParent(cmd.SysProcAttr)
	}
	started := make(chan error, 1)
	go server.run(started, closeLog)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	return server, nil
}

// run starts the server and waits for it on one operating-system thread: the kernel's
// parent-death signal fires when the starting thread ends, not the process.
func (s *serverProcess) run(started chan<- error, closeLog func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(s.done)
	defer closeLog()
	if err := s.cmd.Start(); err != nil {
		started <- err
		return
	}
	started <- nil
	_ = s.cmd.Wait() // how it ended is in its log
}

// openLog sends the server's output to the writer, or to a file it can keep without us.
func (s *serverProcess) openLog(plan layout, log io.Writer) (closeLog func(), err error) {
	if log != nil {
		s.tail = &tailBuffer{next: log}
		s.cmd.Stdout, s.cmd.Stderr = s.tail, s.tail
		return func() {}, nil
	}
	s.logFile = filepath.Join(plan.root, "postgres.log")
	file, err := os.OpenFile(s.logFile, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the database's log: %w", err)
	}
	s.cmd.Stdout, s.cmd.Stderr = file, file
	return func() { _ = file.Close() }, nil
}

func (s *serverProcess) logTail() string {
	if s.tail != nil {
		return lastLines(s.tail.String())
	}
	text, err := os.ReadFile(s.logFile)
	if err != nil {
		return err.Error()
	}
	return lastLines(string(text))
}

// stop asks, insists after 20 seconds or at the end of ctx, and kills at last.
func (s *serverProcess) stop(ctx context.Context, mode StopMode) error {
	steps := []syscall.Signal{fastShutdown, immediateShutdown, syscall.SIGKILL}
	if mode == StopImmediate {
		steps = steps[1:]
	}
	for _, signal := range steps {
		if s.signalAndWait(ctx, signal) {
			return nil
		}
		ctx = context.WithoutCancel(ctx)
	}
	return fmt.Errorf("PostgreSQL (process %d) does not end", s.cmd.Process.Pid)
}

func (s *serverProcess) signalAndWait(ctx context.Context, signal syscall.Signal) bool {
	if err := s.cmd.Process.Signal(signal); errors.Is(err, os.ErrProcessDone) {
		<-s.done
		return true
	}
	limit := time.NewTimer(20 * time.Second)
	defer limit.Stop()
	select {
	case <-s.done:
		return true
	case <-ctx.Done():
	case <-limit.C:
	}
	return false
}

// tailBuffer passes a log on and remembers its end.
type tailBuffer struct {
	next io.Writer
	mu   sync.Mutex
	end  []byte
}

const tailSize = 8 << 10

func (b *tailBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.end = append(b.end, p...)
	if extra := len(b.end) - tailSize; extra > 0 {
		b.end = b.end[extra:]
	}
	return b.next.Write(p)
}

func (b *tailBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.ToValidUTF8(string(b.end), "?")
}
