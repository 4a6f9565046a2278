package check

import (
	"fmt"
	"strings"
)

// Verdict is what one judge found.
type Verdict struct {
	Invariant string // I1 … I10
	Says      string // the invariant in a sentence
	Examined  string // what was looked at, with numbers
	Findings  []string
}

// Holds says that nothing was found and that there was something to look at.
func (v Verdict) Holds() bool { return len(v.Findings) == 0 }

// String is one line, and one more for each of the first findings.
func (v Verdict) String() string {
	const shown = 10
	word := "holds"
	if !v.Holds() {
		word = fmt.Sprintf("VIOLATED %d times", len(v.Findings))
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%-4s %-8s %s (%s)", v.Invariant, word, v.Says, v.Examined)
	for i, finding := range v.Findings {
		if i == shown {
			fmt.Fprintf(&text, "\n       … and %d more", len(v.Findings)-shown)
			break
		}
		text.WriteString("\n       - " + finding)
	}
	return text.String()
}

// judge collects the findings of one invariant.
type judge struct{ Verdict }

func (j *judge) find(format string, args ...any) {
	j.Findings = append(j.Findings, fmt.Sprintf(format, args...))
}

// examined says what was looked at. Nothing to look at is a finding: an invariant that was
// not tried does not hold.
func (j *judge) examined(looked int, format string, args ...any) Verdict {
	j.Examined = fmt.Sprintf(format, args...)
	if looked == 0 {
		j.find("there was nothing to examine")
	}
	return j.Verdict
}

func newJudge(invariant, says string) *judge {
	return &judge{Verdict{Invariant: invariant, Says: says}}
}

// All asks every judge.
func All(e Evidence) []Verdict {
	return []Verdict{
		OneEffect(e), WithinPaid(e), NothingLost(e), NothingOpen(e), FinalStays(e),
		EveryEvent(e), ChainHolds(e), OwnTenant(e), NoOrphan(e), NoSecret(e),
	}
}

// Violated names the invariants that do not hold.
func Violated(verdicts []Verdict) []string {
	var out []string
	for _, v := range verdicts {
		if !v.Holds() {
			out = append(out, v.Invariant)
		}
	}
	return out
}
