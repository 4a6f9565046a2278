-- Limits and freezes of new money, fee rates.

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

-- A rate that is ended before it begins is never valid.
ALTER TABLE fee_rates DROP CONSTRAINT fee_rates_check1, ADD CONSTRAINT fee_rates_period CHECK (valid_to >= valid_from);

-- +goose StatementBegin
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['spending_limits', 'spending_days', 'freezes']
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

GRANT SELECT, INSERT, UPDATE (single_limit, daily_limit, set_by, set_at), DELETE ON spending_limits TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (used), DELETE ON spending_days TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (lift_reason, lifted_by, lifted_at) ON freezes TO zhanggui_app;
GRANT SELECT ON spending_limits, spending_days, freezes TO zhanggui_platform;
