package wechatpay_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/wechatpay"
)

// fetch asks for a bill and downloads it as documented: the second request is signed, its reply is not.
func (w *world) fetch(query string) (text, hash string) {
	w.t.Helper()
	a := w.get(billPath+"?"+query, "200")
	target, local := strings.CutPrefix(a.text("download_url"), w.url)
	if !local || !strings.HasPrefix(target, "/v3/billdownload/file?token=") || a.text("hash_type") != "SHA1" {
		w.t.Fatalf("%v", a.body)
	}
	resp, body, err := w.exchange(call{target: target})
	if err != nil || resp.StatusCode != http.StatusOK || resp.Header.Get("Wechatpay-Signature") != "" {
		w.t.Fatalf("HTTP %d: %v", resp.StatusCode, err)
	}
	if strings.Contains(query, "GZIP") {
		reader, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			w.t.Fatal(err)
		}
		if body, err = io.ReadAll(reader); err != nil {
			w.t.Fatal(err)
		}
	}
	return string(body), a.text("hash_value")
}

func hashOf(text string) string {
	sum := sha1.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

const allTitles = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类," +
	"应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"

// aDay is a day with a payment before it, two in it, an unpaid order and two refunds; then comes the next morning.
func (w *world) aDay() {
	w.t.Helper()
	w.clock.Sleep(-24 * time.Hour)
	w.paid("BILL-000", 5000)
	w.clock.Sleep(24 * time.Hour)
	w.paid("BILL-001", 1000)
	w.post(h5Path, w.h5Order("BILL-002", 2050), "200")
	if err := w.sim.PayOrder(mchID, "BILL-002"); err != nil {
		w.t.Fatal(err)
	}
	w.post(nativePath, w.order("BILL-003", 1), "200")
	w.clock.Sleep(time.Second)
	w.post(refundPath, w.refund("BILL-001", "BR-1", 250, 1000), "PROCESSING")
	w.clock.Sleep(time.Second)
	w.fault(wechatpay.Fault{Operation: "refund", Kind: wechatpay.FaultPending, Then: wechatpay.ThenNever, Times: 1})
	w.post(refundPath, w.refund("BILL-000", "BR-2", 5000, 5000), "PROCESSING")
	w.clock.Sleep(16 * time.Hour) // 10:00:02 in Beijing
	if err := w.sim.FinishRefund(mchID, "BILL-000", "BR-2", "SUCCESS"); err != nil {
		w.t.Fatal(err)
	}
}

func rows(text string) [][]string {
	var out [][]string
	for _, row := range strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		out = append(out, strings.Split(strings.TrimPrefix(row, "`"), ",`"))
	}
	return out
}

func TestTheBillOfADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.aDay()
	text, hash := w.fetch("bill_date=2026-11-27&bill_type=ALL")
	if hash != hashOf(text) {
		t.Errorf("hash_value %s", hash)
	}
	plain, ok := strings.CutPrefix(text, "\ufeff")
	table := rows(plain)
	if !ok || table[0][0] != allTitles || len(table) != 1+4+2 {
		t.Fatalf("%d rows: %s", len(table), text)
	}
	o, _ := w.sim.Order(mchID, "BILL-001")
	one := "2026-11-27 18:00:00|" + appID + "|" + mchID + "|0||" + o.TransactionID + "|BILL-001|" + o.OpenID +
		"|NATIVE|SUCCESS|OTHERS|CNY|10.00|0.00|0|0|0.00|0.00|||咖啡 & <面包>/1|数据, 1|0.06000|0.60%|10.00|0.00|"
	if got := strings.Join(table[1], "|"); got != one {
		t.Errorf("the first payment is\n%s, want\n%s", got, one)
	}
	back := "2026-11-27 18:00:01|" + appID + "|" + mchID + "|0||" + o.TransactionID + "|BILL-001|" + o.OpenID +
		"|NATIVE|REFUND|OTHERS|CNY|0.00|0.00|" + o.Refunds[0].RefundID + "|BR-1|2.50|0.00|ORIGINAL|SUCCESS|咖啡 & <面包>/1|数据, 1|" +
		"-0.01000|0.60%|0.00|2.50|"
	if got := strings.Join(table[3], "|"); got != back {
		t.Errorf("the refund is\n%s, want\n%s", got, back)
	}
	// What was under way when the bill was made stays so, whatever became of it.
	if table[2][6] != "BILL-002" || table[2][8] != "MWEB" || table[2][4] != "till-1" || table[4][15] != "BR-2" || table[4][19] != "PROCESSING" {
		t.Errorf("%v", table[2:5])
	}
	if table[5][0] != "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额" ||
		strings.Join(table[6], "|") != "4|30.50|52.50|0.00|-0.13000|30.50|52.50" {
		t.Errorf("%v", table[5:])
	}
	packed, hash := w.fetch("bill_date=2026-11-27&tar_type=GZIP")
	if packed != text || hash != hashOf(text) {
		t.Error("the compressed bill is another one")
	}
	w.clean()
}

