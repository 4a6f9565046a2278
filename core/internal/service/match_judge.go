package service

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

// judge says how an order and the provider's side of it disagree.
func (m *matcher) judge(ctx context.Context, p pair, other otherDays) error {
	theirs := moved(p.line) && !moved(p.back)
	m.addStated(p, theirs)
	switch {
	case p.ours == nil:
		return m.judgeForeign(ctx, p, theirs)
	case p.line == nil && p.back == nil:
		return m.judgeMissing(ctx, p, other)
	case p.ours.Moved && theirs:
		return m.judgeMoved(ctx, p, other)
	case p.ours.Moved:
		return m.judgeNotTheirs(ctx, p)
	case theirs && p.ours.State != string(core.PayoutReturned):
		// A payout that came back was paid out before.
		return m.found(ctx, p.differ(core.DifferState))
	}
	return nil
}

// judgeForeign is for lines without an order of ours. What was paid and taken back moved nothing.
func (m *matcher) judgeForeign(ctx context.Context, p pair, theirs bool) error {
	if theirs {
		return m.found(ctx, p.differ(core.DifferSurplus))
	}
	if p.line == nil && moved(p.back) {
		p.line, p.kind = p.back, core.MovementReversal
		p.back = nil
		return m.found(ctx, p.differ(core.DifferSurplus))
	}
	return nil
}

// judgeMissing is for an order that the day's bills do not show. It is told of on the day on
// which it succeeded, when no bill on which it may stand is still to come.
func (m *matcher) judgeMissing(ctx context.Context, p pair, other otherDays) error {
	if !p.ours.Moved || !m.onDay(p.ours.MovedAt) {
		return nil
	}
	cover := m.covers(*p.ours)
	switch {
	case !cover.shown:
		if cover.stated == nil {
			m.count.unasked++
		}
	case other.on != "":
	case other.waits:
		m.count.carried++
	default:
		return m.found(ctx, p.differ(core.DifferShortage))
	}
	return nil
}

// judgeMoved is for money that moved on both sides.
func (m *matcher) judgeMoved(ctx context.Context, p pair, other otherDays) error {
	var found []core.Difference
	switch {
	case !p.ours.MayStandOn(m.day):
		found = append(found, p.differ(core.DifferDay))
	case other.listed != "" && other.listed < m.day && !m.asked(p.line):
		d := p.differ(core.DifferDuplicate)
		d.Key += "|" + string(other.listed)
		found = append(found, d)
	}
	fee, known := knownFee(*p.ours)
	switch {
	case p.ours.Amount != positive(p.line.Amount):
		found = append(found, p.differ(core.DifferAmount))
	case known && p.line.Fee.Currency != "" && positive(p.line.Fee) != fee:
		found = append(found, p.differ(core.DifferFee))
	}
	for _, d := range found {
		if err := m.found(ctx, d); err != nil {
			return err
		}
	}
	if len(found) == 0 {
		m.count.matched++
	}
	return nil
}

// judgeNotTheirs is for an order that moved money by our books and not by the provider's word.
func (m *matcher) judgeNotTheirs(ctx context.Context, p pair) error {
	if p.back == nil && saysNothing(p.line) {
		m.count.unanswered++
		if !m.final {
			return nil
		}
		return m.found(ctx, p.differ(core.DifferUnanswered))
	}
	return m.found(ctx, p.differ(core.DifferState))
}

// saysNothing is for answers that leave open what became of the order.
func saysNothing(l *core.BilledLine) bool {
	switch l.Outcome {
	case core.OutcomeSucceeded, core.OutcomeFailed, core.OutcomeNotFound, core.OutcomeCanceled, core.OutcomeClosed:
		return false
	case core.OutcomeInProgress, core.OutcomeUnknown, core.OutcomeRefused:
	}
	return true
}

// knownFee is what the provider takes for the order by what we know: its own word, or the
// merchant's rate. An order without a rate has no known fee.
func knownFee(m core.Movement) (core.Money, bool) {
	if m.ProviderFee.Currency != "" {
		return m.ProviderFee, true
	}
	return core.Fen(m.Fee), m.Fee > 0
}

// positive is an amount as we write it: some bills write what they take back with a minus.
func positive(m core.Money) core.Money {
	if m.Minor < 0 {
		m.Minor = -m.Minor
	}
	return m
}

// differ builds the difference of a pair.
func (p pair) differ(kind core.DifferenceKind) core.Difference {
	d := core.Difference{Kind: kind, Movement: p.kind, State: core.DifferenceOpen}
	if o := p.ours; o != nil {
		d.ObjectID, d.ObjectKind, d.Number, d.ProviderNumber = o.ObjectID, string(o.Kind), o.Number, o.ProviderNumber
		d.Ours = core.DifferenceSide{Present: true, State: o.State, Amount: o.Amount, At: o.MovedAt}
		if fee, known := knownFee(*o); known {
			d.Ours.Fee = fee
		}
		if !o.Moved {
			d.Ours.At = o.CreatedAt
		}
	}
	line := p.line
	if line == nil {
		line = p.back
	}
	if line != nil {
		d.BillID, d.BillLine, d.Theirs = line.BillID, line.N, sideOf(*line)
		if line.ProviderNumber != "" {
			d.ProviderNumber = line.ProviderNumber
		}
		if d.Number == "" {
			d.Number = line.Number
		}
		if p.back != nil {
			d.Theirs.State, d.Theirs.At = string(core.OutcomeCanceled), p.back.At
		}
	}
	d.Key = differenceKey(kind, p.kind, d.Number, d.ProviderNumber, p.ordinal)
	return d
}

func sideOf(l core.BilledLine) core.DifferenceSide {
	return core.DifferenceSide{Present: true, State: string(l.Outcome), Amount: positive(l.Amount), Fee: l.Fee, At: l.At}
}

// duplicate is a line that says once more what another says; of several, the ordinal tells them apart.
func duplicate(l core.BilledLine, ordinal int64) core.Difference {
	d := core.Difference{
		Kind: core.DifferDuplicate, Movement: l.Kind, State: core.DifferenceOpen, Number: l.Number, ProviderNumber: l.ProviderNumber,
		Theirs: sideOf(l), BillID: l.BillID, BillLine: l.N,
	}
	d.Key = differenceKey(d.Kind, d.Movement, d.Number, d.ProviderNumber, ordinal)
	return d
}

// longestKey keeps keys well below what an index takes.
const longestKey = 200

// differenceKey finds a difference again: by our number, else by the provider's, else by its place
// among those that have neither.
func differenceKey(kind core.DifferenceKind, movement core.MovementKind, number, providerNumber string, ordinal int64) string {
	parts := []string{string(kind), string(movement), number}
	if number == "" {
		parts[2] = "@" + providerNumber
	}
	if ordinal > 0 {
		parts = append(parts, strconv.FormatInt(ordinal, 10))
	}
	key := strings.Join(parts, "|")
	if len(key) > longestKey {
		sum := sha256.Sum256([]byte(key))
		key = string(kind) + "|" + string(movement) + "|#" + hex.EncodeToString(sum[:])
	}
	return key
}
