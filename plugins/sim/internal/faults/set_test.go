package faults_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
)

func add(t *testing.T, s *faults.Set, rules ...faults.Rule) {
	t.Helper()
	for _, rule := range rules {
		if _, err := s.Add(rule); err != nil {
			t.Fatal(err)
		}
	}
}

func kind(d faults.Decision) faults.Kind {
	if d.Rule == nil {
		return ""
	}
	return d.Rule.Kind
}

func TestSelectors(t *testing.T) {
	t.Parallel()
	call := faults.Call{Operation: "pay", Account: "a", Order: "o", Payer: "281234"}
	cases := map[string]struct {
		rule faults.Rule
		call faults.Call
		hit  bool
	}{
		"everything":         {faults.Rule{}, call, true},
		"operation":          {faults.Rule{Operation: "pay"}, call, true},
		"another operation":  {faults.Rule{Operation: "query"}, call, false},
		"account":            {faults.Rule{Account: "a"}, call, true},
		"another account":    {faults.Rule{Account: "b"}, call, false},
		"order":              {faults.Rule{Order: "o"}, call, true},
		"another order":      {faults.Rule{Order: "p"}, call, false},
		"payer":              {faults.Rule{PayerSuffix: "34"}, call, true},
		"another payer":      {faults.Rule{PayerSuffix: "35"}, call, false},
		"no payer":           {faults.Rule{PayerSuffix: "34"}, faults.Call{Operation: "query", Order: "o"}, false},
		"all together":       {faults.Rule{Operation: "pay", Account: "a", Order: "o", PayerSuffix: "4"}, call, true},
		"one does not match": {faults.Rule{Operation: "pay", Account: "a", Order: "p", PayerSuffix: "4"}, call, false},
		"certain":            {faults.Rule{Probability: 1}, call, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := faults.NewSet(1, nil)
			c.rule.Kind = faults.LostAfter
			add(t, s, c.rule)
			if hit := s.Decide(c.call).Rule != nil; hit != c.hit {
				t.Errorf("hit %v, want %v", hit, c.hit)
			}
		})
	}
}

func TestOrderTimesAndSkip(t *testing.T) {
	t.Parallel()
	s := faults.NewSet(1, nil)
	add(t, s,
		faults.Rule{Kind: faults.Refuse, Order: "o", Skip: 1, Times: 1},
		faults.Rule{Kind: faults.LostAfter, Times: 2},
		faults.Rule{Kind: faults.Garbage, Order: "o"})
	var got []faults.Kind
	for range 5 {
		got = append(got, kind(s.Decide(faults.Call{Order: "o"})))
	}
	want := []faults.Kind{faults.LostAfter, faults.Refuse, faults.LostAfter, faults.Garbage, faults.Garbage}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
	list := s.List()
	if len(list) != 3 || list[0].Left != 0 || list[1].Hits != 2 || list[2].Left != -1 || list[2].Hits != 2 {
		t.Errorf("%+v", list)
	}
	if s.Decide(faults.Call{}).Rule != nil {
		t.Error("a rule for one order hit a call without one")
	}
}

func TestDelaysAddUp(t *testing.T) {
	t.Parallel()
	s := faults.NewSet(1, nil)
	second := faults.Duration(time.Second)
	add(t, s,
		faults.Rule{Kind: faults.Delay, Delay: second},
		faults.Rule{Kind: faults.LostAfter, Delay: second},
		faults.Rule{Kind: faults.Delay, Delay: second, Order: "o"},
		faults.Rule{Kind: faults.Delay, Delay: 5 * second, Stage: faults.After})
	d := s.Decide(faults.Call{Order: "o"})
	if d.DelayBefore != 3*time.Second || d.DelayAfter != 5*time.Second || kind(d) != faults.LostAfter {
		t.Errorf("%+v", d)
	}
}

