package web

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"sort"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gofiber/fiber/v2"

	"github.com/zhanggui-pay/zhanggui/core/api"
)

//go:embed reference
var referenceFiles embed.FS

// reference is the API reference: one page made from the document when the server
// starts, without anything from elsewhere.
type reference struct {
	html   *asset
	errors *asset
	yaml   *asset
	css    *asset
	script *asset
}

func newReference(doc *openapi3.T) (*reference, error) {
	tmpl, err := template.New("").ParseFS(referenceFiles, "reference/*.html")
	if err != nil {
		return nil, fmt.Errorf("web: reference templates: %w", err)
	}
	render := func(name string, data any) (*asset, error) {
		var out bytes.Buffer
		if err := tmpl.ExecuteTemplate(&out, name, data); err != nil {
			return nil, fmt.Errorf("web: reference: %w", err)
		}
		return newAsset("/"+name, out.Bytes()), nil
	}
	r := &reference{yaml: newAsset("/openapi.yaml", api.Document)}
	r.yaml.media = "application/yaml; charset=utf-8"
	if r.html, err = render("page.html", referencePage(doc)); err != nil {
		return nil, err
	}
	if r.errors, err = render("errors.html", errorRows()); err != nil {
		return nil, err
	}
	for name, at := range map[string]**asset{"docs.css": &r.css, "docs.js": &r.script} {
		body, err := referenceFiles.ReadFile("reference/" + name)
		if err != nil {
			return nil, fmt.Errorf("web: reference: %w", err)
		}
		*at = newAsset("/"+name, body)
	}
	return r, nil
}

func (r *reference) document(c *fiber.Ctx) error { return r.yaml.send(c) }

func (r *reference) page(c *fiber.Ctx) error { return sendDocs(c, r.html) }

// asset serves what the page needs, and the table of errors.
func (r *reference) asset(c *fiber.Ctx) error {
	switch c.Params("file") {
	case "errors":
		return sendDocs(c, r.errors)
	case "docs.css":
		return r.css.send(c)
	case "docs.js":
		return r.script.send(c)
	}
	return fiber.ErrNotFound
}

func sendDocs(c *fiber.Ctx, a *asset) error {
	if err := a.send(c); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	return nil
}

// The page's data, in the order in which it is shown.
type (
	pageData struct {
		Title   string
		Intro   []string
		Tags    []tagData
		Schemas []schemaData
	}
	tagData struct {
		Name, Description string
		Operations        []operationData
	}
	operationData struct {
		ID, Method, Path, Summary, Description string
		Public                                 bool
		Parameters                             []fieldData
		Body, Reply                            string // names of schemas
		Raw                                    bool   // the body is bytes
		Status                                 string
		Curl                                   string
	}
	schemaData struct {
		Name, Description, Type string
		Fields                  []fieldData
	}
	fieldData struct {
		Name, In, Type, Link, Description string
		Required                          bool
	}
)

func referencePage(doc *openapi3.T) pageData {
	p := pageData{Title: doc.Info.Title, Intro: strings.Split(strings.TrimSpace(doc.Info.Description), "\n\n")}
	for _, t := range doc.Tags {
		p.Tags = append(p.Tags, tagData{Name: t.Name, Description: t.Description, Operations: operationsOf(doc, t.Name)})
	}
	for name, ref := range doc.Components.Schemas {
		p.Schemas = append(p.Schemas, describeSchema(name, ref.Value))
	}
	sort.Slice(p.Schemas, func(i, j int) bool { return p.Schemas[i].Name < p.Schemas[j].Name })
	return p
}

func operationsOf(doc *openapi3.T, tag string) []operationData {
	var out []operationData
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			if len(o.Tags) > 0 && o.Tags[0] == tag {
				out = append(out, describeOperation(path, method, item, o))
			}
		}
	}
	order := map[string]int{"GET": 0, "POST": 1, "PUT": 2, "DELETE": 3}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Path != out[j].Path {
			return out[i].Path < out[j].Path
		}
		return order[out[i].Method] < order[out[j].Method]
	})
	return out
}

