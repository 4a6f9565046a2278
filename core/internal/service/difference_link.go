package service

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// longestLink bounds how many days' bills are looked through for an order's own number.
const longestLink = 62

// LinkDifference says that a surplus is one of our orders under another number.
func (s *Service) LinkDifference(ctx context.Context, id, object core.ID, remark string) (core.Difference, error) {
	who, tenant, err := s.personMayInBooks(ctx, id, "resolve")
	if err != nil {
		return core.Difference{}, err
	}
	if err := checkText("remark", remark, 1, 200); err != nil {
		return core.Difference{}, err
	}
	return s.changeDifference(ctx, who, tenant, id, "link", func(ctx context.Context, tx core.TenantTx, d core.Difference) ([]differenceChange, error) {
		if err := mustBeOpen(d); err != nil {
			return nil, err
		}
		if d.Kind != core.DifferSurplus {
			return nil, core.Errorf(core.CodeInvalidState, "Only a surplus can be linked: this difference is about an order of ours already.")
		}
		order, err := s.linkable(ctx, tx, d, object)
		if err != nil {
			return nil, err
		}
		shortages, err := shortagesOf(ctx, tx, order)
		if err != nil {
			return nil, err
		}
		changes := []differenceChange{{d, s.linked(d, object, remark, who.Actor)}}
		for _, shortage := range shortages {
			changes = append(changes, differenceChange{shortage, s.linked(shortage, object, remark, who.Actor)})
		}
		return changes, nil
	})
}

func (s *Service) linked(d core.Difference, object core.ID, remark, actor string) core.Difference {
	d = s.ended(d, core.DifferenceLinked, remark, actor)
	d.LinkedID = object
	return d
}

// linkable gives what our order moved, or says why the surplus cannot be it.
func (s *Service) linkable(ctx context.Context, tx core.TenantTx, d core.Difference, object core.ID) (m core.Movement, err error) {
	number, err := numberOf(ctx, tx, d.Movement, object)
	if err != nil {
		return m, err
	}
	found, err := tx.MovementsByNumber(ctx, d.AccountID, []string{number})
	if err != nil {
		return m, err
	}
	for _, m = range found {
		if m.ObjectID == object {
			return m, s.mayBeLinked(ctx, tx, d, m)
		}
	}
	return m, core.Errorf(core.CodeInvalidState, "This order is of another account than the bill.").At("object_id")
}

func (s *Service) mayBeLinked(ctx context.Context, tx core.TenantTx, d core.Difference, m core.Movement) error {
	switch {
	case !m.Moved:
		return core.Errorf(core.CodeInvalidState, "This order is %s: no money of it moved. Ask the provider about it first.", m.State).At("object_id")
	case m.Amount != d.Theirs.Amount:
		return core.Errorf(core.CodeInvalidState, "The bill shows %s and this order is of %s: they are not the same.", d.Theirs.Amount, m.Amount).At("object_id")
	}
	linked, err := tx.LinkedDifferences(ctx, m.ObjectID)
	if err != nil {
		return err
	}
	if len(linked) > 0 {
		return core.Errorf(core.CodeInvalidState, "Another surplus is linked to this order already.").At("object_id")
	}
	return s.notBilled(ctx, tx, m)
}

// notBilled refuses an order that a current bill shows under its own number, or may show yet: its
// money would count twice.
func (s *Service) notBilled(ctx context.Context, tx core.TenantTx, m core.Movement) error {
	day := m.FirstDay()
	if earliest := m.LastDay().Next(-longestLink); day < earliest {
		day = earliest
	}
	for ; day <= m.LastDay(); day = day.Next(1) {
		if err := s.wasCompared(ctx, tx, m.AccountID, day); err != nil {
			return err
		}
		bills, err := tx.Bills(ctx, m.AccountID, day)
		if err != nil {
			return err
		}
		lines, err := tx.LinesByNumber(ctx, idsOf(currentBills(bills)), []string{m.Number})
		if err != nil {
			return err
		}
		for _, line := range lines {
			if line.Kind == m.Kind && line.Outcome == core.OutcomeSucceeded {
				return core.Errorf(core.CodeInvalidState, "The bill of %s shows this order under its own number.", day).At("object_id")
			}
		}
	}
	return nil
}

// wasCompared refuses while a day of the order has its comparison still to come. One that was over
// before the account was watched never has.
func (s *Service) wasCompared(ctx context.Context, tx core.TenantTx, account core.ID, day core.Day) error {
	d, err := tx.ReconciliationDayOf(ctx, account, day)
	if core.CodeOf(err) == core.CodeNotFound && !s.Clock().Before(day.End()) {
		return nil
	}
	if err != nil && core.CodeOf(err) != core.CodeNotFound {
		return err
	}
	if d.Run == 0 {
		return core.Errorf(core.CodeInvalidState, "The order may stand on the bill of %s, which has not been compared yet: link it after that.", day).At("object_id")
	}
	return nil
}

func idsOf(bills []core.Bill) []core.ID {
	ids := make([]core.ID, len(bills))
	for i, b := range bills {
		ids[i] = b.ID
	}
	return ids
}

// numberOf reads the number of one of our orders. What is of another kind is not found.
func numberOf(ctx context.Context, tx core.TenantTx, kind core.MovementKind, object core.ID) (string, error) {
	switch orderKind(kind) {
	case kindRefund:
		r, err := tx.Refund(ctx, object)
		return r.RefundNo, err
	case kindPayout:
		p, err := tx.Payout(ctx, object)
		return p.PayoutNo, err
	}
	p, err := tx.Payment(ctx, object)
	return p.OrderNo, err
}

// shortagesOf are the open shortages of an order: one, unless its days were compared apart.
func shortagesOf(ctx context.Context, tx core.TenantTx, m core.Movement) ([]core.Difference, error) {
	found, err := tx.Differences(ctx, core.DifferenceFilter{
		AccountID: m.AccountID, AnyNumber: m.Number, Kinds: []core.DifferenceKind{core.DifferShortage}, States: []core.DifferenceState{core.DifferenceOpen},
		Page: core.Page{Limit: 200},
	})
	var out []core.Difference
	for _, d := range found {
		if d.ObjectID == m.ObjectID {
			out = append(out, d)
		}
	}
	return out, err
}
