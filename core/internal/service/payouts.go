package service

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/zhanggui-pay/zhanggui/core"
)

// operationCreatePayout and operationCreateBatch name the operations of idempotency keys.
const (
	operationCreatePayout = "payouts.create"
	operationCreateBatch  = "payout_batches.create"
)

// CreatePayout keeps a payout and asks for a second person. Nothing is sent.
func (s *Service) CreatePayout(ctx context.Context, in core.CreatePayoutInput) (core.PayoutReply, error) {
	id, tenant, err := s.allowPayouts(ctx)
	if err != nil {
		return core.PayoutReply{}, err
	}
	if err := checkText("note", in.Note, 0, 200); err != nil {
		return core.PayoutReply{}, err
	}
	key := s.payoutKey(id, in)
	route, err := s.payableTo(ctx, tenant, &in)
	if err != nil {
		// A repeated key answers as the first time, whatever has become of the account since.
		saved, err := s.replayOr(ctx, tenant, key, err)
		return s.answerPayout(ctx, tenant, saved, true, err)
	}
	p, err := s.newPayout(ctx, id, tenant, in, route, key.ObjectID)
	if err != nil {
		return core.PayoutReply{}, err
	}
	needed, err := s.neededApprovals(ctx, id, tenant, core.ApprovePayout, p.Amount)
	if err != nil {
		return core.PayoutReply{}, err
	}
	replayed := false
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		saved, err := tx.BeginIdempotent(ctx, key, p.CreatedAt)
		if err != nil {
			return err
		}
		if saved != nil {
			replayed, p.ID = true, saved.ObjectID
			return nil
		}
		if err := tx.InsertPayout(ctx, p); err != nil {
			return err
		}
		if err := s.askForPayout(ctx, tx, id, p, needed, in.Note); err != nil {
			return err
		}
		if err := s.recordPayout(ctx, tx, id, p); err != nil {
			return err
		}
		return s.checkLimits(ctx, tx, payoutSpend(p))
	})
	if core.CodeOf(err) == core.CodeOutcomeUnknown {
		if stored, readErr := s.readPayout(ctx, tenant, p.ID); readErr == nil {
			return core.PayoutReply{Payout: stored}, nil
		}
	}
	return s.answerPayout(ctx, tenant, p.ID, replayed, err)
}

// allowPayouts lets those in who may ask for payouts: people confirm themselves anew, a
// merchant's program has its key. A payout belongs to no store.
func (s *Service) allowPayouts(ctx context.Context) (core.Identity, core.ID, error) {
	id, tenant, err := s.allow(ctx, "payouts", "create")
	if err != nil {
		return id, tenant, err
	}
	if err := wholeTenant(id); err != nil {
		return id, tenant, err
	}
	if id.APIKeyID.IsZero() {
		err = s.stepUp(id)
	}
	return id, tenant, err
}

// payableTo finds the account and says early what would stand in the payout's way: its form,
// and the latest balance. That the channel is closed at this hour does not matter yet: the
// second person is asked first, and it is looked at again before anything is sent.
func (s *Service) payableTo(ctx context.Context, tenant core.ID, in *core.CreatePayoutInput) (payoutRoute, error) {
	route, err := s.routePayout(ctx, tenant, in.AccountID)
	if err != nil {
		return route, err
	}
	if in.Source == "" && len(route.spec.Sources) > 0 {
		in.Source = route.spec.Sources[0].ID
	}
	if faults := checkPayoutInput(*in, route.spec); len(faults) > 0 {
		return route, faults[0].refusal()
	}
	ask := payoutAsk{source: in.Source, channel: in.Channel, amount: in.Amount.Minor, largest: in.Amount.Minor, smallest: in.Amount.Minor}
	return route, s.early(ctx, route, ask)
}

// early refuses what the latest balance does not allow. What cannot be read now is read
// again before the send.
func (s *Service) early(ctx context.Context, route payoutRoute, ask payoutAsk) error {
	rows, err := s.payoutRoom(ctx, route, false)
	if err != nil {
		return nil //nolint:nilerr // nothing is sent yet, and nothing is sent before it was read
	}
	rules, err := s.payoutRules(ctx, route.account)
	if err != nil {
		return err
	}
	err = fits(rows, ask, rules, s.Clock())
	if core.CodeOf(err) == core.CodeOutsideHours {
		return nil
	}
	return err
}

