-- Webhooks: where a merchant's programs are told what happens, and what was sent.

-- +goose Up

CREATE TABLE webhook_endpoints (
    tenant_id       uuid NOT NULL REFERENCES tenants (tenant_id),
    id              uuid NOT NULL,
    url             text NOT NULL,
    description     text NOT NULL DEFAULT '',
    types           text[] NOT NULL DEFAULT '{}', -- empty: all
    enabled         boolean NOT NULL,
    disabled_reason text NOT NULL DEFAULT '' CHECK (disabled_reason IN ('', 'person', 'gone', 'failing')),
    disabled_at     timestamptz,
    failing_since   timestamptz, -- the first failure after the last success
    created_by      text NOT NULL,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    removed_at      timestamptz, -- the log of what was sent outlives the endpoint
    version         integer NOT NULL DEFAULT 0,
    -- Held by the node that sends to it: one node at a time keeps the order and the number of connections.
    lease_until     timestamptz,
    lease_token     uuid,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE webhook_secrets (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    sealed      bytea NOT NULL,
    display     text NOT NULL,
    created_by  text NOT NULL,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz, -- NULL: it is the one in use
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT webhook_secrets_webhook FOREIGN KEY (tenant_id, endpoint_id) REFERENCES webhook_endpoints (tenant_id, id)
);
CREATE INDEX webhook_secrets_webhook ON webhook_secrets (tenant_id, endpoint_id, created_at);

-- Written by the statement that writes the event, so that none can be forgotten.
CREATE TABLE webhook_deliveries (
    tenant_id     uuid NOT NULL,
    id            uuid NOT NULL,
    endpoint_id   uuid NOT NULL,
    event_id      uuid NOT NULL,
    event_type    text NOT NULL,
    object_id     uuid NOT NULL,
    sequence      bigint NOT NULL, -- the event's
    state         text NOT NULL CHECK (state IN ('pending', 'delivered', 'failed', 'canceled')),
    attempts      integer NOT NULL DEFAULT 0,
    next_check_at timestamptz,
    last_status   integer NOT NULL DEFAULT 0,
    last_error    text NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL,
    finished_at   timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT webhook_deliveries_due CHECK ((state = 'pending') = (next_check_at IS NOT NULL)),
    CONSTRAINT webhook_deliveries_webhook FOREIGN KEY (tenant_id, endpoint_id) REFERENCES webhook_endpoints (tenant_id, id)
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX webhook_deliveries_event ON webhook_deliveries (tenant_id, endpoint_id, event_id);
CREATE INDEX webhook_deliveries_newest ON webhook_deliveries (tenant_id, created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (tenant_id, endpoint_id, next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX webhook_deliveries_order ON webhook_deliveries (tenant_id, endpoint_id, object_id, sequence) WHERE next_check_at IS NOT NULL;

CREATE TABLE webhook_attempts (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    delivery_id uuid NOT NULL,
    status      integer NOT NULL DEFAULT 0, -- 0: no reply came
    error       text NOT NULL DEFAULT '',
    reply       bytea, -- up to 16 KiB
    address     text NOT NULL DEFAULT '',
    started_at  timestamptz NOT NULL,
    duration_us bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT webhook_attempts_delivery FOREIGN KEY (tenant_id, delivery_id) REFERENCES webhook_deliveries (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX webhook_attempts_delivery ON webhook_attempts (tenant_id, delivery_id, started_at);

-- +goose StatementBegin
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['webhook_endpoints', 'webhook_secrets', 'webhook_deliveries', 'webhook_attempts']
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

GRANT SELECT, INSERT, UPDATE (url, description, types, enabled, disabled_reason, disabled_at, failing_since, updated_at, removed_at, version,
    lease_until, lease_token) ON webhook_endpoints TO zhanggui_app;
GRANT SELECT, INSERT, DELETE, UPDATE (expires_at) ON webhook_secrets TO zhanggui_app;
GRANT SELECT, INSERT, DELETE, UPDATE (state, attempts, next_check_at, last_status, last_error, finished_at) ON webhook_deliveries TO zhanggui_app;
GRANT SELECT, INSERT, DELETE ON webhook_attempts TO zhanggui_app;
GRANT SELECT ON webhook_endpoints, webhook_secrets, webhook_deliveries, webhook_attempts TO zhanggui_platform;
