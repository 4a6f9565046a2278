package mmsp

import (
	"strconv"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// anotherPayout is the number a reply about the wrong order shows.
const anotherPayout = "99999999999999"

// payout takes a payout (5.1). Unless a fault says otherwise its bank executes it at once, and the ledger has it before
// the reply, though the reply says 付款中 as the document's sample does.
func (s *Simulator) payout(req *payoutRequest) payoutReply {
	s.payouts.mu.Lock()
	defer s.payouts.mu.Unlock()
	if known := s.payouts.byNumber[payoutKey{req.account, req.text("ORDERNO")}]; known != nil {
		known.Requests++
		s.savePayout(known, nil)
		return payoutRefusal(rcRepeated, "")
	}
	p, refusal := s.acceptPayout(req)
	if refusal != "" {
		return payoutRefusal(refusal, "")
	}
	d := req.decision
	if d.Is(faults.Fail) && rcMessages[d.Rule.Code] != "" {
		return payoutRefusal(d.Rule.Code, d.Rule.Message)
	}
	s.payouts.add(p)
	switch {
	case d.Is(faults.Pending):
		return s.delayPayout(p, d.Rule)
	case d.Is(faults.Fail):
		s.failPayout(p, d.Rule.Message)
		return s.payoutAnswer(p)
	case d.Is(faults.Uncertain):
		return s.doubtPayout(p, d.Rule)
	}
	if s.opts.Payout.PaidAtOnce {
		s.executePayout(p)
		return s.payoutAnswer(p)
	}
	p.State, p.Waiting = payStatePaying, &PayoutWaiting{Then: faults.Paid}
	s.bookPayout(p)
	return s.payoutAnswer(p)
}

// delayPayout leaves a payout with its bank. The rule's result is the PAYSTATE that queries see meanwhile, default 2; the
// reply to the payout itself says 2, for the document lists 5 in the query only (5.2.3), or with the stage before the same.
func (s *Simulator) delayPayout(p *Payout, rule *faults.Rule) payoutReply {
	p.State = or(rule.Result, payStatePaying)
	p.Waiting = &PayoutWaiting{Queries: rule.Queries, Then: outcome(rule)}
	s.savePayout(p, nil)
	answer := s.payoutAnswer(p)
	if rule.Stage != faults.Before {
		answer.sealed["PAYSTATE"], answer.sealed["DESC"] = s.integer(payStatePaying), payStateText(payStatePaying)
	}
	return answer
}

// acceptPayout applies the merchant's and the channel's rules and returns the payout, or the code that refuses it.
func (s *Simulator) acceptPayout(req *payoutRequest) (p *Payout, refusal string) {
	if req.merchant.Suspended {
		return nil, rcSuspended
	}
	p = &Payout{
		MerNo: req.account, Number: req.text("ORDERNO"), Amount: parseFen(req.text("AMT")),
		PayType: or(req.text("PAYTYPE"), fromBalance), Created: s.now(), Requests: 1, Fields: make(map[string]string),
	}
	for name, value := range req.fields {
		p.Fields[name] = value.Text
	}
	if p.Amount > s.greatestPayout() {
		return nil, rcAmount
	}
	refusal = rcNoChannel
	for position, channel := range req.merchant.Channels {
		if !named(req, channel) {
			continue
		}
		p.Channel, p.Fee = position, channel.Fee
		if refusal = s.channelRefuses(req, p, channel); refusal == "" {
			return p, ""
		}
	}
	return nil, refusal
}

// named reports whether the request means this channel, or leaves the choice to the platform.
func named(req *payoutRequest, c Channel) bool {
	number, merchant := req.text("CHLNO"), req.text("CHLMERNO")
	return (number == "" || number == c.No) && (merchant == "" || merchant == c.MerchantNo)
}

// channelRefuses holds a payout against a channel's notes (5.3.3, notes 2, 5, 6, 13, 14): inside its hours and limits,
// from one purse only, and the fee on top.
func (s *Simulator) channelRefuses(req *payoutRequest, p *Payout, c Channel) string {
	least, most := c.limits(s.greatestPayout())
	money := s.payouts.balance(p.MerNo, p.Channel, c)
	switch {
	case c.Frozen:
		return rcAccountFrozen
	case !c.open(p.Created.In(shanghai()).Format("15:04:05")):
		return rcChannelClosed
	case p.Amount < least || p.Amount > most:
		return rcPayoutAmount
	case c.RequirePlace && (req.text("BANKPROV") == "" || req.text("BANKCITY") == "" || req.text("BANKBRANCHNAME") == ""):
		return rcElements
	case p.PayType == fromAdvance && (!c.D0 || c.Advance == 0):
		return rcNoAdvance
	case p.PayType == fromAdvance && p.Amount+p.Fee > money.advance:
		return rcAdvanceBalance
	case p.PayType == fromBalance && p.Amount+p.Fee > money.available:
		return rcBalance
	}
	return ""
}

func (s *Simulator) greatestPayout() int64 {
	if s.opts.Payout.MaxAmount > 0 {
		return s.opts.Payout.MaxAmount
	}
	return maxPayout
}

// bookPayout moves the money to the payee; the caller holds the book's lock.
func (s *Simulator) bookPayout(p *Payout) {
	if p.Booked {
		s.savePayout(p, nil)
		return
	}
	p.Booked = true
	s.movePayout(p, ledger.Payout)
}

func (s *Simulator) executePayout(p *Payout) {
	p.State, p.Waiting, p.Doubt = payStatePaid, nil, nil
	s.bookPayout(p)
}

// failPayout ends a payout; its money stays frozen until ReturnPayout (note 4: 代付失败未退回).
func (s *Simulator) failPayout(p *Payout, reason string) {
	p.State, p.Reason, p.Waiting, p.Doubt = payStateFailed, reason, nil, nil
	s.savePayout(p, nil)
}

// doubtPayout answers 0001, whatever happened. With a Result in the rule the reply carries a PAYSTATE all the same,
// which the document tells callers not to look at (6.2, note 2).
func (s *Simulator) doubtPayout(p *Payout, rule *faults.Rule) payoutReply {
	p.State, p.Doubt = payStateFailed, &PayoutDoubt{Queries: rule.Queries}
	if rule.Queries == 0 {
		p.Doubt.Queries = -1
	}
	answer := payoutRefusal(rcUnknown, rule.Message)
	if rule.Result != "" {
		answer.sealed = s.payoutView(p)
		answer.sealed["PAYSTATE"], answer.sealed["DESC"] = s.integer(rule.Result), payStateText(rule.Result)
	}
	if rule.Moved {
		p.State = payStatePaid
		s.bookPayout(p)
		return answer
	}
	s.savePayout(p, nil)
	return answer
}

// payoutQuery answers what became of a payout (5.2): by ORDERNO if it is there, else by BSORDERNO.
func (s *Simulator) payoutQuery(req *payoutRequest) payoutReply {
	s.payouts.mu.Lock()
	defer s.payouts.mu.Unlock()
	number, missing := req.text("ORDERNO"), rcNoOrder
	p := s.payouts.byNumber[payoutKey{req.account, number}]
	if number == "" {
		p, missing = s.payouts.byPlatform[payoutKey{req.account, req.text("BSORDERNO")}], rcNoPlatformNo
	}
	d := req.decision
	if p == nil || d.Is(faults.NotExist) {
		code := missing
		if p != nil {
			code = or(d.Rule.Code, missing)
		}
		return payoutRefusal(code, "")
	}
	p.Queries++
	s.advancePayout(p)
	if p.Doubt != nil {
		return payoutRefusal(rcUnknown, "")
	}
	answer := s.payoutAnswer(p)
	s.describePayout(p, answer.sealed)
	return answer
}

// advancePayout lets the payee's bank, or the platform's own clearing of a doubt, come one query nearer.
func (s *Simulator) advancePayout(p *Payout) {
	if w := p.Waiting; w != nil && w.Then != faults.Never {
		if w.Queries > 0 {
			w.Queries--
			s.savePayout(p, nil)
			return
		}
		if w.Then == faults.Abandoned {
			s.failPayout(p, "")
			return
		}
		s.executePayout(p)
		return
	}
	if doubt := p.Doubt; doubt != nil && doubt.Queries >= 0 {
		if doubt.Queries > 0 {
			doubt.Queries--
		} else {
			p.Doubt = nil
		}
		s.savePayout(p, nil)
	}
}

// payoutAnswer is a success about a payout, which says nothing before its PAYSTATE is read.
func (s *Simulator) payoutAnswer(p *Payout) payoutReply {
	answer := payoutRefusal(rcSuccess, "")
	answer.sealed = s.payoutView(p)
	return answer
}

// payoutView is the reply of 5.1.3 with what the sample shows besides.
func (s *Simulator) payoutView(p *Payout) map[string]any {
	return map[string]any{
		"MERNO": p.MerNo, "ORDERNO": p.Number, "BSORDERNO": p.PlatformNo,
		"PAYSTATE": s.integer(p.State), "DESC": or(p.Reason, payStateText(p.State)),
		"RSPTIME": s.now().In(shanghai()).Format(timeLayout),
		"AMT":     s.integer(fen(p.Amount)), "ACCNAME": p.Fields["ACCNAME"], "ACCNO": p.Fields["ACCNO"],
	}
}

// describePayout adds what only a query says (5.2.3).
func (s *Simulator) describePayout(p *Payout, view map[string]any) {
	branch := "BANKBRANCHNAME"
	if s.opts.AsPrinted {
		branch = "BANKBRACHNONAME"
	}
	view["CURTYPE"] = s.integer("1")
	view[branch] = p.Fields["BANKBRANCHNAME"]
	for _, name := range []string{"BUSITYPE", "MEMO", "MOBILE", "BANKNAME", "BANKSETTLENO"} {
		view[name] = p.Fields[name]
	}
}

// integer is a value typed int: quoted as in the samples, or bare.
func (s *Simulator) integer(text string) any {
	if number, err := strconv.ParseInt(text, 10, 64); s.opts.Payout.Bare && err == nil {
		return number
	}
	return text
}

// distortPayout applies the faults that change a true reply.
func (s *Simulator) distortPayout(answer *payoutReply, d faults.Decision) {
	if answer.sealed == nil {
		return
	}
	switch {
	case d.Is(faults.WrongAmount):
		answer.sealed["AMT"] = wrongAmount(answer.sealed["AMT"], d.Rule.Amount)
	case d.Is(faults.WrongOrder):
		answer.sealed["ORDERNO"], answer.sealed["BSORDERNO"] = anotherPayout, anotherPayout
	}
}
