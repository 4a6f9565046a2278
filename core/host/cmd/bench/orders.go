package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/zhanggui-pay/zhanggui/core"
)

// How the order list is measured: in a platform of so many merchants, each list so often.
const (
	orderMerchants = 20
	orderRequests  = 200
	orderPage      = 50
)

// orderRows plants orders of 90 days. Two in five are the first merchant's; of 1,000 orders 940
// succeeded and one is in doubt, amounts are small with few large ones, and one in 100 is of
// another provider.
const orderRows = `INSERT INTO zhanggui.payments (tenant_id, id, order_no, merchant_order_no, account_id, provider, method, amount, currency, subject,
	state, unknown_since, provider_order_no, fee, created_by, created_at, updated_at, succeeded_at)
	SELECT a.tenant_id, gen_random_uuid(), '260504' || lpad(i::text, 14, '0'), 'S' || i, a.id, CASE WHEN i % 100 = 7 THEN 'another' ELSE a.provider END,
	(ARRAY['barcode','qr_code','jsapi'])[1 + i % 3], CASE WHEN i % 1000 = 3 THEN 1000000 + i % 5000 ELSE 100 + i % 20000 END, 'CNY', '拿铁咖啡',
	s.state, CASE WHEN i % 1000 = 999 THEN t.at - i * interval '7776 milliseconds' END,
	'42000027312026112800' || lpad(i::text, 8, '0'), i % 100, 'user:usr_x', t.at - i * interval '7776 milliseconds', t.at,
	CASE WHEN s.state = 'succeeded' THEN t.at END
	FROM generate_series($1::int, $2::int) i
	CROSS JOIN (SELECT $3::timestamptz AS at) t
	CROSS JOIN LATERAL (SELECT CASE WHEN i % 1000 < 940 THEN 'succeeded' WHEN i % 1000 < 970 THEN 'closed' WHEN i % 1000 < 990 THEN 'failed' WHEN i % 1000 < 999 THEN 'canceled' ELSE 'processing' END AS state) s
	JOIN (SELECT tenant_id, id, provider, row_number() OVER (ORDER BY created_at, id) - 1 AS n FROM zhanggui.provider_accounts) a
		ON a.n = CASE WHEN i / 7 % 5 < 2 THEN 0 ELSE 1 + i / 35 % ($4::int - 1) END`

// orderList is one question to the list, by its API query and by the condition and the order of the bare SQL.
type orderList struct{ name, query, where, order string }

// The orders of the bare SQL.
const (
	byTime   = "created_at DESC, id DESC"
	byAmount = "amount DESC, id DESC"
)

// orderLists are the usual questions about n orders, of which the newest was made at newest.
func orderLists(n int, newest time.Time) []orderList {
	day := newest.AddDate(0, 0, -45).UTC().Truncate(24 * time.Hour)
	from, to := day.Format(time.RFC3339), day.AddDate(0, 0, 1).Format(time.RFC3339)
	early := newest.Add(time.Duration(-n) * 7776 * time.Millisecond).Add(24 * time.Hour).UTC().Format(time.RFC3339)
	ofDay := fmt.Sprintf("created_at >= '%s' AND created_at < '%s'", from, to)
	number := fmt.Sprintf("260504%014d", n/2/35*35)
	return []orderList{
		{"newest", "", "true", byTime},
		{"oldest day", "to=" + early, "created_at < '" + early + "'", byTime},
		{"one day", "from=" + from + "&to=" + to, ofDay, byTime},
		{"succeeded", "state=succeeded", "state = 'succeeded'", byTime},
		{"failed", "state=failed", "state = 'failed'", byTime},
		{"failed, one day", "state=failed&from=" + from + "&to=" + to, "state = 'failed' AND " + ofDay, byTime},
		{"in doubt", "unknown=true", "unknown_since IS NOT NULL", byTime},
		{"large amounts", "min_amount=1000000", "amount >= 1000000", byTime},
		{"one amount", "min_amount=1000003&max_amount=1000003", "amount = 1000003", byTime},
		{"largest", "sort=largest", "true", byAmount},
		{"largest of a day", "sort=largest&from=" + from + "&to=" + to, ofDay, byAmount},
		{"rare provider", "provider=another", "provider = 'another'", byTime},
		{"no such provider", "provider=nobody", "provider = 'nobody'", byTime},
		{"a number", "number=" + number, "order_no = '" + number + "'", byTime},
	}
}

// listing is a node with many orders in this process, and its database without it.
type listing struct {
	world   *world
	db      *sqlx.DB
	address string
	client  *http.Client
	tenant  core.ID
}

