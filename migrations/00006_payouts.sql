-- Payouts: who receives them, when the one call was begun, and the files they come with.

-- +goose Up

CREATE TABLE payout_batches (
    tenant_id    uuid NOT NULL,
    id           uuid NOT NULL,
    account_id   uuid NOT NULL,
    provider     text NOT NULL,
    file_name    text NOT NULL DEFAULT '',
    file_hash    bytea NOT NULL, -- keyed
    encoding     text NOT NULL,
    again        boolean NOT NULL, -- the same file was taken in before, and this was meant
    rows         integer NOT NULL CHECK (rows >= 0),
    amount       bigint NOT NULL CHECK (amount >= 0),
    currency     text NOT NULL CHECK (currency = 'CNY'),
    errors       json, -- rows, columns and sentences; no payee
    error_count  integer NOT NULL DEFAULT 0,
    state        text NOT NULL CHECK (state IN ('invalid', 'pending_approval', 'approved', 'rejected')),
    failure_code text NOT NULL DEFAULT '',
    approved_by  text NOT NULL DEFAULT '',
    created_by   text NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    version      integer NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT payout_batches_two_people CHECK (approved_by = '' OR approved_by <> created_by),
    CONSTRAINT payout_batches_approved CHECK ((state = 'approved') = (approved_by <> '')),
    CONSTRAINT payout_batches_account FOREIGN KEY (tenant_id, account_id) REFERENCES provider_accounts (tenant_id, id)
);
CREATE INDEX payout_batches_tenant_newest ON payout_batches (tenant_id, created_at DESC, id DESC);
CREATE INDEX payout_batches_newest ON payout_batches (created_at DESC, id DESC);
CREATE INDEX payout_batches_hash ON payout_batches (tenant_id, file_hash);
-- Two that upload the same file at the same moment: one is taken in.
CREATE UNIQUE INDEX payout_batches_same_file ON payout_batches (tenant_id, file_hash)
    WHERE state IN ('pending_approval', 'approved') AND NOT again;

-- No payout was ever written before this.
ALTER TABLE payouts
    DROP COLUMN payee_display,
    ADD COLUMN batch_id     uuid,
    ADD COLUMN batch_row    integer NOT NULL DEFAULT 0,
    ADD COLUMN source       text NOT NULL DEFAULT '',
    ADD COLUMN channel      text NOT NULL DEFAULT '',
    ADD COLUMN purpose      text NOT NULL DEFAULT '',
    ADD COLUMN payee_type   text NOT NULL DEFAULT '',
    ADD COLUMN payee_name   text NOT NULL DEFAULT '', -- masked
    ADD COLUMN payee_number text NOT NULL DEFAULT '', -- first 6 and last 4 digits
    ADD COLUMN bank_name    text NOT NULL DEFAULT '',
    ADD COLUMN wait_reason  text NOT NULL DEFAULT '',
    ADD COLUMN refused_at   timestamptz,
    ADD COLUMN sent_at      timestamptz, -- when its one call was begun
    ADD COLUMN paid_at      timestamptz,
    ADD CONSTRAINT payouts_batch FOREIGN KEY (tenant_id, batch_id) REFERENCES payout_batches (tenant_id, id),
    -- Whatever goes wrong above the database: nothing is sent that nobody has agreed to.
    ADD CONSTRAINT payouts_sent_approved CHECK (sent_at IS NULL OR approved_by <> '');
CREATE INDEX payouts_in_batch ON payouts (tenant_id, batch_id, batch_row) WHERE batch_id IS NOT NULL;
CREATE INDEX payouts_provider_payout_no ON payouts (provider_payout_no) WHERE provider_payout_no <> '';
CREATE INDEX payouts_state ON payouts (state, created_at DESC, id DESC) WHERE state <> 'succeeded';

-- A payout is sent at most once: the second attempt to send it cannot be written.
ALTER TABLE attempts
    ADD COLUMN payout_id uuid,
    ADD CONSTRAINT attempts_payout FOREIGN KEY (tenant_id, payout_id) REFERENCES payouts (tenant_id, id);
CREATE INDEX attempts_payout ON attempts (tenant_id, payout_id, started_at) WHERE payout_id IS NOT NULL;
CREATE UNIQUE INDEX attempts_payout_sent_once ON attempts (tenant_id, payout_id) WHERE operation = 'create_payout';

ALTER TABLE payout_batches ENABLE ROW LEVEL SECURITY;
ALTER TABLE payout_batches FORCE ROW LEVEL SECURITY;
CREATE POLICY app ON payout_batches TO zhanggui_app
    USING (tenant_id = current_setting('app.tenant_id')::uuid)
    WITH CHECK (tenant_id = current_setting('app.tenant_id')::uuid);
CREATE POLICY platform ON payout_batches FOR SELECT TO zhanggui_platform USING (true);
CREATE POLICY owner ON payout_batches TO zhanggui_owner USING (true) WITH CHECK (true);

GRANT UPDATE (wait_reason, refused_at, sent_at, paid_at) ON payouts TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (state, failure_code, approved_by, updated_at, version) ON payout_batches TO zhanggui_app;
GRANT SELECT ON payout_batches TO zhanggui_platform;
