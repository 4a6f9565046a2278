package core

import (
	"context"
	"time"
)

// CheckInWatch says when an account's check-in is made by itself, for providers whose keys or
// certificates change with time (Manifest.CheckInEvery), and how that went.
type CheckInWatch struct {
	TenantID    ID
	AccountID   ID
	NextCheckAt time.Time // zero: not by itself
	SucceededAt time.Time // zero: never yet
	Failures    int       // in a row
	Failure     string    // why the last one brought nothing; empty after a success
	CreatedAt   time.Time
	Version     int
}

// CheckInTx keeps when check-ins are made.
type CheckInTx interface {
	// CheckInWatch reads one. Errors: CodeNotFound.
	CheckInWatch(ctx context.Context, account ID) (CheckInWatch, error)
	// CheckInWatches reads those of all accounts, by account.
	CheckInWatches(ctx context.Context) (map[ID]CheckInWatch, error)
	// WatchCheckIn has the account's check-in made from a time on, and not by itself when it is zero.
	WatchCheckIn(ctx context.Context, account ID, from, now time.Time) error
	// UpdateCheckInWatch writes w where its version is still that. It clears the lease. Errors: CodeConflict.
	UpdateCheckInWatch(ctx context.Context, w CheckInWatch) error
}