// measureOrders asks for the order list of n orders over HTTP, beside the bare SQL of each.
func measureOrders(ctx context.Context, o options, counts []int, out io.Writer) (err error) {
	c, err := startCluster(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.stop()) }()
	w, err := newWorld(ctx, c, o, orderMerchants)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	h, stop, err := w.node.start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	db, err := sqlx.ConnectContext(ctx, "postgres", c.server.SuperuserURL(databaseOf(w.node.Database)))
	if err != nil {
		return fmt.Errorf("connect to fill: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	l := &listing{world: w, db: db, address: h.Address(), client: &http.Client{Timeout: time.Minute}}
	planted, newest := 0, now()
	for _, n := range counts {
		if err := l.plant(ctx, c, planted, n, newest); err != nil {
			return err
		}
		planted = n
		if err := l.measure(ctx, n, newest, out); err != nil {
			return fmt.Errorf("with %d orders: %w", n, err)
		}
	}
	return nil
}

// plant brings the orders from some up to n.
func (l *listing) plant(ctx context.Context, c *cluster, from, n int, newest time.Time) error {
	const step = 50000
	for i := from; i < n; i = min(n, i+step) {
		tx, err := l.db.BeginTxx(ctx, nil)
		if err != nil {
			return fmt.Errorf("begin to fill: %w", err)
		}
		if _, err := tx.ExecContext(ctx, orderRows, i+1, min(n, i+step), newest, orderMerchants); err != nil {
			return errors.Join(fmt.Errorf("fill: %w", err), tx.Rollback())
		}
		if err := tx.Commit(); err != nil {
			return fmt.Errorf("commit what was filled: %w", err)
		}
	}
	if _, err := l.db.ExecContext(ctx, "VACUUM ANALYZE zhanggui.payments"); err != nil {
		return fmt.Errorf("analyze: %w", err)
	}
	if err := l.db.GetContext(ctx, &l.tenant, "SELECT tenant_id FROM zhanggui.payments GROUP BY tenant_id ORDER BY count(*) DESC LIMIT 1"); err != nil {
		return fmt.Errorf("find the largest merchant: %w", err)
	}
	return c.checkpoint(ctx)
}

func (l *listing) measure(ctx context.Context, n int, newest time.Time, out io.Writer) error {
	printf(out, "Order list: %d orders of %d merchants, pages of %d, %d requests each over HTTP by one client after another\n\n", n, orderMerchants, orderPage, orderRequests)
	printf(out, "seen by    list                rows      p50      p95   SQL p50   SQL p95\n")
	var all []time.Duration
	for _, platform := range []bool{false, true} {
		for _, q := range orderLists(n, newest) {
			took, rows, err := l.ask(ctx, platform, q)
			if err != nil {
				return err
			}
			bare, found, err := l.bare(ctx, platform, q)
			if err != nil {
				return err
			}
			if found != rows {
				return fmt.Errorf("%s: the list has %d rows, the SQL %d", q.name, rows, found)
			}
			all = append(all, took...)
			printf(out, "%-10s %-18s %5d %8s %8s %9s %9s\n", seenBy(platform), q.name, rows, millis(quantile(took, 0.5)), millis(quantile(took, 0.95)), millis(quantile(bare, 0.5)), millis(quantile(bare, 0.95)))
		}
	}
	printf(out, "%-10s %-18s %5s %8s %8s\n\n", "both", "all of them", "", millis(quantile(all, 0.5)), millis(quantile(all, 0.95)))
	return nil
}

func seenBy(platform bool) string {
	if platform {
		return "platform"
	}
	return "merchant"
}

// ask has the node list, and says how long each answer took and how many rows it had.
func (l *listing) ask(ctx context.Context, platform bool, q orderList) (took []time.Duration, rows int, err error) {
	values, err := url.ParseQuery(q.query)
	if err != nil {
		return nil, 0, fmt.Errorf("read the query %s: %w", q.query, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s/v1/payments?limit=%d&%s", l.address, orderPage, values.Encode()), nil)
	if err != nil {
		return nil, 0, fmt.Errorf("make a request: %w", err)
	}
	if err := l.identify(ctx, req, platform); err != nil {
		return nil, 0, err
	}
	for i := range orderRequests + 5 {
		began := now()
		if rows, err = l.answer(req); err != nil {
			return nil, 0, fmt.Errorf("%s: %w", q.name, err)
		}
		if i >= 5 { // the first ones fill caches
			took = append(took, now().Sub(began))
		}
	}
	return took, rows, nil
}

// identify signs a request as the administrator of the platform, or by a key of the largest merchant.
func (l *listing) identify(ctx context.Context, req *http.Request, platform bool) error {
	if platform {
		req.Header.Set("Cookie", "zhanggui="+string(l.world.admin.Reveal()))
		return nil
	}
	for _, m := range l.world.merchants {
		if m.tenant == l.tenant {
			req.Header.Set("Authorization", "Bearer "+m.keys[0])
			return nil
		}
	}
	return fmt.Errorf("no key of %s: %w", l.tenant, ctx.Err())
}

func (l *listing) answer(req *http.Request) (rows int, err error) {
	resp, err := l.client.Do(req)
	if err != nil {
		return 0, fmt.Errorf("list: %w", err)
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, fmt.Errorf("list: %w", err)
	}
	var page struct {
		Items []json.RawMessage `json:"items"`
	}
	if resp.StatusCode != http.StatusOK || json.Unmarshal(body, &page) != nil {
		return 0, fmt.Errorf("a list was answered with %d: %s", resp.StatusCode, body)
	}
	return len(page.Items), nil
}

// bare asks PostgreSQL alone for the same rows, in one statement without row-level security.
func (l *listing) bare(ctx context.Context, platform bool, q orderList) (took []time.Duration, rows int, err error) {
	where := q.where
	if !platform {
		where += " AND tenant_id = '" + l.tenant.String() + "'"
	}
	statement := fmt.Sprintf("SELECT to_json(x) FROM (SELECT * FROM zhanggui.payments WHERE %s ORDER BY %s LIMIT %d) x", where, q.order, orderPage)
	for i := range orderRequests + 5 {
		var found []json.RawMessage
		began := now()
		if err := l.db.SelectContext(ctx, &found, statement); err != nil {
			return nil, 0, fmt.Errorf("%s as SQL: %w", q.name, err)
		}
		if i >= 5 {
			took = append(took, now().Sub(began))
		}
		rows = len(found)
	}
	return took, rows, nil
}
