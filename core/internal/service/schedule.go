package service

import (
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// answerMargin is added to CallTimeout before an intent without an outcome is asked
// about, so that a call still running is not overtaken by its own query.
const answerMargin = 5 * time.Second

// defaultTail is the slow schedule of a manifest that names none.
const defaultTail = 10 * time.Minute

// leastWait and longestWait bound the time between two questions about the same thing.
const (
	leastWait   = time.Second
	longestWait = 6 * time.Hour
)

// nextCheck says when to ask again about something created at created and asked checks
// times already: the fast waits within the window, then the tail, whose last wait
// repeats. It never says "no more", never "at once" and never "next week": a manifest can
// neither make us hammer its provider nor make us forget an order.
func nextCheck(poll core.PollSchedule, created, now time.Time, checks int) time.Time {
	return now.Add(min(longestWait, max(leastWait, nextWait(poll, created, now, checks))))
}

func nextWait(poll core.PollSchedule, created, now time.Time, checks int) time.Duration {
	age := now.Sub(created)
	if age < poll.Window && len(poll.Fast) > 0 {
		return poll.Fast[min(checks, len(poll.Fast)-1)]
	}
	if len(poll.Tail) == 0 {
		return defaultTail
	}
	spent := poll.Window
	for _, wait := range poll.Tail[:len(poll.Tail)-1] {
		spent += wait
		if spent > age {
			return wait
		}
	}
	return poll.Tail[len(poll.Tail)-1]
}

// earliest gives the earlier of two times, where zero means never.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}
