-- Cases with an owner and an ending, and people's decisions about orders in doubt.

-- +goose Up

ALTER TABLE cases
    ADD COLUMN owner       text NOT NULL DEFAULT '', -- the actor who takes care of it
    ADD COLUMN closing     text NOT NULL DEFAULT '' CHECK (closing IN ('', 'answered', 'settled', 'done')),
    ADD COLUMN closed_by   text NOT NULL DEFAULT '',
    ADD COLUMN closed_note text NOT NULL DEFAULT '';
GRANT UPDATE (owner, closing, closed_by, closed_note) ON cases TO zhanggui_app;
-- The queue: what is open, the oldest first.
CREATE INDEX cases_tenant_open ON cases (tenant_id, opened_at, id) WHERE closed_at IS NULL;
CREATE INDEX cases_open_oldest ON cases (opened_at, id) WHERE closed_at IS NULL;
CREATE INDEX cases_object ON cases (tenant_id, object_id, opened_at DESC);

CREATE TABLE resolutions (
    tenant_id    uuid NOT NULL,
    id           uuid NOT NULL,
    case_id      uuid NOT NULL,
    object_id    uuid NOT NULL,
    object_kind  text NOT NULL CHECK (object_kind IN ('payment', 'refund', 'payout')),
    amount       bigint NOT NULL CHECK (amount BETWEEN 1 AND 9999999999),
    currency     text NOT NULL CHECK (currency = 'CNY'),
    outcome      text NOT NULL CHECK (outcome IN ('succeeded', 'failed')),
    evidence_no  text NOT NULL CHECK (evidence_no <> ''),
    note         text NOT NULL CHECK (note <> ''),
    made_by      text NOT NULL CHECK (made_by <> ''),
    created_at   timestamptz NOT NULL,
    state        text NOT NULL CHECK (state IN ('pending', 'refused', 'overtaken', 'applied', 'confirmed', 'corrected', 'disputed')),
    applied_at   timestamptz,
    ended_at     timestamptz,
    provider_say text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT resolutions_case FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id)
);
CREATE UNIQUE INDEX resolutions_pending ON resolutions (tenant_id, object_id) WHERE state = 'pending';
CREATE INDEX resolutions_object ON resolutions (tenant_id, object_id, created_at DESC);

-- The decision that an order's state stands on, until the provider's word takes its place.
ALTER TABLE payments ADD COLUMN resolution_id uuid;
ALTER TABLE refunds ADD COLUMN resolution_id uuid;
ALTER TABLE payouts ADD COLUMN resolution_id uuid;
GRANT UPDATE (resolution_id) ON payments, refunds, payouts TO zhanggui_app;

ALTER TABLE resolutions ENABLE ROW LEVEL SECURITY;
ALTER TABLE resolutions FORCE ROW LEVEL SECURITY;
CREATE POLICY app ON resolutions TO zhanggui_app
    USING (tenant_id = current_setting('app.tenant_id')::uuid)
    WITH CHECK (tenant_id = current_setting('app.tenant_id')::uuid);
CREATE POLICY platform ON resolutions FOR SELECT TO zhanggui_platform USING (true);
CREATE POLICY owner ON resolutions TO zhanggui_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE (state, applied_at, ended_at, provider_say) ON resolutions TO zhanggui_app;
GRANT SELECT ON resolutions TO zhanggui_platform;

-- Orders that are in doubt already get their cases here, as the owner.
INSERT INTO cases (tenant_id, id, kind, object_id, object_kind, account_id, reason, opened_at, last_at)
SELECT tenant_id, gen_random_uuid(), 'unknown_payment', id, 'payment', account_id, unknown_reason, unknown_since, unknown_since
    FROM payments WHERE unknown_since IS NOT NULL
UNION ALL
SELECT tenant_id, gen_random_uuid(), 'unknown_refund', id, 'refund', account_id, unknown_reason, unknown_since, unknown_since
    FROM refunds WHERE unknown_since IS NOT NULL
UNION ALL
SELECT tenant_id, gen_random_uuid(), 'unknown_payout', id, 'payout', account_id, unknown_reason, unknown_since, unknown_since
    FROM payouts WHERE unknown_since IS NOT NULL;
