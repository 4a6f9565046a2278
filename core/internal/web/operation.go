package web

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/zhanggui-pay/zhanggui/core/api"
)

// operation is what the gate in front of a handler must know of it.
type operation struct {
	id     string
	method string
	path   string // as the document writes it: /v1/payments/{payment_id}
	public bool   // works without a caller
	login  bool   // takes a password or a link: limited per address
	hashes bool   // checks a password, which costs memory: limited in number
	slow   bool   // may call a provider
	upload bool   // brings a file
	raw    bool   // its body is a part of a file, not JSON
	query  map[string]*parameter
	// headers are the declared ones, by name.
	headers []*parameter
	body    *schema // nil: no body, or an empty object
	waits   bool    // knows Prefer: wait
}

// parameter is one query parameter or header.
type parameter struct {
	name     string
	required bool
	schema   *schema
}

// unsafe says whether the operation changes something.
func (o *operation) unsafe() bool { return o.method != http.MethodGet && o.method != http.MethodHead }

// route gives the operation's path in Fiber's words.
func (o *operation) route() string {
	return strings.NewReplacer("{", ":", "}", "").Replace(o.path)
}

// loadDocument reads and checks the embedded contract.
func loadDocument() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(api.Document)
	if err != nil {
		return nil, fmt.Errorf("web: openapi.yaml: %w", err)
	}
	return doc, nil
}

// compileOperations makes the gate's table, by method and Fiber route.
func compileOperations(doc *openapi3.T) (map[string]*operation, error) {
	ops := make(map[string]*operation)
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			op, err := compileOperation(method, path, item, o)
			if err != nil {
				return nil, fmt.Errorf("web: %s %s: %w", method, path, err)
			}
			ops[method+" "+op.route()] = op
		}
	}
	return ops, nil
}

func compileOperation(method, path string, item *openapi3.PathItem, o *openapi3.Operation) (*operation, error) {
	op := &operation{id: o.OperationID, method: method, path: path, query: map[string]*parameter{}}
	op.public = o.Security != nil && len(*o.Security) == 0
	op.login = op.public && op.unsafe()
	op.hashes = op.login || op.id == "stepUp" || op.id == "changePassword"
	op.slow = op.unsafe() && (strings.HasPrefix(path, "/v1/payments") || strings.HasPrefix(path, "/v1/refunds") || strings.HasPrefix(path, "/v1/accounts/") ||
		strings.HasPrefix(path, "/v1/payers") || strings.HasPrefix(path, "/v1/cards") || strings.HasPrefix(path, "/v1/callbacks") || strings.HasPrefix(path, "/v1/alert-channels") || strings.HasPrefix(path, "/v1/approvals") ||
		strings.HasPrefix(path, "/v1/cases") || strings.HasPrefix(path, "/v1/differences") ||
		strings.HasPrefix(path, "/v1/payout") || strings.HasPrefix(path, "/v1/plugins"))
	op.upload = op.id == "createPayoutBatch" || op.id == "previewBill" || op.id == "putBillChunk" || op.id == "putPluginChunk"
	for _, ref := range append(append(openapi3.Parameters{}, item.Parameters...), o.Parameters...) {
		if err := op.addParameter(ref.Value); err != nil {
			return nil, err
		}
	}
	if o.RequestBody == nil {
		return op, nil
	}
	media := o.RequestBody.Value.Content.Get("application/json")
	if op.raw = media == nil && o.RequestBody.Value.Content.Get("application/octet-stream") != nil; op.raw {
		return op, nil
	}
	if media == nil {
		return nil, fmt.Errorf("the body is not JSON")
	}
	var err error
	op.body, err = compileSchema(media.Schema)
	return op, err
}

func (o *operation) addParameter(v *openapi3.Parameter) error {
	s, err := compileSchema(v.Schema)
	if err != nil {
		return fmt.Errorf("parameter %s: %w", v.Name, err)
	}
	p := &parameter{name: v.Name, required: v.Required, schema: s}
	switch v.In {
	case openapi3.ParameterInQuery:
		o.query[v.Name] = p
	case openapi3.ParameterInHeader:
		o.headers = append(o.headers, p)
		o.waits = o.waits || v.Name == headerPrefer
	}
	// Ids in paths are not checked: one that cannot exist must answer like one that does not.
	return nil
}
