package service

import (
	"context"
	"slices"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Why an approved payout is kept back, beside the codes of errors.
const waitBalance = "balance_unreadable"

const (
	// balanceRetry is the wait before an unreadable balance is asked for again.
	balanceRetry = time.Minute
	// balanceFresh is how long one reading serves the payouts of a file.
	balanceFresh = 15 * time.Second
)

// holding says why a payout is not sent now. A zero until means that waiting does not help.
type holding struct {
	reason   string
	sentence string
	until    time.Time
}

// holdBack looks once more right before the send: is the account still used, does the channel
// take payouts at this hour, is there enough in the one source it is paid from. Nothing is
// sent on a guess: while the balance cannot be read, the payout waits.
func (s *Service) holdBack(ctx context.Context, p core.Payout, route payoutRoute) *holding {
	now := s.Clock()
	if route.account.Status != core.AccountLive {
		return &holding{reason: string(core.CodeAccountNotLive), until: now.Add(balanceRetry)}
	}
	rules, err := s.payoutRules(ctx, route.account)
	if err != nil {
		return &holding{reason: waitBalance, until: now.Add(balanceRetry)}
	}
	if rules.frozen != nil {
		return &holding{reason: string(core.CodeFrozen), until: now.Add(balanceRetry)}
	}
	rows, err := s.payoutRoom(ctx, route, !p.BatchID.IsZero())
	if err != nil {
		return &holding{reason: waitBalance, until: now.Add(balanceRetry)}
	}
	err = fits(rows, payoutAsk{source: p.Source, channel: p.Channel, amount: p.Amount.Minor, largest: p.Amount.Minor, smallest: p.Amount.Minor}, rules, now)
	code := core.CodeOf(err)
	if err == nil {
		return nil
	}
	if code == core.CodeOutsideHours {
		return &holding{reason: string(code), until: nextOpening(rows, p.Channel, now)}
	}
	return &holding{reason: string(code), sentence: publicMessage(err)}
}

// reading is a balance as it was read, for the payouts of a file that follow each other.
type reading struct {
	at   time.Time
	rows []core.Balance
}

// payoutRoom reads the balances of the account now; recent lets one that was just read serve.
// A provider without balances has none: what it does not say is not checked.
func (s *Service) payoutRoom(ctx context.Context, route payoutRoute, recent bool) ([]core.Balance, error) {
	if _, ok := route.manifest.Grants[core.CapListBalances]; !ok {
		return nil, nil
	}
	if kept, ok := s.readings.Load(route.account.ID); ok && recent {
		if r, ok := kept.(reading); ok && s.Clock().Sub(r.at) < balanceFresh {
			return r.rows, nil
		}
	}
	id, err := core.IdentityFrom(ctx)
	if err != nil {
		return nil, err
	}
	number, err := s.Database.NextOrderNo(ctx, s.Clock())
	if err != nil {
		return nil, err
	}
	callCtx, stop := context.WithTimeout(ctx, s.CallTimeout)
	defer stop()
	result, err := s.Providers.ListBalances(callCtx, s.accountCall(ctx, id, route.account, core.CapListBalances, number))
	if err != nil {
		return nil, err
	}
	if result.Outcome != core.OutcomeSucceeded {
		return nil, core.Errorf(core.CodeProviderUnavailable, "The provider did not tell the balance.")
	}
	s.readings.Store(route.account.ID, reading{at: s.Clock(), rows: result.Balances})
	return result.Balances, nil
}

// payoutAsk is what is to be paid out: one payout, or a file of them.
type payoutAsk struct {
	source, channel           string
	amount, largest, smallest int64   // fen: the sum, and the bounds of the single payouts
	amounts                   []int64 // of the single payouts of a file
}

// fits says whether the balances allow it at the time now. Balance and advance are two
// purses: what is in the other one does not count (seed 003, 5.3, notes 13 and 14). Errors:
// CodeOutsideHours, CodeLimitExceeded, CodeInsufficientBalance, CodeInvalidRequest for a
// channel that the account does not have.
func fits(rows []core.Balance, ask payoutAsk, rules payoutRules, now time.Time) error {
	if len(rows) == 0 {
		return nil
	}
	channels := rows
	if ask.channel != "" {
		channels = nil
		for _, b := range rows {
			if b.Channel == ask.channel {
				channels = append(channels, b)
			}
		}
		if len(channels) == 0 {
			return core.Errorf(core.CodeInvalidRequest, "The account has no channel of this number.").At("channel")
		}
	}
	all, one := ask.fees(rules.rate)
	var refused error
	var held int64
	roomy := false // one channel has enough for the largest
	for _, b := range channels {
		err := roomIn(b, ask, rules.days, now)
		refused = worse(refused, err)
		if err != nil {
			continue
		}
		has := inSource(b, ask.source)
		if has.Currency == "" {
			return nil // not stated: the provider decides
		}
		held += has.Minor
		roomy = roomy || has.Minor >= ask.largest+one
	}
	if roomy && held >= ask.amount+all {
		return nil
	}
	if held > 0 || refused == nil {
		left := core.Fen(held)
		return core.Errorf(core.CodeInsufficientBalance, "%s can be paid out from %s now, fees included; this takes %s. What is in the other source does not count.", left, ask.source, core.Fen(ask.amount+all)).
			At("amount").With("available", left.String())
	}
	return refused
}

// worse prefers the refusal that says most: that of a channel that is open at all.
func worse(a, b error) error {
	rank := func(err error) int {
		return slices.Index([]core.Code{"", core.CodeOutsideHours, core.CodeLimitExceeded, core.CodeInsufficientBalance}, core.CodeOf(err))
	}
	if rank(b) > rank(a) {
		return b
	}
	return a
}

// roomIn says whether one channel can take payouts of these sizes now, whatever is in it.
func roomIn(b core.Balance, ask payoutAsk, days core.WorkingDays, now time.Time) error {
	switch {
	case b.Suspended:
		return core.Errorf(core.CodeInsufficientBalance, "The provider has frozen this channel: nothing can be paid out from it.").At("channel").With("available", core.Fen(0).String())
	case b.Minimum.Currency != "" && ask.smallest < b.Minimum.Minor:
		return core.Errorf(core.CodeLimitExceeded, "The channel pays out at least %s at a time.", b.Minimum).At("amount").With("limit", b.Minimum.String())
	case b.Maximum.Currency != "" && b.Maximum.Minor > 0 && ask.largest > b.Maximum.Minor:
		return core.Errorf(core.CodeLimitExceeded, "The channel pays out at most %s at a time.", b.Maximum).At("amount").With("limit", b.Maximum.String())
	case !b.OpenAt(now):
		return core.Errorf(core.CodeOutsideHours, "The provider takes payouts from %s to %s in Beijing; nothing is sent outside those hours.", b.Opens, b.Closes).
			With("opens", b.Opens).With("closes", b.Closes)
	case !b.PaysOn(ask.source, days, now):
		return core.Errorf(core.CodeOutsideHours, "The provider pays nothing out of %s on a day that is not worked; nothing is sent before the next working day.", ask.source)
	}
	return nil
}

// inSource is what a channel has in the source; no currency: not stated.
func inSource(b core.Balance, source string) core.Money {
	if source == core.SourceAdvance {
		return b.Advance
	}
	return b.Available
}

// nextOpening is when the first of the channels opens again; at the latest it is looked at
// anew after an hour, for hours and holidays change.
func nextOpening(rows []core.Balance, channel string, now time.Time) time.Time {
	next := now.Add(time.Hour)
	for _, b := range rows {
		opens, err := time.Parse(time.TimeOnly, b.Opens)
		if err != nil || (channel != "" && channel != b.Channel) {
			continue
		}
		local := now.In(core.Beijing())
		at := time.Date(local.Year(), local.Month(), local.Day(), opens.Hour(), opens.Minute(), opens.Second(), 0, core.Beijing())
		if at.After(now) && at.Before(next) {
			next = at
		}
	}
	return next
}
