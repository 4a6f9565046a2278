-- What merchants' programs asked of the API, kept for a while; where an API key was last used from, and until when it is valid.

-- +goose Up

-- Written after the reply, many rows at a time, and lost rather than waited for. It has no foreign keys: checking one would lock
-- rows of keys and merchants that a payment reads. object_kind is the prefix of the object's id in the API.
CREATE TABLE request_log (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    key_id      uuid NOT NULL,
    method      text NOT NULL,
    route       text NOT NULL, -- the pattern, never the path
    status      integer NOT NULL,
    code        text NOT NULL DEFAULT '',
    message     text NOT NULL DEFAULT '',
    param       text NOT NULL DEFAULT '',
    request_id  text NOT NULL,
    duration_us bigint NOT NULL,
    ip          text NOT NULL DEFAULT '',
    object_id   uuid,
    object_kind text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX request_log_newest ON request_log (tenant_id, created_at DESC, id DESC);
CREATE INDEX request_log_refused ON request_log (tenant_id, created_at DESC, id DESC) WHERE status >= 400;
CREATE INDEX request_log_object ON request_log (tenant_id, object_id, created_at) WHERE object_id IS NOT NULL;
CREATE INDEX request_log_request ON request_log (tenant_id, request_id);

ALTER TABLE request_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE request_log FORCE ROW LEVEL SECURITY;
CREATE POLICY app ON request_log TO zhanggui_app
    USING (tenant_id = current_setting('app.tenant_id')::uuid)
    WITH CHECK (tenant_id = current_setting('app.tenant_id')::uuid);
CREATE POLICY platform ON request_log FOR SELECT TO zhanggui_platform USING (true);
CREATE POLICY owner ON request_log TO zhanggui_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON request_log TO zhanggui_app;
GRANT SELECT ON request_log TO zhanggui_platform;

ALTER TABLE api_keys ADD COLUMN expires_at timestamptz;
ALTER TABLE api_key_directory ADD COLUMN expires_at timestamptz, ADD COLUMN last_used_ip text NOT NULL DEFAULT '';
GRANT UPDATE (last_used_ip) ON api_key_directory TO zhanggui_app;

-- +goose Down
ALTER TABLE api_key_directory DROP COLUMN expires_at, DROP COLUMN last_used_ip;
ALTER TABLE api_keys DROP COLUMN expires_at;
DROP TABLE request_log;
