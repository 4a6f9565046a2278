package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/wechatpay/internal/wire"
)

// A day's bill in the form of published ones.
const (
	billHead = "\ufeff交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\r\n"
	billPaid = "`2025-12-31 22:43:59,`" + testAppID + ",`" + testMerchant + ",`0,`,`4200002086202401160745964084,`" + testOrder + ",`" + testOpenID +
		",`NATIVE,`SUCCESS,`OTHERS,`CNY,`0.90,`0.10,`0,`0,`0.00,`0.00,`,`,`拿铁, 大杯,`,`0.00600,`0.60%,`1.00,`0.00,`\r\n"
	billBack = "`2025-12-31 22:45:16,`" + testAppID + ",`" + testMerchant + ",`0,`,`4200002086202401160745964084,`" + testOrder + ",`" + testOpenID +
		",`NATIVE,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`50303108562024011601487282563,`" + testRefund + ",`0.30,`0.00,`ORIGINAL,`SUCCESS,`拿铁,`,`小,`-0.00200,`0.60%,`0.00,`0.30,`\r\n"
	billSums = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n" +
		"`2,`0.90,`0.30,`0.00,`0.00400,`1.00,`0.30\r\n"
	billText = billHead + billPaid + billBack + billSums
)

func sha1Of(text string) string {
	digest := sha1.Sum([]byte(text))
	return hex.EncodeToString(digest[:])
}

func billAddress(digest string) string {
	return `{"hash_type":"SHA1","hash_value":"` + digest + `","download_url":"` + testURL + `/v3/billdownload/file?token=6XIv5TUPto7pByrTQKhd6kwvyKLG2uY2wMMR8cNXqaA_Cv_isgaUtBzp4QtiozLO&tartype=gzip"}`
}

// library answers a request for a bill, then for its file.
func library(t *testing.T, text string, file func() (int, []byte)) *testHost {
	t.Helper()
	return newHost(t, func(req *http.Request) (*http.Response, error) {
		reply, header, status := []byte(billAddress(sha1Of(text))), http.Header{}, http.StatusOK
		if req.URL.Path == pathBillFile {
			status, reply = file()
		} else {
			header = byCertificate.header(t, string(reply))
		}
		return &http.Response{StatusCode: status, Body: io.NopCloser(bytes.NewReader(reply)), Header: header, Request: req}, nil
	})
}

func plain(text string) func() (int, []byte) {
	return func() (int, []byte) { return http.StatusOK, []byte(text) }
}

