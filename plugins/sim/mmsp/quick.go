package mmsp

import (
	"fmt"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

func (s *Simulator) quickOperations() []*operation {
	return append(s.quickPayments(), s.quickSwitchedOff()...)
}

// payingFaults are the faults of operations that place or make a payment.
func payingFaults() []faults.Kind {
	return []faults.Kind{FaultPending, FaultFail, FaultUncertain, FaultWrongAmount, FaultWrongOrder}
}

func (s *Simulator) quickPayments() []*operation {
	return []*operation{
		{
			name: OpQuickPay, command: cmdQuickPay, fields: quickPayFields(), check: creditCardElements,
			run: s.quickPay, payer: "CARDNO", kinds: payingFaults(),
		},
		{
			name: OpQuickConfirm, command: cmdQuickConfirm, fields: quickConfirmFields(), run: s.quickConfirm, payer: "MSG_CODE",
			kinds: []faults.Kind{FaultPending, FaultFail, FaultUncertain, FaultNotExist, FaultWrongOrder},
		},
		{
			name: OpQuickQuery, command: cmdQuickQuery, fields: quickQueryFields(), run: s.quickQuery,
			kinds: []faults.Kind{FaultNotExist, FaultWrongAmount, FaultWrongOrder},
		},
		{
			name: OpQuickResend, command: cmdQuickResend, fields: quickResendFields(), run: s.quickResend,
			kinds: []faults.Kind{FaultFail, FaultNotExist, FaultWrongOrder},
		},
		{
			name: OpQuickBatch, command: cmdQuickBatch, fields: batchFields(), run: s.batch(quickRow),
			kinds: []faults.Kind{FaultFail},
		},
		{
			name: OpQuickUnionPay, command: cmdQuickUnionPay, fields: quickUnionPayFields(s.opts.Quick.RequireCard),
			run: s.quickUnionPay, payer: "CARDNO", kinds: payingFaults(),
		},
	}
}

func (s *Simulator) quickSwitchedOff() []*operation {
	failing := []faults.Kind{FaultFail}
	return []*operation{
		{
			name: OpQuickBindSMS, command: cmdQuickBindSMS, fields: quickBindSMSFields(), run: s.quickBindSMS,
			payer: "CARDNO", kinds: failing, off: true,
		},
		{
			name: OpQuickBind, command: cmdQuickBind, fields: quickBindFields(), check: creditCardElements, run: s.quickBind,
			payer: "CARDNO", kinds: failing, off: true,
		},
		{
			name: OpQuickUnbind, command: cmdQuickUnbind, fields: quickBindIDFields(), run: s.quickUnbind,
			kinds: failing, off: true,
		},
		{
			name: OpQuickBindQuery, command: cmdQuickBindQuery, fields: quickBindIDFields(), run: s.quickBindQuery,
			kinds: failing, off: true,
		},
		{
			name: OpQuickBoundSMS, command: cmdQuickBoundSMS, fields: quickBoundSMSFields(), run: s.quickBoundSMS,
			kinds: failing, off: true,
		},
		{
			name: OpQuickBoundPay, command: cmdQuickBoundPay, fields: quickBoundPayFields(), run: s.quickBoundPay,
			kinds: payingFaults(), off: true,
		},
	}
}

// pushSchedule is the schedule of quick (5.5.3) and gateway (5.2.3): at once, and seven times more about so many
// seconds after each failure.
func pushSchedule() []time.Duration { return seconds(0, 1, 5, 10, 30, 90, 180, 300) }

// quickNotice is the notification of 5.5.
func quickNotice(Options) notice {
	return notice{command: cmdQuickNotify, waits: pushSchedule(), errMsg: true, body: quickPush}
}

// quickPush is what is signed of a notification. Its card is masked, and PUSH_COUNT, a bare number, differs in every attempt.
func quickPush(o *Order, attempt int, now time.Time) body {
	b := body{
		"STATUS": quickStatus(o), "LIST_ID": o.OrderNo, "MERORDERID": o.Number, "AMT": fen(o.Amount),
		"PAY_DATE": wireTime(o.PaidAt), "NOTIFY_DATE": wireTime(now), "PUSH_COUNT": attempt,
	}
	if q := o.Quick; q != nil && q.Card != "" {
		b["CARDNO"], b["BANK_NAME"], b["CARDTYPE"] = maskedCard(q.Card), bankOf(q.Card), or(q.CardType, debit)
	}
	return b
}

// quickStatus is Body.STATUS of an order: 0 awaiting payment, 1 paid, 2 failed, 3 refunded (5.7.3, gateway 5.3.3).
func quickStatus(o *Order) string {
	switch o.State {
	case StatePaid:
		return "1"
	case StateFailed, StateClosed, StateCanceled:
		return "2"
	case StateRefunded:
		return "3"
	case StateWaiting, StateBinding:
	}
	status, _ := o.Waiting.shown("0", codePaying)
	return status
}

// withError adds ERRCODE and ERRMSG, which come when STATUS is not 1.
func withError(b body, code, text string) body {
	b["ERRCODE"], b["ERRMSG"] = code, text
	return b
}

// explained adds to a status what it means.
func explained(b body, o *Order) body {
	switch o.State {
	case StateWaiting, StateBinding:
		_, code := o.Waiting.shown("0", codePaying)
		return withError(b, code, "用户支付中")
	case StateFailed, StateClosed, StateCanceled:
		return withError(b, or(o.Code, codeClosed), or(o.Message, "订单已关闭"))
	case StateRefunded:
		return withError(b, "00", "已退款")
	case StatePaid:
	}
	return b
}

// overBounds refuses an amount outside the bounds, as the document's FAQ has it; nil if it is inside.
func (s *Simulator) overBounds(req *request) *answer {
	least, most, amount := s.opts.Quick.MinAmount, s.opts.Quick.MaxAmount, req.fen()
	if amount >= least && (most == 0 || amount <= most) {
		return nil
	}
	a := refused(codeAmount, fmt.Sprintf("交易金额不符，单笔金额应为%d到%d分", max(least, 1), most))
	return &a
}

// payStatus is the STATUS a fault puts into the reply of an order: its result, or otherwise.
func payStatus(rule *faults.Rule, otherwise string) string { return or(rule.Result, otherwise) }

// mishap is how an operation words the faults of its payment: the code and text of a failure, and the STATUS that
// leaves open what happened.
type mishap struct{ code, text, doubtful string }

// upset is what the faults make of a payment. The caller holds the order's lock. It reports the STATUS to answer;
// happened is false when nothing goes wrong.
func (s *Simulator) upset(o *order, d faults.Decision, m mishap) (status string, happened bool) {
	switch {
	case d.Is(faults.Fail):
		o.finish(StateFailed, or(d.Rule.Code, m.code), or(d.Rule.Message, m.text), s.now())
		s.save(o, nil)
		return "2", true
	case d.Is(faults.Pending):
		o.Waiting = waitingFor(d.Rule)
		s.save(o, nil)
		return payStatus(d.Rule, "2"), true
	case d.Is(faults.Uncertain):
		quiet := *d.Rule // the rule's result and code are this reply's only, a query says 0 and AA
		quiet.Result, quiet.Code = "", ""
		s.doubtPayment(o, &quiet)
		return payStatus(d.Rule, m.doubtful), true
	}
	return "0", false
}

// quickPay places a payment by card and sends its SMS (5.3). No money moves before the code comes back (5.4).
func (s *Simulator) quickPay(req *request) answer {
	if a := s.overBounds(req); a != nil {
		return *a
	}
	details := holder(req)
	details.BindID = bindID(req.merchant.MerNo, details.UserID, details.Card)
	o, a := s.place(req, Order{Quick: details, Pushes: true})
	if o == nil {
		return a
	}
	defer o.mu.Unlock()
	// D4 with this text is what the document's sample answers to a card whose elements do not match.
	status, upset := s.upset(o, req.decision, mishap{codeClosed, "要素不匹配", "3"})
	if !upset {
		o.sendSMS(s.now())
		s.save(o, nil)
	}
	b := placed(o, status)
	b["BANK_NAME"], b["CARDNO"] = bankOf(details.Card), details.Card
	if details.BindID != "" {
		b["BIND_ID"] = details.BindID
	}
	return done(b)
}

// placed is what the replies of 5.3.3 and 5.14.3 share.
func placed(o *order, status string) body {
	b := body{
		"STATUS": status, "LIST_ID": o.OrderNo, "MERORDERID": o.Number, "AMT": fen(o.Amount),
		"PAY_DATE": wireTime(o.shownPaid()), "NOTIFY_DATE": wireTime(o.shownPaid()),
	}
	if status != "0" && status != "1" {
		explained(b, &o.Order)
	}
	return b
}

// shownPaid is the time of payment as far as the merchant may know it.
func (o *Order) shownPaid() time.Time {
	if o.State == StatePaid || o.State == StateRefunded {
		return o.PaidAt
	}
	return time.Time{}
}

func (o *order) sendSMS(at time.Time) {
	o.Quick.SMSAt = at
	o.Quick.SMSCount++
}

// awaitsCode reports whether the code of an SMS is what the order waits for.
func (o *order) awaitsCode() bool {
	return o.State == StateWaiting && o.Quick != nil && o.Quick.SMSCount > 0 && !o.withBank()
}

// withBank reports whether a fault holds the payment at the bank, where no code helps.
func (o *order) withBank() bool {
	return o.Waiting != nil && (o.Waiting.Then != faults.Never || o.Waiting.Moved)
}

func (s *Simulator) smsCode() string { return or(s.opts.Quick.SMSCode, defaultSMSCode) }

// quickConfirm takes the code of the SMS (5.4). A success is a bare 1, as the sample prints it, and means that the code
// was taken; whether the payment is through says the query.
func (s *Simulator) quickConfirm(req *request) answer {
	o := s.lookup(req, req.text("LIST_ID"), "")
	if o == nil {
		return noOrder()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if b := s.notConfirmable(o, req.text("MSG_CODE")); b != nil {
		return done(b)
	}
	d := req.decision
	status, upset := s.upset(o, d, mishap{codePayFailed, "支付失败", "2"})
	if !upset {
		s.takePayment(o)
		return done(body{"STATUS": 1, "LIST_ID": o.OrderNo})
	}
	b := explained(body{"STATUS": status}, &o.Order)
	if d.Is(faults.Uncertain) {
		withError(b, or(d.Rule.Code, codePayFailed), or(d.Rule.Message, "支付失败"))
	}
	return done(b)
}

// notConfirmable says why a code cannot be taken, nil if it can.
func (s *Simulator) notConfirmable(o *order, code string) body {
	switch {
	case o.State == StateFailed || o.State == StateClosed:
		return explained(body{"STATUS": "2"}, &o.Order)
	case o.State == StateWaiting && o.withBank():
		return explained(body{"STATUS": "2"}, &o.Order) // taken before
	case !o.awaitsCode():
		return withError(body{"STATUS": "2"}, codeNotInTime, "订单状态不允许确认")
	case code != s.smsCode():
		return withError(body{"STATUS": "2"}, codeSMSWrong, "短信验证码错误")
	}
	return nil
}

// quickQuery answers an order's state (5.7).
func (s *Simulator) quickQuery(req *request) answer {
	o := s.lookup(req, "", req.text("MERORDERID"))
	if o == nil {
		return noOrder()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.State == StateBinding {
		return noOrder()
	}
	s.observe(o)
	b := placed(o, quickStatus(&o.Order))
	if q := o.Quick; q != nil {
		b["CARDNO"], b["CARDTYPE"] = q.Card, or(q.CardType, debit)
		if q.BindID != "" {
			b["BIND_ID"] = q.BindID
		}
	}
	return done(explained(b, &o.Order))
}

// quickResend sends the SMS again, at most once in 60 seconds; the first SMS counts (5.11).
func (s *Simulator) quickResend(req *request) answer {
	o := s.lookup(req, req.text("LIST_ID"), "")
	if o == nil {
		return noOrder()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	b := body{"STATUS": "2", "LIST_ID": o.OrderNo}
	d := req.decision
	switch {
	case !o.awaitsCode():
		return done(withError(b, codeNotInTime, "订单状态不允许重发短信"))
	case s.now().Before(o.Quick.SMSAt.Add(smsInterval)):
		return done(withError(b, codeSMSSoon, "60秒可以重发一次"))
	case d.Is(faults.Fail):
		return done(withError(b, or(d.Rule.Code, codePayFailed), or(d.Rule.Message, "短信发送失败")))
	}
	o.sendSMS(s.now())
	s.save(o, nil)
	b["STATUS"] = "1"
	return done(b)
}

// RefundOutside gives a paid order of quick or gateway back to its payer by the provider's staff: the document has no
// refund interface for them (5.10), but a status for it, 已退款.
func (s *Simulator) RefundOutside(merNo, number string) error {
	o := s.book.find(merNo, number)
	if o == nil || o.Product == ProductScan {
		return ErrNoOrder
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.State != StatePaid {
		return fmt.Errorf("%w: it is %s", ErrNotPaid, o.State)
	}
	o.State, o.Finished = StateRefunded, s.now()
	s.move(o, ledger.Refund, o.Amount, "")
	return nil
}
