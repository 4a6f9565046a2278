package policies

import (
	"slices"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

// The columns of the table, in its order.
var columns = []core.Role{
	core.RolePlatformAdmin, core.RolePlatformOperations, core.RolePlatformFinance, core.RolePlatformAuditor,
	core.RoleTenantOwner, core.RoleTenantFinance, core.RoleTenantCashier, core.RoleTenantDeveloper, core.RoleTenantViewer,
}

// The whole of who may do what. Every permission there is has a line, so that a rule added
// to policy.csv has to be added, and thought about, here as well.
const table = `
                       ------- platform -------   ------------ merchant ------------
                       admin oper. finance audit  owner finance cashier devel. viewer
payments.create          x     .     .     .       x     .     x     x     .
payments.read            x     x     x     x       x     x     x     x     x
payments.cancel          x     x     .     .       x     .     x     x     .
payments.sync            x     x     x     .       x     x     x     x     .
refunds.create           x     .     x     .       x     x     .     x     .
refunds.read             x     x     x     x       x     x     x     x     x
refunds.sync             x     x     x     .       x     x     .     x     .
approvals.read           x     .     x     x       x     x     .     x     .
approvals.decide         x     .     x     .       x     x     .     .     .
approvals.withdraw       x     .     x     .       x     x     .     x     .
approvals.tiers          x     .     .     .       x     .     .     .     .
payouts.create           x     .     .     .       x     x     .     x     .
payouts.read             x     x     x     x       x     x     .     x     x
payouts.sync             x     x     x     .       x     x     .     x     .
exports.create           x     x     x     x       x     x     .     x     x
exports.read             x     x     x     x       x     x     .     x     x
exports.cancel           x     x     x     x       x     x     .     x     x
cards.create             x     .     .     .       x     .     .     x     .
cards.read               x     x     .     x       x     x     .     x     .
cards.delete             x     .     .     .       x     .     .     x     .
members.read             x     x     .     x       x     x     .     x     x
callbacks.read           x     x     x     x       x     x     .     x     .
callbacks.rerun          x     x     .     .       .     .     .     .     .
callbacks.reveal         x     x     .     .       x     .     .     .     .
cases.read               x     x     x     x       x     x     .     x     x
cases.assign             x     x     x     .       x     x     .     .     .
cases.resolve            x     x     x     .       x     x     .     .     .
cases.close              x     x     x     .       x     x     .     .     .
reconciliation.read      x     x     x     x       x     x     .     x     x
reconciliation.run       x     .     x     .       x     x     .     .     .
reconciliation.resolve   x     .     x     .       x     x     .     .     .
reconciliation.correct   x     .     x     .       x     x     .     .     .
tenants.create           x     x     .     .       .     .     .     .     .
tenants.read             x     x     x     x       x     x     x     x     x
tenants.update           x     x     .     .       x     .     .     .     .
tenants.status           x     x     .     .       .     .     .     .     .
stores.create            x     x     .     .       x     .     .     .     .
stores.read              x     x     x     x       x     x     x     x     x
accounts.create          x     x     .     .       x     .     .     .     .
accounts.read            x     x     x     x       x     x     .     x     x
accounts.update          x     x     .     .       x     .     .     .     .
accounts.status          x     x     .     .       x     .     .     .     .
accounts.test            x     x     .     .       x     .     .     x     .
accounts.credentials     x     x     .     .       x     .     .     .     .
accounts.base_url        x     x     .     .       .     .     .     .     .
limits.read              x     x     x     x       x     x     .     x     x
limits.update            x     x     .     .       x     .     .     .     .
freezes.create           x     x     .     .       x     .     .     .     .
freezes.read             x     x     x     x       x     x     .     x     x
freezes.lift             x     x     .     .       x     .     .     .     .
fees.read                x     x     x     x       x     x     .     x     x
fees.update              x     x     .     .       .     .     .     .     .
settlement.read          x     .     x     x       x     x     .     .     x
shifts.read              x     .     x     x       x     x     x     .     .
shifts.any               x     .     x     x       x     x     .     .     .
balances.read            x     x     x     x       x     x     .     x     x
balances.refresh         x     x     x     .       x     x     .     x     .
balances.mark            x     x     .     .       x     x     .     .     .
bills.read               x     x     x     x       x     x     .     x     x
bills.import             x     .     x     .       x     x     .     .     .
bills.map                x     .     x     .       x     x     .     .     .
calendar.read            x     x     x     x       x     x     .     x     x
calendar.update          x     x     .     .       .     .     .     .     .
users.create             x     .     .     .       x     .     .     .     .
users.read               x     x     .     x       x     .     .     .     .
users.update             x     .     .     .       x     .     .     .     .
users.first              x     x     .     .       .     .     .     .     .
apikeys.create           x     .     .     .       x     .     .     x     .
apikeys.read             x     x     .     x       x     .     .     x     .
apikeys.revoke           x     .     .     .       x     .     .     x     .
events.read              x     x     x     x       x     x     .     x     x
webhooks.create          x     .     .     .       x     .     .     x     .
webhooks.read            x     x     .     x       x     x     .     x     x
webhooks.update          x     .     .     .       x     .     .     x     .
webhooks.delete          x     .     .     .       x     .     .     x     .
webhooks.secrets         x     .     .     .       x     .     .     x     .
webhooks.test            x     .     .     .       x     .     .     x     .
deliveries.read          x     x     .     x       x     x     .     x     x
deliveries.resend        x     x     .     .       x     .     .     x     .
requests.read            x     x     .     x       x     .     .     x     .
audit.read               x     .     .     x       x     .     .     .     .
audit.verify             x     .     .     x       x     .     .     .     .
plugins.read             x     x     x     x       x     x     x     x     x
plugins.inspect          x     x     .     .       .     .     .     .     .
plugins.verify           x     x     .     .       .     .     .     .     .
plugins.approve          x     .     .     .       .     .     .     .     .
plugins.switch           x     .     .     .       .     .     .     .     .
plugins.upload           x     .     .     .       .     .     .     .     .
actors.read              x     x     x     x       x     x     .     x     x
alerts.read              x     x     x     x       x     x     .     x     x
alerts.take              x     x     .     .       x     x     .     x     .
alert_channels.read      x     x     .     x       x     .     .     x     .
alert_channels.manage    x     .     .     .       x     .     .     .     .
search.read              x     x     x     x       x     x     x     x     x
simulator.read           x     x     .     .       x     .     .     x     .
simulator.use            x     x     .     .       x     .     .     x     .
summary.read             x     x     x     x       x     x     .     x     x
system.read              x     x     .     x       .     .     .     .     .
`

func TestTheTableIsThePolicy(t *testing.T) {
	t.Parallel()
	granted := grants(t)
	named := map[string]bool{}
	for line := range strings.Lines(strings.TrimPrefix(table, "\n")) {
		cells := strings.Fields(line)
		if len(cells) != len(columns)+1 || !strings.Contains(cells[0], ".") || strings.HasPrefix(cells[0], "-") {
			continue
		}
		named[cells[0]] = true
		for i, role := range columns {
			if want := cells[i+1] == "x"; granted[string(role)][cells[0]] != want {
				t.Errorf("%s: %s has it %v, the table says %v", cells[0], role, !want, want)
			}
		}
	}
	for role, permissions := range granted {
		if !slices.Contains(columns, core.Role(role)) {
			t.Errorf("the role %q is in policy.csv and not in the core", role)
		}
		for p := range permissions {
			if !named[p] {
				t.Errorf("%s of %s is not in the table", p, role)
			}
		}
	}
	if len(named) < 40 {
		t.Errorf("the table was read as %d permissions", len(named))
	}
}

func grants(t *testing.T) map[string]map[string]bool {
	t.Helper()
	rules, err := Templates()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]bool{}
	for _, r := range rules {
		if out[r.Role] == nil {
			out[r.Role] = map[string]bool{}
		}
		for _, action := range r.Actions {
			if out[r.Role][r.Object+"."+action] {
				t.Errorf("%s has %s.%s twice", r.Role, r.Object, action)
			}
			out[r.Role][r.Object+"."+action] = true
		}
	}
	return out
}

