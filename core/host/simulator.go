package host

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// simulator is the provider-sim program with what it announced.
type simulator struct {
	cmd       *exec.Cmd
	stdin     io.Closer
	Providers map[string]string `json:"providers"`
	Control   map[string]string `json:"control"`
	Demo      []demoProvider    `json:"demo"`
}

// demoProvider is what a simulated provider offers for trying things out.
type demoProvider struct {
	Provider string        `json:"provider"`
	BaseURL  string        `json:"base_url"`
	Accounts []demoAccount `json:"accounts"`
	Payers   []demoPayer   `json:"payers"`
	Methods  []demoMethod  `json:"methods"`
	Payees   []demoPayee   `json:"payees"`
}

type demoAccount struct {
	Settings    json.RawMessage   `json:"settings"`
	Credentials map[string]string `json:"credentials"`
	// Enroll takes the account's callback address where requests do not carry it; empty: they do.
	Enroll string `json:"enroll"`
}

type demoPayer struct {
	Fate   string `json:"fate"`
	Prefix string `json:"prefix"`
	Suffix string `json:"suffix"`
	Length int    `json:"length"`
	ZH     string `json:"zh"`
	EN     string `json:"en"`
}

// demoMethod is a method that needs no payer's code, with what it can be asked for.
type demoMethod struct {
	Method  core.Method `json:"method"`
	Channel string      `json:"channel"`
	PayerID string      `json:"payer_id"`
	Card    *demoCard   `json:"card"`
	Code    string      `json:"code"`    // what the payer gets by SMS
	Payable bool        `json:"payable"` // the remote control can pay such an order
}

// demoCard is nobody's card.
type demoCard struct {
	Type       string `json:"type"`
	Number     string `json:"number"`
	HolderName string `json:"holder_name"`
	IDNumber   string `json:"id_number"`
	Phone      string `json:"phone"`
}

func (c *demoCard) card() *core.Card {
	if c == nil {
		return nil
	}
	return &core.Card{
		Type: c.Type, Number: core.SecretString(c.Number), HolderName: core.SecretString(c.HolderName),
		IDNumber: core.SecretString(c.IDNumber), Phone: core.SecretString(c.Phone),
	}
}

// Where simulated providers and their remote control are looked for first, so that the
// accounts' addresses, and what people noted, stay right from one start to the next.
const (
	simulatorPort        = "127.0.0.1:18180"
	simulatorControlPort = "127.0.0.1:18179"
)

// pay has the payer of a waiting order pay it, over the simulated provider's remote control.
func (s *simulator) pay(ctx context.Context, provider, orderNo string) error {
	return s.control(ctx, http.MethodPost, provider, "orders/"+orderNo+"/pay", map[string]string{}, nil)
}

// post sends JSON to a simulated provider on this machine.
func post(ctx context.Context, address string, body any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("host: provider-sim: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("host: provider-sim: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	client := http.Client{Timeout: 10 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("host: provider-sim: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= http.StatusMultipleChoices {
		said, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
		return fmt.Errorf("host: provider-sim answers %d to %s: %s", resp.StatusCode, req.URL.Path, said)
	}
	return nil
}

// startSimulator runs provider-sim from dir until stop, or until this process ends.
func startSimulator(ctx context.Context, dir, state string, log io.Writer) (*simulator, error) {
	program := filepath.Join(dir, "provider-sim")
	if _, err := os.Stat(program); err != nil {
		return nil, core.Wrap(err, core.CodeInternal, "The program provider-sim is not beside this one (%s); run `make build`.", program)
	}
	//nolint:gosec // our own program; it ends with its standard input, not with ctx
	s := &simulator{cmd: exec.CommandContext(context.WithoutCancel(ctx), program, "--demo", "--exit-on-stdin-eof",
		"--listen", freeAddress(simulatorPort), "--control", freeAddress(simulatorControlPort), "--ledger-file", filepath.Join(state, "provider-ledger"))}
	s.cmd.Stderr = log
	stdin, err := s.cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("host: provider-sim: %w", err)
	}
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("host: provider-sim: %w", err)
	}
	s.stdin = stdin
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("host: provider-sim: %w", err)
	}
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, s)
	}
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("host: provider-sim said nothing useful (its log is zhanggui.log): %w", err)
	}
	return s, nil
}

// with is the simulator with what it announced of providers whose plugins lie in dir.
func (s *simulator) with(dir string) *simulator {
	some := *s
	some.Demo = slices.DeleteFunc(slices.Clone(s.Demo), func(p demoProvider) bool {
		_, err := os.Stat(filepath.Join(dir, p.Provider))
		return err != nil
	})
	return &some
}

// keepSpareAccounts writes a test account at each provider that no demo merchant has, as a
// person would read it from a provider's letter, and gives the file's path.
func (s *simulator) keepSpareAccounts(dir string) (string, error) {
	var text strings.Builder
	for _, p := range s.Demo {
		say(&text, "== %s\n\nbase URL\n%s\n", p.Provider, p.BaseURL)
		account := p.Accounts[len(p.Accounts)-1]
		var settings map[string]any
		if err := json.Unmarshal(account.Settings, &settings); err != nil {
			return "", fmt.Errorf("host: provider-sim: %w", err)
		}
		for _, name := range slices.Sorted(maps.Keys(settings)) {
			say(&text, "%s\n%v\n", name, settings[name])
		}
		for _, name := range slices.Sorted(maps.Keys(account.Credentials)) {
			say(&text, "%s\n%s\n", name, strings.TrimSpace(account.Credentials[name]))
		}
	}
	path := filepath.Join(dir, "test-accounts.txt")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		return "", fmt.Errorf("host: test accounts: %w", err)
	}
	return path, nil
}

func (s *simulator) stop() {
	_ = s.stdin.Close()
	ended := make(chan struct{})
	go func() { _ = s.cmd.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(3 * time.Second):
		_ = s.cmd.Process.Kill()
		<-ended
	}
}

// freeAddress gives address, or one on another port when it is taken.
func freeAddress(address string) string {
	l, err := net.Listen("tcp", address) //nolint:noctx // opened and closed at once
	if err != nil {
		host, _, splitErr := net.SplitHostPort(address)
		if splitErr != nil {
			return address
		}
		if l, err = net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil { //nolint:noctx // as above
			return address
		}
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

var errNoDemo = errors.New("host: provider-sim announced no demo")
