package metro

import (
	"io"
	"net/http"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// ServeHTTP answers one call. The client's leaving does not stop what was begun.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	op := s.operations[r.URL.Path]
	if op == nil {
		s.violate("", "", "", "404", frame.Problem{Rule: frame.RulePath, Message: "没有这个接口"})
		http.NotFound(w, r)
		return
	}
	op.calls.Add(1)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, frame.MaxBody))
	if err != nil {
		s.write(w, *s.refuse(&request{op: op}, codeInvalid, frame.Problem{
			Rule: frame.RuleJSON, Message: "请求主体读取失败或过大",
		}))
		return
	}
	req, refused := s.admit(op, r, body)
	if refused != nil {
		s.write(w, *refused)
		return
	}
	req.decision = s.faults.Decide(faults.Call{
		Operation: op.name, Account: req.mchID, Order: s.orderNumber(req), Payer: req.text("qrcode"),
	})
	s.answer(w, req)
}

// orderNumber is the merchant's number of the order a request is about, also if the request names only the provider's.
func (s *Simulator) orderNumber(req *request) string {
	if number := req.text("out_request_no"); number != "" {
		return number
	}
	if o := s.lookup(req); o != nil {
		return o.key.requestNo
	}
	return ""
}

// answer does the operation and what the faults make of it.
func (s *Simulator) answer(w http.ResponseWriter, req *request) {
	d := req.decision
	if d.DelayBefore > 0 {
		s.sleep(d.DelayBefore)
	}
	if s.brokenBefore(w, req) {
		return
	}
	answer := req.op.run(req)
	if d.DelayAfter > 0 {
		s.sleep(d.DelayAfter)
	}
	distort(&answer, req.op.name, d)
	s.send(w, d, faults.After, answer)
}

// brokenBefore handles the faults under which the operation is not done.
func (s *Simulator) brokenBefore(w http.ResponseWriter, req *request) bool {
	d := req.decision
	switch {
	case d.Is(faults.LostBefore):
		frame.Drop(w)
	case d.Is(faults.Refuse):
		s.write(w, refusal(or(d.Rule.Code, codeRefused), d.Rule.Message))
	case d.Is(faults.NotExist):
		code := codeOrderUnknown
		if req.op.name == opQueryUID {
			code = codeQRCode
		}
		s.write(w, refusal(or(d.Rule.Code, code), d.Rule.Message))
	case d.At(faults.Garbage, faults.Before), d.At(faults.Truncated, faults.Before),
		d.At(faults.HTTP500, faults.Before), d.At(faults.SystemError, faults.Before):
		s.send(w, d, faults.Before, refusal(codeSystem, ""))
	default:
		return false
	}
	return true
}

func (s *Simulator) send(w http.ResponseWriter, d faults.Decision, stage faults.Stage, answer reply) {
	switch {
	case d.Is(faults.LostAfter) && stage == faults.After:
		frame.Drop(w)
	case d.At(faults.Garbage, stage):
		frame.Garbage(w)
	case d.At(faults.Truncated, stage):
		frame.Truncate(w, s.envelope.wire(answer))
	case d.At(faults.HTTP500, stage):
		frame.ProxyError(w, d.Rule.Status)
	case d.At(faults.SystemError, stage):
		s.write(w, refusal(or(d.Rule.Code, codeSystem), d.Rule.Message))
	default:
		s.write(w, answer)
	}
}

func (s *Simulator) write(w http.ResponseWriter, answer reply) {
	frame.WriteJSON(w, http.StatusOK, s.envelope.wire(answer))
}
