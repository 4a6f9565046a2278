//go:build e2e

package host_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// put sends bytes as they are.
func (m merchant) put(address, path, body string) (int, map[string]any) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPut, "http://"+address+path, strings.NewReader(body))
	if err != nil {
		return 0, nil
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	return m.do(req)
}

// get reads an object.
func (m merchant) get(address, path string) map[string]any {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return nil
	}
	_, out := m.do(req)
	return out
}

// TestAKilledHostsBillIsReadAnew: a host is killed with SIGKILL in the middle of a bill file; the
// next one reads it from the beginning, says so, and the bill is whole.
func TestAKilledHostsBillIsReadAnew(t *testing.T) {
	t.Parallel()
	const rows = 30_000
	w := newWorld(t, 1)
	m := w.tenants[0]
	n := w.spawn("bill.batch", 24*time.Hour)
	day := core.DayOf(time.Now())
	status, paid := m.post(n.address, "/v1/payments", "k", m.barcode(100, "01"))
	if status != 201 {
		t.Fatalf("%d %v", status, paid)
	}
	var file strings.Builder
	file.WriteString("时间,订单号,金额\n")
	fmt.Fprintf(&file, "%s 12:00:00,%s,1.00\n", day, text(paid, "order_no"))
	for i := 1; i < rows; i++ {
		fmt.Fprintf(&file, "%s 12:00:00,9001010000%010d,1.00\n", day, i)
	}
	status, mapping := m.post(n.address, "/v1/bill-mappings", "", map[string]any{"name": "日账单", "provider": "shouqianba", "rules": map[string]any{
		"columns": map[string]string{"time": "时间", "order_no": "订单号", "amount": "金额"}, "unit": "yuan", "time_format": time.DateTime,
	}})
	if status != 201 {
		t.Fatalf("%d %v", status, mapping)
	}
	status, bill := m.post(n.address, "/v1/bill-imports", "", map[string]any{
		"account_id": m.account.Prefixed(core.PrefixAccount), "day": string(day), "mapping_id": text(mapping, "id"), "file_name": "bill.csv", "bytes": file.Len(), "expected_count": rows,
	})
	if status != 201 {
		t.Fatalf("%d %v", status, bill)
	}
	path := "/v1/bill-imports/" + text(bill, "id")
	for i, rest := 0, file.String(); rest != ""; i++ {
		part := rest[:min(len(rest), core.ChunkBytes)]
		rest = rest[len(part):]
		if status, reply := m.put(n.address, fmt.Sprintf("%s/chunks/%d", path, i), part); status != 200 || fen(reply, "received") != int64(i+1) {
			t.Fatalf("chunk %d: %d %v", i, status, reply)
		}
	}
	n.arm()
	if status, reply := m.post(n.address, path+"/finish", "", map[string]any{}); status != 0 && status != http.StatusAccepted {
		t.Fatalf("%d %v", status, reply)
	}
	n.ended()

	n = w.spawn("", 24*time.Hour)
	defer n.stop()
	deadline := time.Now().Add(3 * time.Minute)
	var got map[string]any
	for got == nil || text(got, "state") == "reading" {
		if time.Now().After(deadline) {
			t.Fatalf("the other host has not read it: %v", got)
		}
		time.Sleep(100 * time.Millisecond)
		got = object(m.get(n.address, path), "import")
	}
	if text(got, "state") != "done" || fen(got, "restarts") != 1 || fen(got, "rows") != rows || text(got, "bill_id") == "" {
		t.Fatalf("%v", m.get(n.address, path))
	}
	if lines := m.get(n.address, "/v1/bills/"+text(got, "bill_id")+"/lines?limit=2"); lines["items"] == nil {
		t.Errorf("%v", lines)
	}
}
