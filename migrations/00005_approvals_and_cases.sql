-- Questions to a second person, and what waits for the answer.

-- +goose Up

CREATE TABLE approvals (
    tenant_id     uuid NOT NULL,
    id            uuid NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('refund', 'payout', 'payout_batch', 'resolution')),
    object_id     uuid NOT NULL,
    amount        bigint NOT NULL CHECK (amount >= 0), -- of a batch: its sum
    currency      text NOT NULL CHECK (currency = 'CNY'),
    needed        integer NOT NULL CHECK (needed BETWEEN 1 AND 5),
    summary       json,
    made_by       text NOT NULL CHECK (made_by <> ''),
    note          text NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    state         text NOT NULL CHECK (state IN ('pending', 'approved', 'rejected', 'expired', 'withdrawn')),
    decided_at    timestamptz,
    next_check_at timestamptz, -- expires_at while it is pending
    version       integer NOT NULL DEFAULT 0,
    lease_until   timestamptz,
    lease_token   uuid,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT approvals_maker UNIQUE (tenant_id, id, made_by)
);
CREATE UNIQUE INDEX approvals_pending ON approvals (tenant_id, object_id) WHERE state = 'pending';
CREATE INDEX approvals_object ON approvals (tenant_id, object_id, created_at DESC);
CREATE INDEX approvals_tenant_newest ON approvals (tenant_id, created_at DESC, id DESC);
CREATE INDEX approvals_newest ON approvals (created_at DESC, id DESC);
CREATE INDEX approvals_due ON approvals (next_check_at) WHERE next_check_at IS NOT NULL;

-- Who has answered, once each. The maker stands in the row, as the approval says, so that the check
-- that they are two people is the database's own.
CREATE TABLE approval_decisions (
    tenant_id   uuid NOT NULL,
    approval_id uuid NOT NULL,
    actor       text NOT NULL CHECK (actor <> ''),
    made_by     text NOT NULL,
    agree       boolean NOT NULL,
    note        text NOT NULL DEFAULT '',
    decided_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, approval_id, actor),
    CONSTRAINT approval_decisions_two_people CHECK (actor <> made_by),
    CONSTRAINT approval_decisions_approval FOREIGN KEY (tenant_id, approval_id, made_by) REFERENCES approvals (tenant_id, id, made_by)
);

-- How many people must agree; a kind without rows has the program's defaults.
CREATE TABLE approval_tiers (
    tenant_id   uuid NOT NULL REFERENCES tenants (tenant_id),
    kind        text NOT NULL CHECK (kind IN ('refund', 'payout', 'payout_batch', 'resolution')),
    role        text NOT NULL DEFAULT '', -- of the maker; empty: whoever makes it
    from_amount bigint NOT NULL CHECK (from_amount >= 0),
    needed      integer NOT NULL CHECK (needed BETWEEN 0 AND 5),
    PRIMARY KEY (tenant_id, kind, role, from_amount),
    CONSTRAINT approval_tiers_somebody CHECK (needed > 0 OR kind = 'refund')
);

-- What is reserved for refunds that are not in flight yet: they wait for approval or for their turn.
ALTER TABLE payments
    ADD COLUMN held bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT payments_held CHECK (held BETWEEN 0 AND reserved);
GRANT UPDATE (held) ON payments TO zhanggui_app;

-- A refund that was approved and has no sent_at is still to be sent. Without approved_at it was sent when it was written.
ALTER TABLE refunds ADD COLUMN approved_at timestamptz, ADD COLUMN sent_at timestamptz;
GRANT UPDATE (approved_at, sent_at) ON refunds TO zhanggui_app;

-- +goose StatementBegin
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['approvals', 'approval_decisions', 'approval_tiers']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY app ON %I TO zhanggui_app
            USING (tenant_id = current_setting(''app.tenant_id'')::uuid)
            WITH CHECK (tenant_id = current_setting(''app.tenant_id'')::uuid)', t);
        EXECUTE format('CREATE POLICY platform ON %I FOR SELECT TO zhanggui_platform USING (true)', t);
        EXECUTE format('CREATE POLICY owner ON %I TO zhanggui_owner USING (true) WITH CHECK (true)', t);
    END LOOP;
END
$$;
-- +goose StatementEnd

-- Amount, maker and needed people of an approval cannot be changed, and answers not at all.
GRANT SELECT, INSERT, UPDATE (state, decided_at, next_check_at, version, lease_until, lease_token) ON approvals TO zhanggui_app;
GRANT SELECT, INSERT ON approval_decisions TO zhanggui_app;
GRANT SELECT, INSERT, DELETE ON approval_tiers TO zhanggui_app;
GRANT SELECT ON approvals, approval_decisions, approval_tiers TO zhanggui_platform;
