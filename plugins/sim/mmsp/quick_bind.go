package mmsp

import (
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
)

// The operations in this file are switched off in the document (暂未开通) or belong to its unusable flow B: they answer
// only when Options.Opened names them.

// reserve uses up a MERORDERID for something that is no payment, and returns it locked.
func (s *Simulator) reserve(req *request, details *QuickOrder) (*order, answer) {
	o, a := s.place(req, Order{Quick: details})
	if o != nil {
		o.State, o.Waiting = StateBinding, nil
	}
	return o, a
}

// failing is the body of a fault's refusal, nil if there is none.
func failing(d faults.Decision, text string) body {
	if !d.Is(faults.Fail) {
		return nil
	}
	return withError(body{"STATUS": or(d.Rule.Result, "2")}, or(d.Rule.Code, codePayFailed), or(d.Rule.Message, text))
}

// quickBindSMS sends the SMS of a binding (5.1): STATUS 1 means 绑卡中, nothing is bound yet.
func (s *Simulator) quickBindSMS(req *request) answer {
	o, a := s.reserve(req, holder(req))
	if o == nil {
		return a
	}
	defer o.mu.Unlock()
	b := failing(req.decision, "短信发送失败")
	if b == nil {
		o.sendSMS(s.now())
		b = body{"STATUS": "1"}
	}
	s.save(o, nil)
	b["USER_ID"], b["MERORDERID"], b["CARDNO"], b["LIST_ID"] = o.Quick.UserID, o.Number, o.Quick.Card, o.OrderNo
	return done(b)
}

// quickBind binds a card without a payment (5.2). Its number may be the SMS's own or a fresh one: 必须唯一 stands beside
// both, and what that means for the pair is not said.
func (s *Simulator) quickBind(req *request) answer {
	sent := s.lastSMS(req, OpQuickBindSMS, func(q *QuickOrder) bool {
		return q.UserID == req.text("USER_ID") && q.Card == req.text("CARDNO")
	})
	taken := req.text("MSG_CODE") == s.smsCode() && s.claim(sent)
	o, a := s.continued(req, sent, holder(req))
	if o == nil {
		return a
	}
	defer o.mu.Unlock()
	b := failing(req.decision, "要素不匹配")
	switch {
	case b != nil:
	case !taken:
		b = withError(body{"STATUS": "2"}, codeSMSWrong, "短信验证码错误")
	default:
		o.Quick = holder(req)
		o.Quick.BindID, o.Quick.Bound = bindID(o.MerNo, o.Quick.UserID, o.Quick.Card), true
		b = body{"STATUS": "1"}
	}
	s.save(o, nil)
	b["LIST_ID"], b["BIND_ID"], b["USER_ID"] = o.OrderNo, o.Quick.BindID, o.Quick.UserID
	b["MERORDERID"], b["CARDNO"] = o.Number, o.Quick.Card
	return done(b)
}

// lastSMS finds the newest unused SMS of an operation and of the merchant that fits.
func (s *Simulator) lastSMS(req *request, operation string, fits func(*QuickOrder) bool) *order {
	list := s.book.all()
	for i := len(list) - 1; i >= 0; i-- {
		o := list[i].snapshot()
		if o.MerNo == req.merchant.MerNo && o.Operation == operation && o.State == StateBinding &&
			o.Quick.SMSCount > 0 && !o.Quick.SMSUsed && fits(o.Quick) {
			return list[i]
		}
	}
	return nil
}

// continued takes the number of the SMS further, or places a new order if the request has a number of its own. It
// returns the order locked.
func (s *Simulator) continued(req *request, sent *order, details *QuickOrder) (*order, answer) {
	if sent == nil || sent.key.number != req.text("MERORDERID") {
		return s.reserve(req, details)
	}
	sent.mu.Lock()
	sent.PayRequests++
	return sent, answer{}
}

// bindings lists the orders that made the request's binding good, oldest first, unlocked.
func (s *Simulator) bindings(req *request) []*order {
	var found []*order
	for _, o := range s.book.all() {
		if one := o.snapshot(); one.MerNo == req.merchant.MerNo && one.binds() && one.Quick.BindID == req.text("BIND_ID") {
			found = append(found, o)
		}
	}
	return found
}

// quickUnbind ends a binding (5.6).
func (s *Simulator) quickUnbind(req *request) answer {
	if b := failing(req.decision, "解绑失败"); b != nil {
		return done(b)
	}
	found := s.bindings(req)
	for _, o := range found {
		s.unbind(o)
	}
	if len(found) == 0 {
		return done(withError(body{"STATUS": "2"}, codeNoBinding, "没有该绑定"))
	}
	return done(body{"STATUS": "1"})
}

func (s *Simulator) unbind(o *order) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.Quick.Unbound = true
	s.save(o, nil)
}

