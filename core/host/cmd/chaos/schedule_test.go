package main

import "testing"

// TestASeedRepeatsItsSchedule: the same seed and sizes give the same operations and faults, another seed gives others.
func TestASeedRepeatsItsSchedule(t *testing.T) {
	t.Parallel()
	n := sizes{Operations: 2000, Kills: 40, Outages: 2, Disturbances: 10}
	first := newSchedule(7, n).hash()
	if again := newSchedule(7, n).hash(); again != first {
		t.Errorf("seed 7 gives the schedule %s and then %s", first, again)
	}
	if other := newSchedule(8, n).hash(); other == first {
		t.Errorf("the seeds 7 and 8 give the same schedule %s", first)
	}
}

// TestAScheduleIsWhole: every kind of operation and fault is there, in order, and what refers to another operation
// refers to an earlier one of the right kind.
func TestAScheduleIsWhole(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		n := sizes{Operations: 1500, Kills: 43, Outages: 1, Disturbances: 3}
		s := newSchedule(seed, n)
		if len(s.Operations) != n.Operations {
			t.Fatalf("%d operations, want %d", len(s.Operations), n.Operations)
		}
		kinds := map[what]int{}
		for i, o := range s.Operations {
			kinds[o.What]++
			if o.Of > 0 && o.Of >= i {
				t.Errorf("operation %d is about the later %d", i, o.Of)
			}
			if (o.What == giveBack || o.What == raceBack) && s.Operations[o.Of].Fate != fateOfPayers {
				t.Errorf("operation %d refunds operation %d, which is never paid", i, o.Of)
			}
		}
		for _, kind := range []what{payByCode, placeOrder, giveBack, raceBack, takeBack, askNow, repeatAgain, readForeign, payOut} {
			if kinds[kind] == 0 {
				t.Errorf("seed %d has no operation %q", seed, kind)
			}
		}
		last := 0
		for _, f := range s.Faults {
			if f.At < last || f.At >= n.Operations {
				t.Errorf("a fault stands at %d after one at %d", f.At, last)
			}
			last = f.At
		}
		c := s.count()
		if kills := c[killHost] + c[killHostAt] + c[killPlugin]; kills != n.Kills {
			t.Errorf("%d kills, want %d", kills, n.Kills)
		}
		if len(c) != 14 {
			t.Errorf("%d kinds of faults: %v", len(c), c)
		}
	}
}
