package pluginhost

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/go-plugin/runner"
	"golang.org/x/sys/unix"
)

// starter starts processes from one locked thread that lives as long as the host: the
// kernel kills a plugin when the thread that started it ends, not when the process does.
type starter struct {
	requests chan startRequest
	done     chan struct{}
}

type startRequest struct {
	cmd    *exec.Cmd
	result chan error
}

func newStarter() *starter {
	s := &starter{requests: make(chan startRequest), done: make(chan struct{})}
	go s.run()
	return s
}

func (s *starter) run() {
	runtime.LockOSThread() // never unlocked: the thread ends with this function
	for {
		select {
		case r := <-s.requests:
			r.result <- r.cmd.Start()
		case <-s.done:
			return
		}
	}
}

func (s *starter) start(cmd *exec.Cmd) error {
	r := startRequest{cmd: cmd, result: make(chan error, 1)}
	select {
	case s.requests <- r:
		return <-r.result
	case <-s.done:
		return errors.New("the plugin host is closed")
	}
}

// process is one plugin process, as go-plugin's client wants it. It drains the plugin's
// output itself: a line over 64 KiB would end go-plugin's reader and block the plugin.
type process struct {
	starter    *starter
	name       string
	image      *image
	dir        string
	environ    []string
	namespaces bool
	full       bool
	needs      []string // layers without which it is not started
	output     *lines
	refused    func(refusedCall) // hears of system calls; nil means nobody does

	hello  *io.PipeReader
	layers []layer

	mu     sync.Mutex
	cmd    *exec.Cmd
	exited chan struct{}
	read   chan struct{} // closed when both outputs have been read to their ends; nil until they are
	dead   bool          // to be killed, also when it is only about to start
	state  string        // how it ended
}

var _ runner.Runner = (*process)(nil)

// Start launches the confined process; it does not wait for the plugin to speak.
func (p *process) Start(ctx context.Context) error {
	memory, err := p.image.sealed(p.name)
	if err != nil {
		return err
	}
	defer func() { _ = memory.Close() }()
	var refused []string
	for _, try := range p.attempts() {
		err = p.launch(ctx, memory, try)
		if err == nil {
			p.layers = append(try.layers(refused), p.layers...)
			return p.checkFull()
		}
		if !errors.Is(err, syscall.EPERM) && !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.EACCES) {
			return err
		}
		refused = append(refused, fmt.Sprintf("%s: %v", try.name, errors.Unwrap(err)))
	}
	return err
}

func (p *process) checkFull() error {
	if !p.full {
		return nil
	}
	for _, l := range p.layers {
		if !l.Active {
			_ = p.Kill(context.Background())
			_ = p.hello.Close()
			return fmt.Errorf("the full confinement is required and %s is missing: %s", l.Name, l.Reason)
		}
	}
	return nil
}

// isolation is a set of namespaces to try.
type isolation struct {
	name  string
	flags uintptr
	user  bool
}

const otherNamespaces = syscall.CLONE_NEWNET | syscall.CLONE_NEWPID | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS

// attempts go from the most to the least: a container's default profile refuses all of them.
func (p *process) attempts() []isolation {
	none := isolation{name: "none"}
	if !p.namespaces {
		none.name = "switched off"
		return []isolation{none}
	}
	return []isolation{
		{name: "user namespace", flags: syscall.CLONE_NEWUSER | otherNamespaces, user: true},
		{name: "without a user namespace", flags: otherNamespaces},
		none,
	}
}

func (i isolation) layers(refused []string) []layer {
	reason := strings.Join(refused, "; ")
	if i.flags == 0 {
		if reason == "" {
			reason = i.name
		}
		return []layer{{Name: "namespaces", Reason: reason}, {Name: "user-namespace", Reason: reason}}
	}
	return []layer{{Name: "namespaces", Active: true}, {Name: "user-namespace", Active: i.user, Reason: reason}}
}

