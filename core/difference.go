package core

import "context"

// Waits says that a person has to do something about the difference.
func (s DifferenceState) Waits() bool { return s == DifferenceOpen || s == DifferenceCorrecting }

// DifferenceTx writes what people do with differences.
type DifferenceTx interface {
	// RecountDay counts the differences of a day anew after some were changed in this transaction,
	// and makes an open day clean when none waits any more (or waiting, for orders that are asked
	// about again), and a clean one open. Neither its lease nor when it is due changes; a node
	// that is comparing it finds the version changed and begins anew. It returns the state before
	// and the day as it is now.
	RecountDay(ctx context.Context, day ID) (was ReconciliationState, d ReconciliationDay, err error)
	// LinkedDifferences are those that are linked to an order: a surplus, and the shortages that
	// ended with it.
	LinkedDifferences(ctx context.Context, object ID) ([]Difference, error)
}

// BooksFinder finds whose something of the books is, for the platform's people. Errors:
// CodeNotFound.
type BooksFinder interface {
	TenantOfDay(ctx context.Context, id ID) (ID, error)
	TenantOfBill(ctx context.Context, id ID) (ID, error)
	TenantOfDifference(ctx context.Context, id ID) (ID, error)
	TenantOfAccount(ctx context.Context, id ID) (ID, error)
}
