package main

import (
	"io"
	"net/http"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// TestGoldenOrder: the bytes that leave. The signature was computed without this program:
//
//	printf 'POST\n/v1/orders\n1767240000\n%s' "$BODY" | openssl dgst -sha256 -hmac "$KEY"
func TestGoldenOrder(t *testing.T) {
	t.Parallel()
	const body = `{"order_no":"26010100010000000001","amount":1230,"subject":"奶茶 Milk tea","notify_url":"https://pay.example/in/0123456789n","expires_at":"2026-01-01T12:10:00+08:00"}`
	const signature = "9c6c401cdb2f622abbf14d24c7b0a94129e448d07946ab06c2a5e60c357af23e"
	host := answering(func(req *http.Request) (*http.Response, error) {
		raw, err := io.ReadAll(req.Body)
		want(t, "body", string(raw), body)
		want(t, "path", req.URL.Path, "/v1/orders")
		want(t, "signature", req.Header.Get(headerSignature), signature)
		want(t, "merchant", req.Header.Get(headerMerchant), testMerchant)
		if err != nil {
			return nil, err
		}
		return nil, sdk.Errorf(sdk.ErrNotSent, "That was all.")
	})
	_, _ = provider{}.CreatePayment(t.Context(), host.Call(t.Context(), sdk.CapCreatePayment, "", `{}`), paymentRequest())
	want(t, "requests", host.Sends(), 1)
}