func describeOperation(path, method string, item *openapi3.PathItem, o *openapi3.Operation) operationData {
	d := operationData{
		ID: o.OperationID, Method: method, Path: path, Summary: o.Summary, Description: o.Description,
		Public: o.Security != nil && len(*o.Security) == 0,
	}
	for _, ref := range append(append(openapi3.Parameters{}, item.Parameters...), o.Parameters...) {
		v := ref.Value
		kind, link := typeName(v.Schema)
		d.Parameters = append(d.Parameters, fieldData{Name: v.Name, In: v.In, Type: kind, Link: link, Description: v.Description, Required: v.Required})
	}
	var body *openapi3.Schema
	if o.RequestBody != nil {
		if media := o.RequestBody.Value.Content.Get("application/json"); media != nil {
			d.Body, _ = typeName(media.Schema)
			body = media.Schema.Value
		} else {
			d.Raw = true
		}
	}
	for _, status := range []string{"200", "201", "202", "204"} {
		if r := o.Responses.Value(status); r != nil {
			d.Status = strings.TrimPrefix(d.Status+", "+status, ", ")
			if m := r.Value.Content.Get("application/json"); m != nil && d.Reply == "" {
				d.Reply, _ = typeName(m.Schema)
			}
		}
	}
	d.Curl = curlOf(d, body)
	return d
}

// curlOf writes a call that can be pasted once $URL and $KEY are set.
func curlOf(d operationData, body *openapi3.Schema) string {
	var b strings.Builder
	b.WriteString("curl -sS")
	if d.Method != http.MethodGet {
		b.WriteString(" -X " + d.Method)
	}
	b.WriteString(` "$URL` + d.Path + `"`)
	if !d.Public {
		b.WriteString(" \\\n  -H \"Authorization: Bearer $KEY\"")
	}
	for _, p := range d.Parameters {
		if p.In == "header" && p.Required {
			b.WriteString(" \\\n  -H \"" + p.Name + ": $(uuidgen)\"")
		}
	}
	if body != nil {
		if example, err := json.Marshal(exampleOf(body)); err == nil {
			b.WriteString(" \\\n  -H \"Content-Type: application/json\" \\\n  -d '" + string(example) + "'")
		}
	}
	if d.Raw {
		b.WriteString(" \\\n  -H \"Content-Type: application/octet-stream\" \\\n  --data-binary @part")
	}
	return b.String()
}

// exampleOf takes the schema's own example, or makes one of its required fields.
func exampleOf(s *openapi3.Schema) any {
	switch {
	case s.Example != nil:
		return s.Example
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Type.Is("object"):
		out := map[string]any{}
		for _, name := range s.Required {
			out[name] = exampleOf(s.Properties[name].Value)
		}
		return out
	case s.Type.Is("array"):
		return []any{exampleOf(s.Items.Value)}
	case s.Type.Is("boolean"):
		return true
	case s.Type.Is("integer"), s.Type.Is("number"):
		return 1
	}
	return "…"
}

func describeSchema(name string, s *openapi3.Schema) schemaData {
	kind, _ := typeName(openapi3.NewSchemaRef("", s))
	d := schemaData{Name: name, Description: s.Description, Type: kind}
	required := map[string]bool{}
	for _, r := range s.Required {
		required[r] = true
	}
	for field, ref := range s.Properties {
		kind, link := typeName(ref)
		d.Fields = append(d.Fields, fieldData{Name: field, Type: kind, Link: link, Description: ref.Value.Description, Required: required[field]})
	}
	sort.Slice(d.Fields, func(i, j int) bool {
		if d.Fields[i].Required != d.Fields[j].Required {
			return d.Fields[i].Required
		}
		return d.Fields[i].Name < d.Fields[j].Name
	})
	return d
}

// typeName names a type for people, and the schema to link to.
func typeName(ref *openapi3.SchemaRef) (name, link string) {
	if n, ok := strings.CutPrefix(ref.Ref, "#/components/schemas/"); ok {
		return n, n
	}
	s := ref.Value
	switch {
	case len(s.Enum) > 0:
		words := make([]string, 0, len(s.Enum))
		for _, e := range s.Enum {
			words = append(words, fmt.Sprint(e))
		}
		return strings.Join(words, " | "), ""
	case s.Type.Is("array"):
		n, l := typeName(s.Items)
		return "list of " + n, l
	case s.Type.Is("object") && s.AdditionalProperties.Schema != nil:
		n, l := typeName(s.AdditionalProperties.Schema)
		return "map to " + n, l
	case s.Format == "date-time":
		return "time", ""
	case s.Type != nil && len(*s.Type) == 1:
		return (*s.Type)[0], ""
	}
	return "any", ""
}
