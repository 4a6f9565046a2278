package stand

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// Node is a node in a process of its own, the same one again after it was killed.
type Node struct {
	Name   string
	config nodeConfig
	log    string

	mu      sync.Mutex
	cmd     *exec.Cmd
	stdin   io.WriteCloser
	stdout  *bufio.Reader
	address string
	lead    time.Duration
	ended   chan struct{}
	seen    []Process // plugin processes of earlier lives
}

var errNoNode = errors.New("no node is up")

// startTries is how often a node is started while what it needs is away.
const startTries = 60

// Start runs the process and returns when it serves. While PostgreSQL or Vault is away a
// node ends at once: it is started again, as a supervisor would.
func (n *Node) Start(ctx context.Context) error {
	var last error
	for range startTries {
		if last = n.launch(ctx); last == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(last, ctx.Err())
		case <-time.After(500 * time.Millisecond):
		}
	}
	return fmt.Errorf("%s does not start: %w", n.Name, last)
}

func (n *Node) launch(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	raw, err := json.Marshal(n.config)
	if err != nil {
		return fmt.Errorf("configure a node: %w", err)
	}
	log, err := os.OpenFile(n.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("a node's log: %w", err)
	}
	defer func() { _ = log.Close() }()
	cmd := exec.CommandContext(context.WithoutCancel(ctx), self) //nolint:gosec // ourselves; it ends with its standard input
	cmd.Env = append(os.Environ(), nodeVariable+"="+string(raw))
	cmd.Stderr = log
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("start a node: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start a node: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start a node: %w", err)
	}
	lines := bufio.NewReader(stdout)
	line, err := lines.ReadString('\n')
	if err != nil {
		_ = stdin.Close()
		_ = cmd.Wait()
		return errors.New("the node ended before it served; its log says why")
	}
	n.mu.Lock()
	n.cmd, n.stdin, n.stdout, n.address, n.ended = cmd, stdin, lines, strings.TrimSpace(line), make(chan struct{})
	ended, lead := n.ended, n.lead
	n.mu.Unlock()
	go func() {
		_ = cmd.Wait()
		n.mu.Lock()
		n.address = ""
		n.mu.Unlock()
		close(ended)
	}()
	if lead > 0 {
		return n.Lead(lead)
	}
	return nil
}

// Address is where the node serves, or "" while it does not.
func (n *Node) Address() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.address
}

// PID is the process's id, 0 while it does not serve.
func (n *Node) PID() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cmd == nil || n.address == "" {
		return 0
	}
	return n.cmd.Process.Pid
}

// Kill ends the process with SIGKILL and waits until it is gone.
func (n *Node) Kill() error {
	n.remember()
	n.mu.Lock()
	process := n.cmd.Process
	n.mu.Unlock()
	if err := process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill %s: %w", n.Name, err)
	}
	<-n.ended
	return nil
}

// KillAt has the node kill itself when it next comes to a named point of an operation's
// life, and kills it when that does not happen within atMost.
func (n *Node) KillAt(point string, atMost time.Duration) error {
	n.remember()
	if err := n.say("arm " + point); err != nil {
		return err
	}
	select {
	case <-n.ended:
		return nil
	case <-time.After(atMost):
		return n.Kill()
	}
}

// Lead puts the node's clock ahead, now and after each start.
func (n *Node) Lead(lead time.Duration) error {
	n.mu.Lock()
	n.lead = lead
	n.mu.Unlock()
	return n.say("lead " + lead.String())
}

// say gives the node a command and waits until it has taken it. A node that has just ended took none.
func (n *Node) say(command string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.address == "" {
		return nil
	}
	if _, err := io.WriteString(n.stdin, command+"\n"); err != nil {
		return nil
	}
	_, err := n.stdout.ReadString('\n')
	if errors.Is(err, io.EOF) || errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err //nolint:wrapcheck // of a pipe of our own
}

// Stop ends the node in good order.
func (n *Node) Stop() error {
	n.remember()
	if n.stdin == nil {
		return nil
	}
	_ = n.stdin.Close()
	select {
	case <-n.ended:
		return nil
	case <-time.After(30 * time.Second):
		return errors.Join(fmt.Errorf("%s did not end within 30 s", n.Name), n.Kill())
	}
}

// remember notes the plugin processes that the node has now.
func (n *Node) remember() {
	found := Children(n.PID())
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seen = append(n.seen, found...)
}

// Plugins are the plugin processes that the node has now.
func (n *Node) Plugins() []Process { return Children(n.PID()) }

// Seen are the plugin processes of all the node's lives.
func (n *Node) Seen() []Process {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]Process(nil), n.seen...)
}

// Descriptors counts the node's open files.
func (n *Node) Descriptors() int {
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", n.PID()))
	if err != nil {
		return 0
	}
	return len(entries)
}
