package core

import (
	"context"
	"time"
)

// Figure is one number that says how the platform does, over all tenants: how many there are
// of something that should not stay, and since when the oldest is there.
type Figure struct {
	Of FigureOf
	// Kind narrows it: payment, refund, payout; a case's or an alert's kind; a callback's effect; a provider; a day's state.
	Kind string
	// Detail narrows it further: an age, a severity.
	Detail string
	Count  int64
	Oldest time.Time // zero: none, or it has no age
}

// FigureOf says what a figure counts.
type FigureOf string

// What is counted.
const (
	FigureUnknown    FigureOf = "unknown"    // orders whose outcome is in doubt, by age
	FigureDue        FigureOf = "due"        // things whose time has come, leased ones included
	FigureCases      FigureOf = "cases"      // open
	FigureApprovals  FigureOf = "approvals"  // what waits for a second person
	FigureAlerts     FigureOf = "alerts"     // open, by severity
	FigureCallbacks  FigureOf = "callbacks"  // received within CallbackWindow, by effect
	FigureBalances   FigureOf = "balances"   // accounts whose balances are read, by provider; the oldest reading
	FigureDays       FigureOf = "days"       // of reconciliation that are not clean, by state
	FigureDeliveries FigureOf = "deliveries" // of webhooks, not delivered and not given up
	FigureUnchained  FigureOf = "unchained"  // audit rows that the sealer has not chained yet
)

// CallbackWindow is how far back figures of callbacks count.
const CallbackWindow = 15 * time.Minute

// Ages of unknown orders, as Figure.Detail.
const (
	AgeMinutes = "under_10m"
	AgeHour    = "under_1h"
	AgeDay     = "under_24h"
	AgeOld     = "older"
)

// Figures counts, cheaply enough to be asked several times a minute.
type Figures interface {
	Figures(ctx context.Context, now time.Time) ([]Figure, error)
}
