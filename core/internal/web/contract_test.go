package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestEveryOperationIsServedAsDocumented calls each operation with an example of its own
// body and holds the reply against the schema of its status.
func TestEveryOperationIsServedAsDocumented(t *testing.T) {
	t.Parallel()
	doc, err := loadDocument()
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := newRig(t)
	r.rows = 3
	ids := strings.NewReplacer("{payment_id}", num(2).Prefixed("pay"), "{refund_id}", num(6).Prefixed("ref"), "{tenant_id}", num(1).Prefixed("ten"), "{user_id}", num(10).Prefixed("usr"),
		"{key_id}", num(12).Prefixed("key"), "{account_id}", num(3).Prefixed("acc"), "{session_id}", num(11).Prefixed("ses"), "{card_id}", num(23).Prefixed("crd"), "{callback_id}", num(22).Prefixed("cbk"), "{approval_id}", num(30).Prefixed("apr"), "{case_id}", num(20).Prefixed("cas"), "{reconciliation_id}", num(50).Prefixed("rec"), "{bill_id}", num(51).Prefixed("bil"), "{difference_id}", num(52).Prefixed("dif"), "{webhook_id}", num(40).Prefixed("whk"), "{secret_id}", num(42).Prefixed("whs"), "{delivery_id}", num(43).Prefixed("dlv"), "{log_id}", num(46).Prefixed("rql"), "{alert_id}", num(24).Prefixed("alt"), "{channel_id}", num(26).Prefixed("chn"), "{freeze_id}", num(30).Prefixed("frz"), "{fee_rate_id}", num(31).Prefixed("fee"), "{payout_id}", num(31).Prefixed("po"), "{batch_id}", num(32).Prefixed("pob"), "{mapping_id}", num(61).Prefixed("bmp"), "{import_id}", num(60).Prefixed("bim"), "{n}", "0", "{export_id}", num(50).Prefixed("exp"), "{upload_id}", num(70).Prefixed("plu"), "{provider}", "demo", "{year}", "2026", "{name}", "columns.orders")
	served := 0
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			body, headers := "", with(byCookie(), "Idempotency-Key", "k")
			if op.RequestBody != nil && op.RequestBody.Value.Content.Get("application/octet-stream") != nil {
				body, headers = "\x00", with(headers, "Content-Type", "application/octet-stream")
			} else if op.RequestBody != nil {
				b, err := json.Marshal(sampleBody(op.OperationID, op.RequestBody.Value.Content.Get("application/json").Schema.Value))
				if err != nil {
					t.Fatal(err)
				}
				body = string(b)
			}
			url := ids.Replace(path)
			if op.OperationID == "search" {
				url += "?number=1"
			}
			if op.OperationID == "listExportColumns" {
				url += "?kind=payments"
			}
			got := r.do(method, url, body, headers)
			if err := checkReply(op, got); err != nil {
				t.Errorf("%s %s %s: %v", op.OperationID, url, body, err)
			}
			served++
		}
	}
	if served != len(r.server.ops) || served < 50 {
		t.Errorf("%d operations served, %d in the table", served, len(r.server.ops))
	}
}

// sampleBody is the example that the reference shows, with what an example cannot know.
func sampleBody(operation string, s *openapi3.Schema) any {
	switch operation {
	case "setCredentials":
		return map[string]any{"credentials": []any{map[string]any{"name": "terminal_key", "text": "x"}}}
	case "confirmPayment":
		return map[string]any{"code": "123456"}
	case "bindCard":
		return map[string]any{"user_ref": "u-1", "card": map[string]any{"number": "6228480402564890018", "type": "debit"}}
	case "confirmCard":
		return map[string]any{"code": "123456", "card": map[string]any{"number": "6228480402564890018", "type": "debit"}}
	case "setCalendar":
		return map[string]any{"csv": "day,kind,name\n2026-10-01,holiday,国庆节\n"}
	case "stepUp":
		return map[string]any{"password": "x"}
	case "confirmTOTP":
		return map[string]any{"code": "123456"}
	case "login":
		return map[string]any{"email": "a@example.com", "password": "x"}
	case "createUser":
		return map[string]any{"email": "a@example.com", "name": "A", "roles": []any{map[string]any{"role": "tenant_viewer"}}}
	}
	return exampleOf(s)
}

