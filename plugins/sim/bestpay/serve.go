package bestpay

import (
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// request is a message that passed every check.
type request struct {
	op       *operation
	fields   frame.Object
	merchant Merchant
	decision faults.Decision
}

func (r *request) text(name string) string { return r.fields.Text(name) }

// ServeHTTP answers one call. The client's leaving does not stop what was begun.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	op := s.operations[r.URL.Path]
	if op == nil {
		s.violate("", "", "", "404", frame.Problem{Rule: frame.RulePath, Message: "没有这个接口"})
		http.NotFound(w, r)
		return
	}
	op.calls.Add(1)
	req := &request{op: op}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, frame.MaxBody))
	if err != nil {
		s.write(w, s.refuse(req, codeParam, frame.Problem{Rule: frame.RuleJSON, Message: "请求主体读取失败或过大"}))
		return
	}
	if refusal := s.admit(req, r, body); refusal != nil {
		s.write(w, *refusal)
		return
	}
	req.decision = s.faults.Decide(faults.Call{
		Operation: op.name, Account: req.merchant.MerchantNo, Order: req.text("outTradeNo"), Payer: req.text("mediumNo"),
	})
	s.answer(w, req)
}

// admit checks everything the document says about a message before its business is looked at.
func (s *Simulator) admit(req *request, r *http.Request, body []byte) *reply {
	if problem := checkTransport(r); problem != nil {
		return ptr(s.refuse(req, codeParam, *problem))
	}
	object, duplicates, err := frame.Decode(body)
	if err != nil {
		return ptr(s.refuse(req, codeParam, frame.Problem{Rule: frame.RuleJSON, Message: "请求主体不是JSON对象"}))
	}
	req.fields = object
	problems := frame.CheckFields(object, duplicates, req.op.fields)
	if req.op.check != nil {
		problems = append(problems, req.op.check(object)...)
	}
	if len(problems) > 0 {
		return ptr(s.refuse(req, codeParam, problems...))
	}
	return s.authenticate(req)
}

func ptr(r reply) *reply { return &r }

// authenticate finds whose key must have signed and verifies it.
func (s *Simulator) authenticate(req *request) *reply {
	merchant, known := s.merchants.find(req.text("institutionCode"), req.text("merchantNo"))
	if !known {
		return ptr(s.refuse(req, codeMerchant, frame.Problem{
			Field: "merchantNo", Rule: frame.RuleAccount, Message: words(codeMerchant),
		}))
	}
	req.merchant = merchant
	if !s.opts.RequestAlgorithm.verify(merchant.PublicKey, requestText(req.fields), req.text("sign")) {
		return ptr(s.refuse(req, codeSign, frame.Problem{Field: "sign", Rule: frame.RuleSignature, Message: words(codeSign)}))
	}
	if slices.Contains(merchant.SwitchedOff, req.op.name) {
		return ptr(refused(codeNotOpen, ""))
	}
	return nil
}

// checkTransport: POST, Content-Type application/json; charset=utf-8 (seed 001, 2.3).
func checkTransport(r *http.Request) *frame.Problem {
	if r.Method != http.MethodPost {
		return &frame.Problem{Rule: frame.RuleMethod, Message: "所有接口采用POST方式"}
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" || !strings.EqualFold(params["charset"], "utf-8") {
		return &frame.Problem{Rule: frame.RuleContentType, Message: "Content-Type应为application/json; charset=utf-8"}
	}
	if r.Header.Get("Content-Encoding") != "" {
		return &frame.Problem{Rule: frame.RuleContentType, Message: "请求主体不可以压缩"}
	}
	return nil
}

// refuse records violations and builds the answer to them.
func (s *Simulator) refuse(req *request, code string, problems ...frame.Problem) reply {
	messages := make([]string, 0, len(problems))
	for _, problem := range problems {
		s.violate(req.op.name, req.text("merchantNo"), req.text("outTradeNo"), code, problem)
		messages = append(messages, problem.Message)
	}
	return refused(code, strings.Join(messages, "; "))
}

func (s *Simulator) violate(op, account, order, code string, problem frame.Problem) {
	s.violations.Record(frame.Violation{
		At: s.now(), Operation: op, Account: account, Order: order, Code: code, Problem: problem,
	})
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
	distort(&answer, d)
	s.send(w, d, faults.After, answer)
}

// brokenBefore handles the faults under which the operation is not done.
func (s *Simulator) brokenBefore(w http.ResponseWriter, req *request) bool {
	d := req.decision
	switch {
	case d.Is(faults.LostBefore):
		frame.Drop(w)
	case d.Is(faults.Refuse):
		s.write(w, refused(or(d.Rule.Code, codeTradeFailed), d.Rule.Message))
	case d.Is(faults.NotExist):
		code := codeOrderNotExist
		if req.op.name == OpRefundQuery {
			code = codeRefundNotExist
		}
		s.write(w, refused(or(d.Rule.Code, code), d.Rule.Message))
	case d.At(faults.Garbage, faults.Before), d.At(faults.Truncated, faults.Before),
		d.At(faults.HTTP500, faults.Before), d.At(faults.SystemError, faults.Before):
		s.send(w, d, faults.Before, refused(codeSystem, ""))
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
		if body, ok := s.sealed(w, answer, ""); ok {
			frame.Truncate(w, body)
		}
	case d.At(faults.HTTP500, stage):
		frame.ProxyError(w, d.Rule.Status)
	case d.At(faults.SystemError, stage):
		s.write(w, refused(or(d.Rule.Code, codeSystem), d.Rule.Message))
	default:
		if body, ok := s.sealed(w, answer, flawOf(d.Rule)); ok {
			frame.WriteJSON(w, http.StatusOK, body)
		}
	}
}

// flawOf is what a FaultBadSignature does to the signature, "" for any other fault.
func flawOf(rule *faults.Rule) Forgery {
	if rule == nil || rule.Kind != FaultBadSignature {
		return ""
	}
	return Forgery(or(rule.Result, string(ForgeSignature)))
}

func (s *Simulator) write(w http.ResponseWriter, answer reply) {
	if body, ok := s.sealed(w, answer, ""); ok {
		frame.WriteJSON(w, http.StatusOK, body)
	}
}

// sealed signs a reply; if that is impossible it answers HTTP 500 itself.
func (s *Simulator) sealed(w http.ResponseWriter, answer reply, flaw Forgery) (message, bool) {
	body, err := answer.message()
	if err == nil {
		body, err = s.seal(body, flaw)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return nil, false
	}
	return body, true
}
