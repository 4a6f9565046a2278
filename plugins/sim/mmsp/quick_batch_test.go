package mmsp_test

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// rawBody returns the members of a reply's Body as they stood on the wire.
func rawBody(t *testing.T, reply []byte) map[string]json.RawMessage {
	t.Helper()
	var outer struct {
		Body map[string]json.RawMessage `json:"Body"`
	}
	if err := json.Unmarshal(reply, &outer); err != nil {
		t.Fatalf("%v in %s", err, reply)
	}
	for name, value := range outer.Body {
		var small bytes.Buffer
		if err := json.Compact(&small, value); err != nil {
			t.Fatal(err)
		}
		outer.Body[name] = small.Bytes()
	}
	return outer.Body
}

// batch sends a batch query, checks the signature over the nested rows in their own order, and returns their numbers.
func (w *world) batch(path string, command int, body fields, want string) (answer, []string) {
	w.t.Helper()
	message := compact(w.t, w.message(path, command, body))
	_, raw, err := w.raw(http.MethodPost, path, []byte(message), map[string]string{"Content-Type": "application/json"})
	if err != nil {
		w.t.Fatal(err)
	}
	a, err := decodeAnswer(raw)
	if err != nil {
		w.t.Fatal(err)
	}
	if a.String() != want {
		w.t.Fatalf("the batch answered %q, want %q: %s", a, want, raw)
	}
	members := rawBody(w.t, raw)
	parts := make([]string, 0, len(members))
	for _, name := range slices.Sorted(maps.Keys(members)) {
		value := string(members[name])
		if text, ok := a.Body[name].(string); ok {
			value = compact(w.t, text) // the wire's \u escapes are signed as the characters they mean
		}
		parts = append(parts, compact(w.t, name)+":"+value)
	}
	sum := md5.Sum([]byte(strings.ReplaceAll("{"+strings.Join(parts, ",")+"}", "/", `\/`) + "&key=" + merKey))
	if a.Sign != strings.ToUpper(hex.EncodeToString(sum[:])) {
		w.t.Fatalf("the batch's signature is wrong: %s", raw)
	}
	var rows []struct{ STATUS, MERORDERID string }
	content := string(members["BIZ_CONTENT"])
	if strings.HasPrefix(content, "{") {
		content = "[" + content + "]"
	}
	if err := json.Unmarshal([]byte(content), &rows); err != nil {
		w.t.Fatalf("BIZ_CONTENT is %s", members["BIZ_CONTENT"])
	}
	numbers := make([]string, len(rows))
	for i, row := range rows {
		if row.STATUS != "1" {
			w.t.Errorf("a batch shows %+v, and only 1 is returned", row)
		}
		numbers[i] = row.MERORDERID
	}
	return a, numbers
}

// payQuick pays an order of the quick product.
func (w *world) payQuick(number string) {
	w.t.Helper()
	list := w.quick(cmdQuickPay, cardBody(number), "1 0").text("LIST_ID")
	w.quick(cmdQuickConfirm, confirmBody(list), "1 1")
}

func TestQuickBatchPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var all []string
	for i := range 7 {
		number := fmt.Sprintf("P%d", i)
		w.payQuick(number)
		all = append(all, number)
		w.clock.Sleep(time.Second)
	}
	w.quick(cmdQuickPay, cardBody("unpaid"), "1 0")
	w.payQuick("refunded")
	if err := w.sim.RefundOutside(merNo, "refunded"); err != nil {
		t.Fatal(err)
	}
	w.want(mmsp.PathScan, 2307, barcodeBody("scanned", wechatCode), "1 1")
	var seen []string
	for page := 1; page <= 3; page++ {
		a, numbers := w.batch(mmsp.PathQuick, cmdQuickBatch, batchBody("20261123", "20261123", "3", fmt.Sprint(page)), "1 1")
		w.has(a, fields{"TOTAL_NUM": "7", "TOTAL_PAGE": "3", "PERPAGE": "3", "PAGE": fmt.Sprint(page)})
		seen = append(seen, numbers...)
	}
	if !slices.Equal(seen, all) {
		t.Errorf("the pages show %v, want %v", seen, all)
	}
	a, numbers := w.batch(mmsp.PathQuick, cmdQuickBatch, batchBody("20261123", "20261123", "3", "4"), "1 0 Q6")
	if len(numbers) != 0 || a.text("TOTAL_NUM") != "7" {
		t.Errorf("past the end: %v %v", numbers, a.Body)
	}
	w.batch(mmsp.PathQuick, cmdQuickBatch, batchBody("20261123", "20261123", "1000", "2147483648"), "1 0 Q6")
	if _, numbers = w.batch(mmsp.PathQuick, cmdQuickBatch, batchBody("20261123", "20261123", "1000", "1"), "1 1"); len(numbers) != 7 {
		t.Errorf("one page shows %v", numbers)
	}
	w.clean()
}

