package wechatpay_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/wechatpay"
)

// TestBrokenReplies shows that what was done is done, whatever became of the reply.
func TestBrokenReplies(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		fault wechatpay.Fault
		done  bool
		reply string // "" = none that can be read and verified
	}{
		"lost before":         {wechatpay.Fault{Kind: wechatpay.FaultLostBefore}, false, ""},
		"lost after":          {wechatpay.Fault{Kind: wechatpay.FaultLostAfter}, true, ""},
		"garbage":             {wechatpay.Fault{Kind: wechatpay.FaultGarbage}, true, ""},
		"garbage before":      {wechatpay.Fault{Kind: wechatpay.FaultGarbage, Stage: wechatpay.StageBefore}, false, ""},
		"truncated":           {wechatpay.Fault{Kind: wechatpay.FaultTruncated}, true, ""},
		"http 500":            {wechatpay.Fault{Kind: wechatpay.FaultHTTP500}, true, ""},
		"http 502 before":     {wechatpay.Fault{Kind: wechatpay.FaultHTTP500, Status: http.StatusBadGateway, Stage: wechatpay.StageBefore}, false, ""},
		"system error":        {wechatpay.Fault{Kind: wechatpay.FaultSystemError}, true, "SYSTEM_ERROR"},
		"system error before": {wechatpay.Fault{Kind: wechatpay.FaultSystemError, Code: "SYSTEMERROR", Stage: wechatpay.StageBefore}, false, "SYSTEMERROR"},
		"refused":             {wechatpay.Fault{Kind: wechatpay.FaultRefuse}, false, "INVALID_REQUEST"},
		"not enough":          {wechatpay.Fault{Kind: wechatpay.FaultRefuse, Code: "NOT_ENOUGH"}, false, "NOT_ENOUGH"},
		"too many requests":   {wechatpay.Fault{Kind: wechatpay.FaultRefuse, Code: "FREQUENCY_LIMITED"}, false, "FREQUENCY_LIMITED"},
		"bad signature":       {wechatpay.Fault{Kind: wechatpay.FaultBadSignature}, true, ""},
		"unsigned":            {wechatpay.Fault{Kind: wechatpay.FaultBadSignature, Result: "unsigned"}, true, ""},
		"another key":         {wechatpay.Fault{Kind: wechatpay.FaultBadSignature, Result: "key"}, true, ""},
		"unknown serial":      {wechatpay.Fault{Kind: wechatpay.FaultBadSignature, Result: "serial"}, true, ""},
		"signed yesterday":    {wechatpay.Fault{Kind: wechatpay.FaultBadSignature, Result: "expired"}, true, ""},
		"signed tomorrow":     {wechatpay.Fault{Kind: wechatpay.FaultBadSignature, Result: "future"}, true, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			hit := func(op, method, target string, body fields) {
				t.Helper()
				fault := c.fault
				fault.Operation, fault.Times = op, 1
				w.fault(fault)
				if c.reply != "" {
					w.want(method, target, body, c.reply)
					return
				}
				sent := call{method: method, target: target}
				if body != nil {
					sent.body = encode(t, body)
				}
				if a, err := w.sendRaw(sent); err == nil {
					t.Fatalf("%s answered %q, want a reply that cannot be read or verified", op, a.short())
				}
			}
			state := func(target, done, otherwise string) {
				t.Helper()
				if !c.done {
					done = otherwise
				}
				w.get(target, done)
			}
			hit("native", http.MethodPost, nativePath, w.order("BROKEN-1", 1000))
			state(queryPath("BROKEN-1"), "NOTPAY", "ORDER_NOT_EXIST")
			w.paid("BROKEN-2", 1000)
			hit("refund", http.MethodPost, refundPath, w.refund("BROKEN-2", "R1", 400, 1000))
			state(refundPath+"/R1", "SUCCESS", "RESOURCE_NOT_EXISTS")
			w.post(nativePath, w.order("BROKEN-3", 1000), "200")
			hit("close", http.MethodPost, closePath("BROKEN-3"), fields{"mchid": mchID})
			state(queryPath("BROKEN-3"), "CLOSED", "NOTPAY")
			hit("query", http.MethodGet, queryPath("BROKEN-2"), nil)
			hit("certificates", http.MethodGet, certPath, nil)
			if c.done {
				w.books("BROKEN-2", 1, 600)
			} else {
				w.books("BROKEN-2", 1, 1000)
			}
			w.clean()
		})
	}
}

