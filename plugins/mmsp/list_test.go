package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// lists are the two products' lists, which have the same form.
func lists() map[string]int { return map[string]int{productQuick: 33545, productGateway: 33550} }

func list(t *testing.T, answer, settings string, req sdk.ListRequest) (sdk.ListResult, *testHost, error) {
	t.Helper()
	h := answering(http.StatusOK, answer)
	r, err := testPlugin().ListPayments(t.Context(), h.call(t.Context(), sdk.CapListPayments, settings), req)
	return r, h, err
}

func pageBody(rows string, page, pages int) string {
	return fmt.Sprintf(`{"BIZ_CONTENT":%s,"PAGE":"%d","PERPAGE":"10","STATUS":"1","TOTAL_NUM":"25","TOTAL_PAGE":"%d"}`, rows, page, pages)
}

// TestListPages: a page, its rows and the next one.
func TestListPages(t *testing.T) {
	t.Parallel()
	for product, command := range lists() {
		req := listRequest(product)
		r, h, err := list(t, reply(command, pageBody("["+listedRow+","+listedRow+"]", 1, 3)), "", req)
		if err != nil || r.Outcome != succeeded || len(r.Payments) != 2 || r.Next != "2" {
			t.Fatalf("%s: %+v, %v", product, r, err)
		}
		first := r.Payments[0]
		if first.OrderNo != testOrder || first.Amount != sdk.Fen(666) || first.Outcome != succeeded || first.PaidAt.IsZero() || first.ProviderOrderNo != testProvider {
			t.Errorf("%s: %+v", product, first)
		}
		if sent := h.last(t).body; !strings.Contains(sent, `"Body":{"END_DATE":"20260101","PAGE":"1","PERPAGE":"10","START_DATE":"20260101"}`) {
			t.Errorf("%s: %s", product, sent)
		}
		req.Cursor = r.Next
		r, h, err = list(t, reply(command, pageBody("["+listedRow+"]", 2, 3)), "", req)
		if err != nil || r.Next != "3" || !strings.Contains(h.last(t).body, `"PAGE":"2"`) {
			t.Errorf("%s, second page: %+v, %v", product, r, err)
		}
		req.Cursor = "3"
		if r, _, err = list(t, reply(command, pageBody("["+listedRow+"]", 3, 3)), "", req); err != nil || r.Next != "" || r.Outcome != succeeded {
			t.Errorf("%s, last page: %+v, %v", product, r, err)
		}
	}
}

// TestListTraps: Q13, Q25 and Q26 for lists.
func TestListTraps(t *testing.T) {
	t.Parallel()
	t.Run("E5-Q25", func(t *testing.T) {
		t.Parallel()
		for format, want := range map[string]string{
			"day": `"END_DATE":"20260101","PAGE":"1","PERPAGE":"10","START_DATE":"20260101"`, "hour": `"END_DATE":"2026010123","PAGE":"1","PERPAGE":"10","START_DATE":"2026010100"`,
			"second": `"END_DATE":"20260101235959","PAGE":"1","PERPAGE":"10","START_DATE":"20260101000000"`,
		} {
			_, h, err := list(t, reply(33550, listedBody), `{"list_date_format":"`+format+`"}`, listRequest(productGateway))
			if err != nil || !strings.Contains(h.last(t).body, want) {
				t.Errorf("%s: %s, %v", format, h.last(t).body, err)
			}
		}
	})
	t.Run("E5-Q26", func(t *testing.T) {
		t.Parallel()
		for product, command := range lists() {
			for rows, want := range map[string]int{
				"[" + listedRow + "]": 1, listedRow: 1, "[]": 0, `""`: 0, "null": 0,
				// The gateway's rows copy CARDNO and lack PAY_CHANNEL; both are read where they are.
				strings.Replace(listedRow, `"CARDNO"`, `"PAY_CHANNEL":"ICBC-NET-B2C","CARDNO"`, 1): 1,
			} {
				r, _, err := list(t, reply(command, pageBody(rows, 1, 1)), "", listRequest(product))
				if err != nil || r.Outcome != succeeded || len(r.Payments) != want {
					t.Errorf("%s, %s: %+v, %v", product, rows, r, err)
				}
			}
			for _, rows := range []string{`"x"`, "1", "[1]", `["a"]`, "[[]]"} {
				if r, _, err := list(t, reply(command, pageBody(rows, 1, 1)), "", listRequest(product)); err != nil || r.Outcome != unknown || len(r.Payments) != 0 {
					t.Errorf("%s, %s: %+v, %v", product, rows, r, err)
				}
			}
		}
	})
}

