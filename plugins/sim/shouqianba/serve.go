package shouqianba

import (
	"crypto/md5" //nolint:gosec // the provider's signature
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// request is a message that passed every check.
type request struct {
	op       *operation
	fields   frame.Object
	account  string    // terminal_sn, or vendor_sn for an activation
	terminal *terminal // nil for an activation
	vendor   *vendor   // nil but for an activation
	signedBy string    // the key that signed it
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
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, frame.MaxBody))
	if err != nil {
		s.violate(op.name, "", "", codeInvalidParams, frame.Problem{Rule: frame.RuleJSON, Message: "请求主体读取失败或过大"})
		frame.WriteJSON(w, http.StatusOK, clientError(codeInvalidParams, "请求主体读取失败或过大"))
		return
	}
	req, refusal := s.admit(op, r, body)
	if refusal != nil {
		frame.WriteJSON(w, http.StatusOK, refusal)
		return
	}
	req.decision = s.faults.Decide(faults.Call{
		Operation: op.name, Account: req.account, Order: s.orderNumber(req), Payer: req.text("dynamic_id"),
	})
	s.answer(w, req)
}

// orderNumber is the merchant's number of the order a request is about, also if the request names only sn.
func (s *Simulator) orderNumber(req *request) string {
	if number := req.text("client_sn"); number != "" || req.terminal == nil {
		return number
	}
	if o := s.book.bySN(req.text("sn")); o != nil {
		return o.key.clientSN
	}
	return ""
}

// admit checks everything the document says about a message before its business is looked at.
func (s *Simulator) admit(op *operation, r *http.Request, body []byte) (*request, *reply) {
	req := &request{op: op}
	if problem := checkTransport(r); problem != nil {
		return nil, s.refuse(req, codeInvalidParams, *problem)
	}
	account, sign, problem := authorization(r)
	if problem != nil {
		return nil, s.refuse(req, codeIllegalSign, *problem)
	}
	req.account = account
	if refusal := s.authenticate(req, sign, body); refusal != nil {
		return nil, refusal
	}
	object, duplicates, err := frame.Decode(body)
	if err != nil {
		return nil, s.refuse(req, codeInvalidParams, frame.Problem{Rule: frame.RuleJSON, Message: err.Error()})
	}
	req.fields = object
	problems := frame.CheckFields(object, duplicates, op.fields)
	if op.check != nil {
		problems = append(problems, op.check(object)...)
	}
	if len(problems) > 0 {
		return nil, s.refuse(req, codeInvalidParams, problems...)
	}
	if req.terminal != nil && req.text("terminal_sn") != account {
		return nil, s.refuse(req, codeInvalidTerminal, frame.Problem{
			Field: "terminal_sn", Rule: frame.RuleAccount, Message: "terminal_sn与签名首部的终端不一致",
		})
	}
	return req, nil
}

func checkTransport(r *http.Request) *frame.Problem {
	if r.Method != http.MethodPost {
		return &frame.Problem{Rule: frame.RuleMethod, Message: "所有接口采用POST方式"}
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := params["charset"]
	if err != nil || kind != "application/json" || (charset != "" && !strings.EqualFold(charset, "utf-8")) {
		return &frame.Problem{Rule: frame.RuleContentType, Message: "请求主体格式应为application/json"}
	}
	if r.Header.Get("Content-Encoding") != "" {
		return &frame.Problem{Rule: frame.RuleContentType, Message: "请求主体不可以压缩"}
	}
	return nil
}

var authorizationForm = regexp.MustCompile(`^([^ ]{1,32}) ([0-9a-f]{32})$`)

// authorization splits "<terminal_sn> <sign>": one space, 32 lower-case hexadecimal digits, one header.
func authorization(r *http.Request) (account, sign string, problem *frame.Problem) {
	values := r.Header.Values("Authorization")
	if len(values) != 1 {
		return "", "", &frame.Problem{Rule: frame.RuleHeader, Message: "签名首部Authorization应有且仅有一个"}
	}
	parts := authorizationForm.FindStringSubmatch(values[0])
	if parts == nil {
		return "", "", &frame.Problem{Rule: frame.RuleHeader, Message: "签名首部Authorization应为终端号+空格+32位小写MD5"}
	}
	return parts[1], parts[2], nil
}

// authenticate finds whose key must have signed and verifies it over the raw body.
func (s *Simulator) authenticate(req *request, sign string, body []byte) *reply {
	unknown := frame.Problem{Rule: frame.RuleAccount, Message: "签名人不存在"}
	wrong := frame.Problem{Rule: frame.RuleSignature, Message: "签名错误"}
	if req.op.vendor {
		req.vendor = s.terminals.vendor(req.account)
		if req.vendor == nil {
			return s.refuse(req, codeInvalidTerminal, unknown)
		}
		if signature(body, req.vendor.Key) != sign {
			return s.refuse(req, codeIllegalSign, wrong)
		}
		return nil
	}
	req.terminal = s.terminals.find(req.account)
	if req.terminal == nil {
		return s.refuse(req, codeInvalidTerminal, unknown)
	}
	key, confirmed := req.terminal.verify(body, sign, s.opts.KeepPreviousKey)
	if key == "" {
		return s.refuse(req, codeIllegalSign, wrong)
	}
	if confirmed {
		s.opts.Journal.Append(record{Terminal: req.terminal.saved()})
	}
	req.signedBy = key
	return nil
}

// signature is the lower-case hexadecimal MD5 of body + key (document, section 2.2).
func signature(body []byte, key string) string {
	h := md5.New() //nolint:gosec // the provider's signature
	_, _ = h.Write(body)
	_, _ = io.WriteString(h, key)
	return hex.EncodeToString(h.Sum(nil))
}

// refuse records violations and builds the answer the document prints for a client's error.
func (s *Simulator) refuse(req *request, code string, problems ...frame.Problem) *reply {
	messages := make([]string, 0, len(problems))
	for _, problem := range problems {
		s.violate(req.op.name, req.account, req.fields.Text("client_sn"), code, problem)
		messages = append(messages, problem.Message)
	}
	answer := clientError(code, strings.Join(messages, "; "))
	return &answer
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
		frame.WriteJSON(w, http.StatusOK, refusalOf(d.Rule))
	case d.Is(faults.NotExist):
		code := codeOrderNotExist
		if d.Rule.Code != "" {
			code = d.Rule.Code
		}
		frame.WriteJSON(w, http.StatusOK, bizFail(code, ""))
	case d.At(faults.Garbage, faults.Before), d.At(faults.Truncated, faults.Before),
		d.At(faults.HTTP500, faults.Before), d.At(faults.SystemError, faults.Before):
		s.send(w, d, faults.Before, serverError(codeUnknownSystemError, ""))
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
		frame.Truncate(w, answer)
	case d.At(faults.HTTP500, stage):
		frame.ProxyError(w, d.Rule.Status)
	case d.At(faults.SystemError, stage):
		code := codeUnknownSystemError
		if d.Rule.Code != "" {
			code = d.Rule.Code
		}
		frame.WriteJSON(w, http.StatusOK, serverError(code, d.Rule.Message))
	default:
		frame.WriteJSON(w, http.StatusOK, answer)
	}
}

// newKey makes a terminal key: 32 hexadecimal digits.
func (s *Simulator) newKey() (string, error) {
	var raw [16]byte
	s.randomMu.Lock()
	defer s.randomMu.Unlock()
	if _, err := io.ReadFull(s.random, raw[:]); err != nil {
		return "", fmt.Errorf("no random bytes for a key: %w", err)
	}
	return hex.EncodeToString(raw[:]), nil
}
