package pluginhost

import (
	"time"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

// violationLimit is how much is kept of what a plugin asked for.
const violationLimit = 256

// violationKinds is how many different things a plugin may ask for that are each logged at once;
// after them, and when one is asked for again, only some a second are.
const violationKinds = 200

// name is the plugin's id, or the file that is being asked what it is.
func (u *unit) name() string {
	if u.id == "" {
		return u.file
	}
	return u.id
}

// deny refuses what is outside a call's grant, counts it and logs it. session is nil when
// the token belongs to no live call.
func (u *unit) deny(s *session, what string) *providerpb.Failure {
	what = clipTo(printable(what), violationLimit)
	u.mu.Lock()
	u.counters.violations++
	u.counters.violation, u.counters.violated = what, u.host.now()
	first := !u.tried[what] && len(u.tried) < violationKinds
	if first {
		u.tried[what] = true
	}
	u.mu.Unlock()
	ok, held := u.refusals.pass(time.Now(), 1)
	if !ok && !first {
		return failure("denied", "Outside the grant of this call: "+what+".")
	}
	attributes := []any{"plugin", u.name(), "asked_for", what}
	if s != nil {
		attributes = append(attributes, "operation", string(s.call.Operation), "tenant", s.call.TenantID.String(),
			"account", s.call.Account.ID.String(), "attempt", s.call.AttemptID.String())
	}
	if held > 0 {
		attributes = append(attributes, "not_logged_before", held)
	}
	u.host.log.Warn("plugin asked for what it is not granted", attributes...)
	return failure("denied", "Outside the grant of this call: "+what+".")
}
