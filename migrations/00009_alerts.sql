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
    -- due while the channels have not been told what is new of it
    next_check_at timestamptz,
    lease_until   timestamptz,
    lease_token   uuid,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX alerts_open ON alerts (tenant_id, kind, key) WHERE resolved_at IS NULL;
CREATE INDEX alerts_tenant_newest ON alerts (tenant_id, opened_at DESC, id DESC);
CREATE INDEX alerts_newest ON alerts (opened_at DESC, id DESC);
CREATE INDEX alerts_open_newest ON alerts (opened_at DESC, id DESC) WHERE resolved_at IS NULL;

CREATE INDEX alerts_due ON alerts (next_check_at) WHERE next_check_at IS NOT NULL;

CREATE TABLE alert_channels (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    name        text NOT NULL CHECK (name <> ''),
    type        text NOT NULL CHECK (type IN ('mail', 'webhook', 'wecom', 'dingtalk', 'feishu')),
    recipients  text[] NOT NULL DEFAULT '{}',
    display     text NOT NULL DEFAULT '',
    signed      boolean NOT NULL DEFAULT false,
    sealed      bytea, -- address and secret; NULL for mail
    kinds       text[] NOT NULL DEFAULT '{}', -- empty: all
    least       text NOT NULL CHECK (least IN ('warning', 'critical')),
    language    text NOT NULL CHECK (language IN ('zh', 'en')),
    disabled    boolean NOT NULL DEFAULT false,
    tried_at    timestamptz, -- a message was sent, whatever came back
    last_at     timestamptz,
    last_error  text NOT NULL DEFAULT '',
    failures    integer NOT NULL DEFAULT 0, -- in a row
    tested_at   timestamptz,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    -- due while there is something to tell
    next_check_at timestamptz,
    lease_until   timestamptz,
    lease_token   uuid,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX alert_channels_due ON alert_channels (next_check_at) WHERE next_check_at IS NOT NULL;

-- What a channel is to be told. One message takes all that wait.
CREATE TABLE alert_notices (
    tenant_id  uuid NOT NULL,
    channel_id uuid NOT NULL,
    alert_id   uuid NOT NULL,
    what       text NOT NULL CHECK (what IN ('opened', 'pressing', 'resolved')),
    created_at timestamptz NOT NULL,
    told_at    timestamptz,
    gave_up_at timestamptz,
    PRIMARY KEY (tenant_id, channel_id, alert_id, what),
    CONSTRAINT alert_notices_channel FOREIGN KEY (tenant_id, channel_id) REFERENCES alert_channels (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT alert_notices_alert FOREIGN KEY (tenant_id, alert_id) REFERENCES alerts (tenant_id, id)
);
CREATE INDEX alert_notices_waiting ON alert_notices (tenant_id, channel_id, created_at) WHERE told_at IS NULL AND gave_up_at IS NULL;

-- +goose StatementBegin
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['alerts', 'alert_channels', 'alert_notices']
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

GRANT SELECT, INSERT, UPDATE (severity, object, args, times, last_at, resolved_at, seen_by, seen_at,
    next_check_at, lease_until, lease_token) ON alerts TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (name, recipients, display, signed, sealed, kinds, least, language, disabled, tried_at, last_at, last_error, failures,
    tested_at, updated_at, next_check_at, lease_until, lease_token), DELETE ON alert_channels TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (told_at, gave_up_at) ON alert_notices TO zhanggui_app;
GRANT SELECT ON alerts TO zhanggui_platform;
GRANT SELECT (tenant_id, id, next_check_at, lease_until) ON alert_channels TO zhanggui_platform;
GRANT SELECT (tenant_id, channel_id, alert_id) ON alert_notices TO zhanggui_platform;
