package core

import "testing"

// TestNeededApprovals: the defaults, tiers of one's own, and who has several roles.
func TestNeededApprovals(t *testing.T) {
	t.Parallel()
	own := []ApprovalTier{
		{Kind: ApproveRefund, Role: RoleTenantDeveloper, From: 0, Needed: 1},
		{Kind: ApproveRefund, Role: RoleTenantFinance, From: 100_00, Needed: 1},
		{Kind: ApproveRefund, Role: RoleTenantFinance, From: 1000_00, Needed: 2},
		{Kind: ApproveRefund, Role: RoleTenantFinance, From: 5000_00, Needed: 0},
	}
	for _, tt := range []struct {
		name   string
		own    []ApprovalTier
		kind   ApprovalKind
		roles  []Role
		amount int64
		want   int
	}{
		{"a payout, always", nil, ApprovePayout, []Role{RoleTenantOwner}, 1, 1},
		{"a payout just under the second tier", nil, ApprovePayout, []Role{RoleTenantOwner}, 50_000_00 - 1, 1},
		{"a large payout", nil, ApprovePayout, []Role{RoleTenantOwner}, 50_000_00, 2},
		{"a batch by its sum", nil, ApprovePayoutBatch, nil, 1_000_000_00, 2},
		{"a resolution", nil, ApproveResolution, nil, 1, 1},
		{"an owner's refund", nil, ApproveRefund, []Role{RoleTenantOwner}, 9_999_999_999, 0},
		{"finance under its limit", nil, ApproveRefund, []Role{RoleTenantFinance}, 10_000_00 - 1, 0},
		{"finance at its limit", nil, ApproveRefund, []Role{RoleTenantFinance}, 10_000_00, 1},
		{"own tiers take the defaults' place", own, ApproveRefund, []Role{RolePlatformFinance}, 10_000_00, 0},
		{"and only for their kind", own, ApprovePayout, []Role{RoleTenantOwner}, 50_000_00, 2},
		{"the highest tier that is reached counts", own, ApproveRefund, []Role{RoleTenantFinance}, 1000_00, 2},
		{"also when it asks for fewer", own, ApproveRefund, []Role{RoleTenantFinance}, 5000_00, 0},
		{"of two roles the more careful counts", own, ApproveRefund, []Role{RoleTenantFinance, RoleTenantDeveloper}, 1, 1},
		{"a role without a tier", own, ApproveRefund, []Role{RoleTenantOwner}, 5000_00, 0},
	} {
		if got := NeededApprovals(tt.own, tt.kind, tt.roles, tt.amount); got != tt.want {
			t.Errorf("%s: %d people, want %d", tt.name, got, tt.want)
		}
	}
}

func TestEveryKindOfApprovalHasItsPrefix(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, k := range []ApprovalKind{ApproveRefund, ApprovePayout, ApprovePayoutBatch, ApproveResolution} {
		if seen[k.Prefix()] {
			t.Errorf("%s shares its prefix", k)
		}
		seen[k.Prefix()] = true
	}
}
