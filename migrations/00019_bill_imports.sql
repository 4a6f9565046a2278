-- Bill files that people bring: how they are read, and what became of them. Their bytes are in file_chunks.

-- +goose Up

CREATE TABLE bill_mappings (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    name       text NOT NULL CHECK (name <> ''),
    provider   text NOT NULL,
    rules      json NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version    integer NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT bill_mappings_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);
CREATE UNIQUE INDEX bill_mappings_name ON bill_mappings (tenant_id, provider, name);

CREATE TABLE bill_imports (
    tenant_id       uuid NOT NULL,
    id              uuid NOT NULL,
    account_id      uuid NOT NULL,
    provider        text NOT NULL,
    day             date NOT NULL,
    scope           text NOT NULL DEFAULT '',
    mapping         json NOT NULL, -- as it was when the file was announced
    file_name       text NOT NULL DEFAULT '',
    bytes           bigint NOT NULL CHECK (bytes > 0),
    expected_count  bigint NOT NULL, -- -1: nothing is expected
    expected_amount bigint NOT NULL, -- -1: nothing is expected
    created_by      text NOT NULL,
    created_at      timestamptz NOT NULL,
    state           text NOT NULL CHECK (state IN ('receiving', 'reading', 'done', 'invalid', 'canceled')),
    restarts        integer NOT NULL DEFAULT 0,
    encoding        text NOT NULL DEFAULT '',
    rows            bigint NOT NULL DEFAULT 0 CHECK (rows >= 0),
    skipped         bigint NOT NULL DEFAULT 0 CHECK (skipped >= 0),
    errors          json, -- rows, columns and sentences
    error_count     bigint NOT NULL DEFAULT 0,
    bill_id         uuid,
    unchanged       boolean NOT NULL DEFAULT false,
    finished_at     timestamptz,
    next_check_at   timestamptz,
    version         integer NOT NULL DEFAULT 0,
    lease_until     timestamptz,
    lease_token     uuid,
    PRIMARY KEY (tenant_id, id),
    -- Nothing of a file with errors is taken in.
    CONSTRAINT bill_imports_done CHECK (state <> 'done' OR error_count = 0 AND bill_id IS NOT NULL),
    CONSTRAINT bill_imports_account FOREIGN KEY (tenant_id, account_id) REFERENCES provider_accounts (tenant_id, id),
    CONSTRAINT bill_imports_bill FOREIGN KEY (tenant_id, bill_id) REFERENCES bills (tenant_id, id)
);
CREATE INDEX bill_imports_tenant_newest ON bill_imports (tenant_id, created_at DESC, id DESC);
CREATE INDEX bill_imports_open ON bill_imports (tenant_id) WHERE state IN ('receiving', 'reading');
CREATE INDEX bill_imports_due ON bill_imports (next_check_at) WHERE next_check_at IS NOT NULL;

-- +goose StatementBegin
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['bill_mappings', 'bill_imports']
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

GRANT SELECT, INSERT, UPDATE (name, rules, updated_at, version), DELETE ON bill_mappings TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (state, restarts, encoding, rows, skipped, errors, error_count, bill_id, unchanged, finished_at, next_check_at, version,
    lease_until, lease_token) ON bill_imports TO zhanggui_app;
GRANT SELECT ON bill_mappings, bill_imports TO zhanggui_platform;
