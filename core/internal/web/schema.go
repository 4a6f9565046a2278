package web

import (
	"fmt"
	"regexp"
	"sort"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// schema is the part of an OpenAPI schema that requests of our document use, ready for
// checking without reflection or maps of any.
type schema struct {
	kind       string // string, integer, number, boolean, object, array, or empty for anything
	amount     bool   // money: failures carry CodeInvalidAmount
	dateTime   bool
	enum       []string
	pattern    *regexp.Regexp
	example    string
	minLength  int
	maxLength  int // 0: no limit
	minimum    *int64
	maximum    *int64
	minItems   int
	maxItems   int // 0: no limit; also the limit of properties of an open object
	items      *schema
	properties map[string]*schema
	required   []string
	// extra checks properties that are not listed; nil with open false: there may be none.
	extra *schema
	open  bool
}

// amountSchema is the component whose violations are about money.
const amountSchema = "#/components/schemas/Amount"

// compileSchema turns the document's form into ours. Errors: a keyword that we would
// silently not check.
func compileSchema(ref *openapi3.SchemaRef) (*schema, error) {
	v := ref.Value
	if v == nil {
		return nil, fmt.Errorf("web: schema %q is not resolved", ref.Ref)
	}
	if len(v.OneOf)+len(v.AnyOf)+len(v.AllOf) > 0 || v.Not != nil {
		return nil, fmt.Errorf("web: schema %q uses a combination that is not checked here", ref.Ref)
	}
	s := &schema{
		amount:    ref.Ref == amountSchema,
		dateTime:  v.Format == "date-time",
		required:  v.Required,
		minLength: int(v.MinLength), //nolint:gosec // numbers of our own document
		minItems:  int(v.MinItems),  //nolint:gosec // numbers of our own document
	}
	if v.Type != nil && len(*v.Type) == 1 {
		s.kind = (*v.Type)[0]
	}
	s.limits(v)
	if err := s.texts(v); err != nil {
		return nil, err
	}
	if err := s.children(v); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *schema) limits(v *openapi3.Schema) {
	if v.MaxLength != nil {
		s.maxLength = int(*v.MaxLength) //nolint:gosec // a number of our own document
	}
	if v.MaxItems != nil {
		s.maxItems = int(*v.MaxItems) //nolint:gosec // a number of our own document
	}
	if v.MaxProps != nil {
		s.maxItems = int(*v.MaxProps) //nolint:gosec // a number of our own document
	}
	if v.Min != nil {
		n := int64(*v.Min)
		s.minimum = &n
	}
	if v.Max != nil {
		n := int64(*v.Max)
		s.maximum = &n
	}
}

func (s *schema) texts(v *openapi3.Schema) error {
	for _, e := range v.Enum {
		text, ok := e.(string)
		if !ok {
			return fmt.Errorf("web: an enum holds %v, which is no text", e)
		}
		s.enum = append(s.enum, text)
	}
	s.example, _ = v.Example.(string)
	if v.Pattern == "" {
		return nil
	}
	pattern, err := regexp.Compile(v.Pattern)
	if err != nil {
		return fmt.Errorf("web: pattern of a schema: %w", err)
	}
	s.pattern = pattern
	return nil
}

func (s *schema) children(v *openapi3.Schema) (err error) {
	if v.Items != nil {
		if s.items, err = compileSchema(v.Items); err != nil {
			return err
		}
	}
	if s.kind != "object" {
		return nil
	}
	s.properties = make(map[string]*schema, len(v.Properties))
	for name, p := range v.Properties {
		if s.properties[name], err = compileSchema(p); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if v.AdditionalProperties.Schema != nil {
		s.extra, err = compileSchema(v.AdditionalProperties.Schema)
		return err
	}
	s.open = v.AdditionalProperties.Has == nil || *v.AdditionalProperties.Has
	return nil
}

// names lists the properties for a sentence.
func (s *schema) names() string {
	names := make([]string, 0, len(s.properties))
	for n := range s.properties {
		names = append(names, n)
	}
	sort.Strings(names)
	return strings.Join(names, ", ")
}

// property gives the schema of a property and whether it may be there at all.
func (s *schema) property(name string) (*schema, bool) {
	if p, ok := s.properties[name]; ok {
		return p, true
	}
	if s.extra != nil {
		return s.extra, true
	}
	return nil, s.open
}