func (p *process) launch(ctx context.Context, memory *os.File, try isolation) error {
	pipes, err := newPipes()
	if err != nil {
		return err
	}
	defer pipes.closeChild()
	order, err := json.Marshal(shimOrder{Name: p.name, Dir: p.dir, Full: p.full, Needs: p.needs})
	if err != nil {
		return err
	}
	cmd := exec.Command("/proc/self/exe", shimMode, string(order)) //nolint:gosec,noctx // our own executable; its life is not the context's
	cmd.Env = p.environ
	cmd.Stdout, cmd.Stderr = pipes.stdoutW, pipes.stderrW
	cmd.ExtraFiles = []*os.File{memory, pipes.reportW, pipes.watchW} // descriptors imageFD, reportFD and watchFD
	cmd.SysProcAttr = try.attributes()
	if err := p.starter.start(cmd); err != nil {
		pipes.closeHost()
		return fmt.Errorf("start the plugin: %w", err)
	}
	p.adopt(cmd)
	pipes.closeChild()
	go p.listen(pipes.watchR, p.gone())
	report, err := readReport(ctx, pipes.reportR)
	_ = pipes.reportR.Close()
	if err == nil && report.Failed != "" {
		err = errors.New(report.Failed)
	}
	if err != nil {
		pipes.closeHostOutput()
		_ = p.Kill(context.Background())
		return fmt.Errorf("confine the plugin: %w", err)
	}
	p.layers = report.Layers
	p.hello = p.drain(pipes.stdoutR, pipes.stderrR)
	return nil
}

func (i isolation) attributes() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL, Cloneflags: i.flags}
	if i.user {
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}}
	}
	return attr
}

// adopt keeps a started process, or ends it at once if it is no longer wanted.
func (p *process) adopt(cmd *exec.Cmd) {
	exited := make(chan struct{})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cmd, p.exited = cmd, exited
	go p.reap(cmd, exited)
	if p.dead {
		_ = cmd.Process.Kill()
	}
}

// reap waits for the process's end, once.
func (p *process) reap(cmd *exec.Cmd, exited chan struct{}) {
	err := cmd.Wait()
	state := "exit status 0"
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		state = exit.String()
	}
	p.mu.Lock()
	p.state = state
	p.mu.Unlock()
	close(exited)
}

// gone is closed when the process has been reaped; nil when none was started.
func (p *process) gone() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.exited
}

// ending says how the process ended.
func (p *process) ending() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state
}

// readReport waits for the launcher's word, which ends when the plugin is executed.
func readReport(ctx context.Context, from *os.File) (shimReport, error) {
	var report shimReport
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(10 * time.Second)
	}
	if err := from.SetReadDeadline(deadline); err != nil {
		return report, err
	}
	decoder := json.NewDecoder(io.LimitReader(from, 64<<10))
	if err := decoder.Decode(&report); err != nil {
		return report, fmt.Errorf("the launcher said nothing: %w", err)
	}
	// A second report means that executing the plugin failed.
	var second shimReport
	if err := decoder.Decode(&second); err == nil {
		return second, nil
	}
	return report, nil
}

// pipes are the two ends of what is read from a plugin.
type pipes struct {
	stdoutR, stdoutW, stderrR, stderrW, reportR, reportW, watchR, watchW *os.File
}

func newPipes() (*pipes, error) {
	p := &pipes{}
	for _, pair := range [][2]**os.File{{&p.stdoutR, &p.stdoutW}, {&p.stderrR, &p.stderrW}, {&p.reportR, &p.reportW}} {
		r, w, err := os.Pipe()
		if err != nil {
			p.closeChild()
			p.closeHost()
			return nil, fmt.Errorf("make a pipe: %w", err)
		}
		*pair[0], *pair[1] = r, w
	}
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		p.closeChild()
		p.closeHost()
		return nil, fmt.Errorf("make a socket: %w", err)
	}
	p.watchR, p.watchW = os.NewFile(uintptr(ends[0]), "watch"), os.NewFile(uintptr(ends[1]), "watch")
	return p, nil
}

