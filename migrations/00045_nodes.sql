-- The nodes that run, and how the providers answer them: what the system and provider pages show
-- of all nodes, whichever of them is asked. Nothing here belongs to a merchant.

-- +goose Up

CREATE TABLE nodes (
    id         uuid PRIMARY KEY,
    name       text NOT NULL,  -- of its machine
    version    text NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    plugins    jsonb NOT NULL, -- how they run there
    work       jsonb NOT NULL  -- what it did of what was due, since it was started
);

-- Calls of a provider's plugin by one node in one minute. Kept for eight days.
CREATE TABLE provider_minutes (
    minute    timestamptz NOT NULL,
    provider  text NOT NULL,
    node_id   uuid NOT NULL,
    calls     bigint NOT NULL,
    succeeded bigint NOT NULL,
    failed    bigint NOT NULL,
    in_doubt  bigint NOT NULL,
    not_sent  bigint NOT NULL,
    latency   bigint[] NOT NULL CHECK (cardinality(latency) = 14), -- how many calls took so long, by core.LatencyBounds
    PRIMARY KEY (minute, provider, node_id)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON nodes, provider_minutes TO zhanggui_app;
GRANT SELECT ON nodes, provider_minutes TO zhanggui_platform;

-- +goose Down
DROP TABLE provider_minutes;
DROP TABLE nodes;
