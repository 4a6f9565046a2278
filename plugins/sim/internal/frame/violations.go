package frame

import (
	"sync"
	"time"
)

// Violation is one breach of a provider's document by a caller. A correct plugin causes none.
// It carries no values of fields, no keys and no signatures.
type Violation struct {
	Seq       int64     `json:"seq"`
	At        time.Time `json:"at"`
	Operation string    `json:"operation"`
	Account   string    `json:"account,omitempty"`
	Order     string    `json:"order,omitempty"`
	Code      string    `json:"code"` // what was answered
	Problem
}

// keep bounds the memory of a log; the count goes on.
const keep = 10_000

// Violations is a log of breaches, safe for concurrent use. The zero value is empty.
type Violations struct {
	mu    sync.Mutex
	list  []Violation
	count int64
}

// Record adds one breach.
func (v *Violations) Record(violation Violation) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.count++
	violation.Seq = v.count
	if len(v.list) < keep {
		v.list = append(v.list, violation)
	}
}

// List returns the first 10,000 breaches, oldest first.
func (v *Violations) List() []Violation {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]Violation(nil), v.list...)
}

// Count is the number of all breaches.
func (v *Violations) Count() int64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.count
}

// Reset forgets all.
func (v *Violations) Reset() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.list, v.count = nil, 0
}
