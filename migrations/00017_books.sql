-- Reconciliation: what providers say of an account's day, how it compares with our orders, and what differs.

-- +goose Up

-- When an account's days are opened. id is the account's; from_day the first that is not opened yet.
CREATE TABLE book_watches (
    tenant_id     uuid NOT NULL,
    id            uuid NOT NULL,
    from_day      date NOT NULL,
    next_check_at timestamptz,
    created_at    timestamptz NOT NULL,
    lease_until   timestamptz,
    lease_token   uuid,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT book_watches_account FOREIGN KEY (tenant_id, id) REFERENCES provider_accounts (tenant_id, id)
);
CREATE INDEX book_watches_due ON book_watches (next_check_at) WHERE next_check_at IS NOT NULL;
-- Accounts that are live already begin with the day that is running, in Beijing.
INSERT INTO book_watches (tenant_id, id, from_day, next_check_at, created_at)
    SELECT tenant_id, id, (now() AT TIME ZONE interval '8 hours')::date, now(), now() FROM provider_accounts WHERE status = 'live';

CREATE TABLE reconciliation_days (
    tenant_id        uuid NOT NULL,
    id               uuid NOT NULL,
    account_id       uuid NOT NULL,
    provider         text NOT NULL,
    day              date NOT NULL,
    state            text NOT NULL CHECK (state IN ('waiting', 'running', 'clean', 'open', 'incomplete')),
    reason           text NOT NULL DEFAULT '',
    run              integer NOT NULL DEFAULT 0,
    next_check_at    timestamptz,
    attempts         integer NOT NULL DEFAULT 0,
    provided_code    text NOT NULL DEFAULT '',
    provided_message text NOT NULL DEFAULT '',
    ours             json,
    theirs           json,
    matched          bigint NOT NULL DEFAULT 0 CHECK (matched >= 0),
    carried          bigint NOT NULL DEFAULT 0 CHECK (carried >= 0),
    unasked          bigint NOT NULL DEFAULT 0 CHECK (unasked >= 0),
    open             bigint NOT NULL DEFAULT 0 CHECK (open >= 0),
    resolved         bigint NOT NULL DEFAULT 0 CHECK (resolved >= 0),
    created_at       timestamptz NOT NULL,
    started_at       timestamptz,
    finished_at      timestamptz,
    version          integer NOT NULL DEFAULT 0,
    lease_until      timestamptz,
    lease_token      uuid,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT reconciliation_days_clean CHECK (state <> 'clean' OR open = 0),
    CONSTRAINT reconciliation_days_account FOREIGN KEY (tenant_id, account_id) REFERENCES provider_accounts (tenant_id, id)
);
CREATE UNIQUE INDEX reconciliation_days_day ON reconciliation_days (tenant_id, account_id, day);
CREATE INDEX reconciliation_days_due ON reconciliation_days (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX reconciliation_days_tenant_newest ON reconciliation_days (tenant_id, day DESC, id DESC);
CREATE INDEX reconciliation_days_newest ON reconciliation_days (day DESC, id DESC);
CREATE INDEX reconciliation_days_unclean ON reconciliation_days (state, day DESC, id DESC) WHERE state <> 'clean';

CREATE TABLE bills (
    tenant_id        uuid NOT NULL,
    id               uuid NOT NULL,
    account_id       uuid NOT NULL,
    provider         text NOT NULL,
    day              date NOT NULL,
    scope            text NOT NULL DEFAULT '',
    source           text NOT NULL CHECK (source IN ('list', 'totals', 'query', 'file')),
    state            text NOT NULL CHECK (state IN ('reading', 'ready', 'superseded', 'failed')),
    kinds            text[] NOT NULL DEFAULT '{}',
    cursor           text NOT NULL DEFAULT '',
    lines            bigint NOT NULL DEFAULT 0 CHECK (lines >= 0),
    hash             bytea,
    import_id        uuid,
    asked            bigint NOT NULL DEFAULT 0,
    unanswered       bigint NOT NULL DEFAULT 0,
    provided_code    text NOT NULL DEFAULT '',
    provided_message text NOT NULL DEFAULT '',
    created_at       timestamptz NOT NULL,
    ready_at         timestamptz,
    superseded_at    timestamptz,
    version          integer NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT bills_account FOREIGN KEY (tenant_id, account_id) REFERENCES provider_accounts (tenant_id, id)
);
CREATE INDEX bills_day ON bills (tenant_id, account_id, day, created_at DESC);
-- Sums and the answers to the questions that they raise are both current.
CREATE UNIQUE INDEX bills_current ON bills (tenant_id, account_id, day, scope, (source = 'totals')) WHERE state = 'ready';

-- number is ours, in byte order: that is how both sides are read. A fee that is not stated is NULL.
CREATE TABLE bill_lines (
    tenant_id       uuid NOT NULL,
    bill_id         uuid NOT NULL,
    n               bigint NOT NULL CHECK (n > 0),
    kind            text NOT NULL CHECK (kind IN ('payment', 'reversal', 'refund', 'payout')),
    number          text COLLATE "C" NOT NULL DEFAULT '',
    provider_number text COLLATE "C" NOT NULL DEFAULT '',
    outcome         text NOT NULL,
    amount          bigint NOT NULL,
    fee             bigint,
    at              timestamptz,
    method          text NOT NULL DEFAULT '',
    status          text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, bill_id, n),
    CONSTRAINT bill_lines_bill FOREIGN KEY (tenant_id, bill_id) REFERENCES bills (tenant_id, id)
);
CREATE INDEX bill_lines_number ON bill_lines (tenant_id, bill_id, number, n);

