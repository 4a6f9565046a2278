package mmsp

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// RuleCertificate is the rule of a violation: the client certificate that cancel and refund need is missing.
const RuleCertificate = "certificate"

// formField is the field of the browser's form that holds a gateway payment (gateway 5.1).
const (
	formField = "web_api"
	formType  = "application/x-www-form-urlencoded"
)

// request is a message that passed every check.
type request struct {
	op       *operation
	header   header
	fields   frame.Object // of Body
	merchant *Merchant
	http     *http.Request
	decision faults.Decision
}

func (r *request) text(name string) string { return r.fields.Text(name) }

// fen is AMT, whose form was checked.
func (r *request) fen() int64 {
	amount, _ := strconv.ParseInt(r.text("AMT"), 10, 64)
	return amount
}

// admit checks everything the document says about a message before its business is looked at.
func (s *Simulator) admit(w http.ResponseWriter, r *http.Request, p *product) (*request, *refusal) {
	req := &request{op: &operation{name: p.name}, http: r, header: header{
		seqID: json.RawMessage("1"), nodeType: json.RawMessage("3"), nodeID: p.nodeID,
	}}
	raw, form, problem := read(w, r)
	if problem != nil {
		return req, s.refuse(req, *problem)
	}
	object, duplicates, err := frame.Decode(raw)
	if err != nil {
		return req, s.refuse(req, frame.Problem{Rule: frame.RuleJSON, Message: err.Error()})
	}
	var problems []frame.Problem
	req.header, problems = p.readHeader(object, duplicates)
	if op := p.commands[req.header.command]; op != nil {
		req.op = op
		op.calls.Add(1)
	} else if object["CommandID"].Type == "number" {
		problems = append(problems, frame.Problem{Field: "CommandID", Rule: frame.RuleValue, Message: "没有这个命令字"})
	}
	if len(problems) > 0 {
		return req, s.refuse(req, problems...)
	}
	if form != req.op.form {
		return req, s.refuse(req, frame.Problem{Rule: frame.RuleContentType, Message: "报文的提交方式不正确"})
	}
	if problem := s.authenticate(req, object["Body"].Raw); problem != nil {
		return req, s.refuse(req, *problem)
	}
	return req, s.admitBody(req, object["Body"].Raw)
}

// admitBody checks the business fields and what the operation needs beside them.
func (s *Simulator) admitBody(req *request, raw json.RawMessage) *refusal {
	object, duplicates, err := frame.Decode(raw)
	if err != nil {
		return s.refuse(req, frame.Problem{Field: "Body", Rule: frame.RuleJSON, Message: err.Error()})
	}
	req.fields = object
	problems := frame.CheckFields(object, duplicates, req.op.fields)
	if req.op.check != nil {
		problems = append(problems, req.op.check(object)...)
	}
	if req.op.certificate && s.opts.RequireCertificate && (req.http.TLS == nil || len(req.http.TLS.PeerCertificates) == 0) {
		problems = append(problems, frame.Problem{Rule: RuleCertificate, Message: "调用申请退款、撤销订单接口需要商户证书"})
	}
	if len(problems) > 0 {
		return s.refuse(req, problems...)
	}
	return nil
}

// read takes the message out of the body, or out of the form a browser posts.
func read(w http.ResponseWriter, r *http.Request) (raw []byte, form bool, problem *frame.Problem) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	form = kind == formType
	if problem := checkTransport(r); problem != nil && (!form || problem.Rule == frame.RuleMethod) {
		return nil, form, problem
	}
	r.Body = http.MaxBytesReader(w, r.Body, frame.MaxBody)
	if !form {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, form, &frame.Problem{Rule: frame.RuleJSON, Message: "请求主体读取失败或过大"}
		}
		return raw, form, nil
	}
	if err := r.ParseForm(); err != nil || len(r.PostForm) != 1 || len(r.PostForm[formField]) != 1 {
		return nil, form, &frame.Problem{Field: formField, Rule: frame.RuleMissing, Message: "表单应有且仅有一个" + formField}
	}
	return []byte(r.PostForm[formField][0]), form, nil
}

// checkTransport wants a POST of JSON in UTF-8 (3.1).
func checkTransport(r *http.Request) *frame.Problem {
	if r.Method != http.MethodPost {
		return &frame.Problem{Rule: frame.RuleMethod, Message: "所有接口采用POST方法提交"}
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := params["charset"]
	if err != nil || kind != "application/json" || (charset != "" && !strings.EqualFold(charset, "utf-8")) ||
		r.Header.Get("Content-Encoding") != "" {
		return &frame.Problem{Rule: frame.RuleContentType, Message: "提交数据应为JSON格式"}
	}
	return nil
}

// authenticate finds the merchant and verifies the signature over the Body's own values.
func (s *Simulator) authenticate(req *request, raw json.RawMessage) *frame.Problem {
	m := s.merchants.find(req.header.merNo)
	if m == nil {
		return &frame.Problem{Field: "MERNO", Rule: frame.RuleAccount, Message: "商户不存在"}
	}
	req.merchant = m
	if req.header.termNo != m.TermNo {
		return &frame.Problem{Field: "TERMNO", Rule: frame.RuleAccount, Message: "终端不属于该商户"}
	}
	agent := ""
	if req.header.agentNo != nil {
		agent = *req.header.agentNo
	}
	if agent != m.AgentNo {
		return &frame.Problem{Field: "AGENTNO", Rule: frame.RuleAccount, Message: "代理商编号与商户不符"}
	}
	object, _, err := frame.Decode(raw)
	if err != nil {
		return &frame.Problem{Field: "Body", Rule: frame.RuleJSON, Message: err.Error()}
	}
	want, err := signature(object, m.signingKey())
	if err != nil || m.signingKey() == "" || want != req.header.sign {
		return &frame.Problem{Field: "Sign", Rule: frame.RuleSignature, Message: "签名错误"}
	}
	return nil
}

// refuse records violations and builds the general refusal the document prints for a wrong message.
func (s *Simulator) refuse(req *request, problems ...frame.Problem) *refusal {
	texts := make([]string, 0, len(problems))
	for _, problem := range problems {
		s.violateRequest(req, problem)
		texts = append(texts, problem.Message)
	}
	return &refusal{retCode: replyStructure, text: "消息结构体错误: " + strings.Join(texts, "; ")}
}

// violateRequest records a breach in an admitted or half-read message.
func (s *Simulator) violateRequest(req *request, problem frame.Problem) {
	s.violate(req.op.name, req.header.merNo, req.fields.Text("MERORDERID"), strconv.Itoa(replyStructure), problem)
}

func (s *Simulator) violate(op, account, order, code string, problem frame.Problem) {
	s.violations.Record(frame.Violation{
		At: s.now(), Operation: op, Account: account, Order: order, Code: code, Problem: problem,
	})
}
