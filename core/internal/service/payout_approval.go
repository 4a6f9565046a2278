package service

import (
	"cmp"
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// askForPayout asks a second person, in the transaction that writes the payout. needed is by
// the tiers of the amount.
func (s *Service) askForPayout(ctx context.Context, tx core.TenantTx, id core.Identity, p core.Payout, needed int, note string) error {
	summary, err := marshal(payoutSummary(p))
	if err != nil {
		return err
	}
	return s.askApproval(ctx, tx, id, core.Approval{
		TenantID: p.TenantID, Kind: core.ApprovePayout, ObjectID: p.ID, Amount: p.Amount, Needed: max(1, needed), Summary: summary, Note: note,
	})
}

// payoutSummary is what the second person is shown.
func payoutSummary(p core.Payout) map[string]any {
	return map[string]any{
		"payout_no": p.PayoutNo, "merchant_payout_no": p.MerchantPayoutNo, "provider": p.Provider, "source": p.Source, "channel": p.Channel, "purpose": p.Purpose,
		"payee_type": p.PayeeType, "payee_name": p.PayeeName, "payee_number": p.PayeeNumber, "bank_name": p.BankName,
	}
}

func (s *Service) askForBatch(ctx context.Context, tx core.TenantTx, id core.Identity, b core.PayoutBatch, needed int, note string) error {
	summary, err := marshal(map[string]any{"file_name": b.FileName, "rows": b.Rows, "provider": b.Provider})
	if err != nil {
		return err
	}
	return s.askApproval(ctx, tx, id, core.Approval{
		TenantID: b.TenantID, Kind: core.ApprovePayoutBatch, ObjectID: b.ID, Amount: b.Amount, Needed: max(1, needed), Summary: summary, Note: note,
	})
}

// payoutReady refuses an agreement to a payout that could not be sent now: outside the
// channel's hours, over its limits, or with too little in its source. Nothing changes then.
// A balance that cannot be read now is read before the send.
func (s *Service) payoutReady(ctx context.Context, a core.Approval) error {
	p, route, err := s.loadPayout(ctx, a.TenantID, a.ObjectID)
	if err != nil {
		return err
	}
	return s.readyToPay(ctx, route, payoutAsk{source: p.Source, channel: p.Channel, amount: p.Amount.Minor, largest: p.Amount.Minor, smallest: p.Amount.Minor})
}

func (s *Service) readyToPay(ctx context.Context, route payoutRoute, ask payoutAsk) error {
	if route.account.Status != core.AccountLive {
		return core.Errorf(core.CodeAccountNotLive, "The provider account is not live; nothing was sent.")
	}
	if _, err := s.Keyring.Get(ctx, route.account.KeyPath(), route.account.KeyVersion); err != nil {
		return keysError(err)
	}
	rules, err := s.payoutRules(ctx, route.account)
	if err != nil || rules.frozen != nil {
		return cmp.Or(err, rules.frozen)
	}
	rows, err := s.payoutRoom(ctx, route, false)
	if err != nil {
		return nil //nolint:nilerr // see payoutReady
	}
	return fits(rows, ask, rules, s.Clock())
}

// payoutApproved lets a payout go out: it is due at once, and sent by whoever comes first.
func (s *Service) payoutApproved(ctx context.Context, tx core.TenantTx, a core.Approval) error {
	p, err := tx.Payout(ctx, a.ObjectID)
	if err != nil {
		return err
	}
	c := payoutChange{payout: p, events: []string{"payout.approved"}}
	if _, err := s.payouts.Check(p.State, core.PayoutProcessing, false); err != nil || !p.SentAt.IsZero() {
		return core.Errorf(core.CodeInvalidState, "The payout is %s; there is nothing to approve.", p.State)
	}
	c.payout.State, c.payout.ApprovedBy = core.PayoutProcessing, lastDecision(a)
	c.payout.NextCheckAt, c.payout.UpdatedAt = a.DecidedAt, a.DecidedAt
	return s.writePayout(ctx, tx, &c, p.State)
}

func lastDecision(a core.Approval) string {
	if len(a.Decisions) == 0 {
		return ""
	}
	return a.Decisions[len(a.Decisions)-1].Actor
}

// payoutNotApproved ends a payout of which nothing was sent.
func (s *Service) payoutNotApproved(ctx context.Context, tx core.TenantTx, a core.Approval) error {
	p, err := tx.Payout(ctx, a.ObjectID)
	if err != nil {
		return err
	}
	if _, err := s.payouts.Check(p.State, core.PayoutRejected, false); err != nil {
		return err
	}
	c := payoutChange{payout: p, events: []string{"payout.rejected"}}
	c.payout.State, c.payout.FailureCode = core.PayoutRejected, failureOf(a.State)
	c.payout.UpdatedAt, c.payout.FinishedAt = a.DecidedAt, a.DecidedAt
	return s.writePayout(ctx, tx, &c, p.State)
}

// sendApprovedPayout sends a payout right after the last agreement. When that fails, it is due.
func (s *Service) sendApprovedPayout(ctx context.Context, a core.Approval) {
	s.Hook("after_approval")
	p, route, err := s.loadPayout(ctx, a.TenantID, a.ObjectID)
	if err == nil && p.State == core.PayoutProcessing && p.SentAt.IsZero() {
		err = s.sendPayout(ctx, p, route)
	}
	if err != nil {
		s.Logger.WarnContext(ctx, "an approved payout could not be sent at once; it is due", "payout", a.ObjectID.Prefixed(core.PrefixPayout), "error", err)
	}
}

// batchReady is payoutReady for a file: by the sums of its sources and channels.
func (s *Service) batchReady(ctx context.Context, a core.Approval) error {
	var b core.PayoutBatch
	var route payoutRoute
	err := s.Database.InTenant(ctx, a.TenantID, func(tx core.TenantTx) (err error) {
		if b, err = tx.PayoutBatch(ctx, a.ObjectID); err != nil {
			return err
		}
		route.account, err = tx.Account(ctx, b.AccountID)
		return err
	})
	if err != nil {
		return err
	}
	if route.manifest, err = s.Providers.Manifest(b.Provider); err != nil {
		return err
	}
	asks, err := s.asksOf(ctx, a.TenantID, b.ID)
	if err != nil {
		return err
	}
	for _, ask := range asks {
		if err := s.readyToPay(ctx, route, ask); err != nil {
			return err
		}
	}
	return nil
}

// asksOf sums the waiting payouts of a batch.
func (s *Service) asksOf(ctx context.Context, tenant, batch core.ID) ([]payoutAsk, error) {
	var rows payoutRows
	err := s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		f := core.PayoutFilter{BatchID: batch, Page: core.Page{Limit: 200}}
		for {
			list, err := tx.Payouts(ctx, f)
			if err != nil {
				return err
			}
			for _, p := range list {
				rows.inputs = append(rows.inputs, core.CreatePayoutInput{Source: p.Source, Channel: p.Channel, Amount: p.Amount})
			}
			if len(list) < f.Page.Limit {
				return nil
			}
			last := list[len(list)-1]
			f.Page.BeforeTime, f.Page.BeforeID = last.CreatedAt, last.ID
		}
	})
	return rows.asks(), err
}

