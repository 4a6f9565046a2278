package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/xuri/excelize/v2"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/host"
	"github.com/zhanggui-pay/zhanggui/core/internal/devstack"
)

// exportColumns are those of an ordinary export of payments.
func exportColumns() []string {
	return []string{
		"order_no", "merchant_order_no", "store", "provider", "account", "method", "channel", "state", "amount", "refunded", "fee", "subject",
		"provider_order_no", "created_at", "succeeded_at",
	}
}

// exportCopy is the baseline: PostgreSQL itself gives the same columns in the same order.
const exportCopy = `COPY (SELECT order_no, merchant_order_no, store_id, provider, account_id, method, channel, state, amount, refunded, fee, subject,
	provider_order_no, created_at, succeeded_at FROM zhanggui.payments ORDER BY created_at DESC, id DESC) TO STDOUT (FORMAT csv)`

const exportRows = `INSERT INTO zhanggui.payments (tenant_id, id, order_no, merchant_order_no, account_id, provider, method, amount, currency, subject,
	state, provider_order_no, fee, created_by, created_at, updated_at, succeeded_at)
	SELECT a.tenant_id, gen_random_uuid(), '260504' || lpad(i::text, 14, '0'), '000' || i, a.id, a.provider, 'barcode', i % 1000000 + 1, 'CNY',
	CASE i % 3 WHEN 0 THEN '=HYPERLINK("http://evil.example","' || i || '")' WHEN 1 THEN '+cmd|'' /C calc''!A0' ELSE '@SUM(1+1)' END,
	'succeeded', '42000027312026112800' || lpad(i::text, 8, '0'), i % 100, 'user:usr_x', t.at - i * interval '1 millisecond', t.at, t.at
	FROM (SELECT tenant_id, id, provider FROM zhanggui.provider_accounts LIMIT 1) a, (SELECT $3::timestamptz AS at) t, generate_series($1::int, $2::int) i`

// exporter is a merchant with many orders, at a node in this process.
type exporter struct {
	h       *host.Host
	ctx     context.Context //nolint:containedctx // the caller's identity, for the whole measurement
	cluster *cluster
	url     string
	dir     string
	orders  int
	newest  time.Time // all orders are older
}

// measureExports exports ever more orders as CSV and XLSX, beside a COPY of the same rows.
func measureExports(ctx context.Context, o options, counts []int, out io.Writer) (err error) {
	c, err := startCluster(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.stop()) }()
	w, err := newWorld(ctx, c, o, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	h, stop, err := w.node.start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	id, err := h.Service().AuthenticateKey(ctx, core.SecretString(w.merchants[0].keys[0]), "127.0.0.1")
	if err != nil {
		return err
	}
	x := &exporter{h: h, ctx: core.WithIdentity(ctx, id), cluster: c, url: w.node.Database, dir: w.dir, newest: now()}
	printf(out, "Exports: %d columns, each file opened again and every order number compared; heap and memory of the whole node at their highest\n\n", len(exportColumns()))
	printf(out, "   orders   file     rows/s    size   peak heap   peak RSS   COPY rows/s   ratio\n")
	for _, n := range counts {
		if err := x.measure(n, out); err != nil {
			return fmt.Errorf("with %d orders: %w", n, err)
		}
	}
	return nil
}

func (x *exporter) measure(n int, out io.Writer) error {
	if err := x.fill(n); err != nil {
		return err
	}
	copied, err := x.baseline()
	if err != nil {
		return err
	}
	for _, format := range []core.ExportFormat{core.ExportCSV, core.ExportXLSX} {
		e, took, top, err := x.export(format)
		if err != nil {
			return err
		}
		if err := x.check(e, n); err != nil {
			return fmt.Errorf("the %s file: %w", format, err)
		}
		perSecond := float64(n) / took.Seconds()
		printf(out, "%9d %6s %10.0f %6dM %10dM %9dM %13.0f %7.3f\n", n, format, perSecond, e.Bytes>>20, top.heap>>20, top.resident>>20, copied, perSecond/copied)
	}
	return nil
}