// TestListStatuses: the head's STATUS says nothing about any payment.
func TestListStatuses(t *testing.T) {
	t.Parallel()
	for product, command := range lists() {
		status := func(s string) string {
			return reply(command, strings.Replace(listedBody, `"STATUS":"1","TOTAL`, `"STATUS":"`+s+`","TOTAL`, 1))
		}
		for answer, want := range map[string]sdk.Outcome{
			status("1"): succeeded, status("0"): succeeded, status("2"): refusedIt, status("3"): refusedIt, status("9"): unknown, status(""): unknown,
			refusal("消息结构体错误"): refusedIt, refusal("[-2002] 没有该订单"): succeeded, refusalWith(32768, 39999, "失败"): unknown,
			reply(command, pageBody("[]", 2, 3)):                                                   unknown, // another page
			reply(command, strings.Replace(listedBody, `"TOTAL_PAGE":"1"`, `"TOTAL_PAGE":"x"`, 1)): unknown,
		} {
			r, _, err := list(t, answer, "", listRequest(product))
			if err != nil || r.Outcome != want || (answer != status("1") && len(r.Payments) != 0) {
				t.Errorf("%s: %+v, %v; want %s for %s", product, r, err, want, answer)
			}
		}
		// A row outside the period, whatever END_DATE includes, is left out; so is one of nothing.
		early := strings.Replace(listedRow, "20260101120003", "20251231235959", 1)
		late := strings.Replace(listedRow, "20260101120003", "20260102000000", 1)
		nothing := strings.Replace(listedRow, `"AMT":"666"`, `"AMT":""`, 1)
		r, _, err := list(t, reply(command, pageBody("["+early+","+listedRow+","+late+","+nothing+"]", 1, 1)), "", listRequest(product))
		if err != nil || len(r.Payments) != 1 {
			t.Errorf("%s: %+v, %v", product, r, err)
		}
	}
}

// TestListsRefusedUnsent: a period or a page that the provider does not have.
func TestListsRefusedUnsent(t *testing.T) {
	t.Parallel()
	for product := range lists() {
		for param, changes := range map[string][]func(*sdk.ListRequest){
			"product": {func(r *sdk.ListRequest) { r.Product = productScan }},
			"from": {
				func(r *sdk.ListRequest) { r.From = time.Time{} },
				func(r *sdk.ListRequest) { r.To = r.From },
				func(r *sdk.ListRequest) { r.From = testNow.Add(-listReach - 1) },
			},
			"limit":  {func(r *sdk.ListRequest) { r.Limit = 1001 }, func(r *sdk.ListRequest) { r.Limit = -1 }},
			"cursor": {func(r *sdk.ListRequest) { r.Cursor = "0" }, func(r *sdk.ListRequest) { r.Cursor = "next" }},
		} {
			for _, change := range changes {
				req := listRequest(product)
				change(&req)
				operation{ID: product, Capability: sdk.CapListPayments, Call: listPaymentsOf(req)}.refuses(t, param)
			}
		}
		req := listRequest(product)
		req.Limit, req.From = 0, testNow.Add(-listReach)
		_, h, err := list(t, reply(lists()[product], listedBody), "", req)
		if err != nil || !strings.Contains(h.last(t).body, `"PERPAGE":"1000"`) {
			t.Errorf("%v", err)
		}
	}
}

// TestCheckIn: keys are proved by a verified Body, or by "no such order", which is said only
// to who signed well.
func TestCheckIn(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]sdk.Outcome{
		refusal("[-2002] 没有该订单"): succeeded, reply(35078, foundBody): succeeded, refusal("签名错误"): refusedIt, refusal("消息结构体错误"): refusedIt,
		"": unknown, replyWith("another key", 35078, foundBody): unknown, refusalWith(32768, 39999, "支付失败"): unknown,
	} {
		h := answering(http.StatusOK, answer)
		r, err := testPlugin().CheckIn(t.Context(), h.call(t.Context(), sdk.CapCheckIn, ""))
		if err != nil || r.Outcome != want || r.KeyRefused != strings.Contains(answer, "签名") {
			t.Errorf("%s: %+v, %v; want %s", answer, r, err, want)
		}
		if sent := h.last(t).body; !strings.Contains(sent, `"MERORDERID":"`+checkInOrder+`"`) {
			t.Errorf("%s", sent)
		}
	}
}
