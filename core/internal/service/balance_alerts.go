package service

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// writeWatch looks at the marks and the age of the newest answer, tells people of what begins
// and ends, and writes the watch. It gives the balances as they are then.
func (s *Service) writeWatch(ctx context.Context, tx core.TenantTx, w core.BalanceWatch) (core.AccountBalances, error) {
	now := s.Clock()
	if err := tx.UpdateBalanceWatch(ctx, w); err != nil {
		return core.AccountBalances{}, err
	}
	w.Version++
	book, err := tx.BalanceBook(ctx, core.BalanceFilter{AccountID: w.AccountID}, now)
	if err != nil {
		return core.AccountBalances{}, err
	}
	shown := balancesOf(book, now)
	if len(shown) != 1 {
		return core.AccountBalances{}, core.NotFound("balance")
	}
	out := shown[0]
	before := w
	low, args := underMark(out)
	w.LowSince = since(w.LowSince, low, now)
	w.StaleSince = since(w.StaleSince, stale(w, now), now)
	if w.LowSince.Equal(before.LowSince) && w.StaleSince.Equal(before.StaleSince) {
		return out, nil
	}
	if err := s.tellOfBalances(ctx, tx, before, w, out, args); err != nil {
		return out, err
	}
	if err := tx.UpdateBalanceWatch(ctx, w); err != nil {
		return out, err
	}
	w.Version++
	out.Watch = w
	return out, nil
}

// since keeps when something began.
func since(was time.Time, is bool, now time.Time) time.Time {
	switch {
	case !is:
		return time.Time{}
	case was.IsZero():
		return now
	}
	return was
}

// stale says that no question was answered for long, since the account is asked at all.
func stale(w core.BalanceWatch, now time.Time) bool {
	last := w.TakenAt
	if last.IsZero() {
		last = w.CreatedAt
	}
	return w.Failures > 0 && now.Sub(last) >= balanceStale
}

// underMark finds the first mark that what can be paid out as balance is under. A figure that
// is not stated is under none.
func underMark(b core.AccountBalances) (low bool, args map[string]string) {
	var sum int64
	complete := len(b.Channels) > 0
	for _, c := range b.Channels {
		available := c.Snapshot.Balance.Available
		complete = complete && available.Currency != ""
		sum += available.Minor
		if c.Mark > 0 && available.Currency != "" && available.Minor < c.Mark {
			return true, lowArgs(b, c.Snapshot.Balance.Channel, available.Minor, c.Mark)
		}
	}
	if b.Mark > 0 && complete && sum < b.Mark {
		return true, lowArgs(b, "", sum, b.Mark)
	}
	return false, nil
}

func lowArgs(b core.AccountBalances, channel string, available, mark int64) map[string]string {
	return map[string]string{"account": b.Name, "channel": channel, "available": core.Fen(available).String(), "mark": core.Fen(mark).String()}
}

// tellOfBalances raises and resolves the alerts of what began and ended between two states.
func (s *Service) tellOfBalances(ctx context.Context, tx core.TenantTx, before, after core.BalanceWatch, b core.AccountBalances, low map[string]string) error {
	alert := core.Alert{
		TenantID: after.TenantID, ObjectID: after.AccountID, ObjectKind: kindAccount, Object: b.Name,
		Kind: core.AlertBalanceLow, Severity: core.SeverityWarning, Args: low,
	}
	if err := s.tell(ctx, tx, alert, before.LowSince, after.LowSince); err != nil {
		return err
	}
	alert.Kind, alert.Args = core.AlertBalanceStale, map[string]string{"account": b.Name, "provider_message": after.Provided.Message}
	if !after.TakenAt.IsZero() {
		alert.Args["taken_at"] = after.TakenAt.In(core.Beijing()).Format(time.DateTime)
	}
	return s.tell(ctx, tx, alert, before.StaleSince, after.StaleSince)
}

func (s *Service) tell(ctx context.Context, tx core.TenantTx, a core.Alert, before, after time.Time) error {
	switch {
	case before.IsZero() && !after.IsZero():
		return s.raise(ctx, tx, a)
	case !before.IsZero() && after.IsZero():
		return s.resolve(ctx, tx, a.Kind, a.ObjectID)
	}
	return nil
}
