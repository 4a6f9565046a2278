// Package control is the JSON-over-HTTP remote control that all simulators share: ledger, violations, faults, reset.
//
// It belongs on a listener of its own, bound to loopback. It has no authentication: it is a test instrument.
package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// Source is what the shared routes of one simulator work on.
type Source struct {
	Provider   string
	Ledger     *ledger.Ledger
	Faults     *faults.Set
	Violations *frame.Violations
	Calls      func() map[string]int64
	Reset      func()
	Healthy    func() error
}

// Prefix is where a provider's routes begin.
func Prefix(provider string) string { return "/_control/" + provider }

// Mux offers the shared routes of one simulator; the simulator adds its own beside them, below Prefix.
func Mux(src Source) *http.ServeMux {
	mux, base := http.NewServeMux(), Prefix(src.Provider)
	mux.HandleFunc("GET "+base+"/health", src.health)
	mux.HandleFunc("GET "+base+"/ledger", src.ledger)
	mux.HandleFunc("GET "+base+"/violations", src.violations)
	mux.HandleFunc("GET "+base+"/calls", func(w http.ResponseWriter, _ *http.Request) { Write(w, http.StatusOK, src.Calls()) })
	mux.HandleFunc("GET "+base+"/faults", func(w http.ResponseWriter, _ *http.Request) { Write(w, http.StatusOK, src.Faults.List()) })
	mux.HandleFunc("POST "+base+"/faults", src.addFaults)
	mux.HandleFunc("DELETE "+base+"/faults", func(w http.ResponseWriter, _ *http.Request) { src.Faults.Clear(""); done(w) })
	mux.HandleFunc("DELETE "+base+"/faults/{id}", src.removeFault)
	mux.HandleFunc("POST "+base+"/reset", func(w http.ResponseWriter, _ *http.Request) { src.Reset(); done(w) })
	return mux
}

func done(w http.ResponseWriter) { Write(w, http.StatusOK, map[string]bool{"ok": true}) }

// Write answers with a JSON value.
func Write(w http.ResponseWriter, status int, value any) { frame.WriteJSON(w, status, value) }

// Fail answers with {"error": …}.
func Fail(w http.ResponseWriter, status int, err error) {
	Write(w, status, map[string]string{"error": err.Error()})
}

// Read decodes a JSON body strictly; an empty body leaves the target as it is.
func Read(r *http.Request, target any) error {
	decoder := json.NewDecoder(io.LimitReader(r.Body, 1<<20))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(target); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("the body cannot be read: %w", err)
	}
	return nil
}

func (s Source) health(w http.ResponseWriter, _ *http.Request) {
	if err := s.Healthy(); err != nil {
		Fail(w, http.StatusServiceUnavailable, err)
		return
	}
	Write(w, http.StatusOK, map[string]any{
		"ok": true, "provider": s.Provider, "entries": s.Ledger.Len(), "violations": s.Violations.Count(),
	})
}

// Ledger is the reply of GET ledger.
type Ledger struct {
	Entries []ledger.Entry   `json:"entries"`
	Orders  []ledger.Summary `json:"orders"`
}

// ledger takes the parameters account and order, together or not at all.
func (s Source) ledger(w http.ResponseWriter, r *http.Request) {
	account, order := r.URL.Query().Get("account"), r.URL.Query().Get("order")
	if account == "" && order == "" {
		Write(w, http.StatusOK, Ledger{Entries: orEmpty(s.Ledger.Entries()), Orders: s.Ledger.Orders()})
		return
	}
	if account == "" || order == "" {
		Fail(w, http.StatusBadRequest, errors.New("name both account and order, or neither"))
		return
	}
	key := ledger.OrderKey{Provider: s.Provider, Account: account, Order: order}
	Write(w, http.StatusOK, Ledger{Entries: orEmpty(s.Ledger.OrderEntries(key)), Orders: []ledger.Summary{s.Ledger.Order(key)}})
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Violations is the reply of GET violations.
type Violations struct {
	Count int64             `json:"count"`
	List  []frame.Violation `json:"list"`
}

func (s Source) violations(w http.ResponseWriter, _ *http.Request) {
	Write(w, http.StatusOK, Violations{Count: s.Violations.Count(), List: orEmpty(s.Violations.List())})
}

// Faults is the body of POST faults: several rules at once, optionally after clearing, with a seed for chance.
type Faults struct {
	Clear bool          `json:"clear"`
	Seed  *uint64       `json:"seed"`
	Rules []faults.Rule `json:"rules"`
}

func (s Source) addFaults(w http.ResponseWriter, r *http.Request) {
	var body Faults
	if err := Read(r, &body); err != nil {
		Fail(w, http.StatusBadRequest, err)
		return
	}
	if body.Clear {
		s.Faults.Clear("")
	}
	if body.Seed != nil {
		s.Faults.Seed(*body.Seed)
	}
	ids := make([]string, 0, len(body.Rules))
	for i, rule := range body.Rules {
		id, err := s.Faults.Add(rule)
		if err != nil {
			for _, added := range ids {
				s.Faults.Clear(added)
			}
			Fail(w, http.StatusBadRequest, fmt.Errorf("rule %d: %w", i+1, err))
			return
		}
		ids = append(ids, id)
	}
	Write(w, http.StatusOK, map[string]any{"ids": ids})
}

func (s Source) removeFault(w http.ResponseWriter, r *http.Request) {
	id := strings.TrimSpace(r.PathValue("id"))
	if id == "" || !s.Faults.Clear(id) {
		Fail(w, http.StatusNotFound, fmt.Errorf("there is no fault with the id %q", id))
		return
	}
	done(w)
}
