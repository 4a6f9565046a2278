package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	calendarSelect = "SELECT year, days, uploaded_by, uploaded_at FROM working_calendars"
	calendarSave   = `INSERT INTO working_calendars (year, days, uploaded_by, uploaded_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (year) DO UPDATE SET days = excluded.days, uploaded_by = excluded.uploaded_by, uploaded_at = excluded.uploaded_at`
)

type calendarRow struct {
	Year       int      `db:"year"`
	Days       document `db:"days"`
	UploadedBy string   `db:"uploaded_by"`
	UploadedAt stamp    `db:"uploaded_at"`
}

func (r *calendarRow) calendar() (core.Calendar, error) {
	c := core.Calendar{Year: r.Year, UploadedBy: r.UploadedBy, UploadedAt: r.UploadedAt.Time}
	if err := json.Unmarshal(r.Days, &c.Days); err != nil {
		return c, fmt.Errorf("postgres: the calendar of %d: %w", r.Year, err)
	}
	return c, nil
}

func (s *session) workingDays(ctx context.Context) (core.WorkingDays, error) {
	var rows []calendarRow
	if err := s.list(ctx, &rows, calendarSelect); err != nil {
		return nil, err
	}
	days := core.WorkingDays{}
	for i := range rows {
		c, err := rows[i].calendar()
		if err != nil {
			return nil, err
		}
		for _, d := range c.Days {
			days[d.Day] = d.Working
		}
	}
	return days, nil
}

// WorkingDays implements core.CalendarReader.
func (d *directoryTx) WorkingDays(ctx context.Context) (core.WorkingDays, error) {
	return d.s.workingDays(ctx)
}

// WorkingDays implements core.BalanceTx.
func (t *tenantTx) WorkingDays(ctx context.Context) (core.WorkingDays, error) {
	return t.s.workingDays(ctx)
}

// Calendar implements core.CalendarReader.
func (d *directoryTx) Calendar(ctx context.Context, year int) (core.Calendar, error) {
	var row calendarRow
	if err := d.s.get(ctx, &row, core.NotFound("calendar"), calendarSelect+" WHERE year = $1", year); err != nil {
		return core.Calendar{}, err
	}
	return row.calendar()
}

// SaveCalendar implements core.CalendarTx.
func (d *directoryTx) SaveCalendar(ctx context.Context, c core.Calendar) error {
	_, err := d.s.change(ctx, calendarSave, c.Year, encode(c.Days, false), c.UploadedBy, stamp{c.UploadedAt})
	return err
}
