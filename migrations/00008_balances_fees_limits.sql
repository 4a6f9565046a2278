-- Limits and freezes of new money, fee rates, balances and the calendar they clear by.

-- +goose Up

-- scope is core.Scope.Key: the merchant, an account, or a method of an account.
CREATE TABLE spending_limits (
    tenant_id    uuid NOT NULL REFERENCES tenants (tenant_id),
    account_id   uuid,
    method       text NOT NULL DEFAULT '',
    scope        text GENERATED ALWAYS AS (coalesce(account_id::text, '') || '/' || method) STORED,
    spending     text NOT NULL CHECK (spending IN ('payment', 'payout')),
    layer        text NOT NULL CHECK (layer IN ('platform', 'tenant')),
    single_limit bigint CHECK (single_limit > 0),
    daily_limit  bigint CHECK (daily_limit > 0),
    set_by       text NOT NULL,
    set_at       timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, scope, spending, layer),
    CONSTRAINT spending_limits_account FOREIGN KEY (tenant_id, account_id) REFERENCES provider_accounts (tenant_id, id),
    CONSTRAINT spending_limits_method CHECK (method = '' OR account_id IS NOT NULL AND spending = 'payment'),
    CONSTRAINT spending_limits_amount CHECK (single_limit IS NOT NULL OR daily_limit IS NOT NULL)
);

-- What the payments or payouts of a Beijing day sum up to in a scope that has a daily limit; no other has a row here.
CREATE TABLE spending_days (
    tenant_id uuid NOT NULL,
    scope     text NOT NULL,
    spending  text NOT NULL CHECK (spending IN ('payment', 'payout')),
    day       date NOT NULL,
    used      bigint NOT NULL CHECK (used >= 0),
    PRIMARY KEY (tenant_id, scope, spending, day)
) WITH (fillfactor = 50);

CREATE TABLE freezes (
    tenant_id   uuid NOT NULL REFERENCES tenants (tenant_id),
    id          uuid NOT NULL,
    account_id  uuid,
    method      text NOT NULL DEFAULT '',
    scope       text GENERATED ALWAYS AS (coalesce(account_id::text, '') || '/' || method) STORED,
    layer       text NOT NULL CHECK (layer IN ('platform', 'tenant')),
    reason      text NOT NULL CHECK (reason <> ''),
    frozen_by   text NOT NULL,
    frozen_at   timestamptz NOT NULL,
    lift_reason text NOT NULL DEFAULT '',
    lifted_by   text NOT NULL DEFAULT '',
    lifted_at   timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT freezes_account FOREIGN KEY (tenant_id, account_id) REFERENCES provider_accounts (tenant_id, id),
    CONSTRAINT freezes_method CHECK (method = '' OR account_id IS NOT NULL)
);
CREATE UNIQUE INDEX freezes_in_force ON freezes (tenant_id, scope, layer) WHERE lifted_at IS NULL;

-- What the provider itself says that a payout costs.
ALTER TABLE payouts ADD COLUMN provider_fee bigint;

-- A rate that is ended before it begins is never valid.
ALTER TABLE fee_rates DROP CONSTRAINT fee_rates_check1, ADD CONSTRAINT fee_rates_period CHECK (valid_to >= valid_from);

-- Which days are worked, by year; the platform's, read by all.
CREATE TABLE working_calendars (
    year        integer PRIMARY KEY CHECK (year BETWEEN 2000 AND 2100),
    days        json NOT NULL, -- [{"day", "working", "name"}], those that differ from Monday to Friday
    uploaded_by text NOT NULL,
    uploaded_at timestamptz NOT NULL
);

