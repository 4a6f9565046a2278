package core

import (
	"context"
	"time"
)

// Sums is what happened in a time, by when the orders were made and how they stand now. Amounts
// are fen.
type Sums struct {
	Paid, Refunded, PaidOut                int64
	PaidCount, RefundedCount, PaidOutCount int64 // that succeeded
	FailedCount                            int64 // payments
}

// Net is what is left of the money that came in, before fees, in fen.
func (s Sums) Net() int64 { return s.Paid - s.Refunded - s.PaidOut }

// SummaryStep is an hour or a day of a summary.
type SummaryStep struct {
	From time.Time
	Sums
}

// SummaryPart is the payments of one provider by one method.
type SummaryPart struct {
	Provider                     string
	Method                       Method
	Paid, PaidCount, FailedCount int64
}

// Summary counts what happened between two times, in fen, beside the time as long before it.
type Summary struct {
	Sums
	Step  time.Duration // an hour, or a day for more than two days
	Steps []SummaryStep // all of them, from the beginning

	// Previous sums the time before. Of a time that has not ended it has the part that is as old
	// as this one, so that half a day is not held against a whole one; PreviousSteps has all of it.
	Previous                 Sums
	PreviousFrom, PreviousTo time.Time
	PreviousSteps            []SummaryStep

	Parts   []SummaryPart // by provider and method
	Doubt   Doubt
	Waiting []WaitingFor // where the caller may look
}

// Doubt counts what is in doubt now, whenever it began.
type Doubt struct {
	Payments, Refunds, Payouts int64
	Since                      time.Time // the oldest; zero: none
}

// WaitingFor counts what waits for people at one place.
type WaitingFor struct {
	What   WaitingAt
	Count  int64
	Urgent int64     // of them: cases that nobody takes care of, alerts that are critical
	Oldest time.Time // zero: none
}

// WaitingAt is a place where things wait for people.
type WaitingAt string

// The places.
const (
	WaitingApprovals   WaitingAt = "approvals"   // that the caller may answer and has not
	WaitingCases       WaitingAt = "cases"       // open
	WaitingDifferences WaitingAt = "differences" // of reconciliation, open
	WaitingAlerts      WaitingAt = "alerts"      // not resolved
)

// SummaryQuery says what is summed: [From, To), as of Now.
type SummaryQuery struct {
	TenantID      ID // zero: all
	From, To, Now time.Time
}

// Step is an hour, or a day of a time that is longer than two.
func (q SummaryQuery) Step() time.Duration {
	if q.To.Sub(q.From) > 48*time.Hour {
		return 24 * time.Hour
	}
	return time.Hour
}

// PreviousFrom is when the time before begins; it is as long.
func (q SummaryQuery) PreviousFrom() time.Time { return q.From.Add(-q.To.Sub(q.From)) }

// PreviousTo is when the part of the time before ends that is as old as this time is at Now.
func (q SummaryQuery) PreviousTo() time.Time {
	end := q.To
	if q.Now.Before(end) {
		end = q.Now
	}
	if end.Before(q.From) {
		end = q.From
	}
	return q.PreviousFrom().Add(end.Sub(q.From))
}

// Counts is what the home page sums, over one tenant or all. A zero tenant means all, which
// needs the platform role.
type Counts interface {
	// Summary sums; Waiting is left empty.
	Summary(ctx context.Context, q SummaryQuery) (Summary, error)
	// Waiting counts what waits, approvals for actor.
	Waiting(ctx context.Context, tenant ID, actor string, now time.Time) ([]WaitingFor, error)
}
