package bestpay

import (
	"net/http"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// StatusCodeType is the JSON type of statusCode in the answer to a callback: the document types it String, public
// clients send a number.
type StatusCodeType string

// The types.
const (
	StatusCodeAny    StatusCodeType = ""
	StatusCodeNumber StatusCodeType = "number"
	StatusCodeString StatusCodeType = "string"
)

// accepted judges the answer to a callback: only the documented JSON with success true and statusCode 200 ends the
// resending. An answer under HTTP 200 that has another form is a breach of the document as well.
func (s *Simulator) accepted(n notice) func(int, []byte) bool {
	return func(status int, body []byte) bool {
		if status != http.StatusOK {
			return false
		}
		accepted, problems := s.checkAnswer(body)
		for _, problem := range problems {
			s.violate(OpCallback, n.merchantNo, n.outTradeNo, "not-acknowledged", problem)
		}
		return accepted && len(problems) == 0
	}
}

// checkAnswer holds an answer against 3.4: {"success":…,"errorCode":…,"errorMsg":…,"result":{"statusCode":…}}, in which
// result may be missing or null only if success is false.
func (s *Simulator) checkAnswer(body []byte) (accepted bool, problems []frame.Problem) {
	object, duplicates, err := frame.Decode(body)
	if err != nil {
		return false, []frame.Problem{{Rule: frame.RuleJSON, Message: "应答不是JSON对象"}}
	}
	success := object.Text("success") == "true"
	texts := nullable(object, "errorCode", "errorMsg")
	fields := []frame.Field{
		{Name: "success", Required: true, Type: "bool"},
		{Name: "errorCode", Type: texts["errorCode"]},
		{Name: "errorMsg", Type: texts["errorMsg"]},
		{Name: "result", Type: "object"},
	}
	result, hasResult := object["result"]
	if !hasResult && success {
		problems = append(problems, frame.Problem{Field: "result", Rule: frame.RuleMissing, Message: "result不可以为空"})
	}
	if result.Type == "null" && !success {
		fields[3].Type, hasResult = "null", false
	}
	problems = append(problems, frame.CheckFields(object, duplicates, fields)...)
	for _, name := range []string{"errorCode", "errorMsg"} {
		if _, present := object[name]; !present {
			problems = append(problems, frame.Problem{Field: name, Rule: frame.RuleMissing, Message: name + "不可以缺少"})
		}
	}
	if !hasResult || result.Type != "object" {
		return false, problems
	}
	code, wrong := s.statusCode(result.Raw)
	return success && code == "200", append(problems, wrong...)
}

// nullable is the type of each member as the check shall expect it: null where null was sent, string otherwise.
func nullable(object frame.Object, names ...string) map[string]string {
	types := make(map[string]string, len(names))
	for _, name := range names {
		types[name] = "string"
		if object[name].Type == "null" {
			types[name] = "null"
		}
	}
	return types
}

func (s *Simulator) statusCode(raw []byte) (string, []frame.Problem) {
	object, duplicates, err := frame.Decode(raw)
	if err != nil {
		return "", []frame.Problem{{Field: "result", Rule: frame.RuleJSON, Message: "result不是JSON对象"}}
	}
	kind := string(s.opts.StatusCode)
	if kind == "" {
		kind = string(StatusCodeNumber)
		if object["statusCode"].Type == "string" {
			kind = string(StatusCodeString)
		}
	}
	problems := frame.CheckFields(object, duplicates, []frame.Field{{Name: "statusCode", Required: true, Type: kind}})
	return object.Text("statusCode"), problems
}