func TestSlowPayers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(wechatpay.Fault{Operation: "native", Order: "SLOW-001", Kind: wechatpay.FaultPending, Queries: 2})
	w.fault(wechatpay.Fault{Operation: "native", Order: "SLOW-002", Kind: wechatpay.FaultPending, Then: wechatpay.ThenAbandoned})
	w.fault(wechatpay.Fault{Operation: "native", Order: "SLOW-003", Kind: wechatpay.FaultPending, Then: wechatpay.ThenAbandoned, Result: "PAYERROR"})
	w.fault(wechatpay.Fault{Operation: "jsapi", PayerSuffix: "eS6o", Kind: wechatpay.FaultPending, Then: wechatpay.ThenNever})
	w.fault(wechatpay.Fault{Operation: "h5", Kind: wechatpay.FaultFail, Result: "CLOSED"})
	for _, number := range []string{"SLOW-001", "SLOW-002", "SLOW-003"} {
		w.post(nativePath, w.order(number, 100), "200")
	}
	w.get(queryPath("SLOW-001"), "NOTPAY")
	w.get(queryPath("SLOW-001"), "NOTPAY")
	w.books("SLOW-001", 0, 0)
	w.get(queryPath("SLOW-001"), "SUCCESS")
	w.books("SLOW-001", 1, 100)
	w.get(queryPath("SLOW-002"), "NOTPAY")
	w.get(queryPath("SLOW-003"), "PAYERROR")
	w.post(jsapiPath, w.jsapiOrder("SLOW-004", 100), "200")
	w.get(queryPath("SLOW-004"), "NOTPAY")
	w.get(queryPath("SLOW-004"), "NOTPAY")
	w.post(h5Path, w.h5Order("SLOW-005", 100), "200")
	w.get(queryPath("SLOW-005"), "CLOSED")
	w.clean()
}

func TestSlowRefunds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.paid("REFUND-1", 1000)
	pending := wechatpay.Fault{Operation: "refund", Kind: wechatpay.FaultPending, Times: 1}
	for _, change := range []func(*wechatpay.Fault){
		func(f *wechatpay.Fault) { f.Queries = 1 },
		func(f *wechatpay.Fault) { f.Then = wechatpay.ThenAbandoned },
		func(f *wechatpay.Fault) { f.Then, f.Result = wechatpay.ThenAbandoned, "ABNORMAL" },
		func(f *wechatpay.Fault) { f.Then = wechatpay.ThenNever },
	} {
		f := pending
		change(&f)
		w.fault(f)
	}
	w.post(refundPath, w.refund("REFUND-1", "R1", 100, 1000), "PROCESSING")
	w.post(refundPath, w.refund("REFUND-1", "R2", 200, 1000), "PROCESSING")
	w.post(refundPath, w.refund("REFUND-1", "R3", 300, 1000), "PROCESSING")
	w.post(refundPath, w.refund("REFUND-1", "R4", 400, 1000), "PROCESSING")
	w.post(refundPath, w.refund("REFUND-1", "R5", 1, 1000), "INVALID_REQUEST") // what is under way counts
	w.books("REFUND-1", 1, 1000)
	w.get(refundPath+"/R1", "PROCESSING")
	w.get(refundPath+"/R1", "SUCCESS")
	w.get(refundPath+"/R2", "CLOSED")
	w.get(refundPath+"/R3", "ABNORMAL")
	w.get(refundPath+"/R4", "PROCESSING")
	w.books("REFUND-1", 1, 900)
	if err := w.sim.FinishRefund(mchID, "REFUND-1", "R1", "CLOSED"); err == nil {
		t.Error("a refund that was made was closed")
	}
	for number, state := range map[string]string{"R3": "SUCCESS", "R4": "CLOSED"} {
		if err := w.sim.FinishRefund(mchID, "REFUND-1", number, state); err != nil {
			t.Fatal(err)
		}
		w.get(refundPath+"/"+number, state)
	}
	w.books("REFUND-1", 1, 600)
	w.fault(wechatpay.Fault{Operation: "refund", Kind: wechatpay.FaultFail, Times: 1})
	w.post(refundPath, w.refund("REFUND-1", "R6", 600, 1000), "PROCESSING")
	w.get(refundPath+"/R6", "CLOSED")
	w.post(refundPath, w.refund("REFUND-1", "R7", 600, 1000), "PROCESSING") // a closed refund gives its amount back
	w.books("REFUND-1", 1, 0)
	w.clean()
}

func TestUncertainRefunds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.paid("DOUBT-01", 1000)
	w.fault(wechatpay.Fault{Operation: "refund", Kind: wechatpay.FaultUncertain, Moved: true, Queries: 1, Times: 1})
	w.fault(wechatpay.Fault{Operation: "refund", Kind: wechatpay.FaultUncertain, Queries: 1, Times: 1})
	w.fault(wechatpay.Fault{Operation: "refund", Kind: wechatpay.FaultUncertain, Moved: true, Times: 1})
	w.post(refundPath, w.refund("DOUBT-01", "R1", 100, 1000), "SYSTEM_ERROR")
	w.books("DOUBT-01", 1, 900)
	w.post(refundPath, w.refund("DOUBT-01", "R2", 200, 1000), "SYSTEM_ERROR")
	w.books("DOUBT-01", 1, 900)
	w.post(refundPath, w.refund("DOUBT-01", "R3", 300, 1000), "SYSTEM_ERROR")
	w.books("DOUBT-01", 1, 600)
	for number, want := range map[string]string{"R1": "SUCCESS", "R2": "CLOSED", "R3": "PROCESSING"} {
		w.get(refundPath+"/"+number, "PROCESSING")
		w.get(refundPath+"/"+number, want)
	}
	if err := w.sim.FinishRefund(mchID, "DOUBT-01", "R3", "CLOSED"); err == nil {
		t.Error("a refund whose money went back was closed")
	}
	w.books("DOUBT-01", 1, 600) // nothing moved twice
	w.clean()
}

