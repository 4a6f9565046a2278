package mmsp

import (
	"encoding/json"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// payoutBalance answers one row per channel (5.3). Its ORDERNO is a number of its own that must be fresh.
func (s *Simulator) payoutBalance(req *payoutRequest) payoutReply {
	s.payouts.mu.Lock()
	defer s.payouts.mu.Unlock()
	key := payoutKey{req.account, req.text("ORDERNO")}
	if s.payouts.balances[key] || s.payouts.byNumber[key] != nil {
		return payoutRefusal(rcRepeated, "")
	}
	s.payouts.balances[key] = true
	if req.text("QRYTYPE") != balanceOnly {
		return payoutRefusal(rcBadParameter, "目前只支持查询商户余额")
	}
	if len(req.merchant.Channels) == 0 {
		return payoutRefusal(rcNoChannel, "")
	}
	rows := make([]map[string]any, len(req.merchant.Channels))
	for i, channel := range req.merchant.Channels {
		rows[i] = s.channelRow(channel, s.payouts.balance(req.account, i, channel))
	}
	answer := payoutRefusal(rcSuccess, "")
	answer.sealed = map[string]any{
		"RSPTIME": s.now().In(shanghai()).Format(timeLayout), "ACCINFO": rows,
	}
	if s.opts.Payout.AccountText {
		text, err := json.Marshal(rows)
		if err != nil {
			return payoutRefusal(rcSystemFault, "")
		}
		answer.sealed["ACCINFO"] = string(text)
	}
	return answer
}

// channelRow is one row of ACCINFO (5.3.3).
func (s *Simulator) channelRow(c Channel, money balance) map[string]any {
	least, most := c.limits(s.greatestPayout())
	begin, end := c.hours()
	status := "1"
	if c.Frozen {
		status = "0"
	}
	return map[string]any{
		"ACCSTATUS": s.integer(status), "BALANCE": s.integer(fen(c.Pending)),
		"BALANCEPAY": s.integer(fen(money.available)), "ADVANCEPAY": s.integer(fen(money.advance)),
		"FREEZEBAL": s.integer(fen(money.frozen)), "ISCHARGE": flag(c.OnBook), "MERTYPE": flag(c.D0),
		"CHLNO": c.No, "CHLMERNO": c.MerchantNo, "LIMIT_DOWN": fen(least), "LIMIT_TOP": fen(most),
		"BEGIN_AT": begin, "END_AT": end, "HOLIDAYTYPE": s.integer(fen(int64(c.HolidayType))),
		"SETTLE_AT": s.integer(fen(int64(c.SettleAt))), "SETTLE_TYPE": flag(c.SettleD1),
	}
}

// Payouts returns all payouts, oldest first.
func (s *Simulator) Payouts() []Payout { return s.payouts.snapshot() }

// Payout returns one payout by the merchant's number.
func (s *Simulator) Payout(merNo, number string) (Payout, bool) {
	s.payouts.mu.Lock()
	defer s.payouts.mu.Unlock()
	p := s.payouts.byNumber[payoutKey{merNo, number}]
	if p == nil {
		return Payout{}, false
	}
	return p.copied(), true
}

// PayPayout is the payee's bank executing a payout that waits.
func (s *Simulator) PayPayout(merNo, number string) error {
	return s.decidePayout(merNo, number, s.executePayout)
}

// FailPayout is the payee's bank refusing a payout that waits and was not booked. Its money stays frozen until ReturnPayout.
func (s *Simulator) FailPayout(merNo, number string) error {
	return s.decidePayout(merNo, number, func(p *Payout) { s.failPayout(p, "") })
}

func (s *Simulator) decidePayout(merNo, number string, decide func(*Payout)) error {
	s.payouts.mu.Lock()
	defer s.payouts.mu.Unlock()
	p := s.payouts.byNumber[payoutKey{merNo, number}]
	if p == nil {
		return ErrNoOrder
	}
	if p.Waiting == nil || p.Booked {
		return ErrNotWaiting
	}
	decide(p)
	return nil
}

// ReturnPayout brings a payout's money back to the merchant: a paid one becomes PAYSTATE 4, returned by the bank, and a
// failed one's frozen money is available again.
func (s *Simulator) ReturnPayout(merNo, number string) error {
	s.payouts.mu.Lock()
	defer s.payouts.mu.Unlock()
	p := s.payouts.byNumber[payoutKey{merNo, number}]
	switch {
	case p == nil:
		return ErrNoOrder
	case p.Doubt != nil || p.Released:
		return ErrNotReturnable
	case p.State == payStatePaid:
		p.State, p.Reason, p.Released = payStateReturned, "", true
		s.movePayout(p, ledger.Return)
		return nil
	case p.State == payStateFailed:
		p.Released = true
		s.savePayout(p, nil)
		return nil
	}
	return ErrNotReturnable
}

// movePayout books money of the payout and writes its new state beside it in the journal.
func (s *Simulator) movePayout(p *Payout, kind ledger.Kind) {
	entry := s.ledger.Append(ledger.Entry{OrderKey: Key(p.MerNo, p.Number), Kind: kind, Amount: p.Amount, At: s.now()})
	s.savePayout(p, &entry)
}

// savePayout journals the payout, and the movement that changed it if there was one. The caller holds the book's lock.
func (s *Simulator) savePayout(p *Payout, effect *ledger.Entry) {
	if s.opts.Journal == nil {
		return
	}
	saved := p.copied()
	s.opts.Journal.Append(record{Payout: &saved, Effect: effect})
}