func TestOtherBills(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.aDay()
	success, _ := w.fetch("bill_date=2026-11-27&bill_type=SUCCESS")
	table := rows(success)
	if len(table) != 1+2+2 || len(table[1]) != 20 || len(strings.Split(table[0][0], ",")) != 20 ||
		table[3][0] != "总交易单数,应结订单总金额,手续费总金额,订单总金额" || strings.Join(table[4], "|") != "2|30.50|0.18000|30.50" {
		t.Errorf("%s", success)
	}
	refunds, _ := w.fetch("bill_date=2026-11-27&bill_type=REFUND")
	table = rows(refunds)
	if len(table) != 1+2+2 || len(table[1]) != 29 || len(strings.Split(table[0][0], ",")) != 29 ||
		table[1][14] != "2026-11-27 18:00:01" || table[1][15] != "2026-11-27 18:00:01" || table[2][15] != "" ||
		strings.Join(table[4], "|") != "2|0.00|52.50|0.00|-0.31000|0.00|52.50" {
		t.Errorf("%s", refunds)
	}
	if before, _ := w.fetch("bill_date=2026-11-26"); len(rows(before)) != 1+1+2 {
		t.Errorf("%s", before)
	}
	plain := newWorld(t, func(o *wechatpay.Options) { o.BillPlain, o.BillReady = true, -1 })
	plain.paid("BILL-001", 1000)
	plain.clock.Sleep(6 * time.Hour) // midnight
	if text, _ := plain.fetch("bill_date=2026-11-27"); !strings.HasPrefix(text, "交易时间,") || strings.Contains(text, "\r") {
		t.Errorf("%q", text)
	}
	w.clean()
}

func TestBillsThatCannotBeHad(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.paid("BILL-001", 1000)
	w.refusedAs("trade-bill", call{target: billPath + "?bill_date=2026-11-27"}, "INVALID_REQUEST", "bill_date", "value")
	w.refusedAs("trade-bill", call{target: billPath + "?bill_date=2026-11-28"}, "INVALID_REQUEST", "bill_date", "value")
	w.refusedAs("trade-bill", call{target: billPath + "?bill_date=2026-08-26"}, "INVALID_REQUEST", "bill_date", "value")
	w.refusedAs("trade-bill", call{target: billPath + "?bill_date=2026-11-26&bill_type=OTHER"}, "PARAM_ERROR", "bill_type", "format")
	w.refusedAs("trade-bill", call{target: billPath + "?bill_date=2026-11-26&tar_type=ZIP"}, "PARAM_ERROR", "tar_type", "format")
	w.refusedAs("trade-bill", call{target: billPath}, "PARAM_ERROR", "bill_date", "missing")
	w.get(billPath+"?bill_date=2026-11-26", "NO_STATEMENT_EXIST")
	w.clock.Sleep(16*time.Hour - time.Second)
	w.get(billPath+"?bill_date=2026-11-27", "STATEMENT_CREATING")
	w.clock.Sleep(time.Second)
	a := w.get(billPath+"?bill_date=2026-11-27", "200")
	target := strings.TrimPrefix(a.text("download_url"), w.url)
	thief := call{target: target, from: &w.other}
	w.wantCall(thief, "NO_AUTH")
	w.clock.Sleep(5*time.Minute + time.Second)
	w.get(target, "INVALID_REQUEST")
	w.get("/v3/billdownload/file?token=x", "INVALID_REQUEST")
	w.fault(wechatpay.Fault{Operation: "trade-bill", Kind: wechatpay.FaultNotExist, Times: 1})
	w.get(billPath+"?bill_date=2026-11-27", "NO_STATEMENT_EXIST")
}

// TestBillsThatDiffer: what reconciliation is for.
func TestBillsThatDiffer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.paid("BILL-001", 1000)
	w.paid("BILL-002", 2000)
	w.post(refundPath, w.refund("BILL-001", "BR-1", 250, 1000), "PROCESSING")
	if err := w.sim.PayElsewhere(mchID, wechatpay.Elsewhere{OutTradeNo: "ELSEWHERE-1", Total: 300}); err != nil {
		t.Fatal(err)
	}
	if err := w.sim.OmitOrder(mchID, "BILL-001"); err != nil {
		t.Fatal(err)
	}
	w.clock.Sleep(16 * time.Hour)
	text, _ := w.fetch("bill_date=2026-11-27")
	if strings.Contains(text, "BILL-001") || !strings.Contains(text, "BILL-002") || !strings.Contains(text, "`ELSEWHERE-1,") {
		t.Errorf("%s", text)
	}
	w.get(queryPath("ELSEWHERE-1"), "SUCCESS")
	w.books("ELSEWHERE-1", 1, 300)
	w.fault(wechatpay.Fault{Operation: "trade-bill", Kind: wechatpay.FaultWrongAmount, Times: 1})
	wrong, hash := w.fetch("bill_date=2026-11-27")
	if wrong == text || hash != hashOf(wrong) || rows(wrong)[1][24] != "20.01" || rows(wrong)[4][5] != "23.00" {
		t.Errorf("lines that disagree with their sum: %s", wrong)
	}
	w.fault(wechatpay.Fault{Operation: "trade-bill", Kind: wechatpay.FaultWrongHash, Times: 1})
	if right, hash := w.fetch("bill_date=2026-11-27"); right != text || hash == hashOf(right) {
		t.Error("the hash is right")
	}
	a := w.get(billPath+"?bill_date=2026-11-27", "200")
	w.fault(wechatpay.Fault{Operation: "bill-file", Kind: wechatpay.FaultTruncated, Times: 1})
	if _, body, err := w.exchange(call{target: strings.TrimPrefix(a.text("download_url"), w.url)}); err == nil || len(body) != len(text)/2 {
		t.Errorf("%d of %d bytes, %v", len(body), len(text), err)
	}
	for _, e := range []wechatpay.Elsewhere{{OutTradeNo: "ELSEWHERE-1", Total: 1}, {OutTradeNo: "ELSEWHERE-2"}, {Total: 1}} {
		if err := w.sim.PayElsewhere(mchID, e); err == nil {
			t.Errorf("%+v was taken", e)
		}
	}
	w.clean()
}
