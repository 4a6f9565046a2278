// Package faults holds the switches that make a simulated provider misbehave on purpose.
//
// A rule says for which calls (operation, account, order, payer's code), how often, and what goes wrong.
// The package decides which rule hits a call; what a kind means on the wire is the simulator's business.
package faults

import (
	"encoding/json"
	"fmt"
	"time"
)

// Kind is what goes wrong.
type Kind string

// The kinds. A simulator refuses kinds it does not offer for an operation.
const (
	// Delay waits Rule.Delay, before the operation is done unless Stage is After.
	Delay Kind = "delay"
	// Refuse answers Rule.Code and does nothing.
	Refuse Kind = "refuse"
	// Pending makes the payer slow: Rule.Queries queries find the order unpaid, then Rule.Then happens.
	Pending Kind = "pending"
	// LostBefore closes the connection without a byte and does nothing.
	LostBefore Kind = "lost-before"
	// LostAfter does everything, moves the money, and closes the connection without a byte.
	LostAfter Kind = "lost-after"
	// Garbage answers something that is not the protocol.
	Garbage Kind = "garbage"
	// Truncated announces the whole reply and closes the connection in the middle of it.
	Truncated Kind = "truncated"
	// HTTP500 answers HTTP status 500 (another one in Rule.Status) with a proxy's HTML page.
	HTTP500 Kind = "http-500"
	// SystemError answers the provider's own "system error".
	SystemError Kind = "system-error"
	// Fail answers that the operation failed for certain, with Rule.Code; no money moves.
	Fail Kind = "fail"
	// Uncertain answers that the operation failed and the provider itself does not know; Rule.Moved says whether
	// the money moved, and after Rule.Queries queries (never, if 0) the truth comes out.
	Uncertain Kind = "uncertain"
	// NotExist answers "no such order" although it may exist.
	NotExist Kind = "not-exist"
	// WrongAmount does everything and answers another amount.
	WrongAmount Kind = "wrong-amount"
	// WrongOrder does everything and answers with another order's numbers.
	WrongOrder Kind = "wrong-order"
)

// Stage says whether a fault hits before or after the operation was done.
type Stage string

// The stages. Where a kind allows both, After is the default, for Delay it is Before.
const (
	Before Stage = "before"
	After  Stage = "after"
)

// Outcome is how a pending payment ends.
type Outcome string

// The outcomes; Paid is the default.
const (
	Paid      Outcome = "paid"
	Abandoned Outcome = "abandoned"
	Never     Outcome = "never"
)

// Rule is one switch. Empty selectors match everything.
type Rule struct {
	ID          string `json:"id,omitempty"` // given by Set.Add when empty
	Operation   string `json:"operation,omitempty"`
	Account     string `json:"account,omitempty"`      // terminal, merchant number …
	Order       string `json:"order,omitempty"`        // the merchant's order number
	PayerSuffix string `json:"payer_suffix,omitempty"` // how the payer's code ends

	Kind        Kind     `json:"kind"`
	Stage       Stage    `json:"stage,omitempty"`
	Delay       Duration `json:"delay,omitempty"` // JSON: "1.5s"; every kind may carry one
	Code        string   `json:"code,omitempty"`
	Message     string   `json:"message,omitempty"`
	Result      string   `json:"result,omitempty"`  // Refuse: the layer or result code to answer with
	Status      int      `json:"status,omitempty"`  // HTTP500: another HTTP status
	Queries     int      `json:"queries,omitempty"` // Pending, Uncertain
	Then        Outcome  `json:"then,omitempty"`    // Pending
	Moved       bool     `json:"moved,omitempty"`   // Uncertain: the money moved
	Amount      int64    `json:"amount,omitempty"`  // WrongAmount: fen to answer; 0 = the real one plus 1
	Skip        int      `json:"skip,omitempty"`    // let the first n matching calls pass
	Times       int      `json:"times,omitempty"`   // hit at most n calls; 0 = until cleared
	Probability float64  `json:"probability,omitempty"`
}

// Duration is a time.Duration written as "250ms" in JSON.
type Duration time.Duration

// MarshalJSON writes the form that time.ParseDuration reads.
func (d Duration) MarshalJSON() ([]byte, error) {
	return json.Marshal(time.Duration(d).String())
}

// UnmarshalJSON reads the form that time.ParseDuration reads.
func (d *Duration) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("a duration is a string such as \"250ms\": %w", err)
	}
	value, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("a duration is a string such as \"250ms\": %w", err)
	}
	*d = Duration(value)
	return nil
}

// Check finds what makes a rule meaningless, whatever the simulator.
func (r Rule) Check() error {
	switch {
	case r.Kind == "":
		return fmt.Errorf("a fault needs a kind")
	case r.Probability < 0 || r.Probability > 1:
		return fmt.Errorf("the probability %v of a fault is not between 0 and 1", r.Probability)
	case r.Times < 0 || r.Skip < 0 || r.Delay < 0 || r.Queries < 0:
		return fmt.Errorf("times, skip, delay and queries of a fault cannot be negative")
	case r.Kind == Delay && r.Delay == 0:
		return fmt.Errorf("a fault of kind delay needs a delay")
	case r.Stage != "" && r.Stage != Before && r.Stage != After:
		return fmt.Errorf("the stage %q of a fault is neither before nor after", r.Stage)
	case r.Then != "" && r.Then != Paid && r.Then != Abandoned && r.Then != Never:
		return fmt.Errorf("a pending payment ends paid, abandoned or never, not %q", r.Then)
	}
	return nil
}