// TestLyingReplies: the operation is done, the reply shows something else.
func TestLyingReplies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.paid("LIE-0001", 1000)
	w.paid("LIE-0002", 1000)
	once := func(op string, f wechatpay.Fault) {
		t.Helper()
		f.Operation, f.Times = op, 1
		w.fault(f)
	}
	once("query", wechatpay.Fault{Kind: wechatpay.FaultWrongAmount})
	if a := w.get(queryPath("LIE-0001"), "SUCCESS"); a.at("amount", "total") != 1001.0 || a.at("amount", "payer_total") != 1001.0 {
		t.Errorf("%v", a.body)
	}
	once("query", wechatpay.Fault{Kind: wechatpay.FaultWrongAmount, Amount: 7})
	if a := w.get(queryPath("LIE-0001"), "SUCCESS"); a.at("amount", "total") != 7.0 {
		t.Errorf("%v", a.body)
	}
	once("query", wechatpay.Fault{Kind: wechatpay.FaultWrongOrder})
	if a := w.get(queryPath("LIE-0001"), "SUCCESS"); a.text("out_trade_no") == "LIE-0001" || !strings.HasPrefix(a.text("transaction_id"), "42000099") {
		t.Errorf("%v", a.body)
	}
	once("query", wechatpay.Fault{Kind: wechatpay.FaultWrongState, Code: "PARTIAL"})
	w.get(queryPath("LIE-0001"), "PARTIAL")
	once("query", wechatpay.Fault{Kind: wechatpay.FaultWrongState})
	w.get(queryPath("LIE-0001"), "200") // no state at all
	once("query", wechatpay.Fault{Kind: wechatpay.FaultNotExist})
	w.get(queryPath("LIE-0001"), "ORDER_NOT_EXIST")
	once("refund", wechatpay.Fault{Kind: wechatpay.FaultWrongAmount})
	if a := w.post(refundPath, w.refund("LIE-0002", "R1", 400, 1000), "PROCESSING"); a.at("amount", "refund") != 401.0 || a.at("amount", "total") != 1000.0 {
		t.Errorf("%v", a.body)
	}
	w.books("LIE-0002", 1, 600)
	once("refund-query", wechatpay.Fault{Kind: wechatpay.FaultWrongOrder})
	if a := w.get(refundPath+"/R1", "SUCCESS"); a.text("out_refund_no") == "R1" {
		t.Errorf("%v", a.body)
	}
	once("refund-query", wechatpay.Fault{Kind: wechatpay.FaultNotExist})
	w.get(refundPath+"/R1", "RESOURCE_NOT_EXISTS")
	w.get(refundPath+"/R1", "SUCCESS")
	w.clean()
}

func TestFaultsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, fault := range map[string]wechatpay.Fault{
		"unknown kind":         {Kind: "explode"},
		"unknown operation":    {Operation: "pay", Kind: wechatpay.FaultGarbage},
		"not of all":           {Kind: wechatpay.FaultPending},
		"not of this one":      {Operation: "query", Kind: wechatpay.FaultPending},
		"uncertain order":      {Operation: "native", Kind: wechatpay.FaultUncertain},
		"garbage to the shop":  {Operation: "payment-notice", Kind: wechatpay.FaultGarbage},
		"unknown flaw":         {Kind: wechatpay.FaultBadSignature, Result: "cipher-key"},
		"unknown cipher flaw":  {Operation: "payment-notice", Kind: wechatpay.FaultBadCipher, Result: "key"},
		"a coupon of nothing":  {Operation: "native", Kind: wechatpay.FaultCoupon},
		"an order's end":       {Operation: "native", Kind: wechatpay.FaultFail, Result: "ABNORMAL"},
		"a refund's end":       {Operation: "refund", Kind: wechatpay.FaultFail, Result: "PAYERROR"},
		"doubled reply":        {Operation: "query", Kind: wechatpay.FaultDoubled},
		"hash of a wrong call": {Operation: "bill-file", Kind: wechatpay.FaultWrongHash},
	} {
		if _, err := w.sim.AddFault(fault); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if len(w.sim.Faults().List()) != 0 {
		t.Error("something was armed")
	}
}
