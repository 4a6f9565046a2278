package check

import "github.com/zhanggui-pay/zhanggui/core"

// FinalStays is I5: what ended stays as it ended, but for the corrections that core lists.
func FinalStays(e Evidence) Verdict {
	j := newJudge("I5", "final states change only by a listed correction")
	ended := map[string]string{} // object → last state
	current := map[string]string{}
	for _, s := range e.Steps {
		before, ok := ended[s.Object]
		if ok && before != s.State && !allowed(before, s.State, s.Corrected) {
			j.find("%s was %s and became %s", s.Object, before, s.State)
		}
		ended[s.Object] = s.State
	}
	for _, o := range e.Orders {
		current[o.ID] = o.State
	}
	for _, r := range e.Refunds {
		current[r.ID] = r.State
	}
	for _, p := range e.Payouts {
		current[p.ID] = p.State
	}
	for object, state := range current {
		if last, ok := ended[object]; ok && last != state {
			j.find("%s is %s; its events end with %s", object, state, last)
		}
	}
	told := 0
	for _, o := range e.Operations {
		for _, t := range o.Told {
			if !t.Final {
				continue
			}
			told++
			if now, ok := current[t.Object]; ok && now != t.State && !corrects(t.State, now) {
				j.find("a client was told that %s is %s; it is %s", t.Object, t.State, now)
			}
		}
	}
	return j.examined(len(e.Steps), "%d changes of state, %d final answers to clients", len(e.Steps), told)
}

// allowed asks the tables of core: which table does not matter, the states of the three
// kinds that share a name mean the same.
func allowed(from, to string, corrected bool) bool {
	if _, err := core.PaymentTransitions().Check(core.PaymentState(from), core.PaymentState(to), corrected); err == nil {
		return true
	}
	if _, err := core.RefundTransitions().Check(core.RefundState(from), core.RefundState(to), corrected); err == nil {
		return true
	}
	_, err := core.PayoutTransitions().Check(core.PayoutState(from), core.PayoutState(to), corrected)
	return err == nil
}

// corrects says that a listed correction, or the later end of an expired order, leads from one to the other.
func corrects(from, to string) bool { return allowed(from, to, true) }

// EveryEvent is I6: every event reached its receiver at least once.
func EveryEvent(e Evidence) Verdict {
	j := newJudge("I6", "every event is delivered at least once")
	again := 0
	for _, d := range e.Deliveries {
		switch {
		case d.Times == 0:
			j.find("event %s (%s) was never delivered", d.Event, d.Type)
		case d.Times > 1:
			again++
		}
	}
	return j.examined(len(e.Deliveries), "%d events and states, %d of them delivered more than once", len(e.Deliveries), again)
}

// ChainHolds is I7: the audit chain of every tenant verifies and holds every row.
func ChainHolds(e Evidence) Verdict {
	j := newJudge("I7", "the audit chain verifies")
	var rows int64
	for _, c := range e.Chains {
		rows += c.Rows
		if c.Broken != "" {
			j.find("the chain of %s is broken: %s", c.Tenant, c.Broken)
		}
		if c.Unsealed > 0 {
			j.find("%d audit rows of %s stand in no chain", c.Unsealed, c.Tenant)
		}
	}
	return j.examined(int(rows), "%d rows in %d chains", rows, len(e.Chains))
}

// OwnTenant is I8: nobody is given what belongs to another tenant.
func OwnTenant(e Evidence) Verdict {
	j := newJudge("I8", "no reply holds another tenant's data")
	for _, s := range e.Sightings {
		j.find("%s was given %s in %s", s.Reader, s.Mark, s.Where)
	}
	return j.examined(e.Replies, "%d replies", e.Replies)
}

// descriptorSlack is what an idle node may hold more than before: connections that a pool keeps.
const descriptorSlack = 16

// NoOrphan is I9: no plugin outlives its node, and an idle node holds no more files after load than before.
func NoOrphan(e Evidence) Verdict {
	j := newJudge("I9", "no orphan process, no growing descriptors")
	for _, p := range e.Processes {
		if p.Alive {
			j.find("process %d (%s) outlived its node", p.PID, p.Name)
		}
	}
	for _, d := range e.Descriptors {
		if d.After > d.Before+descriptorSlack {
			j.find("%s had %d open files before the load and %d after it", d.Node, d.Before, d.After)
		}
	}
	looked := 0
	if len(e.Processes) > 0 {
		looked = len(e.Descriptors)
	}
	return j.examined(looked, "%d plugin processes, descriptors of %d nodes", len(e.Processes), len(e.Descriptors))
}

// NoSecret is I10: no secret stands in a log, in the database or in a reply.
func NoSecret(e Evidence) Verdict {
	j := newJudge("I10", "no secret in logs, database or replies")
	for _, l := range e.Leaks {
		j.find("%s stands in %s", l.Secret, l.Where)
	}
	var size int64
	for _, s := range e.Searched {
		size += s.Bytes
		if s.Bytes == 0 {
			j.find("%s was empty: nothing was searched", s.Where)
		}
	}
	return j.examined(len(e.Searched), "%d places of %d KiB together", len(e.Searched), size>>10)
}
