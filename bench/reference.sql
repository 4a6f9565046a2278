-- The SQL of one payment, for pgbench: its intent in one transaction, its outcome in a second
-- one, with idempotency key, order directory, attempt, events, audit row, entry and due columns, as
-- the role zhanggui_app under row-level security. `make bench` prints the payments per second
-- of the whole host beside this script's transactions per second on the same cluster.
-- Changed only with a written decision: a slower reference would flatter the host.
--
--   pgbench --no-vacuum --protocol=prepared --client=32 --jobs=2 --time=20 \
--     --define=tenants=1000 --file=bench/reference.sql URL
--
-- with PGOPTIONS='-c role=zhanggui_app -c search_path=zhanggui -c timezone=UTC'. Merchant n, 1 to
-- :tenants, must exist with the id 00000000-0000-7000-8000-<n in 12 hexadecimal digits> and its
-- account with the id 00000000-0000-7000-9000-<n>. Ids are ordered by time, as the host's are.
-- pgbench replaces a colon and a word also inside quotes: keep a space after every colon.

\set n random(1, :tenants)
\set a random(1, 4611686018427387904)
\set b random(1, 4611686018427387904)

BEGIN;
SELECT set_config('app.tenant_id', i.tenant, true) AS tenant, i.account, i.time || substr(i.rnd, 1, 19) AS payment, i.time || substr(i.rnd, 2, 19) AS attempt,
    i.time || substr(i.rnd, 3, 19) AS created, i.time || substr(i.rnd, 4, 19) AS finished, i.time || substr(i.rnd, 5, 19) AS audit, substr(i.rnd, 1, 20) AS order_no
FROM (SELECT '00000000-0000-7000-8000-' || lpad(to_hex(:n::bigint), 12, '0') AS tenant,
    '00000000-0000-7000-9000-' || lpad(to_hex(:n::bigint), 12, '0') AS account,
    lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7' AS time,
    lpad(to_hex(:a::bigint), 16, '0') || lpad(to_hex(:b::bigint), 16, '0') AS rnd) i \gset
INSERT INTO idempotency_keys (tenant_id, caller, operation, key, body_hash, object_id, created_at)
VALUES (:tenant, 'key_bench', 'payment.create', :order_no, '\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff', :payment, now()) ON CONFLICT DO NOTHING;
INSERT INTO payments (tenant_id, id, order_no, merchant_order_no, account_id, provider, method, channel, amount, currency, subject, state,
    next_check_at, created_by, created_at, updated_at)
VALUES (:tenant, :payment, :order_no, :order_no, :account, 'example', 'barcode', 'wechat', 100, 'CNY', 'bench', 'processing',
    now() + interval '2 seconds', 'key_bench', now(), now());
INSERT INTO order_directory (order_no, tenant_id, object_id, kind) VALUES (:order_no, :tenant, :payment, 'payment');
INSERT INTO attempts (tenant_id, id, payment_id, account_id, operation, started_at) VALUES (:tenant, :attempt, :payment, :account, 'pay', now());
INSERT INTO events (tenant_id, id, type, object_id, data, created_at)
VALUES (:tenant, :created, 'payment.created', :payment, '{"amount": 100, "currency": "CNY", "state": "processing"}', now());
INSERT INTO audit_log (tenant_id, id, actor, action, object, after, ip, request_id, created_at)
VALUES (:tenant, :audit, 'key_bench', 'payment.create', :payment, '{"amount": 100, "currency": "CNY", "state": "processing"}', '192.0.2.1', :order_no, now());
INSERT INTO audit_unchained (tenant_id, audit_id) VALUES (:tenant, :audit);
COMMIT;

BEGIN;
SELECT set_config('app.tenant_id', :tenant, true);
UPDATE payments SET state = 'succeeded', provider_order_no = :order_no, channel_trade_no = :order_no, payer_id = 'payer', provided_code = 'OK',
    succeeded_at = now(), next_check_at = NULL, checks = 1, lease_until = NULL, lease_token = NULL, updated_at = now(), version = version + 1
WHERE tenant_id = :tenant AND id = :payment AND state = 'processing' AND version = 0;
UPDATE attempts SET outcome = 'succeeded', sent = 'sent', provided_code = 'OK', evidence = '{"status": 200}', finished_at = now(), duration_us = 1000
WHERE tenant_id = :tenant AND id = :attempt;
INSERT INTO events (tenant_id, id, type, object_id, data, created_at)
VALUES (:tenant, :finished, 'payment.succeeded', :payment, '{"amount": 100, "currency": "CNY", "state": "succeeded"}', now());
INSERT INTO entries (tenant_id, day, id, at, account_id, kind, object_id, n, amount, fee)
VALUES (:tenant, (now() AT TIME ZONE interval '8 hours')::date, :finished, now(), :account, 'payment', :payment, 1, 100, 0);
COMMIT;
