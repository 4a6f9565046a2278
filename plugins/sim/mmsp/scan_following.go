package mmsp

import (
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// RuleTooEarly is the rule of a violation: a cancel within 15 seconds of the payment (10.4).
const RuleTooEarly = "too-early"

// cancelAfter is how long after the payment call a cancel may come.
const cancelAfter = 15 * time.Second

// found locks the order a request is about; nil if there is none.
func (s *Simulator) found(req *request) *order {
	o := s.lookup(req, req.text("ORDERNO"), req.text("MERORDERID"))
	if o != nil {
		o.mu.Lock()
	}
	return o
}

// orderBody is what query, cancel and close answer beside STATUS. PAYTIME is empty while nobody has paid.
func orderBody(o *order) body {
	b := scanBody(o)
	b["AMT"], b["PAYTIME"], b["TRADETYPE"] = fen(o.Amount), "", walletType(o.Scan)
	if o.State == StatePaid || o.State == StateCanceled {
		b["PAYTIME"] = clock(o.PaidAt)
	}
	return b
}

// walletType is TRADETYPE of 10.3 to 10.5 and 10.8, another list than the pre-orders'. It has no number for JD and UnionPay.
func walletType(scan *ScanOrder) string {
	switch scan.Wallet {
	case WalletWechat:
		return "1"
	case WalletAlipay:
		return "2"
	case WalletQQ:
		return "3"
	case WalletJD, WalletUnionPay:
	}
	return ""
}

// scanQuery shows a payment (10.3). A canceled or closed order is shown as failed with D4; refunds are not shown.
func (s *Simulator) scanQuery(req *request) answer {
	o := s.found(req)
	if o == nil {
		return noOrder()
	}
	defer o.mu.Unlock()
	s.observe(o)
	return done(outcomeOf(o, orderBody(o)))
}

// scanCancel takes an order back (10.4): unpaid it ends, paid the money returns.
func (s *Simulator) scanCancel(req *request) answer {
	o := s.found(req)
	if o == nil {
		return noOrder()
	}
	defer o.mu.Unlock()
	s.expire(o)
	if s.now().Before(o.Created.Add(cancelAfter)) {
		s.violateRequest(req, frame.Problem{Field: "MERORDERID", Rule: RuleTooEarly, Message: "支付后至少15秒后再撤单"})
		return done(failed(orderBody(o), codePayFailed, "支付后至少15秒后再撤单"))
	}
	return s.change(req, o, cancelRefused, s.cancel)
}

// scanClose ends an order that nobody has paid (10.5).
func (s *Simulator) scanClose(req *request) answer {
	o := s.found(req)
	if o == nil {
		return noOrder()
	}
	defer o.mu.Unlock()
	s.expire(o)
	return s.change(req, o, closeRefused, func(o *order) {
		o.finish(StateClosed, codeClosed, "订单已关闭", s.now())
		s.save(o, nil)
	})
}

// change cancels or closes unless a rule or a fault is against it. An uncertain one is answered with STATUS 3, which
// the document does not list for these commands; whether it took effect is the fault's word.
func (s *Simulator) change(req *request, o *order, against func(*order) (code, text string), do func(*order)) answer {
	d := req.decision
	if code, text := against(o); code != "" {
		return done(failed(orderBody(o), code, text))
	}
	if d.Is(faults.Fail) {
		return done(failed(orderBody(o), or(d.Rule.Code, codePayFailed), or(d.Rule.Message, "操作失败")))
	}
	if !d.Is(faults.Uncertain) || d.Rule.Moved {
		do(o)
	}
	b := orderBody(o)
	b["STATUS"] = statusDone
	if d.Is(faults.Uncertain) {
		b["STATUS"], b["ERR_CODE"], b["ERR_CODE_MSG"] = statusPaying, codePaying, "处理中"
	}
	return done(b)
}

// cancel returns what was paid. The caller holds the order's lock.
func (s *Simulator) cancel(o *order) {
	paid := o.State == StatePaid || (o.Waiting != nil && o.Waiting.Moved)
	o.finish(StateCanceled, codeClosed, "订单已关闭", s.now())
	if paid {
		s.move(o, ledger.Reversal, o.Amount, "")
		return
	}
	s.save(o, nil)
}

func cancelRefused(o *order) (code, text string) {
	switch {
	case o.State == StatePaid && len(o.Refunds) > 0 && o.refunded() > 0:
		return codePayFailed, "订单已退款，不能撤单"
	case o.State != StatePaid && o.State != StateWaiting:
		return or(o.Code, codePayFailed), or(o.Message, "订单状态不允许撤单")
	}
	return "", ""
}

func closeRefused(o *order) (code, text string) {
	switch {
	case o.State == StatePaid || (o.Waiting != nil && o.Waiting.Moved):
		return codePayFailed, "订单已支付，不能关闭"
	case o.State != StateWaiting:
		return or(o.Code, codePayFailed), or(o.Message, "订单状态不允许关闭")
	}
	return "", ""
}
