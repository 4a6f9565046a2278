package core

import (
	"context"
	"time"
)

// SweepQuery asks which orders of an account's day its provider must be asked about one by
// one: those whose money moved in the period, and those that were sent in it and did not
// succeed, because the provider may see that otherwise.
type SweepQuery struct {
	AccountID ID
	Kind      MovementKind // payment, refund or payout
	Methods   []Method     // of the payment; of a refund, its payment's; empty: all
	// Channels narrows payments to those of these channels and those that name none; empty: all.
	Channels []string
	From, To time.Time // [From, To)
	Bill     ID        // orders that stand on it already are left out
	After    string    // our number of the last one
	Limit    int
}

// SweptOrder is one order to ask about.
type SweptOrder struct {
	Kind   MovementKind
	ID     ID
	Number string // ours
}

// SweepReader finds what a provider is asked about order by order.
type SweepReader interface {
	// OrdersToAsk lists orders by our number.
	OrdersToAsk(ctx context.Context, q SweepQuery) ([]SweptOrder, error)
	// HasOrders says whether the account took any order by one of the methods in [from, to), or
	// with no method paid anything out.
	HasOrders(ctx context.Context, account ID, methods []Method, from, to time.Time) (bool, error)
}
