package metro

import (
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// The rules a violation can name beside those of package frame.
const (
	ruleTimestamp = "timestamp-window"
	ruleNonce     = "nonce-reused"
)

// nonceLength is 定长 16 位 (seed 000, 三.2).
const nonceLength = 16

var (
	timestampForm = regexp.MustCompile(`^[1-9][0-9]{9}$`)
	nonceForm     = regexp.MustCompile(`^[\x21-\x7e]{16}$`)
)

// request is a message that passed every check.
type request struct {
	op       *operation
	fields   frame.Object
	mchID    string
	merchant Merchant
	decision faults.Decision
}

func (r *request) text(name string) string { return r.fields.Text(name) }

// amount is a field that was checked to be one: fen.
func (r *request) amount(name string) int64 {
	amount, err := strconv.ParseInt(r.text(name), 10, 64)
	if err != nil {
		return 0
	}
	return amount
}

// admit checks everything the document says about a message before its business is looked at.
func (s *Simulator) admit(op *operation, r *http.Request, body []byte) (*request, *reply) {
	req := &request{op: op}
	if problem := checkTransport(r); problem != nil {
		return nil, s.refuse(req, codeInvalid, *problem)
	}
	if refusal := s.authenticate(req, r.Header); refusal != nil {
		return nil, refusal
	}
	object, duplicates, err := frame.Decode(body)
	if err != nil {
		return nil, s.refuse(req, codeInvalid, frame.Problem{Rule: frame.RuleJSON, Message: err.Error()})
	}
	req.fields = object
	problems := frame.CheckFields(object, duplicates, op.fields)
	if op.check != nil {
		problems = append(problems, op.check(object)...)
	}
	if len(problems) > 0 {
		return nil, s.refuse(req, codeInvalid, problems...)
	}
	return req, nil
}

func checkTransport(r *http.Request) *frame.Problem {
	if r.Method != http.MethodPost {
		return &frame.Problem{Rule: frame.RuleMethod, Message: "请求方式应为post"}
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := params["charset"]
	if err != nil || kind != "application/json" || (charset != "" && !strings.EqualFold(charset, "utf-8")) {
		return &frame.Problem{Rule: frame.RuleContentType, Message: "请求类型应为application/json"}
	}
	if r.Header.Get("Content-Encoding") != "" {
		return &frame.Problem{Rule: frame.RuleContentType, Message: "请求主体不可以压缩"}
	}
	return nil
}

// authenticate checks the four header fields: their form, the signature, that the time is near, and that the random
// string is fresh.
func (s *Simulator) authenticate(req *request, header http.Header) *reply {
	head, duplicates := headers(header)
	req.mchID = head.Text(headMchID)
	if problems := frame.CheckFields(head, duplicates, s.headFields()); len(problems) > 0 {
		return s.refuse(req, codeInvalid, problems...)
	}
	merchant, known := s.merchants.find(req.mchID)
	if !known {
		return s.refuse(req, codeMerchant, frame.Problem{Field: headMchID, Rule: frame.RuleAccount, Message: "企业编号不存在"})
	}
	req.merchant = merchant
	nonce, timestamp := head.Text(headNonce), head.Text(headTimestamp)
	signature, err := s.opts.SignEncoding.decode(head.Text(headSignature))
	if err != nil || !verify(merchant.PublicKey.PublicKey, s.opts.SignForm.signedText(req.mchID, nonce, timestamp), signature) {
		return s.refuse(req, codeSignature, frame.Problem{Field: headSignature, Rule: frame.RuleSignature, Message: "签名错误"})
	}
	return s.checkFresh(req, nonce, timestamp)
}

func (s *Simulator) checkFresh(req *request, nonce, timestamp string) *reply {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	now, window := s.now(), s.opts.window()
	if away := now.Sub(time.Unix(seconds, 0)); err != nil || away > window || away < -window {
		return s.refuse(req, codeTimestamp, frame.Problem{Field: headTimestamp, Rule: ruleTimestamp, Message: "时间戳超出允许范围"})
	}
	if !s.nonces.use(req.mchID, nonce, now, 2*window) {
		return s.refuse(req, codeNonce, frame.Problem{Field: headNonce, Rule: ruleNonce, Message: "随机字符串重复使用"})
	}
	return nil
}

// headers takes the document's four fields out of the header.
func headers(header http.Header) (head frame.Object, duplicates []string) {
	head = make(frame.Object)
	for _, name := range []string{headMchID, headTimestamp, headNonce, headSignature} {
		values := header.Values(name)
		if len(values) == 0 {
			continue
		}
		head[name] = frame.Value{Type: "string", Text: values[0]}
		if len(values) > 1 {
			duplicates = append(duplicates, name)
		}
	}
	return head, duplicates
}

func (s *Simulator) headFields() []frame.Field {
	return []frame.Field{
		{Name: headMchID, Required: true},
		{Name: headTimestamp, Required: true, MaxBytes: 10, Check: matching(timestampForm, "应为10位时间戳")},
		{Name: headNonce, Required: true, MaxBytes: nonceLength, Check: matching(nonceForm, "应为定长16位随机字符串")},
		{Name: headSignature, Required: true, Check: func(value string) string {
			if _, err := s.opts.SignEncoding.decode(value); err != nil {
				return "的编码不正确"
			}
			return ""
		}},
	}
}

func matching(form *regexp.Regexp, otherwise string) func(string) string {
	return func(value string) string {
		if form.MatchString(value) {
			return ""
		}
		return otherwise
	}
}

// refuse records violations and builds the answer.
func (s *Simulator) refuse(req *request, code string, problems ...frame.Problem) *reply {
	messages := make([]string, 0, len(problems))
	for _, problem := range problems {
		s.violate(req.op.name, req.mchID, s.orderNumber(req), code, problem)
		messages = append(messages, problem.Message)
	}
	answer := refusal(code, strings.Join(messages, "; "))
	return &answer
}

func (s *Simulator) violate(op, account, order, code string, problem frame.Problem) {
	s.violations.Record(frame.Violation{
		At: s.now(), Operation: op, Account: account, Order: order, Code: code, Problem: problem,
	})
}
