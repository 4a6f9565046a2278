package core_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/zhanggui-pay/zhanggui/core"
)

// beijing reads a test's own time; one that is misspelled is the zero time, which no test wants.
func beijing(text string) time.Time {
	at, _ := time.ParseInLocation(time.DateTime, text, core.Beijing())
	return at
}

// goldenWeek is October 2026 as a calendar would say it: off from Thursday the 1st to Wednesday the
// 7th, Saturday the 10th worked instead.
func goldenWeek() core.WorkingDays {
	days := core.WorkingDays{"2026-10-10": true}
	for _, d := range []string{"01", "02", "03", "04", "05", "06", "07"} {
		days["2026-10-"+d] = false
	}
	return days
}

func TestClearing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, cycle   string
		hour          int
		days          core.WorkingDays
		at, next, all string
	}{
		{"every day, before the hour", "D1", 16, nil, "2026-09-26 15:59:59", "2026-09-26 16:00:00", "2026-09-27 16:00:00"},
		{"every day, at the hour", "D1", 16, nil, "2026-09-26 16:00:00", "2026-09-27 16:00:00", "2026-09-27 16:00:00"},
		{"working days, on a Monday morning", "T1", 16, nil, "2026-09-21 09:00:00", "2026-09-21 16:00:00", "2026-09-22 16:00:00"},
		{"working days, on a Friday evening", "T1", 16, nil, "2026-09-25 18:00:00", "2026-09-28 16:00:00", "2026-09-28 16:00:00"},
		{"working days, on a Saturday", "T1", 0, nil, "2026-09-26 12:00:00", "2026-09-28 00:00:00", "2026-09-28 00:00:00"},
		{"into the golden week", "T1", 16, goldenWeek(), "2026-09-30 17:00:00", "2026-10-08 16:00:00", "2026-10-08 16:00:00"},
		{"a Saturday that is worked", "T1", 10, goldenWeek(), "2026-10-09 12:00:00", "2026-10-10 10:00:00", "2026-10-10 10:00:00"},
		{"over the turn of the year", "T1", 9, core.WorkingDays{"2027-01-01": false}, "2026-12-31 10:00:00", "2027-01-04 09:00:00", "2027-01-04 09:00:00"},
	} {
		next, all := c.days.Clearing(core.Balance{Clears: c.cycle, ClearsAt: c.hour}, beijing(c.at).UTC())
		if !next.Equal(beijing(c.next)) || !all.Equal(beijing(c.all)) {
			t.Errorf("%s: next %v, all by %v", c.name, next, all)
		}
	}
	for _, b := range []core.Balance{{Clears: "T1", ClearsAt: -1}, {ClearsAt: 16}, {Clears: "T0", ClearsAt: 16}} {
		if next, all := core.WorkingDays(nil).Clearing(b, beijing("2026-09-26 12:00:00")); !next.IsZero() || !all.IsZero() {
			t.Errorf("%+v clears at %v, %v", b, next, all)
		}
	}
	never := core.WorkingDays{}
	for at := beijing("2026-01-01 00:00:00"); at.Year() == 2026; at = at.AddDate(0, 0, 1) {
		never[at.Format(time.DateOnly)] = false
	}
	if next, all := never.Clearing(core.Balance{Clears: "T1", ClearsAt: 16}, beijing("2026-05-01 12:00:00")); !next.IsZero() || !all.IsZero() {
		t.Errorf("where nobody works it clears at %v, %v", next, all)
	}
}

// TestClearingProperties: never in the past, at the hour, on a day that is worked, and everything
// only on a later day than it was taken.
func TestClearingProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		days := core.WorkingDays{}
		begin := beijing("2026-01-01 00:00:00")
		for range rapid.IntRange(0, 40).Draw(t, "n") {
			day := begin.AddDate(0, 0, rapid.IntRange(0, 60).Draw(t, "day"))
			days[day.Format(time.DateOnly)] = rapid.Bool().Draw(t, "worked")
		}
		b := core.Balance{Clears: rapid.SampledFrom([]string{"T1", "D1"}).Draw(t, "cycle"), ClearsAt: rapid.IntRange(0, 23).Draw(t, "hour")}
		at := begin.Add(time.Duration(rapid.IntRange(0, 30*24*3600).Draw(t, "second")) * time.Second)
		next, all := days.Clearing(b, at)
		for _, clears := range []time.Time{next, all} {
			if !clears.After(at) || clears.Hour() != b.ClearsAt || (b.Clears == "T1" && !days.Working(clears)) {
				t.Fatalf("%v: %v", at, clears)
			}
		}
		if all.Before(next) || all.Format(time.DateOnly) <= at.Format(time.DateOnly) {
			t.Fatalf("%v: next %v, all by %v", at, next, all)
		}
	})
}

func TestParseCalendar(t *testing.T) {
	t.Parallel()
	days, err := core.ParseCalendar(2026, "\ufeffday,kind,name\r\n2026-10-01,holiday,国庆节\r\n 2026-10-10 , Workday \r\n")
	if err != nil || len(days) != 2 || days[0] != (core.CalendarDay{Day: "2026-10-01", Name: "国庆节"}) || days[1] != (core.CalendarDay{Day: "2026-10-10", Working: true}) {
		t.Fatalf("%+v %v", days, err)
	}
	for file, want := range map[string]string{
		"":                                                       "no days",
		"day,kind,name\n":                                        "no days",
		"2026-10-01,holiday\n2026-13-01,holiday":                 "Row 2",
		"2026-10-01,holiday\n2025-10-02,holiday":                 "Row 2",
		"2026-10-01,holiday\n2026-10-01,holiday":                 "Row 2: 2026-10-01 stands twice",
		"2026-10-01,holiday\n2026-10-09,workday":                 "Row 2: 2026-10-09 is worked anyway",
		"2026-10-01,holiday\n2026-10-02,day off":                 "Row 2: the kind",
		"2026-10-01\n":                                           "Row 1: it has 1 fields",
		"2026-10-01,holiday,a,b\n":                               "Row 1: it has 4 fields",
		"2026-10-01,holiday\n2026-10-02,\"holiday":               "Row 2",
		"2026-10-01,holiday," + strings.Repeat("长", 41):          "Row 1: the name",
		"day,kind\n\n2026-10-01,holiday\n\n2026-02-30,holiday\n": "Row 5",
	} {
		_, err := core.ParseCalendar(2026, file)
		known, _ := errors.AsType[*core.Error](err)
		if known == nil || known.Code != core.CodeInvalidFile || !strings.Contains(known.Message, want) {
			t.Errorf("%q: %v, want %q", file, err, want)
		}
	}
}

func FuzzParseCalendar(f *testing.F) {
	f.Add("day,kind,name\n2026-10-01,holiday,国庆节\n")
	f.Add("\"2026-10-01\",workday,\"a,b\"\n\"")
	f.Fuzz(func(t *testing.T, file string) {
		days, err := core.ParseCalendar(2026, file)
		if err == nil {
			err = core.CheckCalendar(2026, days)
		} else if core.CodeOf(err) == core.CodeInvalidFile {
			return
		}
		if err != nil {
			t.Errorf("%q: %v", file, err)
		}
	})
}
