-- The schema of issue 1. Everything is owned by zhanggui_owner and lives in the schema zhanggui.
--
-- Tenant-owned tables: the primary key and every foreign key start with tenant_id; row-level
-- security is forced, with one policy per role (last section).
-- Directory tables: what must be found before a tenant is known. They carry no tenant payload
-- (ids, numbers, hashes, the merchant's display name) and no tenant policy.
-- json, not jsonb, wherever the text must come back as it was written (hashes, \u0000 in a provider's reply).

-- +goose Up

-- ---------------------------------------------------------------- directory tables

CREATE TABLE settings (
    name  text PRIMARY KEY,
    value text NOT NULL
);
-- Drawn anew after a restore, so that a restored sequence cannot repeat a number a provider knows.
INSERT INTO settings VALUES ('order_number_epoch', lpad(floor(random() * 10000)::int::text, 4, '0'));

-- Handed out in blocks: the value n stands for n … n+99.
CREATE SEQUENCE order_no_seq INCREMENT BY 100 MINVALUE 100 MAXVALUE 9999999900 START 100;

CREATE TABLE tenants_directory (
    tenant_id  uuid PRIMARY KEY CHECK (tenant_id <> '00000000-0000-0000-0000-000000000000'),
    name       text NOT NULL,
    status     text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE order_directory (
    order_no  text PRIMARY KEY,
    tenant_id uuid NOT NULL,
    object_id uuid NOT NULL,
    kind      text NOT NULL CHECK (kind IN ('payment', 'refund', 'payout'))
);
CREATE UNIQUE INDEX order_directory_object ON order_directory (object_id);

CREATE TABLE users (
    id             uuid PRIMARY KEY,
    email          text NOT NULL CHECK (email <> ''),
    name           text NOT NULL,
    password_hash  text NOT NULL,
    totp_sealed    bytea,
    totp_enabled   boolean NOT NULL DEFAULT false,
    disabled       boolean NOT NULL DEFAULT false,
    failures       integer NOT NULL DEFAULT 0,
    locked_until   timestamptz,
    last_totp_step bigint NOT NULL DEFAULT 0,
    created_at     timestamptz NOT NULL,
    last_login_at  timestamptz
);
CREATE UNIQUE INDEX users_email ON users (lower(email));

-- tenant_id is the zero UUID for a role on the platform.
CREATE TABLE role_bindings (
    user_id   uuid NOT NULL REFERENCES users (id),
    tenant_id uuid NOT NULL,
    role      text NOT NULL,
    store_ids uuid[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (user_id, tenant_id, role)
);
CREATE INDEX role_bindings_tenant ON role_bindings (tenant_id, user_id);

CREATE TABLE sessions (
    id         uuid PRIMARY KEY,
    user_id    uuid NOT NULL REFERENCES users (id),
    hash       bytea NOT NULL UNIQUE,
    csrf_hash  bytea NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    step_up_at timestamptz,
    ip         text NOT NULL DEFAULT '',
    user_agent text NOT NULL DEFAULT ''
);
CREATE INDEX sessions_user ON sessions (user_id, created_at DESC);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE one_time_links (
    hash       bytea PRIMARY KEY,
    purpose    text NOT NULL CHECK (purpose IN ('setup', 'invite', 'login', 'recovery')),
    user_id    uuid,
    expires_at timestamptz NOT NULL
);

-- Only keys that are not revoked: revoking deletes the row in the same transaction.
CREATE TABLE api_key_directory (
    hash         bytea PRIMARY KEY,
    tenant_id    uuid NOT NULL,
    key_id       uuid NOT NULL UNIQUE,
    role         text NOT NULL,
    last_used_at timestamptz
);

-- Who has which role is told to every node's authorizer when the transaction commits.
-- +goose StatementBegin
CREATE FUNCTION notify_policy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('zhanggui_policy', '');
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER role_bindings_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON role_bindings
    FOR EACH STATEMENT EXECUTE FUNCTION notify_policy();

CREATE TABLE plugins (
    id          text PRIMARY KEY,
    sha256      bytea NOT NULL CHECK (octet_length(sha256) = 32),
    state       text NOT NULL CHECK (state IN ('pending', 'approved', 'disabled')),
    approved_by text NOT NULL DEFAULT '',
    approved_at timestamptz,
    seen_at     timestamptz NOT NULL DEFAULT now()
);

-- ---------------------------------------------------------------- tenants and what they own

CREATE TABLE tenants (
    tenant_id  uuid PRIMARY KEY CHECK (tenant_id <> '00000000-0000-0000-0000-000000000000'),
    name       text NOT NULL,
    short_name text NOT NULL,
    status     text NOT NULL CHECK (status IN ('onboarding', 'live', 'suspended')),
    contact    text NOT NULL DEFAULT '',
    live       boolean NOT NULL DEFAULT false,
    test_mode  boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX tenants_newest ON tenants (created_at DESC, tenant_id DESC);

CREATE TABLE stores (
    tenant_id  uuid NOT NULL REFERENCES tenants (tenant_id),
    id         uuid NOT NULL,
    name       text NOT NULL,
    code       text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT stores_code UNIQUE (tenant_id, code)
);

CREATE TABLE terminals (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    store_id   uuid NOT NULL,
    name       text NOT NULL,
    code       text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT terminals_code UNIQUE (tenant_id, store_id, code),
    CONSTRAINT terminals_store FOREIGN KEY (tenant_id, store_id) REFERENCES stores (tenant_id, id)
);

CREATE TABLE provider_accounts (
    tenant_id   uuid NOT NULL REFERENCES tenants (tenant_id),
    id          uuid NOT NULL,
    provider    text NOT NULL,
    name        text NOT NULL,
    status      text NOT NULL CHECK (status IN ('draft', 'live', 'disabled')),
    store_id    uuid,
    is_default  boolean NOT NULL DEFAULT false,
    base_url    text NOT NULL DEFAULT '',
    settings    json,
    key_version integer NOT NULL DEFAULT 0,
    credentials json NOT NULL DEFAULT '[]', -- masked displays and fingerprints, never a secret
    checked_at  timestamptz,
    check_error text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT provider_accounts_store FOREIGN KEY (tenant_id, store_id) REFERENCES stores (tenant_id, id)
);

CREATE TABLE fee_rates (
    tenant_id    uuid NOT NULL,
    id           uuid NOT NULL,
    account_id   uuid NOT NULL,
    method       text NOT NULL,
    basis_points integer NOT NULL CHECK (basis_points BETWEEN 0 AND 10000),
    minimum      bigint NOT NULL DEFAULT 0 CHECK (minimum >= 0),
    maximum      bigint CHECK (maximum >= minimum),
    per_payout   bigint NOT NULL DEFAULT 0 CHECK (per_payout >= 0),
    valid_from   timestamptz NOT NULL,
    valid_to     timestamptz CHECK (valid_to > valid_from),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT fee_rates_account FOREIGN KEY (tenant_id, account_id) REFERENCES provider_accounts (tenant_id, id)
);
CREATE INDEX fee_rates_lookup ON fee_rates (tenant_id, account_id, method, valid_from DESC);

CREATE TABLE api_keys (
    tenant_id  uuid NOT NULL REFERENCES tenants (tenant_id),
    id         uuid NOT NULL,
    name       text NOT NULL,
    prefix     text NOT NULL,
    hash       bytea NOT NULL UNIQUE,
    role       text NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);

-- ---------------------------------------------------------------- money
-- All amounts are minor units (fen for CNY).

CREATE TABLE payments (
    tenant_id         uuid NOT NULL,
    id                uuid NOT NULL,
    order_no          text NOT NULL,
    merchant_order_no text NOT NULL,
    account_id        uuid NOT NULL,
    provider          text NOT NULL,
    store_id          uuid,
    terminal_id       uuid,
    method            text NOT NULL,
    channel           text NOT NULL DEFAULT '',
    amount            bigint NOT NULL CHECK (amount BETWEEN 1 AND 9999999999),
    currency          text NOT NULL CHECK (currency = 'CNY'),
    subject           text NOT NULL DEFAULT '',
    description       text NOT NULL DEFAULT '',
    state             text NOT NULL CHECK (state IN ('requires_action', 'processing', 'succeeded', 'failed', 'canceled', 'closed', 'expired')),
    unknown_since     timestamptz,
    unknown_reason    text NOT NULL DEFAULT '',
    next_action       json,
    provider_order_no text NOT NULL DEFAULT '',
    channel_trade_no  text NOT NULL DEFAULT '',
    payer_id          text NOT NULL DEFAULT '',
    provided_code     text NOT NULL DEFAULT '',
    provided_message  text NOT NULL DEFAULT '',
    failure_code      text NOT NULL DEFAULT '',
    refunded          bigint NOT NULL DEFAULT 0 CHECK (refunded >= 0),
    reserved          bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    fee               bigint NOT NULL DEFAULT 0 CHECK (fee >= 0),
    refused_at        timestamptz,
    cancel_asked_at   timestamptz,
    cancel_sent_at    timestamptz,
    next_check_at     timestamptz,
    checks            integer NOT NULL DEFAULT 0,
    cancel_at         timestamptz,
    created_by        text NOT NULL DEFAULT '',
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    succeeded_at      timestamptz,
    version           integer NOT NULL DEFAULT 0,
    lease_until       timestamptz,
    lease_token       uuid,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT payments_refundable CHECK (refunded + reserved <= amount),
    CONSTRAINT payments_account FOREIGN KEY (tenant_id, account_id) REFERENCES provider_accounts (tenant_id, id),
    CONSTRAINT payments_store FOREIGN KEY (tenant_id, store_id) REFERENCES stores (tenant_id, id),
    CONSTRAINT payments_terminal FOREIGN KEY (tenant_id, terminal_id) REFERENCES terminals (tenant_id, id)
) WITH (fillfactor = 85);
-- Numbers lead with the number, so that one index serves a tenant's look-up and the platform's.
CREATE UNIQUE INDEX payments_order_no ON payments (order_no);
CREATE UNIQUE INDEX payments_merchant_order_no ON payments (merchant_order_no, tenant_id);
CREATE INDEX payments_provider_order_no ON payments (provider_order_no) WHERE provider_order_no <> '';
CREATE INDEX payments_channel_trade_no ON payments (channel_trade_no) WHERE channel_trade_no <> '';
CREATE INDEX payments_tenant_newest ON payments (tenant_id, created_at DESC, id DESC);
CREATE INDEX payments_newest ON payments (created_at DESC, id DESC);
CREATE INDEX payments_tenant_state ON payments (tenant_id, state, created_at DESC, id DESC) WHERE state <> 'succeeded';
CREATE INDEX payments_state ON payments (state, created_at DESC, id DESC) WHERE state <> 'succeeded';
CREATE INDEX payments_due ON payments (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX payments_unknown ON payments (unknown_since) WHERE unknown_since IS NOT NULL;

CREATE TABLE refunds (
    tenant_id          uuid NOT NULL,
    id                 uuid NOT NULL,
    payment_id         uuid NOT NULL,
    refund_no          text NOT NULL,
    merchant_refund_no text NOT NULL,
    account_id         uuid NOT NULL,
    provider           text NOT NULL,
    amount             bigint NOT NULL CHECK (amount BETWEEN 1 AND 9999999999),
    currency           text NOT NULL CHECK (currency = 'CNY'),
    refunded_before    bigint NOT NULL DEFAULT 0 CHECK (refunded_before >= 0),
    reason             text NOT NULL DEFAULT '',
    state              text NOT NULL CHECK (state IN ('pending_approval', 'processing', 'succeeded', 'failed', 'rejected')),
    unknown_since      timestamptz,
    unknown_reason     text NOT NULL DEFAULT '',
    refused_at         timestamptz,
    provider_refund_no text NOT NULL DEFAULT '',
    provided_code      text NOT NULL DEFAULT '',
    provided_message   text NOT NULL DEFAULT '',
    failure_code       text NOT NULL DEFAULT '',
    next_check_at      timestamptz,
    checks             integer NOT NULL DEFAULT 0,
    created_by         text NOT NULL DEFAULT '',
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL,
    succeeded_at       timestamptz,
    version            integer NOT NULL DEFAULT 0,
    lease_until        timestamptz,
    lease_token        uuid,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT refunds_payment FOREIGN KEY (tenant_id, payment_id) REFERENCES payments (tenant_id, id),
    CONSTRAINT refunds_account FOREIGN KEY (tenant_id, account_id) REFERENCES provider_accounts (tenant_id, id)
);
CREATE UNIQUE INDEX refunds_refund_no ON refunds (refund_no);
CREATE UNIQUE INDEX refunds_merchant_refund_no ON refunds (merchant_refund_no, tenant_id);
CREATE INDEX refunds_provider_refund_no ON refunds (provider_refund_no) WHERE provider_refund_no <> '';
CREATE INDEX refunds_payment_newest ON refunds (tenant_id, payment_id, created_at DESC);
CREATE INDEX refunds_tenant_newest ON refunds (tenant_id, created_at DESC, id DESC);
CREATE INDEX refunds_newest ON refunds (created_at DESC, id DESC);
CREATE INDEX refunds_state ON refunds (state, created_at DESC, id DESC) WHERE state <> 'succeeded';
CREATE INDEX refunds_due ON refunds (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX refunds_unknown ON refunds (unknown_since) WHERE unknown_since IS NOT NULL;

CREATE TABLE payouts (
    tenant_id          uuid NOT NULL,
    id                 uuid NOT NULL,
    payout_no          text NOT NULL UNIQUE,
    merchant_payout_no text NOT NULL,
    account_id         uuid NOT NULL,
    provider           text NOT NULL,
    amount             bigint NOT NULL CHECK (amount BETWEEN 1 AND 9999999999),
    currency           text NOT NULL CHECK (currency = 'CNY'),
    fee                bigint NOT NULL DEFAULT 0 CHECK (fee >= 0),
    payee_sealed       bytea,
    payee_display      text NOT NULL DEFAULT '',
    state              text NOT NULL CHECK (state IN ('pending_approval', 'processing', 'in_review', 'succeeded', 'failed', 'returned', 'rejected')),
    unknown_since      timestamptz,
    unknown_reason     text NOT NULL DEFAULT '',
    provider_payout_no text NOT NULL DEFAULT '',
    provided_code      text NOT NULL DEFAULT '',
    provided_message   text NOT NULL DEFAULT '',
    failure_code       text NOT NULL DEFAULT '',
    next_check_at      timestamptz,
    checks             integer NOT NULL DEFAULT 0,
    created_by         text NOT NULL DEFAULT '',
    approved_by        text NOT NULL DEFAULT '',
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL,
    finished_at        timestamptz,
    version            integer NOT NULL DEFAULT 0,
    lease_until        timestamptz,
    lease_token        uuid,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT payouts_two_people CHECK (approved_by = '' OR approved_by <> created_by),
    CONSTRAINT payouts_account FOREIGN KEY (tenant_id, account_id) REFERENCES provider_accounts (tenant_id, id)
);
CREATE UNIQUE INDEX payouts_merchant_payout_no ON payouts (merchant_payout_no, tenant_id);
CREATE INDEX payouts_tenant_newest ON payouts (tenant_id, created_at DESC, id DESC);
CREATE INDEX payouts_newest ON payouts (created_at DESC, id DESC);
CREATE INDEX payouts_due ON payouts (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX payouts_unknown ON payouts (unknown_since) WHERE unknown_since IS NOT NULL;

-- Written before the call, completed after it.
CREATE TABLE attempts (
    tenant_id        uuid NOT NULL,
    id               uuid NOT NULL,
    payment_id       uuid NOT NULL,
    refund_id        uuid,
    account_id       uuid NOT NULL,
    operation        text NOT NULL,
    outcome          text NOT NULL DEFAULT '',
    sent             text NOT NULL DEFAULT '',
    provided_code    text NOT NULL DEFAULT '',
    provided_message text NOT NULL DEFAULT '',
    evidence         json,
    key_uses         json,
    key_version      integer NOT NULL DEFAULT 0,
    plugin           text NOT NULL DEFAULT '',
    started_at       timestamptz NOT NULL,
    finished_at      timestamptz,
    duration_us      bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT attempts_payment FOREIGN KEY (tenant_id, payment_id) REFERENCES payments (tenant_id, id),
    CONSTRAINT attempts_refund FOREIGN KEY (tenant_id, refund_id) REFERENCES refunds (tenant_id, id)
) WITH (fillfactor = 80);
CREATE INDEX attempts_payment ON attempts (tenant_id, payment_id, started_at);

-- ---------------------------------------------------------------- what happened

-- The outbox. sequence increases with the commit order of one object's events, because the
-- object's row is locked before it is drawn.
CREATE TABLE events (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    type       text NOT NULL,
    object_id  uuid NOT NULL,
    sequence   bigint GENERATED ALWAYS AS IDENTITY,
    data       json,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX events_object ON events (tenant_id, object_id, sequence);
CREATE INDEX events_tenant_newest ON events (tenant_id, created_at DESC, id DESC);
CREATE INDEX events_newest ON events (created_at DESC, id DESC);

-- tenant_id is the zero UUID for the platform's own chain. Rows are never updated: their place
-- in the chain is in audit_chain.
CREATE TABLE audit_log (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    seq        bigint GENERATED ALWAYS AS IDENTITY,
    actor      text NOT NULL CHECK (actor <> ''),
    action     text NOT NULL CHECK (action <> ''),
    object     text NOT NULL,
    before     json,
    after      json,
    ip         text NOT NULL DEFAULT '',
    request_id text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX audit_log_tenant_newest ON audit_log (tenant_id, created_at DESC, id DESC);
CREATE INDEX audit_log_newest ON audit_log (created_at DESC, id DESC);

-- What the sealer still has to chain: written with the audit row, taken away when it is chained.
-- A queue, not a water mark: a transaction that began earlier may commit later.
-- Queue, chain and heads hold ids and hashes only, so they are directory tables.
CREATE TABLE audit_unchained (
    tenant_id uuid NOT NULL,
    audit_id  uuid NOT NULL,
    PRIMARY KEY (tenant_id, audit_id)
);

CREATE TABLE audit_chain (
    tenant_id   uuid NOT NULL,
    chain_index bigint NOT NULL CHECK (chain_index >= 1),
    audit_id    uuid NOT NULL,
    hash        bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (tenant_id, chain_index)
);
CREATE UNIQUE INDEX audit_chain_entry ON audit_chain (tenant_id, audit_id);

CREATE TABLE audit_heads (
    tenant_id uuid PRIMARY KEY,
    rows      bigint NOT NULL,
    hash      bytea NOT NULL CHECK (octet_length(hash) = 32),
    sealed_at timestamptz NOT NULL
);

CREATE TABLE idempotency_keys (
    tenant_id  uuid NOT NULL,
    caller     text NOT NULL,
    operation  text NOT NULL,
    key        text NOT NULL,
    body_hash  bytea NOT NULL,
    object_id  uuid,
    status     integer,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, caller, operation, key)
) WITH (fillfactor = 85);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- ---------------------------------------------------------------- row-level security
-- app: the tenant set in the transaction; with none set the cast fails, which is the closed side.
-- platform: reads all. owner: explicit, or backfills and pg_dump would fail under FORCE.

-- +goose StatementBegin
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['tenants', 'stores', 'terminals', 'provider_accounts', 'fee_rates', 'api_keys',
        'payments', 'refunds', 'payouts', 'attempts', 'events', 'audit_log', 'idempotency_keys']
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

-- ---------------------------------------------------------------- grants
-- Nothing that is money, an event or an audit row can be deleted by app; amounts, numbers and
-- owners cannot be changed; audit and events cannot be updated at all.

REVOKE ALL ON SCHEMA zhanggui FROM PUBLIC;
GRANT USAGE ON SCHEMA zhanggui TO zhanggui_app, zhanggui_platform;
GRANT USAGE ON SEQUENCE order_no_seq TO zhanggui_app;

GRANT SELECT ON settings TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (name, status) ON tenants_directory TO zhanggui_app;
GRANT SELECT, INSERT ON order_directory TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE ON users TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (store_ids), DELETE ON role_bindings TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (seen_at, step_up_at), DELETE ON sessions TO zhanggui_app;
GRANT SELECT, INSERT, DELETE ON one_time_links TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (last_used_at), DELETE ON api_key_directory TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE ON plugins TO zhanggui_app;

GRANT SELECT, INSERT, UPDATE (name, short_name, status, contact, live, test_mode, updated_at) ON tenants TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (name, code) ON stores TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (name, code) ON terminals TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (name, status, store_id, is_default, base_url, settings, key_version, credentials,
    checked_at, check_error, updated_at) ON provider_accounts TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (valid_to) ON fee_rates TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (revoked_at) ON api_keys TO zhanggui_app;

GRANT SELECT, INSERT, UPDATE (channel, state, unknown_since, unknown_reason, next_action, provider_order_no,
    channel_trade_no, payer_id, provided_code, provided_message, failure_code, refunded, reserved, fee, refused_at,
    cancel_asked_at, cancel_sent_at, next_check_at, checks, cancel_at, updated_at, succeeded_at, version,
    lease_until, lease_token) ON payments TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (refunded_before, state, unknown_since, unknown_reason, refused_at, provider_refund_no,
    provided_code, provided_message, failure_code, next_check_at, checks, updated_at, succeeded_at, version,
    lease_until, lease_token) ON refunds TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (fee, state, unknown_since, unknown_reason, provider_payout_no, provided_code,
    provided_message, failure_code, next_check_at, checks, approved_by, updated_at, finished_at, version,
    lease_until, lease_token) ON payouts TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (outcome, sent, provided_code, provided_message, evidence, key_uses, key_version, plugin,
    finished_at, duration_us) ON attempts TO zhanggui_app;

GRANT SELECT, INSERT ON events, audit_log, audit_chain TO zhanggui_app;
GRANT SELECT, INSERT, DELETE ON audit_unchained TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (rows, hash, sealed_at) ON audit_heads TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (object_id, status), DELETE ON idempotency_keys TO zhanggui_app;

GRANT SELECT ON tenants_directory, tenants, stores, terminals, provider_accounts, fee_rates, payments, refunds, payouts,
    attempts, events, audit_log, audit_unchained, audit_chain, audit_heads TO zhanggui_platform;
