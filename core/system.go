package core

import (
	"context"
	"time"
)

const (
	// NodeReportsEvery is how often a node says that it runs.
	NodeReportsEvery = 15 * time.Second
	// NodeLostAfter is when a node that said nothing counts as lost.
	NodeLostAfter = 4 * NodeReportsEvery
	// ProviderMinutesKept is how long the minutes of providers are kept, and lost nodes.
	ProviderMinutesKept = 8 * 24 * time.Hour
)

// Node is one running process of the platform, as it last said of itself.
type Node struct {
	ID        ID
	Name      string // of its machine
	Version   string
	StartedAt time.Time
	SeenAt    time.Time
	Plugins   []NodePlugin
	Work      []NodeWork
}

// Lost says that the node said nothing for too long.
func (n Node) Lost(now time.Time) bool { return now.Sub(n.SeenAt) > NodeLostAfter }

// NodePlugin is how a provider's plugin runs on a node.
type NodePlugin struct {
	ID          string      `json:"id"`
	State       PluginState `json:"state"`
	Restarts    int         `json:"restarts"`
	LastCrash   time.Time   `json:"last_crash,omitzero"`
	GaveUp      bool        `json:"gave_up,omitempty"`     // it is not started again by itself
	Unreachable []string    `json:"unreachable,omitempty"` // its provider's addresses that cannot be connected to, host:port
}

// NodeWork is what a node did of one kind of what was due, since it was started.
type NodeWork struct {
	Kind     DueKind   `json:"kind"`
	Done     int64     `json:"done"`
	Failed   int64     `json:"failed"` // tried again later, all of them
	FailedAt time.Time `json:"failed_at,omitzero"`
}

// LatencyBounds are the upper bounds by which calls are counted; a last count is of those that took longer.
func LatencyBounds() []time.Duration {
	return []time.Duration{
		5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond,
		500 * time.Millisecond, time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute,
	}
}

// ProviderCalls counts calls of a provider's plugin.
type ProviderCalls struct {
	Calls     int64
	Succeeded int64
	Failed    int64   // the provider said no: the payer's affair, or the request's
	InDoubt   int64   // what came back did not say how it ended
	NotSent   int64   // failed before anything left
	Latency   []int64 // how many took so long, by LatencyBounds
}

// Add sums two counts.
func (c ProviderCalls) Add(o ProviderCalls) ProviderCalls {
	sum := ProviderCalls{
		Calls: c.Calls + o.Calls, Succeeded: c.Succeeded + o.Succeeded, Failed: c.Failed + o.Failed, InDoubt: c.InDoubt + o.InDoubt,
		NotSent: c.NotSent + o.NotSent, Latency: make([]int64, len(LatencyBounds())+1),
	}
	for i := range sum.Latency {
		for _, l := range [][]int64{c.Latency, o.Latency} {
			if i < len(l) {
				sum.Latency[i] += l[i]
			}
		}
	}
	return sum
}

// Percentile estimates how long a part of the calls took at most: 0.95 for all but a twentieth.
// Within its bound it is drawn as a line; zero without calls.
func (c ProviderCalls) Percentile(part float64) time.Duration {
	var all int64
	for _, n := range c.Latency {
		all += n
	}
	if all == 0 {
		return 0
	}
	wanted, seen, below := part*float64(all), 0.0, time.Duration(0)
	for i, bound := range LatencyBounds() {
		n := float64(c.Latency[i])
		if n > 0 && seen+n >= wanted {
			return below + time.Duration((wanted-seen)/n*float64(bound-below))
		}
		seen, below = seen+n, bound
	}
	return below
}

// ProviderMinute is a node's calls of one provider in one minute.
type ProviderMinute struct {
	Provider string
	Minute   time.Time
	ProviderCalls
}

// ProviderHealth is how a provider answered for a while, and how its plugin runs on each node.
type ProviderHealth struct {
	Provider string
	ProviderCalls
	Steps []ProviderMinute // those with calls, by time: a minute, or as long as was asked for
}

// HealthReport is how the providers answer.
type HealthReport struct {
	From, To  time.Time
	Step      time.Duration
	Providers []ProviderHealth
	Nodes     []Node
}

// WorkQueue is what is due of one kind.
type WorkQueue struct {
	Kind   DueKind
	Due    int64     // its time has come
	Leased int64     // of all there is, what a node is at
	Oldest time.Time // since when the oldest is due; zero: none
}

// TableSize is a table of the database.
type TableSize struct {
	Name  string
	Bytes int64 // with its indexes
	Rows  int64 // as the planner estimates
}

// DatabaseState is what the database says of itself.
type DatabaseState struct {
	Version       string
	Bytes         int64
	SchemaVersion int64       // the newest migration that was applied
	KnownSchema   int64       // the newest that this program knows
	Tables        []TableSize // the largest
}

// System is how the platform does.
type System struct {
	Node      ID // the one that answers
	Nodes     []Node
	Work      []WorkQueue
	Figures   []Figure
	Database  DatabaseState
	Retention Retention
}

// SystemStore keeps what nodes say of themselves. What it cannot keep it loses: it decides nothing.
type SystemStore interface {
	Figures

	// SaveNode keeps what a node says, its minutes in place of what it said of them before, and
	// forgets what is older than ProviderMinutesKept.
	SaveNode(ctx context.Context, n Node, minutes []ProviderMinute) error
	// RemoveNode forgets a node that ends.
	RemoveNode(ctx context.Context, id ID) error
	Nodes(ctx context.Context) ([]Node, error)
	// ProviderSteps sums the minutes in [from, to) of all nodes, by provider and step.
	ProviderSteps(ctx context.Context, from, to time.Time, step time.Duration) ([]ProviderMinute, error)
	WorkQueues(ctx context.Context, now time.Time) ([]WorkQueue, error)
	DatabaseState(ctx context.Context) (DatabaseState, error)
}

// Systems shows how the platform does. For the platform only.
type Systems interface {
	System(ctx context.Context) (System, error)
	// ProviderHealth goes back as long as asked, at most ProviderMinutesKept.
	ProviderHealth(ctx context.Context, back time.Duration) (HealthReport, error)
}
