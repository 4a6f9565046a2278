package stand

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// Simulators are the program provider-sim and what it announced.
type Simulators struct {
	cmd       *exec.Cmd
	stdin     io.Closer
	log       *os.File
	client    http.Client
	Control   map[string]string `json:"control"`
	Providers []Simulated       `json:"demo"`
}

// Simulated is a provider with contracts for merchants and payers of known fates.
type Simulated struct {
	Provider string     `json:"provider"`
	BaseURL  string     `json:"base_url"`
	Accounts []Contract `json:"accounts"`
	Payers   []Payer    `json:"payers"`
	Methods  []Method   `json:"methods"`

	paysOut bool
}

// Contract is a merchant's with a simulated provider.
type Contract struct {
	Settings    json.RawMessage   `json:"settings"`
	Credentials map[string]string `json:"credentials"`
	Enroll      string            `json:"enroll"`
}

// Payer makes payment codes: prefix, digits, suffix.
type Payer struct {
	Fate   string `json:"fate"`
	Prefix string `json:"prefix"`
	Suffix string `json:"suffix"`
	Length int    `json:"length"`
}

// Code is this payer's code with a number of its own.
func (p Payer) Code(number int) string {
	digits := p.Length - len(p.Prefix) - len(p.Suffix)
	text := fmt.Sprintf("%0*d", digits, number)
	return p.Prefix + text[len(text)-digits:] + p.Suffix
}

// Method is one that needs no payer's code.
type Method struct {
	Method  string `json:"method"`
	Channel string `json:"channel"`
	PayerID string `json:"payer_id"`
	Payable bool   `json:"payable"`
}

// PayersOf are a provider's payers of one fate.
func (s Simulated) PayersOf(fate string) []Payer {
	return slices.DeleteFunc(slices.Clone(s.Payers), func(p Payer) bool { return p.Fate != fate })
}

// Waiting are the methods whose payer the remote control plays.
func (s Simulated) Waiting() []Method {
	return slices.DeleteFunc(slices.Clone(s.Methods), func(m Method) bool { return !m.Payable })
}

func startSimulators(ctx context.Context, bin string, merchants int, logFile string) (*Simulators, error) {
	log, err := os.Create(logFile) //nolint:gosec // in our own directory
	if err != nil {
		return nil, fmt.Errorf("provider-sim's log: %w", err)
	}
	//nolint:gosec // our own program; it ends with its standard input
	s := &Simulators{log: log, client: http.Client{Timeout: 20 * time.Second}, cmd: exec.CommandContext(context.WithoutCancel(ctx),
		filepath.Join(bin, "provider-sim"), "--demo", "--demo-merchants", strconv.Itoa(merchants), "--listen", "127.0.0.1:0", "--exit-on-stdin-eof")}
	s.cmd.Stderr = log
	stdin, err := s.cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("provider-sim: %w", err)
	}
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("provider-sim: %w", err)
	}
	s.stdin = stdin
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("provider-sim (`make binaries` builds it): %w", err)
	}
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, s)
	}
	// Its operations are payers' codes and orders that wait: a provider with orders alone takes no part.
	s.Providers = slices.DeleteFunc(s.Providers, func(p Simulated) bool { return len(p.Payers) == 0 })
	if err == nil && len(s.Providers) == 0 {
		err = errors.New("it announced no provider with payers' codes")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("provider-sim: %w", err), s.stop())
	}
	return s, nil
}

func (s *Simulators) stop() error {
	_ = s.stdin.Close()
	_ = s.cmd.Wait()
	return s.log.Close() //nolint:wrapcheck // closing our own file
}

// Rule is a fault of a simulated provider: see plugins/sim/README.md.
type Rule struct {
	Operation string `json:"operation,omitempty"`
	Order     string `json:"order,omitempty"`
	Kind      string `json:"kind"`
	Stage     string `json:"stage,omitempty"`
	Delay     string `json:"delay,omitempty"`
	Times     int    `json:"times,omitempty"`
}

// Arm adds a fault and gives its id.
func (s *Simulators) Arm(ctx context.Context, provider string, rule Rule) (string, error) {
	var said struct {
		IDs []string `json:"ids"`
	}
	if err := s.call(ctx, http.MethodPost, s.Control[provider]+"/faults", map[string]any{"rules": []Rule{rule}}, &said); err != nil {
		return "", err
	}
	if len(said.IDs) != 1 {
		return "", fmt.Errorf("provider-sim: %d faults were armed", len(said.IDs))
	}
	return said.IDs[0], nil
}

// Disarm removes a fault; one that is used up is not there any more, which is as well.
func (s *Simulators) Disarm(ctx context.Context, provider, id string) error {
	return ignoreRefusal(s.call(ctx, http.MethodDelete, s.Control[provider]+"/faults/"+id, nil, nil))
}

// Pay has the payer of a waiting order pay it. What can no longer be paid is left as it is.
func (s *Simulators) Pay(ctx context.Context, provider, orderNo string) error {
	return ignoreRefusal(s.call(ctx, http.MethodPost, s.Control[provider]+"/orders/"+orderNo+"/pay", struct{}{}, nil))
}

// Abandon has the payer of a waiting order walk away.
func (s *Simulators) Abandon(ctx context.Context, provider, orderNo string) error {
	return ignoreRefusal(s.call(ctx, http.MethodPost, s.Control[provider]+"/orders/"+orderNo+"/abandon", struct{}{}, nil))
}

// Entry is a movement in a provider's ledger, in fen.
type Entry struct {
	Order   string `json:"order"`
	Request string `json:"request"`
	Kind    string `json:"kind"`
	Amount  int64  `json:"amount"`
}

// Ledger reads a provider's whole book.
func (s *Simulators) Ledger(ctx context.Context, provider string) ([]Entry, error) {
	var book struct {
		Entries []Entry `json:"entries"`
	}
	err := s.call(ctx, http.MethodGet, s.Control[provider]+"/ledger", nil, &book)
	return book.Entries, err
}

// refused is an answer of the remote control that says no.
type refused struct {
	status int
	text   string
}

func (r refused) Error() string { return fmt.Sprintf("provider-sim answers %d: %s", r.status, r.text) }

// ignoreRefusal leaves what the remote control could not do any more.
func ignoreRefusal(err error) error {
	if r, ok := errors.AsType[refused](err); ok && (r.status == http.StatusConflict || r.status == http.StatusNotFound) {
		return nil
	}
	return err
}

func (s *Simulators) call(ctx context.Context, method, address string, body, into any) error {
	var sent io.Reader = http.NoBody
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("provider-sim: %w", err)
		}
		sent = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, address, sent)
	if err != nil {
		return fmt.Errorf("provider-sim: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		return fmt.Errorf("provider-sim: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("provider-sim: %w", err)
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		return refused{resp.StatusCode, string(said[:min(len(said), 200)])}
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(said, into); err != nil {
		return fmt.Errorf("provider-sim: %w", err)
	}
	return nil
}
