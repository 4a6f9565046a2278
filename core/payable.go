package core

import "time"

// PayableReason says why nothing can be paid out now.
type PayableReason string

// The reasons.
const (
	PayableSuspended    PayableReason = "suspended"     // the provider froze the account
	PayableFrozen       PayableReason = "frozen"        // we did
	PayableNotStated    PayableReason = "not_stated"    // the provider does not say how much there is
	PayableOutsideHours PayableReason = "outside_hours" // the channel takes payouts at other hours
	PayableHoliday      PayableReason = "holiday"       // not from this source on a day that is not worked
	PayableNothing      PayableReason = "nothing"       // nothing is left after the fee
	PayableBelowMinimum PayableReason = "below_minimum" // less is left than the channel's least payout
)

// Payable is what can be paid out of one source of a channel now.
type Payable struct {
	Source string
	Amount int64         // fen: the largest amount that can be paid with its fee out of the figure
	Single int64         // fen: the largest single payout: Amount within the channel's limit
	Fee    int64         // fen: of Single, by the merchant's rate for payouts
	Reason PayableReason // why Amount is 0, or empty
}

// Payables says what can be paid out of the balance and of the advance at a time, by the rate of
// payouts (seed 003, 5.3 notes 3, 5, 6, 13 and 14). The fee comes on top of a payout from either.
func (b Balance) Payables(rate FeeRate, days WorkingDays, at time.Time) []Payable {
	return []Payable{
		b.payable(SourceBalance, b.Available, rate, days, at),
		b.payable(SourceAdvance, b.Advance, rate, days, at),
	}
}

func (b Balance) payable(source string, figure Money, rate FeeRate, days WorkingDays, at time.Time) Payable {
	p := Payable{Source: source}
	if p.Reason = b.closed(source, figure, days, at); p.Reason != "" {
		return p
	}
	p.Amount = rate.Affordable(figure.Minor)
	p.Single = p.Amount
	if b.Maximum.Currency != "" && b.Maximum.Minor > 0 {
		p.Single = min(p.Single, b.Maximum.Minor)
	}
	switch {
	case p.Amount == 0:
		return Payable{Source: source, Reason: PayableNothing}
	case b.Minimum.Currency != "" && p.Single < b.Minimum.Minor:
		return Payable{Source: source, Reason: PayableBelowMinimum}
	}
	p.Fee = rate.Fee(p.Single)
	return p
}

// closed says why the source pays nothing out at the time, whatever there is in it.
func (b Balance) closed(source string, figure Money, days WorkingDays, at time.Time) PayableReason {
	switch {
	case b.Suspended:
		return PayableSuspended
	case figure.Currency == "":
		return PayableNotStated
	case !b.OpenAt(at):
		return PayableOutsideHours
	case !b.PaysOn(source, days, at):
		return PayableHoliday
	}
	return ""
}

// OpenAt says whether the channel takes payouts at the hour. Hours that are not stated, or begin
// when they end, are all day; hours that end before they begin go over midnight.
func (b Balance) OpenAt(at time.Time) bool {
	now := at.In(Beijing()).Format(time.TimeOnly)
	switch {
	case b.Opens == "" || b.Closes == "" || b.Opens == b.Closes:
		return true
	case b.Opens < b.Closes:
		return now >= b.Opens && now <= b.Closes
	}
	return now >= b.Opens || now <= b.Closes
}

// PaysOn says whether the channel pays out of the source on the day; a holiday is a day that
// is not worked. A rule that is not stated is left to the provider.
func (b Balance) PaysOn(source string, days WorkingDays, at time.Time) bool {
	if days.Working(at) {
		return true
	}
	switch b.Holidays {
	case HolidaysNone:
		return false
	case HolidaysBalance, HolidaysAdvance:
		return b.Holidays == source
	}
	return true
}