// fill brings the merchant's orders up to n.
func (x *exporter) fill(n int) (err error) {
	db, err := sqlx.ConnectContext(x.ctx, "postgres", x.cluster.server.SuperuserURL(databaseOf(x.url)))
	if err != nil {
		return fmt.Errorf("connect to fill: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	const step = 50000
	for ; x.orders < n; x.orders = min(n, x.orders+step) {
		tx, err := db.BeginTxx(x.ctx, nil)
		if err != nil {
			return fmt.Errorf("begin to fill: %w", err)
		}
		if _, err := tx.ExecContext(x.ctx, exportRows, x.orders+1, min(n, x.orders+step), x.newest); err != nil {
			return errors.Join(fmt.Errorf("fill: %w", err), tx.Rollback())
		}
		if err := tx.Commit(); err != nil {
			return fmt.Errorf("commit what was filled: %w", err)
		}
	}
	if err := x.cluster.checkpoint(x.ctx); err != nil {
		return err
	}
	if _, err := db.ExecContext(x.ctx, "ANALYZE zhanggui.payments"); err != nil {
		return fmt.Errorf("analyze: %w", err)
	}
	return nil
}

func databaseOf(url string) string {
	name, _, _ := strings.Cut(url[strings.LastIndexByte(url, '/')+1:], "?")
	return name
}

// baseline gives PostgreSQL's own rows a second.
func (x *exporter) baseline() (float64, error) {
	dir, err := devstack.FindPostgres()
	if err != nil {
		return 0, err
	}
	psql := exec.CommandContext(x.ctx, filepath.Join(dir, "psql"), "-X", "-q", "-c", exportCopy, x.cluster.server.SuperuserURL(databaseOf(x.url))) //nolint:gosec // our own statement
	var errs bytes.Buffer
	psql.Stdout, psql.Stderr = io.Discard, &errs
	began := now()
	if err := psql.Run(); err != nil {
		return 0, fmt.Errorf("copy: %w: %s", err, errs.String())
	}
	return float64(x.orders) / now().Sub(began).Seconds(), nil
}

// peak is the most memory that was seen.
type peak struct{ heap, resident uint64 }

// watch looks until stop is called, which gives the peak.
func watch() (stop func() peak) {
	var top peak
	var group sync.WaitGroup
	done := make(chan struct{})
	runtime.GC()
	group.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		for {
			metrics.Read(sample)
			top.heap, top.resident = max(top.heap, sample[0].Value.Uint64()), max(top.resident, resident())
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	})
	return func() peak { close(done); group.Wait(); return top }
}

// resident is this program's memory by the kernel's word; 0 where it does not say.
func resident() uint64 {
	raw, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(raw))
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseUint(fields[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * uint64(os.Getpagesize()) //nolint:gosec // positive
}

func (x *exporter) export(format core.ExportFormat) (e core.Export, took time.Duration, top peak, err error) {
	stop := watch()
	defer func() { top = stop() }()
	began := now()
	reply, err := x.h.Service().CreateExport(x.ctx, core.CreateExportInput{Kind: core.ExportPayments, Format: format, Columns: exportColumns(), Language: "zh"})
	if err != nil {
		return e, 0, top, err
	}
	for {
		if e, err = x.h.Service().Export(x.ctx, reply.Export.ID); err != nil {
			return e, 0, top, err
		}
		switch e.State {
		case core.ExportQueued, core.ExportRunning:
		case core.ExportReady:
			return e, e.FinishedAt.Sub(began), top, nil
		default:
			return e, 0, top, fmt.Errorf("it is %s: %s", e.State, e.Reason)
		}
		select {
		case <-x.ctx.Done():
			return e, 0, top, x.ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// check fetches the file and reads it as a spreadsheet would.
func (x *exporter) check(e core.Export, n int) (err error) {
	name := filepath.Join(x.dir, e.FileName)
	file, err := os.Create(name) //nolint:gosec // in our own directory, by our own name
	if err != nil {
		return fmt.Errorf("keep the file: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close(), os.Remove(name)) }()
	for i := range e.Chunks {
		data, err := x.h.Service().ExportChunk(x.ctx, e.ID, i)
		if err != nil {
			return err
		}
		if _, err := file.Write(data); err != nil {
			return fmt.Errorf("keep the file: %w", err)
		}
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read the file: %w", err)
	}
	found := 0
	row := func(cells []string, mark string) error {
		found++
		number, subject := fmt.Sprintf("%s260504%014d", mark, found), mark+string("+@="[(found+2)%3])
		if len(cells) < 12 || cells[0] != number || !strings.HasPrefix(cells[11], subject) {
			return fmt.Errorf("row %d is %q, want the order %s", found, cells, number)
		}
		return nil
	}
	if e.Format == core.ExportCSV {
		err = readCSV(file, func(cells []string) error { return row(cells, "'") })
	} else {
		err = readWorkbook(name, func(cells []string) error { return row(cells, "") })
	}
	if err == nil && found != n {
		err = fmt.Errorf("it has %d rows", found)
	}
	return err
}

func readCSV(file io.Reader, each func(cells []string) error) error {
	reader := csv.NewReader(bufio.NewReader(file))
	reader.ReuseRecord = true
	for heading := true; ; heading = false {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil && !heading {
			err = each(cells)
		}
		if err != nil {
			return err
		}
	}
}

func readWorkbook(name string, each func(cells []string) error) (err error) {
	book, err := excelize.OpenFile(name, excelize.Options{UnzipSizeLimit: 64 << 30})
	if err != nil {
		return fmt.Errorf("open the workbook: %w", err)
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	for _, sheet := range book.GetSheetList() {
		rows, err := book.Rows(sheet)
		if err != nil {
			return fmt.Errorf("read the workbook: %w", err)
		}
		for heading := true; rows.Next(); heading = false {
			cells, err := rows.Columns()
			if err == nil && !heading {
				err = each(cells)
			}
			if err != nil {
				return errors.Join(err, rows.Close())
			}
		}
		if err := errors.Join(rows.Error(), rows.Close()); err != nil {
			return err
		}
	}
	return nil
}
