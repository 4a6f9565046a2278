package mmsp

import (
	"net/http"
	"strconv"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// pathIcon is what a payer's browser asks for beside a page of a bank.
const pathIcon = "/favicon.ico"

// ServeHTTP answers one call. The client's leaving does not stop what was begun.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if one := s.pages[r.URL.Path]; one != nil {
		s.servePage(w, r, one)
		return
	}
	if r.URL.Path == PathPayout {
		s.servePayout(w, r)
		return
	}
	if r.URL.Path == pathIcon {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	p := s.products[r.URL.Path]
	if p == nil {
		s.violate("", "", "", "404", frame.Problem{Rule: frame.RulePath, Message: "没有这个接口"})
		http.NotFound(w, r)
		return
	}
	req, refusal := s.admit(w, r, p)
	if refusal != nil {
		s.write(w, req, answer{refusal: refusal})
		return
	}
	req.decision = s.faults.Decide(faults.Call{
		Operation: req.op.name, Account: req.merchant.MerNo, Order: s.orderNumber(req), Payer: req.text(req.op.payer),
	})
	s.serve(w, req)
}

// orderNumber is the MERORDERID of the order a request is about, also if it names only the platform's number.
func (s *Simulator) orderNumber(req *request) string {
	if number := req.text("MERORDERID"); number != "" {
		return number
	}
	for _, find := range []*order{
		s.book.byOrderNo(or(req.text("ORDERNO"), req.text("LIST_ID"))),
		s.book.byRefund(req.merchant.MerNo, req.text("REFUND_MERORDERID")),
		s.book.byRefundNo(req.text("REFUND_ORDERNO")),
	} {
		if find != nil {
			return find.key.number
		}
	}
	return ""
}

// serve does the operation and what the faults make of it.
func (s *Simulator) serve(w http.ResponseWriter, req *request) {
	d := req.decision
	if d.DelayBefore > 0 {
		s.sleep(d.DelayBefore)
	}
	if s.brokenBefore(w, req) {
		return
	}
	var a answer
	if req.op.off && !s.opts.opened(req.op.name) {
		a = refused(codeOff, "该接口暂未开通")
	} else {
		a = req.op.run(req)
	}
	if d.DelayAfter > 0 {
		s.sleep(d.DelayAfter)
	}
	distort(a.body, d)
	s.send(w, req, faults.After, a)
}

// brokenBefore handles the faults under which the operation is not done.
func (s *Simulator) brokenBefore(w http.ResponseWriter, req *request) bool {
	d := req.decision
	switch {
	case d.Is(faults.LostBefore):
		frame.Drop(w)
	case d.Is(faults.Refuse):
		s.write(w, req, answer{refusal: refusalOf(d.Rule)})
	case d.Is(faults.NotExist):
		s.write(w, req, refused(or(d.Rule.Code, codeNoOrder), or(d.Rule.Message, "没有该订单")))
	case d.At(faults.Garbage, faults.Before), d.At(faults.Truncated, faults.Before),
		d.At(faults.HTTP500, faults.Before), d.At(faults.SystemError, faults.Before):
		s.send(w, req, faults.Before, answer{refusal: &refusal{replyFailed, "支付失败"}})
	default:
		return false
	}
	return true
}

func (s *Simulator) send(w http.ResponseWriter, req *request, stage faults.Stage, a answer) {
	d := req.decision
	switch {
	case d.Is(faults.LostAfter) && stage == faults.After:
		frame.Drop(w)
	case d.At(faults.Garbage, stage):
		frame.Garbage(w)
	case d.At(faults.Truncated, stage):
		frame.Truncate(w, s.reply(req, a))
	case d.At(faults.HTTP500, stage):
		frame.ProxyError(w, d.Rule.Status)
	case d.At(faults.SystemError, stage):
		code := replyFailed
		if number, err := strconv.Atoi(d.Rule.Code); err == nil {
			code = number
		}
		s.write(w, req, answer{refusal: &refusal{code, or(d.Rule.Message, "支付失败")}})
	default:
		s.write(w, req, a)
	}
}
