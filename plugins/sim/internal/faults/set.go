package faults

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Call describes the call a rule may hit.
type Call struct {
	Operation string
	Account   string
	Order     string
	Payer     string // the payer's code, for PayerSuffix; never stored
	Named     bool   // only rules that name the operation apply: for what a provider sends by itself
}

// Decision is what befalls one call: a wait before, a wait after, and at most one other fault.
type Decision struct {
	DelayBefore time.Duration
	DelayAfter  time.Duration
	Rule        *Rule // nil: nothing else goes wrong
}

// Is reports whether the decision carries a fault of that kind.
func (d Decision) Is(kind Kind) bool { return d.Rule != nil && d.Rule.Kind == kind }

// At reports whether the decision carries a fault of that kind at that stage (After unless the rule says Before).
func (d Decision) At(kind Kind, stage Stage) bool {
	if !d.Is(kind) {
		return false
	}
	return d.Rule.Stage == stage || (d.Rule.Stage == "" && stage == After)
}

// Status is a rule and how often it has hit.
type Status struct {
	Rule
	Hits int `json:"hits"`
	Left int `json:"left"` // calls it will still hit; -1 = no limit
}

// Set is a list of rules, safe for concurrent use. Rules bound to one order cost other orders nothing.
type Set struct {
	check  func(Rule) error
	active atomic.Int64

	mu      sync.Mutex
	seed    uint64
	next    int
	general []*armed
	byOrder map[string][]*armed
	order   []*armed // all, in the order they were added
}

type armed struct {
	rule  Rule
	index int
	seen  int
	hits  int
	drawn map[string]int // draws per call identity, so chance does not depend on goroutine order
}

// NewSet makes an empty set. check is the simulator's own judgement of a rule; it may be nil.
func NewSet(seed uint64, check func(Rule) error) *Set {
	return &Set{check: check, seed: seed, byOrder: make(map[string][]*armed)}
}

// Add arms a rule and returns its id. Rules are tried in the order they were added; the first that hits decides,
// except that delays add up.
func (s *Set) Add(rule Rule) (string, error) {
	if err := rule.Check(); err != nil {
		return "", err
	}
	if s.check != nil {
		if err := s.check(rule); err != nil {
			return "", err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	if rule.ID == "" {
		rule.ID = "fault-" + strconv.Itoa(s.next)
	}
	for _, a := range s.order {
		if a.rule.ID == rule.ID {
			return "", fmt.Errorf("there is already a fault with the id %q", rule.ID)
		}
	}
	a := &armed{rule: rule, index: s.next}
	s.order = append(s.order, a)
	if rule.Order != "" {
		s.byOrder[rule.Order] = append(s.byOrder[rule.Order], a)
	} else {
		s.general = append(s.general, a)
	}
	s.active.Add(1)
	return rule.ID, nil
}

// Clear disarms the rule with that id; the empty id disarms all. It reports whether there was one.
func (s *Set) Clear(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	var kept []*armed
	for _, a := range s.order {
		if id != "" && a.rule.ID != id {
			kept = append(kept, a)
		}
	}
	found := len(kept) < len(s.order)
	s.order, s.general = kept, nil
	s.byOrder = make(map[string][]*armed)
	for _, a := range kept {
		if a.rule.Order != "" {
			s.byOrder[a.rule.Order] = append(s.byOrder[a.rule.Order], a)
		} else {
			s.general = append(s.general, a)
		}
	}
	s.active.Store(int64(len(kept)))
	return found
}

// Seed sets the seed of the probability mode. The same seed, rules and calls give the same faults:
// a draw depends on the rule, the call's operation, account and order, and how often that call came.
func (s *Set) Seed(seed uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seed = seed
	for _, a := range s.order {
		a.drawn = nil
	}
}

// List returns all rules in the order they were added.
func (s *Set) List() []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Status, 0, len(s.order))
	for _, a := range s.order {
		left := -1
		if a.rule.Times > 0 {
			left = a.rule.Times - a.hits
		}
		out = append(out, Status{Rule: a.rule, Hits: a.hits, Left: left})
	}
	return out
}

// Decide counts the call against the rules and says what befalls it.
func (s *Set) Decide(call Call) Decision {
	if s.active.Load() == 0 {
		return Decision{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var decision Decision
	own := s.byOrder[call.Order]
	if call.Order == "" {
		own = nil
	}
	for _, a := range merge(s.general, own) {
		if a.rule.Kind != Delay && decision.Rule != nil {
			continue
		}
		if !a.matches(call) || !s.hit(a, call) {
			continue
		}
		s.apply(&decision, a)
	}
	return decision
}

func (s *Set) apply(decision *Decision, a *armed) {
	if a.rule.Kind == Delay && a.rule.Stage == After {
		decision.DelayAfter += time.Duration(a.rule.Delay)
		return
	}
	decision.DelayBefore += time.Duration(a.rule.Delay)
	if a.rule.Kind != Delay {
		rule := a.rule
		decision.Rule = &rule
	}
}

// merge keeps the order in which rules were added, so that a rule for one order does not overtake an older one.
func merge(a, b []*armed) []*armed {
	if len(b) == 0 {
		return a
	}
	out := make([]*armed, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0].index < b[0].index {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}

func (a *armed) matches(call Call) bool {
	r := &a.rule
	return ((r.Operation == "" && !call.Named) || r.Operation == call.Operation) &&
		(r.Account == "" || r.Account == call.Account) &&
		(r.Order == "" || r.Order == call.Order) &&
		(r.PayerSuffix == "" || (call.Payer != "" && strings.HasSuffix(call.Payer, r.PayerSuffix)))
}

func (s *Set) hit(a *armed, call Call) bool {
	if a.rule.Times > 0 && a.hits >= a.rule.Times {
		return false
	}
	a.seen++
	if a.seen <= a.rule.Skip {
		return false
	}
	if p := a.rule.Probability; p > 0 && p < 1 && s.draw(a, call) >= p {
		return false
	}
	a.hits++
	return true
}

// draw gives a number in [0, 1) from the seed and the call alone.
func (s *Set) draw(a *armed, call Call) float64 {
	identity := call.Operation + "\x00" + call.Account + "\x00" + call.Order
	if a.drawn == nil {
		a.drawn = make(map[string]int)
	}
	a.drawn[identity]++
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%d\x00%s\x00%s\x00%d", s.seed, a.rule.ID, identity, a.drawn[identity])
	x := h.Sum64() // FNV's high bits are poor for short inputs: mix them (splitmix64's finalizer)
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	x ^= x >> 31
	return float64(x>>11) / (1 << 53)
}
