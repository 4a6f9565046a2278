-- What a person has set in the console: columns and saved views. It belongs to the user, not to a tenant, and is
-- json, not jsonb: it is kept as it came and never searched.
-- +goose Up
CREATE TABLE user_settings (
    user_id    uuid NOT NULL REFERENCES users (id),
    name       text NOT NULL CHECK (name ~ '^[a-z][a-z0-9._-]{0,63}$'),
    value      json NOT NULL CHECK (octet_length(value::text) <= 16384),
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, name)
);
GRANT SELECT, INSERT, UPDATE (value, updated_at), DELETE ON user_settings TO zhanggui_app;

-- +goose Down
DROP TABLE user_settings;
