package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew; then run testdata/vectors.sh")

// goldenCalls has one request of every operation, with what it leaves open at its fullest
// and at its barest, by the name of its files in testdata.
func goldenCalls(p able) map[string]exchange {
	exchanges := exchangesOf(p)
	return map[string]exchange{
		"SQ1-pay":          create(p, `{}`, fullest(barcodeRequest())),
		"SQ1-pay-reflact":  create(p, `{"reflect_field":"reflact"}`, fullest(barcodeRequest())),
		"SQ1-pay-bare":     create(p, `{}`, barest()),
		"SQ2-refund":       exchanges["refund"],
		"SQ3-query":        exchanges["query"],
		"SQ3-query-refund": exchanges["refund query"],
		"SQ4-cancel":       exchanges["cancel"],
		"SQ5-precreate":    create(p, `{"reflect_field":"reflact"}`, fullest(qrRequest())),
		"SQ6-activate":     exchanges["activate"],
		"SQ6-checkin":      exchanges["check-in"],
	}
}

func create(p able, settings string, req sdk.PaymentRequest) exchange {
	return func(t *testing.T, h *testHost) (result, error) {
		t.Helper()
		r, err := p.CreatePayment(t.Context(), h.call(t, sdk.CapCreatePayment, "https://gateway.invalid", settings), req)
		return result{payment: r, outcome: r.Outcome, refused: r.KeyRefused}, err
	}
}

func barest() sdk.PaymentRequest {
	return sdk.PaymentRequest{
		OrderNo: testOrder, Method: sdk.MethodBarcode, Amount: sdk.Fen(1), PayerCode: sdk.SecretString("130000000000000001"),
	}
}

func fullest(r sdk.PaymentRequest) sdk.PaymentRequest {
	r.Amount = sdk.Fen(9_999_999_999)
	r.Subject, r.Description = `拿铁 <大> & "热" 1/2 ☕`, "第一行\n第二行\t\\结束"
	r.TerminalNo = "POS-01"
	r.Extra = map[string]string{"reflect": "门店=49&班次=早", "longitude": "121.473701", "latitude": "31.230416", "extended": `{"goods_tag":"A"}`}
	return r
}

// TestGoldenRequests holds every byte of every request: first line, headers, body.
func TestGoldenRequests(t *testing.T) {
	t.Parallel()
	for name, run := range goldenCalls(provider{}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, file := goldenForm(requestOf(t, run)), name+".request.golden"
			if *update {
				if err := os.WriteFile(filepath.Join("testdata", file), []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if want := testdata(t, file); got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func requestOf(t *testing.T, run exchange) sentRequest {
	t.Helper()
	h := answering(200, layer1("500", "UNKNOWN_SYSTEM_ERROR"))
	if _, err := run(t, h); err != nil {
		t.Fatal(err)
	}
	return h.last(t)
}

func goldenForm(r sentRequest) string {
	return r.method + " " + r.path + "\nContent-Type: " + r.header.Get("Content-Type") +
		"\nAuthorization: " + r.header.Get("Authorization") + "\n\n" + r.body
}

func testdata(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestVectors compares the signatures with those that openssl made of the same bodies
// (testdata/vectors.sh), not with our own arithmetic.
func TestVectors(t *testing.T) {
	t.Parallel()
	vectors := map[string]string{}
	for line := range strings.Lines(testdata(t, "vectors.txt")) {
		name, sign, _ := strings.Cut(strings.TrimSpace(line), " ")
		vectors[name] = sign
	}
	calls := goldenCalls(provider{})
	if len(vectors) != len(calls) {
		t.Errorf("%d vectors for %d requests: run testdata/vectors.sh", len(vectors), len(calls))
	}
	for name, run := range calls {
		_, sign, _ := strings.Cut(requestOf(t, run).header.Get("Authorization"), " ")
		if sign != vectors[name] {
			t.Errorf("%s: signed %s, openssl says %s", name, sign, vectors[name])
		}
	}
}
