package service

import (
	"context"
	"slices"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// ListBalances gives the present balances, of the caller's tenant or for the platform of all.
func (s *Service) ListBalances(ctx context.Context, f core.BalanceFilter) (list []core.AccountBalances, err error) {
	id, tenant, err := s.allowAnywhere(ctx, "balances", "read")
	if err != nil {
		return nil, err
	}
	if err := wholeTenant(id); err != nil {
		return nil, err
	}
	if f.TenantID, err = narrowed(tenant, f.TenantID); err != nil {
		return nil, err
	}
	now := s.Clock()
	show := func(book core.BalanceBook, err error) error {
		list = balancesOf(book, now)
		return err
	}
	if tenant.IsZero() {
		err = s.Database.AcrossTenants(ctx, func(tx core.PlatformTx) error { return show(tx.BalanceBook(ctx, f, now)) })
	} else {
		err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error { return show(tx.BalanceBook(ctx, f, now)) })
	}
	return list, err
}

// balancesOf says what follows from the newest snapshots at a time.
func balancesOf(book core.BalanceBook, at time.Time) []core.AccountBalances {
	out := make([]core.AccountBalances, 0, len(book.Watches))
	for _, w := range book.Watches {
		account := book.Accounts[w.AccountID]
		one := core.AccountBalances{Watch: w, Provider: account.Provider, Name: account.Name, Mark: markOf(book.Marks[w.AccountID], "")}
		for _, snapshot := range book.Snapshots[w.AccountID] {
			b := snapshot.Balance
			channel := core.ChannelBalance{
				Snapshot: snapshot, Mark: markOf(book.Marks[w.AccountID], b.Channel), Payables: b.Payables(book.Rates[w.AccountID], book.Days, at),
			}
			if b.Channel == "" {
				channel.Mark = 0 // a provider without channels: the account's mark says it
			}
			if book.Frozen[w.AccountID] {
				for i := range channel.Payables {
					channel.Payables[i] = core.Payable{Source: channel.Payables[i].Source, Reason: core.PayableFrozen}
				}
			}
			channel.NextClearAt, channel.ClearedBy = book.Days.Clearing(b, snapshot.TakenAt)
			one.Channels = append(one.Channels, channel)
		}
		out = append(out, one)
	}
	return out
}

func markOf(marks []core.BalanceMark, channel string) int64 {
	i := slices.IndexFunc(marks, func(m core.BalanceMark) bool { return m.Channel == channel })
	if i < 0 {
		return 0
	}
	return marks[i].Amount
}

// BalanceHistory lists the snapshots of an account, newest first.
func (s *Service) BalanceHistory(ctx context.Context, f core.BalanceHistoryFilter) (list []core.BalanceSnapshot, err error) {
	id, tenant, err := s.allow(ctx, "balances", "read")
	if err != nil {
		return nil, err
	}
	if err := wholeTenant(id); err != nil {
		return nil, err
	}
	if !f.To.IsZero() && !f.From.Before(f.To) {
		return nil, core.Errorf(core.CodeInvalidRequest, "The end must be after the beginning.").At("to")
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if _, err := accountIn(ctx, tx, f.AccountID); err != nil {
			return err
		}
		list, err = tx.BalanceHistory(ctx, f)
		return err
	})
	return list, err
}

// SetBalanceMark sets the amount under which people are told, and looks at it at once.
func (s *Service) SetBalanceMark(ctx context.Context, in core.BalanceMarkInput) (out core.AccountBalances, err error) {
	id, tenant, err := s.allow(ctx, "balances", "mark")
	if err != nil {
		return out, err
	}
	if err := wholeTenant(id); err != nil {
		return out, err
	}
	if err := checkText("channel", in.Channel, 0, 64); err != nil {
		return out, err
	}
	if in.Amount < 0 || in.Amount > maxDaily {
		return out, core.Errorf(core.CodeInvalidAmount, "The mark must be 1 to %d fen; leave it out for none.", int64(maxDaily)).At("amount")
	}
	now := s.Clock()
	entry, err := s.audit(id, tenant, "balance.mark", accountName(in.AccountID), nil, map[string]any{"channel": in.Channel, "amount": in.Amount})
	if err != nil {
		return out, err
	}
	mark := core.BalanceMark{TenantID: tenant, AccountID: in.AccountID, Channel: in.Channel, Amount: in.Amount, SetBy: id.Actor, SetAt: now}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		watch, err := s.watchOf(ctx, tx, in.AccountID)
		if err != nil {
			return err
		}
		if err := tx.SetBalanceMark(ctx, mark); err != nil {
			return err
		}
		if err := tx.AppendAudit(ctx, entry); err != nil {
			return err
		}
		out, err = s.writeWatch(ctx, tx, watch)
		return err
	})
	return out, err
}

// watchOf reads an account's watch. Errors: CodeNotSupported when there is none because the
// account was never live, or its provider states no balances.
func (s *Service) watchOf(ctx context.Context, tx core.TenantTx, account core.ID) (core.BalanceWatch, error) {
	a, err := accountIn(ctx, tx, account)
	if err != nil {
		return core.BalanceWatch{}, err
	}
	if err := s.statesBalances(a); err != nil {
		return core.BalanceWatch{}, err
	}
	watch, err := tx.BalanceWatch(ctx, account)
	if core.CodeOf(err) == core.CodeNotFound {
		return watch, core.Errorf(core.CodeInvalidState, "The account was never live: take it live first.")
	}
	return watch, err
}

func (s *Service) statesBalances(a core.ProviderAccount) error {
	m, err := s.Providers.Manifest(a.Provider)
	if err != nil {
		return err
	}
	if _, ok := m.Grants[core.CapListBalances]; !ok {
		return core.Errorf(core.CodeNotSupported, "The provider states no balances.")
	}
	return nil
}
