package core

import (
	"context"
	"time"
)

// MidnightGrace is how far the provider's clock and ours, and its day and ours, may be apart
// around an order: an order that was made or paid so near to midnight may stand on the bill of
// either day.
const MidnightGrace = 30 * time.Minute

// FirstDay and LastDay are the first and last day on whose bill the movement may stand: those that
// the time from its order to its success touches, with MidnightGrace at both ends. It stands
// on exactly one of them.
func (m Movement) FirstDay() Day {
	from := m.CreatedAt
	if m.MovedAt.Before(from) {
		from = m.MovedAt // the provider's clock is behind ours
	}
	return DayOf(from.Add(-MidnightGrace))
}

// LastDay is the counterpart of FirstDay.
func (m Movement) LastDay() Day { return DayOf(m.MovedAt.Add(MidnightGrace)) }

// MayStandOn says whether the movement may stand on the bill of a day.
func (m Movement) MayStandOn(d Day) bool { return m.FirstDay() <= d && d <= m.LastDay() }

// Near is the period whose movements may stand on the bill of the day because they succeeded
// in it, or shortly before or after.
func (d Day) Near() (from, to time.Time) {
	return d.Start().Add(-MidnightGrace), d.End().Add(MidnightGrace)
}

// BilledLine is a line with the bill it stands on.
type BilledLine struct {
	BillID ID
	StoredLine
}

// DayQuery says which two sides are read.
type DayQuery struct {
	TenantID  ID
	AccountID ID
	From, To  time.Time // of our movements' success, [From, To)
	Bills     []ID
}

// DayStreams reads the two sides of a day side by side.
type DayStreams interface {
	// ReadDay calls fn with our movements and the bills' lines as they are at one moment, each in
	// the byte order of our numbers, whatever their number with the same memory. fn may use
	// the database meanwhile, on other connections. Lines without a number of ours come first,
	// in the order of provider numbers.
	ReadDay(ctx context.Context, q DayQuery, fn func(ours MovementStream, theirs LineStream) error) error
}

// MovementStream gives our side, one after the other.
type MovementStream interface {
	// Next returns false at the end.
	Next(ctx context.Context) (Movement, bool, error)
}

// LineStream gives the provider's side, one after the other.
type LineStream interface {
	// Next returns false at the end.
	Next(ctx context.Context) (BilledLine, bool, error)
}

// Resolved says that people ended the difference.
func (s DifferenceState) Resolved() bool {
	return s == DifferenceAccepted || s == DifferenceLinked || s == DifferenceCorrected
}

// FoundAgain is what a difference becomes when a later run finds it. What people decided holds
// as long as both sides are as they were then; otherwise, or when it was gone, it is open
// again. changed says that more than the run is to be written, reopened that people's decision
// does not hold any more.
func (d Difference) FoundAgain(found Difference) (now Difference, changed, reopened bool) {
	now = d
	now.FoundRun = found.FoundRun
	same := d.Ours.agrees(found.Ours) && d.Theirs.agrees(found.Theirs)
	if same && d.State != DifferenceGone && d.BillID == found.BillID && d.BillLine == found.BillLine {
		return now, false, false
	}
	now.ObjectID, now.ObjectKind, now.Number, now.ProviderNumber = found.ObjectID, found.ObjectKind, found.Number, found.ProviderNumber
	now.Ours, now.Theirs, now.BillID, now.BillLine = found.Ours, found.Theirs, found.BillID, found.BillLine
	reopened = !same && d.State.Resolved()
	if reopened || d.State == DifferenceGone {
		now.State, now.ResolvedAt, now.ResolvedBy, now.LinkedID, now.ApprovalID = DifferenceOpen, time.Time{}, "", ID{}, ID{}
	}
	return now, true, reopened
}

// agrees says whether the side is as it was; when it happened is no part of it.
func (s DifferenceSide) agrees(other DifferenceSide) bool {
	s.At, other.At = time.Time{}, time.Time{}
	return s == other
}
