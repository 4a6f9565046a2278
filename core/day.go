package core

import "time"

// dayForm is how a Day is written.
const dayForm = "2006-01-02"

// Day is a day of the Beijing calendar, from 00:00 to 24:00 there: "2026-11-28". Days compare
// as their text does.
type Day string

// DayOf is the day in Beijing at a time.
func DayOf(t time.Time) Day { return Day(t.In(Beijing()).Format(dayForm)) }

// ParseDay reads a day. Errors: CodeInvalidRequest.
func ParseDay(text string) (Day, error) {
	if _, err := time.ParseInLocation(dayForm, text, Beijing()); err != nil {
		return "", Errorf(CodeInvalidRequest, "%q is no day; write it as 2026-11-28.", text)
	}
	return Day(text), nil
}

// Start is 00:00 in Beijing; the zero time for what is no day.
func (d Day) Start() time.Time {
	t, err := time.ParseInLocation(dayForm, string(d), Beijing())
	if err != nil {
		return time.Time{}
	}
	return t
}

// End is the first moment of the next day.
func (d Day) End() time.Time { return d.Start().AddDate(0, 0, 1) }

// Next is the day after, or before with a negative n, by n days.
func (d Day) Next(n int) Day { return DayOf(d.Start().AddDate(0, 0, n)) }
