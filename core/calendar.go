package core

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// WorkingDays are the days that differ from "Monday to Friday are worked": public holidays and
// the weekend days worked in their place. The zero value has none.
type WorkingDays map[string]bool // by 2006-01-02: whether it is worked

// Working says whether the Beijing day that t falls on is worked.
func (w WorkingDays) Working(t time.Time) bool {
	t = t.In(Beijing())
	if worked, stated := w[t.Format(time.DateOnly)]; stated {
		return worked
	}
	return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday
}

// The clearing cycles of a Balance (seed 003, 5.3 notes 7 and 15).
const (
	ClearsWorkingDays = "T1" // on legal working days only
	ClearsEveryDay    = "D1"
)

// clearingHorizon is the longest run of days without a clearing that is looked through.
const clearingHorizon = 60

// Clearing says when pending money seen at a time becomes available: next is the first clearing
// after it, all the one by which everything that is pending then has cleared, for what was
// taken on a day clears on a later one. Both are zero when cycle or hour is not stated.
func (w WorkingDays) Clearing(b Balance, at time.Time) (next, all time.Time) {
	if b.ClearsAt < 0 || (b.Clears != ClearsWorkingDays && b.Clears != ClearsEveryDay) {
		return time.Time{}, time.Time{}
	}
	at = at.In(Beijing())
	for ahead := range clearingHorizon {
		clears := time.Date(at.Year(), at.Month(), at.Day()+ahead, b.ClearsAt, 0, 0, 0, Beijing())
		if b.Clears == ClearsWorkingDays && !w.Working(clears) {
			continue
		}
		if next.IsZero() && clears.After(at) {
			next = clears
		}
		if ahead > 0 {
			return next, clears
		}
	}
	return next, time.Time{}
}

// Calendar is what was uploaded of one year.
type Calendar struct {
	Year       int
	Days       []CalendarDay
	UploadedBy string
	UploadedAt time.Time // zero: none was uploaded, Monday to Friday are worked
}

// CalendarDay is a day that differs from "Monday to Friday are worked".
type CalendarDay struct {
	Day     string `json:"day"` // 2006-01-02
	Working bool   `json:"working"`
	Name    string `json:"name,omitempty"`
}

// CalendarReader reads the calendars, which belong to the platform and are read by all.
type CalendarReader interface {
	// WorkingDays gives the differing days of all years that were uploaded.
	WorkingDays(ctx context.Context) (WorkingDays, error)
	// Calendar gives one year. Errors: CodeNotFound when none was uploaded.
	Calendar(ctx context.Context, year int) (Calendar, error)
}

// CalendarTx replaces calendars.
type CalendarTx interface {
	CalendarReader
	SaveCalendar(ctx context.Context, c Calendar) error
}

// The kinds of a calendar's row.
const (
	calendarHoliday = "holiday" // not worked
	calendarWorkday = "workday" // worked although it is a Saturday or Sunday
)

// maxCalendarDays is more than a year can have.
const maxCalendarDays = 366

// ParseCalendar reads a file of rows "day,kind,name" (UTF-8, with or without a heading): kind is
// holiday or workday. Errors: CodeInvalidFile with a sentence that names the row.
func ParseCalendar(year int, file string) ([]CalendarDay, error) {
	rows := csv.NewReader(strings.NewReader(strings.TrimPrefix(file, "\ufeff")))
	rows.FieldsPerRecord, rows.TrimLeadingSpace = -1, true
	var days []CalendarDay
	for {
		fields, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, badCalendarFile(err)
		}
		line, _ := rows.FieldPos(0)
		if len(days) == 0 && strings.EqualFold(strings.TrimSpace(fields[0]), "day") {
			continue
		}
		day, err := calendarRow(fields)
		if err != nil {
			return nil, badCalendarRow(line, err)
		}
		if len(days) == maxCalendarDays {
			return nil, Errorf(CodeInvalidFile, "The file has more than %d days.", maxCalendarDays)
		}
		days = append(days, day)
		if err := checkCalendarDay(year, days, len(days)-1); err != nil {
			return nil, badCalendarRow(line, err)
		}
	}
	if len(days) == 0 {
		return nil, Errorf(CodeInvalidFile, "The file has no days.")
	}
	return days, nil
}

func badCalendarFile(err error) error {
	if at, ok := errors.AsType[*csv.ParseError](err); ok {
		return badCalendarRow(at.Line, errors.New("the quotes do not fit together"))
	}
	return Errorf(CodeInvalidFile, "The file cannot be read as CSV.")
}

func badCalendarRow(line int, err error) error {
	return Errorf(CodeInvalidFile, "Row %d: %s. Nothing was taken in.", line, err).With("row", fmt.Sprint(line))
}

func calendarRow(fields []string) (day CalendarDay, err error) {
	if len(fields) < 2 || len(fields) > 3 {
		return day, fmt.Errorf("it has %d fields; wanted are day, kind (holiday or workday) and, if you like, a name", len(fields))
	}
	day.Day = strings.TrimSpace(fields[0])
	switch kind := strings.ToLower(strings.TrimSpace(fields[1])); kind {
	case calendarHoliday:
	case calendarWorkday:
		day.Working = true
	default:
		return day, errors.New("the kind must be holiday or workday")
	}
	if len(fields) == 3 {
		day.Name = strings.TrimSpace(fields[2])
	}
	return day, nil
}

// CheckCalendar refuses days that are none of the year, stand twice, or say what holds anyway.
// Errors: CodeInvalidFile with a sentence that names the row, counted from 1.
func CheckCalendar(year int, days []CalendarDay) error {
	if len(days) == 0 || len(days) > maxCalendarDays {
		return Errorf(CodeInvalidFile, "A calendar has 1 to %d days.", maxCalendarDays)
	}
	for i := range days {
		if err := checkCalendarDay(year, days, i); err != nil {
			return badCalendarRow(i+1, err)
		}
	}
	return nil
}

func checkCalendarDay(year int, days []CalendarDay, i int) error {
	d := days[i]
	at, err := time.ParseInLocation(time.DateOnly, d.Day, Beijing())
	if err != nil {
		return errors.New("the day must be written as 2026-10-01")
	}
	if at.Year() != year {
		return fmt.Errorf("%s is not in %d", d.Day, year)
	}
	if len([]rune(d.Name)) > 40 {
		return errors.New("the name is over 40 characters")
	}
	if d.Working && WorkingDays(nil).Working(at) {
		return fmt.Errorf("%s is worked anyway: it is a %s", d.Day, at.Weekday())
	}
	for _, other := range days[:i] {
		if other.Day == d.Day {
			return fmt.Errorf("%s stands twice", d.Day)
		}
	}
	return nil
}
