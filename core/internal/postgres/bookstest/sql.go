package bookstest

// Order i of a day: one in 50 is the refund of the payment before it, one in 50 a payout. Every
// step-th differs and every one in the middle between two such looks as if it did; its class says
// how, by the numbers of the constants. $3 is 00:00, the last parameter is added to i in numbers.
const (
	// orders gives i, its class (or -1), and when it was made and moved.
	orders = `SELECT i, class, lpad(to_hex(i), 12, '0') AS hex, '261123' || lpad((i + $7::bigint)::text, 14, '0') AS number,
			CASE class WHEN 6 THEN $3::timestamptz - interval '36 hours' WHEN 8 THEN $3::timestamptz + interval '23:50' WHEN 9 THEN $3::timestamptz + interval '23:55'
				WHEN 10 THEN $3::timestamptz - interval '10 minutes' ELSE $3::timestamptz + interval '1 hour' + (i % 79200) * interval '1 second' END AS made,
			CASE class WHEN 8 THEN interval '9 minutes' WHEN 9 THEN interval '10 minutes' WHEN 10 THEN interval '15 minutes' ELSE interval '20 seconds' END AS took,
			i % 50 AS place
		FROM (SELECT i, CASE i % $6 WHEN 0 THEN (i / $6) % 8 WHEN $6 / 2 THEN 8 + (i / $6) % 4 ELSE -1 END AS class FROM generate_series($4::bigint, $5::bigint) i) n`

	payments = `INSERT INTO payments (tenant_id, id, order_no, merchant_order_no, account_id, provider, method, channel, amount, currency, state, fee,
			provider_order_no, refunded, created_by, created_at, updated_at, succeeded_at)
		SELECT $1::uuid, ('00000000-0000-7000-8000-' || hex)::uuid, number, 'M' || number, $2::uuid, 'example', 'barcode', 'wechat', 100 + i % 900, 'CNY',
			CASE class WHEN 3 THEN 'failed' ELSE 'succeeded' END, 3, 'T' || i, CASE WHEN place = 6 THEN 1 ELSE 0 END, 'system',
			made, made, CASE WHEN class <> 3 THEN made + took END
		FROM (` + orders + `) o WHERE class <> 0 AND place NOT IN (7, 9) ORDER BY i`

	refunds = `INSERT INTO refunds (tenant_id, id, payment_id, refund_no, merchant_refund_no, account_id, provider, amount, currency, state,
			provider_refund_no, created_by, created_at, updated_at, succeeded_at)
		SELECT $1::uuid, ('00000000-0000-7000-8000-' || hex)::uuid, ('00000000-0000-7000-8000-' || lpad(to_hex(i - 1), 12, '0'))::uuid, number,
			'M' || number, $2::uuid, 'example', 1, 'CNY', 'succeeded', 'T' || i, 'system', made, made, made + took
		FROM (` + orders + `) o WHERE place = 7 ORDER BY i`

	payouts = `INSERT INTO payouts (tenant_id, id, payout_no, merchant_payout_no, account_id, provider, amount, currency, state, provider_payout_no,
			created_by, approved_by, created_at, updated_at, sent_at, paid_at, finished_at)
		SELECT $1::uuid, ('00000000-0000-7000-8000-' || hex)::uuid, number, 'M' || number, $2::uuid, 'example', 100 + i % 900, 'CNY', 'succeeded', 'T' || i,
			'user:a', 'user:b', made, made, made, made + took, made + took
		FROM (` + orders + `) o WHERE place = 9 ORDER BY i`

	// lines stand on the bill in an order that has nothing to do with our numbers. $6 is how many
	// orders there are, $7 the next day's bill.
	lines = `INSERT INTO bill_lines (tenant_id, bill_id, n, kind, number, provider_number, outcome, amount, fee, at, method, status)
		SELECT $1::uuid, CASE WHEN class = 8 THEN $7::uuid ELSE $2::uuid END, CASE copy WHEN 0 THEN (i * 7919) % $6 + 1 ELSE $6 + i END,
			CASE place WHEN 7 THEN 'refund' WHEN 9 THEN 'payout' ELSE 'payment' END,
			CASE class WHEN 11 THEN '' WHEN 0 THEN 'F' ELSE '' END || CASE class WHEN 11 THEN '' ELSE '261123' || lpad((i + $8::bigint)::text, 14, '0') END, 'T' || i,
			CASE class WHEN 4 THEN 'unknown' ELSE 'succeeded' END,
			CASE place WHEN 7 THEN 1 ELSE 100 + i % 900 END + CASE class WHEN 2 THEN 1 ELSE 0 END, CASE WHEN place NOT IN (7, 9) THEN 3 + CASE class WHEN 5 THEN 1 ELSE 0 END END,
			NULL, 'wechat', 'SUCCESS'
		FROM (SELECT i, i % 50 AS place, CASE i % $5 WHEN 0 THEN (i / $5) % 8 WHEN $5 / 2 THEN 8 + (i / $5) % 4 ELSE -1 END AS class FROM generate_series($3::bigint, $4::bigint) i) o,
			generate_series(0, 1) copy
		WHERE class NOT IN (1, 10) AND (copy = 0 OR class = 7) ORDER BY (i * 7919) % $6`
)