func TestClear(t *testing.T) {
	t.Parallel()
	s := faults.NewSet(1, nil)
	add(t, s, faults.Rule{ID: "a", Kind: faults.Refuse, Order: "o"}, faults.Rule{ID: "b", Kind: faults.Garbage})
	if _, err := s.Add(faults.Rule{ID: "a", Kind: faults.Refuse}); err == nil {
		t.Error("the id a was taken twice")
	}
	if !s.Clear("a") || s.Clear("a") || kind(s.Decide(faults.Call{Order: "o"})) != faults.Garbage {
		t.Error("clearing one rule")
	}
	if !s.Clear("") || s.Clear("") || s.Decide(faults.Call{Order: "o"}).Rule != nil || len(s.List()) != 0 {
		t.Error("clearing all rules")
	}
}

func TestTheSimulatorsCheckDecides(t *testing.T) {
	t.Parallel()
	refused := errors.New("no")
	s := faults.NewSet(1, func(faults.Rule) error { return refused })
	if _, err := s.Add(faults.Rule{Kind: faults.Garbage}); !errors.Is(err, refused) || len(s.List()) != 0 {
		t.Errorf("%v", err)
	}
}

func TestChance(t *testing.T) {
	t.Parallel()
	hits := func(seed uint64, p float64) (n int, trace string) {
		s := faults.NewSet(seed, nil)
		add(t, s, faults.Rule{Kind: faults.Garbage, Probability: p})
		for i := range 4000 {
			if s.Decide(faults.Call{Operation: "pay", Order: fmt.Sprint(i % 1000)}).Rule != nil {
				n++
				trace += fmt.Sprint(i, " ")
			}
		}
		return n, trace
	}
	for _, p := range []float64{0.1, 0.5, 0.9} {
		n, first := hits(3, p)
		if expect := 4000 * p; float64(n) < expect*0.9-20 || float64(n) > expect*1.1+20 {
			t.Errorf("probability %v hit %d of 4000", p, n)
		}
		if _, again := hits(3, p); again != first {
			t.Errorf("probability %v: the same seed gave other hits", p)
		}
		if _, other := hits(4, p); other == first {
			t.Errorf("probability %v: another seed gave the same hits", p)
		}
	}
}

func TestSeedStartsAnew(t *testing.T) {
	t.Parallel()
	s := faults.NewSet(1, nil)
	add(t, s, faults.Rule{Kind: faults.Garbage, Probability: 0.5})
	run := func() (trace string) {
		for i := range 64 {
			trace += fmt.Sprint(s.Decide(faults.Call{Order: fmt.Sprint(i)}).Rule != nil, " ")
		}
		return trace
	}
	s.Seed(9)
	first := run()
	second := run()
	s.Seed(9)
	if first == second || run() != first {
		t.Error("a seed does not fix the draws")
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	var rule faults.Rule
	if err := json.Unmarshal([]byte(`{"kind":"delay","delay":"1.5s"}`), &rule); err != nil || time.Duration(rule.Delay) != 1500*time.Millisecond {
		t.Errorf("%+v %v", rule, err)
	}
	for _, wrong := range []string{`{"delay":1}`, `{"delay":"1"}`} {
		if err := json.Unmarshal([]byte(wrong), &rule); err == nil {
			t.Errorf("%s was read", wrong)
		}
	}
	if text, err := json.Marshal(faults.Status{Rule: faults.Rule{Kind: faults.Delay, Delay: faults.Duration(time.Second)}, Left: -1}); err != nil ||
		string(text) != `{"kind":"delay","delay":"1s","hits":0,"left":-1}` {
		t.Errorf("%s %v", text, err)
	}
}

func TestNamedCallsNeedARuleThatNamesThem(t *testing.T) {
	t.Parallel()
	set := faults.NewSet(1, nil)
	add(t, set, faults.Rule{Kind: faults.Refuse, Times: 1})
	call := faults.Call{Operation: "callback", Named: true}
	if d := set.Decide(call); d.Rule != nil || set.List()[0].Hits != 0 {
		t.Errorf("a rule for all operations hit a call that must be named: %+v", d)
	}
	add(t, set, faults.Rule{Operation: "callback", Kind: faults.LostBefore})
	if d := set.Decide(call); !d.Is(faults.LostBefore) {
		t.Errorf("the rule that names it did not hit: %+v", d)
	}
}