// The owner may give every role of the merchant only because the owner holds all they hold.
func TestTheOwnerHoldsWhatTheOthersHold(t *testing.T) {
	t.Parallel()
	granted := grants(t)
	for _, c := range []struct {
		above core.Role
		below []core.Role
	}{
		{core.RoleTenantOwner, columns[5:]},
		{core.RolePlatformAdmin, columns[1:]},
	} {
		for _, role := range c.below {
			for p := range granted[string(role)] {
				if !granted[string(c.above)][p] {
					t.Errorf("%s holds %s, which %s does not", role, p, c.above)
				}
			}
		}
	}
}

func TestRolesStayInTheirDomain(t *testing.T) {
	t.Parallel()
	rules, err := Templates()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		if core.Role(r.Role).IsPlatform() != (r.Domain == PlatformDomain) {
			t.Errorf("%s has a rule in the domain %q", r.Role, r.Domain)
		}
	}
}

func TestBadTemplatesAreRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"too few words":        "p, tenant_owner, *, payments",
		"not a rule":           "g, tenant_owner, *, payments, read",
		"tenant on platform":   "p, tenant_owner, platform, payments, read",
		"platform everywhere":  "p, platform_admin, *, payments, read",
		"one merchant's rule":  "p, tenant_owner, 018f, payments, read",
		"empty action":         "p, tenant_owner, *, payments, read|",
		"empty object":         "p, tenant_owner, *, , read",
		"broken quoting":       `p, "tenant_owner, *, payments, read`,
		"a stray empty action": "p, tenant_owner, *, payments,",
	} {
		if rules, err := parse(text); err == nil {
			t.Errorf("%s: read as %v", name, rules)
		}
	}
}
