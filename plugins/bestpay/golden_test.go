package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

var update = flag.Bool("update", false, "write our own testdata/*.golden anew; testdata/vectors.sh writes the platform's")

// goldenCall makes one call and compares its bytes, both ways, with the files of its name.
type goldenCall func(t *testing.T, p able, name string)

// goldenCalls has every operation, with what it leaves open at its fullest and its barest.
func goldenCalls() map[string]goldenCall {
	return map[string]goldenCall{
		"BP1-barcode":      sends(create(fullest()), "{}", succeeded),
		"BP1-barcode-bare": sends(create(barest()), "{}", unknown),
		"BP2-alipay-qr":    sends(create(qrRequest()), "{}", inProgress),
		"BP2-bestpay-h5":   sends(create(h5Request()), `{"empty_fields":"send"}`, inProgress),
		"BP2-tenpay-jsapi": sends(create(jsapiRequest()), "{}", inProgress),
		"BP3-query":        sends(query(orderRef()), "{}", failed),
		"BP3-check-in":     sends(checkIn(), `{"order_not_found_codes":"NO_ORDER"}`, succeeded),
		"BP5-refund":       sends(refund(refundRequest()), "{}", inProgress),
		"BP6-query-refund": sends(queryRefund(refundRequest()), "{}", succeeded),

		"BP4-payment":        receives(kindPayment, "{}"),
		"BP4-payment-string": receives(kindPayment, `{"callback_status_code":"string"}`),
		"BP4-refund":         receives(kindRefund, "{}"),
	}
}

func fullest() sdk.PaymentRequest {
	r := barcodeRequest()
	r.Amount = sdk.Fen(1<<63 - 1)
	r.Subject, r.Description, r.Operator = `拿铁 <大> & "热" 1/2 ☕`, `咖啡/一杯=1&糖\无`, "收银员 <1>"
	r.Extra = map[string]string{"remark": "窗口=3&班次=早"}
	r.ExpiresAt = testNow().Add(120*time.Second + 900*time.Millisecond) // over the wire the host's clock runs
	r.Channel = channelBestPay
	return r
}

func barest() sdk.PaymentRequest {
	return sdk.PaymentRequest{
		OrderNo: testOrder, Method: sdk.MethodBarcode, Amount: sdk.Fen(1), PayerCode: sdk.SecretString("130000000000000001"), CreatedAt: testCreated(),
	}
}

// sends makes an exchange: our request is held to its file byte for byte, and the
// platform's reply, signed by openssl, has the outcome wanted.
func sends(e exchange, settings string, want sdk.Outcome) goldenCall {
	return func(t *testing.T, p able, name string) {
		t.Helper()
		h := answering(t, 200, textFile(t, name+".reply.golden"))
		r, err := e.run(t.Context(), p, h.call(t, e.capability, testBase, settings))
		if err != nil || r.outcome != want {
			t.Errorf("%s: %s, %v; want %s", name, r.outcome, err, want)
		}
		sent := h.last(t)
		compare(t, name+".request.golden", sent.method+" "+sent.path+"\nContent-Type: "+sent.header.Get("Content-Type")+"\n\n"+sent.body)
		vector(t, name, sentFields(t, sent)["sign"])
	}
}

// receives hands a callback in, signed by openssl: our answer is held to its file.
func receives(kind, settings string) goldenCall {
	return func(t *testing.T, p able, name string) {
		t.Helper()
		call := answering(t, 500, "").call(t, sdk.CapInbound, testBase, settings)
		r, err := p.HandleInbound(t.Context(), call, noticeRequest(kind, textFile(t, name+".request.golden")))
		if err != nil || !r.Verified || len(r.Events) != 1 {
			t.Fatalf("%s: verified %t, %d events, %v", name, r.Verified, len(r.Events), err)
		}
		event := r.Events[0]
		isRefund := kind == kindRefund
		if (event.Refund != nil) != isRefund || (event.Payment != nil) == isRefund {
			t.Fatalf("%s: %+v", name, event)
		}
		if isRefund {
			same(t, name, event.Refund.Outcome, succeeded)
		} else {
			same(t, name, event.Payment.Outcome, succeeded)
		}
		compare(t, name+".reply.golden", "200\nContent-Type: "+r.Answer.Headers["Content-Type"]+"\n\n"+string(r.Answer.Body))
	}
}

func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(filepath.Join("testdata", file), []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if want := textFile(t, file); got != want {
		t.Errorf("%s: got:\n%s\nwant:\n%s", file, got, want)
	}
}

// vector compares our signature with openssl's of a text written by hand
// (testdata/vectors.sh), not with our own arithmetic.
func vector(t *testing.T, name string, sign any) {
	t.Helper()
	for line := range strings.Lines(textFile(t, "vectors.txt")) {
		if of, want, _ := strings.Cut(strings.TrimSpace(line), " "); of == name {
			same(t, name+": the signature of openssl", sign, any(want))
			return
		}
	}
	t.Errorf("%s has no vector: run testdata/vectors.sh", name)
}
