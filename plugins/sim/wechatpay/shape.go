package wechatpay

import (
	"encoding/json"
	"strconv"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// shape is what the documentation says about a JSON object: its fields, and the objects in it.
type shape struct {
	fields []frame.Field
	nested []nested
}

// nested is an object inside an object, or an array of objects.
type nested struct {
	name     string
	required bool
	list     bool
	shape    shape
}

func (n nested) kind() string {
	if n.list {
		return "array"
	}
	return "object"
}

// check holds an object against its shape and files its values by JSON pointer.
func (sh shape) check(object frame.Object, duplicates []string, at string, values map[string]frame.Value) []frame.Problem {
	fields := append([]frame.Field(nil), sh.fields...)
	for _, n := range sh.nested {
		fields = append(fields, frame.Field{Name: n.name, Type: n.kind()})
	}
	problems := frame.CheckFields(object, duplicates, fields)
	for name, value := range object {
		values[at+"/"+name] = value
		if value.Type == "string" && !basicPlane(value.Text) {
			problems = append(problems, frame.Problem{Field: name, Rule: frame.RuleFormat, Message: name + "只支持一至三个字节编码的字符"})
		}
	}
	for i := range problems {
		problems[i].Field = at + "/" + problems[i].Field
	}
	for _, n := range sh.nested {
		problems = append(problems, n.check(object, at, values)...)
	}
	return problems
}

func (n nested) check(object frame.Object, at string, values map[string]frame.Value) []frame.Problem {
	value, present := object[n.name]
	pointer := at + "/" + n.name
	switch {
	case !present && n.required:
		return []frame.Problem{{Field: pointer, Rule: frame.RuleMissing, Message: n.name + "不可以为空"}}
	case value.Type != n.kind(): // absent, or reported already
		return nil
	case !n.list:
		return n.checkOne(value.Raw, pointer, values)
	}
	var elements []json.RawMessage
	if err := json.Unmarshal(value.Raw, &elements); err != nil {
		return []frame.Problem{{Field: pointer, Rule: frame.RuleJSON, Message: n.name + "不是JSON数组"}}
	}
	var problems []frame.Problem
	for i, element := range elements {
		problems = append(problems, n.checkOne(element, pointer+"/"+strconv.Itoa(i), values)...)
	}
	return problems
}

func (n nested) checkOne(raw []byte, pointer string, values map[string]frame.Value) []frame.Problem {
	object, duplicates, err := frame.Decode(raw)
	if err != nil {
		return []frame.Problem{{Field: pointer, Rule: frame.RuleType, Message: n.name + "不是JSON对象"}}
	}
	return n.shape.check(object, duplicates, pointer, values)
}

// basicPlane reports whether all characters have at most three bytes in UTF-8.
func basicPlane(text string) bool {
	for _, r := range text {
		if r > 0xffff {
			return false
		}
	}
	return true
}
