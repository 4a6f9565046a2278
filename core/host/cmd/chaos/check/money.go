package check

import "github.com/zhanggui-pay/zhanggui/core"

// The kinds of movements in a ledger.
const (
	pay      = "pay"
	refund   = "refund"
	reversal = "reversal"
	payout   = "payout"
	returned = "return"
)

// effect is one movement that an operation may cause at most once.
type effect struct{ kind, order, request string }

// OneEffect is I1: an operation has at most one effect at the provider, however often its
// client asked, and the provider holds nothing that we do not know of.
func OneEffect(e Evidence) Verdict {
	j := newJudge("I1", "at most one provider effect per operation")
	known := map[string]string{} // number → mark of the client's operation
	for _, o := range e.Orders {
		known[o.OrderNo] = o.Mark
	}
	for _, r := range e.Refunds {
		known[r.RefundNo] = r.Mark
	}
	for _, p := range e.Payouts {
		known[p.PayoutNo] = p.Mark
	}
	seen, caused := map[effect]int{}, map[effect]string{}
	for _, m := range e.Movements {
		f := effect{kind: m.Kind, order: m.Order, request: m.Request}
		if seen[f]++; seen[f] == 2 {
			j.find("order %s: the provider booked a %s %s twice", m.Order, m.Kind, m.Request)
		}
		mark, ok := known[m.Order]
		if !ok {
			j.find("order %s: the provider moved %d fen for an order that is not stored", m.Order, m.Amount)
		}
		number := m.Order
		if m.Kind == refund {
			if mark, ok = known[m.Request]; !ok && m.Request != "" {
				j.find("refund %s of order %s: the provider gave back %d fen for a refund that is not stored", m.Request, m.Order, m.Amount)
			}
			number = m.Request
		}
		if mark == "" || m.Kind != pay && m.Kind != refund && m.Kind != payout {
			continue
		}
		own := effect{kind: m.Kind, order: mark}
		if other := caused[own]; other != "" && other != number {
			j.find("operation %s has two effects: a %s as %s and as %s", mark, m.Kind, other, number)
		}
		caused[own] = number
	}
	for _, o := range e.Operations {
		for i, t := range o.Told {
			if t.Object != o.Told[0].Object {
				j.find("operation %s was answered with %s and with %s", o.Key, o.Told[0].Object, o.Told[i].Object)
				break
			}
		}
	}
	return j.examined(len(e.Movements), "%d movements in the ledgers, %d operations", len(e.Movements), len(e.Operations))
}

// WithinPaid is I2: what was given back and what is on its way never exceed what was paid,
// at the end and whenever was looked while the load ran.
func WithinPaid(e Evidence) Verdict {
	j := newJudge("I2", "refunds succeeded and in flight never exceed the payment")
	for _, o := range e.Overdrawn {
		j.find("payment %s: %d fen were given back or promised of %d paid", o.Payment, o.Committed, o.Paid)
	}
	done, running := map[string]int64{}, map[string]int64{}
	for _, r := range e.Refunds {
		switch core.RefundState(r.State) {
		case core.RefundSucceeded:
			done[r.Payment] += r.Amount
		case core.RefundProcessing, core.RefundPendingApproval:
			running[r.Payment] += r.Amount
		case core.RefundFailed, core.RefundRejected:
		}
	}
	paid, back := sums(e.Movements)
	for _, o := range e.Orders {
		if done[o.ID]+running[o.ID] > o.Amount || o.Refunded+o.Reserved > o.Amount {
			j.find("payment %s of %d fen has refunds of %d succeeded and %d in flight (its own sums: %d and %d)", o.ID, o.Amount, done[o.ID], running[o.ID], o.Refunded, o.Reserved)
		}
		if done[o.ID] != o.Refunded || running[o.ID] != o.Reserved {
			j.find("payment %s says %d refunded and %d reserved; its refunds say %d and %d", o.ID, o.Refunded, o.Reserved, done[o.ID], running[o.ID])
		}
		if back[o.OrderNo] > paid[o.OrderNo] {
			j.find("order %s: the provider gave back %d fen of %d", o.OrderNo, back[o.OrderNo], paid[o.OrderNo])
		}
	}
	return j.examined(len(e.Refunds)*e.Looks, "%d refunds of %d payments, %d looks under load", len(e.Refunds), len(e.Orders), e.Looks)
}

// sums are what the provider took and gave back, by order.
func sums(movements []Movement) (paid, back map[string]int64) {
	paid, back = map[string]int64{}, map[string]int64{}
	for _, m := range movements {
		switch m.Kind {
		case pay:
			paid[m.Order] += m.Amount
		case refund, reversal:
			back[m.Order] += m.Amount
		}
	}
	return paid, back
}

