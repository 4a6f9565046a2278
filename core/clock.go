package core

import "time"

// Clock tells the time. Everything that decides by time takes one.
type Clock func() time.Time

// Beijing is the zone of every provider and of every day's cut. A fixed zone, because
// zone data may be absent where we run.
func Beijing() *time.Location { return time.FixedZone("CST", 8*3600) }