func TestQuickBatchRows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.quick(cmdQuickPay, creditBody("P1").with("USER_ID", "U1"), "1 0")
	w.quick(cmdQuickConfirm, confirmBody(a.text("LIST_ID")), "1 1")
	b, _ := w.batch(mmsp.PathQuick, cmdQuickBatch, batchBody("20261123", "20261123", "10", "1"), "1 1")
	want := `[{"AMT":"1000","BIND_ID":"` + a.text("BIND_ID") + `","CARDNO":"6225880113756648","CARDTYPE":"2","LIST_ID":"` +
		a.text("LIST_ID") + `","MERORDERID":"P1","NOTIFY_DATE":"20261123100000","PAY_DATE":"20261123100000","STATUS":"1"}]`
	if got := compact(t, b.Body["BIZ_CONTENT"]); got != want {
		t.Errorf("the rows are\n%s, want\n%s", got, want)
	}
}

// TestBatchDays: a day, and where it is given an hour, is China's and lasts to its end.
func TestBatchDays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.payQuick("morning") // 10:00 in China
	w.clock.Sleep(13*time.Hour + 59*time.Minute + 59*time.Second)
	w.payQuick("last-second")
	w.clock.Sleep(time.Second)
	w.payQuick("midnight")
	for _, c := range []struct {
		begin, end string
		want       []string
	}{
		{"20261123", "20261123", []string{"morning", "last-second"}},
		{"20261124", "20261124", []string{"midnight"}},
		{"20261123", "20261124", []string{"morning", "last-second", "midnight"}},
		{"2026112310", "2026112310", []string{"morning"}},
		{"2026112311", "2026112323", []string{"last-second"}},
		{"2026112311", "2026112400", []string{"last-second", "midnight"}},
	} {
		if _, got := w.batch(mmsp.PathQuick, cmdQuickBatch, batchBody(c.begin, c.end, "10", "1"), "1 1"); !slices.Equal(got, c.want) {
			t.Errorf("%s to %s: %v, want %v", c.begin, c.end, got, c.want)
		}
	}
	w.batch(mmsp.PathQuick, cmdQuickBatch, batchBody("20261122", "20261122", "10", "1"), "1 0 Q6")
	w.clean()
}

// TestBatchHorizon: only three months back, and not backwards.
func TestBatchHorizon(t *testing.T) {
	t.Parallel()
	for path, command := range map[string]int{mmsp.PathQuick: cmdQuickBatch, mmsp.PathGateway: cmdGatewayBatch} {
		w := newWorld(t)
		op := map[string]string{mmsp.PathQuick: mmsp.OpQuickBatch, mmsp.PathGateway: mmsp.OpGatewayBatch}[path]
		w.batch(path, command, batchBody("20260823", "20261123", "10", "1"), "1 0 Q6")
		w.clean()
		since := len(w.sim.Violations())
		w.batch(path, command, batchBody("20260822", "20261123", "10", "1"), "1 2 Q5")
		w.breach(since, op, "START_DATE", "value")
		w.batch(path, command, batchBody("20261123", "20261122", "10", "1"), "1 2 Q5")
		w.breach(since, op, "END_DATE", "together")
		w.fault(mmsp.Fault{Operation: op, Kind: mmsp.FaultFail, Code: "E1", Times: 1})
		w.batch(path, command, batchBody("20261123", "20261123", "10", "1"), "1 2 E1")
	}
}