// NothingLost is I3: what a client was told exists, with its amount.
func NothingLost(e Evidence) Verdict {
	j := newJudge("I3", "whatever was acknowledged survives")
	amounts := map[string]int64{}
	for _, o := range e.Orders {
		amounts[o.ID] = o.Amount
	}
	for _, r := range e.Refunds {
		amounts[r.ID] = r.Amount
	}
	for _, p := range e.Payouts {
		amounts[p.ID] = p.Amount
	}
	acknowledged := 0
	for _, o := range e.Operations {
		if len(o.Told) == 0 {
			continue
		}
		acknowledged++
		object := o.Told[0].Object
		switch amount, ok := amounts[object]; {
		case !ok:
			j.find("operation %s was answered with %s %s, which is gone", o.Key, o.Kind, object)
		case amount != o.Amount:
			j.find("%s %s was acknowledged with %d fen and has %d", o.Kind, object, o.Amount, amount)
		}
	}
	return j.examined(acknowledged, "%d acknowledged operations", acknowledged)
}

// NothingOpen is I4: where the provider can be asked, nothing is left open, and the state
// that is recorded is the state of the money.
func NothingOpen(e Evidence) Verdict {
	j := newJudge("I4", "no unknown is left where the provider answers, and no failure while it has the money")
	paid, back := sums(e.Movements)
	reversed, booked := map[string]int64{}, map[string]int64{}
	for _, m := range e.Movements {
		switch m.Kind {
		case reversal:
			reversed[m.Order] += m.Amount
		case refund:
			booked[m.Request] += m.Amount
		case payout:
			booked[m.Order] += m.Amount
		case returned:
			booked[m.Order] -= m.Amount
		}
	}
	byPerson := 0
	for _, o := range e.Orders {
		held := paid[o.OrderNo] - reversed[o.OrderNo]
		switch core.PaymentState(o.State) {
		case core.PaymentProcessing, core.PaymentRequiresAction:
			j.find("payment %s (order %s) is still %s; the provider holds %d fen", o.ID, o.OrderNo, o.State, held)
		case core.PaymentSucceeded:
			if held != o.Amount {
				j.find("payment %s (order %s) is succeeded with %d fen and the provider holds %d", o.ID, o.OrderNo, o.Amount, held)
			}
		case core.PaymentFailed, core.PaymentCanceled, core.PaymentClosed, core.PaymentExpired:
			if held != 0 {
				j.find("payment %s (order %s) is %s and the provider holds %d fen", o.ID, o.OrderNo, o.State, held)
			}
		}
		if refunded := back[o.OrderNo] - reversed[o.OrderNo]; refunded < o.Refunded || refunded > o.Refunded+o.Reserved {
			j.find("order %s: the provider refunded %d fen; recorded are %d and %d in flight", o.OrderNo, refunded, o.Refunded, o.Reserved)
		}
	}
	for _, r := range e.Refunds {
		switch core.RefundState(r.State) {
		case core.RefundProcessing:
			if byPerson++; r.Due {
				byPerson--
				j.find("refund %s (%s) is still processing; the provider gave back %d fen", r.ID, r.RefundNo, booked[r.RefundNo])
			}
		case core.RefundFailed, core.RefundRejected:
			if booked[r.RefundNo] != 0 {
				j.find("refund %s (%s) is %s and the provider gave back %d fen", r.ID, r.RefundNo, r.State, booked[r.RefundNo])
			}
		case core.RefundSucceeded, core.RefundPendingApproval:
		}
	}
	j.payouts(e.Payouts, booked)
	return j.examined(len(e.Orders), "%d payments, %d refunds, %d payouts; %d refunds wait for a person because their provider cannot be asked",
		len(e.Orders), len(e.Refunds), len(e.Payouts), byPerson)
}

func (j *judge) payouts(payouts []Payout, booked map[string]int64) {
	for _, p := range payouts {
		held := booked[p.PayoutNo]
		switch core.PayoutState(p.State) {
		case core.PayoutProcessing, core.PayoutInReview:
			j.find("payout %s (%s) is still %s; the provider paid %d fen", p.ID, p.PayoutNo, p.State, held)
		case core.PayoutSucceeded:
			if held != p.Amount {
				j.find("payout %s (%s) is succeeded with %d fen and the provider paid %d", p.ID, p.PayoutNo, p.Amount, held)
			}
		case core.PayoutFailed, core.PayoutRejected, core.PayoutReturned, core.PayoutPendingApproval:
			if held != 0 {
				j.find("payout %s (%s) is %s and the provider paid %d fen", p.ID, p.PayoutNo, p.State, held)
			}
		}
	}
}