-- When an account's balances are asked for, and how that went. id is the account's.
CREATE TABLE balance_watches (
    tenant_id        uuid NOT NULL,
    id               uuid NOT NULL,
    next_check_at    timestamptz,
    asked_at         timestamptz,
    taken_at         timestamptz, -- of the newest snapshots
    as_of            timestamptz,
    payable          bigint,      -- the provider's own sums
    total            bigint,
    failures         integer NOT NULL DEFAULT 0,
    provided_code    text NOT NULL DEFAULT '',
    provided_message text NOT NULL DEFAULT '',
    low_since        timestamptz,
    stale_since      timestamptz,
    created_at       timestamptz NOT NULL,
    version          integer NOT NULL DEFAULT 0,
    lease_until      timestamptz,
    lease_token      uuid,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT balance_watches_account FOREIGN KEY (tenant_id, id) REFERENCES provider_accounts (tenant_id, id)
);
CREATE INDEX balance_watches_due ON balance_watches (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX balance_watches_newest ON balance_watches (created_at DESC, id DESC);
-- Accounts that are live already are asked once; those without balances are not asked again.
INSERT INTO balance_watches (tenant_id, id, next_check_at, created_at) SELECT tenant_id, id, now(), now() FROM provider_accounts WHERE status = 'live';

-- An amount that the provider does not state is NULL.
CREATE TABLE balance_snapshots (
    tenant_id        uuid NOT NULL,
    id               uuid NOT NULL,
    account_id       uuid NOT NULL,
    taken_at         timestamptz NOT NULL,
    as_of            timestamptz,
    channel          text NOT NULL,
    channel_merchant text NOT NULL DEFAULT '',
    name             text NOT NULL DEFAULT '',
    suspended        boolean NOT NULL,
    pending          bigint,
    available        bigint,
    advance          bigint,
    frozen           bigint,
    minimum          bigint,
    maximum          bigint,
    opens            text NOT NULL DEFAULT '',
    closes           text NOT NULL DEFAULT '',
    holidays         text NOT NULL DEFAULT '',
    clears           text NOT NULL DEFAULT '',
    clears_at        integer NOT NULL,
    figures          json NOT NULL, -- by the provider's own names
    daily            boolean NOT NULL DEFAULT false, -- the last of its day, which stays when the others go
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT balance_snapshots_account FOREIGN KEY (tenant_id, account_id) REFERENCES provider_accounts (tenant_id, id)
);
CREATE INDEX balance_snapshots_history ON balance_snapshots (tenant_id, account_id, taken_at DESC, id DESC);
CREATE INDEX balance_snapshots_age ON balance_snapshots (taken_at) WHERE NOT daily;

CREATE TABLE balance_marks (
    tenant_id  uuid NOT NULL,
    account_id uuid NOT NULL,
    channel    text NOT NULL DEFAULT '', -- empty: the sum over the channels
    amount     bigint NOT NULL CHECK (amount > 0),
    set_by     text NOT NULL,
    set_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, account_id, channel),
    CONSTRAINT balance_marks_account FOREIGN KEY (tenant_id, account_id) REFERENCES provider_accounts (tenant_id, id)
);

-- +goose StatementBegin
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['spending_limits', 'spending_days', 'freezes', 'balance_watches', 'balance_snapshots', 'balance_marks']
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

GRANT UPDATE (provider_fee) ON payouts TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (single_limit, daily_limit, set_by, set_at), DELETE ON spending_limits TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (used), DELETE ON spending_days TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (lift_reason, lifted_by, lifted_at) ON freezes TO zhanggui_app;
GRANT SELECT ON spending_limits, spending_days, freezes TO zhanggui_platform;
GRANT SELECT, INSERT, UPDATE (days, uploaded_by, uploaded_at) ON working_calendars TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (next_check_at, asked_at, taken_at, as_of, payable, total, failures, provided_code, provided_message, low_since,
    stale_since, version, lease_until, lease_token) ON balance_watches TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (daily), DELETE ON balance_snapshots TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (amount, set_by, set_at), DELETE ON balance_marks TO zhanggui_app;
GRANT SELECT ON working_calendars, balance_watches, balance_snapshots, balance_marks TO zhanggui_platform;
