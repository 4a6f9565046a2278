-- The life of provider plugins: which binaries were approved, which of them is live, and files
-- that operators bring over the API.

-- +goose Up

-- plugins holds the word about each plugin: the live binary, or that it is switched off.
ALTER TABLE plugins ADD COLUMN version integer NOT NULL DEFAULT 1;

-- Every binary that was ever approved, for rolling back and for telling what a new one asks for beyond it.
CREATE TABLE plugin_versions (
    plugin_id   text NOT NULL REFERENCES plugins (id),
    sha256      bytea NOT NULL CHECK (octet_length(sha256) = 32),
    version     text NOT NULL DEFAULT '', -- as its manifest calls it
    approved_by text NOT NULL,
    approved_at timestamptz NOT NULL,
    live_at     timestamptz NOT NULL, -- when it was made live last
    PRIMARY KEY (plugin_id, sha256)
);
INSERT INTO plugin_versions (plugin_id, sha256, approved_by, approved_at, live_at)
    SELECT id, sha256, approved_by, coalesce(approved_at, seen_at), coalesce(approved_at, seen_at) FROM plugins WHERE state = 'approved';
GRANT SELECT, INSERT, UPDATE (version, approved_by, approved_at, live_at) ON plugin_versions TO zhanggui_app;

-- The bytes are in file_chunks, as files of the platform.
CREATE TABLE plugin_uploads (
    id          uuid PRIMARY KEY,
    file_name   text NOT NULL CHECK (length(file_name) BETWEEN 1 AND 60),
    sha256      bytea NOT NULL CHECK (octet_length(sha256) = 32),
    bytes       bigint NOT NULL CHECK (bytes > 0),
    ready       boolean NOT NULL DEFAULT false,
    uploaded_by text NOT NULL,
    uploaded_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE (ready), DELETE ON plugin_uploads TO zhanggui_app;

-- Every node hears of a change as soon as it is committed. Changes are rare.
-- +goose StatementBegin
CREATE FUNCTION notify_plugins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('zhanggui_plugins', '');
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER plugins_changed AFTER INSERT OR UPDATE OR DELETE ON plugins FOR EACH STATEMENT EXECUTE FUNCTION notify_plugins();
CREATE TRIGGER plugin_uploads_changed AFTER UPDATE ON plugin_uploads FOR EACH STATEMENT EXECUTE FUNCTION notify_plugins();
