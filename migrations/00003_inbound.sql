-- What the other providers need: requests that they make to us, members, bound cards, cases, and the steps between a
-- payment's order and its payer.

-- +goose Up

ALTER TABLE payments
    ADD COLUMN return_url       text NOT NULL DEFAULT '', -- the tenant's page for the payer's browser
    ADD COLUMN user_ref         text NOT NULL DEFAULT '', -- the tenant's name for the payer
    ADD COLUMN bound_card_id    uuid,
    ADD COLUMN code_sent_at     timestamptz,              -- when the payer was last sent a code
    ADD COLUMN confirm_sent_at  timestamptz,
    ADD COLUMN action_opened_at timestamptz;              -- the page with the provider's form is shown once
GRANT UPDATE (bound_card_id, code_sent_at, confirm_sent_at, action_opened_at) ON payments TO zhanggui_app;

-- A call may be about a card or a payer and no payment.
ALTER TABLE attempts ALTER COLUMN payment_id DROP NOT NULL, ADD COLUMN card_id uuid;

CREATE TABLE callbacks (
    tenant_id        uuid NOT NULL,
    id               uuid NOT NULL,
    account_id       uuid NOT NULL,
    kind             text NOT NULL,
    ip               text NOT NULL DEFAULT '',
    sealed           bytea NOT NULL, -- method, path, query, headers and body
    body_hash        bytea NOT NULL, -- keyed
    received_at      timestamptz NOT NULL,
    verified         boolean NOT NULL DEFAULT false,
    effect           text NOT NULL CHECK (effect IN ('received', 'applied', 'repeated', 'refused', 'replayed', 'disagrees', 'not_known', 'asked', 'failed')),
    reason           text NOT NULL DEFAULT '',
    object_id        uuid, -- what it was about, when there was such a thing
    object_kind      text NOT NULL DEFAULT '' CHECK (object_kind IN ('', 'payment', 'refund', 'member')),
    provided_code    text NOT NULL DEFAULT '',
    provided_message text NOT NULL DEFAULT '',
    answer_status    integer NOT NULL DEFAULT 0,
    plugin           text NOT NULL DEFAULT '',
    finished_at      timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT callbacks_account FOREIGN KEY (tenant_id, account_id) REFERENCES provider_accounts (tenant_id, id)
);
CREATE INDEX callbacks_tenant_newest ON callbacks (tenant_id, received_at DESC, id DESC);
CREATE INDEX callbacks_newest ON callbacks (received_at DESC, id DESC);
CREATE INDEX callbacks_object ON callbacks (tenant_id, object_id, received_at) WHERE object_id IS NOT NULL;
CREATE INDEX callbacks_unverified ON callbacks (tenant_id, account_id, received_at) WHERE NOT verified;

-- What a signature that does not cover the body leaves open: each of its nonces counts once.
CREATE TABLE callback_nonces (
    tenant_id   uuid NOT NULL,
    account_id  uuid NOT NULL,
    nonce       text NOT NULL,
    callback_id uuid NOT NULL,
    seen_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, account_id, nonce)
);

CREATE TABLE members (
    tenant_id     uuid NOT NULL,
    id            uuid NOT NULL,
    account_id    uuid NOT NULL,
    provider      text NOT NULL,
    uid           text NOT NULL,
    state         text NOT NULL CHECK (state IN ('active', 'closed')),
    phone_sealed  bytea,
    phone_display text NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT members_uid UNIQUE (tenant_id, uid),
    CONSTRAINT members_account FOREIGN KEY (tenant_id, account_id) REFERENCES provider_accounts (tenant_id, id)
);
CREATE INDEX members_tenant_newest ON members (tenant_id, created_at DESC, id DESC);

CREATE TABLE bound_cards (
    tenant_id     uuid NOT NULL,
    id            uuid NOT NULL,
    account_id    uuid NOT NULL,
    provider      text NOT NULL,
    order_no      text NOT NULL DEFAULT '', -- of the request that bound it
    user_ref      text NOT NULL,
    bind_id       text NOT NULL DEFAULT '',
    state         text NOT NULL CHECK (state IN ('pending', 'bound', 'unbound', 'failed')),
    masked        text NOT NULL DEFAULT '',
    card_type     text NOT NULL DEFAULT '',
    bank_code     text NOT NULL DEFAULT '',
    bank_name     text NOT NULL DEFAULT '',
    phone_display text NOT NULL DEFAULT '',
    provided_code    text NOT NULL DEFAULT '',
    provided_message text NOT NULL DEFAULT '',
    code_sent_at  timestamptz,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT bound_cards_account FOREIGN KEY (tenant_id, account_id) REFERENCES provider_accounts (tenant_id, id)
);
CREATE UNIQUE INDEX bound_cards_bind_id ON bound_cards (tenant_id, account_id, bind_id) WHERE bind_id <> '';
CREATE INDEX bound_cards_tenant_newest ON bound_cards (tenant_id, created_at DESC, id DESC);

-- A payer's browser on its way to the provider's page that tells who they are, and back.
CREATE TABLE payer_visits (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    account_id uuid NOT NULL,
    channel    text NOT NULL DEFAULT '',
    return_url text NOT NULL,
    state      text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT payer_visits_account FOREIGN KEY (tenant_id, account_id) REFERENCES provider_accounts (tenant_id, id)
);

-- What a person has to look at. One open case for a kind and an object counts how often it happened.
CREATE TABLE cases (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    kind        text NOT NULL,
    object_id   uuid NOT NULL, -- a payment, a refund or a provider account
    object_kind text NOT NULL CHECK (object_kind IN ('payment', 'refund', 'payout', 'account')),
    account_id  uuid NOT NULL,
    reason      text NOT NULL,
    details     json,
    times       integer NOT NULL DEFAULT 1,
    opened_at   timestamptz NOT NULL,
    last_at     timestamptz NOT NULL,
    closed_at   timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX cases_open ON cases (tenant_id, kind, object_id) WHERE closed_at IS NULL;
CREATE INDEX cases_tenant_newest ON cases (tenant_id, opened_at DESC, id DESC);
CREATE INDEX cases_newest ON cases (opened_at DESC, id DESC);

-- +goose StatementBegin
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['callbacks', 'callback_nonces', 'members', 'bound_cards', 'payer_visits', 'cases']
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

GRANT SELECT, INSERT, UPDATE (verified, effect, reason, object_id, object_kind, provided_code, provided_message, answer_status, plugin, finished_at),
    DELETE ON callbacks TO zhanggui_app;
GRANT SELECT, INSERT, DELETE ON callback_nonces TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (account_id, provider, state, phone_sealed, phone_display, updated_at) ON members TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (bind_id, state, masked, card_type, bank_code, bank_name, phone_display, provided_code, provided_message,
    code_sent_at, updated_at) ON bound_cards TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (used_at) ON payer_visits TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (reason, details, times, last_at, closed_at) ON cases TO zhanggui_app;
GRANT SELECT ON callbacks, callback_nonces, members, bound_cards, payer_visits, cases TO zhanggui_platform;
