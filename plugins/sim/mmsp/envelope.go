package mmsp

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

const (
	protocolVersion = "1.0.0"
	// replyBit is what a reply's CommandID has more than the request's.
	replyBit = 0x8000
	// commandRefused is the general refusal, 统一否定应答. It has no Body and no signature.
	commandRefused = 32768

	replySuccess   = 1
	replyStructure = 0     // 消息结构体错误, and what the bracketed codes come with
	replyFailed    = 39999 // 支付失败, printed only in the scan section's sample

	maxAgentNo = 15 // string(8) in the table, 15 digits in every sample
)

// Codes that stand in brackets in ErrorMsg. The document prints -2002 and -3005; the others are the simulator's own.
const (
	codeNoOrder   = "-2002"
	codeAmount    = "-3005"
	codeDuplicate = "-2003"
	codeOff       = "-1001"
)

var (
	digitsForm = regexp.MustCompile(`^[0-9]+$`)
	signForm   = regexp.MustCompile(`^[0-9A-F]{32}$`)
)

// header is what a message carries around its Body.
type header struct {
	command  int
	seqID    json.RawMessage
	nodeType json.RawMessage
	nodeID   string
	agentNo  *string
	merNo    string
	termNo   string
	sign     string
}

// message is a reply or notification. Exactly one of ErrorMsg and ErrMsg is there.
type message struct {
	CommandID int             `json:"CommandID"`
	SeqID     json.RawMessage `json:"SeqID"`
	NodeType  json.RawMessage `json:"NodeType"`
	NodeID    string          `json:"NodeID"`
	Version   string          `json:"Version"`
	RetCode   int             `json:"RetCode"`
	ErrorMsg  *string         `json:"ErrorMsg,omitempty"`
	ErrMsg    *string         `json:"ErrMsg,omitempty"`
	Body      json.RawMessage `json:"Body"`
	Sign      string          `json:"Sign"`
	AgentNo   *string         `json:"AGENTNO"`
	MerNo     string          `json:"MERNO"`
	TermNo    string          `json:"TERMNO"`
}

// body is the business part of a reply or notification. Values are strings unless the document says int.
type body map[string]any

// signed encodes a body and signs it.
func (b body) signed(key string) (raw json.RawMessage, sign string, err error) {
	if raw, err = encode(b); err != nil {
		return nil, "", err
	}
	object, _, err := frame.Decode(raw)
	if err != nil {
		return nil, "", err
	}
	sign, err = signature(object, key)
	return raw, sign, err
}

// answer is what an operation says: a Body, a general refusal, or a page for the payer's browser.
type answer struct {
	body    body
	refusal *refusal
	html    string
}

// refusal is the general refusal: RetCode and the text of ErrorMsg.
type refusal struct {
	retCode int
	text    string
}

// done answers with a Body.
func done(b body) answer { return answer{body: b} }

// refused answers with the general refusal, RetCode 0 and "[code] text".
func refused(code, text string) answer {
	return answer{refusal: &refusal{retCode: replyStructure, text: bracketed(code, text)}}
}

func noOrder() answer { return refused(codeNoOrder, "没有该订单") }

func bracketed(code, text string) string {
	if code == "" {
		return text
	}
	return strings.TrimSpace("[" + code + "] " + text)
}

// headerFields are the documented fields around Body (3.1). Commands and numbers are JSON integers; the quick section's
// samples quote SeqID and NodeType, so both are taken.
func headerFields() []frame.Field {
	return []frame.Field{
		{Name: "CommandID", Required: true, Type: "number", Check: digitsFormat},
		{Name: "NodeID", Required: true, MaxBytes: 20},
		{Name: "Version", Required: true, MaxBytes: 10, Check: oneOf(protocolVersion)},
		{Name: "AGENTNO", MaxBytes: maxAgentNo},
		{Name: "MERNO", Required: true, MaxBytes: 15},
		{Name: "TERMNO", Required: true, MaxBytes: 8},
		{Name: "Attach"},
		{Name: "Extends", MaxChars: 255},
		{Name: "Body", Required: true, Type: "object"},
		{Name: "Sign", Required: true, Check: matches(signForm, "应为32位大写MD5")},
	}
}

// integers are the header fields that come as a number or as digits in quotes.
var integers = []string{"SeqID", "NodeType"}

// readHeader checks everything around Body and returns it with what is wrong.
func (p *product) readHeader(object frame.Object, duplicates []string) (header, []frame.Problem) {
	h := header{
		seqID: json.RawMessage("1"), nodeType: json.RawMessage("3"), nodeID: p.nodeID,
		merNo: object.Text("MERNO"), termNo: object.Text("TERMNO"), sign: object.Text("Sign"),
	}
	if agent, there := object["AGENTNO"]; there && agent.Type == "string" {
		h.agentNo = &agent.Text
	}
	h.command, _ = strconv.Atoi(object.Text("CommandID"))
	rest := make(frame.Object, len(object))
	for name, value := range object {
		rest[name] = value
	}
	var problems []frame.Problem
	for _, name := range integers {
		value, there := object[name]
		delete(rest, name)
		switch {
		case !there || (value.Type == "string" && value.Text == ""):
			problems = append(problems, frame.Problem{Field: name, Rule: frame.RuleMissing, Message: name + "不可以为空"})
		case value.Type != "number" && value.Type != "string":
			problems = append(problems, frame.Problem{Field: name, Rule: frame.RuleType, Message: name + "的类型应为integer"})
		case !digitsForm.MatchString(value.Text):
			problems = append(problems, frame.Problem{Field: name, Rule: frame.RuleFormat, Message: name + "应为整数"})
		case name == "SeqID":
			h.seqID = value.Raw
		default:
			h.nodeType = value.Raw
		}
	}
	problems = append(problems, p.checkNode(object)...)
	return h, append(problems, frame.CheckFields(emptyBodyAllowed(rest), duplicates, headerFields())...)
}

// checkNode holds NodeID and NodeType against the product's defaults; the scan section's samples have NodeType 1.
func (p *product) checkNode(object frame.Object) []frame.Problem {
	var problems []frame.Problem
	if value := object["NodeID"]; value.Type == "string" && value.Text != "" && value.Text != p.nodeID {
		problems = append(problems, frame.Problem{Field: "NodeID", Rule: frame.RuleValue, Message: "NodeID应为" + p.nodeID})
	}
	nodeType := object.Text("NodeType")
	if digitsForm.MatchString(nodeType) && nodeType != "3" && (p.name != ProductScan || nodeType != "1") {
		problems = append(problems, frame.Problem{Field: "NodeType", Rule: frame.RuleValue, Message: "NodeType应为3"})
	}
	return problems
}

// emptyBodyAllowed gives an object a text, for frame.CheckFields calls a required field without text missing.
func emptyBodyAllowed(object frame.Object) frame.Object {
	if value, there := object["Body"]; there && value.Type == "object" {
		value.Text = "{}"
		object["Body"] = value
	}
	return object
}

// oneOf checks an enumeration.
func oneOf(values ...string) func(string) string {
	return func(value string) string {
		if slices.Contains(values, value) {
			return ""
		}
		return "的取值应为" + strings.Join(values, "、")
	}
}
