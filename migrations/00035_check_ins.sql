-- When an account's check-in is made by itself. id is the account's.
-- +goose Up
CREATE TABLE check_in_watches (
    tenant_id     uuid NOT NULL,
    id            uuid NOT NULL,
    next_check_at timestamptz,
    succeeded_at  timestamptz,
    failures      integer NOT NULL DEFAULT 0,
    created_at    timestamptz NOT NULL,
    version       integer NOT NULL DEFAULT 0,
    lease_until   timestamptz,
    lease_token   uuid,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT check_in_watches_account FOREIGN KEY (tenant_id, id) REFERENCES provider_accounts (tenant_id, id)
);
CREATE INDEX check_in_watches_due ON check_in_watches (next_check_at) WHERE next_check_at IS NOT NULL;
-- Accounts that are live already are looked at once, within a day; those whose provider wants no check-in are left alone.
INSERT INTO check_in_watches (tenant_id, id, next_check_at, created_at) SELECT tenant_id, id, now() + random() * interval '1 day', now() FROM provider_accounts WHERE status = 'live';

ALTER TABLE check_in_watches ENABLE ROW LEVEL SECURITY;
ALTER TABLE check_in_watches FORCE ROW LEVEL SECURITY;
CREATE POLICY app ON check_in_watches TO zhanggui_app
    USING (tenant_id = current_setting('app.tenant_id')::uuid)
    WITH CHECK (tenant_id = current_setting('app.tenant_id')::uuid);
CREATE POLICY platform ON check_in_watches FOR SELECT TO zhanggui_platform USING (true);
CREATE POLICY owner ON check_in_watches TO zhanggui_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE (next_check_at, succeeded_at, failures, version, lease_until, lease_token) ON check_in_watches TO zhanggui_app;
GRANT SELECT ON check_in_watches TO zhanggui_platform;

-- +goose Down
DROP TABLE check_in_watches;
