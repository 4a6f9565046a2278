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
// and at its barest.
var goldenCalls = map[string]func(t *testing.T, h *testHost) error{
	"pay": func(t *testing.T, h *testHost) error {
		t.Helper()
		return create(t, h, `{}`, fullest(barcodeRequest()))
	},
	"pay-reflact": func(t *testing.T, h *testHost) error {
		t.Helper()
		return create(t, h, `{"reflect_field":"reflact"}`, fullest(barcodeRequest()))
	},
	"pay-bare": func(t *testing.T, h *testHost) error {
		t.Helper()
		return create(t, h, `{}`, sdk.PaymentRequest{
			OrderNo: testOrder, Method: sdk.MethodBarcode, Amount: sdk.Fen(1), PayerCode: sdk.SecretString("130000000000000001"),
		})
	},
	"precreate": func(t *testing.T, h *testHost) error {
		t.Helper()
		return create(t, h, `{"reflect_field":"reflact"}`, fullest(qrRequest()))
	},
	"query": func(t *testing.T, h *testHost) error {
		t.Helper()
		_, err := exchanges["query"](t, h)
		return err
	},
	"query-refund": func(t *testing.T, h *testHost) error {
		t.Helper()
		_, err := exchanges["refund query"](t, h)
		return err
	},
	"cancel": func(t *testing.T, h *testHost) error {
		t.Helper()
		_, err := exchanges["cancel"](t, h)
		return err
	},
	"refund": func(t *testing.T, h *testHost) error {
		t.Helper()
		_, err := exchanges["refund"](t, h)
		return err
	},
	"activate": func(t *testing.T, h *testHost) error {
		t.Helper()
		_, err := exchanges["activate"](t, h)
		return err
	},
	"checkin": func(t *testing.T, h *testHost) error {
		t.Helper()
		_, err := exchanges["check-in"](t, h)
		return err
	},
}

func create(t *testing.T, h *testHost, settings string, req sdk.PaymentRequest) error {
	t.Helper()
	_, err := provider{}.CreatePayment(t.Context(), h.call(t, sdk.CapCreatePayment, "https://gateway.invalid", settings), req)
	return err
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
	for name, run := range goldenCalls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := answering(200, layer1("500", "UNKNOWN_SYSTEM_ERROR"))
			if err := run(t, h); err != nil {
				t.Fatal(err)
			}
			got, file := goldenForm(h.last(t)), filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func goldenForm(r sentRequest) string {
	return r.method + " " + r.path + "\nContent-Type: " + r.header.Get("Content-Type") +
		"\nAuthorization: " + r.header.Get("Authorization") + "\n\n" + r.body
}

// TestVectors compares the signatures with those that openssl made of the same bodies
// (testdata/vectors.sh), not with our own arithmetic.
func TestVectors(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join("testdata", "vectors.txt"))
	if err != nil {
		t.Fatal(err)
	}
	vectors := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		name, sign, _ := strings.Cut(strings.TrimSpace(line), " ")
		vectors[name] = sign
	}
	if len(vectors) != len(goldenCalls) {
		t.Errorf("%d vectors for %d requests: run testdata/vectors.sh", len(vectors), len(goldenCalls))
	}
	for name, run := range goldenCalls {
		h := answering(200, layer1("500", "UNKNOWN_SYSTEM_ERROR"))
		if err := run(t, h); err != nil {
			t.Fatal(err)
		}
		_, sign, _ := strings.Cut(h.last(t).header.Get("Authorization"), " ")
		if sign != vectors[name] {
			t.Errorf("%s: signed %s, openssl says %s", name, sign, vectors[name])
		}
	}
}
