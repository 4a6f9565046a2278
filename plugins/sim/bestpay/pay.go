package bestpay

import (
	"net/url"
	"strconv"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// barcode charges a payer's code (3.1). Unless a fault says otherwise the payer pays at once.
func (s *Simulator) barcode(req *request) reply {
	o, refusal := s.place(req)
	if o == nil {
		return refusal
	}
	defer o.mu.Unlock()
	rule := req.decision.Rule
	switch {
	case req.decision.Is(faults.Pending):
		o.Waiting = pending(rule)
		s.save(o, nil)
	case req.decision.Is(faults.Fail):
		s.failPayment(o, endOf(rule), or(rule.Code, codeTradeFailed), rule.Message)
	case req.decision.Is(faults.Uncertain):
		return s.doubtPayment(o, rule)
	default:
		s.takePayment(o)
	}
	return reply{result: barcodeResult(o), amount: "tradeAmt"}
}

// qr places an order for a payer who scans (3.2). It waits until somebody pays it or its time is up.
func (s *Simulator) qr(req *request) reply {
	o, refusal := s.place(req)
	if o == nil {
		return refusal
	}
	defer o.mu.Unlock()
	o.PaymentURL = "https://pay.sim.invalid/bestpay?" + url.Values{
		"app": {o.TradeType}, "order": {o.TradeNo}, "amt": {strconv.FormatInt(o.Amount, 10)},
	}.Encode()
	rule := req.decision.Rule
	switch {
	case req.decision.Is(faults.Pending):
		o.Waiting = pending(rule)
	case req.decision.Is(faults.Fail):
		s.failPayment(o, endOf(rule), or(rule.Code, codeTradeFailed), rule.Message)
	case req.decision.Is(faults.Uncertain):
		return s.doubtPayment(o, rule)
	}
	s.save(o, nil)
	return reply{result: qrResult(o), amount: "tradeAmt"}
}

// place creates the order and returns it locked; with a number already used it returns the refusal instead.
func (s *Simulator) place(req *request) (*order, reply) {
	amount, errAmount := strconv.ParseInt(req.text("tradeAmt"), 10, 64)
	seconds, errSeconds := strconv.ParseInt(req.text("timeOut"), 10, 64)
	if errAmount != nil || errSeconds != nil {
		return nil, refused(codeParam, "") // the formats were checked: this cannot be
	}
	fresh := Order{
		InstitutionCode: req.merchant.InstitutionCode, MerchantNo: req.merchant.MerchantNo, OutTradeNo: req.text("outTradeNo"),
		Operation: req.op.name, TradeType: req.text("tradeType"), Status: StatusWaiting, Amount: amount,
		Subject: req.text("subject"), GoodsInfo: req.text("goodsInfo"), Operator: req.text("operator"),
		NotifyURL: req.text("notifyUrl"), RequestDate: req.text("requestDate"), TimeOut: seconds,
		Created: s.now(), PayRequests: 1, Waiting: &Waiting{Then: faults.Never},
	}
	if req.decision.Is(FaultDiscount) {
		fresh.Discount = min(req.decision.Rule.Amount, amount)
	}
	o, existing := s.book.add(fresh)
	if existing != nil {
		existing.mu.Lock()
		existing.PayRequests++
		existing.mu.Unlock()
		return nil, refused(codeOrderRepeat, "")
	}
	return o, reply{}
}

// pending is what a slow payer's order, or a slow refund, waits for.
func pending(rule *faults.Rule) *Waiting {
	return &Waiting{
		Queries: rule.Queries, Then: faults.Outcome(or(string(rule.Then), string(faults.Paid))),
		Status: rule.Result, Code: rule.Code,
	}
}

// endOf is the state a Fail fault ends an order with: FAIL, or CLOSE if it says so.
func endOf(rule *faults.Rule) string { return or(rule.Result, StatusFail) }

// takePayment moves the payer's money, if it has not moved yet; the caller holds the order's lock.
func (s *Simulator) takePayment(o *order) {
	moved := o.Waiting.moved()
	o.Waiting, o.Status, o.Finished = nil, StatusSuccess, s.now()
	if moved {
		s.save(o, nil)
	} else {
		s.move(o, ledger.Pay, o.Amount, "")
	}
	s.notifyPayment(o)
}

// failPayment ends an order without money, as FAIL or CLOSE.
func (s *Simulator) failPayment(o *order, status, code, text string) {
	o.Waiting, o.Status, o.Finished = nil, status, s.now()
	o.ErrorCode, o.ErrorMessage = code, or(text, words(code))
	s.save(o, nil)
	s.notifyPayment(o)
}

// doubtPayment answers that the call failed, whether or not the money moved. Queries see WAITFORPAY until the truth
// comes out, which is never if the fault names no number of queries.
func (s *Simulator) doubtPayment(o *order, rule *faults.Rule) reply {
	o.Waiting = doubt(rule)
	if rule.Moved {
		s.move(o, ledger.Pay, o.Amount, "")
	} else {
		s.save(o, nil)
	}
	return refused(or(rule.Code, codeSystem), rule.Message)
}

func doubt(rule *faults.Rule) *Waiting {
	w := &Waiting{Queries: rule.Queries, Then: faults.Abandoned, Moved: rule.Moved}
	if rule.Moved {
		w.Then = faults.Paid
	}
	if rule.Queries == 0 {
		w.Then = faults.Never
	}
	return w
}

// expire closes an unpaid order whose timeOut has passed; the caller holds its lock. Money that moved is not undone.
func (s *Simulator) expire(o *order) {
	if o.Status != StatusWaiting || o.Waiting.moved() || s.now().Unix()-o.Created.Unix() < o.TimeOut {
		return
	}
	s.failPayment(o, StatusClose, codeTimeOut, "")
}

func barcodeResult(o *order) message {
	var payAmt, discount any
	if o.Status == StatusSuccess {
		payAmt, discount = o.Amount-o.Discount, o.Discount
	}
	return message{
		{"tradeNo", o.TradeNo},
		{"tradeprodNo", o.TradeprodNo},
		{"merchantNo", o.MerchantNo},
		{"tradeStatus", o.Status},
		{"outTradeNo", o.OutTradeNo},
		{"tradeAmt", o.Amount},
		{"payAmt", payAmt},
		{"disCountAmt", discount}, // spelled so here, discountAmt in the callback
		{"bankRequestNo", o.BankRequestNo},
	}
}

func qrResult(o *order) message {
	return message{
		{"tradeNo", o.TradeNo},
		{"tradeprodNo", o.TradeprodNo},
		{"merchantNo", o.MerchantNo},
		{"tradeStatus", o.Status},
		{"outTradeNo", o.OutTradeNo},
		{"tradeAmt", o.Amount},
		{"paymentUrl", o.PaymentURL},
		{"bankRequestNo", o.BankRequestNo},
	}
}