func checkReply(op *openapi3.Operation, got reply) error {
	response := op.Responses.Value(fmt.Sprint(got.status))
	if response == nil {
		return fmt.Errorf("status %d is not documented: %s", got.status, got.body)
	}
	if got.header.Get("Cache-Control") != "no-store" {
		return errors.New("the reply may be cached")
	}
	media := response.Value.Content.Get("application/json")
	if response.Value.Content.Get("text/csv") != nil {
		if !bytes.HasPrefix(got.body, []byte("\ufeff")) || !strings.HasPrefix(got.header.Get("Content-Type"), "text/csv") {
			return fmt.Errorf("no CSV file: %s %q", got.header.Get("Content-Type"), got.body)
		}
		return nil
	}
	if response.Value.Content.Get(eventStream) != nil {
		if !bytes.HasPrefix(got.body, []byte(": here\n\n")) || got.header.Get("Content-Type") != eventStream {
			return fmt.Errorf("no stream: %s %q", got.header.Get("Content-Type"), got.body)
		}
		return nil
	}
	if media == nil {
		if len(got.body) > 0 {
			return fmt.Errorf("a body where none is documented: %s", got.body)
		}
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(got.body))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return err
	}
	if err := media.Schema.Value.VisitJSON(value, openapi3.MultiErrors(), openapi3.VisitAsResponse()); err != nil {
		return fmt.Errorf("%w in %s", err, got.body)
	}
	return unknownFields(media.Schema, value, "")
}

// unknownFields finds what a reply holds and the document does not name.
func unknownFields(ref *openapi3.SchemaRef, value any, at string) error {
	switch v := value.(type) {
	case []any:
		for i, item := range v {
			if err := unknownFields(ref.Value.Items, item, fmt.Sprintf("%s/%d", at, i)); err != nil {
				return err
			}
		}
	case map[string]any:
		for name, field := range v {
			p, ok := ref.Value.Properties[name]
			if !ok && (ref.Value.AdditionalProperties.Schema != nil || ref.Value.AdditionalProperties.Has != nil || ref.Value.Type == nil) {
				continue
			}
			if !ok {
				return fmt.Errorf("%s/%s is not in the document", at, name)
			}
			if err := unknownFields(p, field, at+"/"+name); err != nil {
				return err
			}
		}
	}
	return nil
}

// TestDocumentIsComplete: descriptions everywhere, requests closed, every operation with
// a problem reply.
func TestDocumentIsComplete(t *testing.T) {
	t.Parallel()
	doc, err := loadDocument()
	if err != nil {
		t.Fatal(err)
	}
	for name, ref := range doc.Components.Schemas {
		if ref.Value.Description == "" {
			t.Errorf("%s has no description", name)
		}
		for field, p := range ref.Value.Properties {
			if p.Value.Description == "" {
				t.Errorf("%s.%s has no description", name, field)
			}
		}
		if strings.HasSuffix(name, "Request") && name != "GrantRequest" {
			if has := ref.Value.AdditionalProperties.Has; has == nil || *has {
				t.Errorf("%s takes unknown fields", name)
			}
		}
	}
	for path, item := range doc.Paths.Map() {
		if !strings.HasPrefix(path, "/v1/") {
			t.Errorf("%s is outside /v1", path)
		}
		for method, op := range item.Operations() {
			if op.Summary == "" || len(op.Tags) != 1 || op.Responses.Default() == nil {
				t.Errorf("%s %s lacks a summary, a tag or the problem reply", method, path)
			}
			money := op.OperationID == "createPayment" || op.OperationID == "createRefund" || op.OperationID == "createPayout" || op.OperationID == "createPayoutBatch" ||
				op.OperationID == "createExport" // which costs work, not money
			if (op.Parameters.GetByInAndName("header", "Idempotency-Key") != nil) != money {
				t.Errorf("%s: Idempotency-Key", op.OperationID)
			}
		}
	}
}

// declaredCodes reads the constants of core/error.go.
func declaredCodes(t *testing.T) map[core.Code]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", "error.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[core.Code]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Code" {
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
				codes[core.Code(strings.Trim(lit.Value, `"`))] = true
			}
		}
		return true
	})
	if len(codes) < 30 {
		t.Fatalf("only %d codes found", len(codes))
	}
	return codes
}

