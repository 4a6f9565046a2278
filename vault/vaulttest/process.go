package vaulttest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

const dirPattern = "zhanggui-vault-*"

// process is a running server that ends when we do.
type process struct {
	command *exec.Cmd
	ended   chan struct{}
}

// start runs the server at the address and returns when it answers, sealed or not.
func (s *Server) start(ctx context.Context, address string) error {
	command, err := s.command(strings.TrimPrefix(address, "http://"))
	if err != nil {
		return err
	}
	log, err := os.OpenFile(s.LogFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open Vault's log: %w", err)
	}
	defer func() { _ = log.Close() }()
	command.Stdout, command.Stderr = log, log // a file, no pipe: nothing of ours stays open in the child
	running, err := launch(command)
	if err != nil {
		return err
	}
	err = until(ctx, 60*time.Second, "Vault does not answer", func() bool { return running.over() || answers(ctx, address) })
	if err == nil && running.over() {
		err = errors.New("the server ended at once")
	}
	if err != nil {
		running.stop()
		text, _ := os.ReadFile(s.LogFile())
		return fmt.Errorf("%w; its log says: %s", err, text)
	}
	s.Address, s.process = address, running
	return nil
}

// command keeps the environment small: what VAULT_* variables a machine has must not
// change the server.
func (s *Server) command(listen string) (*exec.Cmd, error) {
	data := filepath.Join(s.dir, "data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, fmt.Errorf("make Vault's data directory: %w", err)
	}
	arguments := []string{"-listen", listen, "-data", data}
	if !s.program.own {
		config := filepath.Join(s.dir, "server.hcl")
		text := fmt.Sprintf("storage \"file\" {\n  path = %q\n}\nlistener \"tcp\" {\n  address = %q\n  tls_disable = true\n}\n"+
			"api_addr = %q\ndisable_mlock = true\nui = false\n", data, listen, "http://"+listen)
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			return nil, fmt.Errorf("write Vault's configuration: %w", err)
		}
		arguments = []string{"server", "-config", config}
	}
	command := exec.Command(s.program.path, arguments...) //nolint:gosec,noctx // our own arguments; Stop ends it
	command.Dir = s.dir
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir}
	return command, nil
}

// launch starts the command from a thread that lives as long as the command: the kernel
// sends the death signal when the thread that started a child ends, not the process.
func launch(command *exec.Cmd) (*process, error) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	running := &process{command: command, ended: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(running.ended)
		err := command.Start()
		started <- err
		if err == nil {
			_ = command.Wait()
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start Vault: %w", err)
	}
	return running, nil
}

func (p *process) over() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

func (p *process) stop() {
	_ = p.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
		return
	case <-time.After(10 * time.Second):
	}
	_ = p.command.Process.Kill()
	<-p.ended
}

func answers(ctx context.Context, address string) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/v1/sys/seal-status", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	return response.Body.Close() == nil && response.StatusCode == http.StatusOK
}

// removeLeftovers removes the data of servers whose tests were killed: their lock is free.
func removeLeftovers() {
	dirs, err := filepath.Glob(filepath.Join(os.TempDir(), dirPattern))
	if err != nil {
		return
	}
	for _, dir := range dirs {
		info, err := os.Stat(dir)
		if err != nil || time.Since(info.ModTime()) < time.Minute {
			continue // may be starting
		}
		lock, err := lockFile(filepath.Join(dir, "lock"), false)
		if err != nil {
			continue
		}
		_ = os.RemoveAll(dir)
		_ = lock.Close()
	}
}
