package main

import (
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

// operations is the checklist of what BestPay offers; each row names its golden calls.
var operations = []struct {
	ID, Name   string
	Capability sdk.Capability
	Method     string
	calls      []string
}{
	{"BP1", "barcode order", sdk.CapCreatePayment, "barcode", []string{"BP1-barcode", "BP1-barcode-bare"}},
	{"BP2", "QR and order-QR order", sdk.CapCreatePayment, "qr, h5, jsapi", []string{"BP2-alipay-qr", "BP2-bestpay-h5", "BP2-tenpay-jsapi"}},
	{"BP3", "confirm order status", sdk.CapQueryPayment, "", []string{"BP3-query", "BP3-check-in"}},
	{"BP4", "payment and refund callbacks", sdk.CapInbound, "", []string{"BP4-payment", "BP4-payment-string", "BP4-refund"}},
	{"BP5", "refund", sdk.CapCreateRefund, "", []string{"BP5-refund"}},
	{"BP6", "refund query", sdk.CapQueryRefund, "", []string{"BP6-query-refund"}},
}

// TestOperations makes every operation against the golden replies, with the plugin in this
// process and behind a connection. Its subtests are read as the table of operations.
func TestOperations(t *testing.T) {
	t.Parallel()
	remote := sdktest.OverTheWire(t, provider{})
	golden, made := goldenCalls(), 0
	for _, op := range operations {
		made += len(op.calls)
		t.Run(op.ID, func(t *testing.T) {
			t.Parallel()
			for where, p := range map[string]able{"in process": provider{}, "over the wire": remote} {
				t.Run(where, func(t *testing.T) {
					t.Parallel()
					for _, name := range op.calls {
						if golden[name] == nil {
							t.Fatalf("there is no golden call %s", name)
						}
						golden[name](t, p, name)
					}
				})
			}
		})
	}
	if made != len(golden) {
		t.Errorf("the table makes %d calls of %d", made, len(golden))
	}
}