func TestEveryCodeHasAStatusAndAMeaning(t *testing.T) {
	t.Parallel()
	codes, byCode, texts := declaredCodes(t), statuses(), codeTexts()
	for code := range codes {
		if byCode[code] < 400 || texts[code][0] == "" || texts[code][1] == "" {
			t.Errorf("%s: status %d, text %q", code, byCode[code], texts[code])
		}
	}
	if len(byCode) != len(codes) || len(texts) != len(codes) {
		t.Errorf("%d codes, %d statuses, %d texts", len(codes), len(byCode), len(texts))
	}
}

// TestErrorsDocument: docs/errors.md is what the table says. UPDATE_DOCS=1 writes it anew.
func TestErrorsDocument(t *testing.T) {
	t.Parallel()
	name := filepath.Join("..", "..", "..", "docs", "errors.md")
	if os.Getenv("UPDATE_DOCS") != "" {
		if err := os.WriteFile(name, []byte(ErrorsMarkdown()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != ErrorsMarkdown() {
		t.Error("docs/errors.md is not what the table says: run the test with UPDATE_DOCS=1")
	}
}

// TestStatusOfEveryCode: each code reaches the caller with its status, sentence,
// parameter and arguments.
func TestStatusOfEveryCode(t *testing.T) {
	t.Parallel()
	for code, want := range statuses() {
		r := newRig(t)
		r.err = core.Wrap(errors.New("secret cause"), code, "A sentence.").At("amount").With("remaining", "500")
		got := r.pay(goodPayment)
		p := got.problem(t)
		if got.status != want || p.Code != string(code) {
			t.Errorf("%s: %d %s", code, got.status, p.Code)
		}
		if code != core.CodeInternal && (p.Detail != "A sentence." || p.Param != "amount" || p.Args["remaining"] != "500") {
			t.Errorf("%s: %+v", code, p)
		}
		if strings.Contains(string(got.body), "secret cause") {
			t.Errorf("%s shows its cause", code)
		}
		if logged := strings.Contains(r.log.String(), "secret cause"); logged != (want >= 500) {
			t.Errorf("%s: cause in the log: %v", code, logged)
		}
		if (want == 503 || want == 429 || code == core.CodeIdempotencyInFlight) != (got.header.Get("Retry-After") != "") {
			t.Errorf("%s: Retry-After %q", code, got.header.Get("Retry-After"))
		}
	}
}

func TestGeneratedRoutesAndTableAgree(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	generated := map[string]bool{}
	for _, route := range r.server.app.GetRoutes(true) {
		if route.Method != http.MethodHead && isAPI(route.Path) {
			generated[route.Method+" "+route.Path] = true
		}
	}
	for key := range r.server.ops {
		if !generated[key] {
			t.Errorf("%s is in the document and not routed", key)
		}
	}
	if len(generated) != len(r.server.ops) {
		t.Errorf("%d routes, %d operations", len(generated), len(r.server.ops))
	}
}

func TestReferenceShowsEveryOperationAndSchema(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	page := r.do("GET", "/docs", "", nil)
	if page.status != 200 || !strings.HasPrefix(page.header.Get("Content-Type"), "text/html") {
		t.Fatalf("%d", page.status)
	}
	for _, op := range r.server.ops {
		if !bytes.Contains(page.body, []byte(`id="`+op.id+`"`)) {
			t.Errorf("%s is not in the reference", op.id)
		}
	}
	for _, link := range regexp.MustCompile(`href="#([^"]+)"`).FindAllSubmatch(page.body, -1) {
		if !bytes.Contains(page.body, []byte(`id="`+string(link[1])+`"`)) {
			t.Errorf("dead link %s", link[1])
		}
	}
	if regexp.MustCompile(`(src|href)="(https?:)?//`).Match(page.body) {
		t.Error("the reference loads something from elsewhere")
	}
	for _, file := range []string{"/docs/docs.css", "/docs/docs.js", "/docs/errors", "/openapi.yaml"} {
		if got := r.do("GET", file, "", nil); got.status != 200 || len(got.body) == 0 {
			t.Errorf("%s: %d", file, got.status)
		}
	}
	if errorsPage := r.do("GET", "/docs/errors", "", nil); !bytes.Contains(errorsPage.body, []byte(`id="refund_exceeds_remaining"`)) {
		t.Error("the table of errors is incomplete")
	}
	if got := r.do("GET", "/docs/other", "", nil); got.status != 404 {
		t.Errorf("%d", got.status)
	}
}
