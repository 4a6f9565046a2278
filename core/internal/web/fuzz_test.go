package web

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// FuzzCheckBody: what passes the check decodes strictly, means one thing only, and holds
// an amount that core takes; what does not pass is an expected error.
func FuzzCheckBody(f *testing.F) {
	for _, seed := range []string{
		goodPayment, `{}`, `{"amount":1e3}`, `{"method":"qr","subject":"x","amount":1,"amount":2}`, `{"method":"qr","subject":"x","amount":1}`,
		`{"method":"qr","subject":"\ud83d\ude00","amount":9999999999,"extra":{"":""}}`, `{"method":"qr","subject":"x","amount":1,"extra":{"a":null}}`, `[[[`, "\x00", `{"\u0061mount":1}`,
	} {
		f.Add([]byte(seed))
	}
	doc, err := loadDocument()
	if err != nil {
		f.Fatal(err)
	}
	ops, err := compileOperations(doc)
	if err != nil {
		f.Fatal(err)
	}
	schema := ops["POST /v1/payments"].body
	f.Fuzz(func(t *testing.T, body []byte) {
		if err := checkBody(body, schema); err != nil {
			if code := core.CodeOf(err); code != core.CodeInvalidRequest && code != core.CodeInvalidAmount {
				t.Fatalf("%s for %q", code, body)
			}
			return
		}
		var p api.PaymentRequest
		dec := json.NewDecoder(bytes.NewReader(body))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&p); err != nil {
			t.Fatalf("passed and does not decode: %q: %v", body, err)
		}
		if _, err := dec.Token(); err != io.EOF {
			t.Fatalf("passed with something behind it: %q", body)
		}
		if err := core.CheckAmount(core.Fen(p.Amount)); err != nil || p.Subject == "" || p.Method == "" {
			t.Fatalf("passed: %q", body)
		}
	})
}
