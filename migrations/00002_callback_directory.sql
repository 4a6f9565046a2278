-- Where a provider's callback finds its account before a tenant is known: /in/<token>. The token is random and short, for
-- some providers allow 50 characters for the whole address.

-- +goose Up
CREATE TABLE callback_directory (
    token      text PRIMARY KEY CHECK (token ~ '^[0-9a-z]{10}$'),
    tenant_id  uuid NOT NULL,
    account_id uuid NOT NULL UNIQUE
);
GRANT SELECT, INSERT ON callback_directory TO zhanggui_app;

-- Accounts made before this migration get theirs here, as the owner.
INSERT INTO callback_directory (token, tenant_id, account_id)
SELECT substr(translate(encode(sha256(id::text::bytea || gen_random_uuid()::text::bytea), 'base64'), '+/=ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'xyzabcdefghijklmnopqrstuvwxyz'), 1, 10), tenant_id, id
FROM provider_accounts;
