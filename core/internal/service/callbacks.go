package service

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// What one request for a rerun may take on.
const (
	rerunMost = 100
	rerunTime = 45 * time.Second
)

// Callback reads what is known of a kept callback; the request itself is RevealCallback's.
func (s *Service) Callback(ctx context.Context, id core.ID) (core.Callback, error) {
	who, tenant, err := s.allow(ctx, "callbacks", "read")
	if err != nil {
		return core.Callback{}, err
	}
	if err := wholeTenant(who); err != nil {
		return core.Callback{}, err
	}
	return s.readCallback(ctx, tenant, id)
}

func (s *Service) readCallback(ctx context.Context, tenant, id core.ID) (c core.Callback, err error) {
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		c, err = tx.Callback(ctx, id)
		return err
	})
	return c, err
}

// RevealCallback opens the request as it came. That it was read is written first.
func (s *Service) RevealCallback(ctx context.Context, id core.ID) (core.InboundRequest, error) {
	who, tenant, err := s.allow(ctx, "callbacks", "reveal")
	if err != nil {
		return core.InboundRequest{}, err
	}
	if err := wholeTenant(who); err != nil {
		return core.InboundRequest{}, err
	}
	if err := s.stepUp(who); err != nil {
		return core.InboundRequest{}, err
	}
	c, err := s.readCallback(ctx, tenant, id)
	if err != nil {
		return core.InboundRequest{}, err
	}
	if err := s.recordAction(ctx, tenant, "callback.reveal", id.Prefixed(core.PrefixCallback), nil); err != nil {
		return core.InboundRequest{}, err
	}
	return s.openCallback(ctx, c)
}

func (s *Service) openCallback(ctx context.Context, c core.Callback) (req core.InboundRequest, err error) {
	raw, err := s.Sealer.Open(ctx, c.TenantID, core.CallbackPurpose(c.ID), c.Sealed)
	if err != nil {
		return req, err
	}
	err = json.Unmarshal(raw, &req)
	return req, err
}

// RerunCallback reads a kept callback again, for instance after a plugin was mended.
func (s *Service) RerunCallback(ctx context.Context, id core.ID) (core.Callback, error) {
	_, tenant, err := s.allow(ctx, "callbacks", "rerun")
	if err != nil {
		return core.Callback{}, err
	}
	return s.rerun(ctx, tenant, id)
}

func (s *Service) rerun(ctx context.Context, tenant, id core.ID) (core.Callback, error) {
	in := inbound{}
	err := s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) (err error) {
		if in.callback, err = tx.Callback(ctx, id); err != nil {
			return err
		}
		in.account, err = tx.Account(ctx, in.callback.AccountID)
		return err
	})
	if err != nil {
		return in.callback, err
	}
	if in.request, err = s.openCallback(ctx, in.callback); err != nil {
		return in.callback, err
	}
	if in.manifest, err = s.Providers.Manifest(in.account.Provider); err != nil {
		return in.callback, err
	}
	if !in.readKind(in.callback.Kind) {
		return in.callback, core.Errorf(core.CodeNotSupported, "The plugin no longer takes this kind of callback.")
	}
	work := context.WithoutCancel(ctx)
	if _, err := s.process(work, in); err != nil {
		return in.callback, err
	}
	if err := s.recordAction(work, tenant, "callback.rerun", id.Prefixed(core.PrefixCallback), nil); err != nil {
		return in.callback, err
	}
	return s.readCallback(work, tenant, id)
}

// RerunCallbacks reads a range again, row by row: one that fails does not hold the others back.
func (s *Service) RerunCallbacks(ctx context.Context, f core.CallbackFilter) (rows []core.CallbackRerun, more bool, err error) {
	who, tenant, err := s.allow(ctx, "callbacks", "rerun")
	if err != nil {
		return nil, false, err
	}
	if err := wholeTenant(who); err != nil {
		return nil, false, err
	}
	if len(f.Effects) == 0 {
		f.Effects = []core.CallbackEffect{core.CallbackFailed, core.CallbackReceived}
	}
	f.TenantID, f.Oldest, f.Page = tenant, true, core.Page{Limit: rerunMost + 1}
	var kept []core.Callback
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		kept, err = tx.Callbacks(ctx, f)
		return err
	})
	if err != nil {
		return nil, false, err
	}
	inTime, stop := context.WithTimeout(ctx, rerunTime)
	defer stop()
	for c := range slices.Values(kept) {
		if len(rows) == rerunMost || inTime.Err() != nil {
			return rows, true, nil
		}
		row := core.CallbackRerun{ID: c.ID, ReceivedAt: c.ReceivedAt, Before: c.Effect, After: c.Effect}
		again, err := s.rerun(ctx, tenant, c.ID)
		if err == nil {
			row.After = again.Effect
		} else {
			row.Code = core.CodeOf(err)
			if stored, readErr := s.readCallback(ctx, tenant, c.ID); readErr == nil {
				row.After = stored.Effect
			}
		}
		rows = append(rows, row)
	}
	return rows, false, nil
}
