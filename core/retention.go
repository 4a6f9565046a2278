package core

import (
	"context"
	"time"
)

// Retention says how long what is kept for a while is kept. Zero: for ever. Payments, refunds,
// payouts, entries, events and the audit log are always kept.
type Retention struct {
	Evidence            time.Duration // what a provider answered to a call, on the call's record
	Attempts            time.Duration // the records of calls about orders that have ended
	Callbacks           time.Duration // verified; what an open case is about stays longer
	UnverifiedCallbacks time.Duration
	Deliveries          time.Duration // of webhooks, ended
	Balances            time.Duration // all of them; afterwards the last of each day
	Nonces              time.Duration // of callbacks
	Alerts              time.Duration // that channels were told of alerts that are over
	Requests            time.Duration // what merchants' programs asked of the API
}

// DefaultRetention is what is kept where nothing is set.
func DefaultRetention() Retention {
	const day = 24 * time.Hour
	return Retention{
		Evidence: 180 * day, Attempts: 730 * day, Callbacks: 180 * day, UnverifiedCallbacks: 7 * day, Deliveries: 30 * day, Balances: 30 * day,
		Nonces: 180 * day, Alerts: 90 * day, Requests: 30 * day,
	}
}

// Check refuses what would lose what is still needed: to settle a dispute, to tell a repeated
// callback from a new one, to send a webhook again. Errors: CodeInvalidRequest with the setting.
func (r Retention) Check() error {
	const day = 24 * time.Hour
	for _, k := range []struct {
		name        string
		kept, least time.Duration
	}{
		{"evidence", r.Evidence, 30 * day},
		{"attempts", r.Attempts, 90 * day},
		{"callbacks", r.Callbacks, 30 * day},
		{"unverified_callbacks", r.UnverifiedCallbacks, day},
		{"deliveries", r.Deliveries, 7 * day},
		{"balances", r.Balances, 2 * day},
		{"nonces", r.Nonces, day},
		{"alerts", r.Alerts, 7 * day},
		{"requests", r.Requests, day},
	} {
		if k.kept < 0 || k.kept > 0 && k.kept < k.least {
			return Errorf(CodeInvalidRequest, "retention.%s must be 0 (for ever) or at least %dh; it is %s.", k.name, int(k.least/time.Hour), k.kept).At("retention." + k.name)
		}
	}
	if r.Nonces > 0 && (r.Callbacks == 0 || r.Nonces < r.Callbacks) {
		return Errorf(CodeInvalidRequest, "retention.nonces must be 0 (for ever) or as long as retention.callbacks: a callback that is read again still needs its nonce.").At("retention.nonces")
	}
	return nil
}

// Pruned is what one step of removing came to.
type Pruned struct {
	Rows int  // removed or emptied
	More bool // there is more to be looked at
}

// Pruner removes what is too old, in steps of short transactions, a merchant at a time, limit
// rows each. It waits for no lock that a payment holds and holds none that a payment needs.
type Pruner interface {
	// EmptyEvidence empties the evidence of calls that were begun before a time, but for those
	// about an order that is open, in doubt or has an open case.
	EmptyEvidence(ctx context.Context, before time.Time, limit int) (Pruned, error)
	// PruneAttempts removes the records of such calls.
	PruneAttempts(ctx context.Context, before time.Time, limit int) (Pruned, error)
	// PruneCallbacks removes callbacks that were never verified and came before a time.
	PruneCallbacks(ctx context.Context, before time.Time, limit int) (Pruned, error)
	// PruneVerifiedCallbacks is the same for those that were, except what an open case is about.
	PruneVerifiedCallbacks(ctx context.Context, before time.Time, limit int) (Pruned, error)
	// PruneNonces removes nonces that were seen before a time.
	PruneNonces(ctx context.Context, before time.Time, limit int) (Pruned, error)
	// PruneDeliveries removes deliveries that have ended and were made before a time.
	PruneDeliveries(ctx context.Context, before time.Time, limit int) (Pruned, error)
	// PruneBalances removes the snapshots of whole Beijing days before a time but for the last of
	// each day; with them the days' limits.
	PruneBalances(ctx context.Context, before time.Time, limit int) (Pruned, error)
	// PruneNotices removes what says that channels were told before a time of alerts that are over.
	PruneNotices(ctx context.Context, before time.Time, limit int) (Pruned, error)
	// PruneRequests removes entries of the request log that were made before a time.
	PruneRequests(ctx context.Context, before time.Time, limit int) (Pruned, error)
}
