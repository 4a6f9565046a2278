package postgres

import (
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func minuteOf(provider string, minute time.Time, calls int64) core.ProviderMinute {
	latency := make([]int64, len(core.LatencyBounds())+1)
	latency[2] = calls
	return core.ProviderMinute{Provider: provider, Minute: minute, ProviderCalls: core.ProviderCalls{Calls: calls, Succeeded: calls - 1, InDoubt: 1, Latency: latency}}
}

// TestNodesSayHowTheyDo: what a node says again of a minute takes the place of what it said, and
// adds to what others said; what is old, and a node that left, are forgotten.
func TestNodesSayHowTheyDo(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	now := noon().Truncate(time.Minute)
	first := core.Node{
		ID: core.NewID(now), Name: "host-1", Version: "1.2.3", StartedAt: now.Add(-time.Hour), SeenAt: now,
		Plugins: []core.NodePlugin{{ID: "demo", State: core.PluginEnabled, Restarts: 2, LastCrash: now, Unreachable: []string{"a:443"}}},
		Work:    []core.NodeWork{{Kind: core.DuePayment, Done: 3, Failed: 1, FailedAt: now}},
	}
	second := core.Node{ID: core.NewID(now), Name: "host-2", StartedAt: now, SeenAt: now, Plugins: []core.NodePlugin{}, Work: []core.NodeWork{}}
	must(t, db.SaveNode(t.Context(), first, []core.ProviderMinute{minuteOf("demo", now, 5), minuteOf("demo", now.Add(-core.ProviderMinutesKept-time.Minute), 9)}))
	must(t, db.SaveNode(t.Context(), first, []core.ProviderMinute{minuteOf("demo", now, 7)}))
	must(t, db.SaveNode(t.Context(), second, []core.ProviderMinute{minuteOf("demo", now.Add(time.Minute), 2), minuteOf("other", now, 1)}))
	nodes, err := db.Nodes(t.Context())
	must(t, err)
	same(t, nodes, []core.Node{first, second})

	steps, err := db.ProviderSteps(t.Context(), now.Add(-30*24*time.Hour), now.Add(time.Hour), time.Hour)
	must(t, err)
	if len(steps) != 2 || steps[0].Provider != "demo" || steps[0].Calls != 9 || steps[0].Succeeded != 7 || steps[0].InDoubt != 2 || steps[0].Latency[2] != 9 || steps[1].Calls != 1 {
		t.Errorf("%+v", steps)
	}
	if p := steps[0].Percentile(0.5); p <= core.LatencyBounds()[1] || p > core.LatencyBounds()[2] {
		t.Errorf("half of them took %s", p)
	}
	must(t, db.RemoveNode(t.Context(), first.ID))
	first.SeenAt = now.Add(core.ProviderMinutesKept + time.Minute)
	if nodes, err = db.Nodes(t.Context()); err != nil || len(nodes) != 1 || nodes[0].ID != second.ID {
		t.Errorf("%+v %v", nodes, err)
	}
	must(t, db.SaveNode(t.Context(), first, nil))
	if nodes, err = db.Nodes(t.Context()); err != nil || len(nodes) != 1 || nodes[0].ID != first.ID {
		t.Errorf("what is lost for long is forgotten: %+v %v", nodes, err)
	}
}

// TestTheSystemTellsWhatIsDue counts over all merchants, and what the database says of itself.
func TestTheSystemTellsWhatIsDue(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	late, later := m.payment(), m.payment()
	late.NextCheckAt, later.NextCheckAt = noon().Add(-time.Minute), noon().Add(time.Hour)
	m.write(t, db, late, later)
	queues, err := db.WorkQueues(t.Context(), noon())
	must(t, err)
	found := map[core.DueKind]core.WorkQueue{}
	for _, q := range queues {
		found[q.Kind] = q
	}
	same(t, found[core.DuePayment], core.WorkQueue{Kind: core.DuePayment, Due: 1, Oldest: late.NextCheckAt})
	if len(found) != len(dueKinds)+len(bulkKinds)+1 || len(queues) != len(found) {
		t.Errorf("queues %+v", queues)
	}
	state, err := db.DatabaseState(t.Context())
	must(t, err)
	if state.Version == "" || state.Bytes == 0 || state.SchemaVersion == 0 || state.SchemaVersion != state.KnownSchema || len(state.Tables) != 8 || state.Tables[0].Bytes < state.Tables[7].Bytes {
		t.Errorf("%+v", state)
	}
}
