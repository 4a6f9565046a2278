package shouqianba

import (
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

const (
	subPaywayBarcode = "1"
	subPaywayQR      = "2"
)

// pay charges a payer's code (sections 2.1 to 2.3). Unless a fault says otherwise the payer pays at once.
func (s *Simulator) pay(req *request) reply {
	payway, refusal := s.paywayFor(req)
	if refusal != nil {
		return *refusal
	}
	o, answer := s.place(req, payway, subPaywayBarcode)
	if o == nil {
		return answer
	}
	defer o.mu.Unlock()
	d := req.decision
	switch {
	case d.Is(faults.Pending):
		o.Waiting = &Waiting{Queries: d.Rule.Queries, Then: outcome(d.Rule)}
		s.save(o, nil)
		return bizReply(resultPayInProgress, "", "", inProgress(o))
	case d.Is(faults.Fail):
		s.failPayment(o)
		return bizReply(resultPayFail, or(d.Rule.Code, codeTradeFailed), d.Rule.Message, failed(o))
	case d.Is(faults.Uncertain):
		s.doubtPayment(o, d.Rule)
		return bizReply(resultPayFailError, or(d.Rule.Code, codeUnexpectedProvider), d.Rule.Message, failed(o))
	}
	s.takePayment(o)
	return bizReply(resultPaySuccess, "", "", full(o))
}

// paywayFor takes the payway the caller set, or recognises it from the code.
func (s *Simulator) paywayFor(req *request) (string, *reply) {
	code, payway := req.text("dynamic_id"), req.text("payway")
	recognised := paywayOf(code)
	if payway == "" {
		if recognised != "" {
			return recognised, nil
		}
		return "", s.refuse(req, codeInvalidBarcode, frame.Problem{
			Field: "dynamic_id", Rule: frame.RuleBarcode, Message: message(codeInvalidBarcode),
		})
	}
	if refusal := s.checkPayway(req); refusal != nil {
		return "", refusal
	}
	if !digitsForm.MatchString(code) || ((payway == "1" || payway == "3") && recognised != payway) {
		answer := s.refuse(req, codeInvalidBarcode, frame.Problem{
			Field: "dynamic_id", Rule: frame.RuleBarcode, Message: message(codeInvalidBarcode),
		})
		return "", answer
	}
	return payway, nil
}

func (s *Simulator) checkPayway(req *request) *reply {
	if knownPayway(req.text("payway")) {
		return nil
	}
	s.violate(req.op.name, req.account, req.text("client_sn"), codeUnexpectedProvider, frame.Problem{
		Field: "payway", Rule: frame.RuleValue, Message: message(codeUnexpectedProvider),
	})
	answer := serverError(codeUnexpectedProvider, "")
	return &answer
}

// place creates the order and returns it locked; with a number already used it returns the answer instead.
func (s *Simulator) place(req *request, payway, subPayway string) (*order, reply) {
	amount, err := strconv.ParseInt(req.text("total_amount"), 10, 64)
	if err != nil {
		return nil, clientError(codeInvalidParams, "")
	}
	reflectName := "reflect"
	if subPayway == subPaywayBarcode {
		reflectName = s.opts.ReflectName
	}
	o, existing := s.book.add(Order{
		Terminal: req.account, StoreID: req.terminal.state().StoreID, ClientSN: req.text("client_sn"),
		State: StateCreated, Flow: flowInProgress, Payway: payway, SubPayway: subPayway,
		Total: amount, Net: amount, Subject: req.text("subject"), Operator: req.text("operator"),
		Reflect: req.text(reflectName), NotifyURL: req.text("notify_url"), Created: s.now(), PayRequests: 1,
		Waiting: &Waiting{Then: faults.Never},
	})
	if existing != nil {
		existing.mu.Lock()
		existing.PayRequests++
		existing.mu.Unlock()
		return nil, bizFail(codeClientSNConflict, "")
	}
	return o, reply{}
}

func outcome(rule *faults.Rule) faults.Outcome {
	if rule.Then == "" {
		return faults.Paid
	}
	return rule.Then
}

// takePayment moves the payer's money; the caller holds the order's lock.
func (s *Simulator) takePayment(o *order) {
	at := s.now()
	o.Waiting, o.Doubt = nil, nil
	o.PaidAt = at
	o.Net = o.Total
	if o.PayerUID == "" {
		o.PayerUID = "payer-" + o.SN
	}
	o.set(StatePaid, flowSuccess, at)
	s.move(o, ledger.Pay, o.Total, "")
	s.notify(o)
}

// failPayment ends an order for certain without money.
func (s *Simulator) failPayment(o *order) {
	o.Waiting, o.Doubt = nil, nil
	o.set(StatePayCanceled, flowFailed, s.now())
	s.save(o, nil)
}

// doubtPayment leaves it open whether the payment failed.
func (s *Simulator) doubtPayment(o *order, rule *faults.Rule) {
	o.Waiting = nil
	o.Doubt = newDoubt(rule, StateCreated)
	o.set(StatePayError, flowFailError, s.now())
	if rule.Moved {
		o.PaidAt = o.Finished
		s.move(o, ledger.Pay, o.Total, "")
		return
	}
	s.save(o, nil)
}

func newDoubt(rule *faults.Rule, before string) *Doubt {
	doubt := &Doubt{Before: before, Queries: rule.Queries, Took: rule.Moved, Then: rule.Then}
	if rule.Queries == 0 {
		doubt.Queries = -1
	}
	return doubt
}

// precreate makes a code for the payer to scan (section 6). The order stays CREATED until somebody pays it.
func (s *Simulator) precreate(req *request) reply {
	if refusal := s.checkPayway(req); refusal != nil {
		return *refusal
	}
	o, answer := s.place(req, req.text("payway"), subPaywayQR)
	if o == nil {
		return answer
	}
	defer o.mu.Unlock()
	d := req.decision
	switch {
	case d.Is(faults.Fail):
		s.failPayment(o)
		return bizReply(resultPrecreateFail, or(d.Rule.Code, codeTradeFailed), d.Rule.Message, failed(o))
	case d.Is(faults.Pending):
		o.Waiting = &Waiting{Queries: d.Rule.Queries, Then: outcome(d.Rule)}
	}
	s.save(o, nil)
	view := full(o)
	view.QRCode, view.FinishTime, view.ChannelFinishTime, view.PayerUID = o.QRCode, "", "", ""
	return bizReply(resultPrecreateSuccess, "", "", view)
}

// full is the order as successful replies show it.
func full(o *order) *data {
	view := failed(o)
	view.TerminalSN, view.StoreID = o.Terminal, o.StoreID
	view.TradeNo, view.PayerUID = o.TradeNo, o.PayerUID
	view.Subject, view.Operator, view.Reflect = o.Subject, o.Operator, o.Reflect
	if !o.Finished.IsZero() {
		view.ChannelFinishTime = millis(o.Finished.Add(-120 * time.Millisecond))
	}
	return view
}

// failed is the shorter form of the document's failure samples: no trade_no, subject, operator, channel_finish_time.
func failed(o *order) *data {
	return &data{
		SN: o.SN, ClientSN: o.ClientSN, Status: o.Flow, OrderStatus: o.State, Payway: o.Payway, SubPayway: o.SubPayway,
		TotalAmount: fen(o.Total), NetAmount: fen(o.Net), FinishTime: millis(o.Finished),
	}
}

// inProgress is what is known while the payer has not answered.
func inProgress(o *order) *data {
	view := failed(o)
	view.FinishTime = ""
	return view
}