func (s *Service) newPayout(ctx context.Context, id core.Identity, tenant core.ID, in core.CreatePayoutInput, route payoutRoute, payout core.ID) (core.Payout, error) {
	now := s.Clock()
	number, err := s.Database.NextOrderNo(ctx, now)
	if err != nil {
		return core.Payout{}, err
	}
	p := core.Payout{
		TenantID: tenant, ID: payout, PayoutNo: number, MerchantPayoutNo: in.MerchantPayoutNo, AccountID: route.account.ID, Provider: route.account.Provider,
		Amount: in.Amount, Source: in.Source, Channel: in.Channel, Purpose: in.Purpose, PayeeType: in.Payee.Type,
		PayeeName: maskName(string(in.Payee.Name.Reveal())), PayeeNumber: maskAccount(string(in.Payee.Number.Reveal())), BankName: in.Payee.BankName,
		State: core.PayoutPendingApproval, CreatedBy: id.Actor, CreatedAt: now, UpdatedAt: now, Version: 1,
	}
	if p.MerchantPayoutNo == "" {
		p.MerchantPayoutNo = number
	}
	p.PayeeSealed, err = s.sealPayee(ctx, p, in.Payee)
	return p, err
}

func (s *Service) recordPayout(ctx context.Context, tx core.TenantTx, id core.Identity, p core.Payout) error {
	event, err := s.event(p.TenantID, "payout.created", p.ID, payoutEvent(p))
	if err != nil {
		return err
	}
	if err := tx.AppendEvent(ctx, event); err != nil {
		return err
	}
	entry, err := s.audit(id, p.TenantID, "payout.create", p.ID.Prefixed(core.PrefixPayout), nil, payoutEvent(p))
	if err != nil {
		return err
	}
	return tx.AppendAudit(ctx, entry)
}

func (s *Service) answerPayout(ctx context.Context, tenant, payout core.ID, replayed bool, err error) (core.PayoutReply, error) {
	if err != nil {
		return core.PayoutReply{}, err
	}
	p, err := s.readPayout(ctx, tenant, payout)
	return core.PayoutReply{Payout: p, Replayed: replayed}, err
}

// sealedPayee is a payee as it is sealed.
type sealedPayee struct {
	Type       string            `json:"type"`
	Name       string            `json:"name"`
	Number     string            `json:"number"`
	Phone      string            `json:"phone,omitempty"`
	IDNumber   string            `json:"id_number,omitempty"`
	BankCode   string            `json:"bank_code,omitempty"`
	BankName   string            `json:"bank_name,omitempty"`
	BranchCode string            `json:"branch_code,omitempty"`
	BranchName string            `json:"branch_name,omitempty"`
	Province   string            `json:"province,omitempty"`
	City       string            `json:"city,omitempty"`
	Extra      map[string]string `json:"extra,omitempty"`
}

func plainPayee(p core.Payee) sealedPayee {
	return sealedPayee{
		Type: p.Type, Name: string(p.Name.Reveal()), Number: string(p.Number.Reveal()), Phone: string(p.Phone.Reveal()), IDNumber: string(p.IDNumber.Reveal()),
		BankCode: p.BankCode, BankName: p.BankName, BranchCode: p.BranchCode, BranchName: p.BranchName, Province: p.Province, City: p.City, Extra: p.Extra,
	}
}

// payoutKey names the caller's operation. The payee belongs to its body: the same key with
// another payee must not answer the first payout. The hash is keyed.
func (s *Service) payoutKey(id core.Identity, in core.CreatePayoutInput) core.IdempotencyKey {
	payee := plainPayee(in.Payee)
	in.Payee = core.Payee{}
	return s.idempotencyKey(id, operationCreatePayout, in.IdempotencyKey, struct {
		Input core.CreatePayoutInput
		Payee sealedPayee
	}{in, payee})
}

func (s *Service) sealPayee(ctx context.Context, p core.Payout, payee core.Payee) ([]byte, error) {
	body, err := json.Marshal(plainPayee(payee))
	if err != nil {
		return nil, fmt.Errorf("service: encode a payee: %w", err)
	}
	return s.Sealer.Seal(ctx, p.TenantID, core.PayoutPurpose(p.ID), body)
}

func (s *Service) openPayee(ctx context.Context, p core.Payout) (sealedPayee, error) {
	var payee sealedPayee
	body, err := s.Sealer.Open(ctx, p.TenantID, core.PayoutPurpose(p.ID), p.PayeeSealed)
	if err != nil {
		return payee, err
	}
	if err := json.Unmarshal(body, &payee); err != nil {
		return payee, fmt.Errorf("service: decode a payee: %w", err)
	}
	return payee, nil
}

// payoutRequest is what the provider is told.
func payoutRequest(p core.Payout, payee sealedPayee) core.PayoutRequest {
	return core.PayoutRequest{
		OrderNo: p.PayoutNo, Amount: p.Amount, Channel: p.Channel, Source: p.Source, Purpose: p.Purpose, CreatedAt: p.SentAt,
		PayeeName: core.SecretString(payee.Name), PayeeNumber: core.SecretString(payee.Number), PayeeType: payee.Type,
		BankCode: payee.BankCode, BankName: payee.BankName, BranchCode: payee.BranchCode, BranchName: payee.BranchName,
		Province: payee.Province, City: payee.City, Phone: core.SecretString(payee.Phone), IDNumber: core.SecretString(payee.IDNumber), Extra: payee.Extra,
	}
}
