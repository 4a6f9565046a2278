// Package check judges what a run under faults left behind: what clients were told, what
// the database holds, and what the simulated providers' own ledgers say. Each invariant of
// docs/chaos.md is one function over plain data, so that a test can break each of them.
package check

// Evidence is everything the judges look at. It was collected after the faults ended and
// every question that can be answered was answered.
type Evidence struct {
	Operations  []Operation   // what clients asked for and were told
	Orders      []Order       // payments as they are stored
	Refunds     []Refund      // refunds as they are stored
	Payouts     []Payout      // payouts as they are stored
	Movements   []Movement    // the providers' ledgers, entry by entry
	Overdrawn   []Overdrawn   // seen in the database while the load ran
	Looks       int           // how often was looked for them
	Steps       []Step        // the states each object has had, in order
	Deliveries  []Delivery    // what must have reached somebody, and how often it did
	Chains      []Chain       // the audit chains
	Sightings   []Sighting    // another tenant's mark in a reply
	Replies     int           // how many replies were searched for such marks
	Processes   []Process     // the plugins' processes that were seen
	Descriptors []Descriptors // open files of a node before and after load
	Leaks       []Leak        // secrets where none may be
	Searched    []Searched    // what was searched for secrets
}

// Kind is what an operation makes.
type Kind string

// The kinds of objects.
const (
	Payment Kind = "payment"
	Refunds Kind = "refund"
	Payouts Kind = "payout"
)

// Operation is one thing a client wanted once, under one idempotency key, however often it
// had to ask.
type Operation struct {
	Key    string // the client's own mark of it, also on the stored object
	Kind   Kind
	Amount int64 // fen
	// Told are the different objects that replies named. More than one is a second effect.
	Told []Reply
}

// Reply is what a client was told of an object and relies on.
type Reply struct {
	Object string
	State  string
	Final  bool // a state that ends the object's normal life
}

// Order is a payment in the database. Amounts are in fen.
type Order struct {
	ID, OrderNo, Mark          string
	State                      string
	Amount, Refunded, Reserved int64
	Unknown                    bool
	Due                        bool // somebody is to be asked about it
}

// Refund is a refund in the database.
type Refund struct {
	ID, Payment, RefundNo, Mark string
	State                       string
	Amount                      int64
	Unknown                     bool
	Due                         bool // the provider can be asked about it; else a person or the bill settles it
}

// Payout is a payout in the database.
type Payout struct {
	ID, PayoutNo, Mark string
	State              string
	Amount             int64
	Unknown            bool
}

// Movement is an entry of a provider's ledger.
type Movement struct {
	Order, Request string // our numbers: of the payment or payout, and of the refund
	Kind           string // pay, refund, reversal, payout, return
	Amount         int64
}

// Overdrawn is a payment of which more was given back or promised than was paid.
type Overdrawn struct {
	Payment         string
	Paid, Committed int64
}

// Step is a change of an object's state, as the outbox tells it.
type Step struct {
	Object, State string
	Corrected     bool // a listed correction with the provider's evidence
}

// Delivery is an event and how often it reached its receiver.
type Delivery struct {
	Event, Type string
	Times       int
}

// Chain is what walking a tenant's audit chain found.
type Chain struct {
	Tenant   string
	Rows     int64
	Unsealed int64  // rows that stand in no chain
	Broken   string // the first break, or ""
}

// Sighting is a mark of one tenant in what another was given.
type Sighting struct{ Reader, Mark, Where string }

// Process is a plugin's process of a node that has ended.
type Process struct {
	PID   int
	Name  string
	Alive bool
}

// Descriptors counts a node's open files, idle both times.
type Descriptors struct {
	Node          string
	Before, After int
}

// Leak is a secret in a place. The secret itself is only named.
type Leak struct{ Secret, Where string }

// Searched is a place that was searched for secrets, with its size in bytes.
type Searched struct {
	Where string
	Bytes int64
}