func packed(t *testing.T, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// readBill reads all pages, as the host does.
func readBill(t *testing.T, h *testHost) (lines []sdk.BillLine, pages int, last result) {
	t.Helper()
	req := billRequest()
	for {
		// Each page is a call of its own, with a grant of one request.
		one := newHost(t, h.Answer)
		r, err := one.call(t, billExchange(req))
		if err != nil {
			t.Fatal(err)
		}
		one.last(t)
		pages, last = pages+1, r
		lines = append(lines, r.bill.Lines...)
		if r.outcome != succeeded || r.bill.Next == "" {
			return lines, pages, last
		}
		req.Cursor = r.bill.Next
	}
}

// TestBill: what a bill says, packed and not, with both kinds of line ends.
func TestBill(t *testing.T) {
	t.Parallel()
	unix := strings.TrimPrefix(strings.ReplaceAll(billText, "\r\n", "\n"), "\ufeff")
	for name, c := range map[string]struct {
		text string
		file []byte
	}{
		"plain": {billText, []byte(billText)}, "packed": {billText, packed(t, billText)}, "unix": {unix, []byte(unix)},
		"without a last line end": {strings.TrimSuffix(billText, "\r\n"), []byte(strings.TrimSuffix(billText, "\r\n"))},
	} {
		lines, pages, last := readBill(t, library(t, c.text, func() (int, []byte) { return 200, c.file }))
		if len(lines) != 2 || pages != 2 || last.outcome != succeeded {
			t.Errorf("%s: %d lines on %d pages, %+v", name, len(lines), pages, last)
			continue
		}
		want(t, name+", payment", lines[0], sdk.BillLine{
			Kind: "payment", OrderNo: testOrder, ProviderOrderNo: "4200002086202401160745964084", Amount: sdk.Fen(100), Fee: sdk.Fen(1),
			At: lines[0].At, Status: "SUCCESS",
		})
		want(t, name+", refund", lines[1], sdk.BillLine{
			Kind: "refund", OrderNo: testOrder, RefundNo: testRefund, ProviderOrderNo: "4200002086202401160745964084", Amount: sdk.Fen(30), Fee: sdk.Fen(0),
			At: lines[1].At, Status: "SUCCESS",
		})
		want(t, name+", at", lines[0].At.Equal(time.Date(2025, 12, 31, 22, 43, 59, 0, sdk.Beijing())), true)
	}
}

// TestBillIsNone: a bill that contradicts itself, or was changed or cut on its way, gives no
// line.
func TestBillIsNone(t *testing.T) {
	t.Parallel()
	bad := map[string]string{
		"empty": "", "a page": "<html></html>", "no sums": billHead + billPaid + billBack, "half a line": billText[:len(billHead)+90],
		"no line of sums": billHead + billPaid + billBack + "总交易单数,应结订单总金额\r\n", "a line missing": billHead + billPaid + billSums,
		"a line twice": billHead + billPaid + billPaid + billBack + billSums, "something behind": billText + billPaid,
		"no heading": billPaid + billBack + billSums, "a long line": billHead + "`" + strings.Repeat("x", 100_000) + "\r\n" + billSums,
	}
	for name, change := range map[string][2]string{
		"another count": {"`2,`0.90", "`3,`0.90"}, "another amount": {"`1.00,`0.00,`\r\n", "`1.01,`0.00,`\r\n"}, "another sum": {"`1.00,`0.30\r\n", "`1.01,`0.30\r\n"}, "another refund": {"`0.30,`\r\n", "`0.31,`\r\n"},
		"a fraction of a fen": {"`1.00,`0.00,`\r\n", "`1.001,`0.00,`\r\n"}, "below zero": {"`1.00,`0.00,`\r\n", "`-1.00,`0.00,`\r\n"}, "no amount": {"`1.00,`0.00,`\r\n", "`,`0.00,`\r\n"},
		"words": {"`1.00,`0.00,`\r\n", "`one,`0.00,`\r\n"}, "another fee": {"`0.00400", "`0.10400"}, "no time": {"`2025-12-31 22:43:59", "`today"},
		"another day": {"`2025-12-31 22:43:59", "`2025-12-30 22:43:59"}, "another state": {"`NATIVE,`SUCCESS", "`NATIVE,`PAID"}, "another refund state": {"`ORIGINAL,`SUCCESS", "`ORIGINAL,`GONE"},
		"dollars": {"`SUCCESS,`OTHERS,`CNY", "`SUCCESS,`OTHERS,`USD"}, "a value missing": {"`OTHERS,`CNY,`0.90", "`CNY,`0.90"}, "no marks": {"`2025-12-31 22:43:59", "2025-12-31 22:43:59"},
		"a huge amount": {"`1.00,`0.00,`\r\n", "`999999999999999999999.00,`0.00,`\r\n"}, "no state": {",交易状态", ",状态"},
	} {
		bad[name] = edit(t, billText, change[0], change[1])
	}
	bad["another merchant"] = strings.ReplaceAll(billText, testMerchant, "1900000108")
	for name, text := range bad {
		lines, _, last := readBill(t, library(t, text, plain(text)))
		if last.outcome != unknown || len(lines) > 0 {
			t.Errorf("%s: %s with %d lines", name, last.outcome, len(lines))
		}
	}
	for name, file := range map[string][]byte{
		"another hash": []byte(billText + "\n"), "cut": packed(t, billText)[:300], "damaged": append(packed(t, billText)[:200], make([]byte, 60)...), "no gzip": {0x1f, 0x8b, 1},
	} {
		lines, _, last := readBill(t, library(t, billText, func() (int, []byte) { return 200, file }))
		if last.outcome != unknown || len(lines) > 0 {
			t.Errorf("%s: %s with %d lines", name, last.outcome, len(lines))
		}
	}
}

// longBill has n payments of 1 fen.
func longBill(n int) string {
	var out strings.Builder
	out.WriteString(billHead)
	for i := range n {
		line := strings.Replace(billPaid, testOrder, fmt.Sprintf("260101%014d", i), 1)
		line = strings.Replace(line, "`0.90,`0.10", "`0.01,`0.00", 1)
		line = strings.Replace(line, "`1.00,`0.00,`\r\n", "`0.01,`0.00,`\r\n", 1)
		out.WriteString(strings.Replace(line, "`0.00600", "`0.00000", 1))
	}
	sum := fmt.Sprintf("%d.%02d", n/100, n%100)
	out.WriteString("总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n")
	out.WriteString("`" + fmt.Sprint(n) + ",`" + sum + ",`0.00,`0.00,`0.00000,`" + sum + ",`0.00\r\n")
	return out.String()
}

// TestBillPages: a long bill comes a page at a time, each line once, also when its address
// expires in between.
func TestBillPages(t *testing.T) {
	t.Parallel()
	text := longBill(2*pageLines + 1)
	fetched := 0
	lines, pages, last := readBill(t, library(t, text, func() (int, []byte) {
		if fetched++; fetched == 2 {
			return http.StatusBadRequest, []byte(refusal("PARAM_ERROR"))
		}
		return http.StatusOK, []byte(text)
	}))
	if last.outcome != succeeded || len(lines) != 2*pageLines+1 || pages != 6 { // asked, read, expired, asked, read, read
		t.Errorf("%d lines on %d pages, %+v", len(lines), pages, last.text)
	}
	seen := map[string]bool{}
	for _, line := range lines {
		seen[line.OrderNo] = true
	}
	want(t, "different lines", len(seen), len(lines))
}

// TestBillAddress: what else the request for a bill may say, and an address that is always
// expired, or of another bill than the one that was begun.
func TestBillAddress(t *testing.T) {
	t.Parallel()
	table := everywhere(map[string]said{
		"none yet": {400, refusal("STATEMENT_CREATING"), refused}, "nothing happened": {400, refusal("NO_STATEMENT_EXIST"), notFound},
		"too old": {400, refusal("INVALID_REQUEST"), refused}, "not allowed": {403, refusal("NO_AUTH"), refused},
		"another digest": {200, edit(t, billAddress(sha1Of("")), "SHA1", "MD5"), unknown}, "no digest": {200, billAddress("x"), unknown},
		"another path": {200, edit(t, billAddress(sha1Of("")), "/v3/billdownload/file", "/v3/bill/tradebill"), unknown},
		"no token":     {200, edit(t, billAddress(sha1Of("")), "token=", "x="), unknown}, "no address": {200, `{"hash_type":"SHA1","hash_value":"` + sha1Of("") + `"}`, unknown},
	})
	judge(t, billExchange(billRequest()), table)

	_, pages, last := readBill(t, library(t, billText, func() (int, []byte) { return http.StatusNotFound, nil }))
	want(t, "always expired", last.outcome, unknown)
	want(t, "pages", pages, 2*maxAsks+1)
	begun := billRequest()
	begun.Cursor = billStep{line: pageLines, asks: 1, BillAddress: wire.BillAddress{Hash: strings.Repeat("b", 40)}}.cursor()
	r, err := answering(t, 200, billAddress(sha1Of(billText))).call(t, billExchange(begun))
	if err != nil || r.outcome != unknown {
		t.Errorf("another bill: %+v, %v", r, err)
	}
	for _, cursor := range []string{"x", "line=-1&asks=0", "line=1", "%"} {
		begun.Cursor = cursor
		if _, err := answering(t, 200, "").call(t, billExchange(begun)); !errors.Is(err, &sdk.Error{Code: sdk.ErrInvalidRequest}) {
			t.Errorf("cursor %q: %v", cursor, err)
		}
	}
}

// TestBillRefunds: a refund that failed did not happen; one under way stands on no later bill.
func TestBillRefunds(t *testing.T) {
	t.Parallel()
	for state, n := range map[string]int{"SUCCESS": 2, "PROCESSING": 2, "FAIL": 1} {
		text := edit(t, billText, "`ORIGINAL,`SUCCESS", "`ORIGINAL,`"+state)
		lines, _, last := readBill(t, library(t, text, plain(text)))
		if last.outcome != succeeded || len(lines) != n {
			t.Errorf("%s: %d lines, %+v", state, len(lines), last.text)
		}
	}
	success := strings.NewReplacer(",微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态", "", ",申请退款金额", "").Replace(billHead)
	text := success + "`2025-12-31 22:43:59,`" + testAppID + ",`" + testMerchant + ",`0,`,`4200002086202401160745964084,`" + testOrder + ",`" + testOpenID +
		",`NATIVE,`SUCCESS,`OTHERS,`CNY,`0.90,`0.10,`茶,`,`0.00600,`0.60%,`1.00,`\r\n总交易单数,订单总金额\r\n`1,`1.00\r\n"
	lines, _, last := readBill(t, library(t, text, plain(text)))
	if last.outcome != succeeded || len(lines) != 1 || lines[0].Amount != sdk.Fen(100) {
		t.Errorf("payments alone: %+v, %+v", lines, last.text)
	}
}
