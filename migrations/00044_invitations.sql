-- Who was invited by whom, until when the link counts, and when the person came.
-- +goose Up
ALTER TABLE users
    ADD COLUMN invited_by        text NOT NULL DEFAULT '',
    ADD COLUMN invited_at        timestamptz,
    ADD COLUMN invite_expires_at timestamptz,
    ADD COLUMN accepted_at       timestamptz;

-- A user's links of one kind are counted, and end together.
CREATE INDEX one_time_links_user ON one_time_links (user_id, purpose);

-- +goose Down
DROP INDEX one_time_links_user;
ALTER TABLE users
    DROP COLUMN invited_by,
    DROP COLUMN invited_at,
    DROP COLUMN invite_expires_at,
    DROP COLUMN accepted_at;