// batchApproved lets the payouts of a file go out one after the other; the sweeper sends each.
func (s *Service) batchApproved(ctx context.Context, tx core.TenantTx, a core.Approval) error {
	b, err := tx.PayoutBatch(ctx, a.ObjectID)
	if err != nil {
		return err
	}
	b.State, b.ApprovedBy, b.UpdatedAt = core.BatchApproved, lastDecision(a), a.DecidedAt
	return s.endBatch(ctx, tx, b, "approved", func() ([]core.Payout, error) { return tx.ReleaseBatch(ctx, b, a.DecidedAt, batchPace) })
}

// batchNotApproved ends the payouts of a file of which nothing was sent.
func (s *Service) batchNotApproved(ctx context.Context, tx core.TenantTx, a core.Approval) error {
	b, err := tx.PayoutBatch(ctx, a.ObjectID)
	if err != nil {
		return err
	}
	b.State, b.FailureCode, b.UpdatedAt = core.BatchRejected, failureOf(a.State), a.DecidedAt
	return s.endBatch(ctx, tx, b, "rejected", func() ([]core.Payout, error) {
		payouts, err := tx.RejectBatch(ctx, b, a.DecidedAt)
		if err != nil {
			return nil, err
		}
		return payouts, s.recountSpend(ctx, tx, batchSpend(b, payouts), true, false)
	})
}

// endBatch ends a batch's waiting and that of its payouts, all of them or none.
func (s *Service) endBatch(ctx context.Context, tx core.TenantTx, b core.PayoutBatch, word string, change func() ([]core.Payout, error)) error {
	if err := tx.UpdatePayoutBatch(ctx, b, core.BatchPendingApproval); err != nil {
		return err
	}
	payouts, err := change()
	if err != nil {
		return err
	}
	if len(payouts) != b.Rows {
		return core.Errorf(core.CodeInvalidState, "Of the %d payouts of the batch %d wait for approval.", b.Rows, len(payouts))
	}
	for _, p := range payouts {
		if err := s.appendPayoutEvent(ctx, tx, "payout."+word, p); err != nil {
			return err
		}
	}
	return s.recordBatch(ctx, tx, core.Identity{}, b, "", "payout_batch."+word)
}
