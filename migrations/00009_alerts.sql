-- What needs people, and where they are told of it.

-- +goose Up

-- Rows of the zero tenant are the platform's own.
CREATE TABLE alerts (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    kind        text NOT NULL CHECK (kind <> ''),
    severity    text NOT NULL CHECK (severity IN ('warning', 'critical')),
    key         text NOT NULL CHECK (key <> ''), -- object_id, or the name of what has no id
    object_id   uuid,
    object_kind text NOT NULL,
    object      text NOT NULL,
    args        json,
    times       integer NOT NULL DEFAULT 1,
    opened_at   timestamptz NOT NULL,
    last_at     timestamptz NOT NULL,
    resolved_at timestamptz,
    seen_by     text NOT NULL DEFAULT '',
    seen_at     timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX alerts_open ON alerts (tenant_id, kind, key) WHERE resolved_at IS NULL;
CREATE INDEX alerts_tenant_newest ON alerts (tenant_id, opened_at DESC, id DESC);
CREATE INDEX alerts_newest ON alerts (opened_at DESC, id DESC);
CREATE INDEX alerts_open_newest ON alerts (opened_at DESC, id DESC) WHERE resolved_at IS NULL;

-- +goose StatementBegin
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['alerts']
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

GRANT SELECT, INSERT, UPDATE (severity, object, args, times, last_at, resolved_at, seen_by, seen_at) ON alerts TO zhanggui_app;
GRANT SELECT ON alerts TO zhanggui_platform;
