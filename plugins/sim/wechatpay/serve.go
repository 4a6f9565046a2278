package wechatpay

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// operation is one method and path of the provider. Path segments in braces are parameters.
type operation struct {
	name   string
	method string
	path   []string
	params []frame.Field // of the path
	query  []frame.Field
	body   shape
	run    func(*request) reply
	calls  atomic.Int64
}

// request is a message that passed every check.
type request struct {
	op       *operation
	mchID    string // as the header says, also before it is verified
	merchant Merchant
	asked    string // the serial in Wechatpay-Serial
	params   map[string]string
	values   map[string]frame.Value // of the body, by JSON pointer; of the query, by name
	raw      []byte                 // the body
	host     string
	decision faults.Decision
}

// text is a parameter of the path or the query, or a value of the body by its JSON pointer.
func (r *request) text(name string) string {
	if value, ok := r.params[name]; ok {
		return value
	}
	return r.values[name].Text
}

// amount is a value of the body that was checked to be a number.
func (r *request) amount(pointer string) int64 {
	amount, err := strconv.ParseInt(r.values[pointer].Text, 10, 64)
	if err != nil {
		return 0
	}
	return amount
}

// ServeHTTP answers one call. The client's leaving does not stop what was begun.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	op, params := s.route(r)
	if op == nil {
		s.violate("", "", "", "404", frame.Problem{Rule: frame.RulePath, Message: "没有这个接口"})
		http.NotFound(w, r)
		return
	}
	op.calls.Add(1)
	req := &request{op: op, params: params, host: r.Host}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, frame.MaxBody))
	if err != nil {
		answer := s.refuse(req, codeInvalid, frame.Problem{Rule: frame.RuleJSON, Message: "请求主体读取失败或过大"})
		answer.unsigned = true
		s.write(w, answer, "")
		return
	}
	if refusal := s.admit(req, r, body); refusal != nil {
		s.write(w, refusal.to(req), "")
		return
	}
	req.decision = s.faults.Decide(faults.Call{
		Operation: op.name, Account: req.mchID, Order: s.orderNumber(req), Payer: req.text("/payer/openid"),
	})
	s.answer(w, req)
}

// to addresses a reply to the caller of a request.
func (r reply) to(req *request) reply {
	r.merchant, r.asked = req.merchant, req.asked
	return r
}

// route finds the operation and what stands in place of the path's parameters.
func (s *Simulator) route(r *http.Request) (*operation, map[string]string) {
	segments := strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	for _, op := range s.operations {
		if op.method != r.Method || len(op.path) != len(segments) {
			continue
		}
		if params, ok := match(op.path, segments); ok {
			return op, params
		}
	}
	return nil, nil
}

func match(path, segments []string) (params map[string]string, ok bool) {
	params = make(map[string]string)
	for i, want := range path {
		name, isParam := strings.CutPrefix(want, "{")
		if !isParam {
			if want != segments[i] {
				return nil, false
			}
			continue
		}
		value, err := url.PathUnescape(segments[i])
		if err != nil || value == "" {
			return nil, false
		}
		params[strings.TrimSuffix(name, "}")] = value
	}
	return params, true
}

// admit checks everything the documentation says about a message before its business is looked at.
func (s *Simulator) admit(req *request, r *http.Request, body []byte) *reply {
	if refusal := s.authenticate(req, r, body); refusal != nil {
		return refusal
	}
	problems := checkTransport(r)
	problems = append(problems, req.read(r, body)...)
	if len(problems) > 0 {
		return ptr(s.refuse(req, codeParam, problems...))
	}
	for _, name := range []string{"/mchid", "mchid"} {
		if value, there := req.values[name]; there && value.Text != req.mchID {
			return ptr(s.refuse(req, codeParam, frame.Problem{
				Field: name, Rule: frame.RuleAccount, Message: "http header中的mchid与post payload中的mchid不匹配",
			}))
		}
	}
	if slices.Contains(req.merchant.SwitchedOff, req.op.name) {
		return ptr(refused(codeNoAuth, ""))
	}
	return nil
}

func ptr(r reply) *reply { return &r }

// read takes path, query and body apart and holds them against their tables.
func (r *request) read(h *http.Request, body []byte) []frame.Problem {
	r.values = make(map[string]frame.Value)
	path := make(frame.Object, len(r.params))
	for name, value := range r.params {
		path[name] = frame.Value{Type: "string", Text: value}
	}
	problems := frame.CheckFields(path, nil, r.op.params)
	problems = append(problems, r.readQuery(h.URL.RawQuery)...)
	if r.op.method == http.MethodGet {
		if len(body) > 0 {
			problems = append(problems, frame.Problem{Rule: frame.RuleJSON, Message: "GET请求没有请求主体"})
		}
		return problems
	}
	r.raw = body
	object, duplicates, err := frame.Decode(body)
	if err != nil {
		return append(problems, frame.Problem{Rule: frame.RuleJSON, Message: "请求主体不是JSON对象"})
	}
	return append(problems, r.op.body.check(object, duplicates, "", r.values)...)
}