// quickBindQuery shows a bound card with all its elements (5.8).
func (s *Simulator) quickBindQuery(req *request) answer {
	if b := failing(req.decision, "查询失败"); b != nil {
		return done(b)
	}
	found := s.bindings(req)
	if len(found) == 0 {
		return done(withError(body{"STATUS": "2"}, codeNoBinding, "没有该绑定"))
	}
	o := found[len(found)-1].snapshot()
	q := o.Quick
	b := body{
		"STATUS": "1", "LIST_ID": o.OrderNo, "CARDNO": q.Card, "CARDTYPE": q.CardType, "NAME": q.Name, "ID_NO": q.ID,
		"PHONENO": q.Phone, "BIND_ID": q.BindID,
	}
	if q.CardType == credit {
		b["EXPDATE"], b["CVN2"] = q.Expiry, q.CVN2
	}
	return done(b)
}

// bound finds the binding a payment names; it must be this user's.
func (s *Simulator) bound(req *request) *QuickOrder {
	for _, o := range s.bindings(req) {
		if q := o.snapshot().Quick; q.UserID == req.text("USER_ID") {
			return q
		}
	}
	return nil
}

// quickBoundSMS sends the SMS of a payment with a bound card (5.13).
func (s *Simulator) quickBoundSMS(req *request) answer {
	if a := s.overBounds(req); a != nil {
		return *a
	}
	card := s.bound(req)
	if card == nil || card.Phone != req.text("PHONENO") {
		return done(withError(body{
			"STATUS": "2", "USER_ID": req.text("USER_ID"), "LIST_ID": "", "MERORDERID": req.text("MERORDERID"), "CARDNO": "",
		}, codeNoBinding, "没有该绑定"))
	}
	card.SMSAt, card.SMSCount, card.SMSUsed = s.now(), 0, false
	o, a := s.reserve(req, card)
	if o == nil {
		return a
	}
	defer o.mu.Unlock()
	b := failing(req.decision, "短信发送失败")
	if b == nil {
		o.sendSMS(s.now())
		b = body{"STATUS": "1"}
	}
	s.save(o, nil)
	b["USER_ID"], b["LIST_ID"], b["MERORDERID"], b["CARDNO"] = o.Quick.UserID, o.OrderNo, o.Number, o.Quick.Card
	return done(b)
}

// quickBoundPay pays with a bound card and the code of its SMS (5.12). Its STATUS 0 means unknown: 状态未知,请发查询.
func (s *Simulator) quickBoundPay(req *request) answer {
	if a := s.overBounds(req); a != nil {
		return *a
	}
	card := s.bound(req)
	if card == nil {
		return done(unpaidBound(req, codeNoBinding, "没有该绑定"))
	}
	if known := s.book.find(req.merchant.MerNo, req.text("MERORDERID")); known != nil && known.snapshot().State != StateBinding {
		return refused(codeDuplicate, "商户订单号重复")
	}
	sent := s.lastSMS(req, OpQuickBoundSMS, func(q *QuickOrder) bool { return q.BindID == card.BindID })
	if sent == nil || sent.snapshot().Amount != req.fen() || req.text("MSG_CODE") != s.smsCode() || !s.claim(sent) {
		return done(unpaidBound(req, codeSMSWrong, "短信验证码错误"))
	}
	o, a := s.continued(req, sent, card)
	if o == nil {
		return a
	}
	defer o.mu.Unlock()
	o.Operation, o.State, o.Pushes = req.op.name, StateWaiting, true
	o.NotifyURL, o.Waiting = req.text("NOTIFY_URL"), waitingForever()
	o.Quick.SMSCount = 0 // the code is used: nothing is left to confirm
	status, upset := s.upset(o, req.decision, mishap{codePayFailed, "支付失败", "0"})
	if req.decision.Is(faults.Pending) {
		status = payStatus(req.decision.Rule, "0")
	}
	if !upset {
		s.takePayment(o)
		status = "1"
	}
	b := placed(o, status)
	b["USER_ID"], b["BIND_ID"], b["BANK_NAME"], b["CARDNO"] = o.Quick.UserID, o.Quick.BindID, bankOf(o.Quick.Card), o.Quick.Card
	if status == "0" {
		withError(b, codePaying, "状态未知,请发查询")
	}
	return done(b)
}

// claim uses the code of an SMS up; only one of several callers gets it.
func (s *Simulator) claim(sent *order) bool {
	if sent == nil {
		return false
	}
	sent.mu.Lock()
	defer sent.mu.Unlock()
	if sent.State != StateBinding || sent.Quick.SMSUsed {
		return false
	}
	sent.Quick.SMSUsed = true
	s.save(sent, nil)
	return true
}

// unpaidBound is the reply of a payment that was not even placed.
func unpaidBound(req *request, code, text string) body {
	return withError(body{
		"STATUS": "2", "USER_ID": req.text("USER_ID"), "BIND_ID": req.text("BIND_ID"), "LIST_ID": "",
		"MERORDERID": req.text("MERORDERID"), "PAY_DATE": "", "NOTIFY_DATE": "", "AMT": req.text("AMT"),
		"BANK_NAME": "", "CARDNO": "",
	}, code, text)
}

func waitingForever() *Waiting { return &Waiting{Then: faults.Never} }
