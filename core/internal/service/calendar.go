package service

import (
	"context"
	"strconv"

	"github.com/zhanggui-pay/zhanggui/core"
)

// The years a calendar may be of.
const (
	firstCalendar = 2000
	lastCalendar  = 2100
)

func checkYear(year int) error {
	if year < firstCalendar || year > lastCalendar {
		return core.Errorf(core.CodeInvalidRequest, "The year must be %d to %d.", firstCalendar, lastCalendar).At("year")
	}
	return nil
}

// Calendar gives a year's holidays and worked weekends; without an upload Monday to Friday are worked.
func (s *Service) Calendar(ctx context.Context, year int) (c core.Calendar, err error) {
	if _, _, err := s.allowAnywhere(ctx, "calendar", "read"); err != nil {
		return c, err
	}
	if err := checkYear(year); err != nil {
		return c, err
	}
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		c, err = tx.Calendar(ctx, year)
		return err
	})
	if core.CodeOf(err) == core.CodeNotFound {
		return core.Calendar{Year: year}, nil
	}
	return c, err
}

// SetCalendar replaces a year.
func (s *Service) SetCalendar(ctx context.Context, year int, days []core.CalendarDay) (core.Calendar, error) {
	id, _, err := s.allowAnywhere(ctx, "calendar", "update")
	if err != nil {
		return core.Calendar{}, err
	}
	if err := checkYear(year); err != nil {
		return core.Calendar{}, err
	}
	if err := core.CheckCalendar(year, days); err != nil {
		return core.Calendar{}, err
	}
	c := core.Calendar{Year: year, Days: days, UploadedBy: id.Actor, UploadedAt: s.Clock()}
	entry, err := s.audit(id, core.ID{}, "calendar.set", strconv.Itoa(year), nil, days)
	if err != nil {
		return core.Calendar{}, err
	}
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		if err := tx.SaveCalendar(ctx, c); err != nil {
			return err
		}
		return tx.AppendPlatformAudit(ctx, entry)
	})
	return c, err
}
