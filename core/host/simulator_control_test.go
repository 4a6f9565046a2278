package host

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestSimulatorControl: a switch is a rule of its own beside the payers' fates, and is taken back alone.
func TestSimulatorControl(t *testing.T) {
	t.Parallel()
	type rule struct {
		ID   string `json:"id"`
		Kind string `json:"kind"`
		Hits int    `json:"hits"`
	}
	rules := []rule{{ID: "fault-1", Kind: "pending"}}
	var asked []string
	remote := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = append(asked, r.Method+" "+r.URL.Path)
		id := strings.TrimPrefix(r.URL.Path, "/_control/demo/faults/")
		switch {
		case r.Method == http.MethodGet:
			_ = json.NewEncoder(w).Encode(rules)
		case r.Method == http.MethodDelete && !slices.ContainsFunc(rules, func(x rule) bool { return x.ID == id }):
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"error":"there is no such fault"}`)
		case r.Method == http.MethodDelete:
			rules = slices.DeleteFunc(rules, func(x rule) bool { return x.ID == id })
		case strings.HasSuffix(r.URL.Path, "/faults"):
			var sent struct {
				Rules []rule `json:"rules"`
			}
			if err := json.Unmarshal(body, &sent); err != nil {
				t.Error(err)
			}
			rules = append(rules, sent.Rules...)
		case strings.HasSuffix(r.URL.Path, "/orders/1/pay"):
		default:
			w.WriteHeader(http.StatusConflict)
			_, _ = io.WriteString(w, `{"error":"it is paid"}`)
		}
	}))
	t.Cleanup(remote.Close)
	s := &simulator{Control: map[string]string{"demo": remote.URL + "/_control/demo"}, Demo: []demoProvider{{Provider: "demo", Payers: []demoPayer{{Fate: "paid", Prefix: "28", Suffix: "0101", Length: 18}}}}}
	enabled := func() (on []core.FaultKind) {
		got, err := s.Simulation(t.Context())
		if err != nil || len(got) != 1 || len(got[0].Payers) != 1 {
			t.Fatalf("%+v, %v", got, err)
		}
		for _, f := range got[0].Faults {
			if f.Enabled {
				on = append(on, f.Kind)
			}
		}
		return on
	}
	for _, step := range []struct {
		kind core.FaultKind
		on   bool
		want int
	}{{core.FaultLostAnswer, true, 1}, {core.FaultLostAnswer, true, 1}, {core.FaultSlow, true, 2}, {core.FaultLostAnswer, false, 1}, {core.FaultLostAnswer, false, 1}, {core.FaultSlow, false, 0}} {
		if err := s.SwitchFault(t.Context(), "demo", step.kind, step.on); err != nil {
			t.Fatal(step, err)
		}
		if got := enabled(); len(got) != step.want {
			t.Errorf("after %v: %v", step, got)
		}
	}
	if len(rules) != 1 || rules[0].ID != "fault-1" {
		t.Errorf("the payers' fates: %v", rules)
	}
	if err := s.ActAsPayer(t.Context(), "demo", "1", core.PayerPays); err != nil {
		t.Error(err)
	}
	if err := s.ActAsPayer(t.Context(), "demo", "2", core.PayerPays); core.CodeOf(err) != core.CodeInvalidState || !strings.Contains(err.Error(), "it is paid") {
		t.Errorf("a refusal: %v", err)
	}
	before := len(asked)
	if err := s.SwitchFault(t.Context(), "real", core.FaultSlow, true); core.CodeOf(err) != core.CodeNotFound {
		t.Errorf("a provider that is not simulated: %v", err)
	}
	if err := s.SwitchFault(t.Context(), "demo", "odd", true); core.CodeOf(err) != core.CodeNotFound || len(asked) != before {
		t.Errorf("a fault that there is not: %v, %v", err, asked[before:])
	}
}