CREATE TABLE bill_totals (
    tenant_id uuid NOT NULL,
    bill_id   uuid NOT NULL,
    kind      text NOT NULL CHECK (kind IN ('payment', 'reversal', 'refund', 'payout', 'fee')),
    method    text NOT NULL DEFAULT '',
    count     bigint NOT NULL,
    amount    bigint NOT NULL,
    fee       bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, bill_id, kind, method),
    CONSTRAINT bill_totals_bill FOREIGN KEY (tenant_id, bill_id) REFERENCES bills (tenant_id, id)
);

CREATE TABLE differences (
    tenant_id       uuid NOT NULL,
    id              uuid NOT NULL,
    day_id          uuid NOT NULL,
    account_id      uuid NOT NULL,
    provider        text NOT NULL,
    day             date NOT NULL,
    key             text NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('surplus', 'shortage', 'amount', 'state', 'fee', 'day', 'duplicate', 'total', 'unanswered')),
    movement        text NOT NULL CHECK (movement IN ('payment', 'reversal', 'refund', 'payout', 'fee')),
    object_id       uuid,
    object_kind     text NOT NULL DEFAULT '' CHECK (object_kind IN ('', 'payment', 'refund', 'payout')),
    number          text NOT NULL DEFAULT '',
    provider_number text NOT NULL DEFAULT '',
    ours_present    boolean NOT NULL,
    ours_state      text NOT NULL DEFAULT '',
    ours_amount     bigint,
    ours_fee        bigint,
    ours_at         timestamptz,
    theirs_present  boolean NOT NULL,
    theirs_state    text NOT NULL DEFAULT '',
    theirs_amount   bigint,
    theirs_fee      bigint,
    theirs_at       timestamptz,
    bill_id         uuid,
    bill_line       bigint NOT NULL DEFAULT 0,
    state           text NOT NULL CHECK (state IN ('open', 'correcting', 'accepted', 'linked', 'corrected', 'gone')),
    owner           text NOT NULL DEFAULT '',
    linked_id       uuid,
    remark          text NOT NULL DEFAULT '',
    approval_id     uuid,
    found_at        timestamptz NOT NULL,
    found_run       integer NOT NULL,
    resolved_at     timestamptz,
    resolved_by     text NOT NULL DEFAULT '',
    version         integer NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT differences_account FOREIGN KEY (tenant_id, account_id) REFERENCES provider_accounts (tenant_id, id),
    CONSTRAINT differences_day FOREIGN KEY (tenant_id, day_id) REFERENCES reconciliation_days (tenant_id, id)
);
CREATE UNIQUE INDEX differences_key ON differences (tenant_id, account_id, day, key);
CREATE INDEX differences_of_day ON differences (tenant_id, day_id, kind, state);
CREATE INDEX differences_tenant_newest ON differences (tenant_id, found_at DESC, id DESC);
CREATE INDEX differences_newest ON differences (found_at DESC, id DESC);
CREATE INDEX differences_tenant_open ON differences (tenant_id, found_at DESC, id DESC) WHERE state IN ('open', 'correcting');
CREATE INDEX differences_open ON differences (found_at DESC, id DESC) WHERE state IN ('open', 'correcting');
CREATE INDEX differences_number ON differences (number) WHERE number <> '';
CREATE INDEX differences_provider_number ON differences (provider_number) WHERE provider_number <> '';
CREATE INDEX differences_object ON differences (tenant_id, object_id) WHERE object_id IS NOT NULL;

-- What an account's orders moved, by when they did.
CREATE INDEX payments_moved ON payments (tenant_id, account_id, succeeded_at) WHERE succeeded_at IS NOT NULL;
CREATE INDEX refunds_moved ON refunds (tenant_id, account_id, succeeded_at) WHERE succeeded_at IS NOT NULL;
CREATE INDEX payouts_moved ON payouts (tenant_id, account_id, coalesce(paid_at, finished_at)) WHERE state = 'succeeded';

-- +goose StatementBegin
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['book_watches', 'reconciliation_days', 'bills', 'bill_lines', 'bill_totals', 'differences']
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

GRANT SELECT, INSERT, UPDATE (from_day, next_check_at, lease_until, lease_token) ON book_watches TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (state, reason, run, next_check_at, attempts, provided_code, provided_message, ours, theirs, matched, carried, unasked,
    open, resolved, started_at, finished_at, version, lease_until, lease_token) ON reconciliation_days TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (state, kinds, cursor, lines, hash, asked, unanswered, provided_code, provided_message, ready_at, superseded_at, version)
    ON bills TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (number), DELETE ON bill_lines TO zhanggui_app;
GRANT SELECT, INSERT, DELETE ON bill_totals TO zhanggui_app;
GRANT SELECT, INSERT, UPDATE (object_id, object_kind, number, provider_number, ours_present, ours_state, ours_amount, ours_fee, ours_at, theirs_present,
    theirs_state, theirs_amount, theirs_fee, theirs_at, bill_id, bill_line, state, owner, linked_id, remark, approval_id, found_run, resolved_at,
    resolved_by, version) ON differences TO zhanggui_app;
GRANT SELECT ON book_watches, reconciliation_days, bills, bill_lines, bill_totals, differences TO zhanggui_platform;