// Closing a file twice is harmless; closing a nil one answers an error.
func (p *pipes) closeChild() { closeFiles(p.stdoutW, p.stderrW, p.reportW, p.watchW) }

func (p *pipes) closeHost() { closeFiles(p.stdoutR, p.stderrR, p.reportR, p.watchR) }

func (p *pipes) closeHostOutput() { closeFiles(p.stdoutR, p.stderrR) }

func closeFiles(files ...*os.File) {
	for _, f := range files {
		_ = f.Close()
	}
}

// maxHello bounds the line with which a plugin says where it listens.
const maxHello = 16 << 10

// drain reads both outputs to their ends, whatever comes, and hands the first line of
// stdout to go-plugin.
func (p *process) drain(stdout, stderr *os.File) *io.PipeReader {
	r, w := io.Pipe()
	var both sync.WaitGroup
	both.Go(func() {
		defer func() { _ = stdout.Close() }()
		reader := bufio.NewReaderSize(stdout, maxHello)
		hello, err := reader.ReadSlice('\n')
		go func(hello []byte) { // nobody may be there to read it
			_, _ = w.Write(hello)
			_ = w.CloseWithError(io.EOF)
		}(bytes.Clone(hello))
		if err == nil || errors.Is(err, bufio.ErrBufferFull) {
			_, _ = io.Copy(p.output, reader)
		}
	})
	both.Go(func() {
		defer func() { _ = stderr.Close() }()
		_, _ = io.Copy(p.output, stderr)
	})
	done := make(chan struct{})
	p.mu.Lock()
	p.read = done
	p.mu.Unlock()
	go func() {
		both.Wait()
		close(done)
	}()
	return r
}

// drained waits until the output of an ended process has been read, and no longer than d.
func (p *process) drained(d time.Duration) {
	p.mu.Lock()
	done := p.read
	p.mu.Unlock()
	if done == nil {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}

// Stdout gives go-plugin the one line it needs.
func (p *process) Stdout() io.ReadCloser { return p.hello }

// Stderr gives go-plugin nothing: the lines are ours.
func (p *process) Stderr() io.ReadCloser { return io.NopCloser(strings.NewReader("")) }

// Name is the plugin's file name.
func (p *process) Name() string { return p.name }

// Diagnose gives the last lines.
func (p *process) Diagnose(context.Context) string { return strings.Join(p.output.last(), "\n") }

// Wait waits for the end of the process.
func (p *process) Wait(ctx context.Context) error {
	select {
	case <-p.gone():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Kill ends the process for good, also when it is stopped. It does not wait.
func (p *process) Kill(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dead = true
	if p.cmd == nil {
		return nil
	}
	select {
	case <-p.exited: // reaped: the number may belong to another process by now
	default:
		_ = p.cmd.Process.Kill()
	}
	return nil
}

// ID is the process id.
func (p *process) ID() string { return strconv.Itoa(p.pid()) }

func (p *process) pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil || p.cmd.Process == nil {
		return 0
	}
	return p.cmd.Process.Pid
}

// threads counts the process's threads; zero when that cannot be read.
func (p *process) threads() int {
	data, err := os.ReadFile("/proc/" + p.ID() + "/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(data), "\nThreads:")
	count, _, _ := strings.Cut(rest, "\n")
	n, _ := strconv.Atoi(strings.TrimSpace(count))
	return n
}

// PluginToHost leaves addresses as they are: the file system is shared.
func (p *process) PluginToHost(network, address string) (string, string, error) {
	if network != "unix" || filepath.Dir(address) != filepath.Clean(p.dir) || filepath.Clean(address) != address {
		return "", "", fmt.Errorf("the plugin listens on %s %q, which is not in its directory", clip(network), clip(address))
	}
	if info, err := os.Lstat(address); err != nil || info.Mode().Type() != os.ModeSocket {
		return "", "", fmt.Errorf("the plugin listens on %q, which is no socket", clip(address))
	}
	return network, address, nil
}

// HostToPlugin is not used: the broker is multiplexed.
func (p *process) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}
