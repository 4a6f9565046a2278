package service

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// feeAt is what an amount costs by the rate that was valid when its order was created. It is
// computed in the transaction that records the success, and never again.
func (s *Service) feeAt(ctx context.Context, tx core.TenantTx, account core.ID, method core.Method, amount int64, at time.Time) (int64, error) {
	rate, err := tx.FeeRateAt(ctx, account, method, at)
	return rate.Fee(amount), err
}

// chargePayment puts the fee on a payment that is about to succeed.
func (s *Service) chargePayment(ctx context.Context, tx core.TenantTx, p *core.Payment, from core.PaymentState) (err error) {
	if p.State == core.PaymentSucceeded && from != core.PaymentSucceeded {
		p.Fee, err = s.feeAt(ctx, tx, p.AccountID, p.Method, p.Amount.Minor, p.CreatedAt)
	}
	return err
}

// ListFeeRates lists the rates of an account, or of all of the caller's tenant.
func (s *Service) ListFeeRates(ctx context.Context, account core.ID) (list []core.FeeRate, err error) {
	id, tenant, err := s.allow(ctx, "fees", "read")
	if err != nil {
		return nil, err
	}
	if err := wholeTenant(id); err != nil {
		return nil, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		list, err = tx.FeeRates(ctx, account)
		return err
	})
	return list, err
}

// AddFeeRate adds a rate that begins now or later.
func (s *Service) AddFeeRate(ctx context.Context, in core.FeeRateInput) (core.FeeRate, error) {
	id, tenant, err := s.mayChangeFees(ctx)
	if err != nil {
		return core.FeeRate{}, err
	}
	now := s.Clock()
	if in.ValidFrom.IsZero() {
		in.ValidFrom = now
	}
	if err := checkFeeRate(in, now); err != nil {
		return core.FeeRate{}, err
	}
	rate := core.FeeRate{
		TenantID: tenant, ID: core.NewID(now), AccountID: in.AccountID, Method: in.Method, BasisPoints: in.BasisPoints, Minimum: in.Minimum,
		Maximum: in.Maximum, PerPayout: in.PerPayout, ValidFrom: in.ValidFrom, ValidTo: in.ValidTo,
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if err := s.checkFeeScope(ctx, tx, id, rate); err != nil {
			return err
		}
		if err := tx.InsertFeeRate(ctx, rate); err != nil {
			return err
		}
		return s.recordFeeRate(ctx, tx, id, "fee_rate.add", core.FeeRate{}, rate)
	})
	if core.CodeOf(err) == core.CodeOutcomeUnknown {
		if stored, readErr := s.readFeeRate(ctx, tenant, rate.ID); readErr == nil {
			return stored, nil
		}
	}
	return rate, err
}

func (s *Service) mayChangeFees(ctx context.Context) (core.Identity, core.ID, error) {
	id, tenant, err := s.allow(ctx, "fees", "update")
	if err == nil {
		err = s.stepUp(id)
	}
	return id, tenant, err
}

// checkFeeScope wants an account of the tenant, and a method of its provider or payouts.
func (s *Service) checkFeeScope(ctx context.Context, tx core.TenantTx, id core.Identity, rate core.FeeRate) error {
	scope := core.Scope{AccountID: rate.AccountID, Method: rate.Method}
	if rate.Method == core.MethodPayout {
		scope.Method = ""
	}
	return s.checkScope(ctx, tx, id, scope)
}

// maxFee is the largest fixed part of a fee, in fen: far above any, and far below an overflow.
const maxFee = 10_000_000

func checkFeeRate(in core.FeeRateInput, now time.Time) error {
	switch {
	case in.AccountID.IsZero():
		return core.Errorf(core.CodeInvalidRequest, "A rate is one of a provider account.").At("account_id")
	case in.Method == "":
		return core.Errorf(core.CodeInvalidRequest, "A rate is one of a method, or of payouts.").At("method")
	case in.BasisPoints < 0 || in.BasisPoints > 10_000:
		return core.Errorf(core.CodeInvalidRequest, "The basis points must be 0 to 10000; 38 are 0.38 %%.").At("basis_points")
	case in.Minimum < 0 || in.Minimum > maxFee:
		return core.Errorf(core.CodeInvalidAmount, "The least fee must be 0 to %d fen.", int64(maxFee)).At("minimum")
	case in.Maximum < 0 || in.Maximum > maxFee || in.Maximum > 0 && in.Maximum < in.Minimum:
		return core.Errorf(core.CodeInvalidAmount, "The largest fee must not be below the least, and at most %d fen; leave it out for none.", int64(maxFee)).At("maximum")
	case in.PerPayout < 0 || in.PerPayout > maxFee:
		return core.Errorf(core.CodeInvalidAmount, "The fee per payout must be 0 to %d fen.", int64(maxFee)).At("per_payout")
	case in.PerPayout > 0 && in.Method != core.MethodPayout:
		return core.Errorf(core.CodeInvalidRequest, "A fee per payout is one of payouts; for payments set a least fee.").At("per_payout")
	case in.ValidFrom.Before(now):
		return core.Errorf(core.CodeInvalidRequest, "A rate begins now or later: what was charged stays as it was.").At("valid_from")
	case !in.ValidTo.IsZero() && !in.ValidTo.After(in.ValidFrom):
		return core.Errorf(core.CodeInvalidRequest, "A rate ends after it begins.").At("valid_to")
	}
	return nil
}

// EndFeeRate ends a rate now or later.
func (s *Service) EndFeeRate(ctx context.Context, rate core.ID, at time.Time) (after core.FeeRate, err error) {
	id, tenant, err := s.mayChangeFees(ctx)
	if err != nil {
		return after, err
	}
	if err := wholeTenant(id); err != nil {
		return after, err
	}
	now := s.Clock()
	if at.IsZero() {
		at = now
	}
	if at.Before(now) {
		return after, core.Errorf(core.CodeInvalidRequest, "A rate ends now or later: what was charged stays as it was.").At("valid_to")
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		before, err := tx.FeeRate(ctx, rate)
		if err != nil {
			return err
		}
		if before.ValidFrom.After(at) {
			at = before.ValidFrom // it has not begun, and never will
		}
		if err := tx.EndFeeRate(ctx, rate, at); err != nil {
			return err
		}
		after = before
		after.ValidTo = at
		return s.recordFeeRate(ctx, tx, id, "fee_rate.end", before, after)
	})
	return after, err
}

func (s *Service) recordFeeRate(ctx context.Context, tx core.TenantTx, id core.Identity, action string, before, after core.FeeRate) error {
	var was any
	if !before.ID.IsZero() {
		was = feeRecord(before)
	}
	entry, err := s.audit(id, after.TenantID, action, after.ID.Prefixed(core.PrefixFeeRate), was, feeRecord(after))
	if err != nil {
		return err
	}
	return tx.AppendAudit(ctx, entry)
}

func feeRecord(r core.FeeRate) map[string]any {
	out := map[string]any{
		"account_id": accountName(r.AccountID), "method": string(r.Method), "basis_points": r.BasisPoints, "minimum": r.Minimum,
		"maximum": r.Maximum, "per_payout": r.PerPayout, "valid_from": r.ValidFrom.UTC().Format(time.RFC3339Nano),
	}
	if !r.ValidTo.IsZero() {
		out["valid_to"] = r.ValidTo.UTC().Format(time.RFC3339Nano)
	}
	return out
}

func (s *Service) readFeeRate(ctx context.Context, tenant, id core.ID) (r core.FeeRate, err error) {
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		r, err = tx.FeeRate(ctx, id)
		return err
	})
	return r, err
}
