package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

// sample is one call of an operation: golden names its files in testdata, want is what the
// plugin makes of the reply there.
type sample struct {
	golden, want string
}

// operations are all that the gateway has, with the ids of the checklist.
var operations = []struct {
	ID, Name     string
	Capabilities []sdk.Capability
	Method       sdk.Method
	samples      []sample
}{
	{"SQ1", "pay", []sdk.Capability{sdk.CapCreatePayment}, sdk.MethodBarcode, []sample{
		{"SQ1-pay", "succeeded 26010100010000000001 9999999999 7894259244067349 2026010122001 alipay 2088000000000001 12:00:00"},
		{"SQ1-pay-reflact", "succeeded 26010100010000000001 9999999999 7894259244067349 2026010122001 alipay 2088000000000001 12:00:00"},
		{"SQ1-pay-bare", "in_progress 26010100010000000001 1 7894259244067349 wechat"},
	}},
	{"SQ2", "refund", []sdk.Capability{sdk.CapCreateRefund}, "", []sample{
		{"SQ2-refund", "succeeded 30 12:01:00"},
	}},
	{"SQ3", "query", []sdk.Capability{sdk.CapQueryPayment, sdk.CapQueryRefund}, "", []sample{
		{"SQ3-query", "succeeded 26010100010000000001 100 7894259244067349 2026010122001 alipay 12:00:00"},
		{"SQ3-query-refund", "succeeded 30 12:01:00"},
	}},
	{"SQ4", "cancel", []sdk.Capability{sdk.CapCancelPayment}, "", []sample{
		{"SQ4-cancel", "succeeded 26010100010000000001 100 7894259244067349 alipay"},
	}},
	{"SQ5", "precreate", []sdk.Capability{sdk.CapCreatePayment}, sdk.MethodQR, []sample{
		{"SQ5-precreate", "in_progress 26010100010000000001 9999999999 7894259244067349 alipay show_qr https://qr.example.invalid/bax00001?a=1&b=2"},
	}},
	{"SQ6", "activate and check in", []sdk.Capability{sdk.CapActivate, sdk.CapCheckIn}, "", []sample{
		{"SQ6-activate", "succeeded 100000010002"},
		{"SQ6-checkin", "succeeded 100000010001"},
	}},
}

// TestOperations calls every operation against the replies of testdata, in this process
// and over a connection. Its subtests are read as the table of operations.
func TestOperations(t *testing.T) {
	t.Parallel()
	remote := sdktest.OverTheWire(t, provider{})
	for _, op := range operations {
		t.Run(op.ID, func(t *testing.T) {
			t.Parallel()
			for where, p := range map[string]able{"in process": provider{}, "over the wire": remote} {
				t.Run(where, func(t *testing.T) {
					t.Parallel()
					for _, s := range op.samples {
						operate(t, p, s)
					}
				})
			}
		})
	}
}

// TestOperationsAreAll: every golden call and every capability belongs to an operation.
func TestOperationsAreAll(t *testing.T) {
	t.Parallel()
	calls, offered := map[string]bool{}, map[sdk.Capability]bool{}
	for _, op := range operations {
		for _, c := range op.Capabilities {
			offered[c] = true
		}
		for _, s := range op.samples {
			calls[s.golden] = true
		}
	}
	want(t, "golden calls", len(calls), len(goldenCalls(provider{})))
	for _, c := range (provider{}).Manifest().Products[0].Capabilities {
		want(t, string(c), offered[c], true)
	}
	want(t, "capabilities", len(offered), len((provider{}).Manifest().Products[0].Capabilities))
}

// operate makes the sample's call: the bytes sent are those of its file, whichever side of
// a connection the plugin is on, and the reply means what the sample says.
func operate(t *testing.T, p able, s sample) {
	t.Helper()
	run, there := goldenCalls(p)[s.golden]
	if !there {
		t.Fatalf("there is no golden call %s", s.golden)
	}
	h := answering(200, testdata(t, s.golden+".reply.golden"))
	r, err := run(t, h)
	if err != nil {
		t.Fatalf("%s: %v", s.golden, err)
	}
	want(t, s.golden, r.summary(), s.want)
	want(t, s.golden, goldenForm(h.last(t)), testdata(t, s.golden+".request.golden"))
}

// summary writes what matters of a result in one line.
func (r result) summary() string {
	var out []any
	switch p, f := r.payment, r.refund; {
	case p.Outcome != "":
		out = append(out, p.Outcome, p.OrderNo, p.Amount.Minor, p.ProviderOrderNo, p.ChannelTradeNo, p.Channel, p.PayerID, timeOfDay(p.PaidAt))
		if p.NextAction != nil {
			out = append(out, p.NextAction.Type, p.NextAction.QRContent)
		}
	case f.Outcome != "":
		out = append(out, f.Outcome, f.Amount.Minor, timeOfDay(f.RefundedAt))
	default:
		out = append(out, r.check.Outcome, r.check.Values[credTerminalSN])
	}
	return strings.Join(strings.Fields(fmt.Sprintln(out...)), " ")
}

func timeOfDay(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(sdk.Beijing()).Format(time.TimeOnly)
}
