package pluginhost

import (
	"sync"
	"time"
)

// throttle lets a burst through and then so much a second: what a plugin says must not fill
// the host's log. It is not told what it held back one by one, only how much.
type throttle struct {
	burst, perSecond float64

	mu   sync.Mutex
	used float64
	last time.Time
	held int64
}

// pass says whether something of that cost may go on, and how many could not since the last that did.
func (t *throttle) pass(now time.Time, cost float64) (ok bool, held int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if since := now.Sub(t.last).Seconds(); since > 0 {
		t.used = max(0, t.used-since*t.perSecond)
	}
	t.last = now
	if t.used+cost > t.burst {
		t.held++
		return false, 0
	}
	t.used += cost
	held, t.held = t.held, 0
	return true, held
}

// The bounds of what one plugin has the host log: refusals, and KiB of its own lines.
func newRefusals() *throttle { return &throttle{burst: 20, perSecond: 5} }

func newSayings() *throttle { return &throttle{burst: 2000, perSecond: 500} }
