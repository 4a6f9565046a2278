-- What is kept for a while is removed: how far each merchant's records of calls were looked through, and the one way
-- to remove such a record.

-- +goose Up

-- Ids are ordered by time, so the key of attempts is the index of their age: one more would cost every payment.
-- mark is the last that was looked at; from time to time the walk begins anew, for what was kept because of its order.
CREATE TABLE retention_marks (
    tenant_id uuid NOT NULL,
    what      text NOT NULL CHECK (what IN ('evidence', 'attempts')),
    mark      uuid NOT NULL,
    began_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, what)
);

ALTER TABLE retention_marks ENABLE ROW LEVEL SECURITY;
ALTER TABLE retention_marks FORCE ROW LEVEL SECURITY;
CREATE POLICY app ON retention_marks TO zhanggui_app
    USING (tenant_id = current_setting('app.tenant_id')::uuid)
    WITH CHECK (tenant_id = current_setting('app.tenant_id')::uuid);
CREATE POLICY platform ON retention_marks FOR SELECT TO zhanggui_platform USING (true);
CREATE POLICY owner ON retention_marks TO zhanggui_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE (mark, began_at) ON retention_marks TO zhanggui_app;
GRANT SELECT ON retention_marks TO zhanggui_platform;

-- Whether what is recorded about an order may be needed yet: it is open, in doubt, still asked about, or has an open case.
-- +goose StatementBegin
CREATE FUNCTION order_is_live(tenant uuid, payment uuid, refund uuid, payout uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = zhanggui, pg_temp AS $$
    SELECT EXISTS (SELECT FROM payments p WHERE p.tenant_id = tenant AND p.id = payment
            AND (p.state IN ('requires_action', 'processing') OR p.unknown_since IS NOT NULL OR p.next_check_at IS NOT NULL OR p.reserved > 0))
        OR EXISTS (SELECT FROM refunds r WHERE r.tenant_id = tenant AND r.id = refund
            AND (r.state IN ('pending_approval', 'processing') OR r.unknown_since IS NOT NULL OR r.next_check_at IS NOT NULL))
        OR EXISTS (SELECT FROM payouts o WHERE o.tenant_id = tenant AND o.id = payout
            AND (o.state IN ('pending_approval', 'processing', 'in_review') OR o.unknown_since IS NOT NULL OR o.next_check_at IS NOT NULL))
        OR EXISTS (SELECT FROM cases c WHERE c.tenant_id = tenant AND c.closed_at IS NULL AND c.object_id IN (payment, refund, payout))
$$;
-- +goose StatementEnd
GRANT EXECUTE ON FUNCTION order_is_live (uuid, uuid, uuid, uuid) TO zhanggui_app;

-- The program itself may remove no record of a call. This removes old ones of its tenant, none younger than 90 days by the
-- database's clock, none of an order that is live.
-- +goose StatementBegin
CREATE FUNCTION prune_attempts(after uuid, until uuid, most integer) RETURNS TABLE (removed bigint, looked bigint, last uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = zhanggui, pg_temp AS $$
DECLARE
    tenant uuid := current_setting('app.tenant_id')::uuid;
BEGIN
    RETURN QUERY WITH seen AS MATERIALIZED (
            SELECT a.id FROM attempts a WHERE a.tenant_id = tenant AND a.id > after AND a.id < until ORDER BY a.id LIMIT most),
        old AS MATERIALIZED (
            SELECT a.id FROM attempts a JOIN seen s ON s.id = a.id WHERE a.tenant_id = tenant AND a.started_at < now() - interval '90 days'
                AND NOT order_is_live(tenant, a.payment_id, a.refund_id, a.payout_id)),
        gone AS (DELETE FROM attempts a USING old o WHERE a.tenant_id = tenant AND a.id = o.id RETURNING a.id)
        SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM seen), (SELECT s.id FROM seen s ORDER BY s.id DESC LIMIT 1);
END
$$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION prune_attempts (uuid, uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION prune_attempts (uuid, uuid, integer) TO zhanggui_app;

CREATE INDEX callback_nonces_age ON callback_nonces (tenant_id, seen_at);
GRANT DELETE ON alert_notices TO zhanggui_app;