func (r *request) readQuery(raw string) []frame.Problem {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return []frame.Problem{{Rule: frame.RuleFormat, Message: "查询串的编码不正确"}}
	}
	object, duplicates := make(frame.Object, len(values)), []string(nil)
	for name, list := range values {
		object[name] = frame.Value{Type: "string", Text: list[0]}
		r.values[name] = object[name]
		if len(list) > 1 {
			duplicates = append(duplicates, name)
		}
	}
	return frame.CheckFields(object, duplicates, r.op.query)
}

func isJSON(contentType string) bool {
	kind, params, err := mime.ParseMediaType(contentType)
	charset := params["charset"]
	return err == nil && kind == "application/json" && (charset == "" || strings.EqualFold(charset, "utf-8"))
}

// orderNumber is the merchant's number of the order a request is about, also if the request names only a refund or
// the provider's number.
func (s *Simulator) orderNumber(req *request) string {
	if o := s.lookup(req); o != nil {
		return o.key.outTradeNo
	}
	return or(req.text("out_trade_no"), req.text("/out_trade_no"))
}

// refuse records violations and builds the answer to them. The detail names the first one.
func (s *Simulator) refuse(req *request, code string, problems ...frame.Problem) reply {
	messages := make([]string, 0, len(problems))
	for _, problem := range problems {
		s.violate(req.op.name, req.mchID, s.orderNumber(req), code, problem)
		messages = append(messages, problem.Message)
	}
	answer := refused(code, strings.Join(messages, "; "))
	if first := problems[0]; code == codeParam && first.Field != "" {
		location := "body"
		if !strings.HasPrefix(first.Field, "/") {
			location = "query"
		}
		answer.detail = data{"field": first.Field, "issue": first.Message, "location": location}
	}
	return answer
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
	answer := req.op.run(req).to(req)
	if d.DelayAfter > 0 {
		s.sleep(d.DelayAfter)
	}
	distort(answer.data, d)
	s.send(w, d, faults.After, answer)
}

// brokenBefore handles the faults under which the operation is not done.
func (s *Simulator) brokenBefore(w http.ResponseWriter, req *request) bool {
	d := req.decision
	switch {
	case d.Is(faults.LostBefore):
		frame.Drop(w)
	case d.Is(faults.Refuse), d.Is(faults.NotExist):
		s.write(w, refusalOf(d.Rule, s.defaultRefusal(req.op.name, d.Rule.Kind)).to(req), "")
	case d.At(faults.Garbage, faults.Before), d.At(faults.Truncated, faults.Before),
		d.At(faults.HTTP500, faults.Before), d.At(faults.SystemError, faults.Before):
		s.send(w, d, faults.Before, refused(codeSystem, "").to(req))
	default:
		return false
	}
	return true
}

func (s *Simulator) defaultRefusal(op string, kind faults.Kind) string {
	switch {
	case kind == faults.Refuse:
		return codeInvalid
	case op == OpRefund || op == OpRefundQuery || op == OpCertificates:
		return codeNotExists
	case op == OpTradeBill:
		return codeNoStatement
	}
	return s.opts.OrderUnknownCode
}

// refusalOf is what a fault refuses with.
func refusalOf(rule *faults.Rule, code string) reply {
	answer := refused(or(rule.Code, code), rule.Message)
	answer.status = rule.Status
	return answer
}

func (s *Simulator) send(w http.ResponseWriter, d faults.Decision, stage faults.Stage, answer reply) {
	switch {
	case d.Is(faults.LostAfter) && stage == faults.After:
		frame.Drop(w)
	case d.At(faults.Garbage, stage):
		frame.Garbage(w)
	case d.At(faults.Truncated, stage):
		truncate(w, answer)
	case d.At(faults.HTTP500, stage):
		frame.ProxyError(w, d.Rule.Status)
	case d.At(faults.SystemError, stage):
		failure := refusalOf(d.Rule, codeSystem)
		failure.merchant, failure.asked = answer.merchant, answer.asked
		s.write(w, failure, "")
	default:
		s.write(w, answer, flawOf(d.Rule))
	}
}

// truncate announces the whole body and sends half of it: net/http then closes the connection.
func truncate(w http.ResponseWriter, answer reply) {
	_, body, err := answer.body()
	if err != nil || len(body) == 0 {
		frame.Drop(w)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body[:len(body)/2])
}
