//go:build e2e

package host_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/zhanggui-pay/zhanggui/core"
)

// plenty writes n payments of a merchant, as the database's owner.
func (w *world) plenty(m merchant, n int) {
	w.t.Helper()
	db, err := sqlx.Open("postgres", w.database+"&search_path=zhanggui&options=-c%20role%3Dzhanggui_owner")
	w.must(err)
	defer func() { _ = db.Close() }()
	tx, err := db.BeginTxx(w.t.Context(), nil)
	w.must(err)
	_, err = tx.ExecContext(w.t.Context(), `INSERT INTO payments (tenant_id, id, order_no, merchant_order_no, account_id, provider, method, amount, currency, subject,
		state, created_by, created_at, updated_at)
		SELECT $1, gen_random_uuid(), '260504' || lpad(i::text, 14, '0'), 'M-' || i, $2, 'shouqianba', 'barcode', i, 'CNY', '@SUM(1)', 'succeeded', 'user:usr_x',
		now() - i * interval '1 second', now() FROM generate_series(1, $3::int) i`, m.id, m.account, n)
	w.must(err)
	w.must(tx.Commit())
}

// TestAKilledHostsExportIsEndedByAnother kills the host with SIGKILL after the first page of a
// file: another begins it anew, says so, and the file is whole.
func TestAKilledHostsExportIsEndedByAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	m := w.tenants[0]
	const rows = 2*core.ExportPage + 1
	w.plenty(m, rows)
	first := w.spawn("export.page", 0)
	first.arm()
	status, made := m.post(first.address, "/v1/exports", "k", map[string]any{"kind": "payments", "format": "csv", "columns": []string{"order_no", "subject"}})
	if status != 0 && status != http.StatusAccepted { // it may die before it answers
		t.Fatalf("%d %v", status, made)
	}
	first.ended()
	second := w.spawn("", 0)
	defer second.stop()
	status, made = m.post(second.address, "/v1/exports", "k", map[string]any{"kind": "payments", "format": "csv", "columns": []string{"order_no", "subject"}})
	if status != http.StatusAccepted {
		t.Fatalf("the same key again: %d %v", status, made)
	}
	url := "http://" + second.address + "/v1/exports/" + text(made, "id")
	var export map[string]any
	look := func() error {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if _, export = m.do(req); text(export, "state") != "ready" {
			return fmt.Errorf("it is %v", export)
		}
		return nil
	}
	for deadline := time.Now().Add(time.Minute); look() != nil && time.Now().Before(deadline); {
		time.Sleep(100 * time.Millisecond)
	}
	eventually(t, "the export is ready", look)
	if fen(export, "restarts") != 1 || fen(export, "rows") != rows {
		t.Errorf("it says %v", export)
	}
	table, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(m.fetch(t, url+"/file"), []byte("\ufeff")))).ReadAll()
	if err != nil || len(table) != rows+1 {
		t.Fatalf("%d rows: %v", len(table), err)
	}
	for i, row := range table[1:] {
		if row[0] != fmt.Sprintf("'260504%014d", i+1) || row[1] != "'@SUM(1)" {
			t.Fatalf("row %d is %q", i+1, row)
		}
	}
}

// fetch gives a file whole.
func (m merchant) fetch(t *testing.T, url string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+m.apiKey)
	client := http.Client{Timeout: time.Minute}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK {
		err = errors.Join(err, errors.New(resp.Status))
	}
	if err != nil || int64(len(data)) != resp.ContentLength || !strings.Contains(resp.Header.Get("Content-Disposition"), ".csv") {
		t.Fatalf("%d of %d bytes: %v", len(data), resp.ContentLength, err)
	}
	return data
}
