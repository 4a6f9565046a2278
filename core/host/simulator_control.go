package host

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// fault is a switch of the remote control as the console knows it.
type fault struct {
	kind core.FaultKind
	rule map[string]string
}

// faultIDs marks the rules that people switched on here: the payers' fates are rules as well and stay.
const faultIDs = "console-"

func faultSwitches() []fault {
	return []fault{
		{core.FaultLostAnswer, map[string]string{"kind": "lost-after"}},
		{core.FaultLostRequest, map[string]string{"kind": "lost-before"}},
		{core.FaultSlow, map[string]string{"kind": "delay", "delay": "5s"}},
		{core.FaultHTTP500, map[string]string{"kind": "http-500"}},
		{core.FaultGarbage, map[string]string{"kind": "garbage"}},
	}
}

func (f fault) id() string { return faultIDs + string(f.kind) }

// Simulation says what the simulated providers do now.
func (s *simulator) Simulation(ctx context.Context) ([]core.SimulatedProvider, error) {
	out := make([]core.SimulatedProvider, 0, len(s.Demo))
	for _, p := range s.Demo {
		var armed []struct {
			ID   string `json:"id"`
			Hits int64  `json:"hits"`
		}
		if err := s.control(ctx, http.MethodGet, p.Provider, "faults", nil, &armed); err != nil {
			return nil, err
		}
		one := core.SimulatedProvider{Provider: p.Provider}
		for _, f := range faultSwitches() {
			state := core.FaultSwitch{Kind: f.kind}
			for _, a := range armed {
				if a.ID == f.id() {
					state.Enabled, state.Hits = true, a.Hits
				}
			}
			one.Faults = append(one.Faults, state)
		}
		for _, payer := range p.Payers {
			one.Payers = append(one.Payers, core.SimulatedPayer{
				Fate: payer.Fate, Name: core.Text{ZH: payer.ZH, EN: payer.EN}, Prefix: payer.Prefix, Suffix: payer.Suffix, Length: payer.Length,
			})
		}
		out = append(out, one)
	}
	return out, nil
}

// SwitchFault has every call of a provider go wrong in one way, until it is switched off.
func (s *simulator) SwitchFault(ctx context.Context, provider string, kind core.FaultKind, on bool) error {
	switches := faultSwitches()
	i := slices.IndexFunc(switches, func(f fault) bool { return f.kind == kind })
	if !s.offers(provider) || i < 0 {
		return core.NotFound("simulated provider").At("provider")
	}
	// What is off already, and what is on twice, is as good as switched.
	err := s.control(ctx, http.MethodDelete, provider, "faults/"+switches[i].id(), nil, nil)
	if err != nil && core.CodeOf(err) != core.CodeInvalidState || !on {
		return ignoreState(err)
	}
	rule := map[string]string{"id": switches[i].id()}
	for name, value := range switches[i].rule {
		rule[name] = value
	}
	return s.control(ctx, http.MethodPost, provider, "faults", map[string]any{"rules": []map[string]string{rule}}, nil)
}

func ignoreState(err error) error {
	if core.CodeOf(err) == core.CodeInvalidState {
		return nil
	}
	return err
}

// ActAsPayer has the payer of a waiting order do something about it.
func (s *simulator) ActAsPayer(ctx context.Context, provider, orderNo string, act core.PayerAct) error {
	if !s.offers(provider) {
		return core.NotFound("simulated provider")
	}
	return s.control(ctx, http.MethodPost, provider, "orders/"+url.PathEscape(orderNo)+"/"+string(act), map[string]string{}, nil)
}

func (s *simulator) offers(provider string) bool {
	return slices.ContainsFunc(s.Demo, func(p demoProvider) bool { return p.Provider == provider })
}

// control calls a provider's remote control, at the address that it announced when this
// process started it. What it refuses is CodeInvalidState with its own sentence.
func (s *simulator) control(ctx context.Context, method, provider, path string, body, into any) error {
	var payload io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("host: provider-sim: %w", err)
		}
		payload = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, s.Control[provider]+"/"+path, payload)
	if err != nil {
		return fmt.Errorf("host: provider-sim: %w", err)
	}
	client := http.Client{Timeout: 10 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("host: provider-sim: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= http.StatusMultipleChoices {
		return refusal(resp)
	}
	if into == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(into); err != nil {
		return fmt.Errorf("host: provider-sim: %w", err)
	}
	return nil
}

// refusal is what the remote control said. It knows nothing that may not be shown.
func refusal(resp *http.Response) error {
	var said struct {
		Error string `json:"error"`
	}
	err := json.NewDecoder(io.LimitReader(resp.Body, 1<<10)).Decode(&said)
	if err != nil || said.Error == "" {
		said.Error = resp.Status
	}
	if resp.StatusCode >= http.StatusInternalServerError {
		return errors.New("host: provider-sim: " + said.Error)
	}
	return core.Errorf(core.CodeInvalidState, "The simulated provider refuses: %s", said.Error)
}
