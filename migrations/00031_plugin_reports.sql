-- What the conformance suite found out about each binary of a plugin, also before it is approved.

-- +goose Up

CREATE TABLE plugin_reports (
    plugin_id text NOT NULL CHECK (length(plugin_id) BETWEEN 1 AND 64),
    sha256    bytea NOT NULL CHECK (octet_length(sha256) = 32),
    version   text NOT NULL DEFAULT '', -- as its manifest calls it
    ran_at    timestamptz NOT NULL,
    passed    boolean NOT NULL,
    checks    jsonb NOT NULL,
    PRIMARY KEY (plugin_id, sha256)
);
GRANT SELECT, INSERT, UPDATE (version, ran_at, passed, checks), DELETE ON plugin_reports TO zhanggui_app;
