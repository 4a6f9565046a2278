-- The merchants' books: an entry for each movement of money, written once and never changed.

-- +goose Up

-- No foreign keys: an entry is written in the transaction that updates its order, whose row
-- holds them already, and this is the path of every payment.
CREATE TABLE entries (
    tenant_id  uuid NOT NULL,
    day        date NOT NULL, -- of Beijing: the one it counts to
    id         uuid NOT NULL,
    at         timestamptz NOT NULL,
    store_id   uuid,
    account_id uuid NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('payment', 'refund', 'payout')),
    object_id  uuid NOT NULL,
    n          integer NOT NULL CHECK (n >= 1),
    amount     bigint NOT NULL, -- fen, from the merchant's side
    fee        bigint NOT NULL,
    corrects   date CHECK (corrects < day),
    PRIMARY KEY (tenant_id, day, id),
    -- Whatever goes wrong above the database: no movement is booked twice.
    CONSTRAINT entries_once UNIQUE (tenant_id, object_id, n)
);

ALTER TABLE entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE entries FORCE ROW LEVEL SECURITY;
CREATE POLICY app ON entries TO zhanggui_app
    USING (tenant_id = current_setting('app.tenant_id')::uuid)
    WITH CHECK (tenant_id = current_setting('app.tenant_id')::uuid);
CREATE POLICY platform ON entries FOR SELECT TO zhanggui_platform USING (true);
CREATE POLICY owner ON entries TO zhanggui_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON entries TO zhanggui_app;
GRANT SELECT ON entries TO zhanggui_platform;

-- A payout that the provider corrected to have failed was never charged for.
UPDATE payouts SET fee = 0 WHERE state = 'failed' AND fee <> 0;

-- What moved before there were entries is booked here, as the owner, on the day it moved. Ids
-- are ordered by time as all are.
INSERT INTO entries (tenant_id, day, id, at, store_id, account_id, kind, object_id, n, amount, fee)
SELECT tenant_id, (at AT TIME ZONE interval '8 hours')::date,
    (substr(ms, 1, 8) || '-' || substr(ms, 9, 4) || '-7' || substr(gen_random_uuid()::text, 16))::uuid,
    at, store_id, account_id, kind, object_id, 1, amount, fee
FROM (
    SELECT m.*, lpad(to_hex((extract(epoch FROM m.at) * 1000)::bigint), 12, '0') AS ms FROM (
        SELECT tenant_id, least(coalesce(succeeded_at, updated_at), now()) AS at, store_id, account_id, 'payment' AS kind, id AS object_id, amount, fee
            FROM payments WHERE state = 'succeeded'
        UNION ALL
        SELECT r.tenant_id, least(coalesce(r.succeeded_at, r.updated_at), now()), p.store_id, r.account_id, 'refund', r.id, -r.amount, 0
            FROM refunds r JOIN payments p ON p.tenant_id = r.tenant_id AND p.id = r.payment_id WHERE r.state = 'succeeded'
        UNION ALL
        -- The fee stays when the bank gives a payout back.
        SELECT tenant_id, least(coalesce(paid_at, finished_at, updated_at), now()), NULL, account_id, 'payout', id,
                CASE WHEN state = 'succeeded' THEN -amount ELSE 0 END, fee
            FROM payouts WHERE state = 'succeeded' OR state = 'returned' AND fee <> 0
    ) m
) t;
