package frame

import (
	"fmt"
	"sort"
	"unicode/utf8"
)

// Field is what a document says about one request field.
type Field struct {
	Name     string
	Required bool   // present and not empty
	Type     string // "" means string
	MaxBytes int    // 0: no limit in bytes
	MaxChars int    // 0: no limit in characters
	// Check looks at the format of a non-empty value and says what is wrong, or "".
	Check func(value string) string
}

// The rules a problem or violation can name.
const (
	RuleMissing     = "missing"
	RuleType        = "type"
	RuleLength      = "length"
	RuleFormat      = "format"
	RuleUnknown     = "unknown-field"
	RuleDuplicate   = "duplicate-key"
	RuleTogether    = "together" // fields that must come together, or of which one must come
	RuleJSON        = "json"
	RuleMethod      = "method"
	RulePath        = "path"
	RuleContentType = "content-type"
	RuleHeader      = "authorization-header"
	RuleSignature   = "signature"
	RuleAccount     = "account"
	RuleBarcode     = "barcode"
	RuleValue       = "value" // well-formed, but not a value of the document's list
)

// Problem is one thing wrong with a request. It never carries a value.
type Problem struct {
	Field   string `json:"field,omitempty"`
	Rule    string `json:"rule"`
	Message string `json:"message"`
}

// CheckFields holds an object against the fields of one message. The problems come in the fields' order,
// then the duplicate keys, then the unknown fields by name.
func CheckFields(object Object, duplicates []string, fields []Field) []Problem {
	var problems []Problem
	known := make(map[string]bool, len(fields))
	for _, field := range fields {
		known[field.Name] = true
		if problem := field.check(object); problem != nil {
			problems = append(problems, *problem)
		}
	}
	for _, name := range duplicates {
		problems = append(problems, Problem{Field: name, Rule: RuleDuplicate, Message: name + "重复出现"})
	}
	var unknown []string
	for name := range object {
		if !known[name] {
			unknown = append(unknown, name)
		}
	}
	sort.Strings(unknown)
	for _, name := range unknown {
		problems = append(problems, Problem{Field: name, Rule: RuleUnknown, Message: name + "不是接口文档中的参数"})
	}
	return problems
}

func (f Field) check(object Object) *Problem {
	value, present := object[f.Name]
	kind := f.Type
	if kind == "" {
		kind = "string"
	}
	switch {
	case !present && !f.Required:
		return nil
	case !present:
		return &Problem{f.Name, RuleMissing, f.Name + "不可以为空"}
	case value.Type != kind:
		return &Problem{f.Name, RuleType, fmt.Sprintf("%s的类型应为%s,不是%s", f.Name, kind, value.Type)}
	case value.Text == "" && f.Required:
		return &Problem{f.Name, RuleMissing, f.Name + "不可以为空"}
	case value.Text == "":
		return nil
	case f.MaxBytes > 0 && len(value.Text) > f.MaxBytes:
		return &Problem{f.Name, RuleLength, fmt.Sprintf("%s不超过%d字节", f.Name, f.MaxBytes)}
	case f.MaxChars > 0 && utf8.RuneCountInString(value.Text) > f.MaxChars:
		return &Problem{f.Name, RuleLength, fmt.Sprintf("%s不超过%d字符", f.Name, f.MaxChars)}
	}
	if f.Check != nil {
		if wrong := f.Check(value.Text); wrong != "" {
			return &Problem{f.Name, RuleFormat, f.Name + wrong}
		}
	}
	return nil
}
