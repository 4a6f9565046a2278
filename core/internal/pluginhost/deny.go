package pluginhost

import providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"

// deny refuses what is outside a call's grant, counts it and logs it. session is nil when
// the token belongs to no live call.
func (u *unit) deny(s *session, what string) *providerpb.Failure {
	u.mu.Lock()
	u.counters.violations++
	u.counters.violation = what
	u.mu.Unlock()
	attributes := []any{"plugin", u.id, "asked_for", what}
	if s != nil {
		attributes = append(attributes, "operation", string(s.call.Operation), "tenant", s.call.TenantID.String(),
			"account", s.call.Account.ID.String(), "attempt", s.call.AttemptID.String())
	}
	u.host.log.Warn("plugin asked for what it is not granted", attributes...)
	return failure("denied", "Outside the grant of this call: "+what+".")
}
