-- Stored files: bills that are brought in and exports that are taken out, in chunks of at most 1 MiB.

-- +goose Up

CREATE TABLE file_chunks (
    tenant_id uuid NOT NULL, -- the zero one for the platform's own files
    file_id   uuid NOT NULL, -- of the bill import or the export
    n         integer NOT NULL CHECK (n >= 0),
    data      bytea NOT NULL CHECK (octet_length(data) BETWEEN 1 AND 1048576),
    PRIMARY KEY (tenant_id, file_id, n)
);
-- Workbooks are compressed already, and a chunk is written once and read once or twice.
ALTER TABLE file_chunks ALTER COLUMN data SET STORAGE EXTERNAL;

ALTER TABLE file_chunks ENABLE ROW LEVEL SECURITY;
ALTER TABLE file_chunks FORCE ROW LEVEL SECURITY;
CREATE POLICY app ON file_chunks TO zhanggui_app
    USING (tenant_id = current_setting('app.tenant_id')::uuid)
    WITH CHECK (tenant_id = current_setting('app.tenant_id')::uuid);
CREATE POLICY platform ON file_chunks FOR SELECT TO zhanggui_platform USING (true);
CREATE POLICY owner ON file_chunks TO zhanggui_owner USING (true) WITH CHECK (true);
-- The platform's role reads no files: whoever may read one reads it under its tenant.
GRANT SELECT, INSERT, UPDATE (data), DELETE ON file_chunks TO zhanggui_app;
